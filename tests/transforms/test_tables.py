"""What the rows of tables state: metric, period, company and change from row, column and the line over the table."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.test_metrics import describe, read_metrics

LEAD = "海岚科技(688123.SH)发布2024年年报,全年实现营业收入52.6亿元。"

TABLES = {
    "years across, metrics down, a row of changes, actual and expected": (
        """盈利预测
| 会计年度 | 2024A | 2025E |
| --- | --- | --- |
| 营业收入(百万元) | 5,260 | 6,010 |
| 同比增长(%) | 12.0 | 14.3 |
| EPS(元) | 1.52 | 1.80 |""",
        [
            "海岚科技 | revenue | level | 5260000000 CNY | 2024 | actual", "海岚科技 | revenue | level | 6010000000 CNY | 2025 | estimate",
            "海岚科技 | revenue | yoy | 12 percent | 2024 | actual", "海岚科技 | revenue | yoy | 14.3 percent | 2025 | estimate",
            "海岚科技 | eps | level | 1.52 CNY | 2024 | actual", "海岚科技 | eps | level | 1.8 CNY | 2025 | estimate",
        ],
    ),
    "metrics across, bare years down": (
        """| 年份 | 营业收入(亿元) | 毛利率 |
| 2023 | 46.96 | 30.1% |
| 2024 | 52.60 | 31.2% |""",
        [
            "海岚科技 | revenue | level | 4696000000 CNY | 2023 | actual", "海岚科技 | gross_margin | level | 30.1 percent | 2023 | actual",
            "海岚科技 | revenue | level | 5260000000 CNY | 2024 | actual", "海岚科技 | gross_margin | level | 31.2 percent | 2024 | actual",
        ],
    ),
    "companies down, one of them known only by its row": (
        """| 证券简称 | 2024年营收(亿元) | 同比 |
| 海岚科技 | 52.6 | 12% |
| 北峰电子 | 18.3 | -4% |""",
        [
            "海岚科技 | revenue | level | 5260000000 CNY | 2024 | actual", "海岚科技 | revenue | yoy | 12 percent | 2024 | actual",
            "北峰电子 | revenue | level | 1830000000 CNY | 2024 | actual", "北峰电子 | revenue | yoy | -4 percent | 2024 | actual",
        ],
    ),
    "parts of the business down, shares and changes across": (
        """| 产品 | 营业收入(亿元) | 占比 | 同比 |
| 光模块 | 30.2 | 57.4% | 20% |
| 合计 | 52.6 | 100% | 12% |""",
        [
            "海岚科技 | revenue[光模块] | level | 3020000000 CNY | 2024 | actual", "海岚科技 | revenue[光模块] | share | 57.4 percent | 2024 | actual",
            "海岚科技 | revenue[光模块] | yoy | 20 percent | 2024 | actual", "海岚科技 | revenue | level | 5260000000 CNY | 2024 | actual",
            "海岚科技 | revenue | share | 100 percent | 2024 | actual", "海岚科技 | revenue | yoy | 12 percent | 2024 | actual",
        ],
    ),
    "this period, the one before, and the change between them": (
        """| 项目 | 2024年 | 2023年 | 变动幅度 |
| 研发费用 | 4.2亿元 | 3.9亿元 | 7.7% |""",
        [
            "海岚科技 | rnd_expense | level | 420000000 CNY | 2024 | actual", "海岚科技 | rnd_expense | level | 390000000 CNY | 2023 | actual",
            "海岚科技 | rnd_expense | yoy | 7.7 percent | 2024 | actual",
        ],
    ),
    "statistics of what is expected; in brackets what was expected before, where the head says so": (
        """市場預估營收
| 預估值 (單位：新台幣千元) | 2025年(前值) | 2026年 |
| 中位數 | 5,700,000(5,650,000) | 6,300,000(6,100,000) |""",
        [
            "海岚科技 | revenue | level | 5700000000 TWD | 2025 | estimate", "海岚科技 | revenue | level | 5650000000 TWD | 2025 | estimate",
            "海岚科技 | revenue | level | 6300000000 TWD | 2026 | estimate",
        ],
    ),
    "months down, of the western and of the Republic's year": (
        """| 月份 | 营收 | 年增 |
| 24/9 | 4.63亿元 | 31% |
| 113/08 | 4.04亿元 | 10% |""",
        [
            "海岚科技 | revenue | level | 463000000 CNY | 2024-09 | actual", "海岚科技 | revenue | yoy | 31 percent | 2024-09 | actual",
            "海岚科技 | revenue | level | 404000000 CNY | 2024-08 | actual", "海岚科技 | revenue | yoy | 10 percent | 2024-08 | actual",
        ],
    ),
    "a row of words, and one of another table": (
        """| 年份 | 营业收入(亿元) | 毛利率 |
| 2024年 | 52.60 | 31.2% |
| 点评 | 海岚科技2024年净利润6.1亿元,好于预期 | 买入 |
| 总市值 | 320亿元 |""",
        [
            "海岚科技 | revenue | level | 5260000000 CNY | 2024 | actual", "海岚科技 | gross_margin | level | 31.2 percent | 2024 | actual",
            "海岚科技 | net_income | level | 610000000 CNY | 2024 | actual", "海岚科技 | market_cap | level | 32000000000 CNY | - | actual",
        ],
    ),
}  # fmt: skip


def rows_of(table: str) -> list[str]:
    """Return what a table states, without the sentence before it."""
    rows = read_metrics([f"{LEAD}\n{table}"]).sort("start_char").to_dicts()
    return [describe(row) for row in rows if row["start_char"] > len(LEAD)]


@pytest.mark.parametrize("name", TABLES)
def test_rows(name):
    table, expected = TABLES[name]
    assert rows_of(table) == expected


def test_evidence_leads_to_the_head_of_the_column():
    text = f"{LEAD}\n| 年份 | 营业收入(亿元) |\n| 2023年 | 46.96 |"
    row = read_metrics([text]).sort("start_char").to_dicts()[-1]
    start = text.index("营业收入(亿元)")
    assert f"label@{start}-{start + 4} carried" in row["evidence"]
    assert f"period@{text.index('2023年')}-" in row["evidence"]


def test_evidence_leads_to_the_head_of_the_row():
    text = f"{LEAD}\n| 证券简称 | 月份 | 营业收入(亿元) |\n| 北峰电子 | 24/9 | 4.6 |"
    row = read_metrics([text]).sort("start_char").to_dicts()[-1]
    entity, month = text.index("北峰电子"), text.index("24/9")
    assert f"entity@{entity}-{entity + 4} explicit" in row["evidence"]
    assert f"period@{month}-{month + 4} " in row["evidence"]
    assert (row["entity"], row["period"]) == ("北峰电子", "2024-09")


CELLS = st.sampled_from(["2024年", "2023", "营业收入(亿元)", "同比", "占比", "12.5", "-3%", "6.1亿元", "公司", "海岚科技", "合计", "25/9", "", "(", ")", "净利润6.1亿元,同比增长8%", "中位数"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELLS, max_size=5), max_size=6))
def test_any_table_is_read(rows):
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    metrics = read_metrics([f"{LEAD}\n{table}"])
    assert metrics["metric_id"].is_unique().all()
    assert metrics.filter(doc_id=metrics["doc_id"][0])["quote"].str.len_chars().min() > 0
