"""The contract: one pandera model per table and view, from which everything about their shape is rendered."""

from schemas import reference
from schemas.base import Table
from schemas.blocks import Blocks, Fingerprints, Marks, Repairs, Turns
from schemas.documents import Documents, Inputs
from schemas.quantities import Mentions, Metrics, Quantities
from schemas.runs import Batches, Checks, RejectedDocuments, RejectedRows, Runs, SlowDocuments, Sources
from schemas.views import VIEWS

# Made by transforms.pipeline.process: one Parquet part per batch each.
PART_TABLES: tuple[type[Table], ...] = (
    Documents, Blocks, Marks, Turns, Repairs, Quantities, Metrics, Mentions, Fingerprints, RejectedRows,
)  # fmt: skip
# Written by the run itself.
RUN_TABLES: tuple[type[Table], ...] = (Sources, RejectedDocuments, Batches, SlowDocuments, Checks, Runs)
# Read from seeds/lexicon: every model of schemas.reference, in the order it is declared.
REFERENCE_TABLES: tuple[type[Table], ...] = tuple(
    model for model in vars(reference).values() if isinstance(model, type) and model.__module__ == reference.__name__
)
TABLES = PART_TABLES + RUN_TABLES + REFERENCE_TABLES

__all__ = ["PART_TABLES", "REFERENCE_TABLES", "RUN_TABLES", "TABLES", "VIEWS", "Inputs", "Table"]
