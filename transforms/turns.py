"""turns: who speaks where."""

import polars as pl

from schemas.blocks import Turns
from transforms.lexicon import Lexicon


def split_turns(blocks: pl.DataFrame, marks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """turns: questions, answers and comments, each from its speaker label to the next one or the end of the exchange."""
    return Turns.empty()
