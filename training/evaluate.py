"""How well foreign lines are told apart, on the benchmark's cases or on generated ones."""

from collections import Counter
from pathlib import Path

import polars as pl

from training.corpus import Article, read_benchmark
from training.generate import Case


def benchmark_cases(path: Path) -> list[Case]:
    """Return the benchmark's cases; lines of class 3 and 4 (not scored) as if the cards had claimed them."""
    cases = []
    for row in read_benchmark(path):
        host = Article(row["id"], row["src"], row["dom"], " ".join(row["title"].split("\n")), ())
        lines = [" ".join(p.replace("\r", " ").split("\n")) for p in row["paras"]]
        filled = [at for at, line in enumerate(lines) if line.strip()]
        labels = [min(row["labels"][at], 3) for at in filled]
        marks = ["editor_credit" if label == 3 else None for label in labels]
        cases.append(Case(host, row["cond"], [lines[at] for at in filled], labels, marks, bool(host.title), False))
    return cases


def count_verdicts(judged: pl.DataFrame, removed: pl.Series, conditions: dict[str, str]) -> dict[str, dict[str, float]]:
    """Return precision, recall, F1 and the share of own lines lost, over all spliced and clean cases and per condition."""
    counts: Counter[tuple[str, bool, bool]] = Counter()
    for doc_id, label, is_removed in zip(judged["doc_id"], judged["label"], removed, strict=True):
        if label < 3:
            condition = conditions[doc_id]
            for key in ("all", "clean" if condition in "ZM" else "spliced", condition):
                counts[key, label > 0, is_removed] += 1
    return {key: _rates(counts, key) for key in ("all", "spliced", "clean", *sorted(set(conditions.values())))}


def _rates(counts: Counter[tuple[str, bool, bool]], key: str) -> dict[str, float]:
    """Return the figures of one condition."""
    hit, missed, lost, kept = (counts[key, foreign, gone] for foreign, gone in ((True, True), (True, False), (False, True), (False, False)))
    rates = {"lost_percent": round(100 * lost / max(lost + kept, 1), 3), "lost": lost}
    if hit + missed:
        precision, recall = hit / max(hit + lost, 1), hit / (hit + missed)
        rates |= {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(2 * precision * recall / max(precision + recall, 1e-9), 4)}
    return rates
