"""blocks: the pieces a document is made of, and what each of them is."""

import polars as pl

from schemas.blocks import Blocks


def split_blocks(documents: pl.DataFrame) -> pl.DataFrame:
    """blocks: one row per non-blank line, located in the raw text (doc_id, block_no, start_char, end_char, text)."""
    lines = documents.select("doc_id", pl.col("text").str.split("\n").alias("line"))
    lines = lines.explode("line").with_columns(length=pl.col("line").str.len_chars().cast(pl.Int64) + 1)
    lines = lines.with_columns(at=pl.col("length").cum_sum().over("doc_id") - pl.col("length"))
    lines = lines.with_columns(text=pl.col("line").str.strip_chars(), lead=pl.col("line").str.len_chars() - pl.col("line").str.strip_chars_start().str.len_chars())
    lines = lines.filter(pl.col("text") != "")
    return lines.select(
        "doc_id",
        block_no=(pl.int_range(pl.len(), dtype=pl.Int64).over("doc_id")),
        start_char=pl.col("at") + pl.col("lead").cast(pl.Int64),
        end_char=pl.col("at") + pl.col("lead").cast(pl.Int64) + pl.col("text").str.len_chars().cast(pl.Int64),
        text="text",
    )


def judge_blocks(blocks: pl.DataFrame, marks: pl.DataFrame, turns: pl.DataFrame) -> pl.DataFrame:
    """blocks: split blocks with kind, is_kept, score, rule_id and turn_no."""
    return Blocks.select(blocks.with_columns(kind=pl.lit("body"), is_kept=pl.lit(True)))
