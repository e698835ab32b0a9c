"""What is read as one although it came in pieces: captions, a clause a line and no stop anywhere, sentences broken behind a comma, and long lines that
were cut to be judged.
"""

import functools
import re
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

import polars as pl

from transforms.lexicon import Lexicon

# So many lines, most of them open, and half of these with a word that no list of names or figures has.
_FEWEST, _OPEN, _SPOKEN = 15, 0.8, 0.5
_LINE_CHARS = 40
_CLOSED = r"[。!?;:…|][”」』\")]*$"
_BROKEN, _TEXTS = "[,、]$", ("body", "heading")
_LISTED = r"^(?:[-•·*▪●○◆■|#>]|[(]?\d{1,3}(?:[、)]|\.(?:[^\d]|$)))"
_SPEECH = "[的了是在就也都和这那有不我他它]"
# A passage is cut before a sentence once it has so many characters, and anywhere where it has twice as many. More than a few blanks set lines apart.
_PASSAGE_CHARS, _GAP = 160, 6
# The pieces of a line are joined up to so many characters: what a text says is understood further down may have changed by then.
_LINE_PART = 1000


def are_captions(text: pl.Expr) -> pl.Expr:
    """Return whether the lines of a document are captions."""
    is_open = (text.str.len_chars() <= _LINE_CHARS) & ~text.str.contains(_CLOSED) & ~text.str.contains(_LISTED)
    return (pl.len() >= _FEWEST) & (is_open.mean() >= _OPEN) & ((is_open & text.str.contains(_SPEECH)).sum() >= _SPOKEN * is_open.sum())


def join_passages(reading: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """reading (apply_repairs): the pieces of a long line together, and the lines of captioned documents, with their breaks as commas and stops.

    A passage has the block number and the kind of its first piece, and is as long as what it covers: offsets stay.
    """
    reading = _join_pieces(reading)
    captioned = reading.group_by("doc_id").agg(is_captioned=are_captions(pl.col("read_text"))).filter("is_captioned")
    if captioned.is_empty():
        return reading
    lines = reading.join(captioned, on="doc_id", how="semi", maintain_order="left").sort("doc_id", "start_char")
    joined = pl.DataFrame([_join(passage, lexicon) for passage in _passages(lines, lexicon)], schema=reading.schema)
    return pl.concat([reading.join(captioned, on="doc_id", how="anti", maintain_order="left"), joined]).sort("doc_id", "block_no")


def _join_pieces(reading: pl.DataFrame) -> pl.DataFrame:
    """Return the rows, those of text joined that stand one behind the other without a break between, or behind a line that ends with a comma.

    融券卖出4.29万股 is still of the day named 200 characters before; 上线美区一年, / 内容场的增速达到了577%, is a sentence broken by whoever copied it.
    """
    text, last = pl.col("read_text"), pl.col("read_text").shift(1)
    gap = pl.col("start_char") - pl.col("end_char").shift(1)
    is_cut = (gap == 0) & (pl.col("kind") == "body") & (pl.col("kind").shift(1) == "body")
    is_broken = gap.is_between(1, _GAP) & last.str.contains(_BROKEN) & pl.col("kind").is_in(_TEXTS) & pl.col("kind").shift(1).is_in(_TEXTS) & ~text.str.contains(_LISTED)
    is_alike = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift(1)) for name in ("doc_id", "turn_no"))
    pieces = reading.with_columns(goes_on=((is_cut | is_broken) & is_alike).fill_null(False))
    if not pieces["goes_on"].any():
        return reading
    pieces = pieces.with_columns(line=(~pl.col("goes_on")).cum_sum())
    pieces = pieces.with_columns(part=(pl.col("end_char") - pl.col("start_char").first().over("line")) // _LINE_PART)
    until = pl.col("start_char").shift(-1).over("line", "part").fill_null(pl.col("end_char"))
    padded = (pl.col(name).str.pad_end(until - pl.col("start_char")) for name in ("text", "read_text"))
    first = (pl.col(name).first() for name in reading.columns if name not in ("end_char", "text", "read_text"))
    joined = pieces.with_columns(*padded).group_by("line", "part", maintain_order=True).agg(*first, pl.col("end_char").last(), pl.col("text", "read_text").str.join(""))
    return joined.select(reading.columns)


def number_blocks(found: pl.DataFrame, blocks: pl.DataFrame) -> pl.DataFrame:
    """Return rows that were found in passages (doc_id, block_no, start_char …) with the number of the block in which each begins."""
    places = blocks.select("doc_id", "start_char", own_no="block_no").sort("doc_id", "start_char")
    placed = found.with_row_index("row").sort("doc_id", "start_char").join_asof(places, on="start_char", by="doc_id", check_sortedness=False)
    return placed.sort("row").with_columns(block_no="own_no").drop("row", "own_no")


def _passages(lines: pl.DataFrame, lexicon: Lexicon) -> Iterator[list[dict]]:
    """Yield the lines of each passage."""
    for _, rows in groupby(lines.iter_rows(named=True), key=itemgetter("doc_id")):
        passage: list[dict] = []
        for row in rows:
            if passage and _is_cut(passage, row, lexicon):
                yield passage
                passage = []
            passage.append(row)
        yield passage


def _is_cut(passage: list[dict], row: dict, lexicon: Lexicon) -> bool:
    """Return whether a passage ends before a line."""
    size = row["start_char"] - passage[0]["start_char"]
    is_set_apart = row["start_char"] - passage[-1]["end_char"] > _GAP or len(row["read_text"]) > 2 * _LINE_CHARS or re.search(_LISTED, row["read_text"])
    return bool(is_set_apart) or size > 2 * _PASSAGE_CHARS or (size > _PASSAGE_CHARS and _forms(lexicon)["opens_sentence"].search(row["read_text"]) is not None)


def _join(passage: list[dict], lexicon: Lexicon) -> dict:
    """Return the row of a passage."""
    read = text = ""
    for row, before in zip(passage, [None, *passage], strict=False):
        if before:
            gap = _mark(before["read_text"], row["read_text"], lexicon).ljust(row["start_char"] - before["end_char"])
            read, text = read + gap, text + gap
        read, text = read + row["read_text"], text + row["text"]
    return passage[0] | {"end_char": passage[-1]["end_char"], "read_text": read, "text": text}


def _mark(before: str, text: str, lexicon: Lexicon) -> str:
    """Return what stands between two lines of a passage."""
    forms = _forms(lexicon)
    if re.search(_CLOSED, before) or before[-1] in ",、" or forms["leaves_open"].search(before) or forms["takes_up"].search(text):
        return " "
    return "。" if forms["opens_sentence"].search(text) else ","


@functools.lru_cache(maxsize=4)
def _forms(lexicon: Lexicon) -> dict[str, re.Pattern[str]]:
    """Return the forms that tell how a line of captions goes on, compiled."""
    rows = lexicon["clause_forms"].filter(pl.col("form").is_in(["opens_sentence", "leaves_open", "takes_up"]))
    return {form: re.compile(pattern) for form, pattern in rows.select("form", "pattern").iter_rows()}
