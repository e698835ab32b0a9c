"""Tokens as sentences and clauses: parentheses hang on what they explain, 、 and / join runs of equals."""

import re
from collections.abc import Iterator

from transforms.metrics.tokens import Token
from transforms.metrics.vocabulary import PERCENT_UNITS

_SENTENCE_ENDS = frozenset("。!?")
_CLAUSE_ENDS = frozenset(",;:")
# 铁路装备/城轨, 毛利率和净利率, 1.34、1.76
_JOINT = re.compile(r"\s*(?:[、/&]|和|及|与|以及|或|[、]?\s*(?:和|及))?\s*")
# 2022年Q3至2023年Q2
_PERIOD_RANGE = re.compile(r"\s*(?:至|到|-|—|~|－)\s*")
_RATIO_UNITS = frozenset({*PERCENT_UNITS, "multiple"})
_DEEPEST = 20  # parentheses within parentheses that a reader follows; a line of nothing but them has hundreds
_RUNS = frozenset({"figure", "label", "period", "mention", "basis"})


def split_sentences(tokens: list[Token]) -> Iterator[list[Token]]:
    """Yield the tokens of each sentence, its closing mark left out."""
    sentence: list[Token] = []
    for token in tokens:
        if token.kind in _SENTENCE_ENDS:
            if sentence:
                yield sentence
            sentence = []
        else:
            sentence.append(token)
    if sentence:
        yield sentence


def nest(tokens: list[Token]) -> list[Token]:
    """Return the tokens with those of a parenthesis hung on the token before it; an unclosed one runs to the end."""
    outer: list[Token] = []
    levels, ignored = [outer], 0
    for token in tokens:
        if token.kind == "(" and len(levels) > _DEEPEST:
            ignored += 1
        elif token.kind == ")" and ignored:
            ignored -= 1
        elif token.kind == "(":
            opening = Token("paren", token.start, token.end)
            opening.inner = []
            levels[-1].append(opening)
            levels.append(opening.inner)
        elif token.kind == ")":
            if len(levels) > 1:
                levels.pop()
                levels[-1][-1].end = token.end
        else:
            levels[-1].append(token)
    return outer


def split_clauses(tokens: list[Token]) -> Iterator[tuple[list[Token], Token | None]]:
    """Yield the tokens of each clause and the mark that ends it."""
    clause: list[Token] = []
    for token in tokens:
        if token.kind in _CLAUSE_ENDS:
            yield clause, token
            clause = []
        else:
            clause.append(token)
    yield clause, None


def join_runs(tokens: list[Token], text: str) -> list[Token]:
    """Return the tokens with runs of equals made one token: 9.64、12.62、16.13亿元; 毛利率和净利率; Q1/Q2/Q3.

    A parenthesis between two members belongs to the earlier one: 36.30亿元(+19.09%)、37.17亿元(+14.54%).
    """
    joined: list[Token] = []
    run: Token | None = None
    for token in tokens:
        if token.kind == "paren" and run is not None and run.kind == "figure" and _is_beside(text[run.end : token.start]):
            run.members[-1].inner = token.inner
            run.end = token.end
        elif run is not None and token.kind == run.kind and token.kind in _RUNS and _is_joint(run, token, text):
            run.members.append(token)
            run.end = token.end
        else:
            joined.append(token)
            run = _open_run(token) if token.kind in _RUNS else None
            if run:
                joined[-1] = run
    return joined


def _is_beside(between: str) -> bool:
    """Return whether a parenthesis that far from a figure still explains it: 0.98元/股(-0.14元/股)."""
    return len(between) <= 2


def _are_alike(first: dict, second: dict) -> bool:
    """Return whether two figures may be of one list: 23.0亿元/+2.4% are not."""
    units = first["unit"], second["unit"]
    return None in units or (units[0] in _RATIO_UNITS) == (units[1] in _RATIO_UNITS)


def _open_run(token: Token) -> Token:
    """Return a run with one member, which keeps its own span for evidence."""
    run = Token(token.kind, token.start, token.end, token.data)
    run.members = [token]
    return run


def _is_joint(run: Token, token: Token, text: str) -> bool:
    """Return whether only a joint of a list lies between the run and the next token."""
    if token.kind == "figure" and not _are_alike(run.members[-1].data, token.data):
        return False
    between = text[run.end : token.start]
    if token.kind == "period" and _PERIOD_RANGE.fullmatch(between):
        run.data = "range"
        return True
    return bool(between) and bool(_JOINT.fullmatch(between)) and bool(between.strip())
