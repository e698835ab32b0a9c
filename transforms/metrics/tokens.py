"""Blocks as lists of tokens: figures, periods, names, labels, cues and punctuation, each located in its block.

The blocks of a batch are read as one text: their words and marks are found, and their tokens sorted, once for all of them.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import polars as pl

from transforms.joined_text import JoinedText
from transforms.metrics.vocabulary import Cue, Label, Vocabulary, unit_kind

# Where a sentence, a clause or a parenthesis ends or begins.
_PUNCTUATION = ",。;:!?()"
_NUMBERS = ("metric", "period", "date")
_DATINGS = ("period", "date", "time_horizon")
# How words of change and of profit begin
_FOLLOWING = [ord(character) for character in "增减減溢盈亏虧"]
_COMPARING = [ord(character) for character in "较較比"]
_SCALE = re.compile("[万亿千百兆萬億]")


class Figure(NamedTuple):
    """What a written figure says. kind: that of its unit; scaled for 12.5亿 without one, None for a bare number."""

    value: float | None
    low: float | None
    high: float | None
    unit: str | None
    hedge: str | None
    direction: str | None
    quote: str
    kind: str | None


class Dating(NamedTuple):
    """When a written period, date or horizon is; norm is null where nothing in the document settles it."""

    norm: str | None
    start: date | None
    end: date | None
    granularity: str | None


class Name(NamedTuple):
    """Whom a mention names."""

    entity: str
    type: str


Meaning = Figure | Dating | Name | Label | Cue | None


class Token:
    """A piece of the text that means something, or a run of such pieces joined by 、 / 和.

    kind: figure, period, mention, label, the kind of a Cue, the class of another number, or the punctuation mark itself.
    inner: tokens of a parenthesis that follows it directly.
    """

    __slots__ = ("data", "end", "inner", "kind", "start")

    def __init__(self, kind: str, start: int, end: int, data: Meaning = None):
        self.kind = kind
        self.start = start
        self.end = end
        self.data = data
        self.inner: Sequence[Token] = ()

    @property
    def members(self) -> Sequence["Token"]:
        """The tokens of a run; a single figure, label or name is a run of one."""
        return (self,)

    @property
    def joints(self) -> Sequence[str]:
        """How each member is joined to the one before it."""
        return ("",)


class Run(Token):
    """Several tokens of one kind that are read as one, in which each keeps its own span for evidence.

    joints: how each is joined to the one before it: list, or for periods range (2021年至2023年) or part (the 上半年 of 2017年至2020年上半年).
    """

    __slots__ = ("joints", "members")

    def __init__(self, first: Token):
        super().__init__(first.kind, first.start, first.end, first.data)
        self.members: list[Token] = [first]
        self.joints = [""]

    def add(self, token: Token, joint: str) -> None:
        """Take one more token."""
        self.members.append(token)
        self.joints.append(joint)
        self.end = token.end


def locate(rows: pl.DataFrame, blocks: pl.DataFrame, text: JoinedText) -> pl.DataFrame:
    """Return the rows that begin in one of the blocks, with start and end: their place in the joined text of the blocks."""
    places = blocks.select("doc_id", first="start_char", past="end_char", shift=pl.Series(text.starts) - pl.col("start_char"))
    return (
        rows.sort("doc_id", "start_char")
        .join_asof(
            places.sort("doc_id", "first"), left_on="start_char", right_on="first", by="doc_id", strategy="backward", check_sortedness=False
        )
        .filter(pl.col("start_char") < pl.col("past"))
        .with_columns(start=pl.col("start_char") + pl.col("shift"), end=pl.col("end_char") + pl.col("shift"))
    )  # fmt: skip


def is_days() -> pl.Expr:
    """Return whether a row of quantities is a number of days, which a few metrics are counted in: 存货周转天数86天."""
    return (pl.col("class") == "time_horizon") & pl.col("norm").str.contains("^P[0-9]+D$").fill_null(False)


def hide_numbers(text: JoinedText, numbers: pl.DataFrame) -> JoinedText:
    """Return the text with blanks in place of written numbers: the 年增 in 2019年增加 is no word, nor 年复合增速 in 两年复合增速.

    Periods without digits stay: 较去年同期 is one. So do 未来三年 and 几年内, which say that what they are about is ahead. The last
    character of those goes where a change follows, or a profit: there is no 年增 in 上半年增加 and 去年减少, and no 年度溢利 in 上年度溢利, but
    较去年 in 较去年增加. Nor is there 外销 in 海外销售, whose 外 goes too.
    """
    is_written = pl.col("class").is_in(_NUMBERS) & pl.col("quote").str.contains("[0-9０-９]")
    is_span = (pl.col("class") == "time_horizon") & pl.col("quote").str.contains("^[近过過去最]*[一二两兩三四五六七八九十]+年$")
    written = numbers.filter(is_written | is_span)
    hidden = text.blanked(written["start"].to_numpy(), written["end"].to_numpy())
    said = numbers.filter(pl.col("class").is_in(_DATINGS) & pl.col("quote").str.contains(".[年月季度]$"))
    starts, ends = said["start"].to_numpy(), said["end"].to_numpy()
    before_change = ends[np.isin(text.points[ends], _FOLLOWING) & ~np.isin(text.points[starts - 1], _COMPARING)]
    hidden = hidden.blanked(before_change - 1, before_change)
    middle = hidden.find("外")
    middle = middle[(middle > 0) & (middle + 2 < len(hidden.points))]
    abroad = middle[(hidden.points[middle - 1] == ord("海")) & (hidden.points[middle + 1] == ord("销")) & (hidden.points[middle + 2] == ord("售"))]
    return hidden.blanked(abroad, abroad + 1)


def find_starts(text: JoinedText) -> Iterator[list[int]]:
    """Yield where the clauses of each text begin: with the text itself, and after each punctuation mark."""
    places = text.find(_PUNCTUATION)
    after = (places + 1 - text.first_of_text(places)).tolist()
    return ([0, *after[first:past]] for first, past in text.bounds(places))


def read_tokens(text: JoinedText, hidden: JoinedText, numbers: pl.DataFrame, names: pl.DataFrame, vocabulary: Vocabulary) -> Iterator[list[Token]]:
    """Yield the tokens of each text in order, without overlaps: of two that overlap the earlier, then the longer one stays.

    numbers, names: rows of quantities and mentions, located. hidden: the text without its numbers, where words are looked for.
    """
    words = hidden.find_words(vocabulary.patterns)
    said_by_words = [vocabulary.words[word] for word in words["word"].to_list()]
    meanings: list[Meaning] = [*_read_numbers(numbers), *map(Name, names["entity"], names["type"]), *said_by_words]
    of_class = pl.when(is_days()).then(pl.lit("days")).otherwise(pl.col("class").replace({"metric": "figure", "date": "period"}))
    found = pl.concat([
        numbers.select("start", "end", kind=of_class), names.select("start", "end", kind=pl.lit("mention")),
        words.select("start", "end", kind=pl.Series(["label" if isinstance(said, Label) else said.kind for said in said_by_words], dtype=pl.String)),
    ]).with_row_index("meaning")  # fmt: skip
    # CET1 looks like a product and is a ratio
    spans = _disjoint(found.sort("start", pl.col("end") * -1, pl.col("kind") == "product_name", maintain_order=True))
    spans = pl.concat([spans, _find_punctuation(text, spans)], how="diagonal").sort("start", maintain_order=True)
    starts = spans["start"].to_numpy()
    first = text.first_of_text(starts)
    said = [meanings[number] if number is not None else None for number in spans["meaning"].to_list()]
    columns = spans["kind"].to_list(), (starts - first).tolist(), (spans["end"].to_numpy() - first).tolist(), said
    for first, past in text.bounds(starts):
        yield list(map(Token, *(column[first:past] for column in columns)))


def _read_numbers(numbers: pl.DataFrame) -> list[Meaning]:
    """Return what each number says: numbers that are neither figures nor periods say nothing, but hide the words they cover."""
    said: list[Meaning] = [None] * numbers.height
    numbers = numbers.with_row_index("row")
    figures, datings = numbers.filter(pl.col("class") == "metric"), numbers.filter(pl.col("class").is_in(_DATINGS))
    columns = {name: figures[name].to_list() for name in Figure._fields[:-1]}
    kinds = map(_unit_kind, columns["unit"], figures["per"].to_list(), columns["quote"])
    for row, figure in zip(figures["row"].to_list(), map(Figure, *columns.values(), kinds), strict=True):
        said[row] = figure
    for row, *dating in datings.select("row", "norm", "period_start", "period_end", "granularity").iter_rows():
        said[row] = Dating(*dating)
    return said


def _unit_kind(unit: str | None, per: str | None, quote: str) -> str | None:
    """Return the unit kind of a figure; None for a bare number."""
    if unit is None:
        return "scaled" if _SCALE.search(quote) else None
    return unit_kind(unit, per)


def _disjoint(spans: pl.DataFrame) -> pl.DataFrame:
    """Return the spans, which are in order of preference where they begin together, without those that run into an earlier one.

    A figure is lost to a name (三一重工), but not to a word that begins before it.
    """
    kept: list[int] = []
    last_end, last_kind = 0, ""
    for row, (start, end, kind) in enumerate(zip(*(spans[column].to_list() for column in ("start", "end", "kind")), strict=True)):
        if start >= last_end:
            kept.append(row)
        elif kind == "figure" and last_kind not in ("figure", "label", "mention"):
            kept[-1] = row
        else:
            continue
        last_end, last_kind = end, kind
    return spans[kept]


def _find_punctuation(text: JoinedText, spans: pl.DataFrame) -> pl.DataFrame:
    """Return start, end and kind of the punctuation marks that lie between the spans."""
    is_free = ~text.is_within(spans["start"].to_numpy(), spans["end"].to_numpy())
    places = text.find(_PUNCTUATION)
    places = places[is_free[places]]
    kinds = pl.Series(list(map(chr, text.points[places].tolist())), dtype=pl.String)
    return pl.select(start=pl.Series(places, dtype=pl.Int64), end=pl.Series(places + 1, dtype=pl.Int64), kind=kinds)


def bases_of(token: Token) -> list[str]:
    """Return what the changes behind a word are measured from: 同环比 names two, for +21.4%/-3.2%."""
    return [basis for member in token.members for basis in member.data.value.split("|")]
