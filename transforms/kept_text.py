"""The kept blocks of many documents as one string, so that a pattern is looked for once and a hit knows its place."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from transforms.spans import cut_spans


@dataclass(frozen=True)
class Place:
    """A span of the joined text in its document."""

    doc_id: str
    start_char: int
    end_char: int


class KeptText:
    """`text` is the kept blocks' text, one after the other with a line feed before, between and after them.

    `raw` is the same, as it stands in the documents.
    """

    def __init__(self, documents: pl.DataFrame, blocks: pl.DataFrame):
        kept = blocks.filter("is_kept").sort("doc_id", "start_char")
        self.text = "\n" + "".join(f"{text}\n" for text in kept["text"])
        self.raw = "\n" + "".join(f"{text}\n" for text in cut_spans(kept, documents))
        self._doc_ids = kept["doc_id"].to_list()
        self._starts = kept["start_char"].to_list()
        sizes = kept["text"].str.len_chars()
        self._ends = (1 + (sizes + 1).cum_sum() - 1).to_list()  # in the joined text
        self._offsets = [end - size for end, size in zip(self._ends, sizes, strict=True)]

    def documents(self) -> Iterator[tuple[str, int, int]]:
        """Yield doc_id and the span of the joined text that holds its blocks."""
        first = 0
        for index, doc_id in enumerate(self._doc_ids):
            if index + 1 == len(self._doc_ids) or self._doc_ids[index + 1] != doc_id:
                yield doc_id, self._offsets[first], self._ends[index]
                first = index + 1

    def locate(self, start: int, end: int) -> Place | None:
        """Return where a span of the joined text lies; None if it runs over the border of a block."""
        index = bisect_right(self._offsets, start) - 1
        if index < 0 or end > self._ends[index]:
            return None
        shift = self._starts[index] - self._offsets[index]
        return Place(self._doc_ids[index], start + shift, end + shift)
