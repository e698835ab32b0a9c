"""How well foreign lines are told apart: python -m training.evaluate --shared ../shared --inews FOLDER [--hosts …] [--sources …] [--alike] [--whole].

Measures the detector alone: lines that cards would claim are claimed, and each case is typed out as a site might. With
--alike, own and foreign lines have the same marks, indentation and script, so that only what they say tells them apart. With
--whole, all cleaning stages on the plain text, the benchmark's own measure. Without --sources on the benchmark's cases, with
them on cases generated from those sources only; with --hosts on the benchmark's cases in articles of those sources, or of series
whose ids begin so (cfb:risk). Both are a fair test of models trained with --hold-out of the same.
"""

import argparse
import json
from collections import Counter
from pathlib import Path

import polars as pl

from schemas.blocks import Turns
from schemas.documents import Inputs
from training.corpus import BENCHMARK, Article, read_articles, read_benchmark
from training.generate import Case, make_cases, to_frames
from transforms.lexicon import Lexicon
from transforms.pipeline import clean
from transforms.splices import FOLLOWS, REMOVED, judge_lines, score_blocks
from warehouse.lexicon import SEEDS, read_lexicon

_SEED = 1234  # of generated test cases; training draws with others
_BATCH = 100


def main() -> None:
    """Print the figures as JSON, one condition a line."""
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--inews", type=Path, help="needed with --sources")
    parser.add_argument("--models", type=Path, default=SEEDS / "models")
    parser.add_argument("--sources", nargs="*", default=[], help="generate cases from these sources instead")
    parser.add_argument("--hosts", nargs="*", default=[], help="only benchmark cases whose host comes from these sources or series")
    parser.add_argument("--cases", type=int, default=1400)
    parser.add_argument("--alike", action="store_true", help="all lines of a case typed in one way, own and foreign ones")
    parser.add_argument("--whole", action="store_true", help="all cleaning stages, not the detector alone")
    options = parser.parse_args()
    shipped = read_lexicon()
    lexicon = Lexicon(shipped.tables, "evaluation", {**shipped.models, **{path.name: path.read_bytes() for path in options.models.iterdir()}})
    if options.sources:
        articles = [a for a in read_articles(options.shared, options.inews) if a.source in options.sources]
        cases = make_cases(articles, articles, options.cases, _SEED)
    else:
        cases = [case for case in benchmark_cases(options.shared / BENCHMARK) if not options.hosts or case.host.source in options.hosts or case.host.id.startswith(tuple(options.hosts))]
    found = evaluate_stages(cases, lexicon) if options.whole else evaluate_cases(cases, lexicon, options.alike)
    for condition, rates in found.items():
        print(condition, json.dumps(rates))


def evaluate_cases(cases: list[Case], lexicon: Lexicon, alike: bool = False) -> dict[str, dict[str, float]]:
    """Return the figures of the detector's verdicts on cases, overall and per condition."""
    judged, conditions = [], {}
    for at in range(0, len(cases), _BATCH):
        documents, blocks, marks = (
            frame.with_columns(doc_id=pl.lit(f"{at}_") + pl.col("doc_id")) for frame in to_frames(cases[at : at + _BATCH], _SEED + at, alike)
        )
        blocks = score_blocks(documents, blocks, marks, lexicon)
        verdicts = judge_lines(documents, blocks, marks, Turns.empty(), lexicon).select("doc_id", "block_no", "verdict")
        judged.append(blocks.join(verdicts, on=["doc_id", "block_no"], how="left"))
        conditions |= {f"{at}_{number:016x}": case.condition for number, case in enumerate(cases[at : at + _BATCH])}
    lines = pl.concat(judged)
    return count_verdicts(lines, lines["verdict"].is_in([REMOVED, FOLLOWS]).fill_null(False), conditions)


def evaluate_stages(cases: list[Case], lexicon: Lexicon) -> dict[str, dict[str, float]]:
    """Return the figures of all cleaning stages on cases: a line is removed if less than half of it is kept."""
    measured = [_measure_kept(cases[at : at + _BATCH], at, lexicon) for at in range(0, len(cases), _BATCH)]
    conditions = {f"{number:016x}": case.condition for number, case in enumerate(cases)}
    lines = pl.concat(measured)
    return count_verdicts(lines, lines["kept"] * 2 < lines["end"] - lines["start"], conditions)


def _measure_kept(cases: list[Case], first: int, lexicon: Lexicon) -> pl.DataFrame:
    """Return doc_id, label, start, end and kept (how many characters stay) of each line of the cases."""
    texts, lines = [], []
    for number, case in enumerate(cases, first):
        doc_id, text = f"{number:016x}", case.host.title + "\n" if case.has_title_line else ""
        for line, label in zip(case.lines, case.labels, strict=True):
            lines.append((doc_id, label, len(text), len(text) + len(line)))
            text += line + "\n"
        texts.append({"doc_id": doc_id, "source_path": doc_id, "byte_count": len(text.encode()), "encoding": "utf-8", "source_format": "txt", "raw_text": text})
    frame = pl.DataFrame(lines, schema=["doc_id", "label", "start", "end"], orient="row").with_row_index("line")
    kept = clean(Inputs.frame(texts), lexicon)[1].filter("is_kept").select("doc_id", "start_char", "end_char")
    overlap = pl.min_horizontal("end", "end_char") - pl.max_horizontal("start", "start_char")
    covers = frame.join(kept, on="doc_id").group_by("line").agg(kept=overlap.clip(0).sum())
    return frame.join(covers, on="line", how="left", maintain_order="left").with_columns(pl.col("kept").fill_null(0))


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


if __name__ == "__main__":
    main()
