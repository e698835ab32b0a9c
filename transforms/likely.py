"""Which texts of a column a pattern may match at all: polars' regexes look through all of them in the time Python's need for a few."""

import functools
import re

import polars as pl

# \( and [^()]: what is no bracket of the pattern itself
_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^]\\])*\]|\((?:\?(?:<[=!]|[=!]|P<\w+>|:|\w+:))?|.", re.DOTALL)
_LOOKS = ("(?=", "(?!", "(?<=", "(?<!")
# To Python alone the separators of files and records are blanks, and a text ends before its last line feed too.
_BLANK, _END = r"[\s\x1c-\x1f]", r"\n?$"


def likely(texts: pl.Series, *patterns: re.Pattern[str]) -> pl.Series:
    """Return for each text whether one of the patterns may match in it: false is sure, true is worth a search."""
    return texts.str.contains("|".join(f"(?:{loosened(pattern.pattern)})" for pattern in patterns))


@functools.lru_cache(maxsize=64)
def loosened(pattern: str) -> str:
    """Return the pattern as polars reads it, without names and without what it looks ahead or behind for: it matches more."""
    pieces, depth, skipped = [], 0, None
    for piece in _PIECE.findall(pattern):
        if piece[0] == "(":
            depth += 1
            skipped = depth if skipped is None and piece in _LOOKS else skipped
        if skipped is None:
            pieces.append("(?:" if piece.startswith("(?P<") else _END if piece == "$" else piece.replace(r"\s", _BLANK))
        if piece == ")":
            skipped = None if skipped == depth else skipped
            depth -= 1
    return "".join(pieces)
