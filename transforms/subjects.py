"""The company that a document, or a part of it, is about."""

import polars as pl

from transforms.script import simplify

# Named in the title, or in the first sentence, a company weighs as much as this many namings further down.
_TITLE_WEIGHT, _HEAD_WEIGHT = 8, 3
_HEAD_CHARS = 60


def document_subjects(documents: pl.DataFrame, reading: pl.DataFrame, mentions: pl.DataFrame) -> pl.DataFrame:
    """Return doc_id and entity: the company a document is about; null where it names none.

    The title decides first, then how often and how early a company is named. One that is only cited (中信证券研报) counts little.
    """
    named = _companies(documents, reading, mentions)
    ranked = (
        named.group_by("doc_id", "entity")
        .agg(
            weight=pl.col("weight").sum() + _TITLE_WEIGHT * pl.col("is_in_title").any() + _HEAD_WEIGHT * pl.col("is_at_head").any(),
            first=pl.col("start_char").min(),
        )
        .sort("doc_id", pl.col("weight") * -1, "first")
        .group_by("doc_id", maintain_order=True).first()
    )  # fmt: skip
    return documents.select("doc_id").join(ranked.select("doc_id", "entity"), on="doc_id", how="left", maintain_order="left")


def _companies(documents: pl.DataFrame, reading: pl.DataFrame, mentions: pl.DataFrame) -> pl.DataFrame:
    """Return the mentions of companies with what they weigh and where they stand."""
    heads = reading.group_by("doc_id").agg(head=pl.col("start_char").min())
    titles = documents.select("doc_id", "title")
    return (
        mentions.filter(pl.col("type") == "company")
        .join(heads, on="doc_id", maintain_order="left").join(titles, on="doc_id", maintain_order="left")
        .with_columns(
            is_in_title=pl.col("title").fill_null("").str.contains(simplify(pl.col("quote")), literal=True),
            is_at_head=pl.col("start_char") - pl.col("head") < _HEAD_CHARS,
            weight=pl.lit(1),
        )
    )  # fmt: skip
