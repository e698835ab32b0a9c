"""Stated figures held against filed ones: which accounting basis a figure is on, and articles that mix two."""

import polars as pl

# Articles round to four digits or so; the bases of one metric lie further apart than that.
_TOLERANCE = 0.0005


def match_filings(metrics: pl.DataFrame, filings: pl.DataFrame) -> pl.DataFrame:
    """Return metric_id and filed_accounting of each stated level that equals one filed figure of its entity and period.

    A figure that equals the filed ones of two bases says nothing about its own and is left out, as is one that was never filed.
    """
    filed = filings.select("entity", "metric", "period", "unit", filed_accounting="accounting", filed="value")
    matched = (
        metrics.filter((pl.col("basis") == "level") & pl.col("value").is_not_null() & pl.col("segment").is_null())
        .join(filed, on=["entity", "metric", "period", "unit"])
        .filter((pl.col("value") - pl.col("filed")).abs() <= pl.col("filed").abs() * _TOLERANCE)
    )
    return (
        matched.group_by("metric_id", maintain_order=True)
        .agg(pl.col("filed_accounting").unique(maintain_order=True))
        .filter(pl.col("filed_accounting").list.len() == 1)
        .with_columns(pl.col("filed_accounting").list.first())
        .sort("metric_id")
    )


def find_mixed_accounting(metrics: pl.DataFrame, filings: pl.DataFrame) -> pl.DataFrame:
    """Return the figures of articles that state one metric of one company on two bases without saying so.

    Columns: doc_id, entity, metric, metric_id, period, value, accounting (as the text says, mostly null) and filed_accounting. Nothing
    is corrected: a non-GAAP quarter beside a GAAP year is for the reader to see.
    """
    matched = metrics.join(match_filings(metrics, filings), on="metric_id")
    group = ["doc_id", "entity", "metric"]
    is_mixed = pl.col("filed_accounting").n_unique().over(group) > 1
    is_unsaid = (pl.col("accounting").is_null() | (pl.col("accounting") != pl.col("filed_accounting"))).any().over(group)
    return (
        matched.filter(is_mixed & is_unsaid)
        .select(*group, "metric_id", "period", "value", "accounting", "filed_accounting")
        .sort("doc_id", "entity", "metric", "metric_id")
    )
