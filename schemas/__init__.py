"""The contract: one pandera model per table and view, from which everything about their shape is rendered."""

from schemas.base import Table
from schemas.blocks import Blocks, Marks, Repairs, Turns
from schemas.documents import Documents, Inputs
from schemas.quantities import Mentions, Metrics, Quantities
from schemas.reference import (
    Entities,
    EntityAliases,
    Filings,
    FiscalCalendars,
    MetricCodes,
    MetricLabels,
    PeriodParts,
    PeriodRules,
    PeriodWords,
    Rules,
    Units,
)  # fmt: skip

from schemas.reference import ChangeWords, Denominators, FalseNumbers, Hedges, NumberCards, NumberJoins, NumberWords, VagueNumerals  # isort: skip
from schemas.runs import Checks, RejectedDocuments, RejectedRows, Runs

# Made by transforms.pipeline.process: one Parquet part per batch each.
PART_TABLES: tuple[type[Table], ...] = (
    Documents, Blocks, Marks, Turns, Repairs, Quantities, Metrics, Mentions, RejectedRows,
)  # fmt: skip
# Written by the run itself.
RUN_TABLES: tuple[type[Table], ...] = (RejectedDocuments, Checks, Runs)
# Read from seeds/lexicon.
REFERENCE_TABLES: tuple[type[Table], ...] = (
    Rules, Entities, EntityAliases, MetricCodes, MetricLabels, Units, FiscalCalendars, PeriodWords, PeriodParts, PeriodRules,
    Filings,
    Denominators, Hedges, VagueNumerals, ChangeWords, NumberWords, NumberJoins, FalseNumbers, NumberCards,
)  # fmt: skip
TABLES = PART_TABLES + RUN_TABLES + REFERENCE_TABLES

__all__ = ["PART_TABLES", "REFERENCE_TABLES", "RUN_TABLES", "TABLES", "Inputs", "Table"]
