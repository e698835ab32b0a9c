"""mentions: where entities are named."""

import polars as pl

from schemas.quantities import Mentions
from transforms.lexicon import Lexicon


def find_mentions(reading: pl.DataFrame, repairs: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """mentions: entities of the lexicon and those the text itself introduces, in kept blocks (columns of blocks plus read_text)."""
    return Mentions.empty()
