"""The evidence page: one document as one offline HTML file, every figure tied to the characters it was read from."""

import itertools
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from flows.explain import find_document, list_grounds, read_rows
from flows.pages import render_template
from flows.terminal import show_values

Span = tuple[int, int, str, str]  # first and last character, kind, what is said of it
Shown = tuple[str, str, int | None, int | None, str]  # part of a figure, characters it was read from, their place, how

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
    start: int
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
        row | {"shown": show_values(row), "grounds": [*_show_grounds(row, document["raw_text"]), _show_number(row)]}
        for row in read_rows(con, "SELECT * FROM metrics WHERE doc_id = ? ORDER BY start_char, metric_id", doc_id)
    ]
    repairs = read_rows(con, "SELECT * FROM repairs WHERE doc_id = ? ORDER BY start_char, kind", doc_id)
    paragraphs = _list_paragraphs(con, document, metrics)
    return render_template("evidence.html.j2", document=document, paragraphs=paragraphs, metrics=metrics, repairs=repairs)


def _list_paragraphs(con: duckdb.DuckDBPyConnection, document: dict, metrics: list[dict]) -> list[Paragraph]:
    doc_id = document["doc_id"]
    spans = [(row["start_char"], row["end_char"], row["kind"], row["said"] or "") for row in read_rows(con, _SPANS, doc_id)]
    for row in metrics:
        spans.append((row["start_char"], row["end_char"], f"metric:{row['metric_id']}", _say_metric(row)))
        # borders where the page lights up what a figure rests on
        spans += [(start, end, "ground", "") for _, _, start, end, _ in row["grounds"] if start is not None and start != row["start_char"]]
    spans = sorted(set(spans), key=lambda span: span[:2])
    reasons = {row["block_no"]: row for row in read_rows(con, "SELECT * FROM removed WHERE doc_id = ?", doc_id)}
    turns = {row["turn_no"]: row for row in read_rows(con, "SELECT * FROM turns WHERE doc_id = ?", doc_id)}
    voices = list(dict.fromkeys(_voice(row) for row in turns.values()))
    paragraphs, last_turn, first = [], None, 0
    for block in read_rows(con, "SELECT * FROM blocks WHERE doc_id = ? ORDER BY block_no", doc_id):
        turn = turns.get(block["turn_no"])
        why = reasons.get(block["block_no"], {})
        inside, first = _take_spans(spans, first, block["start_char"], block["end_char"])
        paragraphs.append(Paragraph(
            block["block_no"], block["kind"], block["is_kept"],
            "" if block["is_kept"] else f"removed as {block['kind']} by {why.get('rule_id') or 'no rule'}: {why.get('reason') or ''}",
            _say_turn(turn) if turn and block["turn_no"] != last_turn else "",
            voices.index(_voice(turn)) % _COLOURS if turn else None,
            tuple(_cut_block(document["raw_text"], block["start_char"], block["end_char"], inside)),
        ))  # fmt: skip
        last_turn = block["turn_no"]
    return paragraphs


def _take_spans(spans: list[Span], first: int, start: int, end: int) -> tuple[list[Span], int]:
    """Return the spans that touch the block, and where to look from for the next one: blocks and spans both come in order."""
    while first < len(spans) and spans[first][1] <= start:
        first += 1
    rest = itertools.takewhile(lambda span: span[0] < end, itertools.islice(spans, first, None))
    return [span for span in rest if start < span[1]], first


def _cut_block(raw_text: str, start: int, end: int, inside: list[Span]) -> Iterator[Piece]:
    """Yield the block's raw characters cut at every border of a span, so that spans may overlap freely."""
    borders = sorted({start, end, *(at for span in inside for at in span[:2] if start < at < end)})
    coming, covering = deque(inside), []
    for left, right in itertools.pairwise(borders):
        covering = [span for span in covering if span[1] > left]
        while coming and coming[0][0] <= left:
            covering.append(coming.popleft())
        said = dict.fromkeys(span[3] for span in covering)
        metrics = [span for span in covering if span[2].startswith("metric:")]
        metric_ids = tuple(dict.fromkeys(span[2].removeprefix("metric:") for span in metrics))
        anchors = tuple(dict.fromkeys(span[2].removeprefix("metric:") for span in metrics if max(span[0], start) == left))
        kinds = dict.fromkeys(span[2].partition(":")[0] for span in covering)
        yield Piece(raw_text[left:right], left, " ".join(kinds), "\n".join(filter(None, said)), metric_ids, anchors)


def _show_grounds(row: dict, raw_text: str) -> list[Shown]:
    """Return what a figure rests on, with the characters as they stand."""
    return [(one.part, "" if one.start is None else raw_text[one.start : one.end], one.start, one.end, one.how) for one in list_grounds(row)]


def _show_number(row: dict) -> Shown:
    """Return the figure in base units with all its digits: 1.79 of 8.42、1.79、0.94亿元 is 179,000,000 CNY."""
    values = dict.fromkeys(row[name] for name in ("low", "value", "high") if row[name] is not None)
    said = " … ".join(f"{value:,.10g}" if abs(value) < 1 or value % 1 else f"{value:,.0f}" for value in values)
    return ("number", row["quote"], row["start_char"], row["end_char"], f"read as {said} {row['unit'] or ''}".rstrip())


def _voice(turn: dict) -> str:
    """Return who speaks, so that a person has one colour as presenter and as answerer; the role where nobody is named."""
    return turn["speaker"] or turn["role"]


def _say_metric(row: dict) -> str:
    """Return a figure in one line: NVIDIA FY2025Q4 revenue 393.31亿 USD, estimate."""
    said = [row["entity"] or "?", row["segment"], row["period"] or "?", row["metric"], row["basis"] if row["basis"] != "level" else None, row["shown"]]
    return " ".join(filter(None, said)) + ("" if row["modality"] == "actual" else f", {row['modality']}")


def _say_turn(turn: dict) -> str:
    said = [turn["question_no"], turn["role"], turn["speaker"] or "nobody named", turn["speaker_title"]]
    return " · ".join(filter(None, said))
