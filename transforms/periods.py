"""Dates and periods: where they stand, and which days they mean."""

import functools
import re
import string

import polars as pl

from transforms.calendars import CALENDAR, read_calendars
from transforms.lexicon import Lexicon
from transforms.period_context import Place, resolve_document, settle_report_period
from transforms.period_grammar import Rule, compile_rules, first_rule, read_groups
from transforms.subjects import document_subjects

# Noncharacters of Unicode: no text means anything by them, so they can mark where a match begins and ends.
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
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
    cards = pl.DataFrame(
        {"rule_id": [rule.rule_id for rule in rules], "class": [rule.quantity_class for rule in rules]},
        schema={"rule_id": pl.String, "class": pl.String},
    )
    hits = hits.join(named, on="surface", how="left", maintain_order="left").join(cards, on="rule_id", how="left", maintain_order="left")
    return hits.filter(~_is_forbidden(rules))


def _settle_short_years(hits: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return the hits with 22年 read as a year where the document names years close to it (19Q4, 2021年), else as a duration."""
    rule = next(rule for rule in compile_rules(lexicon) if rule.rule_id == "period.short_year")
    number = pl.col("surface").str.extract("^([0-9]{2}) ?年度?$").cast(pl.Int64)
    hits = hits.with_row_index("row").with_columns(short=pl.when(pl.col("rule_id") == "period.duration").then(number) + 2000)
    hits = hits.with_columns(short=pl.when(~_among_neighbours().str.contains(rule.unless)).then("short"))
    year = pl.col("surface").str.extract("(20[0-9]{2})").cast(pl.Int64)
    short_year = pl.col("surface").str.extract("^([0-3][0-9])(?:年.|[QH])|[QH]([0-3][0-9])$").cast(pl.Int64) + 2000
    named = hits.select("doc_id", "row", named=pl.coalesce(pl.when(pl.col("class") != "time_horizon").then(pl.coalesce(year, short_year)), "short")).drop_nulls()
    pairs = hits.filter(pl.col("short").is_not_null()).select("doc_id", "row", "short").join(named, on="doc_id", suffix="_other")
    # the same number said twice is no evidence: 20年 and 20年 may both be durations
    is_near = ((pl.col("short") - pl.col("named")).abs() <= 3) & ((pl.col("short") != pl.col("named")) | ~pl.col("row_other").is_in(hits.filter(pl.col("short").is_not_null())["row"].implode()))
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
    characters = set(_anything(lexicon)) - syntax | set(string.digits) | {"+"}
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
    resolved = []
    for doc_id, places, around in _documents(quantities, documents, reading, mentions, lexicon):
        for place, period in zip(places, resolve_document(places, *around), strict=True):
            if period:
                resolved.append((doc_id, place.start_char, period.label, period.start, period.end, period.granularity, period.is_cumulated))
    columns = ("norm", "period_start", "period_end", "granularity", "is_cumulated")
    types = {"doc_id": pl.String, "start_char": pl.Int64, "norm": pl.String, "period_start": pl.Date, "period_end": pl.Date, "granularity": pl.String, "is_cumulated": pl.Boolean}
    found = pl.DataFrame(resolved, schema=types, orient="row").rename({name: f"{name}_found" for name in columns})
    joined = quantities.join(found, on=["doc_id", "start_char"], how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce(f"{name}_found", name).alias(name) for name in columns).drop(f"{name}_found" for name in columns)


def report_periods(
    quantities: pl.DataFrame, documents: pl.DataFrame, reading: pl.DataFrame, mentions: pl.DataFrame, lexicon: Lexicon
) -> pl.DataFrame:
    """Return doc_id, period, period_start, period_end, granularity, is_cumulated: what each document reports on.

    Documents that name no period, and were not published at a known time, have no row.
    """
    rows = []
    for doc_id, places, (published, fiscal) in _documents(quantities, documents, reading, mentions, lexicon):
        period = settle_report_period(places, published, fiscal)
        if period:
            rows.append((doc_id, period.label, period.start, period.end, period.granularity, period.is_cumulated))
    types = {"doc_id": pl.String, "period": pl.String, "period_start": pl.Date, "period_end": pl.Date, "granularity": pl.String, "is_cumulated": pl.Boolean}
    return pl.DataFrame(rows, schema=types, orient="row")


def _documents(quantities, documents, reading, mentions, lexicon):
    """Yield doc_id, the places of its dates, periods and horizons in order, and (published, fiscal calendar)."""
    rows = quantities.filter(pl.col("class").is_in(["date", "period", "time_horizon"])).sort("doc_id", "start_char")
    blocks = {(doc_id, block_no): (start, text) for doc_id, block_no, start, text in reading.select("doc_id", "block_no", "start_char", "read_text").iter_rows()}
    subjects = dict(document_subjects(documents, reading, mentions).select("doc_id", "entity").iter_rows())
    published = dict(documents.select("doc_id", pl.col("published_at").dt.date()).iter_rows())
    calendars = read_calendars(lexicon)
    for (doc_id,), group in rows.group_by("doc_id", maintain_order=True):
        places = [
            place
            for block_no, start, end, rule_id in group.select("block_no", "start_char", "end_char", "rule_id").iter_rows()
            if (place := _place(blocks[doc_id, block_no], block_no, start, end, rule_id, lexicon))
        ]
        yield doc_id, places, (published.get(doc_id), calendars.get(subjects.get(doc_id), CALENDAR))


def _place(block, block_no: int, start: int, end: int, rule_id: str, lexicon: Lexicon) -> Place | None:
    """Return where a period stands and what its words say; None for a row that no period rule reads."""
    block_start, text = block
    surface = text[start - block_start : end - block_start]
    groups = _groups(surface, rule_id, lexicon)
    if groups is None:
        return None
    words = _words(lexicon)
    return Place(block_no, start, end, text, start - block_start, groups, words)


@functools.lru_cache(maxsize=65536)
def _groups(surface: str, rule_id: str, lexicon: Lexicon) -> dict[str, str] | None:
    """Return the groups of a surface by the rule that found it, or by the first that takes it."""
    rules = {rule.rule_id: rule for rule in compile_rules(lexicon)}
    if rule_id not in rules:
        rule_id = first_rule(surface, lexicon)
    return read_groups(rules[rule_id], surface) if rule_id else None


@functools.lru_cache(maxsize=8)
def _words(lexicon: Lexicon) -> dict[str, str]:
    """Return word -> value of the words whose value does not depend on a numeral in them."""
    words = lexicon["period_words"].filter(pl.col("value").str.contains("^-?[0-9]+$"))
    return dict(words.select("surface", "value").iter_rows())
