import duckdb
import polars as pl
import pytest

from flows.quality import QualityError, evaluate_checks, stop_on_failure
from flows.report import render_report
from flows.steps import Settings, run_directly


def card(**fields) -> pl.DataFrame:
    return pl.DataFrame([{"check_name": "share", "severity": "warn", "comparison": "<=", "limit": 0.1, "message": "Look.", "owner": "x"} | fields])


@pytest.mark.parametrize(
    ("observed", "comparison", "status"),
    [(0.1, "<=", "passed"), (0.2, "<=", "failed"), (0.2, ">=", "passed"), (0.0, ">=", "failed"), (None, "<=", "skipped")],
)
def test_what_is_observed_is_held_against_the_limit(monkeypatch, observed, comparison, status):
    value = "NULL" if observed is None else observed
    monkeypatch.setattr("flows.quality.read_check", lambda _: f"SELECT 'all' AS scope, {value} AS observed, 'doc 7' AS example")
    with duckdb.connect() as con:
        checks = evaluate_checks(con, card(comparison=comparison), "run-1")
    assert checks.select("status", "expected", "scope").rows() == [(status, f"{comparison} 0.1", "all")]
    assert checks.select("example", "owner").rows() == [("doc 7" if status == "failed" else None, "x")]


def test_a_failed_check_of_severity_fail_stops_the_run(monkeypatch):
    monkeypatch.setattr("flows.quality.read_check", lambda _: "SELECT 'all' AS scope, 3 AS observed, 'doc 7' AS example")
    with duckdb.connect() as con:
        stop_on_failure(evaluate_checks(con, card(), "run-1"))
        with pytest.raises(QualityError, match=r"share on all: found 3, wanted <= 0\.1"):
            stop_on_failure(evaluate_checks(con, card(severity="fail"), "run-1"))


def test_the_report_tells_verdict_funnel_and_checks(articles, tmp_path):
    (articles / "empty.txt").write_bytes(b"")
    text = render_report(run_directly(Settings((str(articles),), tmp_path / "w")))
    assert text.startswith("# Quarantined: 2 documents read, 1 inputs refused")
    for heading in ("## From documents to metrics", "## Checks", "## Inputs that were refused"):
        assert heading in text
