"""Dates and periods: the cases of tests/cases/periods.txt, the cards of the lexicon, and what must hold for any text."""

import functools
import time
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.quantities import Mentions, Quantities
from transforms import periods
from transforms.period_grammar import compile_cues, compile_rules, first_rule, read_groups
from transforms.periods import find_periods, resolve_periods
from transforms.script import simplify
from transforms.subjects import find_subjects
from warehouse.lexicon import read_lexicon

CASES = Path(__file__).parents[1] / "cases" / "periods.txt"
LEXICON = read_lexicon()


class Case(NamedTuple):
    surface: str | None
    context: str
    published: str | None
    company: str | None
    label: str | None
    start: str | None
    end: str | None


def read_cases() -> list[Case]:
    """Read `surface | context | published_at | company => label start end`; - stands for none, or for the surface itself."""
    cases = []
    for line in CASES.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        given, _, expected = line.partition(" => ")
        surface, context, published, company = (None if field == "-" else field for field in given.split(" | "))
        label, start, end = (*(None if field == "-" else field for field in expected.split()), None, None)[:3]
        cases.append(Case(surface, context or surface, published, company, label, start, end))
    return cases


def make_documents(texts: list[str], published: list[str | None]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return documents and reading of some texts, each one block."""
    simplified = pl.DataFrame({"text": texts}, schema={"text": pl.String}).select(simplify(pl.col("text")))["text"]
    documents = pl.DataFrame(
        {
            "doc_id": [f"{number:016x}" for number in range(len(texts))], "raw_text": texts, "text": simplified, "title": None, "region": None,
            "published_at": [datetime.fromisoformat(day) if day else None for day in published],
        },
        schema_overrides={"title": pl.String, "region": pl.String, "published_at": pl.Datetime("us")},
    )  # fmt: skip
    reading = documents.select("doc_id", block_no=0, start_char=0, end_char=pl.col("text").str.len_chars(), read_text="text", text="text")
    return documents, reading.with_columns(pl.col("block_no", "start_char", "end_char").cast(pl.Int64))


def make_mentions(companies: list[str | None]) -> pl.DataFrame:
    """Return for each document a company named at its very beginning."""
    return Mentions.frame([
        {"doc_id": f"{number:016x}", "start_char": 0, "end_char": 1, "quote": "-", "entity": company, "type": "company", "rule_id": "test"}
        for number, company in enumerate(companies) if company
    ])  # fmt: skip


def make_quantities(periods: pl.DataFrame) -> pl.DataFrame:
    return Quantities.select(periods.with_columns(quote="surface", is_ambiguous=pl.lit(False)))


@functools.cache
def resolve_cases() -> list[list[dict]]:
    """Return the resolved rows of each case, all cases read as one batch."""
    cases = read_cases()
    documents, reading = make_documents([case.context for case in cases], [case.published for case in cases])
    mentions = make_mentions([case.company for case in cases])
    resolved, _ = resolve_periods(make_quantities(find_periods(reading, LEXICON)), documents, reading, find_subjects(documents, reading, mentions, LEXICON), LEXICON)
    rows = resolved.partition_by("doc_id", as_dict=True)
    return [rows[(f"{number:016x}",)].to_dicts() if (f"{number:016x}",) in rows else [] for number in range(len(cases))]


def find_surfaces(text: str) -> list[str]:
    _, reading = make_documents([text], [None])
    return find_periods(reading, LEXICON)["surface"].to_list()


def test_no_date_begins_within_a_number():
    assert find_surfaces("营收02025年3月20日增长") == []
    assert find_surfaces("营收2025年3月20日增长") == ["2025年3月20日"]


def test_there_are_enough_cases():
    assert len(read_cases()) >= 250


@pytest.mark.parametrize("number", range(len(read_cases())), ids=lambda number: f"{number}")
def test_case(number: int):
    case, rows = read_cases()[number], resolve_cases()[number]
    if case.surface is None:
        assert [row["quote"] for row in rows] == []
        return
    at = case.context.rindex(case.surface)
    row = next((row for row in rows if row["start_char"] == at), None)
    assert row is not None, f"nothing found at {at}: {[row['quote'] for row in rows]}"
    assert row["end_char"] == at + len(case.surface)
    got = (row["norm"], *(str(row[name]) if row[name] else None for name in ("period_start", "period_end")))
    assert got == (case.label, case.start, case.end)


CARDS = list(LEXICON["period_rules"].iter_rows(named=True))


def simplify_all(texts: list[str]) -> list[str]:
    return pl.DataFrame({"text": texts}, schema={"text": pl.String}).select(simplify(pl.col("text")))["text"].to_list()


@pytest.mark.parametrize("card", LEXICON["period_forms"].rows(named=True), ids=lambda card: card["form"])
def test_a_form_is_found_in_its_hits_only(card: dict):
    pattern = compile_cues(LEXICON).forms[card["form"]]
    assert [text for text in card["hit"] if not pattern.search(text)] == []
    assert [text for text in card["miss"] if pattern.search(text)] == []


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card["rule_id"])
def test_card(card: dict):
    """Each hit is the rule's as a whole, and is found whole between other words; no miss is the rule's."""
    rule = next(rule for rule in compile_rules(LEXICON) if rule.rule_id == card["rule_id"])
    for hit in simplify_all(card["hit"]):
        assert read_groups(rule, hit) is not None
        # 22年 is a duration by its form, until the document names years near it; 中期 is a period only before 纯利, 息…, a bare year before EPS
        if rule.rule_id not in ("period.short_year", "period.interim", "period.years_before_label", "period.year_before_label"):
            assert first_rule(hit, LEXICON) == card["rule_id"]
            assert find_surfaces(f"称,{hit};略") == [hit]
    for miss in card["miss"]:
        assert read_groups(rule, miss) is None


def test_a_short_number_is_a_year_only_beside_years():
    _, reading = make_documents(["2021年营收增长,22年放缓", "成立22年,营收增长", "2021年,公司成立22年"], [None] * 3)
    found = find_periods(reading, LEXICON).filter(pl.col("surface") == "22年")
    assert found["class"].to_list() == ["period", "time_horizon", "time_horizon"]


@pytest.mark.parametrize(
    ("text", "found"), [("中期纯利升5%", ["中期"]), ("派末期息5仙", []), ("末期盈利5亿", ["末期"]), ("中期来看,需求回暖", []), ("毛利率70%中期", []), ("世纪末期", [])]
)
def test_interim_is_a_period_only_before_what_is_reported(text: str, found: list[str]):
    assert find_surfaces(text) == found


@pytest.mark.parametrize(
    ("last", "period"),
    [("2018年4月28日", None), ("2015年4月28日", "2014"), ("公司可转债将于2018年4月28日到期", "2014"), ("限售股于2018年4月28日解禁", "2014"), ("项目2018年4月28日前建成", "2014")],
)
def test_a_period_long_before_a_day_that_the_text_names_is_only_recalled(last: str, period: str | None):
    documents, reading = make_documents([f"远山集团2014年度财务报告显示,净利润为429万元。{last},外汇局对其处以罚款。"], [None])
    found = make_quantities(find_periods(reading, LEXICON))
    _, reports = resolve_periods(found, documents, reading, find_subjects(documents, reading, Mentions.empty(), LEXICON), LEXICON)
    assert reports["period"].to_list() == ([period] if period else [])


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("8月27日,据报道,宿舍住了116人。自2023年8月28日起,印花税减半。2022年9月7日,记者获悉此事。", "2023-08-27"),
        ("据越通社报道,当地时间12月30日,会议结束。2022年12月27日,中央委员会开会。2023年将有新规。", "2022-12-30"),
        ("8月27日,据报道,宿舍住了116人。自2023年1月1日起,印花税减半。", None),
        ("8月27日的会上没有结论。自2023年8月28日起,印花税减半。", None),
    ],
)
def test_a_text_that_begins_with_a_day_has_the_year_of_one_close_to_it(text: str, day: str | None):
    documents, reading = make_documents([text], [None])
    found = make_quantities(find_periods(reading, LEXICON))
    _, reports = resolve_periods(found, documents, reading, find_subjects(documents, reading, Mentions.empty(), LEXICON), LEXICON)
    assert [str(told) for told in reports["told_on"] if told] == ([day] if day else [])


def test_a_stated_year_end_is_the_calendar_of_the_document():
    """截至3月31日止年度 makes 上半财年 end in September, although no table knows the company."""
    text = "远山集团公布截至2024年3月31日止年度业绩。上半财年收入增长,第四财季放缓。"
    documents, reading = make_documents([text], ["2024-06-20"])
    resolved, _ = resolve_periods(make_quantities(find_periods(reading, LEXICON)), documents, reading, find_subjects(documents, reading, Mentions.empty(), LEXICON), LEXICON)
    assert [(row["norm"], str(row["period_end"])) for row in resolved.iter_rows(named=True)] == [
        ("FY2024", "2024-03-31"), ("FY2024H1", "2023-09-30"), ("FY2024Q4", "2024-03-31"),
    ]  # fmt: skip


def test_report_period_is_the_one_the_text_is_about():
    text = "远山股份发布2023年三季报,前三季度营收10亿元,去年同期8亿元;预计2024年营收20亿元。2022年营收9亿元。"
    documents, reading = make_documents([text], [None])
    found = make_quantities(find_periods(reading, LEXICON))
    _, reports = resolve_periods(found, documents, reading, find_subjects(documents, reading, Mentions.empty(), LEXICON), LEXICON)
    assert reports["period"].to_list() == ["2023Q1-Q3"]


def test_other_rows_are_left_alone():
    documents, reading = make_documents(["营收10亿元"], [None])
    row = {"doc_id": f"{0:016x}", "start_char": 2, "end_char": 6, "block_no": 0, "quote": "10亿元", "class": "metric", "value": 1e9, "norm": None, "is_ambiguous": False, "rule_id": "quantities.figure"}
    found = Quantities.frame([row])
    assert resolve_periods(found, documents, reading, find_subjects(documents, reading, Mentions.empty(), LEXICON), LEXICON)[0].equals(found)


ALPHABET = "0123456789年月日季度上下半前后去今明同期财报末底至到-—/、,。 QHFMEA一二三四五六七八九十近第\n个天周内的FY"


@settings(max_examples=150, deadline=None)
@given(st.text(ALPHABET, max_size=60) | st.text(max_size=60))
def test_spans_are_disjoint_and_lie_in_the_text(text: str):
    documents, reading = make_documents([text], [None])
    found = find_periods(reading, LEXICON)
    simplified = reading.item(0, "read_text")
    end = 0
    for row in found.iter_rows(named=True):
        assert end <= row["start_char"] < row["end_char"] <= len(text)
        assert simplified[row["start_char"] : row["end_char"]] == row["surface"]
        end = row["end_char"]
    resolved, _ = resolve_periods(make_quantities(found), documents, reading, find_subjects(documents, reading, Mentions.empty(), LEXICON), LEXICON)
    for row in resolved.iter_rows(named=True):
        assert row["period_start"] is None or row["period_start"] <= row["period_end"]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(ALPHABET, max_size=40), min_size=1, max_size=4))
def test_a_core_is_read_alike_whether_short_or_long(texts: list[str]):
    reading = make_documents(texts, [None] * len(texts))[1]
    found = []
    for longest in (0, 1000):
        periods._known.cache_clear()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(periods, "_LONG_CORE", longest)
            found.append(find_periods(reading, LEXICON))
    assert found[0].equals(found[1])


@pytest.mark.parametrize("unit", ["1", "年", "2024年", "1月1日至", "一、", "2024-", "第", "Q1-", "2023/", "三"])
def test_hostile_text_is_read_in_linear_time(unit: str):
    def seconds(length: int) -> float:
        documents, reading = make_documents([unit * (length // len(unit))], [None])
        started = time.process_time()
        found = make_quantities(find_periods(reading, LEXICON))
        resolve_periods(found, documents, reading, find_subjects(documents, reading, Mentions.empty(), LEXICON), LEXICON)
        return time.process_time() - started

    seconds(1_000)
    assert seconds(40_000) < 16 * seconds(10_000) + 0.5


@pytest.mark.parametrize("rule", compile_rules(read_lexicon()), ids=lambda rule: rule.rule_id)
def test_no_rule_begins_or_ends_with_what_is_taken_off(rule):
    """period_parts names characters that no date begins or ends with: a rule that does would find nothing."""
    parts = read_lexicon()["period_parts"]
    first, last = (parts.filter(pl.col("part") == name).item(0, "pattern") for name in ("never_first", "never_last"))

    @settings(max_examples=60, database=None, derandomize=True)
    @given(st.from_regex(rule.reader, fullmatch=True))
    def check(surface):
        assert surface[0] not in first
        assert surface[-1] not in last

    check()
