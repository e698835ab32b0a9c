"""A block as a list of tokens: figures, periods, names, labels, cues and punctuation, each located in the text."""

import re
from collections.abc import Iterable, Sequence
from itertools import chain

import polars as pl

from transforms.metrics.vocabulary import Cue, Label, Vocabulary

# Where a sentence, a clause or a parenthesis ends or begins.
_PUNCTUATION = re.compile("[,。;:!?()]")
_NUMBERS = frozenset({"metric", "period", "date"})
_HAS_DIGIT = re.compile("[0-9０-９]")


class Token:
    """A piece of the text that means something, or a run of such pieces joined by 、 / 和.

    kind: figure, period, mention, label, the kind of a Cue, or the punctuation mark itself.
    data: row of quantities or mentions, Label or Cue.
    members: the tokens of a run; a single figure, label or name is a run of one.
    inner: tokens of a parenthesis that follows it directly.
    """

    __slots__ = ("data", "end", "inner", "kind", "members", "start")

    def __init__(self, kind: str, start: int, end: int, data=None):
        self.kind = kind
        self.start = start
        self.end = end
        self.data = data
        self.members: Sequence[Token] = ()
        self.inner: Sequence[Token] = ()


def hide_numbers(blocks: pl.DataFrame, quantities: dict[tuple, list[dict]]) -> pl.Series:
    """Return the blocks' read_text with blanks in place of written numbers: the 年增 in 2019年增加 is no word.

    Periods without digits stay: 较去年同期 is one.
    """
    texts = []
    for doc_id, block_no, start, text in blocks.select("doc_id", "block_no", "start_char", "read_text").iter_rows():
        pieces, at = [], 0
        for row in quantities[doc_id, block_no]:
            if row["class"] in _NUMBERS and _HAS_DIGIT.search(row["quote"]):
                pieces += [text[at : row["start_char"] - start], " " * (row["end_char"] - row["start_char"])]
                at = row["end_char"] - start
        texts.append("".join([*pieces, text[at:]]))
    return pl.Series("text", texts, dtype=pl.String)


def find_words(texts: pl.Series, patterns: list[str]) -> list[list[tuple[int, int, str]]]:
    """Return (start, end, word) of the leftmost longest words in each text, in code points.

    A Latin word does not match inside a longer one: the PE in PET is no P/E ratio.
    """
    automaton = pl.lit(pl.Series([patterns]))
    found = pl.DataFrame({"text": texts}).select(
        at=pl.col("text").str.find_many(automaton, leftmost=True), word=pl.col("text").str.extract_many(automaton, leftmost=True)
    )
    return [_to_code_points(text, at, words) for text, at, words in zip(texts, found["at"].to_list(), found["word"].to_list(), strict=True)]


def _to_code_points(text: str, offsets: list[int], words: list[str]) -> list[tuple[int, int, str]]:
    """Return the matches of one text with byte offsets turned into code points."""
    encoded, at_byte, at = text.encode(), 0, 0
    located = []
    for offset, word in zip(offsets, words, strict=True):
        at += len(encoded[at_byte:offset].decode())
        at_byte = offset
        if word.isascii() and _continues(text, at, at + len(word)):
            continue
        located.append((at, at + len(word), word))
    return located


def _continues(text: str, start: int, end: int) -> bool:
    """Return whether a Latin letter stands directly before or after the span."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return (before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha())


def build_tokens(
    text: str, offset: int, words: list[tuple[int, int, str]], quantities: list[dict], mentions: list[dict], vocabulary: Vocabulary
) -> list[Token]:
    """Return the tokens of a block in order, without overlaps: of two that overlap the earlier, then the longer one stays."""
    tokens = sorted(
        chain(
            _quantity_tokens(quantities, offset),
            (Token("mention", row["start_char"] - offset, row["end_char"] - offset, row) for row in mentions),
            (_word_token(start, end, vocabulary.words[word]) for start, end, word in words),
        ),
        # CET1 looks like a product and is a ratio
        key=lambda token: (token.start, -token.end, token.kind == "product_name"),
    )
    kept: list[Token] = []
    for token in tokens:
        if kept and token.start < kept[-1].end:
            # a figure is lost to a name (三一重工), but not to a word that begins before it
            if token.kind == "figure" and kept[-1].kind not in ("figure", "label", "mention"):
                kept[-1] = token
            continue
        kept.append(token)
    return _add_punctuation(kept, text)


def _quantity_tokens(quantities: list[dict], offset: int) -> Iterable[Token]:
    """Yield figures and periods; other classes hide the words they cover."""
    for row in quantities:
        kind = {"metric": "figure", "period": "period", "date": "period"}.get(row["class"], row["class"])
        yield Token(kind, row["start_char"] - offset, row["end_char"] - offset, row)


def _word_token(start: int, end: int, meaning: Label | Cue) -> Token:
    """Return the token of a label or cue."""
    return Token("label" if isinstance(meaning, Label) else meaning.kind, start, end, meaning)


def _add_punctuation(tokens: list[Token], text: str) -> list[Token]:
    """Return the tokens with the punctuation that lies between them."""
    marks, at = [], 0
    for token in [*tokens, None]:
        end = token.start if token else len(text)
        marks += [Token(match[0], match.start(), match.end()) for match in _PUNCTUATION.finditer(text, at, end)]
        if token:
            marks.append(token)
            at = token.end
    return marks
