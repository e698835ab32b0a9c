"""Tokens as sentences and clauses: parentheses hang on what they explain, 、 and / join runs of equals."""

import re
from collections.abc import Iterator, Sequence

from transforms.metrics.tokens import Figure, Run, Token
from transforms.metrics.vocabulary import PERCENT_UNITS

_SENTENCE_ENDS = frozenset("。!?")
_CLAUSE_ENDS = frozenset(",;:")
# What ends a sentence or turns to another level of it.
_BORDERS = _SENTENCE_ENDS | {"(", ")"}
# 铁路装备/城轨, 毛利率和净利率, 1.34、1.76
_JOINT = re.compile(r"\s*(?:[、/&]|和|及|与|以及|或|[、]?\s*(?:和|及))?\s*")
# 2022年Q3至2023年Q2
_PERIOD_RANGE = re.compile(r"\s*(?:至|到|-|—|~|－)\s*")
_RATIO_UNITS = frozenset({*PERCENT_UNITS, "multiple"})
# Parentheses within parentheses that a reader follows; a line of nothing but them has hundreds.
_DEEPEST = 20
# A parenthesis that near a figure explains it: 0.98元/股(-0.14元/股).
_BESIDE = 2
_RUNS = frozenset({"figure", "days", "label", "period", "mention", "basis"})


def split_sentences(tokens: list[Token]) -> Iterator[list[Token]]:
    """Yield the tokens of each sentence up to the last with a figure, closing marks left out and parentheses made one token each.

    A parenthesis has its tokens in `inner`; an unclosed one runs to the end of the sentence.
    """
    sentence: list[Token] = []
    levels, ignored = [sentence], 0
    for token in tokens[: _end_of_figures(tokens)]:
        kind = token.kind
        if kind not in _BORDERS:
            levels[-1].append(token)
        elif kind == "(" and len(levels) > _DEEPEST:
            ignored += 1
        elif kind == ")" and ignored:
            ignored -= 1
        elif kind == "(":
            opening = Token("paren", token.start, token.end)
            opening.inner = []
            levels[-1].append(opening)
            levels.append(opening.inner)
        elif kind == ")":
            if len(levels) > 1:
                levels.pop()
                levels[-1][-1].end = token.end
        else:
            if sentence:
                yield sentence
            sentence = []
            levels, ignored = [sentence], 0
    if sentence:
        yield sentence


def _end_of_figures(tokens: list[Token]) -> int:
    """Return where the last sentence with a figure ends."""
    last = next((index for index in range(len(tokens) - 1, -1, -1) if tokens[index].kind in ("figure", "days")), 0)
    return next((index for index in range(last, len(tokens)) if tokens[index].kind in _SENTENCE_ENDS), len(tokens))


def split_clauses(tokens: Sequence[Token]) -> Iterator[tuple[list[Token], Token | None]]:
    """Yield the tokens of each clause and the mark that ends it."""
    clause: list[Token] = []
    is_list = False
    for index, token in enumerate(tokens):
        if token.kind not in _CLAUSE_ENDS:
            is_list |= token.kind == "respectively"
            clause.append(token)
        elif is_list and token.kind == "," and 0 < index < len(tokens) - 1 and _goes_on(tokens[index - 1], token, tokens[index + 1 : index + 3]):
            # 费用率分别为16%(-0.2pct),2.4%(-1.9pct),0.4%: a list whose members are set apart by commas
            continue
        else:
            yield clause, token
            clause, is_list = [], False
    yield clause, None


def _goes_on(last: Token, comma: Token, following: Sequence[Token]) -> bool:
    """Return whether a comma stands between two figures of a list and nothing else does but a word that turns the second: 分别增长10%,下降5%."""
    turned = following[1:] if _turn_of(following[0]) else following
    is_figure = bool(turned) and turned[0].kind == "figure" and turned[0].start - comma.end <= 1 + following[0].end - following[0].start
    return last.kind in ("figure", "paren") and is_figure and comma.start - last.end <= 1 and following[0].start - comma.end <= 1


def _turn_of(token: Token) -> str | None:
    """Return the direction of a word that says how the next figure of a list changed: 下降, 同比下降."""
    if token.kind == "change":
        return token.data.value
    return token.data.direction if token.kind == "basis" and not isinstance(token, Run) else None


def join_runs(tokens: list[Token], text: str) -> list[Token]:
    """Return the tokens with runs of equals made one token: 9.64、12.62、16.13亿元; 毛利率和净利率; Q1/Q2/Q3.

    A parenthesis between two members belongs to the earlier one: 36.30亿元(+19.09%)、37.17亿元(+14.54%).
    """
    last = tokens[0]
    joined, is_list, read_to = [last], last.kind == "respectively", 0
    for index, token in enumerate(tokens[1:], start=1):
        is_list |= token.kind == "respectively"
        if token.end <= read_to:
            continue
        if token.kind == "paren" and last.kind == "figure" and token.start - last.end <= _BESIDE:
            last = joined[-1] = _as_run(last)
            last.members[-1].inner = token.inner
            last.end = token.end
        elif token.kind == last.kind and token.kind in _RUNS and (joint := _read_joint(last, token, text)):
            last = joined[-1] = _as_run(last)
            last.add(token, joint)
        elif is_list and (turned := _turned(last, tokens[index : index + 3], text)):
            # 分别增长10%、20%和下降5%: the words are read with their figure
            last = joined[-1] = _as_run(last)
            last.add(turned, "list")
            read_to = turned.end
        else:
            joined.append(token)
            last = token
    return joined


def _turned(last: Token, following: Sequence[Token], text: str) -> Token | None:
    """Return the next figure of a list as one with a direction of its own, where words before it turn it (下降, 同比下降); else None."""
    words, figure = following[:-1], following[-1]
    if len(words) > 1 and words[1].kind == "figure":
        words, figure = words[:1], words[1]
    if last.kind != "figure" or figure.kind != "figure" or not words or (direction := _turn_of(words[-1])) is None or words[0].kind not in ("basis", "change"):
        return None
    between, rest = text[last.end : words[0].start].strip(), text[words[0].start : figure.start]
    is_joined = between == "," or (bool(between) and _JOINT.fullmatch(between))
    is_close = len(rest.strip()) == sum(word.end - word.start for word in words)
    if not is_joined or not is_close or not _are_alike(last.members[-1].data, figure.data):
        return None
    return Token("figure", figure.start, figure.end, figure.data._replace(direction=direction))


def _are_alike(first: Figure, second: Figure) -> bool:
    """Return whether two figures may be of one list: 23.0亿元/+2.4% are not."""
    units = first.unit, second.unit
    return None in units or (units[0] in _RATIO_UNITS) == (units[1] in _RATIO_UNITS)


def _as_run(token: Token) -> Run:
    """Return a token as a run that others may join."""
    return token if isinstance(token, Run) else Run(token)


def _read_joint(run: Token, token: Token, text: str) -> str | None:
    """Return list, range or part if nothing but the joint of one lies between the run and the next token."""
    if token.kind == "figure" and not _are_alike(run.members[-1].data, token.data):
        return None
    between = text[run.end : token.start]
    if token.kind == "period" and not between and "/" in (run.members[-1].data.norm or ""):
        return "part"
    if token.kind == "period" and _PERIOD_RANGE.fullmatch(between):
        return "range"
    if token.kind == "figure" and between.strip(" )") == ",":
        return "list"
    return "list" if between.strip() and _JOINT.fullmatch(between) else None
