"""marks: paragraphs and headlines of other articles that were spliced into a document."""

import polars as pl

from schemas.blocks import Marks
from transforms.lexicon import Lexicon


def mark_splices(documents: pl.DataFrame, blocks: pl.DataFrame, marks: pl.DataFrame, turns: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """marks: one row per block that is judged foreign (dropping) or doubtful (review, not dropping), with its reason."""
    return Marks.empty()
