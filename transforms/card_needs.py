"""What a line must have for a pattern to match, read off the pattern: one of some words, a first and a last character, a beginning.

Two hundred cards are tried on each line of a page. Their words are looked for together, in one pass, and leave most lines without a card to try.
"""

import functools
import math
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from re import _compiler as compiler
from re import _constants as ops
from re import _parser as parser
from typing import Any

import numpy as np
import polars as pl

_Nodes = Iterable[tuple[Any, Any]]
_Ranges = tuple[tuple[int, int], ...]
_WORDS_AT_MOST = 64  # of one part; what has more of them is told by another part, or not at all
_LETTERS_AT_MOST = 10  # of a class that is spelled out: [编责]
_REPEATS = (ops.MAX_REPEAT, ops.MIN_REPEAT)
_PLACES = (ops.AT, ops.ASSERT, ops.ASSERT_NOT)
_SPACES = ((0x09, 0x0D), (0x1C, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x3000))
_DIGITS = ((0x30, 0x39), (0x660, 0x1C59), (0xA620, 0xABF9), (0xFF10, 0x1FBF9))  # of every script
_FIRST_HANZI, _LAST_HANZI, _FEW_HANZI = 0x4E00, 0x9FFF, 1000
_TELLING = 2  # a single hanzi, or two other characters
# Python tries every length of a repeat, and with each of them every length of the next, before it gives up: a pattern may have two that take
# whatever comes (.*) or three of some twenty lengths (.{0,20}), and none within another. Repeats of a few lengths do not count.
_FEW_LENGTHS, _ALL_LENGTHS, _FEW = 8, 120, 3
_LENGTHS_AT_MOST = _ALL_LENGTHS**2


@dataclass(frozen=True, eq=False)
class Need:
    """What a line must have.

    words: one of these, in lower case; empty where nothing can be told.
    opening, closing: ranges of code points, in one of which its first, its last character lies; None where it may be any.
    head: what the pattern begins with, as far as Python's engine is done with it soon on any line of ordinary length.
    is_whole: whether that is all of the pattern.
    """

    words: frozenset[str]
    opening: _Ranges | None
    closing: _Ranges | None
    head: parser.SubPattern
    is_whole: bool

    @functools.cached_property
    def begins(self) -> re.Pattern[str]:
        """The head, to search for."""
        return compiler.compile(self.head)


@dataclass(frozen=True, eq=False)
class Edges:
    """Which of several patterns a line may match by its first or last character.

    starts: the code points, from 0 on, at which the answer changes. table: per stretch from a start to the next, and pattern, whether it may.
    """

    starts: np.ndarray
    table: np.ndarray

    def find(self, characters: pl.Series) -> np.ndarray:
        """Return the row of `table` for each character; an empty text counts as the character 0."""
        joined = "".join(characters.replace("", "\0"))
        return np.searchsorted(self.starts, np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32), side="right") - 1


def lay_out_edges(edges: list[_Ranges | None]) -> Edges:
    """Return the table of what each pattern may begin, or end, with."""
    ranges = [((0, sys.maxunicode),) if of_pattern is None else of_pattern for of_pattern in edges]
    starts = np.unique([0, *(edge for of_pattern in ranges for low, high in of_pattern for edge in (low, high + 1))])
    table = np.zeros((len(starts), len(ranges)), bool)
    for number, of_pattern in enumerate(ranges):
        for low, high in of_pattern:
            table[np.searchsorted(starts, low) : np.searchsorted(starts, high + 1), number] = True
    return Edges(starts, table)


def read_need(pattern: str) -> Need:
    """Return what a line must have for `pattern` to match. Raises re.error where it is no pattern."""
    tree = parser.parse(pattern)
    _, words = _read_words(tree)
    opening, closing = _read_edge(tree, ops.AT_BEGINNING), _read_edge(tree, ops.AT_END)
    if opening is not None and sum(max(0, min(high, _LAST_HANZI) - max(low, _FIRST_HANZI) + 1) for low, high in opening) < _FEW_HANZI and _tell(words) < _TELLING:
        words = set()  # 中, of a card for lines that begin with 听 or 字: half of all lines have it
    head, is_whole = _cut(tree, tree.state, _LENGTHS_AT_MOST)
    return Need(_shortest({word.lower() for word in words}), opening, closing, head, is_whole)


def _read_edge(tree: parser.SubPattern, place: Any) -> _Ranges | None:
    """Return the ranges of the first or last character of what a pattern matches, None where it may be any."""
    is_end = place is ops.AT_END
    ranges, may_be_empty = _read_outer(tree, is_end)
    if ranges is None or may_be_empty or not _is_anchored(tree, place) or tree.state.flags & re.MULTILINE:
        return None
    if tree.state.flags & re.IGNORECASE:
        ranges = [*ranges, *((ord(form), ord(form)) for low, high in ranges for code in range(low, min(high, 0x7F) + 1) for form in (chr(code).lower(), chr(code).upper()))]
    return tuple(sorted(set(ranges)))


def _read_words(nodes: _Nodes) -> tuple[set[str] | None, set[str]]:
    """Return all that a sequence may match where that is a few words, and words one of which is in whatever it matches."""
    spelled, found, is_whole = {""}, [], True
    for node in nodes:
        every, some = _read_words_of(*node)
        found.append(some)
        if every is not None and len(spelled) * len(every) <= _WORDS_AT_MOST:
            spelled = {before + after for before in spelled for after in every}
        else:
            found.append(spelled)
            spelled, is_whole = every or {""}, False
    found.append(spelled)
    return spelled if is_whole else None, max((words for words in found if "" not in words), key=_tell, default=set())


def _read_words_of(kind: Any, value: Any) -> tuple[set[str] | None, set[str]]:
    """Return the same for one part of a pattern."""
    if kind is ops.LITERAL:
        return {chr(value)}, set()
    if kind is ops.IN and all(part is ops.LITERAL for part, _ in value) and len(value) <= _LETTERS_AT_MOST:
        return {chr(code) for _, code in value}, set()
    if kind is ops.SUBPATTERN:
        return _read_words(value[3])
    if kind is ops.BRANCH:
        branches = [_read_words(branch) for branch in value[1]]
        every, some = ([words for words in side] for side in zip(*branches, strict=True))
        spelled = set().union(*every) if None not in every else None
        return spelled if spelled and len(spelled) <= _WORDS_AT_MOST else None, set().union(*some) if all(some) else set()
    if kind in _REPEATS:
        least, most, inner = value
        every, some = _read_words(inner)
        if least == 0:
            return ({"", *every} if every is not None and most == 1 else None), set()
        return (every if most == 1 else None), some
    return ({""} if kind in _PLACES else None), set()


def _shortest(words: set[str]) -> frozenset[str]:
    """Return the words that contain no other of them."""
    return frozenset(word for word in words if not any(other in word for other in words if other != word))


def _tell(words: set[str]) -> float:
    """Return how much it tells that a line has one of the words: as much as the commonest, which is the shortest."""
    return min((sum(2 if char >= "一" and char.isalpha() else 1 for char in word) for word in words), default=0) - len(words) / 100


def _read_outer(nodes: _Nodes, is_end: bool = False) -> tuple[list[tuple[int, int]] | None, bool]:
    """Return the ranges of the first, or last, character that a sequence matches, None for any, and whether it may match nothing."""
    found: list[tuple[int, int]] = []
    for node in reversed(list(nodes)) if is_end else nodes:
        ranges, may_be_empty = _read_outer_of(*node, is_end)
        if ranges is None:
            return None, False
        found += ranges
        if not may_be_empty:
            return found, False
    return found, True


def _read_outer_of(kind: Any, value: Any, is_end: bool) -> tuple[list[tuple[int, int]] | None, bool]:
    """Return the same for one part of a pattern."""
    if kind is ops.LITERAL:
        return [(value, value)], False
    if kind is ops.IN:
        ranges = [_read_range(*part) for part in value]
        return (None if None in ranges else [pair for pairs in ranges for pair in pairs]), False
    if kind is ops.SUBPATTERN:
        return _read_outer(value[3], is_end)
    if kind is ops.BRANCH:
        branches = [_read_outer(branch, is_end) for branch in value[1]]
        return (None if any(ranges is None for ranges, _ in branches) else [pair for ranges, _ in branches for pair in ranges]), any(empty for _, empty in branches)
    if kind in _REPEATS:
        ranges, may_be_empty = _read_outer(value[2], is_end)
        return ranges, may_be_empty or value[0] == 0
    return ([], True) if kind in _PLACES else (None, False)


def _read_range(kind: Any, value: Any) -> list[tuple[int, int]] | None:
    """Return the ranges of one part of a class of characters; None where they cannot be told."""
    if kind is ops.LITERAL:
        return [(value, value)]
    if kind is ops.RANGE:
        return [value]
    if kind is ops.CATEGORY and value is ops.CATEGORY_SPACE:
        return list(_SPACES)
    return list(_DIGITS) if kind is ops.CATEGORY and value is ops.CATEGORY_DIGIT else None


def _is_anchored(nodes: _Nodes, place: Any) -> bool:
    """Return whether a sequence matches at the beginning, or at the end, of a line only."""
    nodes = list(nodes)
    if not nodes:
        return False
    kind, value = nodes[-1 if place is ops.AT_END else 0]
    if kind is ops.SUBPATTERN:
        return _is_anchored(value[3], place)
    if kind is ops.BRANCH:
        return all(_is_anchored(branch, place) for branch in value[1])
    return kind is ops.AT and value is place


def _cut(nodes: _Nodes, state: parser.State, left: float) -> tuple[parser.SubPattern, bool]:
    """Return the beginning of a sequence whose repeats have no more than so many lengths together and stand in none, and whether it is all of it."""
    nodes = list(nodes)
    for number, (kind, value) in enumerate(nodes):
        lengths = _count_lengths_at(nodes, number)
        if lengths > left or _nest([(kind, value)]) > 1:
            return parser.SubPattern(state, [*nodes[:number], *_cut_part(kind, value, state, left)]), False
        left /= lengths
    return parser.SubPattern(state, nodes), True


def _cut_part(kind: Any, value: Any, state: parser.State, left: float) -> list[tuple[Any, Any]]:
    """Return the beginning of one part of a pattern; nothing where the part may be missing."""
    if kind is ops.SUBPATTERN:
        return [(kind, (*value[:3], _cut(value[3], state, left)[0]))]
    if kind is ops.BRANCH:
        return [(kind, (value[0], [_cut(branch, state, left)[0] for branch in value[1]]))]
    return list(_cut(value[2], state, left)[0]) if kind in _REPEATS and value[0] > 0 else []


def _parts(kind: Any, value: Any) -> list[_Nodes]:
    """Return the sequences within a part of a pattern."""
    return [value[3]] if kind is ops.SUBPATTERN else list(value[1]) if kind is ops.BRANCH else [value[2]] if kind in _REPEATS else []


def _nest(nodes: _Nodes) -> int:
    """Return how deep repeats stand within repeats."""
    return max((max(map(_nest, _parts(*node)), default=0) + (node[0] in _REPEATS and node[1][1] > _FEW) for node in nodes), default=0)


def _count_lengths(nodes: _Nodes) -> int:
    """Return how many lengths the repeats of a sequence may have together: of .{0,20}b.{0,9}, 210."""
    nodes = list(nodes)
    return math.prod(_count_lengths_at(nodes, number) for number in range(len(nodes)))


def _count_lengths_at(nodes: list[tuple[Any, Any]], number: int) -> int:
    """Return the same for one part of a sequence. What a repeat leaves to the part behind it tells its length: of \\s*: there is one."""
    kind, value = nodes[number]
    lengths = max(map(_count_lengths, _parts(kind, value)), default=1)
    own = min(value[1] - value[0] + 1, _ALL_LENGTHS) if kind in _REPEATS else 1
    return lengths * own if own > _FEW_LENGTHS + 1 and not _is_bounded(value[2], nodes[number + 1 :]) else lengths


def _is_bounded(repeated: _Nodes, rest: _Nodes) -> bool:
    """Return whether no character that is repeated may also open the rest of the sequence."""
    (ranges, _), (opening, may_be_empty) = _read_outer(repeated), _read_outer(rest)
    if len(list(repeated)) != 1 or ranges is None or opening is None or may_be_empty:
        return False
    return not any(low <= last and first <= high for low, high in ranges for first, last in opening)
