"""A stage that gets much slower is seen: process() against fixed work in the same process, as a ratio that no machine changes much.

What is allowed lies 40 % above what was measured last: that does not flake on a busy machine, and a stage that doubles the cost is
seen. When process() has become faster, lower it: `python -m tests.bench.test_speed` prints what is measured now.
"""

import json
import re
import statistics
import time
from collections import Counter
from pathlib import Path

import pytest

from bench.corpus import make_batch, read_corpus
from transforms.pipeline import process
from warehouse.lexicon import read_lexicon

FLOOR = Path(__file__).with_name("floor.json")
_BYTES = 250_000


def work_fixed(texts: list[str]) -> int:
    """The reference: pure Python and its regexes over the same texts, which no change of ours makes faster or slower."""
    pattern, counts = re.compile(r"(\d+(?:\.\d+)?)\s*(%|亿|万|元|年|月|日)?"), Counter()
    for text in texts:
        counts.update(text[at : at + 3] for at in range(len(text) - 2))
        counts.update(match[0] for match in pattern.finditer(text))
    return len(counts)


def measure_ratio(rounds: int = 3) -> float:
    """Return how many times the fixed work fits into process(), the median of several rounds on texts not seen before."""
    lexicon, texts = read_lexicon(), read_corpus("samples")
    process(make_batch(texts, _BYTES // 4), lexicon, "warm")
    ratios, skip = [], 1000
    for _ in range(rounds):
        batch = make_batch(texts, _BYTES, skip)
        skip += batch.height
        began = time.process_time()
        process(batch, lexicon, "bench")
        ours = time.process_time() - began
        began = time.process_time()
        for _ in range(20):
            work_fixed(batch["raw_text"].to_list())
        ratios.append(ours / (time.process_time() - began))
    return statistics.median(ratios)


def test_process_is_not_slower_than_it_was():
    ratio, most = measure_ratio(), json.loads(FLOOR.read_text(encoding="utf-8"))["most"]
    if ratio > most:
        pytest.fail(f"process() takes {ratio:.2f} times the fixed work, at most {most} is allowed. Find the stage: python -m bench.pipeline samples")


if __name__ == "__main__":
    print(f"{measure_ratio():.2f}")
