"""Speed of the splice detector: MB of UTF-8 per CPU second, in batches and one document at a time.

    python -m bench.splices [CORPUS.jsonl] [--megabytes 4]
"""

import argparse
import time
from pathlib import Path

import polars as pl

from bench.corpus import make_batch, read_texts
from transforms.blocks import split_blocks
from transforms.documents import describe_documents
from transforms.marks import mark_boilerplate
from transforms.script import read_script
from transforms.splices import mark_splices, score_blocks
from transforms.turns import split_turns
from warehouse.lexicon import read_lexicon


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", nargs="?", type=Path)
    parser.add_argument("--megabytes", type=float, default=4.0)
    options = parser.parse_args()
    lexicon = read_lexicon()
    documents = read_script(make_batch(read_texts(options.corpus), int(options.megabytes * 1e6)), lexicon)
    blocks = split_blocks(documents)
    marks = mark_boilerplate(blocks, lexicon)
    documents = describe_documents(documents, blocks, marks, lexicon)
    turns = split_turns(blocks, marks, lexicon)

    def run(chosen: pl.DataFrame) -> float:
        tables = [frame.join(chosen.select("doc_id"), on="doc_id", how="semi") for frame in (blocks, marks, turns)]
        began = time.process_time()
        scored = score_blocks(chosen, tables[0], tables[1], lexicon)
        mark_splices(chosen, scored, tables[1], tables[2], lexicon)
        return time.process_time() - began

    run(documents.head(2))
    for name, size in (("batches of 256", 256), ("batches of 64", 64), ("one by one", 1)):
        chosen = documents if size > 1 else documents.head(100)
        spent = sum(run(chosen[at : at + size]) for at in range(0, chosen.height, size))
        megabytes = chosen["raw_text"].str.len_bytes().sum() / 1e6
        print(f"{name:>15}: {megabytes / spent:5.2f} MB/s, {chosen.height / spent:7.0f} documents/s over {megabytes:.2f} MB")


if __name__ == "__main__":
    main()
