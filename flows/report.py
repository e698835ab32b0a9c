"""The report of a run: said once as sections, written as an HTML page in the warehouse and as Markdown for the Prefect UI."""

import re
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl

from flows.charts import draw_bars, draw_lines
from flows.evidence import render_evidence
from flows.pages import escape_markdown, render_template
from flows.summary import Summary
from warehouse import publish

_MOST_ROWS = 200  # of a table artifact
_MOST_PAGES = 60  # evidence pages that a run writes for the documents its report speaks of
_KEPT_REPORTS = 200
_PLACE = re.compile(r"(?P<doc_id>[0-9a-f]{16})(?P<metric>\.\d+\.\d+)? (?P<said>.+)", re.DOTALL)  # how an example of a check begins


@dataclass(frozen=True)
class Link:
    """A cell that leads to a document's evidence, or to one figure of it."""

    text: str
    doc_id: str
    metric_id: str = ""

    def address(self, root: str) -> str:
        """Return where the evidence stands below `root`."""
        return f"{root}/evidence/{self.doc_id}.html" + (f"#{self.metric_id}" if self.metric_id else "")


@dataclass(frozen=True)
class Chart:
    """A picture and what it shows, in words."""

    svg: str
    title: str


@dataclass(frozen=True)
class Section:
    """A heading with a sentence, charts and a table."""

    heading: str
    text: str = ""
    charts: tuple[Chart, ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[object, ...], ...] = ()


@dataclass(frozen=True)
class Report:
    """What one run has to tell."""

    run_id: str
    verdict: str
    subtitle: str
    tiles: tuple[tuple[str, str, str], ...]  # name, value, how that was before
    mood: str  # well, doubt, steady: nothing, something new, or only what was known is to be looked at
    sections: tuple[Section, ...] = field(default=())


def describe_run(summary: Summary) -> Report:
    """Return the report: verdict, funnel, checks, what is incomplete, removed, damaged and contradictory, and how that was before."""
    run = summary.run
    started = f"{run['started_at']:%Y-%m-%d %H:%M:%S} UTC"
    scope = "" if summary.read else " Nothing was new: the numbers are those of the whole warehouse."
    sections = (
        _describe_failing, _describe_refused, _describe_funnel, _describe_history, _describe_completeness, _describe_removed, _describe_damage,
        _describe_conflicts, _describe_arithmetic, _describe_slowest, _describe_thinnest, _describe_metrics, _describe_checks,
    )  # fmt: skip
    told = tuple(section for describe in sections for section in describe(summary))
    return Report(
        run["run_id"], f"{summary.state}: {_verdict(summary)}", f"Run {run['run_id']}, {started}, {run['seconds']:.1f} s, {_size(run['bytes'])}.{scope}",
        _describe_tiles(summary), _judge_mood(summary), told,
    )  # fmt: skip


def render_report(summary: Summary, pages: str = "") -> str:
    """Return the report as Markdown, with links to the pages served at the address `pages`, if there is one."""
    return render_template("report.md.j2", report=describe_run(summary), pages=pages)


def write_report(summary: Summary) -> Path:
    """Write the report as HTML and Markdown, and the evidence of the documents it speaks of; return the latest page.

    report.html is the latest run; reports/<run>.html and .md stay, the newest 200 of each.
    """
    root, report = summary.root, describe_run(summary)
    folder, evidence = root / "reports", root / "evidence"
    folder.mkdir(exist_ok=True)
    evidence.mkdir(exist_ok=True)
    linked = _list_documents(report)[:_MOST_PAGES]
    with publish.connect(root) as con:
        for page, doc_id in ((evidence / f"{doc_id}.html", doc_id) for doc_id in linked):
            if summary.is_news or not page.exists():
                page.write_text(render_evidence(con, doc_id), encoding="utf-8")
    (folder / f"{report.run_id}.md").write_text(render_template("report.md.j2", report=report, pages=""), encoding="utf-8")
    for path, root_path in ((folder / f"{report.run_id}.html", ".."), (root / "report.html", ".")):
        path.write_text(render_template("report.html.j2", report=report, root_path=root_path, linked=linked), encoding="utf-8")
    for suffix in ("html", "md"):
        for old in sorted(folder.glob(f"run-*.{suffix}"))[:-_KEPT_REPORTS]:
            old.unlink()
    return root / "report.html"


def list_failing_checks(summary: Summary, pages: str) -> list[dict]:
    """Return the checks that did not pass as rows for the Prefect UI, worst first: cells are Markdown, links lead to `pages`."""
    rows = []
    for row in summary.failed_checks.head(_MOST_ROWS).iter_rows(named=True):
        example = _link_example(row["example"])
        is_link = isinstance(example, Link)
        said = escape_markdown(example, 20)
        # the UI breaks no lines and cuts wide tables off at the right: there stands what the link gives as well
        rows.append({
            "state": escape_markdown(f"{row['severity']}, {_say_since(row['since'], summary)}", 11),
            "check": escape_markdown(f"{row['check_name']}: {row['scope']}", 41) + f"<br>{_number(row['observed'])}, wanted {escape_markdown(row['expected'])}",
            "example": f"[{said}]({example.address(pages)})" if is_link else said,
            "what it means": escape_markdown(row["message"], 34) + f"<br>owner: {escape_markdown(row['owner'], 34)}",
            "in the terminal": f"`caibao explain {example.metric_id or example.doc_id}`" if is_link else "",
        })  # fmt: skip
    return rows


def _verdict(summary: Summary) -> str:
    """Return the run in one line."""
    refused = f", {summary.refused} inputs refused" if summary.refused else ""
    return f"{summary.read} documents read{refused}, {say_checks(summary)}"


def say_checks(summary: Summary) -> str:
    """Return how the checks went in a few words, and whether that is new."""
    failing, new = summary.failed_checks.height, summary.new_failures
    if not failing:
        return "all checks pass"
    news = "" if new == failing else f", {new} of them new" if new else ", none of them new" if failing > 1 else ", not new"
    return f"{failing} check{'s' * (failing > 1)} to look at{news}"


def _judge_mood(summary: Summary) -> str:
    if summary.new_failures or summary.counts.get("rejected_documents") or summary.counts.get("rejected_rows"):
        return "doubt"
    return "steady" if summary.failed_checks.height or summary.state != "Completed" else "well"


def _describe_tiles(summary: Summary) -> tuple[tuple[str, str, str], ...]:
    """Return the figures at the head of the report, each beside the median of the runs before."""
    run, totals = summary.run, summary.totals
    metrics, documents = _count(summary, "modalities", "found"), summary.read or totals["documents"]
    before = [row for row in summary.frames["history"].iter_rows(named=True) if row["run_id"] != run["run_id"] and row["documents"]]
    usual_documents, usual_metrics = _median([row["documents"] for row in before]), _median([row["metrics"] / row["documents"] for row in before])
    return (
        ("documents read", f"{summary.read:,}", f"usually {usual_documents:,.0f}" if before else "the first run"),
        ("metrics", f"{metrics:,}", f"{metrics / max(documents, 1):.1f} per document" + (f", usually {usual_metrics:.1f}" if before else "")),
        ("checks to look at", str(summary.failed_checks.height), f"{summary.new_failures} new"),
        ("inputs refused", str(summary.refused), "see below" if summary.refused else ""),
        ("documents in the warehouse", f"{totals['documents']:,}", f"{totals['metrics']:,} metrics"),
        ("seconds", f"{run['seconds']:.1f}", _size(run["bytes"])),
    )  # fmt: skip


def _median(values: list[float]) -> float:
    return statistics.median(values) if values else 0.0


def _describe_funnel(summary: Summary) -> Iterator[Section]:
    blocks = summary.frames["blocks"]
    documents = summary.read or summary.totals["documents"]
    kept = int(blocks.filter("is_kept")["blocks"].sum())
    removed = int(blocks["blocks"].sum()) - kept
    quantities, metrics = _count(summary, "quantities", "found"), _count(summary, "modalities", "found")
    stages = [("documents", documents), ("blocks", kept + removed), ("blocks kept", kept), ("quantities", quantities), ("metrics", metrics)]
    yield Section(
        "From documents to metrics", "",
        (Chart(draw_bars([(name, number, f"{number:,}") for name, number in stages], "Rows of each stage"), "Rows of each stage"),),
        ("", "this run", "warehouse"),
        (
            ("documents read", summary.read, summary.totals["documents"]), ("inputs known already", summary.skipped + summary.copies, None),
            ("inputs refused", summary.refused, summary.totals["rejected_documents"]), ("blocks kept", kept, None), ("blocks removed", removed, None),
            ("quantities", quantities, summary.totals["quantities"]), ("metrics", metrics, summary.totals["metrics"]),
            ("rows rejected", summary.frames["refused_rows"].height, summary.totals["rejected_rows"]),
        ),
    )  # fmt: skip


def _describe_failing(summary: Summary) -> Iterator[Section]:
    failing = summary.failed_checks
    if failing.height:
        rows = [
            (f"{row['severity']}, {_say_since(row['since'], summary)}", f"{row['check_name']}: {row['scope']}", _link_example(row["example"]), f"{_number(row['observed'])}, wanted {row['expected']}", row["message"], row["owner"])
            for row in failing.head(_MOST_ROWS).iter_rows(named=True)
        ]
        header = ("state", "check", "example", "found", "what it means", "owner")
        yield Section("Checks to look at", "What is new comes first. The limits stand in seeds/lexicon/quality_checks.toml.", (), header, tuple(rows))


def _link_example(example: str | None) -> object:
    """Return the example of a check as a link to its document or figure, where it names one."""
    place = _PLACE.fullmatch(example or "")
    return Link(place["said"], place["doc_id"], place["doc_id"] + place["metric"] if place["metric"] else "") if place else example


def _say_since(since: str, summary: Summary) -> str:
    """Return since when a check fails: new, or the day and time of the run that first showed it."""
    return "new" if since == summary.run["run_id"] else f"since {datetime.strptime(since, 'run-%Y%m%dT%H%M%S%f'):%m-%d %H:%M}"


def _describe_completeness(summary: Summary) -> Iterator[Section]:
    counted = summary.frames["completeness"].row(0, named=True)
    total = counted["metrics"]
    if not total:
        return
    shares = [(name, counted[name] / total, f"{counted[name] / total:.1%}") for name in ("entity", "company named", "period", "unit", "named")]
    modalities = [(row["modality"], row["found"], f"{row['found']:,}") for row in summary.frames["modalities"].iter_rows(named=True)]
    classes = [(row["class"], row["found"], f"{row['found']:,}") for row in summary.frames["quantities"].iter_rows(named=True)]
    yield Section(
        "How complete the metrics are", "Share of the metrics whose subject, period and unit are known, and whose label the lexicon names. "
        "Of those with a subject, the text names the company itself for some; 公司 stands where it never does.",
        (
            Chart(draw_bars(shares, "Known parts of the metrics", largest=1.0), "Known parts of the metrics"),
            Chart(draw_bars(modalities, "Metrics by modality"), "Metrics by modality"),
            Chart(draw_bars(classes, "Numeric expressions by class"), "Numeric expressions by class"),
        ),
    )  # fmt: skip


def _describe_removed(summary: Summary) -> Iterator[Section]:
    removed = summary.frames["removed"]
    if not removed.height:
        return
    kinds = removed.group_by("kind", maintain_order=True).agg(pl.col("blocks").sum()).sort("blocks", descending=True)
    chart = draw_bars([(row["kind"], row["blocks"], f"{row['blocks']:,}") for row in kinds.iter_rows(named=True)], "Blocks taken out, by kind")
    rows = [
        (row["kind"], row["publisher"] or "not named", row["blocks"], row["with_figure"], row["rule_id"], row["reason"], Link(row["example"], row["doc_id"]))
        for row in removed.iter_rows(named=True)
    ]
    yield Section(
        "What was removed", "By kind and publisher, with the rule that took most of it and one example. Examples that carry a figure come first.",
        (Chart(chart, "Blocks taken out, by kind"),), ("kind", "publisher", "blocks", "with a figure", "rule", "reason", "example"), tuple(rows),
    )  # fmt: skip


def _describe_damage(summary: Summary) -> Iterator[Section]:
    rows = [
        (
            row["publisher"] or "not named", row["documents"], row["documents_misconverted"], row["script_repairs"],
            row["ocr_repairs"] + row["spelling_repairs"] + row["stray_repairs"] + row["duplicate_repairs"], row["proposed_repairs"], row["most_often"],
        )
        for row in summary.frames["damage"].iter_rows(named=True)
    ]  # fmt: skip
    if rows:
        header = ("publisher", "documents", "misconverted", "script repairs", "other repairs", "only proposed", "most often")
        yield Section("Damaged characters", "By publisher, of the whole warehouse.", (), header, tuple(rows))


def _describe_conflicts(summary: Summary) -> Iterator[Section]:
    rows = [
        (
            f"{row['entity']} {row['period']} {row['metric']}" + ("" if row["basis"] == "level" else f" {row['basis']}"), f"{row['difference_percent']:.3g} %",
            Link(row["quote"], row["doc_id"], row["metric_id"]), row["sentence"], Link(row["other_quote"], row["other_doc_id"], row["other_metric_id"]), row["other_sentence"],
        )
        for row in summary.frames["conflicts"].iter_rows(named=True)
    ]  # fmt: skip
    if rows:
        header = ("what", "apart", "one says", "where", "the other says", "where")
        yield Section("Statements that contradict each other", "The widest thirty; all of them: FROM conflicts.", (), header, tuple(rows))


def _describe_arithmetic(summary: Summary) -> Iterator[Section]:
    rows = [
        (
            f"{row['entity']} {row['period']} {row['metric']}", row["identity"], Link(row["quote"], row["doc_id"], row["metric_id"]),
            _number(row["stated"]), _number(row["computed"]), " · ".join(row["from_quotes"]),
        )
        for row in summary.frames["arithmetic"].iter_rows(named=True)
    ]  # fmt: skip
    if rows:
        header = ("what", "identity", "as written", "stated", "computed", "from")
        yield Section("Figures that do not add up", "The widest thirty; all of them: FROM arithmetic WHERE NOT is_consistent.", (), header, tuple(rows))


def _describe_history(summary: Summary) -> Iterator[Section]:
    history = summary.frames["history"]
    if history.height < 2:
        return
    labels = [f"{at:%m-%d %H:%M}" for at in history["started_at"]]
    per_document = [row["metrics"] / row["documents"] if row["documents"] else None for row in history.iter_rows(named=True)]
    parts = {name: history[name].to_list() for name in ("entity", "period", "unit", "named")}
    counts = {"failing checks": history["failing"].fill_null(0).to_list(), "refused inputs": history["refused"].to_list()}
    charts = (
        Chart(draw_lines({"metrics per document": per_document}, labels, "Metrics per document, run by run"), "Metrics per document, run by run"),
        Chart(draw_lines(parts, labels, "Known parts of the metrics, run by run", is_share=True), "Known parts of the metrics, run by run"),
        Chart(draw_lines(counts, labels, "Failing checks and refused inputs, run by run"), "Failing checks and refused inputs, run by run"),
        Chart(draw_lines({"CPU seconds per MB": history["seconds_per_mb"].to_list()}, labels, "Cost, run by run"), "Cost, run by run"),
    )
    last = list(history.iter_rows(named=True))[-8:]
    rows = [(f"{row['started_at']:%Y-%m-%d %H:%M}", row["documents"], row["metrics"], row["refused"], row["failing"], f"{row['seconds']:.1f}") for row in reversed(last)]
    yield Section("Against the runs before", "", charts, ("run", "documents", "metrics", "refused", "failing checks", "seconds"), tuple(rows))


def _describe_metrics(summary: Summary) -> Iterator[Section]:
    metrics = summary.frames["metrics"]
    if metrics.height:
        rows = [
            (row["entity"], row["period"], row["metric"], row["basis"], row["modality"], Link(row["quote"], row["metric_id"].split(".")[0], row["metric_id"]), row["metric_id"])
            for row in metrics.iter_rows(named=True)
        ]
        yield Section("Some of the metrics", "", (), ("company", "period", "metric", "basis", "modality", "as written", "metric_id"), tuple(rows))


def _describe_slowest(summary: Summary) -> Iterator[Section]:
    rows = [
        (
            Link(Path(row["source_path"]).name, row["doc_id"]), f"{row['cpu_seconds']:.2f}", "measured" if row["is_measured"] else "by its length",
            row["characters"], f"{row['seconds_per_mb']:.1f}",
        )
        for row in summary.frames["slowest"].iter_rows(named=True)
    ]  # fmt: skip
    if rows:
        header = ("document", "CPU seconds", "known", "characters", "its batch, per MB")
        yield Section(
            "What took longest", "A batch's documents are judged together: its time is measured, and goes to them by their length. Where a batch takes "
            "much longer than its size explains, those likeliest to blame are measured alone: FROM slow_documents. All batches: FROM batches.", (), header, tuple(rows),
        )  # fmt: skip


def _describe_thinnest(summary: Summary) -> Iterator[Section]:
    rows = [
        (Link(Path(row["source_path"]).name, row["doc_id"]), row["publisher"] or "not named", row["char_count"], f"{row['kept_share']:.0%}", row["metrics"], row["metrics_complete"])
        for row in summary.frames["thinnest"].iter_rows(named=True)
    ]
    if rows:
        header = ("document", "publisher", "characters", "kept", "metrics", "complete")
        yield Section("Documents of which least was kept", "", (), header, tuple(rows))


def _describe_checks(summary: Summary) -> Iterator[Section]:
    rows = [(row["check_name"], row["scope"], row["status"], _number(row["observed"]), row["expected"]) for row in summary.frames["checks"].iter_rows(named=True)]
    yield Section("Checks", "", (), ("check", "on", "status", "observed", "wanted"), tuple(rows))


def _describe_refused(summary: Summary) -> Iterator[Section]:
    refused = summary.frames["refused"]
    if refused.height:
        yield Section("Inputs that were refused", "", (), ("path", "check", "what to do"), tuple(refused.select("source_path", "check", "reason").iter_rows()))


def _list_documents(report: Report) -> list[str]:
    """Return the documents that cells lead to, in the order they are named."""
    links = (cell for section in report.sections for row in section.rows for cell in row if isinstance(cell, Link))
    return list(dict.fromkeys(link.doc_id for link in links))


def _count(summary: Summary, frame: str, column: str) -> int:
    return int(summary.frames[frame][column].sum())


def _size(byte_count: int) -> str:
    return f"{byte_count / 1e6:,.1f} MB" if byte_count >= 1e6 else f"{byte_count / 1e3:.1f} kB"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
