"""Characters that a careless converter got wrong: 方麵 for 方面, 係統 for 系統, 采用 for 採用."""

import functools
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterator

import numpy as np
import polars as pl

from transforms.conversion import one_sided_characters, replace_pairs, s2t_within, traditional_words
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
    returned = documents.filter(is_traditional).select("doc_id", "raw_text", "simplified")
    returned = returned.with_columns(replace_pairs(pl.col("simplified"), s2t_within(returned["simplified"])))
    found = [{"doc_id": doc_id, **row} for doc_id, raw_text, back in returned.iter_rows() for row in _compare(raw_text, back, lexicon)]
    # one frame for all: a list of lists would cost a Series for each value
    rows = pl.DataFrame(found, schema={"doc_id": documents.schema["doc_id"], **MISCONVERSION}).select("doc_id", misconversions=pl.struct(*MISCONVERSION))
    lists = documents.select("doc_id").join(rows.group_by("doc_id", maintain_order=True).agg("misconversions"), on="doc_id", how="left", maintain_order="left")
    return lists["misconversions"].fill_null([])


def _compare(raw_text: str, back: str, lexicon: Lexicon) -> list[dict]:
    """Return the wrong characters of one text, given what its Simplified form converts back to."""
    decisions, variants = _decisions(lexicon), _variants(lexicon)
    is_left_simplified = _judge_lines(raw_text)
    sure, doubtful = [], []
    for start in _differences(raw_text, back):
        swap = raw_text[start], back[start]
        decision = decisions.get(swap, _NO_DECISION)
        if (swap in variants and swap not in decisions) or _is_right(raw_text, start, decision) or is_left_simplified(start):
            continue
        row = {"start_char": start, "quote": swap[0], "correction": swap[1], "is_evidence": decision["is_evidence"]}
        if decision["words"]:
            sure += [row] if _makes_word(back, start, decision["words"]) else []
        else:
            (sure if _makes_word_alone(raw_text, back, start) else doubtful).append(row)
    proven = Counter((row["quote"], row["correction"]) for row in sure)
    # looked up once for each character: a text of one long line has thousands of doubtful places
    is_used_rightly = functools.cache(lambda character: any(_is_right(raw_text, match.start(), _NO_DECISION) for match in re.finditer(character, raw_text)))
    rows = sure + [row | {"is_evidence": False} for row in doubtful if _follows(row, back, proven, is_used_rightly)]
    return sorted(rows, key=lambda row: row["start_char"])


def _follows(row: dict, back: str, proven: Counter, is_used_rightly: Callable[[str], bool]) -> bool:
    """Return whether a doubtful character is wrong because the text has proven mistakes of the kind.

    One such mistake is enough where a word speaks for it. Where none does (集采, 嚮好: no dictionary has them), it takes two
    and a text that never uses the character rightly: beside 關係, 主要係 may be meant.
    """
    mistakes = proven[row["quote"], row["correction"]]
    if mistakes and _makes_word(back, row["start_char"], traditional_words()):
        return True
    return mistakes >= 2 and not is_used_rightly(row["quote"])


def _differences(raw_text: str, back: str) -> list[int]:
    """Return where two texts of the same length have different hanzi; folded punctuation is no difference."""
    written, returned = (np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32) for text in (raw_text, back))
    is_hanzi = (written >= 0x3400) & ((written < 0xFF00) | (written > 0xFFEF))
    return np.flatnonzero(is_hanzi & (written != returned)).tolist()


def _is_right(raw_text: str, at: int, decision: dict) -> bool:
    """Return whether a word of the text as written covers the character at `at`.

    Where a decision lists what is wrong, only its own exceptions count: 兼並重組 holds 並重.
    """
    words = decision["kept_words"] if decision["words"] else traditional_words()
    return any(raw_text[start:end] in words or raw_text[start:end] in decision["kept_words"] for start, end in _windows(raw_text, at))


def _makes_word(back: str, at: int, words: Collection[str]) -> bool:
    """Return whether one of `words` covers the character at `at` after the conversion."""
    return any(back[start:end] in words for start, end in _windows(back, at))


def _makes_word_alone(raw_text: str, back: str, at: int) -> bool:
    """Return whether a dictionary word covers the character after the conversion and leaves its neighbours whole.

    公元後 converts back to 公元后, which holds 元后; but 公元 is a word as it stands.
    """
    return any(_is_word(back, *window) and not _cuts_neighbour(raw_text, *window, at) for window in _windows(back, at))


def _cuts_neighbour(raw_text: str, start: int, end: int, at: int) -> bool:
    """Return whether a word of the text as written, without the character at `at`, crosses a border of the window."""
    left = any(_is_word(raw_text, *window) for window in _windows(raw_text, start) if window[0] < start and window[1] <= at)
    right = any(_is_word(raw_text, *window) for window in _windows(raw_text, end - 1) if window[0] > at and window[1] > end)
    return left or right


def _judge_lines(raw_text: str) -> Callable[[int], bool]:
    """Return whether the character at a place is Simplified or in a line of Simplified text: a mixture of scripts, not a wrong conversion."""
    simplified, traditional = one_sided_characters()
    breaks = [match.start() for match in re.finditer("\n", raw_text)]

    @functools.cache
    def is_simplified(line_no: int) -> bool:
        line = raw_text[breaks[line_no - 1] + 1 if line_no else 0 : breaks[line_no] if line_no < len(breaks) else None]
        return sum(map(simplified.__contains__, line)) > sum(map(traditional.__contains__, line))

    return lambda at: raw_text[at] in simplified or is_simplified(bisect_left(breaks, at))


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
