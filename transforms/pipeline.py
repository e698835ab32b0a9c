"""The whole job without Prefect and without disk: tests, benchmarks and workers call process()."""

import contextlib
import gc
from collections.abc import Iterator

import polars as pl

import schemas
from transforms.blocks import judge_blocks, split_blocks
from transforms.documents import describe_documents, measure_documents
from transforms.fingerprints import sign_texts
from transforms.lexicon import Lexicon
from transforms.marks import mark_boilerplate, note_holdings
from transforms.mentions import find_mentions
from transforms.metrics import resolve_metrics
from transforms.passages import join_passages, number_blocks
from transforms.periods import resolve_periods
from transforms.quantities import find_quantities
from transforms.repairs import apply_repairs, find_repairs
from transforms.repetitions import mark_repetitions
from transforms.script import read_script
from transforms.splices import mark_splices, score_blocks
from transforms.subjects import find_subjects
from transforms.turns import split_turns
from transforms.validate import split_valid

Tables = dict[str, pl.DataFrame]


@contextlib.contextmanager
def collector_paused() -> Iterator[None]:
    """Leave cycles of garbage until the batch is done: looking for them costs an eighth of it, and a batch is bounded."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@collector_paused()
def process(inputs: pl.DataFrame, lexicon: Lexicon, batch_id: str) -> Tables:
    """Return every table of schemas.PART_TABLES for a batch of inputs (schemas.Inputs), validated and sorted by key.

    Rows that fail their schema are in `rejected_rows` and nowhere else.
    """
    documents, blocks, marks, turns = clean(inputs, lexicon)
    repairs = find_repairs(documents, blocks, lexicon)
    lines = apply_repairs(blocks, repairs)
    reading = join_passages(lines, lexicon)
    mentions = find_mentions(documents, reading, repairs, lexicon)
    quantities = find_quantities(documents, reading, lexicon)
    subjects = find_subjects(documents, reading, mentions, lexicon)
    quantities, reports = resolve_periods(quantities, documents, reading, subjects, lexicon)
    metrics = resolve_metrics(documents, reading, turns, quantities, subjects, reports, lexicon)
    if reading.height < lines.height:
        quantities, metrics = (number_blocks(found, lines) for found in (quantities, metrics))
    documents = measure_documents(documents, blocks, lexicon, batch_id)
    made = {
        "documents": documents, "blocks": blocks, "marks": marks, "turns": turns, "repairs": repairs,
        "quantities": quantities, "metrics": metrics, "mentions": mentions, "fingerprints": sign_texts(documents, blocks),
    }  # fmt: skip
    return split_valid(made, lexicon.rules_version, schemas.PART_TABLES)


def clean(inputs: pl.DataFrame, lexicon: Lexicon) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return documents, judged blocks, marks and turns of a batch of inputs: what is kept of each text, and why the rest is not."""
    documents = read_script(inputs, lexicon)
    blocks = split_blocks(documents)
    marks = mark_boilerplate(blocks, lexicon)
    documents = describe_documents(documents, blocks, marks, lexicon)
    turns = split_turns(blocks, marks, lexicon)
    marks = pl.concat([marks, mark_repetitions(blocks, marks, turns)])
    blocks = score_blocks(documents, blocks, marks, lexicon)
    marks = pl.concat([marks, mark_splices(documents, blocks, marks, turns, lexicon)])
    marks = note_holdings(marks, blocks, lexicon)
    return documents, judge_blocks(blocks, marks, turns), marks, turns
