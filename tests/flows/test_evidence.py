"""The evidence page of one document: all of its characters, every figure linked both ways, nothing that could run."""

import html
import re
from html.parser import HTMLParser

import pytest
from typer.testing import CliRunner

from flows import cli
from flows.evidence import render_evidence
from flows.steps import Settings, run_directly
from warehouse import publish
from warehouse.parts import WarehouseError

HOSTILE = (
    "海岚科技公布2024年业绩<script>alert(1)</script>\n2025年3月20日 财经快讯\n"
    '海岚科技2024年营收52.6亿元,同比增长12%;净利润6.1亿元"><img src=x onerror=alert(2)>。\n<b>公司</b>预计2025年营收58亿元 &lt;br&gt;。\n'
)


class Words(HTMLParser):
    """The text of the article on a page, without scripts, styles and the reasons of removals."""

    def __init__(self, page: str):
        super().__init__()
        self.text, self.scripts, self._inside = [], 0, []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.scripts += tag == "script"
        if tag not in ("meta", "input", "br"):
            self._inside.append((tag, dict(attributes).get("class") or ""))

    def handle_endtag(self, tag):
        while self._inside and self._inside.pop()[0] != tag:
            pass

    def handle_data(self, text):
        names = [f"{tag}.{name}" for tag, name in self._inside]
        if any(name.startswith("p.block") for name in names) and "small.why" not in names:
            self.text.append(text)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    root = tmp_path_factory.mktemp("warehouse")
    (root / "hostile.txt").write_text(HOSTILE, encoding="utf-8")
    run_directly(Settings(("seeds/documents", str(root / "hostile.txt")), root / "w"))
    with publish.connect(root / "w") as con:
        yield con


@pytest.fixture(scope="module")
def pages(warehouse):
    return {doc_id: render_evidence(warehouse, doc_id) for (doc_id,) in warehouse.execute("SELECT doc_id FROM documents").fetchall()}


def test_the_page_shows_every_block_as_it_stands_in_the_file(warehouse, pages):
    for doc_id, page in pages.items():
        blocks = warehouse.execute(
            "SELECT d.raw_text[b.start_char + 1 : b.end_char] FROM blocks AS b JOIN documents AS d USING (doc_id) WHERE doc_id = ? ORDER BY block_no", [doc_id]
        ).fetchall()
        assert "".join("".join(Words(page).text).split()) == "".join("".join(text for (text,) in blocks).split())


def test_every_metric_is_linked_to_its_row_and_back(warehouse, pages):
    for doc_id, page in pages.items():
        rows = warehouse.execute("SELECT metric_id, quote FROM metrics WHERE doc_id = ?", [doc_id]).fetchall()
        for metric_id, quote in rows:
            assert page.count(f'<tr id="{metric_id}"') == 1
            assert page.count(f'<span id="at-{metric_id}"></span>') == 1
            assert f'<a href="#at-{metric_id}">{html.escape(quote, quote=False)}</a>' in page
        for anchor in re.findall(r'href="#([^"]+)"', page):
            assert f'id="{anchor}"' in page


def grounds_of(page: str, metric_id: str) -> str:
    """Return the words under a figure's row."""
    part = re.search(rf'<tr id="{re.escape(metric_id)}".*?<dl>(.*?)</dl>', page, re.DOTALL)[1]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", part)).split())


def test_a_figure_says_what_each_part_rests_on(tmp_path):
    text = "云杉科技2024年三季报\n云杉科技公布三季报。其中云服务业务预计实现营收分别为8.42、1.79亿元，公司毛利率约三成。\n"
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    run_directly(Settings((str(tmp_path / "a.txt"),), tmp_path / "w"))
    with publish.connect(tmp_path / "w") as con:
        rows = con.execute("SELECT metric_id, quote, evidence, segment FROM metrics ORDER BY start_char").fetchall()
        page = render_evidence(con, rows[0][0].split(".")[0])
    said = {quote: grounds_of(page, metric_id) for metric_id, quote, _, _ in rows}
    assert list(said) == ["8.42", "1.79亿元", "三成"]
    for _, quote, evidence, segment in rows:
        for part, start, end in re.findall(r"(\w+)@(\d+)-(\d+)", evidence):
            assert f"{part} {text[int(start) : int(end)]} " in said[quote]
        assert (f"segment {segment} stands with the figure" in said[quote]) == bool(segment)
    assert "number 8.42 read as 842,000,000 CNY" in said["8.42"]  # the unit stands behind the last of the list
    assert "modality 预计 stands with the figure" in said["8.42"]


def test_removed_parts_tell_who_removed_them(warehouse, pages):
    removed = warehouse.execute("SELECT doc_id, kind, rule_id FROM removed").fetchall()
    assert removed
    for doc_id, kind, rule_id in removed:
        assert f'title="removed as {kind} by {rule_id}: ' in pages[doc_id]


def test_markup_of_an_article_is_shown_and_never_runs(pages):
    page = next(page for page in pages.values() if "alert(2)" in page)
    assert "<img" not in page
    assert "<b>" not in page
    assert Words(page).scripts == 1
    assert "&lt;img src=x onerror=alert(2)&gt;" in page


def test_the_command_writes_a_file(tmp_path):
    run_directly(Settings(("seeds/documents/portal_moutai_2023.txt",), tmp_path / "w"))
    target = tmp_path / "page.html"
    result = CliRunner().invoke(cli.app, ["explain", "portal_moutai_2023.txt", "--html", str(target), "-w", str(tmp_path / "w")])
    assert result.exit_code == 0, result.output
    assert "<title>" in target.read_text(encoding="utf-8")


def test_an_unknown_name_is_an_error(warehouse):
    with pytest.raises(WarehouseError, match="Nothing is called"):
        render_evidence(warehouse, "nowhere")
