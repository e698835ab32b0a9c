"""metrics: who, what, when, on which basis, and who says so."""

import polars as pl

from schemas.quantities import Metrics
from transforms.lexicon import Lexicon


def resolve_metrics(
    documents: pl.DataFrame,
    reading: pl.DataFrame,
    turns: pl.DataFrame,
    quantities: pl.DataFrame,
    mentions: pl.DataFrame,
    lexicon: Lexicon,
) -> pl.DataFrame:
    """metrics: one row per stated figure, with label, entity, segment, period, basis, accounting, modality and speaker."""
    return Metrics.empty()
