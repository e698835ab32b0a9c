"""The checks: each fails when it should, and those that look at more than one run on small tables that the eye can check."""

import shutil
from datetime import datetime, timedelta

import duckdb
import polars as pl
import pytest

from flows.quality import evaluate_checks
from flows.steps import Settings, run_directly
from tests.conftest import ARTICLES
from warehouse import publish
from warehouse.queries import read_check, read_view

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


# What makes each check fail, on a warehouse of two articles where all of them pass.
DELIVERIES = """
    INSERT INTO documents SELECT * EXCLUDE (run, number) REPLACE (printf('%016x', 100 * run + number) AS doc_id, '海岚财经' AS publisher,
        TIMESTAMP '2025-03-01' + to_days(CAST(run AS INTEGER)) AS published_at, {kept} AS kept_share)
        FROM (FROM documents LIMIT 1), range({runs}) AS r(run), range({size}) AS n(number);
    INSERT INTO sources SELECT * EXCLUDE (run, number) REPLACE (printf('%016x', 100 * run + number) AS source_path, printf('%016x', 100 * run + number) AS doc_id,
        TIMESTAMP '2025-03-01' + to_days(CAST(run AS INTEGER)) AS seen_at)
        FROM (FROM sources LIMIT 1), range({runs}) AS r(run), range({size}) AS n(number);
"""
RUIN = {
    "spans_equal_quotes": "UPDATE metrics SET quote = '别的'",
    "blocks_are_disjoint": "INSERT INTO blocks SELECT * REPLACE (block_no + 100 AS block_no, start_char + 1 AS start_char) FROM blocks",
    "blocks_tile_documents": "DELETE FROM blocks WHERE block_no = 2",
    "text_keeps_length": "UPDATE blocks SET text = text || '了'",
    "quantities_are_disjoint": "INSERT INTO quantities SELECT * REPLACE (start_char + 1 AS start_char) FROM quantities",
    "digits_without_quantity": "DELETE FROM quantities WHERE quote = '52.6亿元'",
    "drop_guard": "UPDATE blocks SET is_kept = false, kind = 'site_boilerplate' WHERE block_no = 2",
    "removals_are_explained": "UPDATE blocks SET is_kept = false, kind = 'spliced' WHERE block_no = 2",
    "kept_share": "UPDATE documents SET kept_share = 0.2",
    "metrics_have_entity": "UPDATE metrics SET entity = NULL",
    "metrics_have_period": "UPDATE metrics SET period = NULL",
    "metrics_have_unit": "UPDATE metrics SET unit = NULL",
    "metrics_are_named": "UPDATE metrics SET metric = 'x:订单额'",
    "levels_are_plausible": "UPDATE metrics SET value = 730 WHERE metric = 'gross_margin'",
    "articles_agree_with_themselves": "INSERT INTO metrics SELECT * REPLACE (metric_id || '9' AS metric_id, 2 * value AS value) FROM metrics WHERE basis = 'level'",
    "articles_keep_to_one_basis": "INSERT INTO metrics SELECT * REPLACE (metric_id || '9' AS metric_id, '1999Q4' AS period, 7 AS value) FROM metrics WHERE metric = 'revenue' AND basis = 'level' AND segment IS NULL;"
    "INSERT INTO filings SELECT entity, period, DATE '1999-12-31', metric, CASE period WHEN '1999Q4' THEN 'non_gaap' ELSE 'gaap' END, value, unit, '年报' FROM metrics WHERE metric = 'revenue' AND basis = 'level' AND segment IS NULL",
    "articles_count_as_companies_do": "INSERT INTO fiscal_calendars SELECT DISTINCT entity, 1, 'month_end', 0, NULL, NULL FROM mentions WHERE type = 'company'",
    "figures_add_up": "INSERT INTO metrics SELECT * REPLACE (metric_id || '9' AS metric_id, 'net_margin' AS metric, 'percent' AS unit, 55 AS value) "
    "FROM metrics WHERE metric = 'revenue' AND basis = 'level' AND modality = 'actual'",
    "rows_rejected": "INSERT INTO rejected_rows VALUES ('0123456789abcdef', 'metrics', 'metrics', 'value', '规则', '{}', 'r')",
    "documents_rejected": "INSERT INTO rejected_documents VALUES ('空.txt', NULL, 'read', 'empty_file', '空', 'r', 'b', NULL)",
    "runs_are_alike": DELIVERIES.format(runs=7, size=12, kept="CASE WHEN run = 6 THEN 0.31 ELSE 0.9 END"),
    "sources_are_fresh": DELIVERIES.format(runs=4, size=1, kept=0.9),  # and the two articles came much later
}


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    """The database of a run on which no check fails."""
    root = tmp_path_factory.mktemp("healthy")
    (root / "in").mkdir()
    for name, text in ARTICLES.items():
        (root / "in" / name).write_text(text, encoding="utf-8")
    summary = run_directly(Settings((str(root / "in"),), root / "w"))
    assert summary.failed_checks.is_empty()
    return root / "w" / "caibao.duckdb"


def test_every_check_has_its_card_and_a_way_to_fail(lexicon):
    cards = lexicon["quality_checks"]
    assert sorted(RUIN) == sorted(cards["check_name"])
    assert all(card["severity"] in ("warn", "fail") and card["owner"] and len(card["message"]) > 30 for card in cards.iter_rows(named=True))


@pytest.mark.parametrize("name", RUIN)
def test_every_check_can_fail_at_its_own_threshold(name, healthy, lexicon, tmp_path):
    shutil.copy(healthy, tmp_path / "ruined.duckdb")
    card = lexicon["quality_checks"].filter(pl.col("check_name") == name)
    with duckdb.connect(tmp_path / "ruined.duckdb") as con:
        assert "failed" not in evaluate_checks(con, card, "before")["status"].to_list()
        con.execute(RUIN[name])
        for view, order in publish._STORED_VIEWS.items():  # made when a run publishes
            con.execute(f'CREATE OR REPLACE TABLE "{view}" AS FROM ({read_view(view)}) {f"ORDER BY {order}" if order else ""}')
        failed = evaluate_checks(con, card, "after").filter(pl.col("status") == "failed")
    assert failed.height
    assert failed.select("severity", "owner").unique().rows() == card.select("severity", "owner").rows()
    assert all(failed["example"]), "an example tells where to look"
