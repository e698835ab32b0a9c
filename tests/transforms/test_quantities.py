"""What find_quantities reads, case by case, and what must hold for any text."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from tests.transforms.quantity_helpers import find, lexicon
from transforms.number_grammar import compile_grammar

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
        ("党的二十大报告", "ordinal"), ("扩产。3、降库存", "ordinal"),
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
def test_what_a_card_names_is_found_in_a_text(card):
    """A pattern that begins with a character which the grammar does not look at would find nothing."""
    grammar = compile_grammar(lexicon())
    found = [grammar.scan.search(f"{hit}\n") for hit in card["hit"]]
    assert [(match[0], match.lastgroup is not None) for match in found] == [(hit, True) for hit in card["hit"]]
