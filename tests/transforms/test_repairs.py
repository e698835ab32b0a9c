"""Repairs other than script: the cases, the cards, and what later stages read."""

from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from schemas.blocks import Repairs
from schemas.documents import Inputs
from tests.transforms.test_misconversion import read_cases
from transforms.lexicon import Lexicon
from transforms.repairs import apply_repairs, find_repairs
from transforms.script import read_script
from warehouse.lexicon import read_lexicon

LEXICON = read_lexicon()
CASES = Path(__file__).parents[1] / "cases" / "repairs.txt"
SPELLINGS = LEXICON["spellings"].to_dicts()
DOUBLED = LEXICON["doubled_words"].to_dicts()


def read(*texts: str, lexicon: Lexicon = LEXICON) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return documents, and one kept block for each."""
    rows = [
        {"doc_id": f"{number:016x}", "source_path": "", "byte_count": 0, "encoding": "utf-8", "source_format": "txt", "raw_text": text}
        for number, text in enumerate(texts)
    ]
    documents = read_script(Inputs.frame(rows), lexicon)
    blocks = documents.select(
        "doc_id", "text", block_no=pl.lit(0, pl.Int64), start_char=pl.lit(0, pl.Int64),
        end_char=pl.col("raw_text").str.len_chars().cast(pl.Int64), is_kept=pl.lit(True),
    )  # fmt: skip
    return documents, blocks


def repair(*texts: str, lexicon: Lexicon = LEXICON) -> pl.DataFrame:
    documents, blocks = read(*texts, lexicon=lexicon)
    return find_repairs(documents, blocks, lexicon)


def applied(texts: list[str]) -> dict[str, list[str]]:
    """Return text -> its applied repairs as quote>correction; one call for all, as a batch is."""
    rows = repair(*texts).filter("is_applied")
    found = {text: [] for text in texts}
    for doc_id, quote, correction in rows.select("doc_id", "quote", "correction").iter_rows():
        found[texts[int(doc_id, 16)]].append(f"{quote}>{correction}")
    return found


def test_cases():
    cases = dict(read_cases(CASES))
    assert applied(list(cases)) == cases


def test_spellings():
    for card in SPELLINGS:
        assert len(card["written"]) == len(card["meant"])
        found = repair(*card["hit"], *card["miss"]).filter(pl.col("rule_id") == f"spellings.{card['rule_id']}")
        assert {int(doc_id, 16) for doc_id in found["doc_id"]} == set(range(len(card["hit"]))), card["rule_id"]


def test_doubled_words():
    for card in DOUBLED:
        found = applied(card["hit"] + card["miss"])
        assert found == {**{text: [f"{card['word']}>"] for text in card["hit"]}, **{text: [] for text in card["miss"]}}, card["word"]


def test_script_repairs_are_applied_in_misconverted_documents_only():
    found = repair("各方麵的係統需要恢複。", "公司營運穩健,各方麵都好。")
    script = found.filter(pl.col("kind") == "script").select("doc_id", "quote", "correction", "is_applied")
    expected = pl.DataFrame(
        [("0" * 16, "麵", "面", True), ("0" * 16, "係", "系", True), ("0" * 16, "複", "復", True), (f"{1:016x}", "麵", "面", False)],
        schema=script.schema, orient="row",
    )  # fmt: skip
    assert_frame_equal(script, expected)


def test_names_come_from_the_entity_tables():
    """A user's own names are known without a change of code."""
    tables = {**LEXICON.tables}
    tables["entities"] = LEXICON["entities"].clear()
    tables["entity_aliases"] = pl.DataFrame(
        [("Zhanlanium", "Zhanlanium", "name", False)], schema=["alias", "entity", "kind", "is_ambiguous"], orient="row"
    ).cast(LEXICON["entity_aliases"].schema)
    found = repair("新品Zhanlan1um与Blackwel", lexicon=Lexicon(tables, "test"))
    assert found.select("quote", "correction").rows() == [("Zhanlan1um", "Zhanlanium")]


def test_a_rare_form_of_a_frequent_word_is_proposed_only():
    found = repair("Vertexon发布财报。Vertexon营收增长。Vertexon上调指引。分析师看好Vertexonn。")
    assert found.select("quote", "correction", "is_applied").rows() == [("Vertexonn", "Vertexon", False)]


def test_apply_keeps_the_length_and_leaves_longer_corrections_out():
    documents, blocks = read("段永平:?OpenAl与Blackwel占1半,以及及所需")
    reading = apply_repairs(blocks, find_repairs(documents, blocks, LEXICON))
    assert reading["read_text"].to_list() == ["段永平: OpenAI与Blackwel占一半,以及 所需"]


def test_dropped_blocks_are_not_repaired():
    documents, blocks = read("OpenAl推出新模型")
    blocks = blocks.with_columns(is_kept=pl.lit(False))
    assert find_repairs(documents, blocks, LEXICON).is_empty()
    assert apply_repairs(blocks, Repairs.empty()).is_empty()


@settings(max_examples=12, deadline=None)
@given(st.lists(st.text("段永平:?飛飛輪以及及的的1半OpenAl方麵係統 \r\n。,?ＡＩ", max_size=40), min_size=1, max_size=6))
def test_every_quote_is_its_slice_and_reading_keeps_the_length(texts):
    documents, blocks = read(*texts)
    repairs = find_repairs(documents, blocks, LEXICON)
    raw = dict(documents.select("doc_id", "raw_text").iter_rows())
    for row in repairs.iter_rows(named=True):
        assert raw[row["doc_id"]][row["start_char"] : row["end_char"]] == row["quote"]
    reading = apply_repairs(blocks, repairs)
    assert reading["read_text"].str.len_chars().to_list() == blocks["text"].str.len_chars().to_list()
    Repairs.validate(repairs)


def test_reading_twice_changes_nothing():
    documents, blocks = read("以及及所需算力,OpenAl与1半")
    repairs = find_repairs(documents, blocks, LEXICON)
    assert_frame_equal(repairs, find_repairs(documents, blocks, LEXICON))
