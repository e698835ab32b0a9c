"""What polars' looser pattern leaves out, the pattern does not match."""

import re

import polars as pl
import pytest

from transforms.likely import likely, loosened
from transforms.metrics.vocabulary import compile_vocabulary

TEXTS = pl.Series([
    "海岚科技2024年营收52.6亿元，同比增长12%", "该行料公司全年净利润8亿元,维持买入评级", "全球智能手表市场出货量增长4%,三家公司合计占六成", "首席财务官李文表示,毛利率将达31%",
    "分析师预计一季度营收8亿元", "风险提示:原料涨价", "行业平均增速为5%", "", "\n", "跑赢行业整体", "按产品分,家电占四成\n", "a\x1cb",
])  # fmt: skip


@pytest.mark.parametrize(("pattern", "loose"), [
    (r"(?<![子母])(?P<name>公司|集团)(?!股东|(?:的)员工)称", "(?:公司|集团)称"), (r"[^()]\(?(?=a(b)c)\)", r"[^()]\(?\)"), ("(?i:fact)[)]$", "(?i:fact)[)]\\n?$"),
])  # fmt: skip
def test_what_it_looks_for_beside_is_left_out(pattern, loose):
    assert loosened(pattern) == loose


def test_nothing_is_missed(lexicon):
    vocabulary = compile_vocabulary(lexicon)
    patterns = [*vocabulary.forms.values(), vocabulary.speech.titled, vocabulary.speech.unnamed, re.compile(r"a\sb"), re.compile("^$")]
    for pattern in patterns:
        found = [pattern.search(text) is not None for text in TEXTS]
        assert not any(match and not may for match, may in zip(found, likely(TEXTS, pattern), strict=True)), pattern.pattern
    assert likely(TEXTS, vocabulary.forms["others"]).to_list().count(True) == 3
