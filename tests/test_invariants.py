"""What must always hold, for any text: the properties of process() that the design promises."""

import bisect
import hashlib
import itertools
import re
import unicodedata

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from schemas import PART_TABLES
from schemas.documents import Inputs
from transforms.pipeline import process

# Lines of every kind a scraped article is made of; properties have to hold for any order and any damage of them.
LINES = [
    "海岚科技2024年营收52.6亿元，同比增长12%，净利润6.1亿元", "2025年3月20日 09:30 来源：财经快讯", "（责任编辑：李文）", "海嵐科技公佈第三季財報，營收成長15.3%，毛利率達31.4%",
    "北峰电子预计上半年净利润8亿元至9.5亿元", "Q1：请问毛利率的展望？", "答：我们预计全年在30%左右，约2-3个百分点的提升", "分析师：今年资本开支多少？",
    "王海（CEO）：大约110億美元。", "声明：本文仅代表作者观点", "https://example.com/a/1.html", "每股收益０．８５元，派息率３５％", "第一，出货量超过1,200万台；第二，月活4.3亿",
    "一、业绩概览", "截至2024年12月31日，公司拥有员工12345人", "NVDA 涨3.67%，报126.5美元", "營收環比增長了大約50億美元，隻是毛利率下降200個基點", "几十亿到上百亿不等", "3.2nm、GB200、H100",
]  # fmt: skip
BREAKS = st.sampled_from(["\n", "\r\n", "\n\n", "\n　　", " \n", "\u2028", ""])
# no shrinking: an example costs a second or two, and the failing line is in the message
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
noise = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
line = st.one_of(st.sampled_from(LINES), noise, st.tuples(st.sampled_from(LINES), noise).map("".join))
article = st.lists(st.tuples(line, BREAKS).map("".join), max_size=12).map("".join).filter(lambda text: bool(visible(text)))


def inputs(texts: list[str]) -> pl.DataFrame:
    rows = {}
    for text in texts:
        doc_id = hashlib.sha256(text.encode()).hexdigest()[:16]
        rows[doc_id] = {"doc_id": doc_id, "source_path": f"{doc_id}.txt", "byte_count": len(text.encode()), "encoding": "utf-8", "source_format": "txt", "raw_text": text}
    return Inputs.frame(list(rows.values()))


def visible(text: str) -> str:
    """Return what a reader could miss: no blanks, no controls, no zero-width marks."""
    return "".join(character for character in text if unicodedata.category(character) not in {"Zs", "Zl", "Zp", "Cc", "Cf"})


def unmarked(text: str) -> str:
    """Return what is visible of a gap between blocks without escapes that were left of line breaks, and the brackets and the address of a Markdown link."""
    return visible(re.sub(r"\]\([^()\n]*\)|\\[nrt]", "", text)).strip("[")


def check_tables(tables: dict[str, pl.DataFrame], texts: dict[str, str]) -> None:
    assert tables["rejected_rows"].is_empty(), tables["rejected_rows"].select("table", "reason").rows()[:3]
    for name in ("repairs", "quantities", "metrics", "mentions"):
        for row in tables[name].iter_rows(named=True):
            assert texts[row["doc_id"]][row["start_char"] : row["end_char"]] == row["quote"], (name, row)
    for doc_id, text in texts.items():
        blocks = tables["blocks"].filter(pl.col("doc_id") == doc_id)
        at = 0
        for start, end, simplified in blocks.select("start_char", "end_char", "text").iter_rows():
            assert not unmarked(text[at:start]), "text between blocks"
            assert len(simplified) == end - start
            assert start < end
            at = end
        assert not unmarked(text[at:]), "text behind the last block"
        quantities = tables["quantities"].filter(pl.col("doc_id") == doc_id).select("start_char", "end_char").rows()
        assert all(left[1] <= right[0] for left, right in itertools.pairwise(quantities)), "quantities overlap"
        starts = [first for first, _ in quantities]
        for start, end in blocks.filter("is_kept").select("start_char", "end_char").iter_rows():
            for digits in re.finditer("[0-9]+", text[start:end]):
                first, last = start + digits.start(), start + digits.end()
                around = bisect.bisect_right(starts, first) - 1  # the only one that may hold them: none overlaps another
                assert around >= 0, f"digits {digits[0]!r} in {text[start:end]!r}"
                assert last <= quantities[around][1], f"digits {digits[0]!r} in {text[start:end]!r}"
    dropped = tables["marks"].filter("is_dropping").join(tables["blocks"], on="doc_id", suffix="_block")
    dropped = dropped.filter((pl.col("start_char") <= pl.col("start_char_block")) & (pl.col("end_char_block") <= pl.col("end_char")))
    keys = {(row["doc_id"], row["block_no"]) for row in dropped.iter_rows(named=True)}
    assert {(doc_id, number) for doc_id, number in tables["blocks"].filter(~pl.col("is_kept")).select("doc_id", "block_no").iter_rows()} <= keys, "dropped without a mark"


@settings(max_examples=8, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(article, min_size=1, max_size=8))
def test_any_text_keeps_the_promises(lexicon, texts):
    frame = inputs(texts)
    check_tables(process(frame, lexicon, "b"), dict(frame.select("doc_id", "raw_text").iter_rows()))


def test_the_samples_keep_the_promises(sample_tables):
    check_tables(sample_tables, dict(sample_tables["documents"].select("doc_id", "raw_text").iter_rows()))


@settings(max_examples=3, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(article, min_size=2, max_size=6))
def test_a_text_is_judged_alike_alone_and_in_company(lexicon, texts):
    frame = inputs(texts)
    together = process(frame, lexicon, "b")
    apart = [process(frame[number], lexicon, "b") for number in range(frame.height)]
    for model in PART_TABLES:
        name = model.table_name()
        joined = model.select(pl.concat([tables[name] for tables in apart]))
        assert_frame_equal(together[name], joined)


@pytest.mark.parametrize("text", ["今", "1", "\ufeff营收1亿元", "营收\x001亿元", "a\u200b1", "\u202e营收52亿元", "\n" * 1000 + "营收1亿元", "营收1亿元" * 3000, "9" * 400, "，。！？", "🇨🇳👨‍👩‍👧5亿元"])
def test_odd_texts_keep_the_promises(lexicon, text):
    frame = inputs([text])
    check_tables(process(frame, lexicon, "b"), dict(frame.select("doc_id", "raw_text").iter_rows()))
