"""Measure find_quantities on text: python bench/quantities.py FILE.jsonl[.gz] ... (rows with a `text`)."""

import gzip
import hashlib
import json
import sys
import time
from pathlib import Path

import polars as pl

from schemas.documents import Inputs
from transforms.blocks import split_blocks
from transforms.number_grammar import compile_grammar
from transforms.periods import find_periods
from transforms.quantities import find_figures, find_quantities
from transforms.script import read_script
from warehouse.lexicon import read_lexicon


def read_texts(path: str) -> list[str]:
    opened = gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else Path(path).open(encoding="utf-8")
    with opened as lines:
        return [json.loads(line)["text"] for line in lines]


def make_inputs(texts: list[str]) -> pl.DataFrame:
    rows = [
        {
            "doc_id": hashlib.sha256(f"{index} {text}".encode()).hexdigest()[:16], "source_path": str(index), "byte_count": len(text.encode()),
            "encoding": "utf-8", "source_format": "jsonl", "raw_text": text,
        }
        for index, text in enumerate(texts)
    ]  # fmt: skip
    return Inputs.frame(rows)


def main() -> None:
    lexicon = read_lexicon()
    compile_grammar(lexicon)
    for path in sys.argv[1:]:
        documents = read_script(make_inputs(read_texts(path)), lexicon)
        reading = split_blocks(documents).with_columns(read_text="text")
        size = documents["byte_count"].sum() / 1e6
        find_quantities(documents.head(2), reading.filter(pl.col("doc_id").is_in(documents.head(2)["doc_id"])), lexicon)
        started = time.process_time()
        dates = find_periods(reading, lexicon)
        dated = time.process_time()
        figures = find_figures(documents, reading, dates, lexicon)
        done = time.process_time()
        print(
            f"{Path(path).name}: {size:.1f} MB, {figures.height:,} figures in {done - dated:.2f} CPU s = {size / (done - dated):.1f} MB/s/core; "
            f"periods {dated - started:.2f} s"
        )


if __name__ == "__main__":
    main()
