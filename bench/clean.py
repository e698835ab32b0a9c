"""Measure the cleaning stages in CPU seconds: python bench/clean.py FILE.jsonl[.gz] ... (rows with a `text`)."""

import sys
import time

from bench.quantities import make_inputs, read_texts
from schemas.blocks import Turns
from transforms.blocks import judge_blocks, split_blocks
from transforms.marks import mark_boilerplate
from transforms.script import read_script
from warehouse.lexicon import read_lexicon


def main() -> None:
    lexicon = read_lexicon()
    for path in sys.argv[1:]:
        documents = read_script(make_inputs(read_texts(path)), lexicon)
        megabytes = documents["byte_count"].sum() / 1e6
        started = time.process_time()
        blocks = split_blocks(documents)
        split = time.process_time()
        marks = mark_boilerplate(blocks, lexicon)
        marked = time.process_time()
        kept = judge_blocks(blocks, marks, Turns.empty())
        judged = time.process_time()
        print(
            f"{path}: {megabytes:.1f} MB, split {megabytes / (split - started):.1f}, mark {megabytes / (marked - split):.1f}, "
            f"judge {megabytes / (judged - marked):.1f}, together {megabytes / (judged - started):.2f} MB/s; "
            f"{kept.height} blocks, {kept.filter(~kept['is_kept']).height} dropped"
        )


if __name__ == "__main__":
    main()
