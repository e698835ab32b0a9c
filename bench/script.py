"""simplify() against the package it is equal to, in one run: one line with the ratio.

    python -m bench.script [CORPUS.jsonl] [--megabytes 1]

CORPUS has a `text` column; without one the samples are repeated. The package is pure Python, so a megabyte is enough.
"""

import argparse
import time
from pathlib import Path

import polars as pl
from opencc import OpenCC

from bench.corpus import read_texts
from transforms.script import simplify


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", type=Path, nargs="?")
    parser.add_argument("--megabytes", type=float, default=1)
    arguments = parser.parse_args()
    texts = _take(read_texts(arguments.corpus), int(arguments.megabytes * 1e6))
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    package = OpenCC("t2s")

    ours = _time(lambda: pl.DataFrame({"text": texts}).select(simplify(pl.col("text"))), repeat=5)
    theirs = _time(lambda: [package.convert(text) for text in texts], repeat=1)
    print(
        f"simplify {megabytes / ours:.1f} MB/s, opencc-python-reimplemented t2s {megabytes / theirs:.2f} MB/s of CPU time: "
        f"{theirs / ours:.0f} times as fast on {megabytes:.1f} MB"
    )


def _take(texts: list[str], size: int) -> list[str]:
    """Return texts, repeated if need be, of at least `size` bytes."""
    taken, total = [], 0
    while total < size:
        for text in texts:
            taken.append(text)
            total += len(text.encode())
            if total >= size:
                break
    return taken


def _time(work, repeat: int) -> float:
    """Return the least CPU seconds of several runs."""
    spent = []
    for _ in range(repeat):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return min(spent)


if __name__ == "__main__":
    main()
