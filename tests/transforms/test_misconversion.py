"""Wrongly converted characters: the cases, and every hit and miss of the lexicon's cards."""

from pathlib import Path

import polars as pl

from transforms.misconversion import find_misconversions
from transforms.script import simplify
from warehouse.lexicon import read_lexicon

LEXICON = read_lexicon()
DECISIONS = LEXICON["script_decisions"].to_dicts()
VARIANTS = LEXICON["script_variants"].to_dicts()
CASES = Path(__file__).parents[1] / "cases" / "misconversions.txt"


def find(*texts: str) -> list[list[str]]:
    """Return the wrong characters of each text as quote>correction; one call for all, since the words are compiled each time."""
    documents = pl.DataFrame({"doc_id": [str(number) for number in range(len(texts))], "raw_text": texts, "script": "hant"})
    found = find_misconversions(documents.with_columns(simplified=simplify(pl.col("raw_text"))), LEXICON).to_list()
    assert all(text[row["start_char"]] == row["quote"] for text, rows in zip(texts, found, strict=True) for row in rows)
    return [[f"{row['quote']}>{row['correction']}" for row in rows] for rows in found]


def read_cases(path: Path) -> list[tuple[str, list[str]]]:
    """Return text and expected changes of each line `text => change | change`."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    pairs = (line.split(" =>", 1) for line in lines)
    return [(text, [change.strip() for change in expected.split(" | ") if change.strip()]) for text, expected in pairs]


def test_cases():
    texts, expected = zip(*read_cases(CASES), strict=True)
    assert dict(zip(texts, find(*texts), strict=True)) == dict(zip(texts, expected, strict=True))


def test_decisions():
    lines = [(card, text, is_hit) for card in DECISIONS for kind, is_hit in (("hit", True), ("miss", False)) for text in card[kind]]
    for (card, text, is_hit), found in zip(lines, find(*(text for _, text, _ in lines)), strict=True):
        assert (f"{card['found']}>{card['expected']}" in found) == is_hit, f"{card['found']}{card['expected']}: {text}"


def test_variants():
    lines = [(card["characters"], text) for card in VARIANTS for text in card["miss"]]
    for (characters, text), found in zip(lines, find(*(text for _, text in lines)), strict=True):
        assert not [change for change in found if set(change[::2]) <= set(characters)], text


def test_a_kind_of_mistake_proven_twice_holds_where_no_word_speaks_for_it():
    proven, used_rightly = find("麵對挑戰,各方麵都好,兩麵三刀的甲麵乙", "麵對挑戰,各方麵都好,麵包與甲麵乙")
    assert proven.count("麵>面") == 4
    assert used_rightly.count("麵>面") == 2, "麵包 is a word: what 甲麵乙 means is open"


def test_simplified_lines_of_a_mixed_text_are_no_mistakes():
    assert find("我們預計營收將繼續增長。\n公司后续计划采用干燥设备,系统里的面板。") == [[]]
