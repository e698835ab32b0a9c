"""Metrics: the cases of tests/cases/metrics.txt, the walks of the lexicon, and what must hold for any text."""

import hashlib
import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from schemas.blocks import Marks, Turns
from schemas.documents import Inputs
from schemas.quantities import Metrics
from transforms.blocks import judge_blocks, split_blocks
from transforms.documents import describe_documents
from transforms.joined_text import JoinedText
from transforms.mentions import find_mentions
from transforms.metrics import resolve_metrics
from transforms.metrics.modality import judge_document
from transforms.metrics.vocabulary import compile_vocabulary, fits
from transforms.periods import resolve_periods
from transforms.quantities import find_quantities
from transforms.repairs import apply_repairs, find_repairs
from transforms.script import read_script
from transforms.subjects import find_subjects
from warehouse.lexicon import read_lexicon

CASES = Path(__file__).parents[1] / "cases" / "metrics.txt"
LEXICON = read_lexicon()
# A unit in which a level of each kind of metric can be stated.
UNITS = {
    "money": "亿元", "percent": "%", "multiple": "倍", "count": "万台", "physical": "万吨", "per_share": "元", "price": "元", "any": "亿元",
}  # fmt: skip


def doc_id_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_metrics(texts: list[str], turns: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return the metrics of texts that are articles as they stand: nothing is taken out of them."""
    inputs = Inputs.frame([
        {"doc_id": doc_id_of(text), "source_path": f"{number}.txt", "byte_count": len(text.encode()), "encoding": "utf-8",
         "source_format": "txt", "raw_text": text}
        for number, text in enumerate(texts)
    ])  # fmt: skip
    documents = read_script(inputs, LEXICON)
    blocks = split_blocks(documents)
    documents = describe_documents(documents, blocks, Marks.empty(), LEXICON)
    turns = Turns.empty() if turns is None else turns
    blocks = judge_blocks(blocks, Marks.empty(), turns)
    repairs = find_repairs(documents, blocks, LEXICON)
    reading = apply_repairs(blocks, repairs)
    mentions = find_mentions(documents, reading, repairs, LEXICON)
    subjects = find_subjects(documents, reading, mentions, LEXICON)
    quantities, reports = resolve_periods(find_quantities(documents, reading, LEXICON), documents, reading, subjects, LEXICON)
    return resolve_metrics(documents, reading, turns, quantities, subjects, reports, LEXICON)


def read_cases() -> list[tuple[str, str]]:
    lines = CASES.read_text(encoding="utf-8").splitlines()
    return [tuple(part.strip() for part in line.split("=>", 1)) for line in lines if "=>" in line and not line.startswith("#")]


def describe(row: dict) -> str:
    """Return a row of metrics as the cases write it."""
    value = number(row["value"]) if row["value"] is not None else f"{number(row['low'])}..{number(row['high'])}"
    metric = row["metric"] + (f"!{row['accounting']}" if row["accounting"] else "") + (f"[{row['segment']}]" if row["segment"] else "")
    return f"{row['entity'] or '-'} | {metric} | {row['basis']} | {value} {row['unit']} | {row['period'] or '-'} | {row['modality']}"


def number(value: float | None) -> str:
    if value is None:
        return "none"
    return str(int(value)) if abs(value) >= 1e9 and value == int(value) else f"{value:.10g}"


@pytest.fixture(scope="module")
def cases() -> dict[str, str]:
    """What each sentence of the cases gives, read in one batch."""
    metrics = read_metrics([sentence for sentence, _ in read_cases()])
    found: dict[str, list[str]] = {}
    for row in metrics.iter_rows(named=True):
        found.setdefault(row["doc_id"], []).append(describe(row))
    return {sentence: " ; ".join(found.get(doc_id_of(sentence), [])) for sentence, _ in read_cases()}


@pytest.mark.parametrize(("sentence", "expected"), read_cases(), ids=[sentence[:40] for sentence, _ in read_cases()])
def test_case(sentence, expected, cases):
    assert cases[sentence] == expected


def test_there_are_enough_cases_of_both_scripts():
    sentences = [sentence for sentence, _ in read_cases()]
    assert len(sentences) >= 150
    assert sum(bool(re.search("[營淨廠億網]", sentence)) for sentence in sentences) >= 15


# ── the lexicon ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_lexicon_names_enough_metrics_and_only_known_ones():
    codes = set(LEXICON["metric_codes"]["metric"])
    assert len(codes) >= 80
    assert set(LEXICON["metric_labels"]["metric"]) == codes
    assert set(LEXICON["metric_variants"]["metric"]) | set(LEXICON["metric_variants"]["becomes"]) <= codes
    assert LEXICON["filings"]["metric"].is_in(list(codes)).all()


def test_every_metric_is_found_by_one_of_its_names():
    labels = LEXICON["metric_labels"].filter(~pl.col("is_loss")).join(LEXICON["metric_codes"].select("metric", "unit_kind"), on="metric")
    texts = {
        f"公司2023年{label}为12.5{UNITS[kind]}。": metric
        for label, metric, kind in labels.group_by("metric", maintain_order=True).first().select("label", "metric", "unit_kind").iter_rows()
    }
    found = read_metrics(list(texts))
    by_document = {doc_id: set(rows["metric"]) for (doc_id,), rows in found.group_by("doc_id")}
    missed = [metric for text, metric in texts.items() if metric not in by_document.get(doc_id_of(text), set())]
    assert missed == []


def test_every_label_is_a_word_of_the_vocabulary_in_both_scripts():
    vocabulary = compile_vocabulary(LEXICON)
    for label, metric in LEXICON["metric_labels"].select("label", "metric").iter_rows():
        assert vocabulary.labels[label].metric == metric, label
    labels = JoinedText.of(LEXICON["metric_labels"]["label"])
    assert set(labels.starts.tolist()) <= set(labels.find_words(vocabulary.patterns)["start"])


def test_a_variant_fits_the_unit_it_stands_for():
    vocabulary = compile_vocabulary(LEXICON)
    for (metric, kind), label in vocabulary.variants.items():
        assert fits(label, kind), (metric, kind)


@pytest.mark.parametrize("card", LEXICON["clause_forms"].rows(named=True), ids=lambda card: card["form"])
def test_a_form_is_found_in_its_hits_only(card):
    pattern = compile_vocabulary(LEXICON).forms[card["form"]]
    assert all(pattern.search(text) for text in card["hit"])
    assert not any(pattern.search(text) for text in card["miss"])


def test_a_latin_label_does_not_match_inside_a_word():
    vocabulary = compile_vocabulary(LEXICON)
    words = JoinedText.of(pl.Series(["PET瓶片和PE均涨价"])).find_words(vocabulary.patterns)
    assert words.filter(pl.col("word") == "PE").rows() == [(6, 8, "PE")]


# ── given and expected ──────────────────────────────────────────────────────────────────────────────────────────────


def test_an_article_with_sections_keeps_its_companies_apart():
    text = "海岚科技：2024年营收52.6亿元，同比增长12%。\n北峰电子：2024年营收8.4亿元，毛利率28.5%；净利润0.9亿元。\n"
    rows = read_metrics([text]).select("entity", "metric", "basis", "value")
    expected = pl.DataFrame(
        [
            ("海岚科技", "revenue", "level", 5.26e9), ("海岚科技", "revenue", "yoy", 12.0), ("北峰电子", "revenue", "level", 8.4e8),
            ("北峰电子", "gross_margin", "level", 28.5), ("北峰电子", "net_income", "level", 9e7),
        ],
        schema=["entity", "metric", "basis", "value"], orient="row",
    )  # fmt: skip
    assert_frame_equal(rows, expected)


def test_a_heading_that_names_a_company_says_whose_the_figures_below_are():
    text = "财报速递：青禾重回增长\n▍青禾物流（ZTOX.N）\n第三季度营收10.2亿元。\n▍南岭乳业（08999.HK）\n营收8.4亿元。\n毛利率28.5%。\n▍行业动态\n全国牛奶产量下降1.2%。\n"
    rows = read_metrics([text]).select("entity", "metric")
    assert rows.rows() == [("青禾物流", "revenue"), ("南岭乳业", "revenue"), ("南岭乳业", "gross_margin"), (None, "production_volume")]


def test_a_heading_that_names_a_period_says_when_the_figures_below_are_of():
    text = "海岚科技2025年三季度业绩会要点\n\n■ Q3成绩单\n·营收52.6亿元，毛利率28.5%。\n\n■ 其他\n·2025年10月新开门店12家。\n\n■ 2026年目标\n·营收60亿元。\n"
    rows = read_metrics([text]).select("metric", "period", "modality")
    assert rows.rows() == [("revenue", "2025Q3", "actual"), ("gross_margin", "2025Q3", "actual"), ("new_stores", "2025-10", "actual"), ("revenue", "2026", "estimate")]


def test_a_question_says_what_and_whom_its_answer_is_about():
    text = "海岚科技2025年三季度业绩会\n\nQ：联咏为什么被剔除？\nA：毛利率滑到36.2%。\n\nQ：毛利率会不会见顶？\nA：三季度是18.9%。\n\nQ：开店目标会下调吗？\nA：我们有1036家加盟商。\n"
    rows = read_metrics([text]).select("entity", "metric", "value")
    assert rows.rows()[:2] == [("Novatek", "gross_margin", 36.2), ("海岚科技", "gross_margin", 18.9)]
    assert "new_stores" not in rows["metric"].to_list()


def test_a_text_says_once_that_its_profits_are_adjusted():
    text = "海岚科技2025年三季度电话会\n（除特别注明外均为非GAAP口径）\n营收52.6亿元，毛利率28.5%，EPS 1.2元。GAAP净利润3亿元。\n"
    rows = read_metrics([text]).select("metric", "accounting")
    assert rows.rows() == [("revenue", None), ("gross_margin", "non_gaap"), ("eps", "non_gaap"), ("net_income", "gaap")]


def test_a_name_supposes_nothing():
    text = "海岚科技2025年上半年营收52.6亿元。\n林若川：我们上半年净利润3.1亿元。\n若油价回落：净利润可达4亿元。\n"
    rows = read_metrics([text]).filter(pl.col("metric") == "net_income").select("value", "modality")
    assert rows.rows() == [(3.1e8, "actual"), (4e8, "hypothetical")]


def test_evidence_says_what_was_carried_and_confidence_pays_for_it():
    text = "海岚科技2024年营收52.6亿元，同比增长12%。"
    explicit, carried = read_metrics([text]).iter_rows(named=True)
    start = text.index("营收")
    assert explicit["evidence"] == f"label@{start}-{start + 2} explicit; entity@0-4 explicit; period@4-9 explicit"
    assert carried["evidence"] == f"label@{start}-{start + 2} carried; entity@0-4 carried; period@4-9 carried; basis@18-20 explicit"
    assert explicit["confidence"] == 1.0
    assert carried["confidence"] == 0.8


def test_evidence_says_which_words_tell_segment_and_basis():
    text = "海岚科技2024年云业务收入20亿元,占比31%,毛利率提升2个百分点;华东收入8亿元(+12%),与上年同期相比,增长9%。"
    said = {row["quote"]: dict(part.split("@") for part in row["evidence"].split("; ") if "@" in part) for row in read_metrics([text]).iter_rows(named=True)}
    words = {quote: {part: text[slice(*map(int, place.split()[0].split("-")))] + " " + place.split()[1] for part, place in parts.items() if part in ("segment", "basis")} for quote, parts in said.items()}
    assert words == {
        "20亿元": {"segment": "云业务 explicit"}, "31%": {"segment": "云业务 carried", "basis": "占比 explicit"},
        "2个百分点": {"segment": "云业务 carried", "basis": "提升 explicit"}, "8亿元": {"segment": "华东 explicit"},
        "+12%": {"segment": "华东 explicit", "basis": "+12% explicit"}, "9%": {"segment": "华东 carried", "basis": "与上年同期相比 carried"},
    }  # fmt: skip


def test_an_answer_speaks_for_the_company_and_a_question_for_the_analyst():
    text = "海岚科技2024年业绩会\n张伟:我们预计2025年毛利率为30%。\n提问:2024年营收同比增长12%，明年呢？"
    answer, question = text.index("张伟"), text.index("提问")
    turns = Turns.frame([
        {"doc_id": doc_id_of(text), "turn_no": 0, "role": "answer", "speaker": "张伟", "start_char": answer, "end_char": question},
        {"doc_id": doc_id_of(text), "turn_no": 1, "role": "question", "speaker": "analyst", "start_char": question, "end_char": len(text)},
    ])  # fmt: skip
    rows = read_metrics([text], turns).select("metric", "speaker", "modality", "turn_no")
    assert rows.rows() == [("gross_margin", "张伟", "guidance", 0), ("revenue", "analyst", "actual", 1)]


@pytest.mark.parametrize(
    ("text", "is_broker_note", "is_preview"),
    [
        ("投资建议：维持买入评级。风险提示：需求下滑。", True, False),
        ("海岚科技发布2024年业绩预告，净利润预增。", False, True),
        ("海岚科技公布年报。", False, False),
    ],
)
def test_what_kind_of_document_it_is(text, is_broker_note, is_preview):
    kind = judge_document(None, text, compile_vocabulary(LEXICON).forms)
    assert (kind.is_broker_note, kind.is_preview) == (is_broker_note, is_preview)


# ── what must always hold ───────────────────────────────────────────────────────────────────────────────────────────

WORDS = [
    "公司", "2023年", "第三季度", "营收", "净利润", "毛利率", "同比", "环比", "增长", "下降", "至", "由", "分别为", "其中", "占", "预计", "12.5亿元", "30%", "2个百分点",
    "3倍", "1.2、1.5亿元", "(+5%)", "，", "。", "；", "/", "、", "和", "(", ")", "：", "業績", "海外", "10万台", "的", "去年同期", "如果",
]  # fmt: skip


@settings(max_examples=8, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map("".join), min_size=10, max_size=20, unique=True))
def test_any_sentence_gives_valid_rows_that_quote_it(texts):
    metrics = Metrics.validate(Metrics.select(read_metrics(texts)), lazy=True)
    by_id = {doc_id_of(text): text for text in texts}
    for row in metrics.iter_rows(named=True):
        assert by_id[row["doc_id"]][row["start_char"] : row["end_char"]] == row["quote"]


def test_reading_twice_in_another_order_changes_nothing():
    sentences = [sentence for sentence, _ in read_cases()]
    once, twice = (Metrics.select(read_metrics(texts)).sort("metric_id") for texts in (sentences, sentences[::-1]))
    assert_frame_equal(once, twice)
