"""Blocks: where they lie, how broken layouts are mended, what kind each is."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.blocks import Marks, Turns
from transforms.blocks import judge_blocks, split_blocks
from transforms.script import simplify

DOC = "0123456789abcdef"


def split(*texts: str) -> pl.DataFrame:
    rows = [{"doc_id": f"{number:016x}", "raw_text": text} for number, text in enumerate(texts)]
    documents = pl.DataFrame(rows, schema={"doc_id": pl.String, "raw_text": pl.String})
    return split_blocks(documents.with_columns(text=simplify(pl.col("raw_text"))))


def spans(text: str) -> list[str]:
    return [text[start:end] for start, end in split(text).select("start_char", "end_char").iter_rows()]


LAYOUTS = {
    "indented lines": ("　　公司营收增长。\n\n  净利润下滑。 \n", ["公司营收增长。", "净利润下滑。"]),
    "windows and old mac": ("甲公司\r\n乙公司\r丙公司", ["甲公司", "乙公司", "丙公司"]),
    "rare breaks": ("甲公司\u2028乙公司\x0b丙公司\x85丁公司", ["甲公司", "乙公司", "丙公司", "丁公司"]),
    "invisible": ("\ufeff甲公司\u200b\n\u200b\n", ["甲公司"]),
    "escaped": ("图片\\n昨天下午,公司公告。\\n\n股价上涨。", ["图片", "昨天下午,公司公告。", "股价上涨。"]),
    "a path stays": (r"存在C:\new里", [r"存在C:\new里"]),
    "escaped after a colon": ("他说：\\n\\n增长。", ["他说：", "增长。"]),
    "escaped after a name": ("看好GPU\\n公司", ["看好GPU", "公司"]),
    "a capital behind a backslash": ("看好\\T恤公司", ["看好\\T恤公司"]),
    "a link of Markdown": ("[公司公告](https://a.example/b.pdf)显示增长。", ["公司公告](https://a.example/b.pdf)显示增长。"]),
    "an image of Markdown": ("![图](a.png)\n公司营收增长。", ["公司营收增长。"]),
    "half a tag": ('公司营收增长。class="a" id="b">\n股价上涨。', ["公司营收增长。", "股价上涨。"]),
    "an unknown entity": ("R&Disc;投入", ["R&Disc;投入"]),
    "tags": ("<p>公司营收<b>增长</b>12%。</p><p>股价&nbsp;上涨。</p>", ["公司营收<b>增长</b>12%。", "股价&nbsp;上涨。"]),
    "script": ("公司公告。<script>var a = '公司';\nb()</script>股价上涨。", ["公司公告。", "股价上涨。"]),
    "no tag": ("若a<b且c>d,则成立。", ["若a<b且c>d,则成立。"]),
    "indent in a line": ("公司营收增长。　　净利润下滑。", ["公司营收增长。", "净利润下滑。"]),
}


@pytest.mark.parametrize(("text", "expected"), LAYOUTS.values(), ids=LAYOUTS)
def test_layouts(text, expected):
    assert spans(text) == expected


def test_markup_is_blank_in_text():
    block = split("公司营收<b>增长</b>12%&amp;。").row(0, named=True)
    assert block["text"] == "公司营收   增长    12%&    。"


WRAPPED = """去年第三季度,公司的营业收入达到了历史最
高水平,主要原因是海外市场的需求在经历两
年的低迷之后明显回升,同时国内渠道的库存
也回到了正常的位置。
管理层在电话会上表示,下一季度的订单已经
排满,新建的两条产线会在年底之前投入使用
,届时产能将比现在提高三成左右,足以满足
老客户的需要。
不过分析师提醒,原材料的价格仍然在上涨,
利润率未必能够跟上收入的步伐。"""


def test_a_link_reads_as_its_words_and_entities_as_their_sign():
    text = split("请看[公司公告](https://a.example/b.pdf)。A&rarr;B&#x2014;C&#8203;D")["text"][0]
    assert text.split() == ["请看", "公司公告", "。A→", "B—", "C", "D"]
    assert len(text) == len("请看[公司公告](https://a.example/b.pdf)。A&rarr;B&#x2014;C&#8203;D")


def test_wrapped_lines_are_joined():
    blocks = split(WRAPPED)
    assert [block.count("\n") for block in spans(WRAPPED)] == [3, 3, 1]
    assert blocks["text"].str.len_chars().to_list() == [len(block) for block in spans(WRAPPED)]
    assert "历史最 高水平" in blocks["text"][0]


def test_verse_is_not_joined():
    verse = "\n".join(["床前的月光照着窗", "地上像落了一层霜", "抬起头看天上的月", "低下头想起了故乡"] * 3)
    assert split(verse).height == 12


def test_one_flat_line_is_cut_after_sentences():
    text = "公司在上海发布了新的产品,市场反应热烈。" * 60
    pieces = spans(text)
    assert "".join(pieces) == text
    assert len(pieces) > 3
    assert all(piece.endswith("。") for piece in pieces)


def test_a_long_paragraph_among_others_is_not_cut():
    text = "\n".join(["公司在上海发布了新的产品,市场反应热烈。" * 50] * 3)
    assert split(text).height == 3


def test_extremes_stay_linear():
    assert split("公司" * 2_000_000).height == 1
    assert split("\n" * 1_000_000).height == 0
    assert split("").height == 0


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(alphabet=st.sampled_from("公司營收。！”a1 　\n\r\u2028\t<p>br/&;nbsp\\\u200b,"), max_size=120), max_size=4))
def test_blocks_tile_the_text(texts):
    blocks = split(*texts)
    assert (blocks["text"].str.len_chars() == blocks["end_char"] - blocks["start_char"]).all()
    for number, text in enumerate(texts):
        mine = blocks.filter(pl.col("doc_id") == f"{number:016x}")
        assert mine["block_no"].to_list() == list(range(mine.height))
        assert (mine["start_char"][1:] >= mine["end_char"][:-1]).all()
        assert (mine["end_char"] <= len(text)).all()
        if not set(text) & set("<&\\"):
            outside = text
            for start, end in mine.select("start_char", "end_char").reverse().iter_rows():
                outside = outside[:start] + outside[end:]
            assert not outside.strip(" \n\r\t\u2028\u3000\u200b")


def mark(start: int, end: int, label: str, *, drops: bool, rule_id: str = "card", score: float = 1.0) -> dict:
    return {"doc_id": DOC, "start_char": start, "end_char": end, "rule_id": rule_id, "label": label, "score": score, "is_dropping": drops, "reason": "."}


def judge(text: str, marks: list[dict], turns: list[dict] = ()) -> list[tuple]:
    documents = pl.DataFrame({"doc_id": [DOC], "raw_text": [text], "text": [text]})
    judged = judge_blocks(split_blocks(documents), Marks.frame(marks), Turns.frame(list(turns)))
    return [(text[row["start_char"] : row["end_char"]], row["kind"], row["is_kept"]) for row in judged.iter_rows(named=True)]


def test_a_dropped_part_becomes_a_block_of_its_own():
    text = "股价收涨。 (责任编辑:王强)"
    assert judge(text, [mark(6, 15, "editor_credit", drops=True)]) == [("股价收涨。", "body", True), ("(责任编辑:王强)", "editor_credit", False)]


def test_review_marks_leave_the_kind_alone_and_pieces_keep_the_score():
    text = "公司营收增长12%,净利润增长8%。"
    documents = pl.DataFrame({"doc_id": [DOC], "raw_text": [text], "text": [text]})
    review = mark(0, len(text), "spliced", drops=False, score=0.6)
    blocks = split_blocks(documents).with_columns(score=pl.lit(0.6))
    assert judge_blocks(blocks, Marks.frame([review]), Turns.empty()).select("kind", "is_kept", "score").row(0) == ("body", True, 0.6)
    credit = mark(len(text) - 1, len(text), "editor_credit", drops=True)
    assert judge_blocks(blocks, Marks.frame([credit]), Turns.empty())["score"].to_list() == [0.6, 0.6]


def test_kinds_by_shape_and_turn():
    text = "营收与利润\n公司营收增长12%,净利润增长8%。\n(这个数字高于所有人的预期)\n“我们对下半年的需求很有信心。”\n主持人:请介绍产能。\n工厂满产。"
    turn = {"doc_id": DOC, "turn_no": 0, "role": "question", "start_char": text.index("主持人"), "end_char": text.index("工厂") - 1}
    kinds = [kind for _, kind, _ in judge(text, [], [turn])]
    assert kinds == ["heading", "body", "commentary", "quote", "qa_question", "body"]


@pytest.mark.parametrize(("others", "kind"), [([], "quote"), (["commenter"], "social_comment")])
def test_a_statement_is_a_post_only_among_comments(others, kind):
    text = "老黄:我们致力于三条网络链路。\n评论区:怎么看护城河?"
    spans = [(0, text.index("\n")), (text.index("\n") + 1, len(text))]
    speakers = ["Jensen Huang", *others]
    turns = [
        {"doc_id": DOC, "turn_no": number, "role": "comment", "speaker": speaker, "start_char": start, "end_char": end}
        for number, (speaker, (start, end)) in enumerate(zip(speakers, spans, strict=False))
    ]
    assert judge(text, [], turns)[0][1] == kind


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12), st.booleans()), max_size=4))
def test_pieces_are_kept_exactly_where_no_dropping_mark_covers(cuts):
    text = "公司今年营业收入增长百分之十二\n净利润下滑幅度超过市场预期水平"
    lines = [(0, 15), (16, len(text))]
    marks = []
    for start, size, drops in cuts:
        line = next((line for line in lines if line[0] <= start < line[1]), None)
        if line:
            marks.append(mark(start, min(start + size, line[1]), "site_boilerplate", drops=drops, rule_id=f"card{len(marks)}"))
    dropped = {at for cut in marks if cut["is_dropping"] for at in range(cut["start_char"], cut["end_char"])}
    documents = pl.DataFrame({"doc_id": [DOC], "raw_text": [text], "text": [text]})
    judged = judge_blocks(split_blocks(documents), Marks.frame(marks), Turns.empty())
    for start, end, kept in judged.select("start_char", "end_char", "is_kept").iter_rows():
        assert {at in dropped for at in range(start, end)} == {not kept}
    assert "".join(judged["text"]) == text.replace("\n", "")
