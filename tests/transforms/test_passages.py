"""Captions and long lines: read as passages, found in their blocks."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.documents import Inputs
from transforms.passages import join_passages, number_blocks
from transforms.pipeline import process
from warehouse.lexicon import read_lexicon

LEXICON = read_lexicon()

SPOKEN = [
    "大家好，欢迎收看本期节目", "格力电器刚刚公布了年报", "这份年报有些意外", "2024年它的营业收入", "第一次超过了120亿元", "而净利润只有", "6.5亿元", "和上一年相比",
    "下降了12%", "不过管理层在电话会上说", "今年要新开的门店", "会达到300家", "这就和去年很不一样了", "我们来看看这些钱", "都花到哪里去了", "首先是仓库", "它在三个省都建了新仓", "这些仓现在还没有装满",
]  # fmt: skip


def reading(*lines: str, doc_id: str = "0" * 16, gap: int = 1) -> pl.DataFrame:
    rows, at = [], 0
    for number, line in enumerate(lines):
        rows.append({"doc_id": doc_id, "block_no": number, "start_char": at, "end_char": at + len(line), "text": line, "read_text": line, "kind": "body", "turn_no": None})
        at += len(line) + gap
    return pl.DataFrame(rows, schema_overrides={"turn_no": pl.Int64})


def test_a_label_and_its_figure_in_two_lines_are_one_statement(lexicon):
    text = "\n".join(SPOKEN)
    inputs = Inputs.frame([{"doc_id": "0" * 16, "source_path": "a", "byte_count": len(text.encode()), "encoding": "utf-8", "source_format": "txt", "raw_text": text}])
    tables = process(inputs, lexicon, "test")
    metrics = tables["metrics"].sort("start_char")
    told = {(row["metric"], row["basis"], row["value"]) for row in metrics.iter_rows(named=True)}
    assert {("revenue", "level", 12e9), ("net_income", "level", 6.5e8), ("net_income", "yoy", -12.0)} <= told
    assert set(metrics["entity"]) == {"格力电器"}
    assert set(tables["blocks"]["kind"]) == {"title", "body"}
    blocks = tables["blocks"].select("doc_id", "block_no", block_start="start_char", block_end="end_char")
    for found in (metrics, tables["quantities"]):
        placed = found.join(blocks, on=["doc_id", "block_no"], how="left")
        assert placed.filter((pl.col("start_char") < pl.col("block_start")) | (pl.col("end_char") > pl.col("block_end"))).is_empty()


def test_a_passage_ends_before_a_sentence_and_never_goes_on_for_long(lexicon):
    joined = join_passages(reading(*SPOKEN * 3), lexicon)
    assert 1 < joined.height < 3 * len(SPOKEN) / 4
    assert joined["read_text"].str.len_chars().max() < 400
    assert "相比 下降了12%。不过管理层" in joined["read_text"][0]


@pytest.mark.parametrize(
    "lines",
    [
        SPOKEN[:10],
        ["公司三季度的收入是12亿元。", "净利润有2亿元。"] * 10,
        ["营业收入", "12,305.18", "11,020.66", "净利润", "904.02", "1,151.08"] * 5,
        [f"- {number} 这是一期节目的标题" for number in range(20)],
        ["格力电器", "广汽集团", "中国神华", "招商银行"] * 6,
    ],
    ids=["too few", "sentences", "a table's cells", "a list", "names"],
)
def test_other_lines_stay_apart(lines, lexicon):
    assert join_passages(reading(*lines), lexicon).equals(reading(*lines))


def test_the_pieces_of_a_line_are_read_together(lexicon):
    told = "截至2023年5月15日收盘,格力电器报收于30元。" + "格力电器的产品卖到一百多个国家和地区,在国内有九个生产基地。" * 8
    text = told + "融券方面,融券卖出4.29万股。格力电器2023一季报显示,公司主营收入1.93亿元。" + "格力电器的产品卖到一百多个国家和地区,在国内有九个生产基地。" * 24
    inputs = Inputs.frame([{"doc_id": "0" * 16, "source_path": "a", "byte_count": len(text.encode()), "encoding": "utf-8", "source_format": "txt", "raw_text": text}])
    tables = process(inputs, lexicon, "test")
    sold = tables["metrics"].filter(metric="short_sales_volume")
    assert sold["period"].to_list() == ["2023-05-15"]
    assert tables["blocks"].height > 3
    assert sold["block_no"].item() == tables["blocks"].filter(pl.col("start_char") <= sold["start_char"].item())["block_no"].max()


def test_pieces_that_something_divides_stay_apart(lexicon):
    whole = reading("营收增长。", "利润下降。", gap=0)
    assert join_passages(whole, lexicon)["read_text"].to_list() == ["营收增长。利润下降。"]
    for column, other in (("kind", "byline"), ("turn_no", 1), ("doc_id", "1" * 16)):
        apart = whole.with_columns(pl.Series(column, [whole[column][0], other], dtype=whole.schema[column]))
        assert join_passages(apart, lexicon).equals(apart)
    assert join_passages(reading("营收增长。", "利润下降。"), lexicon).height == 2


def test_a_sentence_broken_behind_a_comma_goes_on(lexicon):
    whole = reading("上线美区一年,", "内容场的增速达到了577%,", "日支付用户翻了三倍。", "平台的头部达人有三位。")
    assert join_passages(whole, lexicon)["read_text"].to_list() == ["上线美区一年, 内容场的增速达到了577%, 日支付用户翻了三倍。", "平台的头部达人有三位。"]
    assert join_passages(reading("收入包括:货款,", "1. 运费"), lexicon).height == 2
    assert join_passages(reading("上线美区一年,", "内容场的增速达到了577%。", gap=40), lexicon).height == 2


def test_what_is_set_apart_is_no_part_of_a_passage(lexicon):
    heading, *lines = SPOKEN
    apart = pl.concat([reading(heading), reading(*lines).with_columns(pl.col("block_no") + 1, pl.col("start_char", "end_char") + len(heading) + 40)])
    assert join_passages(apart, lexicon)["read_text"][0] == heading
    listed = join_passages(reading(*SPOKEN[:9], "1. 仓库", *SPOKEN[9:]), lexicon)
    assert any(text.startswith("1. 仓库") for text in listed["read_text"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*SPOKEN, "营收12亿元。", "1. 仓库", "一"]), min_size=1, max_size=40), st.integers(1, 8))
def test_every_line_stands_where_it_stood(lines, gap):
    whole = reading(*lines, gap=gap)
    joined = join_passages(whole, LEXICON)
    assert joined.columns == whole.columns
    assert (joined["read_text"].str.len_chars().cast(pl.Int64) == joined["end_char"] - joined["start_char"]).all()
    for start, end, line in whole.select("start_char", "end_char", "read_text").iter_rows():
        passage = joined.filter((pl.col("start_char") <= start) & (pl.col("end_char") >= end))
        assert passage.height == 1
        assert passage["read_text"][0][start - passage["start_char"][0] :].startswith(line)
    found = whole.select("doc_id", "start_char", block_no=pl.lit(0, pl.Int64))
    assert number_blocks(found, whole)["block_no"].to_list() == whole["block_no"].to_list()
