"""Dates and periods: where they stand, and which days they mean."""

import polars as pl

from transforms.lexicon import Lexicon


def resolve_periods(
    quantities: pl.DataFrame, documents: pl.DataFrame, reading: pl.DataFrame, mentions: pl.DataFrame, lexicon: Lexicon
) -> pl.DataFrame:
    """quantities: norm, period_start, period_end, granularity and is_cumulated filled for dates, periods and horizons."""
    return quantities
