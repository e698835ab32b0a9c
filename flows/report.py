"""The report of a run as Markdown: for the Prefect UI and as a file in the warehouse."""

from collections.abc import Iterable
from pathlib import Path

from flows.summary import Summary

_MOST_ROWS = 200


def render_report(summary: Summary) -> str:
    """Return the report: verdict, funnel, what was removed, what was found, what is doubtful."""
    run, frames = summary.run, summary.frames
    kept = frames["blocks"].filter("is_kept")["blocks"].sum()
    removed = frames["blocks"].filter(~frames["blocks"]["is_kept"])
    sections = [
        f"# {summary.state}: {_verdict(summary)}",
        f"Run `{run['run_id']}`, {run['started_at']:%Y-%m-%d %H:%M:%S} UTC, {run['seconds']:.1f} s, {run['bytes'] / 1e6:.1f} MB.",
        "## From documents to metrics",
        _table(
            ["", "this run", "warehouse"],
            [
                ["documents read", summary.read, summary.totals["documents"]],
                ["inputs known already", summary.skipped + summary.copies, ""],
                ["inputs refused", summary.refused, summary.totals["rejected_documents"]],
                ["blocks kept", kept, ""],
                ["blocks removed", removed["blocks"].sum(), ""],
                ["quantities", frames["quantities"]["found"].sum(), summary.totals["quantities"]],
                ["metrics", frames["modalities"]["found"].sum(), summary.totals["metrics"]],
                ["rows rejected", frames["refused_rows"].height, summary.totals["rejected_rows"]],
            ],
        ),
    ]
    if removed.height:
        sections += ["## Removed, by kind", _table(["kind", "blocks"], removed.select("kind", "blocks").iter_rows())]
    if frames["metrics"].height:
        columns = ["entity", "period", "metric", "basis", "quote", "modality", "metric_id"]
        sections += ["## Some of the metrics", _table(columns, frames["metrics"].select(columns).iter_rows())]
    sections += ["## Checks", _table(
        ["check", "on", "status", "observed", "wanted", "what it means"],
        [
            [row["check_name"], row["scope"], row["status"] if row["status"] != "failed" else f"**{row['severity']}**", _number(row["observed"]), row["expected"], row["message"]]
            for row in frames["checks"].iter_rows(named=True)
        ],
    )]  # fmt: skip
    if frames["refused"].height:
        sections += ["## Inputs that were refused", _table(["path", "check", "what to do"], frames["refused"].select("source_path", "check", "reason").iter_rows())]
    return "\n\n".join(sections) + "\n"


def write_report(summary: Summary, markdown: str) -> Path:
    """Write the report beside the warehouse's database; return where."""
    path = summary.root / "reports" / f"{summary.run['run_id']}.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(markdown, encoding="utf-8")
    return path


def list_failing_checks(summary: Summary) -> list[dict]:
    """Return the checks that did not pass as rows of plain values, worst first."""
    return summary.failed_checks.head(_MOST_ROWS).to_dicts()


def _verdict(summary: Summary) -> str:
    """Return the run in one line."""
    failing = summary.failed_checks.height
    checks = "all checks pass" if not failing else f"{failing} check{'s' * (failing > 1)} to look at"
    refused = f", {summary.refused} inputs refused" if summary.refused else ""
    return f"{summary.read} documents read{refused}, {checks}"


def _table(header: list[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(value: object) -> str:
    return "" if value is None else str(value).replace("|", "\\|").replace("\n", " ")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
