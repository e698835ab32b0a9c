"""What a written date, period or span of time says, before anything is known of its document."""

import functools
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from transforms.lexicon import Lexicon
from transforms.word_trees import match_tokens, match_words

_PLACEHOLDER = re.compile(r"\{(?:(to):)?([a-z_|]+)\}")
_NUMERALS = {"n": "[1-4一二三四]", "k": "[2-4两二三四]", "m": "(?:1[0-2]|[1-9]|十[一二]?|[一两二三四五六七八九])"}
_GROUP_NAME = re.compile(r"\(\?P<(\w+)>")


@dataclass(frozen=True)
class Rule:
    """A card of period_rules with its pattern written out, and the same pattern compiled to read a surface."""

    rule_id: str
    quantity_class: str
    pattern: str
    reader: re.Pattern[str]
    unless: re.Pattern[str] | None


@functools.lru_cache(maxsize=8)
def compile_rules(lexicon: Lexicon) -> tuple[Rule, ...]:
    """Return the cards of period_rules in the order in which they are tried."""
    cards = lexicon["period_rules"].sort("priority", "rule_id")
    return tuple(
        Rule(
            rule_id=card["rule_id"], quantity_class=card["class"], pattern=_write_out(card["pattern"], None, lexicon),
            reader=re.compile(_number_groups(_write_out(card["pattern"], "", lexicon))), unless=re.compile(card["unless"]) if card["unless"] else None,
        )
        for card in cards.iter_rows(named=True)
    )  # fmt: skip


@dataclass(frozen=True)
class Cues:
    """Patterns of the words beside a period that say how it is meant; `forms` by the names of period_forms."""

    past: re.Pattern[str]
    report: re.Pattern[str]
    forecast: re.Pattern[str]
    comparison: re.Pattern[str]
    up_to: re.Pattern[str]
    result: re.Pattern[str]
    news: re.Pattern[str]
    monthly: re.Pattern[str]
    term: re.Pattern[str]
    no_reports: tuple[str, ...]
    forms: Mapping[str, re.Pattern[str]]


@functools.lru_cache(maxsize=8)
def compile_cues(lexicon: Lexicon) -> Cues:
    """Return the words of period_cues as patterns of what ends in front of a period; `report` is looked for on both sides."""
    words = {cue: surfaces for cue, surfaces in lexicon["period_cues"].group_by("cue").agg("surface").iter_rows()}
    past, report, forecast, comparison, between, up_to, result, news, monthly, term = (
        match_words(words[cue]) for cue in ("past", "report", "forecast", "comparison", "between", "up_to", "result", "news", "monthly", "term")
    )
    return Cues(
        past=re.compile(f"(?:{past}) ?$"), report=re.compile(report), forecast=re.compile(f"(?:{forecast})[^。;]{{0,6}}$"),
        comparison=re.compile(f"(?:{comparison}) ?(?:{between})? ?$"), up_to=re.compile(f"(?:{up_to}) ?$"), result=re.compile(result),
        news=re.compile(news), monthly=re.compile(f"的?.{{0,4}}?(?:{monthly})"), term=re.compile(term),
        no_reports=tuple(sorted(words["no_report"])),
        forms={form: re.compile(pattern) for form, pattern in lexicon["period_forms"].select("form", "pattern").iter_rows()},
    )  # fmt: skip


def read_groups(rule: Rule, surface: str) -> dict[str, str] | None:
    """Return what each named group of the rule took from the surface; None where the rule does not take it whole."""
    match = rule.reader.fullmatch(surface)
    if match is None:
        return None
    return {name.rpartition("__")[0]: text for name, text in match.groupdict().items() if text is not None}


def first_rule(surface: str, lexicon: Lexicon) -> str | None:
    """Return the id of the first rule that takes the whole surface."""
    match = _any_rule(lexicon).fullmatch(surface)
    return match and compile_rules(lexicon)[match.lastindex - 1].rule_id


@functools.lru_cache(maxsize=8)
def _any_rule(lexicon: Lexicon) -> re.Pattern[str]:
    """Return all rules as the groups of one pattern, in their order."""
    return re.compile("|".join(f"({rule.pattern})" for rule in compile_rules(lexicon)))


def _number_groups(pattern: str) -> str:
    """Return the pattern with distinct group names: Python refuses a name twice, even in two alternatives."""
    numbers = itertools.count()
    return _GROUP_NAME.sub(lambda match: f"(?P<{match[1]}__{next(numbers)}>", pattern)


def _write_out(pattern: str, prefix: str | None, lexicon: Lexicon) -> str:
    """Return the pattern with its placeholders replaced; the groups inside {to:…} get the prefix to_, without a prefix there are no groups."""

    def replace(match: re.Match[str]) -> str:
        inner_prefix = "to_" if match[1] and prefix is not None else prefix
        parts = _parts(lexicon)
        if match[2] in parts:
            return f"(?:{_write_out(parts[match[2]], inner_prefix, lexicon)})"
        return _alternatives(match[2].split("|"), inner_prefix, lexicon)

    named = _GROUP_NAME.sub(lambda match: "(?:" if prefix is None else f"(?P<{prefix}{match[1].removeprefix(prefix)}>", pattern)
    return _PLACEHOLDER.sub(replace, named)


def _alternatives(kinds: list[str], prefix: str | None, lexicon: Lexicon) -> str:
    """Return one pattern for the words of all kinds, longest first: each word in a group named after its kind, or all as one tree."""
    words = lexicon["period_words"].filter(pl.col("kind").is_in(kinds))
    missing = set(kinds) - set(words["kind"])
    if missing:
        raise ValueError(f"period_rules name {', '.join(sorted(missing))}, which is neither a part nor a kind of period_words")
    if prefix is None:
        # a smaller automaton: the zones of general_dev take a third less time
        return match_tokens((_word_tokens(surface), "") for surface in words["surface"])
    longest_first = sorted(words.iter_rows(named=True), key=lambda word: (-len(word["surface"]), word["surface"]))
    return "(?:" + "|".join(f"(?P<{prefix}{word['kind']}>{''.join(_word_tokens(word['surface']))})" for word in longest_first) + ")"


def _word_tokens(surface: str) -> list[str]:
    """Return the patterns of a word's letters: 第{n}季度 takes 第3季度, 第三季度 and 第 3 季度."""
    before, numeral, after = re.fullmatch(r"([^{}]*)(\{[nkm]\})?([^{}]*)", surface).groups()
    tokens = [re.escape(char) for char in before]
    if numeral:
        tokens.append((" ?" if before else "") + _NUMERALS[numeral[1]] + " ?")
    return [*tokens, *(re.escape(char) for char in after)]


@functools.lru_cache(maxsize=8)
def _parts(lexicon: Lexicon) -> dict[str, str]:
    return dict(lexicon["period_parts"].select("part", "pattern").iter_rows())
