"""The warehouse's pages beside the Prefect UI: what is served, and to whom."""

import pytest
from starlette.testclient import TestClient

from flows.site import create_pages
from flows.steps import Settings, run_directly
from warehouse import publish


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    root = tmp_path_factory.mktemp("site")
    run_directly(Settings(("seeds/documents/portal_moutai_2023.txt", "seeds/documents/preview_catl_2024.md"), root))
    return root


@pytest.fixture
def client(warehouse):
    return TestClient(create_pages(warehouse), base_url="http://127.0.0.1")


def test_reports_and_the_evidence_of_every_document(client, warehouse):
    run_id = next((warehouse / "reports").glob("*.html")).stem
    for path in ("/caibao/", "/caibao/report.html", f"/caibao/reports/{run_id}.html"):
        assert "2 documents read" in client.get(path).text, path
    with publish.connect(warehouse) as con:
        for (doc_id,) in con.execute("SELECT doc_id FROM documents").fetchall():
            answer = client.get(f"/caibao/evidence/{doc_id}.html")
            assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
            assert doc_id in answer.text


@pytest.mark.parametrize(
    "path",
    ["/caibao/caibao.duckdb", "/caibao/reports/..%2f..%2fcaibao.duckdb.html", "/caibao/reports/run-1.html", "/caibao/evidence/0000000000000000.html", "/caibao/evidence/%25.html", "/"],
)
def test_nothing_else_is_served(client, path):
    assert client.get(path).status_code == 404


def test_a_name_that_leads_here_from_elsewhere_is_refused(warehouse):
    assert TestClient(create_pages(warehouse), base_url="http://rebound.example").get("/caibao/report.html").status_code == 400


def test_before_the_first_run_there_is_a_sentence(tmp_path):
    answer = TestClient(create_pages(tmp_path), base_url="http://localhost").get("/caibao/")
    assert (answer.status_code, answer.text.startswith("There is no such page")) == (404, True)
