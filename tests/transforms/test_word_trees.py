"""A tree of words matches what the alternation of the words would."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.quantity_helpers import lexicon
from transforms.number_grammar import compile_grammar
from transforms.word_trees import EDGE, match_all, match_words

WORDS = st.lists(st.text("元美吨/kmW.%", min_size=1, max_size=4), min_size=1, max_size=12)


def alternation(words: list[str]) -> str:
    ordered = sorted(dict.fromkeys(words), key=lambda word: (-len(word), word))
    return "|".join(re.escape(word) + (EDGE if word[-1].isascii() and word[-1].isalpha() else "") for word in ordered)


@settings(deadline=None)
@given(WORDS, st.text("元美吨/kmW.% ", max_size=12))
def test_the_tree_matches_what_the_alternation_does(words: list[str], text: str):
    for frame in ("{}", "{}元", "1?(?:{})%?"):
        tree, plain = (re.compile(frame.format(f"(?:{pattern})")) for pattern in (match_words(words), alternation(words)))
        assert [match.span() for match in tree.finditer(text)] == [match.span() for match in plain.finditer(text)]


@pytest.mark.parametrize(("text", "taken"), [("万兆瓦时", "万"), ("万兆元", "万兆"), ("千瓦", None), ("亿", "亿")])
def test_letters_that_another_word_begins_with_are_not_taken(text: str, taken: str | None):
    match = re.match(match_all("(?!兆瓦|千瓦)[千万亿兆]"), text)
    assert (match and match[0]) == taken


def test_nothing_taken_is_given_back():
    assert re.match(match_all("[万亿]") + "亿", "万亿") is None


def test_no_pattern_repeats_a_group_possessively():
    """Before Python 3.11.5 (?:...)++ matches wrongly where the group is tried again; [...]++ is safe."""
    grammar = compile_grammar(lexicon())
    for pattern in (grammar.scan, grammar._item):
        assert not re.search(r"[^\\]\)[*+?]\+", pattern.pattern)
