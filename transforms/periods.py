"""Dates and periods: where they stand, and which days they mean."""

import bisect
import functools
import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import replace

import polars as pl

from transforms.calendars import CALENDAR, FiscalCalendar, Period, read_calendars
from transforms.lexicon import Lexicon
from transforms.period_context import Article, Place, resolve_article, settle_report_period
from transforms.period_grammar import Rule, compile_rules, first_rule, read_groups
from transforms.subjects import document_subjects

# Noncharacters of Unicode: no text means anything by them, so they can mark where a match begins and ends.
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
_PERIOD_COLUMNS = {
    "norm": pl.String, "period_start": pl.Date, "period_end": pl.Date, "granularity": pl.String, "is_cumulated": pl.Boolean,
}  # fmt: skip
_NEAR_YEARS = 3  # how far from a year that the document names a two-digit number may be to be a year itself
_RECENT_YEARS = (2015, 2030)
_CONTEXT = 4  # characters that a rule's `unless` looks at


def find_periods(reading: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """periods: doc_id, block_no, start_char, end_char, class, surface, rule_id of each date, period and span of time.

    Disjoint and in order. `surface` is the Simplified, half-width form. Relative words without a numeral (去年, 同期)
    are found too.
    """
    texts = reading.select("doc_id", "block_no", "start_char", text=pl.col("read_text").str.replace_many([_OPEN, _CLOSE], [" ", " "]))
    hits = _name_rules(_locate(texts, lexicon), lexicon)
    named = _settle_short_years(hits, lexicon)
    return named.select("doc_id", "block_no", "start_char", "end_char", "class", "surface", "rule_id")


def _locate(texts: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return doc_id, block_no, start_char, end_char, surface, before and after of whatever a rule matches.

    All rules together are too large an automaton to run over every text. So the texts are first cut into zones of
    characters that dates and periods are made of, and the rules read each distinct zone once: a tenth of the text.
    """
    zones = _cut(texts, _zone_pattern(lexicon)).filter(pl.col("surface").str.contains(_anchor(lexicon)))
    distinct = zones.select(text=pl.col("surface").unique(maintain_order=True))
    matches = _cut(distinct, _anything(lexicon)).select(zone="text", surface="surface", inner="offset", inner_length="length")
    start = pl.col("start_char") + pl.col("offset")
    return (
        zones.rename({"surface": "zone"}).join(matches, on="zone", maintain_order="left_right")
        .with_columns(offset=pl.col("offset") + pl.col("inner"), length="inner_length")
        .select(
            "doc_id", "block_no", "surface", start_char=start, end_char=start + pl.col("length"),
            before=pl.col("text").str.slice((pl.col("offset") - _CONTEXT).clip(0), pl.min_horizontal("offset", _CONTEXT)),
            after=pl.col("text").str.slice(pl.col("offset") + pl.col("length"), _CONTEXT),
        )
    )  # fmt: skip


def _cut(texts: pl.DataFrame, pattern: str) -> pl.DataFrame:
    """Return the rows of `texts` once per match of the pattern, with surface, offset and length of the match.

    Polars has no regex search that tells places, so matches are set in marks and the text is cut at the marks.
    """
    pieces = (
        texts.with_row_index("text_no")
        .with_columns(piece=pl.col("text").str.replace_all(pattern, f"{_OPEN}$0{_CLOSE}").str.split(_OPEN))
        .filter(pl.col("piece").list.len() > 1)
        .explode("piece")
        .with_columns(pl.col("piece").str.split_exact(_CLOSE, 1).struct.rename_fields(["surface", "rest"]).alias("parts"))
        .unnest("parts")
    )
    length = pl.col("surface").str.len_chars().cast(pl.Int64)
    width = length + pl.col("rest").fill_null("").str.len_chars().cast(pl.Int64)
    # the first piece of a text is what stands before its first match: it has no closing mark
    return (
        pieces.with_columns(offset=width.cum_sum().over("text_no") - width, length=length)
        .filter(pl.col("rest").is_not_null())
        .drop("text_no", "piece", "rest")
    )


def _name_rules(hits: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return the hits with class and rule_id; those whose neighbours the rule forbids are left out."""
    rules = compile_rules(lexicon)
    taken_whole = [pl.when(pl.col("surface").str.contains(f"^(?:{rule.pattern})$")).then(pl.lit(rule.rule_id)) for rule in rules]
    named = hits.select(pl.col("surface").unique(maintain_order=True)).with_columns(rule_id=pl.coalesce(taken_whole))
    classes = pl.DataFrame([(rule.rule_id, rule.quantity_class) for rule in rules], schema=["rule_id", "class"], orient="row")
    named = named.join(classes, on="rule_id", how="left", maintain_order="left")
    hits = hits.join(named, on="surface", how="left", maintain_order="left")
    return hits.filter(~_is_forbidden(rules))


def _settle_short_years(hits: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return the hits with 22年 read as a year where the document names years close to it (19Q4, 2021年), else as a duration."""
    rule = next(rule for rule in compile_rules(lexicon) if rule.rule_id == "period.short_year")
    number = pl.col("surface").str.extract("^([0-9]{2}) ?年度?$").cast(pl.Int64)
    hits = hits.with_row_index("row").with_columns(short=pl.when(pl.col("rule_id") == "period.duration").then(number) + 2000)
    hits = hits.with_columns(short=pl.when(~_among_neighbours().str.contains(rule.unless)).then("short"))
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


def _among_neighbours() -> pl.Expr:
    """Return each surface between its neighbours, as a rule's `unless` reads it."""
    return pl.concat_str("before", pl.lit("<"), "surface", pl.lit(">"), "after")


def _is_forbidden(rules: tuple[Rule, ...]) -> pl.Expr:
    """Return whether a hit stands among neighbours that its rule rejects."""
    rejected = [(pl.col("rule_id") == rule.rule_id) & _among_neighbours().str.contains(rule.unless) for rule in rules if rule.unless]
    return pl.any_horizontal(rejected)


@functools.lru_cache(maxsize=8)
def _anything(lexicon: Lexicon) -> str:
    """Return one pattern that matches whatever any rule does."""
    return "|".join(f"(?:{rule.pattern})" for rule in compile_rules(lexicon))


@functools.lru_cache(maxsize=8)
def _zone_pattern(lexicon: Lexicon) -> str:
    """Return a pattern for runs of the characters that the rules are written in."""
    syntax = set("(?:)[]|{}\\*+^$<>")
    characters = set(_anything(lexicon)) - syntax | set(string.digits) | set("+:")
    return "[" + "".join(re.escape(character) for character in sorted(characters)) + "]{2,}"


def _anchor(lexicon: Lexicon) -> str:
    """Return the pattern of which every date and period has a match: plain figures have none and are passed over."""
    return lexicon["period_parts"].filter(pl.col("part") == "anchor").item(0, "pattern")


def resolve_periods(
    quantities: pl.DataFrame, documents: pl.DataFrame, reading: pl.DataFrame, mentions: pl.DataFrame, lexicon: Lexicon
) -> pl.DataFrame:
    """quantities: norm, period_start, period_end, granularity and is_cumulated filled for dates, periods and horizons.

    Words that nothing in the document settles (26日 without a month, 几年) keep a null norm.
    """
    rows = [
        {"doc_id": article.doc_id, "start_char": place.start_char, **_columns(period)}
        for article in _articles(quantities, documents, reading, mentions, lexicon)
        for place, period in zip(article.places, resolve_article(article), strict=True)
        if period
    ]
    found = pl.DataFrame(rows, schema={"doc_id": pl.String, "start_char": pl.Int64, **_PERIOD_COLUMNS})
    joined = quantities.join(found, on=["doc_id", "start_char"], how="left", maintain_order="left", suffix="_found")
    filled = [pl.coalesce(f"{name}_found", name).alias(name) for name in _PERIOD_COLUMNS]
    return joined.with_columns(filled).select(quantities.columns)


def report_periods(
    quantities: pl.DataFrame, documents: pl.DataFrame, reading: pl.DataFrame, mentions: pl.DataFrame, lexicon: Lexicon
) -> pl.DataFrame:
    """Return doc_id, period, period_start, period_end, granularity, is_cumulated: what each document reports on.

    Documents that name no period of their own, as digests and market news do, have no row.
    """
    rows = [
        {"doc_id": article.doc_id, **_columns(period)}
        for article in _articles(quantities, documents, reading, mentions, lexicon)
        if (period := settle_report_period(article))
    ]
    return pl.DataFrame(rows, schema={"doc_id": pl.String, **_PERIOD_COLUMNS}).rename({"norm": "period"})


def _columns(period: Period) -> dict:
    """Return a period as the columns of quantities."""
    values = (period.label, period.start, period.end, period.granularity, period.is_cumulated)
    return dict(zip(_PERIOD_COLUMNS, values, strict=True))


def _articles(
    quantities: pl.DataFrame, documents: pl.DataFrame, reading: pl.DataFrame, mentions: pl.DataFrame, lexicon: Lexicon
) -> Iterator[Article]:
    """Yield each document that has dates, periods or horizons, with what its words say and whose calendar they follow."""
    rows = quantities.filter(pl.col("class").is_in(["date", "period", "time_horizon"])).sort("doc_id", "start_char")
    rows = rows.join(
        reading.select("doc_id", "block_no", "read_text", block_start="start_char"), on=["doc_id", "block_no"], maintain_order="left"
    )
    subjects = dict(document_subjects(documents, reading, mentions).select("doc_id", "entity").iter_rows())
    published = dict(documents.select("doc_id", pl.col("published_at").dt.date()).iter_rows())
    hong_kong = set(documents.filter(pl.col("region") == "hk")["doc_id"])
    companies = _companies(mentions)
    calendars = read_calendars(lexicon)
    for (doc_id,), group in rows.group_by("doc_id", maintain_order=True):
        fiscal = calendars.get(subjects.get(doc_id), CALENDAR)
        named = companies.get(doc_id, [])
        places = []
        for row in group.select("block_no", "block_start", "read_text", "start_char", "end_char", "rule_id").iter_rows(named=True):
            offset = row["start_char"] - row["block_start"]
            groups = _groups(row["read_text"][offset : offset + row["end_char"] - row["start_char"]], row["rule_id"], lexicon)
            if groups is not None:
                place = Place(row["block_no"], row["start_char"], row["end_char"], row["read_text"], offset, groups, _words(lexicon))
                places.append(replace(place, fiscal=_calendar_at(place, named, calendars, fiscal)))
        yield Article(doc_id, tuple(places), published.get(doc_id), fiscal, doc_id in hong_kong)


def _companies(mentions: pl.DataFrame) -> dict[str, list[tuple[int, str]]]:
    """Return document -> (place, company) of each company named in it, in order."""
    named: dict[str, list[tuple[int, str]]] = {}
    rows = mentions.filter(pl.col("type") == "company").sort("doc_id", "start_char")
    for doc_id, start, entity in rows.select("doc_id", "start_char", "entity").iter_rows():
        named.setdefault(doc_id, []).append((start, entity))
    return named


def _calendar_at(
    place: Place, named: list[tuple[int, str]], calendars: Mapping[str, FiscalCalendar], default: FiscalCalendar
) -> FiscalCalendar:
    """Return the calendar of the company named last before a place in its sentence, else the document's."""
    last = bisect.bisect_left(named, (place.start_char, "")) - 1
    if last < 0 or named[last][0] < place.sentence_start:
        return default
    return calendars.get(named[last][1], CALENDAR)


@functools.lru_cache(maxsize=65536)
def _groups(surface: str, rule_id: str, lexicon: Lexicon) -> dict[str, str] | None:
    """Return the groups of a surface by the rule that found it, or by the first that takes it; None if none does."""
    rules = {rule.rule_id: rule for rule in compile_rules(lexicon)}
    if rule_id not in rules:
        rule_id = first_rule(surface, lexicon)
    return read_groups(rules[rule_id], surface) if rule_id else None


@functools.lru_cache(maxsize=8)
def _words(lexicon: Lexicon) -> dict[str, str]:
    """Return word -> value of the words whose value does not depend on a numeral in them."""
    words = lexicon["period_words"].filter(pl.col("value").str.contains("^-?[0-9]+$"))
    return dict(words.select("surface", "value").iter_rows())
