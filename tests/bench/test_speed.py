"""A stage that gets much slower is seen: process() and its cleaning stages against fixed work, as ratios that no machine changes much.

What is allowed lies 40 % above what was measured last: that does not flake on a busy machine, and a stage that doubles the cost is
seen. When they have become faster, lower it: `python -m tests.bench.test_speed` prints what is measured now.
"""

import json
import re
import statistics
import time
from collections import Counter
from pathlib import Path

import pytest

from bench.corpus import make_batch, read_corpus
from bench.layers import LAYERS
from bench.pipeline import time_stages
from transforms import pipeline
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


def measure_ratios(rounds: int = 3) -> dict[str, float]:
    """Return how many times the fixed work fits into process(), and into its cleaning stages: the median of several rounds on texts not seen before."""
    lexicon, texts = read_lexicon(), read_corpus("samples")
    pipeline.process(make_batch(texts, _BYTES // 4), lexicon, "warm")
    ratios: dict[str, list[float]] = {"process": [], "cleaning": []}
    skip = 1000
    for _ in range(rounds):
        batch = make_batch(texts, _BYTES, skip)
        skip += batch.height
        spent: dict[str, float] = {}
        undo = time_stages(spent)
        began = time.process_time()
        pipeline.process(batch, lexicon, "bench")
        ours = time.process_time() - began
        undo()
        began = time.process_time()
        for _ in range(20):
            work_fixed(batch["raw_text"].to_list())
        fixed = time.process_time() - began
        ratios["process"].append(ours / fixed)
        ratios["cleaning"].append(sum(spent[stage] for stage in LAYERS["cleaning"]) / fixed)
    return {name: statistics.median(measured) for name, measured in ratios.items()}


def test_nothing_is_slower_than_it_was():
    most = {part: floor["most"] for part, floor in json.loads(FLOOR.read_text(encoding="utf-8")).items()}
    slow = [f"{part} takes {ratio:.2f} times the fixed work, at most {most[part]} is allowed" for part, ratio in measure_ratios().items() if ratio > most[part]]
    if slow:
        pytest.fail(f"{'; '.join(slow)}. Find the stage: python -m bench.pipeline samples")


if __name__ == "__main__":
    print(", ".join(f"{part} {ratio:.2f}" for part, ratio in measure_ratios().items()))
