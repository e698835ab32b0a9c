"""Given rows, expected rows: the views over a few metrics that the eye can check."""

from datetime import date, datetime

import duckdb
import polars as pl
import pytest

import schemas
from schemas.blocks import Blocks, Marks
from schemas.documents import Documents
from schemas.quantities import Mentions, Metrics, Quantities
from schemas.reference import Filings, FiscalCalendars, MetricCodes
from schemas.render import _sql_type, render_comments, render_ddl
from warehouse.publish import append
from warehouse.queries import list_checks, read_check, read_view

DOC, LATER, REPOST = "a" * 16, "b" * 16, "c" * 16
RAW = "海岚科技2024年营收52.6亿元，同比增长12%。毛利率31.4%。"


def metric(number: int, **fields) -> dict:
    row = {
        "metric_id": f"m{number:02}", "doc_id": DOC, "block_no": 0, "start_char": 11, "end_char": 17, "quote": "52.6亿元", "entity": "海岚科技",
        "metric": "revenue", "basis": "level", "unit": "CNY", "period": "2024", "modality": "actual", "confidence": 1.0, "evidence": "", "rule_id": "test",
    }  # fmt: skip
    return row | fields


def document(doc_id: str, **fields) -> dict:
    row = {
        "doc_id": doc_id, "source_path": f"{doc_id}.txt", "byte_count": 10, "encoding": "utf-8", "source_format": "txt", "raw_text": RAW, "script": "hans",
        "is_misconverted": False, "kept_share": 1.0, "rules_version": "r", "batch_id": "b", "published_at": datetime(2025, 3, 20),
    }  # fmt: skip
    return row | fields


@pytest.fixture
def con():
    with duckdb.connect() as con:
        for model in schemas.TABLES:
            con.execute(render_ddl(model))
        for model in schemas.VIEWS:
            con.execute(f'CREATE VIEW "{model.table_name()}" AS {read_view(model.table_name())}')
            con.execute(render_comments(model, "VIEW"))
        append(con, Documents, Documents.frame([document(DOC), document(LATER, published_at=datetime(2025, 5, 1)), document(REPOST, duplicate_of=DOC)]))
        blocks = [{"doc_id": doc_id, "block_no": 0, "start_char": 0, "end_char": len(RAW), "text": RAW, "kind": "body", "is_kept": True} for doc_id in (DOC, LATER, REPOST)]
        append(con, Blocks, Blocks.frame(blocks))
        code = {"unit_kind": "money", "period_type": "duration", "sign": "positive", "low": 0.0, "high": 1e13, "is_better_low": False, "is_of_market": False}
        codes = [("revenue", "营业收入", True), ("eps", "每股收益", False), ("dividend_per_share", "每股股息", False)]
        append(con, MetricCodes, MetricCodes.frame([{**code, "metric": metric, "name_zh": name, "is_by_segment": is_by_segment} for metric, name, is_by_segment in codes]))
        yield con


def state(con, *rows):
    append(con, Metrics, Metrics.frame(list(rows)))


@pytest.mark.parametrize("model", schemas.VIEWS, ids=lambda model: model.table_name())
def test_a_view_has_the_columns_of_its_model(con, model):
    found = con.execute("SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index", [model.table_name()]).fetchall()
    assert found == [(name, _sql_type(column.dtype.type), column.description) for name, column in model.to_schema().columns.items()]


def test_facts_have_their_sentence_and_leave_out_reposts(con):
    state(con, metric(1, value=5.26e9), metric(2, doc_id=REPOST, value=5.26e9))
    assert con.execute("SELECT metric_id, metric_name, sentence FROM facts").fetchall() == [("m01", "营业收入", "海岚科技2024年营收52.6亿元，同比增长12%。")]


def test_financials_prefer_exact_standard_figures_in_the_usual_currency(con):
    state(
        con,
        metric(1, value=5.26e9), metric(2, value=5.3e9, hedge="about"), metric(3, value=7.2e8, unit="USD"),
        metric(4, basis="yoy", unit="percent", value=12.0), metric(5, metric="net_income", value=6.1e8),
        metric(6, metric="net_income", accounting="excluding_nonrecurring", value=5.5e8), metric(7, metric="gross_margin", unit="percent", value=31.4),
        metric(8, value=1e9, segment="海外"), metric(9, value=6e9, modality="guidance", period="2025"),
    )  # fmt: skip
    row = con.sql("FROM financials").pl().row(0, named=True)
    expected = {"entity": "海岚科技", "period": "2024", "currency": "CNY", "revenue": 5.26e9, "revenue_yoy": 12.0, "net_income": 6.1e8, "net_income_adjusted": 5.5e8, "gross_margin": 31.4, "fact_count": 8}
    assert {name: row[name] for name in expected} == expected
    state(con, metric(10, period="H1", value=2e9))
    assert con.execute("SELECT count(*) FROM financials").fetchone() == (1,)


def test_conflicts_are_more_than_rounding_and_show_both_sides(con):
    state(
        con,
        metric(1, value=5.26e9, quote="52.6亿元"), metric(2, doc_id=LATER, value=5.29e9, quote="52.9亿元"), metric(3, doc_id=LATER, value=5.3e9, quote="53亿元"),
        metric(4, period="2023", value=4.7e9, quote="47亿元"), metric(5, doc_id=LATER, period="2023", value=4.696e9, quote="46.96亿元"),
    )  # fmt: skip
    assert con.execute("SELECT quote, other_quote, doc_id, other_doc_id, round(difference_percent, 2) FROM conflicts").fetchall() == [("52.6亿元", "52.9亿元", DOC, LATER, 0.57)]


def file(con, *rows):
    append(con, Filings, Filings.frame([dict(zip(("metric", "period", "accounting", "value"), row, strict=True)) | {"entity": "海岚科技", "period_end": date(2024, 12, 31), "unit": "CNY", "source": "company release"} for row in rows]))


def test_an_article_that_mixes_bases_is_told(con):
    file(con, ("net_income", "2024", "gaap", 6.1e8), ("net_income", "2024Q4", "gaap", 1.5e8), ("net_income", "2024Q4", "non_gaap", 1.72e8), ("revenue", "2024", "gaap", 5.26e9), ("revenue", "2024", "non_gaap", 5.26e9))
    state(
        con,
        # a non-GAAP quarter beside a GAAP year; revenue is the same on both bases and says nothing
        metric(1, metric="net_income", value=6.1e8), metric(2, metric="net_income", period="2024Q4", value=1.72e8), metric(3, value=5.26e9),
        metric(4, doc_id=LATER, metric="net_income", value=6.1e8), metric(5, doc_id=LATER, metric="net_income", period="2024Q4", value=1.5e8),
    )  # fmt: skip
    found = con.execute("SELECT metric_id, period, filed_accounting FROM mixed_accounting ORDER BY metric_id").fetchall()
    assert found == [("m01", "2024", "gaap"), ("m02", "2024Q4", "non_gaap")]


def test_a_calendar_name_of_a_fiscal_period_is_told(con):
    text = "英伟达2024年四季度财报。苹果2024年四季度业绩。英伟达2025财年营收。英伟达2024年四季度发货。"
    con.execute("UPDATE documents SET raw_text = ?, title = '财报'", [text])
    con.execute("UPDATE blocks SET text = ?, end_char = ?", [text, len(text)])
    named = [("2024年四季度", 3, "2024Q4", "quarter"), ("2024年四季度", 16, "2024Q4", "quarter"), ("2025财年", 29, "FY2025", "year"), ("2024年四季度", 40, "2024Q4", "quarter")]
    append(con, Quantities, Quantities.frame([
        {"doc_id": DOC, "block_no": 0, "start_char": at, "end_char": at + len(quote), "quote": quote, "class": "period", "norm": norm, "granularity": granularity,
         "period_start": date(2024, 10, 1), "period_end": date(2024, 12, 31), "is_ambiguous": False, "rule_id": "test"} for quote, at, norm, granularity in named
    ]))  # fmt: skip
    append(con, Mentions, Mentions.frame([
        {"doc_id": DOC, "start_char": at, "end_char": at + len(quote), "quote": quote, "entity": entity, "type": "company", "rule_id": "test"}
        for quote, at, entity in (("英伟达", 0, "NVIDIA"), ("苹果", 14, "Apple"), ("英伟达", 26, "NVIDIA"), ("英伟达", 37, "NVIDIA"))
    ]))  # fmt: skip
    append(con, FiscalCalendars, FiscalCalendars.frame([
        {"entity": entity, "year_end_month": month, "year_end_rule": "last_sunday", "year_offset": 0} for entity, month in (("NVIDIA", 1), ("Apple", 9))
    ]))  # fmt: skip
    # Apple has a quarter that ends with the calendar's; what is shipped in a quarter is no report
    found = con.execute("SELECT entity, period, fiscal_period, start_char, sentence FROM misnamed_periods").fetchall()
    assert found == [("NVIDIA", "2024Q4", "FY2025Q4", 3, "英伟达2024年四季度财报。")]


def test_arithmetic_holds_growth_and_margins_against_levels(con):
    state(
        con,
        metric(1, value=5.26e9), metric(2, value=4.7e9, period="2023"), metric(3, basis="yoy", unit="percent", value=12.0),
        metric(4, metric="net_income", value=6.1e8), metric(5, metric="net_income", value=6.0e8, period="2023"), metric(6, metric="net_income", basis="yoy", unit="percent", value=-9.0),
        metric(7, metric="net_margin", unit="percent", value=11.6),
    )  # fmt: skip
    found = con.execute("SELECT metric, stated, round(computed, 1), is_consistent, from_metric_ids FROM arithmetic ORDER BY metric").fetchall()
    assert found == [("net_income", -9.0, 1.7, False, ["m04", "m05"]), ("net_margin", 11.6, 11.6, True, ["m04", "m01"]), ("revenue", 12.0, 11.9, True, ["m01", "m02"])]


def test_guidance_is_held_against_what_was_reported(con):
    state(
        con,
        metric(1, modality="guidance", low=5.0e9, high=5.2e9), metric(2, doc_id=LATER, value=5.26e9),
        metric(3, modality="guidance", metric="eps", value=1.2), metric(4, doc_id=LATER, metric="eps", value=1.1),
        metric(5, modality="guidance", period="2025", value=6e9),
        # a dividend is planned and paid in parts, and H1 of a text without a year may be of any
        metric(6, metric="dividend_per_share", modality="guidance", value=0.5), metric(7, metric="dividend_per_share", value=0.6),
        metric(8, modality="guidance", period="H1", value=2e9), metric(9, period="H1", value=2.1e9),
    )  # fmt: skip
    assert con.execute("SELECT metric, guided_low, guided_high, actual_value, outcome FROM guidance_vs_actual ORDER BY metric").fetchall() == [
        ("eps", 1.2, 1.2, 1.1, "below"), ("revenue", 5.0e9, 5.2e9, 5.26e9, "above"),
    ]  # fmt: skip


def test_removed_names_the_rule_that_decided(con):
    footer = {"doc_id": DOC, "block_no": 1, "start_char": 0, "end_char": 4, "text": "海岚科技", "kind": "site_boilerplate", "is_kept": False, "rule_id": "footer"}
    append(con, Blocks, Blocks.frame([footer]))
    mark = {"doc_id": DOC, "start_char": 0, "end_char": 4, "label": "site_boilerplate", "is_dropping": True}
    footer = {**mark, "rule_id": "footer", "score": 0.5, "reason": "a footer", "holds": "company"}
    append(con, Marks, Marks.frame([{**mark, "rule_id": "a_guess", "score": 0.9, "reason": "guessed"}, footer]))
    found = con.execute("SELECT block_no, rule_id, reason, has_figure, holds, text FROM removed").fetchall()
    assert found == [(1, "footer", "a footer", False, "company", "海岚科技")]


def test_quality_counts_per_document(con):
    state(con, metric(1, value=5.26e9), metric(2, period=None, metric="x:订单额", value=1e9))
    assert con.execute("SELECT metrics, metrics_complete, metrics_unnamed, char_count FROM quality WHERE doc_id = ?", [DOC]).fetchall() == [(2, 1, 1, len(RAW))]


def test_slices_count_code_points(con):
    text = "营\U0002000b收é🇨🇳5亿"
    assert con.execute("SELECT $1[3:4], length($1)", [text]).fetchone() == (text[2:4], len(text))


def test_every_check_has_a_card_and_gives_scope_observed_example(con, lexicon):
    assert sorted(lexicon["quality_checks"]["check_name"]) == list_checks()
    for name in list_checks():
        relation = con.sql(read_check(name))
        assert relation.columns == ["scope", "observed", "example"], name


def spoil(con, name):
    statements = {
        "spans_equal_quotes": "UPDATE metrics SET quote = '别的'",
        "blocks_tile_documents": "DELETE FROM blocks WHERE doc_id = 'aaaaaaaaaaaaaaaa'",
        "blocks_are_disjoint": "INSERT INTO blocks SELECT * REPLACE (1 AS block_no, 3 AS start_char) FROM blocks",
        "text_keeps_length": "UPDATE blocks SET text = text || 'x'",
        "quantities_are_disjoint": "INSERT INTO quantities BY NAME SELECT doc_id, start_char + i AS start_char, end_char, 0 AS block_no, quote, 'metric' AS \"class\", false AS is_ambiguous, 'r' AS rule_id FROM metrics, range(2) AS t(i)",
    }
    con.execute(statements[name])


@pytest.mark.parametrize("name", ["spans_equal_quotes", "blocks_tile_documents", "blocks_are_disjoint", "text_keeps_length", "quantities_are_disjoint"])
def test_a_broken_invariant_is_seen(con, name):
    state(con, metric(1, value=5.26e9))
    assert not sum(observed or 0 for _, observed, _ in con.execute(read_check(name)).fetchall())
    spoil(con, name)
    assert sum(observed or 0 for _, observed, _ in con.execute(read_check(name)).fetchall()) > 0


def test_digits_that_nobody_claims_are_counted(con):
    scope, observed, _ = con.execute(read_check("digits_without_quantity")).fetchone()
    assert (scope, observed) == ("quantities", 1.0)
    assert pl.Series([observed]).is_between(0, 1).all()


def test_conflicts_grow_with_the_statements_and_not_with_their_square(con):
    state(con, *(metric(number, quote=f"{number + 10}亿元", value=(number + 10) * 1e8) for number in range(30)))
    # 20 values are held against all that follow them, the last 10 not against each other
    assert con.execute("SELECT count(*), count(DISTINCT metric_id || other_metric_id) FROM conflicts").fetchone() == (30 * 29 / 2 - 10 * 9 / 2,) * 2
    assert con.execute("SELECT count(*) FROM conflicts WHERE metric_id >= other_metric_id").fetchone() == (0,)
