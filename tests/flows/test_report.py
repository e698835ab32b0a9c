"""The report as HTML and Markdown: what it says, that it stands alone, and that no article can put markup into it."""

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import polars as pl
import pytest

from flows import steps
from flows.charts import draw_bars, draw_lines, write_data_uri
from flows.pages import escape_markdown, fit_columns, render_template
from flows.report import Chart, Link, Report, Section, _link_example, describe_run, list_failing_checks, render_report
from flows.steps import Settings, run_directly
from warehouse import publish

HOSTILE = '<img src=x onerror=alert(1)> ![p](http://evil.example/p.png) [a](javascript:x) | `c` "q"'


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory) -> Path:
    """The samples in two runs, the second of them the last."""
    root = tmp_path_factory.mktemp("warehouse")
    run_directly(Settings(("seeds/documents/call_tencent_2024q4.txt",), root))
    run_directly(Settings(("seeds/documents",), root))
    return root


def tell(**more) -> Report:
    return Report("run-1", "Completed: 1 documents read", "Run run-1.", (("documents read", "1", "usually 2"),), "well", **more)


def test_every_run_leaves_its_own_report_and_the_latest(warehouse):
    pages = sorted((warehouse / "reports").glob("run-*.html"))
    assert len(pages) == 2
    assert len(list((warehouse / "reports").glob("run-*.md"))) == 2
    assert (warehouse / "report.html").read_text(encoding="utf-8") == pages[-1].read_text(encoding="utf-8").replace('"../evidence/', '"./evidence/')


def test_the_page_says_what_the_run_did(warehouse):
    page = (warehouse / "report.html").read_text(encoding="utf-8")
    for heading in ("From documents to metrics", "How complete the metrics are", "What was removed", "Against the runs before", "Checks"):
        assert f"<h2>{heading}</h2>" in page
    with publish.connect(warehouse) as con:
        for name, observed in con.execute("SELECT check_name, scope FROM checks WHERE run_id = (SELECT max(run_id) FROM runs)").fetchall():
            assert f">{name}</td><td>{observed}</td>" in re.sub(r"\s*\n\s*| data-name=\"[^\"]*\"| class=long", "", page)


def read_rows(root: Path, heading: str) -> list[list[str]]:
    """Return the cells of the table that stands under a heading of the latest report."""
    page = (root / "report.html").read_text(encoding="utf-8")
    body = re.search(rf"<h2>{heading}</h2>.*?<tbody>(.*?)</tbody>", page, re.DOTALL)[1]
    return [[re.sub("<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)] for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)]


def test_every_link_of_the_page_leads_somewhere(warehouse):
    page = (warehouse / "report.html").read_text(encoding="utf-8")
    links = re.findall(r'href="([^"]+)"', page)
    assert any(link.startswith("./evidence/") for link in links)
    for link in links:
        path, _, anchor = link.partition("#")
        target = (warehouse / path).read_text(encoding="utf-8") if path else page
        assert not anchor or f'id="{anchor}"' in target, link


def test_pages_load_nothing_from_elsewhere(warehouse):
    for path in [warehouse / "report.html", *(warehouse / "evidence").glob("*.html")]:
        page = path.read_text(encoding="utf-8")
        assert "default-src 'none'" in page
        assert not re.findall(r'(?:src|srcset|href)\s*=\s*"?(?:https?:)?//', page), path


def test_what_articles_say_is_shown_and_never_runs():
    section = Section("Some", HOSTILE, (), ("a", "b"), ((HOSTILE, Link(HOSTILE, "0" * 16)),))
    page = render_template("report.html.j2", report=tell(sections=(section,)), root_path=".", linked=["0" * 16])
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    markdown = render_template("report.md.j2", report=tell(sections=(section,)), pages="")
    active = re.sub(r"\\.", "", markdown)
    assert not re.findall(r"<img|\]\(|://|`", active)
    row = next(line for line in markdown.splitlines() if line.startswith("| \\<img"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 3


def test_markdown_carries_its_charts(articles, tmp_path):
    text = render_report(run_directly(Settings((str(articles),), tmp_path / "w")))
    assert "](data:image/svg+xml;base64," in text
    assert "<svg" not in text


@pytest.mark.parametrize(
    "svg",
    [
        draw_bars([], "none"),
        draw_bars([("净利润 <&>", 3, "3"), ("营收", 0, "0")], 'a "name"'),
        draw_lines({"share": [0.5, None, 0.7, 0.8]}, ["1", "2", "3", "4"], "shares", is_share=True),
        draw_lines({"one": [3.0]}, ["1"], "a point"),
        draw_lines({"none": [None, None]}, ["1", "2"], "nothing"),
        draw_lines({"zero": [0.0, 0.0]}, ["1", "2"], "zeros"),
    ],
)
def test_charts_are_well_formed_and_stay_inside(svg):
    picture = ElementTree.fromstring(svg)
    width, height = (float(picture.get(side)) for side in ("width", "height"))
    for element in picture.iter():
        if element.get("x") and not element.get("x").endswith("%"):
            assert 0 <= float(element.get("x")) + float(element.get("width") or 0) <= width
            assert 0 <= float(element.get("y")) <= height
    assert write_data_uri(svg).startswith("data:image/svg+xml;base64,PHN2Zy")
    assert Chart(svg, "a").svg == svg


def test_what_failed_before_is_told_from_what_is_new(articles, tmp_path):
    ruin = tmp_path / "lexicon"
    ruin.mkdir()
    card = '[[quality_check]]\ncheck_name = "kept_share"\nseverity = "warn"\ncomparison = ">="\nlimit = 0.5\nmessage = "规则太严。"\nowner = "样本"\n'
    (ruin / "quality_checks.toml").write_text(card, encoding="utf-8")
    reports = []
    for lexicon in (None, ruin, ruin):
        summary = run_directly(Settings((str(articles / "hai_lan.txt"),), tmp_path / "w", lexicon_folder=lexicon))
        reports.append((describe_run(summary), summary.failed_checks.rows(named=True)))
    assert [(report.mood, report.verdict.partition("read, ")[2]) for report, _ in reports] == [
        ("well", "all checks pass"), ("doubt", "1 check to look at"), ("steady", "1 check to look at, not new"),
    ]  # fmt: skip
    (_, _), (second, failing), (third, later) = reports
    assert failing[0]["since"] == second.run_id == later[0]["since"] != third.run_id
    example = next(cell for row in third.sections[0].rows for cell in row if isinstance(cell, Link))
    assert (example.text.endswith("hai_lan.txt"), len(example.doc_id), third.sections[0].rows[0][-1]) == (True, 16, "样本")


def test_what_took_longest_is_measured_by_batch(warehouse):
    longest = read_rows(warehouse, "What took longest")
    assert len(longest) == 8
    assert {row[2] for row in longest} == {"by its length"}
    seconds = [float(row[1]) for row in longest]
    assert seconds == sorted(seconds, reverse=True)
    assert (seconds[0] / seconds[1]) == pytest.approx(int(longest[0][3].replace(",", "")) / int(longest[1][3].replace(",", "")), rel=0.1)
    with publish.connect(warehouse) as con:
        rows = con.execute("SELECT documents, bytes, cpu_seconds > 0 FROM batches ORDER BY run_id").fetchall()
        assert rows == [(documents, size, True) for documents, (size,) in zip((1, 9), con.execute("SELECT bytes FROM runs ORDER BY run_id").fetchall(), strict=True)]


def test_who_makes_a_batch_slow_is_measured_alone(articles, tmp_path, monkeypatch):
    """The one article that costs much is short: by length alone the other would be named."""
    (articles / "third.txt").write_text("南屿汽车2024年交付汽车12万辆。" * 40, encoding="utf-8")

    seconds = [0.0]  # a clock of the test's own: what the machine does besides is nothing of the articles'

    def judge(inputs, *more):
        costly = inputs["raw_text"].str.contains("北峰").any()
        seconds[0] += 0.6 if costly else 0.1
        return process(inputs, *more)

    process = steps.process
    monkeypatch.setattr(steps, "process", judge)
    monkeypatch.setattr(steps, "time", SimpleNamespace(process_time=lambda: seconds[0]))
    monkeypatch.setattr(steps, "_SECONDS_BESIDE", 0.5)
    root = tmp_path / "w"
    run_directly(Settings((str(articles),), root, workers=1))
    rows = read_rows(root, "What took longest")
    assert (rows[0][0], rows[0][2]) == ("bei_feng.txt", "measured")
    with publish.connect(root) as con:
        found = con.execute("SELECT round(cpu_seconds, 3), count(*) FROM slow_documents GROUP BY ALL ORDER BY 1").fetchall()
    assert found == [(0.1, 2), (0.6, 1)]
    monkeypatch.setattr(steps, "_SECONDS_BESIDE", 50)
    (articles / "fourth.txt").write_text("北峰电子2025年营收9亿元。", encoding="utf-8")
    run_directly(Settings((str(articles),), root, workers=1))
    assert read_rows(root, "What took longest")[0][2] == "measured"  # alone in its batch
    with publish.connect(root) as con:
        assert con.execute("SELECT count(*) FROM slow_documents").fetchone() == (3,)


@pytest.mark.parametrize(
    ("example", "doc_id", "metric_id", "said"),
    [
        ("c54d87167472b923.542.0 3.8%, computed 96.03", "c54d87167472b923", "c54d87167472b923.542.0", "3.8%, computed 96.03"),
        ("c54d87167472b923 block 7: 净利润\n6亿元", "c54d87167472b923", "", "block 7: 净利润\n6亿元"),
    ],
)
def test_examples_of_checks_lead_to_their_place(example, doc_id, metric_id, said):
    link = _link_example(example)
    assert (link.doc_id, link.metric_id, link.text) == (doc_id, metric_id, said)
    assert link.address("http://127.0.0.1:1/caibao") == f"http://127.0.0.1:1/caibao/evidence/{doc_id}.html" + (f"#{metric_id}" if metric_id else "")


def test_examples_that_name_no_document_stay_as_they_are():
    assert _link_example("now 3, usually 5") == "now 3, usually 5"
    assert _link_example(None) is None


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("海岚科技2024年营收", 8, ["海岚科技", "2024年营", "收"]), ("One article states two", 12, ["One article", "states two"]), ("articles_agree_with", 10, ["articles\\_", "agree\\_with"]),
        ("abcdefghijkl", 5, ["abcde", "fghij", "kl"]), ("", 5, [""]), ("<b> | c", 20, ["\\<b\\> \\| c"]),
    ],
)  # fmt: skip
def test_cells_are_broken_for_a_page_that_does_not(text, width, lines):
    assert escape_markdown(text, width).split("<br>") == lines


def test_tables_are_narrow_enough_for_the_page():
    header, rows = ("a", "b", "c", "d"), (("短", "x" * 300, "网" * 100, 7), ("短", None, "好", 1_000_000))
    widths = fit_columns(header, rows)
    assert sum(widths) + 4 * len(widths) <= 120
    assert (widths[0], widths[3]) == (2, 9)
    assert min(widths[1:3]) > 30


def test_rows_of_the_table_artifact_carry_evidence_and_no_markup_of_articles(warehouse, tmp_path):
    (tmp_path / "a.txt").write_text("海岚科技2024年营收52.6亿元。\n海岚科技2024年营收62.6亿元。\n", encoding="utf-8")
    summary = run_directly(Settings((str(tmp_path / "a.txt"),), tmp_path / "w"))
    row = next(row for row in list_failing_checks(summary, "http://127.0.0.1:1/caibao") if row["check"].startswith("articles\\_agree\\_with\\_themselves: conflicts<br>"))
    metric_id = re.search(r"#([0-9a-f.]+)\)$", row["example"])[1]
    assert row["example"] == f"[52.6亿元 / 62.6亿元](http://127.0.0.1:1/caibao/evidence/{metric_id[:16]}.html#{metric_id})"
    assert row["in the terminal"] == f"`caibao explain {metric_id}`"
    assert row["state"] == "warn, new"
    assert row["what it means"].endswith("<br>owner: the articles, or<br>transforms.metrics")
    hostile = replace(summary, frames=summary.frames | {"checks": summary.frames["checks"].with_columns(example=pl.lit(f"{metric_id} {HOSTILE}"))})
    for row in list_failing_checks(hostile, ""):
        assert not re.findall(r"<img|\]\((?!/evidence)|://|`(?!caibao|$)", re.sub(r"\\.", "", row["example"]))
    many = replace(summary, frames=summary.frames | {"checks": pl.concat([summary.failed_checks] * 300)})
    assert len(list_failing_checks(many, "")) == 200
