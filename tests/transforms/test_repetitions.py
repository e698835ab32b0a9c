"""Repetitions: paragraphs that a page prints again. The first copy stays, and the article around it too."""

import polars as pl
import pytest

from schemas.documents import Inputs
from transforms.pipeline import process

HEADLINE = "江河纸业三季度净利润增长逾两成 特种纸占比过半"
TEXT = [
    "江河纸业三季度实现营业收入18.6亿元,同比增长9.2%,环比下降1.4%,增长主要来自特种纸销量提升。",
    "公司三季度归母净利润1.37亿元,同比增长21.5%,毛利率18.3%,较上年同期提升1.6个百分点。",
    "分业务看,特种纸收入9.8亿元,占比53%,文化纸收入6.1亿元,同比下降3.7%,主要受出版订单减少影响。",
    "管理层在交流会上表示,四季度木浆价格有望回落,公司将维持现有库存水平,全年资本开支约5亿元。",
    "券商普遍认为,公司新产线投产后产能利用率仍有提升空间,预计2025年净利润增速在15%左右。",
]
NEARLY = TEXT[1].replace("同比增长", "同比增").replace(",毛利率", ";毛利率")


def judge(lines: list[str], lexicon) -> tuple[list[str], pl.DataFrame]:
    """Return the dropped lines, and the marks of repetitions."""
    text = "\n".join(lines) + "\n"
    row = {"doc_id": "00000000000000aa", "source_path": "a.txt", "byte_count": len(text.encode()), "encoding": "utf-8", "source_format": "txt", "raw_text": text}
    tables = process(Inputs.frame([row]), lexicon, "test")
    marks = tables["marks"].filter(pl.col("rule_id") == "repetitions.paragraph")
    return tables["blocks"].filter(~pl.col("is_kept"))["text"].to_list(), marks


@pytest.mark.parametrize(
    ("lines", "gone"),
    [
        ([HEADLINE, *TEXT[:2], TEXT[1], *TEXT[2:]], [TEXT[1]]),  # twice in a row
        ([HEADLINE, *TEXT[:2], TEXT[1], TEXT[1], *TEXT[2:]], [TEXT[1], TEXT[1]]),
        ([HEADLINE, *TEXT[:2], NEARLY, *TEXT[2:]], [NEARLY]),
        ([HEADLINE, *TEXT[:3], TEXT[1], *TEXT[3:]], []),  # taken up again
        ([HEADLINE, *TEXT, TEXT[0]], []),
        ([HEADLINE, HEADLINE, *TEXT], []),
        ([HEADLINE, *TEXT, HEADLINE, *TEXT], []),  # read twice
        ([HEADLINE, TEXT[0][:38] + "…", *TEXT], []),  # a summary cut short
        ([HEADLINE, *TEXT[:2], TEXT[1].replace("21.5%", "23.1%"), *TEXT[2:]], []),  # another figure
        ([HEADLINE, *(f"方案{number}:特种纸提价3%,文化纸价格不变,合同期为两年,由客户在年底前选定。" for number in "一二"), *TEXT], []),
    ],
)
def test_the_first_copy_stays(lines, gone, lexicon):
    dropped, marks = judge(lines, lexicon)
    assert dropped == gone
    assert marks.filter("is_dropping").height == len(gone)


def test_copies_do_not_speak_for_each_other(lexicon):
    """Scores of the article do not depend on whether a paragraph or the headline stands twice."""
    plain, twice = ([HEADLINE, *TEXT], [HEADLINE, HEADLINE, *TEXT[:4], TEXT[1], TEXT[4]])
    scores = []
    for lines in (plain, twice):
        text = "\n".join(lines)
        row = {"doc_id": "00000000000000aa", "source_path": "a.txt", "byte_count": len(text.encode()), "encoding": "utf-8", "source_format": "txt", "raw_text": text}
        blocks = process(Inputs.frame([row]), lexicon, "test")["blocks"]
        scores.append(dict(blocks.filter(pl.col("score").is_not_null()).select("text", "score").iter_rows()))
    assert {text: scores[1][text] for text in TEXT} == pytest.approx({text: scores[0][text] for text in TEXT}, abs=0.15)


def test_a_repetition_says_what_it_repeats(lexicon):
    _, marks = judge([HEADLINE, *TEXT[:2], TEXT[1], *TEXT[2:], TEXT[0]], lexicon)
    assert marks.sort("start_char").select("is_dropping", "reason").rows() == [
        (True, f"It repeats the paragraph «{TEXT[1][:20]}» that stands right above."),
        (False, f"It repeats the paragraph «{TEXT[0][:20]}» that stands further up."),
    ]


def test_replies_and_questions_may_repeat(lexicon):
    reply = "答:尊敬的投资者您好,公司经营情况请以定期报告披露的数据为准,感谢您对公司的关注。"
    assert judge([HEADLINE, TEXT[0], "问:公司三季度产能利用率是多少?", reply, "问:公司的木浆库存能用多久?", reply, TEXT[1]], lexicon)[1].is_empty()
