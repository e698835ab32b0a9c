"""Scores a warehouse against labelled documents: blocks, metrics, turns, script, repairs.

Labels are JSON lines in files named after what they label (blocks_x.jsonl, metrics_x.jsonl …). Each names its document by
the stem of the source file (`doc`) and a half-open span of code points (`start`, `end`); fields that end in `_alt` list
further answers that are right. What `optional` says need not be found, and does no harm if it is.
"""

import functools
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl
from rich.console import Group
from rich.table import Table
from rich.text import Text

from transforms.script import simplify

Row = dict
_HEADER_SCOPES = {"header", "provenance", "borderline"}  # opinions differ on datelines and source lines: they are not scored
_SPACING = {"punctuation", "spacing", "missing_punctuation", "missing_space", "unbalanced_quote"}
_MULTIPLES = {"x", "ratio", "times", "multiple"}
_USUAL = ("precision", "recall", "f1", "labels", "rows")
_SAME = 1e-3  # two values are the same within this share
_METRIC_ROWS = "SELECT d.source_path, m.* FROM metrics AS m JOIN documents AS d USING (doc_id)"
# What a metric has to agree in on each level, beside what the levels before ask for.
_LEVELS = {"found": ("value", "unit"), "typed": ("metric", "basis"), "full": ("entity", "period", "modality", "accounting")}
_BOUND = 0.1  # bounds of vague expressions (几十亿) within this share


@dataclass(frozen=True)
class Score:
    """How many labels were met, and how many of the rows were right."""

    met: int
    labels: int
    right: int
    rows: int

    @property
    def recall(self) -> float:
        """Return the share of labels that were met."""
        return self.met / self.labels if self.labels else 0.0

    @property
    def precision(self) -> float:
        """Return the share of rows that were right."""
        return self.right / self.rows if self.rows else 0.0

    @property
    def f1(self) -> float:
        """Return the harmonic mean of the two."""
        return 2 * self.precision * self.recall / (self.precision + self.recall) if self.met and self.right else 0.0

    def to_dict(self) -> dict[str, float]:
        """Return the score rounded, for JSON and floors."""
        return {"precision": round(self.precision, 4), "recall": round(self.recall, 4), "f1": round(self.f1, 4), "labels": self.labels, "rows": self.rows}


def evaluate(con: duckdb.DuckDBPyConnection, gold: Path) -> dict[str, dict[str, float]]:
    """Return name -> scores for every kind of label that `gold` holds."""
    scores: dict[str, dict[str, float]] = {}
    if labels := _read_labels(gold, "blocks"):
        scores |= _score_blocks(con, labels)
    if labels := _read_labels(gold, "metrics"):
        scores |= _score_metrics(con, labels)
    if labels := _read_labels(gold, "turns"):
        scores["turns"] = _score_turns(con, labels)
    if labels := _read_labels(gold, "script"):
        firm = [label for label in labels if label.get("severity", "wrong_char") == "wrong_char"]
        loose = [label for label in labels if label not in firm] + _read_labels(gold, "script_variants")
        scores["script"] = _score_repairs(con, firm, "r.kind = 'script'", loose)
    if labels := _read_labels(gold, "repairs"):
        scores["repairs"] = _score_repairs(con, [label for label in labels if label.get("apply") and label["type"] not in _SPACING], "r.kind <> 'script'", [])
    return scores


def list_misses(con: duckdb.DuckDBPyConnection, gold: Path) -> list[dict[str, str]]:
    """Return what keeps metrics from agreeing with their labels: doc, text, field, wanted, found; in the order of the documents.

    A label without a row is `field` found; a row without a label is `field` extra. Of several rows of a figure the nearest speaks.
    """
    labels = _read_labels(gold, "metrics")
    rows = _rows(con, _METRIC_ROWS, labels)
    agrees = _agreements(con)
    misses, taken = [], set()
    for label in labels:
        near = [row for row in rows[label["doc"]] if _is_near(label, row)]
        taken |= {row["metric_id"] for row in near}
        if label.get("optional"):
            continue
        wrong = [[field for field, agree in agrees.items() if not agree(label, row)] for row in near]
        if not near:
            misses.append(_miss(label["doc"], label["start"], label["text"], "found", label["metric"], None))
        elif min(map(len, wrong)):
            row, fields = min(zip(near, wrong, strict=True), key=lambda pair: len(pair[1]))
            misses += [_miss(label["doc"], label["start"], label["text"], field, label.get(field), row[field]) for field in fields]
    extra = [row for found in rows.values() for row in found if row["metric_id"] not in taken]
    misses += [_miss(Path(row["source_path"]).stem, row["start_char"], row["quote"], "extra", None, f"{row['metric']}/{row['basis']} {row['value']}") for row in extra]
    return sorted(misses, key=lambda miss: (miss["doc"], miss["start"]))


def _miss(doc: str, start: int, text: str, field: str, wanted: object, found: object) -> dict[str, str]:
    """Return one line of the misses."""
    return {"doc": doc, "start": start, "text": text, "field": field, "wanted": str(wanted), "found": str(found)}


def show_misses(misses: list[dict[str, str]]) -> Table:
    """Return the misses as a table for the terminal."""
    table = Table("doc", "start", "text", "field", "wanted", "found", box=None)
    for miss in misses:
        table.add_row(*(Text(str(value)) for value in miss.values()))
    return table


def hold_floors(scores: dict[str, dict[str, float]], floors: dict[str, float]) -> list[str]:
    """Return a line for each floor (`metrics.typed.f1`: 0.8) that is not reached."""
    below = []
    for name, floor in floors.items():
        kind, _, measure = name.rpartition(".")
        reached = scores.get(kind, {}).get(measure)
        if reached is None or reached < floor:
            below.append(f"{name} is {'not measured' if reached is None else reached}, floor {floor}")
    return below


def show_scores(scores: dict[str, dict[str, float]]) -> Group:
    """Return the scores as a table, with a line for what has no precision."""
    table = Table(box=None, padding=(0, 2), header_style="dim")
    for name in ("", "precision", "recall", "F1", "labels", "rows"):
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    lines = []
    for name, score in scores.items():
        if "f1" in score:
            table.add_row(name, *(f"{score[key]:.3f}" for key in ("precision", "recall", "f1")), str(score["labels"]), str(score["rows"]))
        if others := [f"{key} {value}" for key, value in score.items() if key not in _USUAL]:
            lines.append(Text(f"  {name}: {', '.join(others)}"))
    return Group(table, *lines)


def _read_labels(gold: Path, kind: str) -> list[Row]:
    """Return the labels of the files <kind>.jsonl and <kind>_<document>.jsonl; script_variants is a kind of its own."""
    paths = [path for path in sorted(gold.glob(f"{kind}*.jsonl")) if kind == "script_variants" or "_variants" not in path.stem]
    return [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _rows(con: duckdb.DuckDBPyConnection, query: str, labels: Iterable[Row]) -> dict[str, list[Row]]:
    """Return document stem -> rows of `query` (which gives source_path), for the documents that are labelled."""
    cursor = con.execute(query)
    names = [column[0] for column in cursor.description]
    found: dict[str, list[Row]] = {label["doc"]: [] for label in labels}
    for values in cursor.fetchall():
        row = dict(zip(names, values, strict=True))
        stem = Path(row["source_path"]).stem
        if stem in found:
            found[stem].append(row)
    return found


def _overlap(label: Row, row: Row) -> int:
    """Return how many code points a label and a row share."""
    return max(0, min(label["end"], row["end_char"]) - max(label["start"], row["start_char"]))


def _score_blocks(con: duckdb.DuckDBPyConnection, labels: list[Row]) -> dict[str, dict[str, float]]:
    """Return how well what does not belong was removed, and how many blocks of content went with it."""
    kept = _rows(con, "SELECT d.source_path, b.start_char, b.end_char FROM blocks AS b JOIN documents AS d USING (doc_id) WHERE b.is_kept", labels)
    scored = [label for label in labels if label.get("scope", "content") not in _HEADER_SCOPES]
    removed = [2 * sum(_overlap(label, row) for row in kept[label["doc"]]) < label["end"] - label["start"] for label in scored]
    foreign = [not label["keep"] for label in scored]
    both = sum(gone and bad for gone, bad in zip(removed, foreign, strict=True))
    score = Score(both, sum(foreign), both, sum(removed))
    return {"blocks": score.to_dict() | {"lost": sum(removed) - both}}


def _score_metrics(con: duckdb.DuckDBPyConnection, labels: list[Row]) -> dict[str, dict[str, float]]:
    """Return found (span, value, unit), typed (metric and basis too) and full (entity, period, modality, accounting too)."""
    rows = _rows(con, _METRIC_ROWS, labels)
    agrees = _agreements(con)
    total = sum(map(len, rows.values()))
    near = {index: [row for row in rows[label["doc"]] if _is_near(label, row)] for index, label in enumerate(labels)}
    right = len({row["metric_id"] for found in near.values() for row in found})
    required = [index for index, label in enumerate(labels) if not label.get("optional")]
    scores = {}
    for name, fields in _LEVELS.items():
        near = {index: [row for row in near[index] if all(agrees[field](labels[index], row) for field in fields)] for index in near}
        scores[f"metrics.{name}"] = Score(sum(bool(near[index]) for index in required), len(required), right, total).to_dict()
    return scores


def _is_near(label: Row, row: Row) -> bool:
    """Return whether a row stands on the figure of a label: they share half of the shorter one."""
    return 2 * _overlap(label, row) >= min(label["end"] - label["start"], row["end_char"] - row["start_char"])


def _agreements(con: duckdb.DuckDBPyConnection) -> dict[str, Callable[[Row, Row], bool]]:
    """Return field -> whether a row agrees with a label in it; a metric without a code in the lexicon has no name to agree with."""
    codes = {code for (code,) in con.execute("SELECT metric FROM metric_codes").fetchall()}
    entity_of = dict(con.execute("SELECT lower(alias), entity FROM entity_aliases UNION SELECT lower(entity), entity FROM entities").fetchall())
    return {
        "value": _same_value,
        "unit": _same_unit,
        "metric": lambda label, row: label["metric"] not in codes or row["metric"] in _answers(label, "metric"),
        "basis": lambda label, row: label["metric"] not in codes or row["basis"] in _bases(label),
        "entity": lambda label, row: label.get("entity") is None or _canonical(row["entity"], entity_of) in {_canonical(name, entity_of) for name in _answers(label, "entity")},
        "period": lambda label, row: label.get("period") is None or row["period"] in _answers(label, "period"),
        "modality": lambda label, row: row["modality"] in _answers(label, "modality"),
        "accounting": lambda label, row: not label.get("accounting") or row["accounting"] in _answers(label, "accounting"),
    }


def _same_value(label: Row, row: Row) -> bool:
    """Return whether the row states the label's point, or its interval where the text states none."""
    value, low, high = row["value"], row["low"], row["high"]
    point = label.get("value")
    if point is None:
        bounds = [(label.get("low"), low), (label.get("high"), high)]
        if all(wanted is None or (found is not None and abs(found - wanted) <= _BOUND * abs(wanted)) for wanted, found in bounds):
            return True
        return value is not None and (label.get("low") or float("-inf")) <= value <= (label.get("high") or float("inf"))
    others = [*(label.get("alt_values") or []), *(label.get("value_alt") or [])]
    accepted = [point, *(other.get("value") if isinstance(other, dict) else other for other in others)]
    accepted += [100 * point] if label.get("unit") == "ratio" else []
    if value is None:
        return low is not None and high is not None and low <= point <= high
    return any(abs(value - wanted) <= _SAME * max(abs(wanted), 1e-9) for wanted in accepted)


def _same_unit(label: Row, row: Row) -> bool:
    wanted = {"multiple" if unit in _MULTIPLES else unit for unit in _answers(label, "unit")}
    found = "multiple" if row["unit"] in _MULTIPLES else row["unit"]
    return found in wanted or (found == "percent" and (label["unit"] == "ratio" or ("multiple" in wanted and bool(label.get("alt_values")))))


def _bases(label: Row) -> set:
    """Return the bases that are right for a label: a change of unsaid reach may be one against the year or the quarter before."""
    bases = _answers(label, "basis")
    return bases | {"yoy", "qoq"} if "change" in bases else bases


def _answers(label: Row, field: str) -> set:
    """Return what is right for a field: the label and its alternatives."""
    return {label.get(field), *(label.get(f"{field}_alt") or [])}


def _canonical(name: str | None, entity_of: dict[str, str]) -> str:
    """Return the entity that a name stands for; a label may be in Traditional characters, which canonical names are not."""
    lowered = (name or "").lower()
    return entity_of.get(lowered) or entity_of.get(folded := _simplified(lowered), folded)


@functools.lru_cache(maxsize=4096)
def _simplified(name: str) -> str:
    """Return a name in Simplified characters."""
    return pl.select(simplify(pl.lit(name))).item()


def _score_turns(con: duckdb.DuckDBPyConnection, labels: list[Row]) -> dict[str, float]:
    """Return the shares of turns whose speaker, role and question are right."""
    rows = _rows(con, "SELECT d.source_path, t.* FROM turns AS t JOIN documents AS d USING (doc_id)", labels)
    entity_of = dict(con.execute("SELECT lower(alias), entity FROM entity_aliases").fetchall())
    unnamed = {"", "analyst", "commenter"}
    right = {"speaker": 0, "role": 0, "question": 0}
    for label in labels:
        at = label.get("content_start", label["start"])
        covering = [row for row in rows[label["doc"]] if row["start_char"] <= at < row["end_char"]]
        wanted = _canonical(label["speaker"], entity_of)
        speakers = {_canonical(row["speaker"], entity_of) for row in covering}
        right["speaker"] += wanted in speakers or (wanted in unnamed and bool(speakers & unnamed))
        right["role"] += label["role"] in {row["role"] for row in covering}
        right["question"] += (label["question_no"] or None) in {row["question_no"] for row in covering}
    return {name: round(count / len(labels), 4) for name, count in right.items()}


def _score_repairs(con: duckdb.DuckDBPyConnection, labels: list[Row], condition: str, loose: list[Row]) -> dict[str, float]:
    """Return how many errors were found; rows that touch a `loose` label are neither right nor wrong."""
    rows = _rows(con, f"SELECT d.source_path, r.start_char, r.end_char FROM repairs AS r JOIN documents AS d USING (doc_id) WHERE {condition}", labels)
    scored = [(doc, row) for doc in rows for row in rows[doc] if not any(label["doc"] == doc and _overlap(label, row) for label in loose)]
    met = sum(any(doc == label["doc"] and _overlap(label, row) for doc, row in scored) for label in labels)
    right = sum(any(doc == label["doc"] and _overlap(label, row) for label in labels) for doc, row in scored)
    return Score(met, len(labels), right, len(scored)).to_dict()
