"""Dates and periods: where they stand, and which days they mean."""

import bisect
import functools
import itertools
import operator
import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import replace

import polars as pl

from transforms.calendars import CALENDAR, FiscalCalendar, Period, read_calendars
from transforms.lexicon import Lexicon
from transforms.period_context import (
    Article,
    Place,
    day_told,
    resolve_article,
    sentence_before,
    settle_report_period,
    stated_calendar,
)
from transforms.period_grammar import Rule, compile_cues, compile_rules, first_rule, read_groups
from transforms.period_meaning import Moment, read_moments
from transforms.subjects import document_subjects

# Noncharacters of Unicode: no text means anything by them, so they can mark where a match begins and ends.
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
_PERIOD_COLUMNS = {
    "norm": pl.String, "period_start": pl.Date, "period_end": pl.Date, "granularity": pl.String, "is_cumulated": pl.Boolean,
}  # fmt: skip
_NEAR_YEARS = 3  # how far from a year that the document names a two-digit number may be to be a year itself
_RECENT_YEARS = (2015, 2030)
_DURATION = "period.duration"  # 22年, which may be a year
_A_SHARE = "[.](?:SH|SZ|BJ)$"
_CONTEXT = 4  # characters that a rule's `unless` looks at


def find_periods(reading: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """periods: doc_id, block_no, start_char, end_char, class, surface, rule_id of each date, period and span of time.

    Disjoint and in order. `surface` is the Simplified, half-width form. Relative words without a numeral (去年, 同期)
    are found too.
    """
    # a text may hold what marks a match here, and 2024年报道 no 年报
    hidden = [_OPEN, _CLOSE, *compile_cues(lexicon).no_reports]
    text = pl.col("read_text").str.replace_many(hidden, [" " * len(word) for word in hidden])
    texts = reading.select("doc_id", "block_no", "start_char", text=text)
    named = _settle_short_years(_locate(texts, lexicon), lexicon)
    return named.select("doc_id", "block_no", "start_char", "end_char", "class", "surface", "rule_id")


_HIT_SCHEMA = {
    "doc_id": pl.String, "block_no": pl.Int64, "start_char": pl.Int64, "end_char": pl.Int64, "class": pl.String, "surface": pl.String,
    "rule_id": pl.String, "around": pl.String,
}  # fmt: skip


def _locate(texts: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return _HIT_SCHEMA of whatever a rule matches; `around` is the surface between its neighbours, as a rule's `unless` reads it,
    where one has to.

    All rules together are too large an automaton to run over every text. So the texts are first cut into zones of
    characters that dates and periods are made of, and the rules read each distinct zone once: a tenth of the text.
    """
    zones = pl.col("text").str.extract_all(_zone_pattern(lexicon))
    zoned = texts.with_row_index("text_no").select("text_no", zone=zones).explode("zone").filter(pl.col("zone").str.contains(_part("anchor", lexicon)))
    matches = _match_zones(zoned["zone"].unique(), lexicon)
    zoned = zoned.filter(pl.col("zone").is_in(list(matches))).group_by("text_no", maintain_order=True).agg("zone")
    blocks = texts[zoned["text_no"]].select("doc_id", "block_no", "start_char", "text").iter_rows()
    characters = _zone_characters(lexicon)
    rows: list[tuple] = []
    for (doc_id, block_no, first, text), names in zip(blocks, zoned["zone"].to_list(), strict=True):
        at = 0
        for zone in names:
            at = _find_zone(text, zone, at, characters)
            for surface, offset, rule in matches[zone]:
                start = at + offset
                around = _around(text, start, surface) if rule.unless or rule.rule_id == _DURATION else None
                while rule and rule.unless and rule.unless.search(around):
                    # 2024年中期息 is no 2024年中期, but 2024年
                    surface, rule = _shorten(surface, lexicon)
                    around = _around(text, start, surface)
                if rule:
                    rows.append((doc_id, block_no, first + start, first + start + len(surface), rule.quantity_class, surface, rule.rule_id, around))
            at += len(zone)
    return pl.DataFrame(list(zip(*rows, strict=True)) or None, schema=_HIT_SCHEMA)


def _around(text: str, start: int, surface: str) -> str:
    """Return a surface between its neighbours, as a rule's `unless` reads it."""
    end = start + len(surface)
    return f"{text[max(start - _CONTEXT, 0) : start]}<{surface}>{text[end : end + _CONTEXT]}"


@functools.lru_cache(maxsize=1 << 12)
def _shorten(surface: str, lexicon: Lexicon) -> tuple[str, Rule | None]:
    """Return the longest beginning of a surface that is a period too, with its rule; no rule if there is none."""
    for size in range(len(surface) - 1, 0, -1):
        rule_id = first_rule(surface[:size], lexicon)
        if rule_id:
            return surface[:size], _rules_by_id(lexicon)[rule_id]
    return "", None


# Cores come back from batch to batch: 今年上半年, 2024年第三季度.
_MOST_CORES = 1 << 17


def _match_zones(zones: pl.Series, lexicon: Lexicon) -> dict[str, list[tuple[str, int, Rule]]]:
    """Return surface, offset and rule of each match in the zones that have one; what earlier batches had is remembered.

    Zones differ mostly in the words around a date, so their cores are read; in order, because the automaton then finds most
    states made already, and takes half the time.
    """
    known = _known_cores(lexicon)
    if len(known) > _MOST_CORES:
        known.clear()
    front, back = (_part(name, lexicon) for name in ("never_first", "never_last"))
    behind = zones.str.strip_chars_start(front)
    cores = behind.str.strip_chars_end(back)
    new = {core: [] for core in cores.unique().sort().to_list() if core not in known}
    found = _cut(pl.DataFrame({"core": list(new)}, schema={"core": pl.String}), "core", _anything(lexicon))
    for core, surface, offset in found.select("core", "surface", "offset").iter_rows():
        new[core].append((surface, offset, _rule_of(surface, lexicon)))
    known |= new
    leads = (zones.str.len_chars() - behind.str.len_chars()).to_list()
    return {
        zone: [(surface, lead + offset, rule) for surface, offset, rule in matches]
        for zone, core, lead in zip(zones.to_list(), cores.to_list(), leads, strict=True)
        if (matches := known[core])
    }


@functools.lru_cache(maxsize=4)
def _known_cores(lexicon: Lexicon) -> dict[str, list[tuple[str, int, Rule]]]:
    return {}


def _find_zone(text: str, zone: str, at: int, characters: frozenset[str]) -> int:
    """Return where the next run of zone characters begins that is `zone` as a whole."""
    while True:
        start = text.index(zone, at)
        end = start + len(zone)
        if (start == 0 or text[start - 1] not in characters) and (end == len(text) or text[end] not in characters):
            return start
        at = start + 1


def _cut(texts: pl.DataFrame, name: str, pattern: str) -> pl.DataFrame:
    """Return the rows of `texts` once per match of the pattern in its column `name`, with surface and offset of the match.

    Polars has no regex search that tells places, so matches are set in marks and the text is cut at the marks.
    """
    pieces = (
        texts.with_row_index("text_no")
        .with_columns(piece=pl.col(name).str.replace_all(pattern, f"{_OPEN}$0{_CLOSE}").str.split(_OPEN))
        .filter(pl.col("piece").list.len() > 1)
        .explode("piece")
        .with_columns(pl.col("piece").str.split_exact(_CLOSE, 1).struct.rename_fields(["surface", "rest"]).alias("parts"))
        .unnest("parts")
    )
    length = pl.col("surface").str.len_chars().cast(pl.Int64)
    width = length + pl.col("rest").fill_null("").str.len_chars().cast(pl.Int64)
    # the first piece of a text is what stands before its first match: it has no closing mark
    return pieces.with_columns(offset=width.cum_sum().over("text_no") - width).filter(pl.col("rest").is_not_null()).drop("text_no", "piece", "rest")


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
    syntax = set("(?:)[]|{}\\*+^$<>")
    return frozenset(set(_anything(lexicon)) - syntax | set(string.digits) | set("+:()'’"))


def _zone_pattern(lexicon: Lexicon) -> str:
    """Return a pattern for runs of the characters that the rules are written in."""
    return "[" + "".join(re.escape(character) for character in sorted(_zone_characters(lexicon))) + "]{2,}"


def _part(name: str, lexicon: Lexicon) -> str:
    """Return a part of period_parts: `anchor`, without which there is no date or period, or the characters none begins or ends with."""
    return lexicon["period_parts"].filter(pl.col("part") == name).item(0, "pattern")


def resolve_periods(
    quantities: pl.DataFrame, documents: pl.DataFrame, reading: pl.DataFrame, mentions: pl.DataFrame, lexicon: Lexicon
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """quantities: norm, period_start, period_end, granularity and is_cumulated filled for dates, periods and horizons.

    Words that nothing in the document settles (26日 without a month, 几年) keep a null norm.

    Also returns what each document reports on, and when its news was told: doc_id, period, period_start, period_end, granularity,
    is_cumulated, told_on. Documents that name no period of their own, as digests and market news do, have no period; those that
    name neither, and have no date, have no row.
    """
    rows, reported = [], []
    for article in _articles(quantities, documents, reading, mentions, lexicon):
        report = settle_report_period(article)
        if report or article.published:
            reported.append((article.doc_id, article.published, *(_columns(report) if report else [None] * len(_PERIOD_COLUMNS))))
        rows += [
            (article.doc_id, place.start_char, *_columns(period))
            for place, period in zip(article.places, resolve_article(article, report), strict=True)
            if period
        ]
    found = _frame(rows, {"doc_id": pl.String, "start_char": pl.Int64, **_PERIOD_COLUMNS})
    joined = quantities.join(found, on=["doc_id", "start_char"], how="left", maintain_order="left", suffix="_found")
    filled = [pl.coalesce(f"{name}_found", name).alias(name) for name in _PERIOD_COLUMNS]
    reports = _frame(reported, {"doc_id": pl.String, "told_on": pl.Date, **_PERIOD_COLUMNS}).rename({"norm": "period"})
    return joined.with_columns(filled).select(quantities.columns), reports


def _frame(rows: list[tuple], schema: dict) -> pl.DataFrame:
    """Return rows of equal length as a frame; by column, which polars builds several times faster."""
    return pl.DataFrame(list(zip(*rows, strict=True)) or None, schema=schema)


def _columns(period: Period) -> tuple:
    """Return a period as _PERIOD_COLUMNS of quantities."""
    return period.label, period.start, period.end, period.granularity, period.is_cumulated


def _articles(
    quantities: pl.DataFrame, documents: pl.DataFrame, reading: pl.DataFrame, mentions: pl.DataFrame, lexicon: Lexicon
) -> Iterator[Article]:
    """Yield each document that has dates, periods or horizons, with what its words say and whose calendar they follow."""
    rows = quantities.filter(pl.col("class").is_in(["date", "period", "time_horizon"])).sort("doc_id", "start_char")
    # looked up and not joined: a row would carry a copy of its block's text
    blocks = reading.join(rows.select("doc_id", "block_no").unique(), on=["doc_id", "block_no"], how="semi")
    texts = {(doc_id, block_no): said for doc_id, block_no, *said in blocks.select("doc_id", "block_no", "start_char", "read_text").iter_rows()}
    subjects = dict(document_subjects(documents, reading, mentions).select("doc_id", "entity").iter_rows())
    published = dict(documents.select("doc_id", pl.col("published_at").dt.date()).iter_rows())
    hong_kong = set(documents.filter(pl.col("region") == "hk")["doc_id"])
    companies = _companies(mentions)
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
        subject = subjects.get(doc_id)
        if subject in quarterly:
            places = [_of_quarter(place) for place in places]
        fiscal = calendars.get(subject) or stated_calendar(places, cues.up_to)
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
    """Return groups and moments of a surface by the rule that found it, or by the first that takes it; None if none does."""
    rules = _rules_by_id(lexicon)
    if rule_id not in rules:
        rule_id = first_rule(surface, lexicon)
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
