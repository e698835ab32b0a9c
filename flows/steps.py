"""The steps of a run as plain functions: the flow wraps them in tasks, a direct run calls them one after the other."""

import functools
import json
import platform
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import duckdb
import polars as pl

from flows.quality import evaluate_checks, repeat_checks, stop_on_failure
from flows.report import write_report
from flows.summary import Summary, summarise
from flows.workers import count_workers, open_pool, run_jobs
from schemas.runs import Batches, Checks, Runs, SlowDocuments, Sources
from transforms.lexicon import Lexicon
from transforms.pipeline import Tables, process
from warehouse import mirror, publish
from warehouse.decoding import describe_defect
from warehouse.lexicon import read_lexicon
from warehouse.parts import Batch, Plan, WarehouseError, committed, find_store, plan_batches, write_parts, writing
from warehouse.places import Rejection
from warehouse.quarantine import count_refused, read_quarantine
from warehouse.readers import describe_rejections, read_sources

# A handful of bad files in a small folder says nothing about a run; a default limit speaks from this many on.
_FEW = 10
_LIMIT = 0.05  # share of the inputs that one stage may refuse
# A batch takes 4 to 6 CPU seconds per MB, and one or two on top in a process that has just begun. In one that takes more than
# this some document is to blame: the longest and those with most numbers are timed alone, for no longer than the batch took.
_SECONDS_PER_MB, _SECONDS_BESIDE = 15.0, 5.0
_SUSPECTS = 3  # of each kind


class RejectedError(RuntimeError):
    """Too many inputs were refused, and nothing was published."""


@dataclass(frozen=True)
class Settings:
    """What a run was asked to do."""

    places: tuple[str, ...]
    root: Path
    lexicon_folder: Path | None = None
    text_column: str | None = None
    max_rejected: float | dict[str, float] | None = None  # for every stage, or stage -> share
    workers: int | None = None
    wait_seconds: float = 0
    parts: str | None = None  # address of the object store for the parts, where they do not lie in root alone
    dask: str | None = None  # address of the Dask scheduler whose workers judge the batches


@dataclass(frozen=True)
class Run:
    """One run: what it was asked, by which rules, since when."""

    settings: Settings
    rules_version: str
    started_at: datetime
    flow_run_id: str | None = None

    @property
    def run_id(self) -> str:
        """Return the name of the run: its start, to the microsecond."""
        return f"run-{self.started_at:%Y%m%dT%H%M%S%f}"

    @property
    def lexicon(self) -> Lexicon:
        """Return the lexicon the run was started with."""
        return _load_lexicon(self.settings.lexicon_folder, self.rules_version)


def now() -> datetime:
    """Return the present in UTC, as the tables hold it."""
    return datetime.now(UTC).replace(tzinfo=None)


def run_directly(settings: Settings, tell: Callable[[str, int, int], None] = lambda *_: None) -> Summary:
    """Do the whole run without Prefect; `tell` hears what is being done, how far it is, and out of how much."""
    with writing(settings.root, settings.wait_seconds):
        run = start_run(settings)
        tell("plan", 0, 0)
        return carry_out(run, plan_run(run), tell)


def carry_out(run: Run, plan: Plan, tell: Callable[[str, int, int], None]) -> Summary:
    """Judge what the plan names where the settings say, and publish."""
    tell("batches", 0, len(plan.batches))
    jobs = [functools.partial(process_batch, run, batch) for batch in plan.batches]
    counts = []
    with open_pool(count_workers(len(jobs), run.settings.workers), run.settings.dask if jobs else None) as pool:
        for counted in run_jobs(jobs, pool):
            counts.append(counted)
            tell("batches", len(counts), len(jobs))
    tell("publish", 0, 0)
    summary = publish_run(run, plan, counts)
    write_report(summary)
    return summary


def start_run(settings: Settings, flow_run_id: str | None = None) -> Run:
    """Return a run that begins now, with the rules as they are now. Only under the lock."""
    settings = replace(settings, parts=find_store(settings.root, settings.parts))
    if settings.parts:
        mirror.pull(settings.parts, settings.root)
    return Run(settings, _load_lexicon(settings.lexicon_folder).rules_version, now(), flow_run_id)


def plan_run(run: Run) -> Plan:
    """Return what there is to do."""
    return plan_batches(run.settings.places, run.settings.root, run.rules_version, run.settings.text_column)


def process_batch(run: Run, batch: Batch) -> dict[str, int]:
    """Judge a batch and write its parts; return rows per table. Doing it again changes nothing."""
    began = time.process_time()
    reading = read_sources(batch.sources)
    tables, defects = judge_inputs(reading.inputs, run.lexicon, batch.batch_id)
    spent = time.process_time() - began
    cost, slow = _describe_batch(run, batch, tables, spent), _time_suspects(run, batch, reading.inputs, tables, spent)
    broken = {rejection.bytes_hash: rejection for rejection in defects}  # every place that holds the text, with the hash of its file
    defects = [replace(broken[doc_id], source_path=path, bytes_hash=bytes_hash) for path, bytes_hash, doc_id in reading.places if doc_id in broken]
    refused = describe_rejections([*reading.rejected, *defects], run.rules_version, batch.batch_id, run.started_at)
    places = [(path, bytes_hash, None if doc_id in broken else doc_id) for path, bytes_hash, doc_id in reading.places]
    places += [(rejection.source_path, rejection.bytes_hash, None) for rejection in reading.rejected]
    sources = _describe_places(places, run, batch.batch_id)
    return write_parts(run.settings.parts or run.settings.root, batch.batch_id, {**tables, "sources": sources, "rejected_documents": refused, "batches": cost, "slow_documents": slow})


def judge_inputs(inputs: pl.DataFrame, lexicon: Lexicon, batch_id: str) -> tuple[Tables, list[Rejection]]:
    """Return the tables of the inputs, and which inputs a stage failed on: a defect costs the text that shows it, not its batch."""
    if inputs.is_empty():
        return {}, []
    try:
        return process(inputs, lexicon, batch_id), []
    except (Exception, pl.exceptions.PanicException) as error:  # noqa: BLE001 - whatever it is, it is recorded with its place
        if inputs.height == 1:
            return {}, [_describe_defect(inputs.row(0, named=True), error)]
    half = inputs.height // 2
    first, first_defects = judge_inputs(inputs[:half], lexicon, batch_id)
    second, second_defects = judge_inputs(inputs[half:], lexicon, batch_id)
    tables = {name: pl.concat([part[name] for part in (first, second) if name in part]) for name in first | second}
    return tables, first_defects + second_defects


def publish_run(run: Run, plan: Plan, counts: Iterable[dict[str, int]]) -> Summary:
    """Record the run, build the database, hold it against the checks, and put it in place; return what to tell.

    Where nothing is new since the last run, its database and the results of its checks stand.
    """
    root, batches = run.settings.root, [batch.batch_id for batch in plan.batches]
    rows = {name: sum(count.get(name, 0) for count in counts) for name in sorted({name for count in counts for name in count})}
    refused = describe_rejections(plan.rejected, run.rules_version, run.run_id, run.started_at)
    copies = _describe_places([(source.path, source.bytes_hash, doc_id) for source, doc_id in plan.copies], run, run.run_id)
    _keep_parts(run, {"sources": copies, "rejected_documents": refused})
    _gather_parts(run, batches)
    places, refused_now = count_refused(root, plan)
    _stop_on_rejections(run, places, refused_now)
    rows["rejected_documents"] = rows.get("rejected_documents", 0) + refused.height
    is_news = bool(batches or plan.copies or plan.rejected) or not publish.holds_all(
        root, json.dumps(versions(run.rules_version)), run.lexicon["quality_checks"]
    )
    with publish.build(root, run.lexicon) if is_news else publish.reopen(root) as con:
        checks = evaluate_checks(con, run.lexicon["quality_checks"], run.run_id) if is_news else repeat_checks(con, run.run_id)
        record = _describe_run(run, plan, rows)
        _keep_parts(run, {"sources": copies, "rejected_documents": refused, "runs": record, "checks": checks})
        publish.append(con, Checks, checks)
        publish.append(con, Runs, record)
        stop_on_failure(checks)
        return summarise(con, root, record.row(0, named=True), batches, plan, sum(refused_now.values()), is_news)


def _keep_parts(run: Run, tables: Tables) -> None:
    """Write what the run itself has to say, to its folder and to the object store if there is one."""
    for place in (run.settings.root, run.settings.parts):
        if place:
            write_parts(place, run.run_id, tables)


def _gather_parts(run: Run, batches: Iterable[str]) -> None:
    """Fetch the batches from the object store, and make sure that all are there: workers may have written to a disk of their own."""
    if run.settings.parts:
        mirror.pull(run.settings.parts, run.settings.root, anew=batches)
    lacking = set(batches) - set(committed(run.settings.root))
    if lacking:
        raise WarehouseError(
            f"{len(lacking)} batches were judged, but their parts are not in {run.settings.root}: the workers wrote to disks of their own. "
            "Give all of them an object store: --parts s3://BUCKET/FOLDER"
        )


def versions(rules_version: str) -> dict[str, str]:
    """Return what the results depend on: caibao, its rules, the code that publishes, and the libraries."""
    return {
        "caibao": version("caibao"), "rules_version": rules_version, "publishing": publish.code_version(), "python": platform.python_version(),
        "polars": pl.__version__, "duckdb": duckdb.__version__, "prefect": version("prefect"),
    }  # fmt: skip


@functools.lru_cache(maxsize=2)
def _load_lexicon(folder: Path | None, rules_version: str | None = None) -> Lexicon:
    """Return the lexicon, read once per process. Raises RuntimeError if its files changed since the run began."""
    lexicon = read_lexicon(folder)
    if rules_version not in (None, lexicon.rules_version):
        raise RuntimeError("The lexicon or the code changed while the run was going on. Run again: what is done is kept.")
    return lexicon


def _describe_places(places: Iterable[tuple[str, str | None, str | None]], run: Run, batch_id: str) -> pl.DataFrame:
    """sources: where each text was read, and which places held none."""
    return Sources.frame([
        {
            "source_path": path, "bytes_hash": bytes_hash, "doc_id": doc_id,
            "rules_version": run.rules_version, "batch_id": batch_id, "seen_at": run.started_at,
        }
        for path, bytes_hash, doc_id in dict((place[0], place) for place in places).values()
    ])  # fmt: skip


def _describe_batch(run: Run, batch: Batch, tables: Tables, cpu_seconds: float) -> pl.DataFrame:
    """batches: the row of this batch."""
    documents = tables["documents"].height if tables else 0
    return Batches.frame([{"batch_id": batch.batch_id, "run_id": run.run_id, "documents": documents, "bytes": batch.byte_count, "cpu_seconds": cpu_seconds}])


def _time_suspects(run: Run, batch: Batch, inputs: pl.DataFrame, tables: Tables, cpu_seconds: float) -> pl.DataFrame:
    """slow_documents: what single documents of a batch cost that took `cpu_seconds`; no row where its size explains that."""
    if not tables or cpu_seconds <= _SECONDS_BESIDE + _SECONDS_PER_MB * batch.byte_count / 1e6:
        return SlowDocuments.empty()
    judged = inputs.select("doc_id", characters=pl.col("raw_text").str.len_chars()).join(tables["documents"].select("doc_id"), on="doc_id", how="semi")
    numbers = tables["quantities"].group_by("doc_id").agg(numbers=pl.len())
    ranked = judged.join(numbers, on="doc_id", how="left").sort("characters", "doc_id", descending=[True, False])
    longest, fullest = (ranked.sort(column, descending=True, nulls_last=True, maintain_order=True)["doc_id"].head(_SUSPECTS) for column in ("characters", "numbers"))
    rows, began = [], time.process_time()
    for doc_id in dict.fromkeys([*longest, *fullest]):
        started = time.process_time()
        if started - began < cpu_seconds:
            process(inputs.filter(pl.col("doc_id") == doc_id), run.lexicon, batch.batch_id)
            rows.append({"doc_id": doc_id, "batch_id": batch.batch_id, "run_id": run.run_id, "cpu_seconds": time.process_time() - started})
    return SlowDocuments.frame(rows)


def _describe_run(run: Run, plan: Plan, rows: dict[str, int]) -> pl.DataFrame:
    """runs: the row of this run."""
    finished_at = now()
    return Runs.frame([{
        "run_id": run.run_id, "started_at": run.started_at, "finished_at": finished_at, "versions": json.dumps(versions(run.rules_version)),
        "counts": json.dumps({"skipped": plan.skipped, "copies": len(plan.copies), **rows}),
        "bytes": sum(batch.byte_count for batch in plan.batches), "seconds": (finished_at - run.started_at).total_seconds(),
        "flow_run_id": run.flow_run_id,
    }])  # fmt: skip


def _describe_defect(document: dict, error: BaseException) -> Rejection:
    """Return the rejection of a text on which a stage failed; its doc_id stands for the hash of the bytes."""
    return Rejection(document["source_path"], document["doc_id"], "process", *describe_defect(error))


def _stop_on_rejections(run: Run, places: int, refused: dict[str, int]) -> None:
    """Raise RejectedError if a stage refused more inputs than its limit allows."""
    asked = run.settings.max_rejected
    for stage, count in refused.items():
        limit = asked.get(stage) if isinstance(asked, dict) else asked
        if count <= (_LIMIT if limit is None else limit) * places or (limit is None and count < _FEW):
            continue
        first = read_quarantine(run.settings.root).filter(pl.col("stage") == stage).sort("rejected_at", "source_path", descending=[True, False]).row(0, named=True)
        raise RejectedError(
            f"{count} of {places} inputs were refused by the stage {stage}, more than {_LIMIT if limit is None else limit:.0%}: nothing was published. "
            f"One of them: {first['source_path']}: {first['reason']} All of them: caibao quarantine list. "
            f"To publish the rest all the same: --max-rejected {stage}=1."
        )
