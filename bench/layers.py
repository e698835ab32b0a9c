"""The layers of process() on real articles, each read once: MB of UTF-8 per CPU second.

    python -m bench.layers [FILE.jsonl[.gz] ...] [--keep]

Without files, the articles that stand beside the project; a layer is the stages that a page of docs/design.md describes together.
"""

import argparse
import os
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.corpus import SHARED, read_texts
from bench.pipeline import list_stages, measure
from bench.results import keep

LAYERS = {
    "script": ("read_script",),
    "cleaning": ("split_blocks", "mark_boilerplate", "describe_documents", "split_turns", "mark_repetitions", "score_blocks", "mark_splices", "note_holdings", "judge_blocks"),
    "repairs": ("find_repairs", "apply_repairs"),
    "names": ("find_mentions",),
    "quantities and dates": ("find_quantities",),
    "periods": ("resolve_periods",),
    "metrics": ("resolve_metrics",),
    "fingerprints and validation": ("measure_documents", "sign_texts", "split_valid"),
}


def group(stages: dict[str, float]) -> dict[str, float]:
    """Return the CPU seconds of each layer. Raises ValueError where a stage belongs to none."""
    lost = set(list_stages()) - {stage for names in LAYERS.values() for stage in names}
    if lost:
        raise ValueError(f"bench.layers.LAYERS has no layer for {', '.join(sorted(lost))}")
    return {layer: sum(stages[name] for name in names) for layer, names in LAYERS.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--keep", action="store_true", help="write the figures for docs/performance.md")
    options = parser.parse_args()
    files = options.files or sorted(SHARED.glob("*.jsonl*"))
    if not files:
        parser.error(f"there are no articles in {SHARED.name}: name a file with a column `text`")
    # as the processes of a run have it (flows.workers)
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    corpora = {}
    for file in files:
        size = sum(len(text.encode()) for text in read_texts(file)) / 1e6
        figures = measure(str(file), size)
        corpora[file.name.partition(".")[0]] = {"bytes": figures["bytes"], "cpu_seconds": figures["cpu_seconds"], "layers": group(figures["stages"])}
    table = Table("layer", *corpora, "together", title="MB of UTF-8 per CPU second")
    for row in tabulate(corpora):
        table.add_row(*row)
    Console().print(table)
    if options.keep:
        keep("layers", {"corpora": corpora})


def tabulate(corpora: dict[str, dict]) -> list[tuple[str, ...]]:
    """Return a row for each layer, and one for all: its speed on each corpus and on all of them."""
    whole = sum(corpus["bytes"] for corpus in corpora.values()) / 1e6
    rows = []
    for layer in LAYERS:
        speeds = [corpus["bytes"] / 1e6 / corpus["layers"][layer] for corpus in corpora.values()]
        rows.append((layer, *(f"{speed:.1f}" for speed in speeds), f"{whole / sum(corpus['layers'][layer] for corpus in corpora.values()):.1f}"))
    speeds = [corpus["bytes"] / 1e6 / corpus["cpu_seconds"] for corpus in corpora.values()]
    return [*rows, ("all", *(f"{speed:.2f}" for speed in speeds), f"{whole / sum(corpus['cpu_seconds'] for corpus in corpora.values()):.2f}")]


if __name__ == "__main__":
    main()
