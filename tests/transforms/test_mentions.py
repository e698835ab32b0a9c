"""Names in texts: cases as data, and what must hold for any text."""

import hashlib
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.blocks import Repairs
from schemas.documents import Inputs
from transforms.aliases import find_aliases
from transforms.blocks import split_blocks
from transforms.mentions import find_mentions
from transforms.script import read_script
from transforms.subjects import find_subjects, section_subjects
from warehouse.lexicon import read_lexicon

CASES = Path(__file__).parent.parent / "cases" / "mentions.txt"
LEXICON = read_lexicon()


def _read(raw: str, title: str | None = None) -> tuple[pl.DataFrame, pl.DataFrame]:
    content = raw.encode()
    document = {
        "doc_id": hashlib.sha256(content).hexdigest()[:16], "source_path": "case.txt", "byte_count": len(content),
        "encoding": "utf-8", "source_format": "txt", "raw_text": raw, "title": title,
    }  # fmt: skip
    documents = read_script(Inputs.frame([document]), LEXICON)
    return documents, split_blocks(documents).with_columns(read_text=pl.col("text"))


def _mentions(raw: str, title: str | None = None, repairs: pl.DataFrame | None = None) -> pl.DataFrame:
    documents, reading = _read(raw, title)
    return find_mentions(documents, reading, Repairs.empty() if repairs is None else repairs, LEXICON)


LINES = [line for line in CASES.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("line", LINES)
def test_case(line: str):
    text, _, expected = line.partition(" =>")
    found = _mentions(text.replace("|", "\n"))["entity"].to_list()
    assert found == [entity for entity in expected.strip().split("; ") if entity]


def test_a_repair_of_another_length_completes_a_name():
    raw = "我们正在加快Blackwel系统和Blackwell Utra的生产。"
    documents, _ = _read(raw)
    doc_id = documents["doc_id"][0]
    repairs = Repairs.frame([
        {"doc_id": doc_id, "start_char": raw.index(wrong), "end_char": raw.index(wrong) + len(wrong), "quote": wrong,
         "correction": right, "kind": "spelling", "is_applied": True, "rule_id": "x", "confidence": 1.0}
        for wrong, right in (("Blackwel系", "Blackwell系"), ("Utra", "Ultra"))
    ])  # fmt: skip
    found = _mentions(raw, repairs=repairs).select("quote", "entity", "rule_id").rows()
    assert found == [
        ("Blackwel系", "Blackwell", "mentions.repair"),
        ("Blackwell Utra", "Blackwell Ultra", "mentions.repair"),
    ]


def test_a_company_may_be_introduced_by_the_title():
    found = _mentions("远岭新材预计净利下滑。\n公司订单充足。", title="远岭新材(688999.SH):前三季度净利下降12%")
    assert found["entity"].to_list() == ["远岭新材"]


def test_the_title_decides_what_a_document_is_about():
    raw = "英伟达、台积电和三星是主要供应商,英伟达占四成。\n公司营收增长。"
    documents, reading = _read(raw, "台积电三季度营收增长39%")
    mentions = find_mentions(documents, reading, Repairs.empty(), LEXICON)
    assert list(find_subjects(documents, reading, mentions, LEXICON).companies.values()) == ["TSMC"]


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        ("公司发布年报,营收增长12%。公司作为微软的长期合作伙伴,新品持续迭代。" + "公司产品持续升级。" * 12, None),
        ("中信证券研报认为,行业拐点已至。公司营收增长。", None),
        ("宁德时代公布三季报,宁德时代净利131亿元,比亚迪是其对手。", "宁德时代"),
        ("行业景气回升,订单增长。", None),
        ("城里的老街又热闹起来。" * 40 + "宁德时代也来设了展台。", None),
        ("公司发布年报,营收增长12%。" + "产品持续升级。" * 40 + "宁德时代有望受益于储能。", "宁德时代"),
        ("宁德时代也来设了展台。" + "城里的老街又热闹起来。" * 400, None),
        ("事件:公司发布三季报,营收增长12%。" + "公司产品持续升级。" * 12 + "据中国移动公告,公司规划资本开支1852亿元。", "中国移动"),
        ("事件:公司发布三季报,营收增长12%。" + "公司产品持续升级。" * 12 + "据中国移动数据,用户增长。", None),
    ],
)
def test_subject(raw: str, subject: str | None):
    documents, reading = _read(raw)
    mentions = find_mentions(documents, reading, Repairs.empty(), LEXICON)
    assert list(find_subjects(documents, reading, mentions, LEXICON).companies.values()) == [subject]


def test_a_letter_with_news_of_several_is_about_none_of_them():
    item, other = "宁德时代宣布涨价。宁德时代三季报显示,净利131亿元。公司产品畅销。", "比亚迪也调了价。"
    filler = "城里的老街又热闹起来。" * 150
    for raw, subject in ((item + filler + other + filler, None), (item + filler, "宁德时代"), (item + filler + other + item + filler, "宁德时代")):
        documents, reading = _read(raw)
        subjects = find_subjects(documents, reading, find_mentions(documents, reading, Repairs.empty(), LEXICON), LEXICON)
        assert list(subjects.companies.values()) == [subject]
        assert len(subjects.letters) == (subject is None)


@pytest.mark.parametrize(
    ("raw", "companies"),
    [
        ("今日公告\n腾讯控股:三季度营收1672亿元。\n毛利率53%。\n美团:三季度营收936亿元。\n3、小米集团:三季度营收925亿元。", {1: "Tencent", 2: "Tencent", 3: "Meituan", 4: "Xiaomi"}),
        ("财报速递\n▍腾讯音乐(TME.N)\n营收84.6亿元。\n▍小鹏汽车(09868.HK)\n营收203.8亿元。\n▍行业动态\n零售降3%。", {1: "Tencent Music", 2: "Tencent Music", 3: "XPeng", 4: "XPeng", 5: None, 6: None}),
        ("腾讯控股:三季度营收1672亿元。\n毛利率53%。", {}),
        ("腾讯控股三季度营收1672亿元。\n美团三季度营收936亿元。\n毛利率53%。", {}),
    ],
)
def test_lines_belong_to_the_company_that_heads_their_part(raw: str, companies: dict[int, str | None]):
    documents, reading = _read(raw)
    mentions = find_mentions(documents, reading, Repairs.empty(), LEXICON)
    assert dict(section_subjects(reading, mentions).select("block_no", "entity").iter_rows()) == companies


@settings(deadline=None, max_examples=60)
@given(st.text("英伟达輝達NVDAnvda腾讯美的理想(000651)股份。,、:\n 发布年报𬭎1é", max_size=60))
def test_mentions_are_disjoint_and_quote_the_text(raw: str):
    end = 0
    for mention in _mentions(raw).iter_rows(named=True):
        assert end <= mention["start_char"] < mention["end_char"] <= len(raw)
        assert raw[mention["start_char"] : mention["end_char"]] == mention["quote"]
        end = mention["end_char"]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text("英伟达NVDA 腾讯𬭎é😀", max_size=20), max_size=6))
def test_aliases_stand_where_they_are_said_to(texts: list[str]):
    texts = pl.Series(texts, dtype=pl.String)
    for row, start, end, surface in find_aliases(texts, LEXICON).select("row", "start_char", "end_char", "surface").iter_rows():
        assert texts[row][start:end] == surface


def test_traditional_and_simplified_texts_name_the_same():
    hans, hant = "腾讯与阿里巴巴、台积电、贵州茅台", "騰訊與阿里巴巴、台積電、貴州茅臺"
    assert _mentions(hant)["entity"].to_list()[:3] == _mentions(hans)["entity"].to_list()[:3]
