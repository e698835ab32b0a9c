"""The steps of a run as plain functions: the flow wraps them in tasks, a direct run calls them one after the other."""

import json
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import duckdb
import polars as pl

from schemas.runs import Runs, Sources
from transforms.lexicon import Lexicon
from transforms.pipeline import process
from warehouse.parts import Batch, Plan, write_parts
from warehouse.readers import describe_rejections, read_sources


@dataclass
class Run:
    """One run: what identifies it, and what it has done so far."""

    root: Path
    lexicon: Lexicon
    started_at: datetime
    flow_run_id: str | None = None
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def run_id(self) -> str:
        """Return the name of the run: its start, to the microsecond."""
        return f"run-{self.started_at:%Y%m%dT%H%M%S%f}"


def now() -> datetime:
    """Return the present in UTC, as the tables hold it."""
    return datetime.now(UTC).replace(tzinfo=None)


def process_batch(batch: Batch, root: Path, lexicon: Lexicon, seen_at: datetime) -> dict[str, int]:
    """Judge a batch and write its parts; return rows per table."""
    inputs, rejected = read_sources(batch.sources)
    refused = describe_rejections(rejected, lexicon.rules_version, batch.batch_id, seen_at)
    tables = process(inputs, lexicon, batch.batch_id)
    sources = _list_sources(batch, inputs, refused, lexicon, seen_at)
    return write_parts(root, batch.batch_id, {**tables, "sources": sources, "rejected_documents": refused})


def _list_sources(batch: Batch, inputs: pl.DataFrame, refused: pl.DataFrame, lexicon: Lexicon, seen_at: datetime) -> pl.DataFrame:
    """sources: where each text of the batch was read, and which places held none."""
    hashes = {source.path: source.bytes_hash for source in batch.sources}
    read = [*inputs.select("source_path", "doc_id").iter_rows(), *((path, None) for path in refused["source_path"].unique(maintain_order=True))]
    return Sources.frame([
        {
            "source_path": path, "bytes_hash": hashes.get(path) or hashes[path.rpartition("#")[0]], "doc_id": doc_id,
            "rules_version": lexicon.rules_version, "batch_id": batch.batch_id, "seen_at": seen_at,
        }
        for path, doc_id in read
    ])  # fmt: skip


def record_run(run: Run, plan: Plan) -> None:
    """Write the run's own part: places that hold known texts, inputs that could not be read, and the run itself."""
    finished_at = now()
    refused = describe_rejections(list(plan.rejected), run.lexicon.rules_version, run.run_id, run.started_at)
    copies = Sources.frame([
        {
            "source_path": source.path, "bytes_hash": source.bytes_hash, "doc_id": doc_id,
            "rules_version": run.lexicon.rules_version, "batch_id": run.run_id, "seen_at": run.started_at,
        }
        for source, doc_id in plan.copies
    ])  # fmt: skip
    row = {
        "run_id": run.run_id, "started_at": run.started_at, "finished_at": finished_at, "versions": json.dumps(versions(run.lexicon)),
        "counts": json.dumps(run.counts), "bytes": sum(batch.byte_count for batch in plan.batches),
        "seconds": (finished_at - run.started_at).total_seconds(), "flow_run_id": run.flow_run_id,
    }  # fmt: skip
    write_parts(run.root, run.run_id, {"runs": Runs.frame([row]), "sources": copies, "rejected_documents": refused})


def versions(lexicon: Lexicon) -> dict[str, str]:
    """Return what the results depend on: caibao, its rules, and the libraries."""
    return {
        "caibao": version("caibao"), "rules_version": lexicon.rules_version, "python": platform.python_version(),
        "polars": pl.__version__, "duckdb": duckdb.__version__, "prefect": version("prefect"),
    }  # fmt: skip
