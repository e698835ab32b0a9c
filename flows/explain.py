"""Shows where things come from: a document with its spans highlighted, or one metric with its evidence."""

import re
from dataclasses import dataclass

import duckdb
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from flows.terminal import show_values
from warehouse.parts import WarehouseError

_EVIDENCE = re.compile(r"(?P<part>\w+)(?:@(?P<start>\d+)-(?P<end>\d+))? (?P<how>\w+)")
_HOW = {
    "explicit": "stands with the figure", "carried": "carried over from here", "document": "what the document as a whole is about",
    "implied": "not written: follows from what is measured", "unknown": "not said anywhere near: left open",
}  # fmt: skip
_STYLES = {"metric": "bold green", "quantity": "cyan", "repair": "bold red", "mention": "magenta", "removed": "dim strike", "evidence": "bold yellow"}


@dataclass(frozen=True)
class Ground:
    """What one part of a metric rests on: characters of the raw text, or (start and end None) the document as a whole."""

    part: str  # label, entity, period, segment, basis, modality, unit
    start: int | None
    end: int | None
    how: str


def list_grounds(metric: dict) -> list[Ground]:
    """Return what the parts of a row of metrics rest on, `how` in words for a reader."""
    grounds = []
    for match in _EVIDENCE.finditer(metric["evidence"]):
        start, end = (int(match[name]) if match[name] else None for name in ("start", "end"))
        # 公司 is what stands for a subject that the text never names
        how = "the text never names its company" if match["part"] == "entity" and metric["entity"] == "公司" else _HOW[match["how"]]
        grounds.append(Ground(match["part"], start, end, how))
    return grounds


def explain(con: duckdb.DuckDBPyConnection, name: str) -> RenderableType:
    """Return the explanation of a metric_id or doc_id, or of a source path that ends so. Raises WarehouseError."""
    if read_rows(con, "SELECT metric_id FROM metrics WHERE metric_id = ?", name):
        return _explain_metric(con, name)
    return _explain_document(con, find_document(con, name))


def find_document(con: duckdb.DuckDBPyConnection, name: str) -> str:
    """Return the doc_id of a doc_id, or of what was last read at a source path or the end of one. Raises WarehouseError."""
    found = read_rows(con, "SELECT doc_id FROM documents JOIN sources USING (doc_id) WHERE doc_id = $1 OR sources.source_path = $1 OR ends_with(sources.source_path, '/' || $1) ORDER BY seen_at DESC, sources.source_path, doc_id", name)
    if not found:
        raise WarehouseError(f"Nothing is called {name}. Find names with: SELECT metric_id, doc_id, source_path FROM facts; SELECT doc_id, source_path FROM documents.")
    return found[0]["doc_id"]


def _explain_metric(con: duckdb.DuckDBPyConnection, metric_id: str) -> RenderableType:
    """Return the row, each part of its evidence, and the paragraphs it stands in."""
    metric = read_rows(con, "SELECT m.*, d.source_path, d.title, d.raw_text FROM metrics AS m JOIN documents AS d USING (doc_id) WHERE metric_id = ?", metric_id)[0]
    raw = metric["raw_text"]
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for name in ("entity", "segment", "metric", "basis", "accounting", "period", "modality", "speaker", "hedge", "confidence", "rule_id"):
        if metric[name] is not None:
            table.add_row(name, str(metric[name]))
    table.add_row("value", f"{show_values(metric)}  (as written: {metric['quote']}, characters {metric['start_char']}-{metric['end_char']})")
    grounds = list_grounds(metric)
    for ground in grounds:
        place = Text(ground.how) if ground.start is None else Text.assemble((raw[ground.start : ground.end], _STYLES["evidence"]), f"  {ground.how}, characters {ground.start}-{ground.end}")
        table.add_row(f"  {ground.part}", place)
    spans = [(metric["start_char"], metric["end_char"], "metric"), *((ground.start, ground.end, "evidence") for ground in grounds if ground.start is not None)]
    blocks = read_rows(con, "SELECT * FROM blocks WHERE doc_id = ? ORDER BY block_no", metric["doc_id"])
    wanted = [block for block in blocks if any(start < block["end_char"] and block["start_char"] < end for start, end, _ in spans)]
    texts = [_highlight(raw, block, spans) for block in wanted]
    return Group(_heading(metric), Text(""), table, Text(""), *(Padding(text, (0, 0, 1, 2)) for text in texts))


def _explain_document(con: duckdb.DuckDBPyConnection, doc_id: str) -> RenderableType:
    """Return the whole text: kept paragraphs with what was found in them, removed ones struck out with their reason."""
    document = read_rows(con, "SELECT * FROM documents WHERE doc_id = ?", doc_id)[0]
    spans = [
        (row["start_char"], row["end_char"], row["kind"])
        for row in read_rows(con, """
            SELECT start_char, end_char, 'mention' AS kind FROM mentions WHERE doc_id = $1
            UNION ALL SELECT start_char, end_char, 'quantity' FROM quantities WHERE doc_id = $1
            UNION ALL SELECT start_char, end_char, 'metric' FROM metrics WHERE doc_id = $1
            UNION ALL SELECT start_char, end_char, 'repair' FROM repairs WHERE doc_id = $1 AND is_applied
        """, doc_id)
    ]  # fmt: skip
    reasons = {row["block_no"]: row for row in read_rows(con, "SELECT block_no, kind, rule_id, reason FROM removed WHERE doc_id = ?", doc_id)}
    turns = {row["turn_no"]: row for row in read_rows(con, "SELECT * FROM turns WHERE doc_id = ?", doc_id)}
    parts: list[RenderableType] = [_heading(document), _legend(), Text("")]
    turn_no = None
    for block in read_rows(con, "SELECT * FROM blocks WHERE doc_id = ? ORDER BY block_no", doc_id):
        if block["turn_no"] != turn_no and block["turn_no"] in turns:
            turn = turns[block["turn_no"]]
            parts.append(Text(f"— {turn['question_no'] or ''} {turn['role']}: {turn['speaker'] or 'nobody named'}".replace("  ", " "), style="italic blue"))
        turn_no = block["turn_no"]
        if block["is_kept"]:
            parts.append(Padding(_highlight(document["raw_text"], block, spans), (0, 0, 0, 2)))
        else:
            why = reasons[block["block_no"]]
            parts.append(Padding(Text(document["raw_text"][block["start_char"] : block["end_char"]], style=_STYLES["removed"]), (0, 0, 0, 2)))
            parts.append(Padding(Text(f"^ removed as {why['kind']} by {why['rule_id'] or 'no rule'}: {why['reason'] or ''}", style="yellow"), (0, 0, 0, 2)))
    metrics = read_rows(con, "SELECT * FROM metrics WHERE doc_id = ? ORDER BY start_char, metric_id", doc_id)
    return Group(*parts, Text(""), _list_metrics(metrics))


def _heading(row: dict) -> Text:
    return Text.assemble((row["title"] or row["source_path"], "bold"), "\n", (f"{row['doc_id']}  {row['source_path']}", "dim"))


def _legend() -> Text:
    return Text("  ").join(Text(name, style=style) for name, style in _STYLES.items() if name != "evidence")


def _highlight(raw_text: str, block: dict, spans: list[tuple[int, int, str]]) -> Text:
    """Return the block's raw characters with the spans that lie in it styled; later spans are drawn over earlier ones."""
    start, end = block["start_char"], block["end_char"]
    text = Text(raw_text[start:end])
    for first, last, kind in spans:
        if first < end and start < last:
            text.stylize(_STYLES[kind], max(first, start) - start, min(last, end) - start)
    return text


def _list_metrics(metrics: list[dict]) -> Table | Text:
    if not metrics:
        return Text("No metric is stated in this document.", style="dim")
    table = Table(box=None, padding=(0, 1), header_style="dim", title=f"{len(metrics)} metrics; caibao explain METRIC_ID shows one", title_justify="left")
    for name in ("metric_id", "entity", "period", "metric", "basis", "value", "modality"):
        table.add_column(name, no_wrap=True)
    for row in metrics:
        table.add_row(row["metric_id"], row["entity"] or "?", row["period"] or "?", row["metric"], row["basis"], show_values(row), row["modality"])
    return table


def read_rows(con: duckdb.DuckDBPyConnection, query: str, value: str) -> list[dict]:
    """Return the rows that a query with one parameter gives."""
    cursor = con.execute(query, [value])
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
