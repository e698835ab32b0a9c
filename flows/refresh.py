"""The run: plan, batches, publish, report."""

from collections.abc import Callable, Iterable
from pathlib import Path

from flows.steps import Run, now, process_batch, record_run
from warehouse import publish
from warehouse.lexicon import read_lexicon
from warehouse.parts import plan_batches, writing


def run_directly(places: Iterable[str], root: Path, lexicon_folder: Path | None = None, text_column: str | None = None, tell: Callable[..., None] = lambda *_: None) -> Run:
    """Do the whole run in this process, without Prefect; return what it did. `tell` hears (batches done, batches in all)."""
    with writing(root):
        run = Run(root, read_lexicon(lexicon_folder), now())
        plan = plan_batches(places, root, run.lexicon.rules_version, text_column)
        for done, batch in enumerate(plan.batches):
            tell(done, len(plan.batches))
            for table, rows in process_batch(batch, root, run.lexicon, run.started_at).items():
                run.counts[table] = run.counts.get(table, 0) + rows
        record_run(run, plan)
        with publish.build(root, run.lexicon):
            pass
    return run
