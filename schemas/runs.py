"""What a run did, what it refused and what it noticed."""

from typing import Annotated

import pandera.polars as pa
import polars as pl

from schemas.base import Table
from schemas.vocabulary import CHECK_STATUSES, SEVERITIES

Timestamp = Annotated[pl.Datetime, "us", None]


class Sources(Table):
    """Every place a text was read from, and when: one text found twice has two rows here and one in documents."""

    source_path: str = pa.Field(description="Path or URL, with '#row' appended for a row of a table file.")
    bytes_hash: str = pa.Field(description="SHA-256 of the file's bytes in hex: the same bytes under the same rules are not judged again.")
    doc_id: str = pa.Field(nullable=True, description="Document the bytes hold; null where they were refused.")
    rules_version: str = pa.Field(description="Rules in force when it was read.")
    batch_id: str = pa.Field(description="Batch or run that read it.")
    seen_at: Timestamp = pa.Field(description="Start of the run that read it, UTC: of two contents of one source_path the later is current.")

    class Config:
        name = "sources"
        unique = ["source_path", "seen_at"]


class RejectedDocuments(Table):
    """Inputs that could not be read or processed, with enough to find and replay them."""

    source_path: str = pa.Field(description="Path or URL of the input.")
    bytes_hash: str = pa.Field(nullable=True, description="SHA-256 of the bytes in hex; null where they could not be read.")
    stage: str = pa.Field(description="Stage that refused: read, decode, process.")
    check: str = pa.Field(description="Name of the check that failed: empty_file, binary_file, unknown_encoding, permission, missing_path…")
    reason: str = pa.Field(description="For a reader: what is wrong and what to do.")
    rules_version: str = pa.Field(description="Rules in force when it was refused.")
    batch_id: str = pa.Field(description="Batch that refused it.")
    rejected_at: Timestamp = pa.Field(nullable=True, description="When it was refused, UTC.")

    class Config:
        name = "rejected_documents"
        unique = ["source_path", "stage", "check"]


class RejectedRows(Table):
    """Rows that failed their table's schema: kept whole, left out of the table."""

    doc_id: str = pa.Field(description="Document the row belongs to.")
    table: str = pa.Field(description="Table that refused the row.")
    stage: str = pa.Field(description="Stage that made the row.")
    check: str = pa.Field(description="Column and check that failed.")
    reason: str = pa.Field(description="For a reader: the offending value and what is allowed.")
    row: str = pa.Field(description="The whole row as JSON.")
    rules_version: str = pa.Field(description="Rules in force when it was refused.")

    class Config:
        name = "rejected_rows"


class Checks(Table):
    """Results of the data-quality checks of each run."""

    run_id: str = pa.Field(description="Run that evaluated the check.")
    check_name: str = pa.Field(description="Name of the check.")
    scope: str = pa.Field(description="What was looked at: the whole warehouse, a table, a publisher, a metric code.")
    severity: str = pa.Field(isin=SEVERITIES, description="warn or fail.")
    status: str = pa.Field(isin=CHECK_STATUSES, description="passed, failed or skipped.")
    observed: float = pa.Field(nullable=True, description="What was measured.")
    expected: str = pa.Field(nullable=True, description="What was wanted, as text: <= 0.05.")
    message: str = pa.Field(description="For a reader: what it means and where to look.")
    example: str = pa.Field(nullable=True, description="Where to look first, for a check that failed: a metric_id, a doc_id or a path, and what stands there.")
    owner: str = pa.Field(description="Part of caibao or of the data that a failure points to.")

    class Config:
        name = "checks"
        unique = ["run_id", "check_name", "scope"]


class Batches(Table):
    """What judging each batch cost: its documents are judged together, so that time is known per batch; see slow_documents."""

    batch_id: str = pa.Field(description="Batch, as in documents.batch_id.")
    run_id: str = pa.Field(description="Run that judged it.")
    documents: pl.Int64 = pa.Field(ge=0, description="Documents judged.")
    bytes: pl.Int64 = pa.Field(ge=0, description="Raw bytes read.")
    cpu_seconds: float = pa.Field(ge=0, description="Processor time of reading and judging, over all threads of the process.")

    class Config:
        name = "batches"
        unique = ["batch_id"]


class SlowDocuments(Table):
    """What single documents cost: those likeliest to blame in a batch that took much longer than its size explains, judged once more alone."""

    doc_id: str = pa.Field(description="Document, as in documents.doc_id.")
    batch_id: str = pa.Field(description="Batch it was judged in.")
    run_id: str = pa.Field(description="Run that judged it.")
    cpu_seconds: float = pa.Field(ge=0, description="Processor time of judging it alone; tenths of a second of that any text takes.")

    class Config:
        name = "slow_documents"
        unique = ["doc_id", "batch_id"]


class Runs(Table):
    """One row per run of the pipeline."""

    run_id: str = pa.Field(description="Identifier of the run.")
    started_at: Timestamp = pa.Field(description="UTC.")
    finished_at: Timestamp = pa.Field(nullable=True, description="UTC.")
    versions: str = pa.Field(description="JSON: caibao, rules_version, publishing (hash of the code and SQL that build the tables), python, polars, duckdb, prefect.")
    counts: str = pa.Field(description="JSON: rows per table this run added, documents planned, skipped, rejected.")
    bytes: pl.Int64 = pa.Field(ge=0, description="Raw bytes processed.")
    seconds: float = pa.Field(ge=0, description="Wall time of the work, publish included.")
    flow_run_id: str = pa.Field(nullable=True, description="Prefect flow run; null for a direct run.")

    class Config:
        name = "runs"
        unique = ["run_id"]


