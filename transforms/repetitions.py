"""marks: paragraphs that a page prints again, word for word or nearly so.

Pages set the lead above the text and below its picture, scrapers read a page's two layouts one after the other. The first
copy stays.
"""

import re
from itertools import groupby
from operator import itemgetter

import polars as pl

from schemas.blocks import Marks

REPEATED = "repetitions.paragraph"
# A paragraph: shorter lines (a refrain, a reply, a source) are repeated on purpose.
_LEAST_CHARS = 30
# Copies begin or end alike: what stands before the lead (摘要:) or behind it (查看全文) differs.
_EDGE_CHARS = 10
# A copy is nine tenths as long as the first at least; nine in ten of its pieces are in it.
_ALIKE = 0.9
_PIECE = 4
# Of a text that is mostly copies nothing goes: there is no telling what it is.
_MOSTLY = 2 / 3
# 答:尊敬的投资者您好…: the same words to another question; and a question stands once in a list of them and once above its answer.
_SAID = r"^[\p{Han}A-Za-z·. ]{1,16}:|[?][*]*$"
_REASON = "It repeats the paragraph «{begin}» that stands {place}."


def mark_repetitions(blocks: pl.DataFrame, marks: pl.DataFrame, turns: pl.DataFrame) -> pl.DataFrame:
    """marks: one row per block that repeats an earlier one; dropping where it follows directly on a copy.

    A copy adds nothing: its numbers are those of the first, and nine in ten of its words are in it. Where it says more (the text after
    its summary) it is none; nor are the lines of speakers, and questions. Further down a text may take up what it said before,
    or was read twice: such a copy stays, but does not speak for the first when foreign lines are told apart.
    """
    text = pl.col("text")
    paragraphs = blocks.filter((text.str.len_chars() >= _LEAST_CHARS) & text.str.contains("。", literal=True))
    edges = [pl.concat_str("doc_id", edge).is_duplicated() for edge in (text.str.head(_EDGE_CHARS), text.str.tail(_EDGE_CHARS))]
    likely = paragraphs.filter(pl.any_horizontal(edges)).filter(~text.str.contains(_SAID))
    if likely.is_empty():
        return Marks.empty()
    likely = likely.join(marks.filter("is_dropping"), on=["doc_id", "start_char", "end_char"], how="anti")
    rows = likely.sort("doc_id", "block_no").select("doc_id", "block_no", "start_char", "end_char", "text").iter_rows()
    found = [mark for _, lines in groupby(rows, key=itemgetter(0)) for mark in _mark_copies(list(lines))]
    copies = Marks.frame(found)
    spoken = copies.join(turns.select("doc_id", turn_start="start_char", turn_end="end_char"), on="doc_id").filter(
        pl.col("start_char").is_between("turn_start", "turn_end", closed="left")
    )
    return copies.join(spoken, on=["doc_id", "start_char"], how="anti", maintain_order="left")


def _mark_copies(lines: list[tuple]) -> list[dict]:
    """Return the marks of one document's lines that repeat an earlier one; only lines that begin or end alike are compared.

    lines: doc_id, block_no, start_char, end_char and text of each.
    """
    edges: dict[str, list[tuple[int, str, str]]] = {}
    last_copy: dict[int, int] = {}
    found = []
    for doc_id, block_no, start_char, end_char, text in lines:
        keys = (f"^{text[:_EDGE_CHARS]}", f"{text[-_EDGE_CHARS:]}$")
        wording = re.sub(r"\W+", "", text)
        first = next(((at, begin) for key in keys for at, begin, earlier in edges.get(key, ()) if _repeats(wording, earlier)), None)
        if first is None:
            for key in keys:
                edges.setdefault(key, []).append((block_no, text[:20], wording))
            continue
        at, begin = first
        follows = last_copy.get(at, at) == block_no - 1
        last_copy[at] = block_no
        found.append({
            "doc_id": doc_id, "start_char": start_char, "end_char": end_char, "rule_id": REPEATED, "label": "spliced",
            "score": 1.0, "is_dropping": follows, "reason": _REASON.format(begin=begin, place="right above" if follows else "further up"),
        })  # fmt: skip
    if len(found) > _MOSTLY * len(lines):
        return [mark | {"is_dropping": False} for mark in found]
    return found


def _numbers(wording: str) -> list[str]:
    """Return the numbers of a line in their order, 方案一 too."""
    return re.findall(r"\d+|[一二三四五六七八九十百千万两]+", wording)


def _repeats(wording: str, earlier: str) -> bool:
    """Return whether a line is nearly as long as an earlier one and says nothing that it does not."""
    if wording == earlier:
        return True
    if not _ALIKE * len(earlier) <= len(wording) <= len(earlier) / _ALIKE or _numbers(wording) != _numbers(earlier):
        return False
    pieces = {wording[at : at + _PIECE] for at in range(len(wording) - _PIECE + 1)}
    return sum(piece in earlier for piece in pieces) >= _ALIKE * len(pieces)
