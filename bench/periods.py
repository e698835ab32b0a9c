"""Measure find_periods and resolve_periods on text: python bench/periods.py FILE.jsonl[.gz] ... (rows with a `text`)."""

import sys
import time
from pathlib import Path

import polars as pl
from quantities import make_inputs, read_texts

from schemas.quantities import Mentions, Quantities
from transforms.blocks import split_blocks
from transforms.periods import find_periods, resolve_periods
from transforms.script import read_script
from warehouse.lexicon import read_lexicon


def main() -> None:
    lexicon = read_lexicon()
    for path in sys.argv[1:]:
        documents = read_script(make_inputs(read_texts(path)), lexicon)
        reading = split_blocks(documents).with_columns(read_text="text")
        size = documents["byte_count"].sum() / 1e6
        find_periods(reading.head(2), lexicon)  # compiles the rules
        started = time.process_time(), time.perf_counter()
        found = find_periods(reading, lexicon)
        found_at = time.process_time(), time.perf_counter()
        quantities = Quantities.select(found.with_columns(quote="surface", is_ambiguous=pl.lit(False)))
        resolve_periods(quantities, documents, reading, Mentions.empty(), lexicon)
        done = time.perf_counter()
        print(
            f"{Path(path).name}: {size:.1f} MB, {found.height:,} periods; find {size / (found_at[0] - started[0]):.1f} MB/s/core, "
            f"{size / (found_at[1] - started[1]):.1f} MB/s wall; resolve {done - found_at[1]:.2f} s"
        )


if __name__ == "__main__":
    main()
