"""Site lines: what no card knows goes where it stands among a page's lines, and stays where the article's own lines stand."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from schemas.blocks import Turns
from transforms.blocks import judge_blocks, split_blocks
from transforms.marks import mark_boilerplate
from transforms.script import simplify
from transforms.site_lines import Pages, find_grams, is_site_line, read_wording, weigh_wording
from transforms.splice_model import ModelError

DOC = "00000000000000aa"
BODY = [
    "溪山乳业前三季度实现营业收入31.4亿元,同比增长9.2%,其中低温鲜奶的收入增速超过两成。",
    "公司在业绩说明会上表示,四季度将继续压缩线下促销的费用,预计全年净利率比去年提高。",
    "多位分析师认为,原奶价格已经接近底部,明年上半年供求有望回到平衡,龙头企业的利润弹性更大。",
]
MENU = ["首页", "财经", "股票", "登录", "注册"]
FOOT = ["相关阅读", "原奶价格连跌30个月", "版权所有 不得转载", "联系我们"]


def removed(lines: list[str], lexicon) -> dict[str, str]:
    """Lines that no longer stand, with the rule that dropped each."""
    texts = pl.DataFrame([{"doc_id": DOC, "raw_text": "\n".join(lines), "text": "\n".join(lines)}])
    blocks = split_blocks(texts.with_columns(simplify(pl.col("text"))))
    judged = judge_blocks(blocks, mark_boilerplate(blocks, lexicon), Turns.empty())
    return dict(judged.filter(~pl.col("is_kept")).select("text", "rule_id").iter_rows())


@pytest.mark.parametrize("line", ["本话题人气贡献者", "本栏人气王", "本期福利 速来领取"])
def test_words_that_no_card_has_go_above_the_text_of_a_page(line, lexicon):
    page = [*MENU, "溪山乳业前三季度收入增长9.2%", "2024-10-28 18:20", line, "关注", *BODY, *FOOT]
    assert removed(page, lexicon).get(line) == "furniture.site_line"


@pytest.mark.parametrize("line", ["本话题人气贡献者", "收听人数 3021", "给小编加个鸡腿"])
def test_words_that_no_card_has_go_below_the_text_of_a_page(line, lexicon):
    page = [*MENU, "溪山乳业前三季度收入增长9.2%", "2024-10-28 18:20", *BODY, line, "关注", *FOOT]
    assert removed(page, lexicon).get(line) == "furniture.site_line"


def test_the_same_words_stay_in_a_text_without_its_page(lexicon):
    assert removed(["溪山乳业前三季度收入增长9.2%", "本话题人气贡献者", *BODY], lexicon) == {}


@pytest.mark.parametrize("line", ["(以下内容全部来自公开信息)", "本文内容不构成投资建议,据此操作风险自负"])
def test_an_author_s_disclaimer_stays_however_it_is_worded(line, lexicon, monkeypatch):
    monkeypatch.setattr("transforms.furniture.score_site_lines", lambda pages, lexicon: np.full(len(pages.kind), 0.99))
    page = [*MENU, "溪山乳业前三季度收入增长9.2%", "2024-10-28 18:20", line, "本期福利 速来领取", *BODY, *FOOT]
    assert [text for text in (line, "本期福利 速来领取") if text in removed(page, lexicon)] == ["本期福利 速来领取"]


def page_of(*lines: tuple[str, str]) -> Pages:
    """One page of lines with their kinds, none of which is out already."""
    kinds, texts = zip(*lines, strict=True)
    none, size = np.zeros(len(lines), bool), np.array([len(text) for text in texts], float)
    return Pages(
        text=pl.Series(texts), kind=np.array(kinds), size=size, fit=np.zeros(len(lines)), is_inside=~none, is_out=none, is_head=none,
        first=np.zeros(len(lines), int), end=np.full(len(lines), len(lines)),
    )  # fmt: skip


PARAGRAPH = ("paragraph", "董事会欣然宣布中期业绩如下。" * 3)


def test_two_clauses_and_a_heading_between_sentences_need_more_than_a_line_at_the_edge():
    pages = page_of(PARAGRAPH, ("menu", "评论"), PARAGRAPH, ("link", "海外是旺季有望恢复,管理层自己这么说"), ("link", "某某热榜"))
    assert is_site_line(pages, np.array([0, 0.8, 0, 0.8, 0.8])).tolist() == [False, False, False, False, True]


@pytest.mark.parametrize(("out", "score", "goes"), [(4, 0.8, True), (0, 0.8, False), (0, 0.97, False)])
def test_deep_in_the_text_a_line_by_itself_stays(out, score, goes):
    pages = page_of(*[("scrap", "首页")] * 5, *[PARAGRAPH] * 5, ("scrap", "AIPC"), *[PARAGRAPH] * 5)
    is_out = np.arange(16) < 5
    is_out[10 - out if out else 0] = True  # 4: a line of the page among the paragraphs above
    assert is_site_line(replace(pages, is_out=is_out, is_inside=~is_out), (np.arange(16) == 10) * score)[10] == goes


@pytest.mark.parametrize("line", ["第三季营收 12.4 亿元", "全年营收:十九亿四千万元", "The Board recommends a dividend of US$0.05 per share", "Capacity of 12 million units"])
def test_a_line_with_a_figure_needs_as_much_as_one_in_a_long_run(line):
    pages = page_of(PARAGRAPH, ("link", line), ("link", "某某热榜"))
    assert is_site_line(pages, np.array([0, 0.9, 0.9])).tolist() == [False, False, True]
    assert is_site_line(pages, np.array([0, 0.97, 0.9])).tolist() == [False, True, True]


def test_what_is_found_out_no_longer_ends_the_text():
    pages = page_of(PARAGRAPH, ("link", "某某热榜"), ("scrap", "现价"), ("scrap", "昨收"), ("sentence", "本网与作者均不作任何担保,请自行判断。"))
    assert is_site_line(pages, np.array([0, 0.8, 0.8, 0.8, 0.97])).tolist() == [False, True, True, True, True]
    assert is_site_line(pages, np.array([0, 0.8, 0.8, 0.8, 0.1])).tolist() == [False] * 5


def test_headings_code_and_ingredients_inside_a_page_stay(lexicon):
    own = ["一、收入", "冰糖", "40克", "生抽", "3勺", "pip install polars", "import polars as pl", "二、利润"]
    page = [*MENU, "溪山乳业前三季度收入增长9.2%", "2024-10-28 18:20", BODY[0], *own, *BODY[1:], *FOOT]
    assert not set(own) & set(removed(page, lexicon))


def test_a_page_is_judged_alike_alone_and_among_others(lexicon):
    pages = [[*MENU, f"溪山乳业第{number}季收入增长", "2024-10-28 18:20", "本话题人气贡献者", *BODY[: number + 1], *FOOT] for number in range(1, 3)]
    frame = pl.DataFrame([{"doc_id": f"{at:016x}", "raw_text": "\n".join(page), "text": "\n".join(page)} for at, page in enumerate(pages)])
    blocks = split_blocks(frame.with_columns(simplify(pl.col("text"))))
    together = mark_boilerplate(blocks, lexicon)
    alone = pl.concat([mark_boilerplate(part, lexicon) for part in blocks.partition_by("doc_id")])
    key = ["doc_id", "start_char", "rule_id"]
    assert together.sort(key).equals(alone.sort(key))


def test_digits_count_alike_and_a_long_line_is_told_by_its_ends():
    row, bucket = find_grams(pl.Series(["第12页", "第98页", "头" * 40 + "甲" * 50 + "尾" * 40, "头" * 40 + "乙" * 50 + "尾" * 40]))
    grams = [sorted(bucket[row == at].tolist()) for at in range(4)]
    assert grams[0] == grams[1]
    assert grams[2] == grams[3]


def test_a_site_s_wording_is_likelier_than_an_article_s(lexicon):
    odds = weigh_wording(pl.Series(["点击下方按钮免费领取", BODY[0], "点击下方按钮免费领取", ""]), read_wording(lexicon))
    assert odds[0] > 0 > odds[1]
    assert odds[0] == odds[2]
    assert np.isfinite(odds).all()


def test_without_the_weights_the_next_step_is_named(lexicon):
    with pytest.raises(ModelError, match="make train"):
        read_wording(replace(lexicon, models={}))
