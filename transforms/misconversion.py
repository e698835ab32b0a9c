"""Characters that a careless converter got wrong: 方麵 for 方面, 係統 for 系統, 采用 for 採用."""

import functools
from collections.abc import Iterator

import numpy as np
import polars as pl

from transforms.conversion import one_sided_characters, s2t, traditional_words
from transforms.lexicon import Lexicon

MISCONVERSION = {"start_char": pl.Int64, "quote": pl.String, "correction": pl.String, "is_evidence": pl.Boolean}

# The longest dictionary word that is looked up around a character; longer ones are proverbs.
_LONGEST_WORD = 6
_SWAP = tuple[str, str]  # as written, as it should be
_NO_DECISION = {"words": [], "kept_words": [], "is_evidence": True}


def find_misconversions(documents: pl.DataFrame, lexicon: Lexicon) -> pl.Series:
    """Return, per document, the characters that are wrong in Traditional script, each with its correction.

    The Simplified text is converted back and compared at the same place. A character is wrong where the way back makes
    a dictionary word (方面) and the text as written does not (方麵), unless the two forms are variants of one another;
    script_decisions narrow this for single pairs. Simplified and neutral texts have none.
    """
    is_traditional = pl.col("script").is_in(["hant", "mixed"])
    returned = documents.filter(is_traditional).select("doc_id", "raw_text", back=s2t(pl.col("simplified")))
    found = {doc_id: _compare(raw_text, back, lexicon) for doc_id, raw_text, back in returned.iter_rows()}
    rows = [found.get(doc_id, []) for doc_id in documents["doc_id"]]
    return pl.Series("misconversions", rows, dtype=pl.List(pl.Struct(MISCONVERSION)))


def _compare(raw_text: str, back: str, lexicon: Lexicon) -> list[dict]:
    """Return the wrong characters of one text, given what its Simplified form converts back to."""
    decisions, variants = _decisions(lexicon), _variants(lexicon)
    sure, doubtful = [], []
    for start in _differences(raw_text, back):
        swap = raw_text[start], back[start]
        decision = decisions.get(swap, _NO_DECISION)
        if swap in variants or not _makes_word(raw_text, back, start, decision) or _is_left_simplified(raw_text, start):
            continue
        row = {"start_char": start, "quote": swap[0], "correction": swap[1], "is_evidence": decision["is_evidence"]}
        # a listed word stands for itself; a dictionary word may be two halves: 公元|後 holds 公元, not 元后
        (sure if decision["words"] or _stands_alone(raw_text, back, start) else doubtful).append(row)
    proven = {(row["quote"], row["correction"]) for row in sure}
    rows = sure + [row for row in doubtful if (row["quote"], row["correction"]) in proven]
    return sorted(rows, key=lambda row: row["start_char"])


def _differences(raw_text: str, back: str) -> list[int]:
    """Return where two texts of the same length differ."""
    codes = (np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32) for text in (raw_text, back))
    return np.flatnonzero(np.not_equal(*codes)).tolist()


def _makes_word(raw_text: str, back: str, at: int, decision: dict) -> bool:
    """Return whether the character at `at` stands in a word after the conversion and not before."""
    words, kept_words = decision["words"] or traditional_words(), decision["kept_words"]
    if any(raw_text[start:end] in kept_words or _is_word(raw_text, start, end) for start, end in _windows(raw_text, at)):
        return False
    return any(back[start:end] in words for start, end in _windows(back, at))


def _stands_alone(raw_text: str, back: str, at: int) -> bool:
    """Return whether a word made by the conversion leaves its neighbours whole."""
    return any(_is_word(back, *window) and not _cuts_neighbour(raw_text, *window, at) for window in _windows(back, at))


def _cuts_neighbour(raw_text: str, start: int, end: int, at: int) -> bool:
    """Return whether a word of the text as written, without the character at `at`, crosses a border of the window."""
    left = any(_is_word(raw_text, *window) for window in _windows(raw_text, start) if window[0] < start and window[1] <= at)
    right = any(_is_word(raw_text, *window) for window in _windows(raw_text, end - 1) if window[0] > at and window[1] > end)
    return left or right


def _is_left_simplified(raw_text: str, at: int) -> bool:
    """Return whether the character is Simplified in a line of Simplified text: a mixture of scripts, not a wrong conversion."""
    simplified, traditional = one_sided_characters()
    if raw_text[at] in simplified:
        return True
    line = raw_text[raw_text.rfind("\n", 0, at) + 1 :].partition("\n")[0]
    return sum(map(simplified.__contains__, line)) > sum(map(traditional.__contains__, line))


def _windows(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of two to six characters that cover the one at `at`."""
    for start in range(max(0, at - _LONGEST_WORD + 1), at + 1):
        for end in range(max(at + 1, start + 2), min(len(text), start + _LONGEST_WORD) + 1):
            yield start, end


def _is_word(text: str, start: int, end: int) -> bool:
    return text[start:end] in traditional_words()


@functools.lru_cache
def _decisions(lexicon: Lexicon) -> dict[_SWAP, dict]:
    return {(row["found"], row["expected"]): row for row in lexicon["script_decisions"].iter_rows(named=True)}


@functools.lru_cache
def _variants(lexicon: Lexicon) -> frozenset[_SWAP]:
    groups = lexicon["script_variants"]["characters"].to_list()
    return frozenset((one, other) for group in groups for one in group for other in group if one != other)
