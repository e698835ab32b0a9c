"""The flow: plan, batches, publish, report. Each step is a task over a plain function of flows.steps."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeVar

from prefect import flow, get_run_logger, task
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.cache_policies import NO_CACHE
from prefect.context import FlowRunContext
from prefect.futures import as_completed
from prefect.runtime import flow_run
from prefect.states import Completed, State
from prefect.task_runners import ThreadPoolTaskRunner

from flows.alerts import announce_failing
from flows.prefect_home import pages_address
from flows.quality import QualityError
from flows.report import list_failing_checks, render_report, say_checks, write_report
from flows.steps import Run, Settings, plan_run, process_batch, publish_run, start_run
from flows.summary import Summary
from flows.workers import Pool, count_workers, needing_cluster, open_pool
from warehouse.parts import Batch, Plan, writing

T = TypeVar("T")


def name_run() -> str:
    """Return the run's name in the UI: its first source, and how many more there are."""
    first, *more = flow_run.parameters["sources"]
    return f"{first} and {len(more)} more" if more else str(first)


@flow(name="refresh", flow_run_name=name_run)
def refresh(
    sources: list[str],
    warehouse: Path = Path("warehouse/data"),
    lexicon: Path | None = None,
    text_column: str | None = None,
    max_rejected: float | dict[str, float] | None = None,
    workers: int | None = None,
    wait_seconds: float = 0,
    parts: str | None = None,
    dask: str | None = None,
) -> State:
    """Judge what is new in `sources` and publish; Quarantined where inputs or rows were set aside, failed past the limit."""
    with writing(warehouse, wait_seconds):
        run = start_run(Settings(tuple(sources), warehouse, lexicon, text_column, max_rejected, workers, wait_seconds, parts, dask), flow_run.id)
        plan = plan_inputs(run)
        counts = process_batches(run, plan)
        summary = publish(run, plan, counts)
        report(summary)
    return conclude(summary)


@task(name="plan", cache_policy=NO_CACHE)
def plan_inputs(run: Run) -> Plan:
    """List the inputs and group what is new."""
    plan = plan_run(run)
    get_run_logger().info("%d batches; %d inputs known, %d unreadable, %d other files", len(plan.batches), plan.skipped, len(plan.rejected), plan.passed_over)
    return plan


def process_batches(run: Run, plan: Plan) -> list[dict[str, int]]:
    """Judge all batches, a task run each; the work itself is done where the settings say."""
    progress = Progress(len(plan.batches))
    with _open_pool(run, len(plan.batches)) as pool:
        if pool is None:
            return [progress.count(process(run, batch, None)) for batch in plan.batches]
        # a thread per batch in hand: it waits for a worker and keeps the task run
        with ThreadPoolTaskRunner(max_workers=pool.busy) as runner:
            futures = [runner.submit(process, {"run": run, "batch": batch, "pool": pool}) for batch in plan.batches]
            for future in as_completed(futures):
                progress.count(future)
            return [future.result() for future in futures]


def _open_pool(run: Run, batches: int) -> AbstractContextManager[Pool | None]:
    """Give the workers for so many batches: those of a Dask cluster where an address or the flow's task runner names one."""
    runner = FlowRunContext.get().task_runner
    if not batches or (run.settings.dask is None and isinstance(runner, ThreadPoolTaskRunner)):
        return open_pool(count_workers(batches, run.settings.workers))
    with needing_cluster():
        from flows.task_runners import join_runner
    return join_runner(runner, run.settings.dask)


class Progress:
    """The run's progress as an artifact that moves while batches are judged; runs of few batches go without."""

    _FEWEST = 5

    def __init__(self, total: int):
        self._done, self._total = 0, total
        self._artifact = create_progress_artifact(0.0, key="progress", description=f"Batches judged, of {total}.") if total >= self._FEWEST else None

    def count(self, finished: T) -> T:
        """Move on by one batch where that shows as another percent; return what was finished."""
        self._done += 1
        if self._artifact and 100 * self._done // self._total > 100 * (self._done - 1) // self._total:
            update_progress_artifact(self._artifact, 100 * self._done / self._total)
        return finished


@task(name="batch", task_run_name="batch {batch.batch_id}", cache_policy=NO_CACHE, retries=1)
def process(run: Run, batch: Batch, pool: Pool | None) -> dict[str, int]:
    """Judge one batch and write its parts."""
    rows = pool.executor.submit(process_batch, run, batch).result() if pool else process_batch(run, batch)
    get_run_logger().info("%d documents, %d metrics, %d rows rejected", rows.get("documents", 0), rows.get("metrics", 0), rows.get("rejected_rows", 0))
    return rows


@task(cache_policy=NO_CACHE)
def publish(run: Run, plan: Plan, counts: list[dict[str, int]]) -> Summary:
    """Build the database beside the published one, check it, swap it in."""
    try:
        return publish_run(run, plan, counts)
    except QualityError as error:
        announce_failing(error.failing, run.run_id)
        raise


@task(cache_policy=NO_CACHE)
def report(summary: Summary) -> None:
    """Leave the report in the warehouse and as artifacts."""
    write_report(summary)
    pages = pages_address()
    create_markdown_artifact(render_report(summary, pages), key="report", description="What the run read, removed, found and doubts.")
    announce_failing(summary.failed_checks, summary.run["run_id"])
    if failing := list_failing_checks(summary, pages):
        create_table_artifact(failing, key="failing-checks", description="Checks that did not pass, what is new first. Links lead to the figure while `caibao ui` or `caibao serve` is running.")


def conclude(summary: Summary) -> State:
    """Return the run's final state; its data is what the caller needs to tell the user."""
    rows = summary.counts.get("rejected_rows", 0)
    message = f"{summary.refused} inputs, {rows} rows set aside, {say_checks(summary)}" if summary.state == "Quarantined" else f"{summary.read} documents, {say_checks(summary)}"
    return Completed(name=summary.state, message=message, data=summary)
