"""The evidence page: one document as one offline HTML file, every figure tied to the characters it was read from."""

import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from flows.explain import find_document, read_rows
from flows.pages import render_template
from flows.terminal import show_values

_COLOURS = 8  # of turns; the page's style sheet names t0…t7
_SPANS = """
    SELECT start_char, end_char, 'number' AS kind, "class" || COALESCE(' ' || norm, '') || COALESCE(' ' || unit, '') || COALESCE(', ' || hedge, '') AS said FROM quantities WHERE doc_id = $1
    UNION ALL SELECT start_char, end_char, 'name', entity || ', ' || type FROM mentions WHERE doc_id = $1
    UNION ALL SELECT start_char, end_char, 'fix', CASE WHEN is_applied THEN 'repaired: ' ELSE 'proposed: ' END || quote || ' -> ' || COALESCE(nullif(correction, ''), '(nothing)') || ', ' || kind || ', ' || rule_id
        FROM repairs WHERE doc_id = $1
    UNION ALL SELECT start_char, end_char, 'mark', label || ': ' || reason FROM marks WHERE doc_id = $1 AND NOT is_dropping
    ORDER BY ALL
"""


@dataclass(frozen=True)
class Piece:
    """Characters of a block between two borders: what covers them, and which figures are stated there."""

    text: str
    kinds: str
    said: str
    metric_ids: tuple[str, ...]  # all figures stated here; a click leads to the first
    anchors: tuple[str, ...]  # those that begin here


@dataclass(frozen=True)
class Paragraph:
    """A block as the page shows it."""

    block_no: int
    kind: str
    is_kept: bool
    reason: str
    turn: str
    colour: int | None
    pieces: tuple[Piece, ...]


def render_evidence(con: duckdb.DuckDBPyConnection, name: str) -> str:
    """Return the page of a doc_id, or of a source path that ends so. Raises WarehouseError."""
    doc_id = find_document(con, name)
    document = read_rows(con, "SELECT * FROM documents WHERE doc_id = ?", doc_id)[0]
    metrics = [
        row | {"shown": show_values(row)} for row in read_rows(con, "SELECT * FROM metrics WHERE doc_id = ? ORDER BY start_char, metric_id", doc_id)
    ]  # fmt: skip
    repairs = read_rows(con, "SELECT * FROM repairs WHERE doc_id = ? ORDER BY start_char, kind", doc_id)
    paragraphs = _list_paragraphs(con, document, metrics)
    return render_template("evidence.html.j2", document=document, paragraphs=paragraphs, metrics=metrics, repairs=repairs)


def _list_paragraphs(con: duckdb.DuckDBPyConnection, document: dict, metrics: list[dict]) -> list[Paragraph]:
    doc_id = document["doc_id"]
    spans = [(row["start_char"], row["end_char"], row["kind"], row["said"] or "") for row in read_rows(con, _SPANS, doc_id)]
    spans += [(row["start_char"], row["end_char"], f"metric:{row['metric_id']}", _say_metric(row)) for row in metrics]
    reasons = {row["block_no"]: row for row in read_rows(con, "SELECT * FROM removed WHERE doc_id = ?", doc_id)}
    turns = {row["turn_no"]: row for row in read_rows(con, "SELECT * FROM turns WHERE doc_id = ?", doc_id)}
    speakers = list(dict.fromkeys((row["role"], row["speaker"]) for row in turns.values()))
    paragraphs, last_turn = [], None
    for block in read_rows(con, "SELECT * FROM blocks WHERE doc_id = ? ORDER BY block_no", doc_id):
        turn = turns.get(block["turn_no"])
        why = reasons.get(block["block_no"], {})
        paragraphs.append(Paragraph(
            block["block_no"], block["kind"], block["is_kept"],
            "" if block["is_kept"] else f"removed as {block['kind']} by {why.get('rule_id') or 'no rule'}: {why.get('reason') or ''}",
            _say_turn(turn) if turn and block["turn_no"] != last_turn else "",
            speakers.index((turn["role"], turn["speaker"])) % _COLOURS if turn else None,
            tuple(_cut_block(document["raw_text"], block["start_char"], block["end_char"], spans)),
        ))  # fmt: skip
        last_turn = block["turn_no"]
    return paragraphs


def _cut_block(raw_text: str, start: int, end: int, spans: list[tuple[int, int, str, str]]) -> Iterator[Piece]:
    """Yield the block's raw characters cut at every border of a span, so that spans may overlap freely."""
    inside = [span for span in spans if span[0] < end and start < span[1]]
    borders = sorted({start, end, *(at for span in inside for at in span[:2] if start < at < end)})
    opening: dict[int, list[str]] = defaultdict(list)
    for first, _, kind, _ in inside:
        if kind.startswith("metric:"):
            opening[max(first, start)].append(kind.removeprefix("metric:"))
    for left, right in itertools.pairwise(borders):
        covering = [span for span in inside if span[0] <= left and right <= span[1]]
        metric_ids = tuple(dict.fromkeys(kind.removeprefix("metric:") for _, _, kind, _ in covering if kind.startswith("metric:")))
        kinds = dict.fromkeys(kind.partition(":")[0] for _, _, kind, _ in covering)
        said = "\n".join(dict.fromkeys(said for _, _, _, said in covering if said))
        yield Piece(raw_text[left:right], " ".join(kinds), said, metric_ids, tuple(opening.get(left, ())))


def _say_metric(row: dict) -> str:
    """Return a figure in one line: NVIDIA FY2025Q4 revenue 393.31亿 USD, estimate."""
    said = [row["entity"] or "?", row["segment"], row["period"] or "?", row["metric"], row["basis"] if row["basis"] != "level" else None, row["shown"]]
    return " ".join(filter(None, said)) + ("" if row["modality"] == "actual" else f", {row['modality']}")


def _say_turn(turn: dict) -> str:
    said = [turn["question_no"], turn["role"], turn["speaker"] or "nobody named", turn["speaker_title"]]
    return " · ".join(filter(None, said))
