"""process() stage by stage: MB of UTF-8 per CPU second, documents per second, peak memory.

    python -m bench.pipeline [CORPUS.jsonl] [--megabytes 4]

CORPUS has a `text` column; without one the samples are repeated. Run on an idle machine and compare ratios, not seconds.
"""

import argparse
import functools
import resource
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.corpus import make_batch, read_texts
from transforms import pipeline
from warehouse.lexicon import read_lexicon

STAGES = (
    "read_script", "split_blocks", "mark_boilerplate", "describe_documents", "split_turns", "score_blocks", "mark_splices", "judge_blocks",
    "find_repairs", "apply_repairs", "find_mentions", "find_quantities", "resolve_periods", "resolve_metrics",
    "measure_documents", "sign_texts", "split_valid",
)  # fmt: skip


def time_stages(spent: dict[str, float]) -> None:
    """Make every stage that process() calls add its CPU seconds to `spent`."""

    def timed(name: str, stage: Callable) -> Callable:
        @functools.wraps(stage)
        def run(*args, **kwargs):
            began = time.process_time()
            try:
                return stage(*args, **kwargs)
            finally:
                spent[name] = spent.get(name, 0.0) + time.process_time() - began

        return run

    for name in STAGES:
        setattr(pipeline, name, timed(name, getattr(pipeline, name)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", nargs="?", type=Path)
    parser.add_argument("--megabytes", type=float, default=4.0)
    options = parser.parse_args()
    lexicon, texts = read_lexicon(), read_texts(options.corpus)
    pipeline.process(make_batch(texts, 200_000, seed=1), lexicon, "warm-up")
    batch, spent = make_batch(texts, int(options.megabytes * 1e6)), {}
    time_stages(spent)
    began, wall = time.process_time(), time.perf_counter()
    tables = pipeline.process(batch, lexicon, "bench")
    total, wall = time.process_time() - began, time.perf_counter() - wall
    megabytes = batch["byte_count"].sum() / 1e6

    table = Table("stage", "CPU s", "share", "MB per CPU s", title=f"process(): {batch.height:,} documents, {megabytes:.1f} MB")
    for name in STAGES:
        seconds = spent.get(name, 0.0)
        table.add_row(name, f"{seconds:.2f}", f"{seconds / total:.0%}", f"{megabytes / seconds:.1f}" if seconds > 0.005 else "-")
    between = total - sum(spent.values())
    table.add_row("between stages", f"{between:.2f}", f"{between / total:.0%}", "-")
    table.add_row("all", f"{total:.2f}", "100%", f"{megabytes / total:.2f}")
    console = Console()
    console.print(table)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    console.print(f"{batch.height / wall:,.0f} documents/s, {wall:.1f} s wall, peak memory {peak:,.0f} MB, {tables['metrics'].height:,} metrics")


if __name__ == "__main__":
    main()
