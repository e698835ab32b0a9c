"""The report as HTML and Markdown: what it says, that it stands alone, and that no article can put markup into it."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from flows.charts import draw_bars, draw_lines, write_data_uri
from flows.pages import render_template
from flows.report import Chart, Link, Report, Section, render_report
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
    return Report("run-1", "Completed: 1 documents read", "Run run-1.", (("documents read", "1"),), True, **more)


def test_every_run_leaves_its_own_report_and_the_latest(warehouse):
    pages = sorted((warehouse / "reports").glob("run-*.html"))
    assert len(pages) == 2
    assert len(list((warehouse / "reports").glob("run-*.md"))) == 2
    assert (warehouse / "report.html").read_text(encoding="utf-8") == pages[-1].read_text(encoding="utf-8").replace('"../evidence/', '"evidence/')


def test_the_page_says_what_the_run_did(warehouse):
    page = (warehouse / "report.html").read_text(encoding="utf-8")
    for heading in ("From documents to metrics", "How complete the metrics are", "What was removed", "Against the runs before", "Checks"):
        assert f"<h2>{heading}</h2>" in page
    with publish.connect(warehouse) as con:
        for name, observed in con.execute("SELECT check_name, scope FROM checks WHERE run_id = (SELECT max(run_id) FROM runs)").fetchall():
            assert f"<td>{name}</td><td>{observed}</td>" in re.sub(r"\s*\n\s*", "", page)


def test_every_link_of_the_page_leads_somewhere(warehouse):
    page = (warehouse / "report.html").read_text(encoding="utf-8")
    links = re.findall(r'href="([^"]+)"', page)
    assert any(link.startswith("evidence/") for link in links)
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
    page = render_template("report.html.j2", report=tell(sections=(section,)), root_path="", linked=["0" * 16])
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    markdown = render_template("report.md.j2", report=tell(sections=(section,)))
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
