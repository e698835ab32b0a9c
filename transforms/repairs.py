"""repairs: characters that are wrong in the raw text, with their correction."""

import polars as pl

from schemas.blocks import Repairs
from transforms.lexicon import Lexicon


def find_repairs(documents: pl.DataFrame, blocks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """repairs: script, OCR, spelling, stray and doubled characters of the kept blocks."""
    return Repairs.empty()


def apply_repairs(blocks: pl.DataFrame, repairs: pl.DataFrame) -> pl.DataFrame:
    """blocks that are kept, with `read_text`: text with applied corrections put in, still of the same length.

    A correction that is shorter is padded with blanks (a stray ? becomes a blank); one that is longer cannot stand in
    place and is left to find_mentions, which reads it from the repairs themselves.
    """
    return blocks.filter("is_kept").with_columns(read_text=pl.col("text"))
