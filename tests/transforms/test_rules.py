"""Every card of seeds/lexicon/rules: what it must hit, it hits; what it must miss, it leaves."""

import re

import polars as pl
import pytest

from transforms.marks import mark_boilerplate
from transforms.script import simplify
from warehouse.lexicon import read_lexicon

CARDS = read_lexicon()["rules"].to_dicts()


def read(lines: list[str]) -> list[str]:
    """The lines as cards see them: Simplified, half-width, without blanks around."""
    return pl.DataFrame({"line": lines}, schema={"line": pl.String}).select(simplify(pl.col("line")).str.strip_chars())["line"].to_list()


@pytest.mark.parametrize("card", CARDS, ids=[card["rule_id"] for card in CARDS])
def test_card(card):
    assert card["hit"], "a card shows at least one line that it claims"
    assert card["reason"].endswith(".")
    for line in read(card["hit"]):
        assert re.search(card["pattern"], line), f"must match: {line}"
        assert len(line) <= (card["max_chars"] or 120)
    for line in read(card["miss"]):
        assert not re.search(card["pattern"], line), f"must not match: {line}"


@pytest.mark.parametrize("card", CARDS, ids=[card["rule_id"] for card in CARDS])
def test_card_means_the_same_to_polars(card):
    lines = pl.DataFrame({"line": read(card["hit"] + card["miss"])})
    found = lines.select(pl.col("line").str.contains(card["pattern"]))["line"].to_list()
    assert found == [True] * len(card["hit"]) + [False] * len(card["miss"])


@pytest.mark.parametrize("card", [card for card in CARDS if card["is_dropping"] and card["scope"] in ("block", "span")], ids=lambda card: card["rule_id"])
def test_the_guard_holds_back_no_example_of_a_card(card, lexicon):
    lines = read(card["hit"])
    rows = [{"doc_id": f"{number:016x}", "block_no": 0, "start_char": 0, "end_char": len(line), "text": line} for number, line in enumerate(lines)]
    blocks = pl.DataFrame(rows)
    marks = mark_boilerplate(blocks, lexicon).filter(pl.col("rule_id") == card["rule_id"], "is_dropping")
    assert marks["doc_id"].unique().sort().to_list() == blocks["doc_id"].to_list()
