"""Many texts as one, so that their words and marks are looked for once; places are code points of the whole."""

import functools
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import polars as pl

_PIECE = 1 << 17


class JoinedText:
    """Texts one after the other with a line feed behind each, over which no word is found.

    points: the code points of all of them, as an array. starts, ends: where each text begins and ends among them.
    """

    def __init__(self, points: np.ndarray, starts: np.ndarray, ends: np.ndarray):
        self.points = points
        self.starts = starts
        self.ends = ends

    @classmethod
    def of(cls, texts: pl.Series) -> "JoinedText":
        """Return the texts joined."""
        written = texts.str.join("\n").item() if len(texts) else ""
        points = np.frombuffer(f"{written}\n".encode("utf-32-le") if len(texts) else b"", dtype=np.uint32)
        sizes = texts.str.len_chars().cast(pl.Int64).to_numpy() + 1
        past = np.cumsum(sizes)
        return cls(points, past - sizes, past - 1)

    def written(self) -> str:
        """Return the whole as Python's text."""
        return self.points.tobytes().decode("utf-32-le")

    def blanked(self, starts: np.ndarray, ends: np.ndarray, mask: str = " ") -> "JoinedText":
        """Return the text with as many mask characters in place of these spans."""
        points, sizes = self.points.copy(), ends - starts
        before = np.cumsum(sizes) - sizes
        points[np.repeat(starts - before, sizes) + np.arange(sizes.sum())] = ord(mask)
        return JoinedText(points, self.starts, self.ends)

    def is_within(self, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Return for each code point whether it lies in one of these spans."""
        edges = np.zeros(len(self.points) + 1, dtype=np.int32)
        np.add.at(edges, starts, 1)
        np.subtract.at(edges, ends, 1)
        return np.cumsum(edges[:-1]) > 0

    def find(self, characters: str) -> np.ndarray:
        """Return where any of these characters stands."""
        return np.flatnonzero(np.isin(self.points, [ord(character) for character in characters]))

    def runs_of(self, characters: frozenset[str], anchors: frozenset[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return start and end of the runs of two or more of `characters` that hold one of `anchors`."""
        marked = self._look_up(_mark(characters, anchors))
        inside = np.concatenate([[False], marked > 0, [False]])
        edges = np.flatnonzero(inside[1:] != inside[:-1])
        starts, ends = edges[::2], edges[1::2]
        if not len(starts):
            return starts, ends
        is_kept = (ends - starts > 1) & (np.maximum.reduceat(marked, edges[:-1])[::2] > 1)
        return starts[is_kept], ends[is_kept]

    def _look_up(self, table: np.ndarray) -> np.ndarray:
        """Return what a table of all code points holds for each of these; piece by piece, because numpy widens what it looks up."""
        return np.concatenate([table[self.points[at : at + _PIECE]] for at in range(0, len(self.points), _PIECE)] or [table[:0]])

    def is_printed_ascii(self, places: np.ndarray | int) -> np.ndarray | bool:
        """Return whether a letter, digit or sign of ASCII stands at each place, and no blank."""
        return (self.points[places] > 0x20) & (self.points[places] < 0x80)

    def text_of(self, places: np.ndarray) -> np.ndarray:
        """Return the number of the text that each place lies in."""
        return np.searchsorted(self.starts, places, side="right") - 1

    def first_of_text(self, places: np.ndarray) -> np.ndarray:
        """Return where the text of each place begins."""
        return self.starts[self.text_of(places)]

    def bounds(self, places: np.ndarray) -> Iterator[tuple[int, int]]:
        """Yield which of the places, which are in order, lie in each text: the first of them and the first that lies beyond it."""
        return pairwise([*np.searchsorted(places, self.starts).tolist(), len(places)])

    def find_words(self, words: Sequence[str]) -> pl.DataFrame:
        """Return start, end and word of the leftmost words; of two at one place the one that is earlier in `words`.

        A Latin word does not match inside a longer one: the PE in PET is no P/E ratio.
        """
        text = pl.lit(self.written())
        automaton = pl.lit(pl.Series([words], dtype=pl.List(pl.String)))
        found = pl.select(
            at=text.str.find_many(automaton, leftmost=True).explode(), word=text.str.extract_many(automaton, leftmost=True).explode()
        ).drop_nulls()  # fmt: skip
        starts = np.searchsorted(self._byte_offsets(), found["at"].to_numpy())
        ends = starts + found["word"].str.len_chars().to_numpy()
        is_part = self._is_letter(starts - 1) | self._is_letter(ends)
        is_latin = pl.col("word").str.len_bytes() == pl.col("word").str.len_chars()
        return found.select(start=pl.Series(starts, dtype=pl.Int64), end=pl.Series(ends, dtype=pl.Int64), word="word").filter(~(is_latin & pl.Series(is_part)))

    def _byte_offsets(self) -> np.ndarray:
        """Return where each code point begins in UTF-8."""
        widths = 1 + (self.points >= 0x80) + (self.points >= 0x800) + (self.points >= 0x10000)
        return np.cumsum(widths) - widths

    def _is_letter(self, places: np.ndarray) -> np.ndarray:
        """Return whether a Latin letter stands at each place; before the first and after the last character none does."""
        lower = self.points[places] | 0x20
        return (lower >= ord("a")) & (lower <= ord("z"))


def find_all(text: str, pattern: str) -> tuple[list[int], list[str]]:
    """Return where each match of a Rust pattern without look-around begins, in code points, and the matches; polars tells no places."""
    places, past = [], 0
    matches = pl.Series([text]).str.extract_all(pattern).explode().to_list()
    for match in matches:
        # nothing begins before the leftmost match, so that where its letters first stand is where it is
        start = text.index(match, past)
        past = start + len(match)
        places.append(start)
    return places, matches


@functools.lru_cache(maxsize=8)
def _mark(characters: frozenset[str], anchors: frozenset[str]) -> np.ndarray:
    """Return a table of all code points: 2 for those of `anchors` among `characters`, 1 for the other characters, 0 for the rest."""
    table = np.zeros(0x110000, dtype=np.uint8)
    table[[ord(character) for character in characters]] = 1
    table[[ord(character) for character in anchors & characters]] = 2
    return table
