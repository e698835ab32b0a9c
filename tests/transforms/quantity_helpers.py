"""What the tests of quantities share: texts in, rows out."""

import functools
import hashlib

import polars as pl

from schemas.documents import Inputs
from transforms.blocks import split_blocks
from transforms.lexicon import Lexicon
from transforms.quantities import find_quantities
from transforms.script import read_script
from warehouse.lexicon import read_lexicon


@functools.cache
def lexicon() -> Lexicon:
    return read_lexicon()


def frames(texts: list[str]) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return documents, reading and quantities of the texts, one document each; source_path is the text's number."""
    rows = [
        {
            "doc_id": hashlib.sha256(f"{number} {text}".encode()).hexdigest()[:16], "source_path": str(number), "byte_count": len(text.encode()),
            "encoding": "utf-8", "source_format": "txt", "raw_text": text,
        }
        for number, text in enumerate(texts)
    ]  # fmt: skip
    documents = read_script(Inputs.frame(rows), lexicon())
    reading = split_blocks(documents).with_columns(read_text="text")
    return documents, reading, find_quantities(documents, reading, lexicon())


def find(texts: list[str]) -> list[list[dict]]:
    """Return the quantities of each text as rows in the order of the text."""
    documents, _, quantities = frames(texts)
    numbers = dict(documents.select("doc_id", "source_path").iter_rows())
    found: list[list[dict]] = [[] for _ in texts]
    for row in quantities.sort("doc_id", "start_char").iter_rows(named=True):
        found[int(numbers[row["doc_id"]])].append(row)
    return found
