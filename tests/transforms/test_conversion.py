"""The one-pass conversions against the package whose dictionaries they use."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opencc import OpenCC

from transforms.conversion import (
    _t2s_pairs,
    one_sided_characters,
    read_dictionary,
    replace_pairs,
    s2t,
    s2t_pairs,
    s2t_within,
    t2s,
)
from transforms.script import fold_width, simplify

ORACLE = OpenCC("t2s")
PHRASES = sorted(read_dictionary("TSPhrases"))
CHARACTERS = "".join(sorted(read_dictionary("TSCharacters")))
# edges of phrases run together are where the two ways to match could part
PIECES = st.sampled_from(PHRASES).flatmap(lambda phrase: st.integers(1, len(phrase)).map(lambda size: phrase[:size]))
TEXTS = st.lists(st.one_of(st.sampled_from(PHRASES), PIECES, st.text(CHARACTERS, max_size=2), st.text(max_size=3))).map("".join)


def convert(conversion, texts: list[str]) -> list[str]:
    return pl.DataFrame({"text": texts}, schema={"text": pl.String}).select(conversion(pl.col("text")))["text"].to_list()


@settings(max_examples=20, deadline=None)
@given(st.lists(TEXTS, min_size=40, max_size=60))
def test_t2s_equals_the_package(texts):
    assert convert(t2s, texts) == [ORACLE.convert(text) for text in texts]


def test_t2s_equals_the_package_on_every_entry():
    entries = sorted(_t2s_pairs())
    assert convert(t2s, entries) == [ORACLE.convert(entry) for entry in entries]


def test_t2s_equals_the_package_where_phrases_overlap():
    overlaps = sorted({
        first + later[size:]
        for first in PHRASES for later in PHRASES for size in range(1, min(len(first), len(later)))
        if first.endswith(later[:size])
    })  # fmt: skip
    assert len(overlaps) > 1000
    assert convert(t2s, overlaps) == [ORACLE.convert(overlap) for overlap in overlaps]


@settings(max_examples=20, deadline=None)
@given(st.lists(TEXTS, min_size=40, max_size=60))
def test_simplify_keeps_length_and_settles(texts):
    simplified = convert(simplify, texts)
    assert [len(text) for text in simplified] == [len(text) for text in texts]
    assert simplified == convert(fold_width, [ORACLE.convert(text) for text in texts])


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("ＡＩ　２０２５：￥１％", "AI 2025:￥1%"),
        ("1.5-\u00a02\u00a0万", "1.5- 2 万"),
        ("零\u200b宽\ufeff字\u2060符", "零 宽 字 符"),
        ("行\r\n尾\t留", "行\r\n尾\t留"),
        ("㈱①Ⅳ", "㈱①Ⅳ"),
    ],
)
def test_fold_width_one_to_one(raw, folded):
    assert convert(fold_width, [raw]) == [folded]


def test_s2t_keeps_length_on_every_phrase():
    phrases = sorted(read_dictionary("STPhrases"))
    assert [len(text) for text in convert(s2t, phrases)] == [len(phrase) for phrase in phrases]


def test_one_sided_characters():
    simplified, traditional = one_sided_characters()
    assert set("们这说") <= simplified
    assert set("們這說麽") <= traditional
    assert not set("后台里面") & (simplified | traditional)


@settings(max_examples=40, deadline=None)
@given(st.lists(TEXTS, max_size=5).map(lambda texts: convert(t2s, texts)))
def test_the_pairs_within_texts_convert_them_as_all_do(texts):
    some = s2t_within(pl.Series(texts, dtype=pl.String))
    assert len(some) < len(s2t_pairs()) / 2
    assert convert(lambda column: replace_pairs(column, some), texts) == convert(s2t, texts)
