"""marks: what the rule cards say about spans of a document."""

import polars as pl

from schemas.blocks import Marks
from transforms.lexicon import Lexicon


def mark_boilerplate(blocks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """marks: one row per span that a card of the rules table claims (header lines, site furniture, credits)."""
    return Marks.empty()
