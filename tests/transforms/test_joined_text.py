"""JoinedText: what is found in many texts at once is what each of them holds."""

import re

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.joined_text import JoinedText

TEXTS = st.lists(st.text("营收利PEpe .𠮷é\n", max_size=12), max_size=6)
WORDS = ["营收利", "营收", "收利", "PE", "é"]


def find_alone(text: str) -> list[tuple[int, int, str]]:
    """Return the leftmost longest words of one text, looked for letter by letter."""
    found, at = [], 0
    while at < len(text):
        word = next((word for word in WORDS if text.startswith(word, at)), None)
        around = text[max(0, at - 1) : at] + text[at + len(word) : at + len(word) + 1] if word else ""
        if word and not (word.isascii() and any(character.isascii() and character.isalpha() for character in around)):
            found.append((at, at + len(word), word))
        at += len(word) if word else 1
    return found


@settings(deadline=None)
@given(TEXTS)
def test_words_are_those_of_each_text(texts):
    joined = JoinedText.of(pl.Series(texts, dtype=pl.String))
    words = joined.find_words(WORDS)
    starts = words["start"].to_numpy()
    first = joined.first_of_text(starts)
    rows = list(zip(starts - first, words["end"].to_numpy() - first, words["word"], strict=True))
    assert [rows[begin:past] for begin, past in joined.bounds(starts)] == [find_alone(text) for text in texts]


def test_blanks_hide_words():
    text = JoinedText.of(pl.Series(["营收利PE", "营收"]))
    hidden = text.blanked(np.array([3]), np.array([5]))
    assert hidden.find_words(WORDS)["word"].to_list() == ["营收利", "营收"]
    assert text.is_within(np.array([1, 2]), np.array([3, 4])).nonzero()[0].tolist() == [1, 2, 3]


def test_no_texts_hold_no_words():
    empty = JoinedText.of(pl.Series([], dtype=pl.String))
    assert empty.find_words(WORDS).height == 0
    assert list(empty.bounds(np.array([], dtype=np.int64))) == []


@settings(deadline=None)
@given(st.lists(st.text("年月12至，a𠮷\n", max_size=12), max_size=4))
def test_runs_are_those_of_each_text(texts):
    joined = JoinedText.of(pl.Series(texts, dtype=pl.String))
    starts, ends = joined.runs_of(frozenset("年月12至𠮷"), frozenset("年月x"))
    text = joined.written()
    assert text == "".join(f"{text}\n" for text in texts)
    assert [text[start:end] for start, end in zip(starts, ends, strict=True)] == [
        run for text in texts for run in re.findall("[年月12至𠮷]{2,}", text) if "年" in run or "月" in run
    ]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=4))
def test_a_mask_covers_spans_and_nothing_else(places):
    spans = [(min(place), max(place)) for place in places]
    starts, ends = (np.array([span[side] for span in spans], dtype=np.int64) for side in (0, 1))
    covered = {at for start, end in spans for at in range(start, end)}
    assert JoinedText.of(pl.Series(["营业收入", "净利润率"])).blanked(starts, ends, "#").written() == "".join(
        "#" if at in covered else character for at, character in enumerate("营业收入\n净利润率\n")
    )
