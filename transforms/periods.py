"""Dates and periods: where they stand, and which days they mean."""

import bisect
import functools
import itertools
import operator
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from transforms.article_dates import day_told, last_day_named, stated_calendar
from transforms.calendars import CALENDAR, FiscalCalendar, Period, read_calendars
from transforms.joined_text import JoinedText, find_all
from transforms.lexicon import Lexicon
from transforms.numbered_rows import NumberedRows
from transforms.period_context import resolve_article
from transforms.period_grammar import Rule, compile_cues, compile_rules, first_rule, read_groups
from transforms.period_meaning import Moment, read_moments
from transforms.period_places import Article, Place, sentence_before
from transforms.report_period import settle_report_period
from transforms.subjects import Subjects

_PERIOD_COLUMNS = {
    "norm": pl.String, "period_start": pl.Date, "period_end": pl.Date, "granularity": pl.String, "is_cumulated": pl.Boolean,
}  # fmt: skip
_NEAR_YEARS = 3  # how far from a year that the document names a two-digit number may be to be a year itself
_RECENT_YEARS = (2015, 2030)
_DURATION = "period.duration"  # 22年, which may be a year
_A_SHARE = "[.](?:SH|SZ|BJ)$"
_SYNTAX = "(?:)[]|{}\\*+^$<>"  # of patterns
_DIGITS = frozenset(string.digits)
_CONTEXT = 4  # characters that a rule's `unless` looks at


def find_periods(reading: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """periods: doc_id, block_no, start_char, end_char, class, surface, rule_id of each date, period and span of time.

    Disjoint and in order. `surface` is the Simplified, half-width form. Relative words without a numeral (去年, 同期)
    are found too.
    """
    return locate_periods(reading, JoinedText.of(reading["read_text"]), lexicon).drop("at")


def locate_periods(reading: pl.DataFrame, joined: JoinedText, lexicon: Lexicon) -> pl.DataFrame:
    """Return the periods of find_periods, and `at`, where each stands in the texts of `reading` joined."""
    hits = _settle_short_years(_locate(reading, joined, lexicon), lexicon)
    return hits.select("doc_id", "block_no", "start_char", "end_char", "class", "surface", "rule_id", "at")


def _locate(reading: pl.DataFrame, joined: JoinedText, lexicon: Lexicon) -> pl.DataFrame:
    """Return whatever a rule matches; `around` is the surface between its neighbours, as a rule's `unless` reads it, where one has to.

    All rules together are too large an automaton to run over every text. So the texts are first cut into zones of
    characters that dates and periods are made of, and the rules read each distinct zone once: a tenth of the text.
    """
    text = joined.written()
    for word in compile_cues(lexicon).no_reports:
        # 2024年报道 is no 年报
        text = text.replace(word, " " * len(word))
    zones = _cut_zones(joined, text, lexicon)
    known = _read_cores(zones["core"], lexicon)
    number = joined.text_of(zones["at"].to_numpy())
    columns = zones["core"].to_list(), zones["at"].to_list(), joined.starts[number].tolist(), joined.ends[number].tolist()
    # one list a column: a tuple a row is one more thing for the garbage collector to walk through
    places, kinds, arounds = [], [], []
    for core, at, begin, end in zip(*columns, strict=True):
        for offset, kind in known.matches[core]:
            start, around = at + offset, None
            if start > begin and text[start - 1] in _DIGITS and kind.surface[0] in _DIGITS:
                # 02025年3月20日: no date begins within a number
                continue
            if kind.is_checked:
                around = _around(text, start, kind.surface, begin, end)
                while kind and kind.unless and kind.unless(around):
                    # 2024年中期息 is no 2024年中期, but 2024年
                    kind = _shorten(kind, lexicon)
                    around = kind and _around(text, start, kind.surface, begin, end)
            if kind:
                places.append(start)
                kinds.append(kind.number)
                arounds.append(around)
    places = np.array(places, dtype=np.int64)
    number = joined.text_of(places)
    hits = known.rows.frame()[kinds].with_columns(reading[number].select("doc_id", "block_no", "start_char"), at=places, around=pl.Series(arounds, dtype=pl.String))
    hits = hits.with_columns(start_char=pl.col("start_char") + pl.col("at") - pl.Series(joined.starts[number]))
    return hits.with_columns(end_char=pl.col("start_char") + pl.col("surface").str.len_chars())


def _cut_zones(joined: JoinedText, text: str, lexicon: Lexicon) -> pl.DataFrame:
    """Return the `core` of each zone that a date or period may stand in, and `at`, where it begins.

    Zones differ mostly in the words around a date, which cores are without.
    """
    # the pattern of the anchor is asked only of runs that have one of its characters
    starts, ends = joined.runs_of(_zone_characters(lexicon), _anchor_characters(lexicon))
    zones = [text[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    zoned = pl.DataFrame({"zone": pl.Series(zones, dtype=pl.String), "at": starts}).filter(pl.col("zone").str.contains(_part("anchor", lexicon)))
    behind = pl.col("zone").str.strip_chars_start(_part("never_first", lexicon))
    return zoned.select(
        core=behind.str.strip_chars_end(_part("never_last", lexicon)), at=pl.col("at") + pl.col("zone").str.len_chars() - behind.str.len_chars()
    )


def _around(text: str, start: int, surface: str, begin: int, end: int) -> str:
    """Return a surface between its neighbours as a rule's `unless` reads it; its own text lies from `begin` to `end`."""
    past = start + len(surface)
    return f"{text[max(start - _CONTEXT, begin) : start]}<{surface}>{text[past : min(past + _CONTEXT, end)]}"


@dataclass(frozen=True, eq=False, slots=True)
class _Kind:
    """A surface as a rule takes it, whatever stands around it.

    unless: whether what stands around it is against it; None where nothing is. is_checked: whether it has to be looked at.
    """

    number: int
    surface: str
    unless: Callable[[str], object] | None
    is_checked: bool


class _Known:
    """What cores were found to hold, and the kinds of what they hold: both come back from batch to batch."""

    def __init__(self) -> None:
        self.matches: dict[str, list[tuple[int, _Kind]]] = {}
        self.rows = NumberedRows({"class": pl.String, "surface": pl.String, "rule_id": pl.String})
        self._kinds: list[_Kind] = []

    def kind(self, surface: str, rule: Rule) -> _Kind:
        """Return a surface as the rule takes it."""
        number = self.rows.number_of((rule.quantity_class, surface, rule.rule_id))
        if number == len(self._kinds):
            unless = rule.unless and rule.unless.search
            self._kinds.append(_Kind(number, surface, unless, bool(unless) or rule.rule_id == _DURATION))
        return self._kinds[number]


@functools.lru_cache(maxsize=4)
def _known(lexicon: Lexicon) -> _Known:
    return _Known()


# Cores come back from batch to batch: 今年上半年, 2024年第三季度.
_MOST_CORES, _LONG_CORE = 1 << 17, 100


def _read_cores(cores: pl.Series, lexicon: Lexicon) -> _Known:
    """Return what these cores hold, and others before them."""
    known = _known(lexicon)
    if len(known.matches) > _MOST_CORES:
        _known.cache_clear()
        known = _known(lexicon)
    new = [core for core in cores.unique().to_list() if core not in known.matches]
    for core, found in zip(new, _read_new(new, lexicon), strict=True):
        known.matches[core] = [(at, known.kind(surface, _rule_of(surface, lexicon))) for at, surface in found]
    return known


def _read_new(cores: list[str], lexicon: Lexicon) -> Iterator[list[tuple[int, str]]]:
    """Yield place and surface of whatever a rule matches in each core.

    The automaton of a pattern that may begin anywhere has a state for every set of rules under way, and makes most of them for one
    core alone: it takes ten times as long as one that begins at the first letter. So every end of a core is read from its start; of
    long ones there would be too many.
    """
    never_first = frozenset(_part("never_first", lexicon))
    ends = list({core[at:] for core in cores if len(core) <= _LONG_CORE for at, character in enumerate(core) if character not in never_first})
    begun = dict(zip(ends, pl.Series(ends, dtype=pl.String).str.extract_all(f"^(?:{_anything(lexicon)})").list.first().to_list(), strict=True))
    for core in cores:
        found, past = [], 0
        if len(core) <= _LONG_CORE:
            for at in range(len(core)):
                if at >= past and (surface := begun.get(core[at:])):
                    found.append((at, surface))
                    past = at + len(surface)
        else:
            found = list(zip(*find_all(core, _anything(lexicon)), strict=True))
        yield found


def _shorten(kind: _Kind, lexicon: Lexicon) -> _Kind | None:
    """Return the longest beginning of a surface that is a period too; None if there is none."""
    for size in range(len(kind.surface) - 1, 0, -1):
        rule_id = first_rule(kind.surface[:size], lexicon)
        if rule_id:
            return _known(lexicon).kind(kind.surface[:size], _rules_by_id(lexicon)[rule_id])
    return None


@functools.lru_cache(maxsize=1 << 16)
def _rule_of(surface: str, lexicon: Lexicon) -> Rule:
    """Return the first rule that takes the whole surface, which some rule does."""
    return _rules_by_id(lexicon)[first_rule(surface, lexicon)]


def _settle_short_years(hits: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return the hits with 22年 read as a year where the document names years close to it (19Q4, 2021年), else as a duration."""
    rule = next(rule for rule in compile_rules(lexicon) if rule.rule_id == "period.short_year")
    number = pl.col("surface").str.extract("^([0-9]{2}) ?年度?$").cast(pl.Int64)
    hits = hits.with_row_index("row").with_columns(short=pl.when(pl.col("rule_id") == _DURATION).then(number) + 2000)
    hits = hits.with_columns(short=pl.when(~pl.col("around").str.contains(rule.unless.pattern)).then("short"))
    year = pl.col("surface").str.extract("(20[0-9]{2})").cast(pl.Int64)
    short_year = pl.col("surface").str.extract("^([0-3][0-9])(?:年.|[QHEAF~/-])|[QH]([0-3][0-9])$").cast(pl.Int64) + 2000
    dated = pl.when(pl.col("class") != "time_horizon").then(pl.coalesce(year, short_year))
    # 19年…20年…: two of them tell of each other, if both are near our time (在位35年 and 掌权34年 are not)
    recent = pl.when(pl.col("short").is_between(*_RECENT_YEARS)).then("short")
    named = hits.select("doc_id", named=pl.coalesce(dated, recent), is_dated=dated.is_not_null()).drop_nulls("named").unique()
    pairs = hits.drop_nulls("short").select("doc_id", "row", "short").join(named, on="doc_id")
    is_near = ((pl.col("short") - pl.col("named")).abs() <= _NEAR_YEARS) & (pl.col("is_dated") | (pl.col("short") != pl.col("named")))
    years = pairs.filter(is_near)["row"].unique()
    is_year = pl.col("row").is_in(years.implode())
    return hits.with_columns(
        rule_id=pl.when(is_year).then(pl.lit(rule.rule_id)).otherwise("rule_id"),
        **{"class": pl.when(is_year).then(pl.lit(rule.quantity_class)).otherwise("class")},
    )


@functools.lru_cache(maxsize=8)
def _anything(lexicon: Lexicon) -> str:
    """Return one pattern that matches whatever any rule does."""
    return "|".join(f"(?:{rule.pattern})" for rule in compile_rules(lexicon))


@functools.lru_cache(maxsize=8)
def _zone_characters(lexicon: Lexicon) -> frozenset[str]:
    """Return the characters that the rules are written in."""
    return frozenset(set(_anything(lexicon)) - set(_SYNTAX) | set(string.digits) | set("+:()'’"))


@functools.lru_cache(maxsize=8)
def _anchor_characters(lexicon: Lexicon) -> frozenset[str]:
    """Return the characters that an anchor may be made of."""
    return frozenset(set(_part("anchor", lexicon)) - set(_SYNTAX) | set(string.digits))


def _part(name: str, lexicon: Lexicon) -> str:
    """Return a part of period_parts: `anchor`, without which there is no date or period, or the characters none begins or ends with."""
    return lexicon["period_parts"].filter(pl.col("part") == name).item(0, "pattern")


def resolve_periods(
    quantities: pl.DataFrame, documents: pl.DataFrame, reading: pl.DataFrame, subjects: Subjects, lexicon: Lexicon
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """quantities: norm, period_start, period_end, granularity and is_cumulated filled for dates, periods and horizons.

    Words that nothing in the document settles (26日 without a month, 几年) keep a null norm.

    Also returns what each document reports on, and when its news was told: doc_id, period, period_start, period_end, granularity,
    is_cumulated, told_on; last_day: of an undated text with a period the last day that it tells of, before which nobody wrote it.
    Documents that name no period of their own, as digests and market news do, have no period; those that name neither, and have no
    date, have no row.
    """
    rows, reported = [], []
    for article in _articles(quantities, documents, reading, subjects, lexicon):
        report = settle_report_period(article)
        # what has no report may be told years behind the last day that it names
        last_day = last_day_named(article) if report and report.end and not article.published else None
        if report or article.published:
            reported.append((article.doc_id, article.published, last_day, *(_columns(report) if report else [None] * len(_PERIOD_COLUMNS))))
        rows += [
            (article.doc_id, place.start_char, *_columns(period))
            for place, period in zip(article.places, resolve_article(article, report), strict=True)
            if period
        ]
    found = _frame(rows, {"doc_id": pl.String, "start_char": pl.Int64, **_PERIOD_COLUMNS})
    joined = quantities.join(found, on=["doc_id", "start_char"], how="left", maintain_order="left", suffix="_found")
    filled = [pl.coalesce(f"{name}_found", name).alias(name) for name in _PERIOD_COLUMNS]
    reports = _frame(reported, {"doc_id": pl.String, "told_on": pl.Date, "last_day": pl.Date, **_PERIOD_COLUMNS}).rename({"norm": "period"})
    return joined.with_columns(filled).select(quantities.columns), reports


def _frame(rows: list[tuple], schema: dict) -> pl.DataFrame:
    """Return rows of equal length as a frame; by column, which polars builds several times faster."""
    return pl.DataFrame(list(zip(*rows, strict=True)) or None, schema=schema)


def _columns(period: Period) -> tuple:
    """Return a period as _PERIOD_COLUMNS of quantities."""
    return period.label, period.start, period.end, period.granularity, period.is_cumulated


def _articles(
    quantities: pl.DataFrame, documents: pl.DataFrame, reading: pl.DataFrame, subjects: Subjects, lexicon: Lexicon
) -> Iterator[Article]:
    """Yield each document that has dates, periods or horizons, with what its words say and whose calendar they follow."""
    rows = quantities.filter(pl.col("class").is_in(["date", "period", "time_horizon"])).sort("doc_id", "start_char")
    # looked up and not joined: a row would carry a copy of its block's text
    blocks = reading.join(rows.select("doc_id", "block_no").unique(), on=["doc_id", "block_no"], how="semi")
    texts = {(doc_id, block_no): said for doc_id, block_no, *said in blocks.select("doc_id", "block_no", "start_char", "read_text").iter_rows()}
    published = dict(documents.select("doc_id", pl.col("published_at").dt.date()).iter_rows())
    hong_kong = set(documents.filter(pl.col("region") == "hk")["doc_id"])
    companies = _companies(subjects.mentions)
    calendars, cues = read_calendars(lexicon), compile_cues(lexicon)
    listed = lexicon["entities"].filter(pl.col("ticker").is_not_null() & ~pl.col("ticker").str.contains(_A_SHARE))
    quarterly = set(listed["entity"])
    columns = rows.select("doc_id", "block_no", "start_char", "end_char", "rule_id")
    for doc_id, group in itertools.groupby(columns.iter_rows(), key=operator.itemgetter(0)):
        places = []
        for _, block_no, start, end, rule_id in group:
            block_start, text = texts[doc_id, block_no]
            offset = start - block_start
            said = _said(text[offset : offset + end - start], rule_id, lexicon)
            if said is not None:
                places.append(Place(block_no, start, end, text, offset, *said, sentence_before(text, offset)))
        subject = subjects.companies.get(doc_id)
        if subject in quarterly:
            places = [_of_quarter(place) for place in places]
        fiscal = calendars.get(subject) or stated_calendar(places, cues)
        named = companies.get(doc_id, [])
        if named:
            places = [_follow_company(place, named, calendars, subject, fiscal) for place in places]
        elif fiscal.is_fiscal:
            places = [replace(place, fiscal=fiscal) for place in places]
        told = published.get(doc_id) or day_told(places, cues)
        yield Article(doc_id, tuple(places), told, fiscal, cues, doc_id in hong_kong)


def _of_quarter(place: Place) -> Place:
    """Return 三季报 as the third quarter, which companies listed abroad report by itself."""
    if "quarterly_report" not in place.groups or len(place.moments) != 1 or place.moments[0].part != "Q1-Q3":
        return place
    return replace(place, moments=(replace(place.moments[0], part="Q3"),))


def _companies(mentions: pl.DataFrame) -> dict[str, list[tuple[int, str]]]:
    """Return document -> (place, company) of each company named in it, in order."""
    named: dict[str, list[tuple[int, str]]] = {}
    rows = mentions.filter(pl.col("type") == "company").sort("doc_id", "start_char")
    for doc_id, start, entity in rows.select("doc_id", "start_char", "entity").iter_rows():
        named.setdefault(doc_id, []).append((start, entity))
    return named


def _follow_company(
    place: Place, named: list[tuple[int, str]], calendars: Mapping[str, FiscalCalendar], subject: str | None, default: FiscalCalendar
) -> Place:
    """Return the place with the calendar of the company named last before it in its sentence, else with the document's."""
    last = bisect.bisect_left(named, (place.start_char, "")) - 1
    if last < 0 or named[last][0] < place.start_char - len(place.before) or named[last][1] == subject:
        fiscal = default
    else:
        fiscal = calendars.get(named[last][1], CALENDAR)
    return place if fiscal is place.fiscal else replace(place, fiscal=fiscal)


@functools.lru_cache(maxsize=65536)
def _said(surface: str, rule_id: str, lexicon: Lexicon) -> tuple[dict[str, str], tuple[Moment, ...]] | None:
    """Return groups and moments of a surface by the rule that found it, or by the first that takes it as a length of time; None if none does."""
    rules = _rules_by_id(lexicon)
    if rule_id not in rules:
        rule_id = first_rule(surface, lexicon)
        if rule_id and rules[rule_id].quantity_class != "time_horizon":
            return None  # the 5日 of 5日均线 is a number of days, and no day
    groups = read_groups(rules[rule_id], surface) if rule_id else None
    return None if groups is None else (groups, tuple(read_moments(groups, _words(lexicon))))


@functools.lru_cache(maxsize=8)
def _rules_by_id(lexicon: Lexicon) -> dict[str, Rule]:
    return {rule.rule_id: rule for rule in compile_rules(lexicon)}


@functools.lru_cache(maxsize=8)
def _words(lexicon: Lexicon) -> dict[str, str]:
    """Return word -> value of the words whose value does not depend on a numeral in them."""
    words = lexicon["period_words"].filter(pl.col("value").str.contains("^-?[0-9]+$"))
    return dict(words.select("surface", "value").iter_rows())
