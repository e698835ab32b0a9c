"""Each form of a line is found in its hits, by Python and by polars, and not in its misses."""

import re

import polars as pl
import pytest

from transforms.page_forms import read_forms
from warehouse.lexicon import read_lexicon

LEXICON = read_lexicon()


@pytest.mark.parametrize("card", LEXICON["page_forms"].rows(named=True), ids=lambda card: card["form_id"])
def test_a_form_is_found_in_its_hits_only(card):
    assert card["hit"]
    assert card["miss"]
    for line in [*card["hit"], *card["miss"]]:
        is_hit = line in card["hit"]
        assert bool(re.search(card["pattern"], line)) is is_hit, line
        assert pl.Series([line]).str.contains(card["pattern"])[0] is is_hit, line


def test_cards_of_one_form_are_asked_together():
    form = read_forms(LEXICON)["no_title"]
    assert [line for line in ("[个股讨论]", "目标价:32元", "三季报点评") if form.search(line)] == ["[个股讨论]", "目标价:32元"]
