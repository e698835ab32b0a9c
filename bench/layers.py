"""The layers of process() on real articles, each read once: MB of UTF-8 per CPU second.

    python -m bench.layers [FILE.jsonl[.gz] ...] [--keep]

Without files, the articles that stand beside the project; a layer is the stages that a page of docs/design.md describes together.
"""

import argparse
import os
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.corpus import SHARED, make_batch, read_texts
from bench.pipeline import list_stages, measure
from bench.results import keep
from transforms.blocks import split_blocks
from transforms.pipeline import collector_paused
from transforms.quantities import find_quantities
from transforms.script import read_script
from warehouse.lexicon import read_lexicon

LAYERS = {
    "script": ("read_script",),
    "cleaning": ("split_blocks", "mark_boilerplate", "describe_documents", "split_turns", "mark_repetitions", "score_blocks", "mark_splices", "note_holdings", "judge_blocks"),
    "repairs": ("find_repairs", "apply_repairs", "join_passages"),
    "names": ("find_mentions", "find_subjects"),
    "quantities and dates": ("find_quantities",),
    "periods": ("resolve_periods",),
    "metrics": ("resolve_metrics", "number_blocks"),
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
    frames = {file.name.partition(".")[0]: time_whole_frame(file) for file in files}
    table = Table("layer", *corpora, "together", title="MB of UTF-8 per CPU second")
    for row in tabulate(corpora):
        table.add_row(*row)
    Console().print(table)
    Console().print(f"find_quantities over each corpus as one frame: {describe_frames(frames)}")
    if options.keep:
        keep("layers", {"corpora": corpora, "frames": frames})


def time_whole_frame(file: Path) -> dict[str, float]:
    """Return bytes, and CPU seconds of find_quantities over a corpus as one frame: the first time, and once each distinct surface has been read."""
    lexicon = read_lexicon()
    texts = list(read_texts(file))
    documents = read_script(make_batch(texts, sum(len(text.encode()) for text in texts)), lexicon)
    reading = split_blocks(documents).with_columns(read_text="text")
    find_quantities(documents[:1], reading.join(documents[:1], on="doc_id", how="semi"), lexicon)  # compiles the grammar, once a process
    spent = []
    for _ in range(4):
        began = time.process_time()
        with collector_paused():
            find_quantities(documents, reading, lexicon)
        spent.append(time.process_time() - began)
    return {"bytes": int(documents["byte_count"].sum()), "first": spent[0], "again": min(spent[1:])}


def describe_frames(frames: dict[str, dict[str, float]]) -> str:
    """Return the speeds over all corpora, in MB per CPU second."""
    size = sum(frame["bytes"] for frame in frames.values()) / 1e6
    first, again = (size / sum(frame[name] for frame in frames.values()) for name in ("first", "again"))
    return f"{first:.1f} MB a CPU second the first time, {again:.1f} once each distinct surface has been read"


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
