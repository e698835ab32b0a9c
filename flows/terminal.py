"""What a person sees: the summary of a run, progress, explanations. Readable at 80 columns."""

import os
import re
import shutil
import sys
from pathlib import Path

import duckdb
import polars as pl
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from flows.summary import Summary
from schemas import VIEWS

_STEPS = {"plan": "Looking for new texts", "server": "Running under Prefect", "batches": "Judging", "publish": "Publishing"}
_SHOWN_REFUSALS = 5
_SHOWN_ROWS = 60
_NARROWEST = 16  # characters: a column of text that is folded narrower than this cannot be read
_SCALES = ((1e12, "万亿"), (1e8, "亿"), (1e4, "万"))


class RunProgress:
    """A line that says what a run is doing, and a bar while it works through its batches."""

    def __init__(self, console: Console):
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console, transient=True)
        self._task = self._progress.add_task("Starting", total=None)

    def __enter__(self) -> "RunProgress":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def tell(self, step: str, done: int, total: int) -> None:
        """Show that `step` has done so much of so much."""
        self._progress.update(self._task, description=_STEPS[step], completed=done, total=total or None)


def caibao_command() -> str:
    """Return how this user calls caibao: by name if that is found, else by the path it was called with."""
    called = Path(sys.argv[0])
    found = shutil.which("caibao")
    if called.name != "caibao" or (found and Path(found).resolve() == called.resolve()):
        return "caibao"
    return str(called.relative_to(Path.cwd())) if called.is_absolute() and called.is_relative_to(Path.cwd()) else str(called)


def show_summary(summary: Summary) -> RenderableType:
    """Return the end of a run: what was read, kept, removed, found and refused, and some metrics."""
    parts: list[RenderableType] = [Text(""), _show_numbers(summary)]
    if summary.frames["metrics"].height:
        parts += [Text(""), _show_metrics(summary)]
    if summary.refused:
        parts += [Text(""), _show_refusals(summary)]
    return Group(*parts, Text(""), Text("Next", style="bold"))


def next_commands(summary: Summary, default_warehouse: Path) -> tuple[str, str]:
    """Return the two commands to try next, ready to be copied."""
    where = "" if summary.root == default_warehouse else f" -w {summary.root}"
    metrics = summary.frames["metrics"]
    query = "SELECT entity, period, revenue, net_income FROM financials" if metrics.height else "SELECT source_path, kept_share FROM quality"
    target = metrics["metric_id"][0] if metrics.height else "FILE_NAME"
    return f'{caibao_command()} sql "{query}"{where}', f"{caibao_command()} explain {target}{where}"


def list_tables(con: duckdb.DuckDBPyConnection) -> Table:
    """Return the views and tables of a warehouse with their rows and comments."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("view", style="bold", no_wrap=True)
    table.add_column("rows", justify="right")
    table.add_column("what it holds", overflow="fold")
    views = {model.table_name() for model in VIEWS}  # some of them are stored as tables
    comments = con.execute(
        "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal UNION SELECT table_name, comment FROM duckdb_tables() WHERE NOT internal ORDER BY ALL"
    ).fetchall()
    for name, comment in comments:
        if name in views:
            table.add_row(name, str(con.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]), comment)
    table.add_row()
    table.add_row(Text("table", style="dim not bold"))
    for name, rows, comment in con.execute("SELECT table_name, estimated_size, comment FROM duckdb_tables() WHERE NOT internal ORDER BY table_name").fetchall():
        if name not in views:
            table.add_row(name, str(rows), comment)
    return table


def show_rows(frame: pl.DataFrame, width: int) -> RenderableType:
    """Return the rows of a query as a table, or one under the other where the columns do not fit."""
    shown = frame.head(_SHOWN_ROWS)
    cells = [[_show_cell(value) for value in row] for row in shown.iter_rows()]
    needed = [max([cell_len(name), *(min(cell_len(row[number]), _NARROWEST) for row in cells)]) for number, name in enumerate(frame.columns)]
    if sum(needed) + 2 * len(needed) <= width:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        for name, dtype in frame.schema.items():
            table.add_column(name, justify="right" if dtype.is_numeric() else "left", overflow="fold", no_wrap=dtype.is_numeric())
        for row in cells:
            table.add_row(*map(Text, row))
    else:
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for row in cells:
            for name, cell in zip(frame.columns, row, strict=True):
                table.add_row(name, Text(cell))
            table.add_row()
    more = f"{frame.height} rows" if frame.height == shown.height else f"{shown.height} of {frame.height} rows; all of them with --format csv"
    return Group(table, Text(more, style="dim"))


def _show_cell(value: object) -> str:
    """Return a value for reading: numbers with their thousands apart, nothing for null."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:,.10g}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def show_values(row: dict) -> str:
    """Return a metric's value as a reader of Chinese finance writes it: 393.31亿 USD, +78%, 60.4亿~61.0亿 USD."""
    low, value, high = (_scale(row[name], row["unit"]) for name in ("low", "value", "high"))
    unit = {"percent": "%", "percentage_point": "个百分点", "basis_point": "个基点", "multiple": "倍", "count": ""}.get(row["unit"] or "", f" {row['unit'] or ''}")
    if value:
        sign = "+" if row.get("basis") in ("yoy", "qoq", "change") and row["value"] > 0 else ""
        return f"{sign}{value}{unit}".rstrip()
    return f"{low or ''}~{high or ''}{unit}".rstrip() if low or high else ""


def silence_teardown() -> None:
    """Close stderr for what the interpreter says after all exit handlers have run.

    Prefect's threads keep modules alive to the end, which DuckDB's bindings report as forty lines of leaks. Registered
    before Prefect is imported, this runs after Prefect's own handlers; the exit code stays.
    """
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def _show_numbers(summary: Summary) -> Table:
    frames, totals = summary.frames, summary.totals
    blocks = frames["blocks"]
    kept, removed = blocks.filter("is_kept"), blocks.filter(~pl.col("is_kept"))
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    mood = "yellow" if summary.state == "Quarantined" else "green"
    scope = "" if summary.read else " (nothing new: the numbers are those of the whole warehouse)"
    table.add_row(Text(summary.state, style=f"bold {mood}"), f"{summary.run['seconds']:.1f} s, {summary.run['bytes'] / 1e6:.2f} MB{scope}")
    known = f", {summary.skipped + summary.copies} known already" if summary.skipped + summary.copies else ""
    refused = f", [yellow]{summary.refused} refused[/]" if summary.refused else ""
    others = f", {summary.passed_over} file{'s' * (summary.passed_over > 1)} of other kinds passed over" if summary.passed_over else ""
    table.add_row("documents", f"{summary.read} read{known}{refused}{others}; {totals['documents']} in the warehouse")
    table.add_row("blocks kept", f"{kept['blocks'].sum()}: {_list_counts(kept, 'kind', 'blocks')}")
    table.add_row("removed", f"{removed['blocks'].sum()}: {_list_counts(removed, 'kind', 'blocks')}" if removed.height else "0")
    table.add_row("quantities", f"{frames['quantities']['found'].sum()}: {_list_counts(frames['quantities'], 'class', 'found')}".rstrip(": "))
    table.add_row("metrics", f"{frames['modalities']['found'].sum()}: {_list_counts(frames['modalities'], 'modality', 'found')}".rstrip(": "))
    table.add_row("rows rejected", str(summary.counts.get("rejected_rows", 0)))
    table.add_row("checks", _list_checks(summary))
    table.add_row("warehouse", str(summary.root / "caibao.duckdb"))
    return table


def _list_counts(frame: pl.DataFrame, name: str, count: str) -> str:
    return ", ".join(f"{row[count]} {row[name]}" for row in frame.iter_rows(named=True))


def _list_checks(summary: Summary) -> str:
    checks, failed = summary.frames["checks"], summary.failed_checks
    passed = checks.filter(pl.col("status") == "passed").height
    names = ", ".join(failed["check_name"].unique(maintain_order=True))
    return f"{passed} passed" + (f", [yellow]{failed.height} to look at[/]: {names}" if failed.height else "")


def _show_metrics(summary: Summary) -> Group:
    metrics = summary.frames["metrics"]
    table = Table(box=None, padding=(0, 1), header_style="dim")
    widths = {"entity": (8, 12), "period": (9, 10), "metric": (12, 20), "basis": (5, 13), "value": (9, 14), "as written": (8, 12)}
    for name, (least, most) in widths.items():
        # what is cut off a value or a quote would be another number
        is_figure = name in ("value", "as written")
        table.add_column(name, no_wrap=not is_figure, overflow="fold" if is_figure else "ellipsis", min_width=least, max_width=most, justify="right" if name == "value" else "left")
    for row in metrics.iter_rows(named=True):
        said = [row["basis"] if row["basis"] != "level" or row["modality"] == "actual" else "", row["modality"] if row["modality"] != "actual" else ""]
        table.add_row(row["entity"] or "?", row["period"] or "?", row["metric"], " ".join(filter(None, said)), show_values(row), row["quote"])
    return Group(Text(f" {metrics.height} of the metrics", style="bold"), table)


def _show_refusals(summary: Summary) -> Group:
    refused = summary.frames["refused"]
    lines = [Text.assemble((row["source_path"], "bold"), f": {row['reason']}") for row in refused.head(_SHOWN_REFUSALS).iter_rows(named=True)]
    more = refused.height - len(lines)
    tail = [Text(f"… and {more} more: SELECT source_path, reason FROM rejected_documents", style="dim")] if more > 0 else []
    return Group(Text("Refused, and why", style="bold yellow"), *(Padding(line, (0, 0, 0, 2)) for line in lines + tail))


def _scale(value: float | None, unit: str | None) -> str:
    """Return a number as it is spoken: 393.31亿; percentages as they are."""
    if value is None:
        return ""
    size, name = next(((size, name) for size, name in _SCALES if abs(value) >= size and unit != "percent"), (1, ""))
    return re.sub(r"\.?0+$", "", f"{value / size:.4f}") + name if value % 1 or size > 1 else f"{value:.0f}{name}"
