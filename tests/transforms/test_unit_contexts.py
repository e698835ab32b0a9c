"""Every card of seeds/lexicon/unit_contexts: the clauses it settles, and those it leaves."""

import re

import polars as pl
import pytest

from warehouse.lexicon import read_lexicon

CARDS = read_lexicon()["unit_contexts"].to_dicts()


@pytest.mark.parametrize("card", CARDS, ids=[card["context_id"] for card in CARDS])
def test_card(card):
    clauses = pl.Series(card["hit"] + card["miss"])
    assert card["hit"]
    assert all(re.search("⟨.+⟩", clause) for clause in clauses)
    assert clauses.str.contains(card["pattern"]).to_list() == [True] * len(card["hit"]) + [False] * len(card["miss"])
