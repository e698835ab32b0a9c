"""process() stage by stage: MB of UTF-8 per CPU second, documents per second, peak memory, and a flame graph.

    python -m bench.pipeline [finance | mixed | samples | FILE.jsonl] [--megabytes 8] [--keep]

Ratios and CPU seconds are comparable between runs of one machine; wall time is not, where others use it.
"""

import argparse
import functools
import inspect
import os
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

import transforms
from bench.corpus import make_batch, read_corpus
from bench.results import keep, read_peak
from bench.sampler import draw_flames, sampling
from transforms import pipeline
from warehouse.lexicon import read_lexicon
from warehouse.parts import BATCH_BYTES

FLAMES = Path(__file__).resolve().parent.parent / "docs" / "images" / "flames.svg"


def list_stages() -> list[str]:
    """Return the names of the stages that process() and clean() call, in their order: whatever they import from the transforms."""
    called = inspect.getsource(pipeline.clean) + inspect.getsource(pipeline.process)
    stages = [name for name, value in vars(pipeline).items() if inspect.isfunction(value) and value.__module__.startswith(transforms.__name__) and value.__module__ != pipeline.__name__]
    return sorted((name for name in stages if f"{name}(" in called), key=lambda name: called.index(f"{name}("))


def time_stages(spent: dict[str, float]) -> Callable[[], None]:
    """Make every stage that process() calls add its CPU seconds to `spent`; return what undoes it."""
    stages = {name: getattr(pipeline, name) for name in list_stages()}

    def timed(name: str, stage: Callable) -> Callable:
        @functools.wraps(stage)
        def run(*args, **kwargs):
            began = time.process_time()
            try:
                return stage(*args, **kwargs)
            finally:
                spent[name] = spent.get(name, 0.0) + time.process_time() - began

        return run

    for name, stage in stages.items():
        setattr(pipeline, name, timed(name, stage))
    return lambda: [setattr(pipeline, name, stage) for name, stage in stages.items()] and None


def measure(corpus: str, megabytes: float) -> dict:
    """Return the figures of process() over batches of a run's size, each of texts not seen before."""
    lexicon, texts = read_lexicon(), read_corpus(corpus)
    pipeline.process(make_batch(texts, 200_000), lexicon, "warm-up")
    spent, stages = {}, list_stages()
    undo = time_stages(spent)
    documents = metrics = size = skip = 0
    total = wall = 0.0
    while size < megabytes * 1e6:
        batch = make_batch(texts, min(BATCH_BYTES, int(megabytes * 1e6) - size), skip)
        began, started = time.process_time(), time.perf_counter()
        tables = pipeline.process(batch, lexicon, "bench")
        total, wall = total + time.process_time() - began, wall + time.perf_counter() - started
        skip, size = skip + batch.height, size + int(batch["byte_count"].sum())
        documents, metrics = documents + batch.height, metrics + tables["metrics"].height
    undo()
    return {
        "corpus": corpus, "bytes": size, "documents": documents, "metrics": metrics, "batch_bytes": BATCH_BYTES, "cpu_seconds": total, "seconds": wall,
        "stages": {name: spent.get(name, 0.0) for name in stages}, "peak_mb": read_peak(),
    }  # fmt: skip


def sample(corpus: str, megabytes: float) -> str:
    """Return the flame graph of process()."""
    lexicon, texts = read_lexicon(), read_corpus(corpus)
    batch = make_batch(texts, int(megabytes * 1e6))
    with sampling() as counts:
        pipeline.process(batch, lexicon, "bench")
    return draw_flames(counts, f"process(): {batch.height} documents, {megabytes:g} MB, {corpus}")


def show(figures: dict) -> Table:
    """Return the figures as a table for the terminal."""
    megabytes, total = figures["bytes"] / 1e6, figures["cpu_seconds"]
    table = Table("stage", "CPU s", "share", "MB per CPU s", title=f"process(): {figures['documents']:,} documents, {megabytes:.1f} MB, {figures['corpus']}")
    for name, seconds in figures["stages"].items():
        table.add_row(name, f"{seconds:.2f}", f"{seconds / total:.0%}", f"{megabytes / seconds:.1f}" if seconds > 0.005 else "-")
    table.add_row("all", f"{total:.2f}", "100%", f"{megabytes / total:.2f}")
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", nargs="?", default="finance")
    parser.add_argument("--megabytes", type=float, default=8.0)
    parser.add_argument("--keep", action="store_true", help="write the figures and the flame graph for docs/performance.md")
    options = parser.parse_args()
    # as the processes of a run have it (flows.workers); polars looks when it first computes
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    figures = measure(options.corpus, options.megabytes)
    console = Console()
    console.print(show(figures))
    console.print(f"{figures['documents'] / figures['cpu_seconds']:,.0f} documents per CPU s, peak memory {figures['peak_mb']:,.0f} MB, {figures['metrics']:,} metrics")
    if options.keep:
        keep(f"stages_{options.corpus}", figures)
        if options.corpus == "finance":
            FLAMES.parent.mkdir(exist_ok=True)
            FLAMES.write_text(sample(options.corpus, min(options.megabytes, 2)), encoding="utf-8")


if __name__ == "__main__":
    main()
