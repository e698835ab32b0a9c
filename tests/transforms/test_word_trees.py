"""A tree of words matches what the alternation of the words would."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.word_trees import EDGE, match_words

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
