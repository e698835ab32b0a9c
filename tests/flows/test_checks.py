"""Checks that look at more than one run, on small tables that the eye can check."""

from datetime import datetime, timedelta

import duckdb
import pytest

from warehouse.queries import read_check

START = datetime(2025, 3, 1)


@pytest.fixture
def con():
    with duckdb.connect() as con:
        con.execute("CREATE TABLE sources (doc_id VARCHAR, seen_at TIMESTAMP)")
        con.execute("CREATE TABLE documents (doc_id VARCHAR, publisher VARCHAR, published_at TIMESTAMP)")
        con.execute("CREATE TABLE quality (doc_id VARCHAR, publisher VARCHAR, script VARCHAR, char_count BIGINT, kept_share DOUBLE, metrics BIGINT, metrics_complete BIGINT)")
        yield con


def deliver(con, run: int, documents: int, metrics: int, publisher: str = "海岚财经", published: int | None = None) -> None:
    """Add a delivery: `run` days after the start, articles of `published` days after the start."""
    for number in range(documents):
        doc_id = f"{run:08d}{number:08d}"
        con.execute("INSERT INTO sources VALUES (?, ?)", [doc_id, START + timedelta(days=run)])
        con.execute("INSERT INTO documents VALUES (?, ?, ?)", [doc_id, publisher, START + timedelta(days=run if published is None else published)])
        con.execute("INSERT INTO quality VALUES (?, ?, 'hans', 900, 0.9, ?, ?)", [doc_id, publisher, metrics, metrics])


def look(con, name: str) -> dict[str, float | None]:
    return {scope: observed for scope, observed, _ in con.execute(read_check(name)).fetchall()}


def test_a_delivery_like_those_before_passes_and_another_stands_out(con):
    for run in range(6):
        deliver(con, run, 20 + run % 3, 10)
    assert max(look(con, "runs_are_alike").values()) < 2
    deliver(con, 6, 21, 0)
    observed = look(con, "runs_are_alike")
    assert observed["metrics per document"] == pytest.approx(10)
    assert observed["documents"] < 2


def test_few_or_small_deliveries_are_not_judged(con):
    for run in range(5):
        deliver(con, run, 20, 10)
    assert set(look(con, "runs_are_alike").values()) == {None}
    for run in range(5, 12):
        deliver(con, run, 3, 0)
    assert set(look(con, "runs_are_alike").values()) == {None}


def test_no_delivery_is_no_row(con):
    assert look(con, "runs_are_alike") == {}
    assert look(con, "sources_are_fresh") == {}


def test_a_publisher_that_falls_silent_is_noticed(con):
    for run in (0, 2, 4, 6):
        deliver(con, run, 1, 5)
    deliver(con, 30, 1, 5, publisher="北峰日报")
    assert look(con, "sources_are_fresh") == {"海岚财经": 12.0}


def test_an_archive_delivered_at_once_is_not_stale(con):
    for number in range(4):
        deliver(con, 900 + number // 4, 1, 5, published=number)
    assert look(con, "sources_are_fresh") == {}


@pytest.mark.parametrize(
    ("metric", "value", "found"),
    [("gross_margin", 730, 1), ("gross_margin", 73, 0), ("market_cap", -5, 1), ("npl_ratio", 1.2, 0), ("net_income", -3e9, 0), ("revenue", 3.9e10, 0), ("total_assets", 4e16, 1)],
)
def test_ranges(metric, value, found, lexicon):
    with duckdb.connect() as con:
        con.register("metric_codes", lexicon["metric_codes"])
        con.execute("CREATE TABLE facts AS SELECT $1 AS metric, $2::DOUBLE AS value, 'level' AS basis, 'x.1' AS metric_id, 'q' AS quote", [metric, value])
        assert look(con, "levels_are_plausible") == {metric: found}
