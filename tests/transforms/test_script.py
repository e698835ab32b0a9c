"""Which script, which region, misconverted or not."""

from pathlib import Path

import polars as pl
import pytest

from schemas.documents import Inputs
from transforms.script import fold_width, read_script
from warehouse.lexicon import read_lexicon

LEXICON = read_lexicon()
NATIVE = Path(__file__).parents[3] / "shared" / "corpus" / "traditional_dev.jsonl"
WORDS = LEXICON["script_words"].to_dicts()


def read(*texts: str) -> pl.DataFrame:
    return read_script(
        Inputs.frame([
            {"doc_id": f"{number:016x}", "source_path": "", "byte_count": 0, "encoding": "utf-8", "source_format": "txt", "raw_text": text}
            for number, text in enumerate(texts)
        ]),
        LEXICON,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("我们预计营收将继续增长。", "hans"),
        ("我們預計營收將繼續增長。", "hant"),
        ("我們預計營收將繼續增長。\n我们预计营收将继续增长。", "mixed"),
        ("2024 GDP 3.5%", "neutral"),
        ("", "neutral"),
        ("公司名稱陳先生,我们预计营收将继续增长,毛利率会提升,费用会下降,现金流会转好。", "mixed"),
    ],
)
def test_script(text, script):
    assert read(text)["script"].to_list() == [script]


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("新台幣貶值,伺服器與晶片需求升溫,法說會釋出樂觀展望。", "tw"),
        ("恒指收高,港交所與聯交所公佈,按年升一成,港元走強。", "hk"),
        ("集團中期純利按年升一成,派中期息五仙,行政總裁稱資訊科技開支受控。", "hk"),
        ("鉅亨速報:群光(2385-TW)目標價下修,本益比偏低。", "tw"),
        ("公司營收增長,營收結構優化,營收質量提升。", None),
        ("公司營運穩健。", None),
        ("人民币汇率与芯片、服务器需求回升。", None),
    ],
)
def test_region(text, region):
    assert read(text)["region"].to_list() == [region]


def test_misconverted_needs_three_characters_and_a_share():
    damaged = "各方麵的係統需要恢複,管製機製待改善。"
    clean = "公司營運穩健,本季營收成長,展望樂觀。"
    documents = read(damaged, "各方麵都好。", damaged + clean * 1000)
    assert documents["is_misconverted"].to_list() == [True, False, False]
    assert documents["region"][0] is None, "a converter's characters are no evidence of a place"


def test_text_keeps_length_and_line_ends():
    text = "第一行：\r\n隨著\u00a0營收\u200b成長……\r\n"
    assert read(text)["text"].to_list() == ["第一行:\r\n随着 营收 成长……\r\n"]


def test_words_that_t2s_leaves_to_context():
    # the particle is told from the rest of a Traditional text
    around = "我們預計營收將繼續增長。"
    for card in WORDS:
        assert not [text for text in read(*(line + around for line in card["hit"]))["text"] if card["found"] in text]
        assert not [text for text in read(*(line + around for line in card["miss"]))["text"] if card["expected"] in text]


def test_kept_words_hold_in_simplified_texts():
    assert read("他是一位著名投资人,显著受益,这意味著什么,余华著。我们这样说。")["text"][0] == "他是一位著名投资人,显著受益,这意味着什么,余华著。我们这样说。"


@pytest.mark.skipif(not NATIVE.is_file(), reason="no folder of real articles beside the project")
def test_no_native_traditional_document_is_flagged():
    texts = pl.read_ndjson(NATIVE)["text"].to_list()
    documents = read(*texts)
    assert documents["is_misconverted"].sum() == 0
    assert set(documents["script"]) == {"hant"}
    found = sum(row["is_evidence"] for rows in documents["misconversions"] for row in rows)
    assert found / documents["hanzi_count"].sum() * 10_000 <= 0.5


def test_small_and_upright_forms_fold_as_full_width_ones_do():
    forms = pl.DataFrame({"text": ["主席﹕派息", "劉聰︰漢人", "1∶2", "增三成﹖", "﹙見圖﹚"]})
    assert forms.select(fold_width(pl.col("text")))["text"].to_list() == ["主席:派息", "劉聰:漢人", "1:2", "增三成?", "(見圖)"]
