"""Names and speakers: MB of UTF-8 per CPU second of the alias pass, of find_mentions and of split_turns.

    python -m bench.mentions [CORPUS.jsonl] [--megabytes 8]

CORPUS has a `text` column; without one the samples are repeated.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

from bench.corpus import make_batch, read_texts
from schemas.blocks import Marks, Repairs
from transforms.aliases import find_aliases
from transforms.blocks import split_blocks
from transforms.mentions import find_mentions
from transforms.script import read_script
from transforms.turns import split_turns
from warehouse.lexicon import read_lexicon


def measure(megabytes: float, stage: Callable[[], object]) -> float:
    """Return MB per CPU second of the second of two runs: the first compiles the lexicon."""
    stage()
    began = time.process_time()
    stage()
    return megabytes / (time.process_time() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", nargs="?", type=Path)
    parser.add_argument("--megabytes", type=float, default=8.0)
    options = parser.parse_args()
    lexicon = read_lexicon()
    batch = make_batch(read_texts(options.corpus), int(options.megabytes * 1e6))
    documents = read_script(batch, lexicon)
    blocks = split_blocks(documents)
    reading = blocks.with_columns(read_text=pl.col("text"))
    megabytes = batch["byte_count"].sum() / 1e6
    for name, stage in (
        ("find_aliases", lambda: find_aliases(reading["read_text"], lexicon)),
        ("find_mentions", lambda: find_mentions(documents, reading, Repairs.empty(), lexicon)),
        ("split_turns", lambda: split_turns(blocks, Marks.empty(), lexicon)),
    ):
        print(f"{name:14} {measure(megabytes, stage):6.1f} MB/s")


if __name__ == "__main__":
    main()
