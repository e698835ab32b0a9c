"""What find_quantities reads, case by case, and what must hold for any text."""

import re
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.quantity_helpers import find, frames, lexicon
from transforms.number_grammar import compile_grammar
from transforms.quantities import find_currency

CASES = Path(__file__).resolve().parents[1] / "cases" / "quantities.txt"


def cases() -> list[tuple[str, str]]:
    lines = CASES.read_text(encoding="utf-8").split("\n")
    return [tuple(line.split(" => ")) for line in lines if " => " in line and not line.startswith("#")]


def told(row: dict) -> str:
    """Return a row as the cases write it."""
    words = [number(row["value"]), row["unit"] or "-"]
    if row["low"] is not None or row["high"] is not None:
        left = "(" if row["low_inclusive"] is False else "["
        right = ")" if row["high_inclusive"] is False else "]"
        low, high = (number(row[end]) if row[end] is not None else "" for end in ("low", "high"))
        words.append(f"{left}{low}..{high}{right}")
    words += [row["hedge"] or "", row["direction"] or "", f"/{row['per']}" if row["per"] else ""]
    if row["is_ambiguous"]:
        words.append(f"or {number(row['alternative_value'])}")
    return " ".join(word for word in words if word)


def number(value: float | None) -> str:
    return "-" if value is None else format(Decimal(repr(value)).normalize(), "f")


def expected(text: str) -> str:
    return re.sub(r"^-?\d+\.\d{15,}", lambda match: number(float(match[0])), text)


def test_cases():
    listed = cases()
    found = find([surface for surface, _ in listed])
    wrong = []
    for (surface, said), rows in zip(listed, found, strict=True):
        tellings = [told(row) for row in rows]
        if expected(said) not in tellings:
            wrong.append(f"{surface} => {said}, found {tellings}")
    assert not wrong, "\n".join(wrong)
    assert len(listed) >= 400


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("| 除稅前虧損 | (2,345) | 1,876 |", [-2345, 1876]),
        ("期內虧損\t(2,345.5)\t(98.1)", [-2345.5, -98.1]),
        ("除税前亏损 (2,345) (1,876) —", [-2345, -1876]),
        ("淨虧損率 | (9.8%) | 3.1% |", [-9.8, 3.1]),
        # in running text a number in brackets is no loss
        ("收报 (388.2) 元,升 (2,345) 点", [388.2, 2345]),
        ("现金 (2,345)", [-2345]),
        ("现金 (2,345) 较上年减少", [2345]),
    ],
)
def test_brackets_in_a_row_of_a_statement_are_a_minus(text, values):
    assert [row["value"] for row in find([text])[0] if row["value"] is not None] == values


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("约40%的收入", ["40%"]),
        ("营收分别为1.2、3.4、5.6亿元", ["1.2", "3.4", "5.6亿元"]),
        ("净利润为11.0/7.8/-3.3亿", ["11.0", "7.8", "-3.3亿"]),
        ("增长12%至50亿元", ["12%", "50亿元"]),
        ("费用率提升3.8%至19.7%", ["3.8%", "19.7%"]),
        ("下降18.93%至-8.95%", ["18.93%", "-8.95%"]),
        ("对应PE52、37、33倍", ["52", "37", "33倍"]),
        ("70%出头,50亿元左右", ["70%出头", "50亿元"]),
        ("一个客户和一家公司一直统一", []),
        ("单位:万元", []),
        ("万一三一重工的二手设备", []),
    ],
)
def test_spans(text, spans):
    (rows,) = find([text])
    assert [row["quote"] for row in rows] == spans


def test_units_spread_over_a_list():
    (rows,) = find(["营收分别为1.2、3.4、5.6亿元"])
    assert [(row["value"], row["unit"]) for row in rows] == [(1.2e8, "CNY"), (3.4e8, "CNY"), (5.6e8, "CNY")]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("芯片H200量产", "product_name"), ("模型GPT-4o发布", "product_name"), ("机柜NVL72", "product_name"), ("采用7纳米", "product_name"), ("5G基站", "product_name"),
        ("沪深300", "product_name"), ("第一大股东", "ordinal"), ("(3)研发投入", "ordinal"), ("688321.SH", "id_noise"), ("(2308-TW)", "id_noise"),
        ("00700.HK", "id_noise"), ("电话010-66554433", "id_noise"), ("https://example.com/2024", "id_noise"), ("SP58765061", "id_noise"), ("三种产品", "count_other"),
        ("涉及002868,以及", "id_noise"), ("涉及002868.", "id_noise"), ("每年百强之列", None),
    ],
)  # fmt: skip
def test_classes(text, label):
    (rows,) = find([text])
    assert [row["class"] for row in rows] == ([label] if label else [])


@pytest.mark.parametrize(("text", "value"), [("旧机型按一折处理", 10), ("菜价从每斤一块八回落", 1.8), ("这一块由他负责", None), ("冰山一角", None)])
def test_one_alone_in_its_text(text, value):
    (rows,) = find([text])
    assert [row["value"] for row in rows] == ([value] if value else [])


def test_headings_give_units():
    text = "单位:亿元\n| 项目 | 营收 | 同比(%) |\n| 甲 | 12.5 | 33.1 |\n| 毛利率 | 40.2 | 1.1 |\n说明文字\n| 乙 | 7 | 8 |"
    (rows,) = find([text])
    assert [(row["value"], row["unit"]) for row in rows] == [(12.5e8, "CNY"), (33.1, "percent"), (40.2, None), (1.1, "percent"), (7, None), (8, None)]


@pytest.mark.parametrize(
    ("text", "unit"), [("營收新台幣5億元,獲利2億元", "TWD"), ("营收5亿元,利润2亿元", "CNY")]
)
def test_plain_yuan_is_the_documents_currency(text, unit):
    (rows,) = find([text])
    assert {row["unit"] for row in rows} == {unit}


@pytest.mark.parametrize("card", lexicon()["number_cards"].to_dicts(), ids=lambda card: card["rule_id"])
def test_cards(card):
    pattern = re.compile(card["pattern"])
    assert [text for text in card["hit"] if not pattern.fullmatch(text)] == []
    assert [text for text in card["miss"] if pattern.fullmatch(text)] == []


PIECES = st.sampled_from([
    "1", "23", "4.5", "6,789", "亿", "万", "%", "个百分点", "元", "-", "至", "、", "/", "约", "三", "十", "几", "百分之", "第", "Q", "H200", "(", ")", ":", "倍", " ", "半", "点", "多", "\n", "每10股派",
])  # fmt: skip


@settings(max_examples=6, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=25).map("".join)), min_size=30, max_size=60))
def test_every_digit_lies_in_exactly_one_row(texts):
    documents, _, quantities = frames(["前" + text for text in texts])
    texts_of = {doc_id: (raw, simplified) for doc_id, raw, simplified in documents.select("doc_id", "raw_text", "text").iter_rows()}
    covered = {doc_id: [0] * len(raw) for doc_id, (raw, _) in texts_of.items()}
    for doc_id, start, end, quote in quantities.select("doc_id", "start_char", "end_char", "quote").iter_rows():
        assert texts_of[doc_id][0][start:end] == quote
        for at in range(start, end):
            covered[doc_id][at] += 1
    for doc_id, (_, simplified) in texts_of.items():
        assert max(covered[doc_id]) <= 1
        assert all(covered[doc_id][at] == 1 for at, char in enumerate(simplified) if char in "0123456789")


NUMBERS = st.sampled_from(["0", "0.0", "1", "7", "10", "12.5", "999", "1,234", "12,345.60", "0.05", "123456789"])
UNITS = sorted(set(lexicon()["units"]["surface"]))
WORDS = st.sampled_from([*UNITS, "亿元", "万股", "亿美元", "元/股", "万吨/年", "百万", "兆瓦", " 亿元", "多家", "亿元左右", "元港币", "百", ""])


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["", "+", "-", "−"]), NUMBERS, WORDS)
def test_digits_are_read_like_others_before_the_same_words(sign, digits, words):
    """What is remembered of 亿元 behind one number holds for the next: the template and the full reading agree."""
    grammar = compile_grammar(lexicon())
    surface = sign + digits + words
    with_template = grammar._figures(surface)
    assert with_template == [figure for match in grammar._item.finditer(surface) if (figure := grammar._figure(match))]


@pytest.mark.parametrize("text", ["9" * 100_000, "1-" * 8_000 + "2亿", "1、" * 8_000 + "2亿元", "(1-(2-" * 4_000, "1." * 8_000, "一" * 100_000, "a" * 100_000 + "1"])
def test_hostile_text_stays_linear(text):
    (rows,) = find([text])
    assert all(isinstance(row["start_char"], int) for row in rows)


def test_two_runs_agree():
    text = "营收约393.31亿美元,同比增长78%,毛利率70%出头"
    assert frames([text])[2].equals(frames([text])[2])


def test_no_text_no_rows():
    assert isinstance(frames(["没有数字"])[2], pl.DataFrame)
    assert frames(["没有数字"])[2].height == 0


@pytest.mark.parametrize(
    ("text", "region", "currency"),
    [
        ("營業額12億元,按年升5%", "hk", "HKD"),
        ("收入12億元人民幣,其後又賺3億元", "hk", "CNY"),
        ("營收12億元,年增5%", "tw", "TWD"),
        ("营收12亿元,回购5亿港元", None, "CNY"),
        ("台积电营收8684.6亿新台币,净利3746.8亿元", None, "TWD"),
    ],
)
def test_plain_yuan_follows_the_region(text, region, currency):
    documents, *_ = frames([text])
    told = find_currency(documents.with_columns(region=pl.lit(region, pl.String)), lexicon())
    assert told["currency"].to_list() == [currency]
