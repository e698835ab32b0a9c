"""Speaker turns: cases as data, one file an exchange."""

import hashlib
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.blocks import Marks
from schemas.documents import Inputs
from transforms.blocks import split_blocks
from transforms.marks import mark_boilerplate
from transforms.script import read_script
from transforms.speakers import read_label
from transforms.turns import split_turns
from warehouse.lexicon import read_lexicon

CASES = Path(__file__).parent.parent / "cases" / "turns"
LEXICON = read_lexicon()


def _turns(raw: str) -> list[dict]:
    content = raw.encode()
    doc_id = hashlib.sha256(content).hexdigest()[:16]
    document = {
        "doc_id": doc_id, "source_path": "case.txt", "byte_count": len(content), "encoding": "utf-8",
        "source_format": "txt", "raw_text": raw,
    }  # fmt: skip
    blocks = split_blocks(read_script(Inputs.frame([document]), LEXICON))
    return split_turns(blocks, Marks.empty(), LEXICON).to_dicts()


@pytest.mark.parametrize("path", sorted(CASES.glob("*.txt")), ids=lambda path: path.stem)
def test_exchange(path: Path):
    raw, _, expected = path.read_text(encoding="utf-8").partition("\n===\n")
    found = []
    for turn in _turns(raw):
        found.append((turn["question_no"] or "-", turn["role"], turn["speaker"], raw[turn["start_char"] : turn["end_char"]]))
    wanted = [line.partition(" | ") for line in expected.splitlines() if line]
    assert [" ".join(turn[:3]) for turn in found] == [head for head, _, _ in wanted]
    for (*_, quote), (_, _, ends) in zip(found, wanted, strict=True):
        first, _, last = ends.partition(" … ")
        assert quote.startswith(first)
        assert quote.endswith(last)


@pytest.mark.parametrize(
    ("label", "role", "speaker", "title"),
    [
        ("Q3", "question", "analyst", None),
        ("问题12", "question", "analyst", "问题"),
        ("A", "answer", "management", None),
        ("英伟达CEO黄仁勋", None, "Jensen Huang", "英伟达CEO"),
        ("科莱特", None, "Colette Kress", "执行副总裁兼首席财务官"),
        ("首席财务官 李明", None, "李明", "首席财务官"),
        ("欧阳明(董事长)", None, "欧阳明", "董事长"),
        ("分析师(中信证券)", "question", "analyst", "中信证券"),
        ("A(黄仁勋)", "answer", "Jensen Huang", "创始人兼首席执行官"),
        ("评论区", "comment", "commenter", "评论区"),
        ("Q1 中信证券 张三", "question", "张三", "中信证券"),
        ("A1-黄仁勋", "answer", "Jensen Huang", "创始人兼首席执行官"),
        ("主持人(王琳)", "question", "王琳", "主持人"),
        ("苏姿丰 (Lisa Su)", None, "Lisa Su", "董事长兼首席执行官"),
        ("魏哲家董事长", None, "C.C. Wei", "董事长"),
        ("段永平回复网友", None, "Duan Yongping", "投资人"),
        ("投资者A", "question", "analyst", "投资者"),
        ("首席财务官", "answer", "management", "首席财务官"),
        ("Harsh Kumar -- Piper Sandler", None, "Harsh Kumar", "Piper Sandler"),
        ("张明,中信证券", None, "张明", "中信证券"),
    ],
)  # fmt: skip
def test_label(label: str, role: str | None, speaker: str, title: str | None):
    read = read_label(label, LEXICON)
    assert (read.role, read.name, read.title) == (role, speaker, title)


@pytest.mark.parametrize("label", ["来源", "风险提示", "毛利率", "图3", "时间", "公司三季度收入", "黄金", "江苏", "2024年", "核心观点"])
def test_no_label(label: str):
    assert read_label(label, LEXICON) is None


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text("Q1A问答:?。\n 黄仁勋李明我（）()【】*", max_size=40), max_size=8))
def test_turns_are_disjoint_and_inside_the_text(lines: list[str]):
    raw = "\n".join(lines)
    turns = _turns(raw)
    assert [turn["turn_no"] for turn in turns] == list(range(len(turns)))
    end = 0
    for turn in turns:
        assert end <= turn["start_char"] < turn["end_char"] <= len(raw)
        end = turn["end_char"]


def test_dropped_blocks_end_no_turn_and_open_none():
    raw = "Q1:产能如何?\n广告位\nA1:满产。"
    document = Inputs.frame([{
        "doc_id": "0" * 16, "source_path": "case.txt", "byte_count": 1, "encoding": "utf-8", "source_format": "txt", "raw_text": raw,
    }])  # fmt: skip
    blocks = split_blocks(read_script(document, LEXICON))
    start = raw.index("广告位")
    marks = Marks.frame([{
        "doc_id": "0" * 16, "start_char": start, "end_char": start + 3, "rule_id": "x", "label": "site_boilerplate",
        "score": 1.0, "is_dropping": True, "reason": "x",
    }])  # fmt: skip
    turns = split_turns(blocks, marks, LEXICON)
    assert turns.select("role", "end_char").rows() == [("question", raw.index("\n")), ("answer", len(raw))]


def test_no_blocks_no_turns():
    blocks = pl.DataFrame(schema={"doc_id": pl.String, "block_no": pl.Int64, "start_char": pl.Int64, "end_char": pl.Int64, "text": pl.String})
    assert split_turns(blocks, Marks.empty(), LEXICON).is_empty()


def test_a_byline_at_the_end_asks_nothing(lexicon):
    text = "港交所去年收入223.74億港元,按年升9%。\n行政總裁陳翊庭說,新股市場有所復甦。\n(記者:何小文)\n"
    rows = [{"doc_id": "0" * 16, "source_path": "x", "byte_count": 1, "encoding": "utf-8", "source_format": "txt", "raw_text": text}]
    blocks = split_blocks(read_script(Inputs.frame(rows), lexicon))
    assert split_turns(blocks, mark_boilerplate(blocks, lexicon), lexicon).is_empty()
