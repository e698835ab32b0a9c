"""The warehouse's pages beside the Prefect UI: what is served, and to whom."""

import asyncio
from pathlib import Path

import httpx
import pytest

from flows.site import create_pages
from flows.steps import Settings, run_directly
from warehouse import publish


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    root = tmp_path_factory.mktemp("site")
    run_directly(Settings(("seeds/documents/portal_moutai_2023.txt", "seeds/documents/preview_catl_2024.md"), root))
    return root


def get(root: Path, path: str, host: str = "127.0.0.1") -> httpx.Response:
    """Return the answer of a warehouse's pages."""

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(create_pages(root)), base_url=f"http://{host}") as client:
            return await client.get(path)

    return asyncio.run(ask())


def test_reports_and_the_evidence_of_every_document(warehouse):
    run_id = next((warehouse / "reports").glob("*.html")).stem
    for path in ("/caibao/", "/caibao/report.html", f"/caibao/reports/{run_id}.html"):
        assert "2 documents read" in get(warehouse, path).text, path
    with publish.connect(warehouse) as con:
        for (doc_id,) in con.execute("SELECT doc_id FROM documents").fetchall():
            answer = get(warehouse, f"/caibao/evidence/{doc_id}.html")
            assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
            assert doc_id in answer.text


@pytest.mark.parametrize(
    "path",
    ["/caibao/caibao.duckdb", "/caibao/reports/..%2f..%2fcaibao.duckdb.html", "/caibao/reports/run-1.html", "/caibao/evidence/0000000000000000.html", "/caibao/evidence/%25.html", "/"],
)
def test_nothing_else_is_served(warehouse, path):
    assert get(warehouse, path).status_code == 404


def test_a_name_that_leads_here_from_elsewhere_is_refused(warehouse):
    assert get(warehouse, "/caibao/report.html", "rebound.example").status_code == 400


def test_before_the_first_run_there_is_a_sentence(tmp_path):
    answer = get(tmp_path, "/caibao/", "localhost")
    assert (answer.status_code, answer.text.startswith("There is no such page")) == (404, True)
