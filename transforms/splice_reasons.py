"""Why a line is held to be foreign, in words for a reader."""

import re

import numpy as np
import polars as pl

from transforms.lexicon import Lexicon
from transforms.splice_model import WEIGHT_SCALE, read_term_weights
from transforms.splice_terms import find_terms, read_codes

_SHOWN = 3
_LONGEST_SHOWN = 8
_TELLING = 5 * WEIGHT_SCALE  # summed rarity of a phrase from which it is worth showing
_CODE_BITS = 21  # of a code point
_CODE = (1 << _CODE_BITS) - 1
_WORDS, _LATIN = re.compile(r"[㐀-鿿]+|[A-Za-z0-9]+"), re.compile(r"[A-Za-z0-9]+")


def explain_lines(lines: pl.DataFrame, blocks: pl.DataFrame, lexicon: Lexicon) -> pl.Series:
    """Return a reason for each line with a verdict: what it shares with the article, what it does not, where it stands."""
    marked = lines.select("doc_id", "block_no")
    others = blocks.filter(pl.col("score").is_not_null()).join(marked, on=["doc_id", "block_no"], how="anti")
    asked, others = (frame.group_by("doc_id", maintain_order=True).agg(pl.col("text").str.join("\n")) for frame in (lines, others))
    beside = asked.join(others, on="doc_id", how="left", maintain_order="left", suffix="_rest").with_columns(pl.col("text_rest").fill_null(""))
    wordings = dict(zip(beside["doc_id"], _find_shared(beside["text"], beside["text_rest"]), strict=True))
    phrases = [_split_phrases(text, wordings[doc_id]) for doc_id, text in lines.select("doc_id", "text").iter_rows()]
    rarity = _weigh(phrases, lexicon)
    reasons = []
    for row, (shared, alone) in zip(_number_runs(lines).iter_rows(named=True), phrases, strict=True):
        reasons.append(_word(row, _rarest(shared, rarity), _rarest(alone, rarity)))
    return pl.Series(reasons, dtype=pl.String)


def _find_shared(texts: pl.Series, others: pl.Series) -> list[set[str]]:
    """Return the pairs of Han characters and the words of each text that the other one beside it has too."""
    pairs = pl.Series(_number_pairs(others))
    pairs = pairs.filter(pairs.is_in(pl.Series(_number_pairs(texts)).implode())).unique()
    shared: list[set[str]] = [set() for _ in texts]
    for number in pairs:
        shared[number >> 2 * _CODE_BITS].add(chr(number >> _CODE_BITS & _CODE) + chr(number & _CODE))
    for found, text, other in zip(shared, texts, others, strict=True):
        words = {word.lower() for word in _LATIN.findall(text)}
        if words:
            found |= words & {word.lower() for word in _LATIN.findall(other)}
    return shared


def _number_pairs(texts: pl.Series) -> np.ndarray:
    """Return a number for each pair of Han characters: the row of its text, and the two code points."""
    codes = read_codes(texts).astype(np.int64)
    is_han = (codes >= ord("㐀")) & (codes <= ord("鿿"))
    at = np.flatnonzero(is_han[:-1] & is_han[1:])
    row = np.repeat(np.arange(len(texts)), texts.str.len_chars().to_numpy() + 1)[at]
    return row << 2 * _CODE_BITS | codes[at] << _CODE_BITS | codes[at + 1]


def _split_phrases(text: str, wording: set[str]) -> tuple[set[str], set[str]]:
    """Return the phrases of a line that the wording of the rest has, and those that it lacks altogether."""
    shared, alone = set(), set()
    for run in _WORDS.findall(text):
        if run[0] < "㐀":
            (shared if run.lower() in wording else alone).add(run)
            continue
        start, known = 0, None
        for at in range(len(run)):
            is_known = run[at : at + 2] in wording if at < len(run) - 1 else None
            if is_known != known:
                if known is not None and at + 1 - start >= 2:
                    (shared if known else alone).add(run[start : at + 1][:_LONGEST_SHOWN])
                start, known = at, is_known
    return shared, alone


def _weigh(phrases: list[tuple[set[str], set[str]]], lexicon: Lexicon) -> dict[str, int]:
    """Return how rare each phrase is: the sum over its terms."""
    words = sorted({phrase for pair in phrases for side in pair for phrase in side})
    if not words:
        return {}
    terms = find_terms(pl.Series(words))
    idf = pl.DataFrame({"word": terms.block, "idf": read_term_weights(lexicon).idf[terms.bucket]}).group_by("word").agg(pl.col("idf").sum())
    return {words[at]: weight for at, weight in idf.iter_rows()}


def _rarest(phrases: set[str], rarity: dict[str, int]) -> list[str]:
    """Return the few phrases that say most; a common one (同时) says nothing."""
    telling = [phrase for phrase in phrases if rarity.get(phrase, 0) >= _TELLING]
    return sorted(telling, key=lambda phrase: (-rarity[phrase], phrase))[:_SHOWN]


def _number_runs(lines: pl.DataFrame) -> pl.DataFrame:
    """Return lines with their place in a run of neighbouring lines with a verdict: run_no of run_size."""
    breaks = (pl.col("judged_no").diff().fill_null(0) != 1).cum_sum().over("doc_id")
    lines = lines.with_columns(run=breaks)
    return lines.with_columns(run_no=pl.int_range(1, pl.len() + 1).over("doc_id", "run"), run_size=pl.len().over("doc_id", "run"))


def _word(row: dict, shared: list[str], alone: list[str]) -> str:
    """Return the sentence for one line."""
    if row["verdict"] == "splice_follows":
        return "a bare name right after removed lines: their byline"
    parts = [f"shares {_quote(shared)} with the article" if shared else "shares no telling words with the article"]
    if alone:
        parts.append(f"and {_quote(alone)} with nothing in it")
    place = []
    if row["after_mark"]:
        place.append("after a source or editor line")
    if row["run_size"] > 1:
        place.append(f"line {row['run_no']} of {row['run_size']} such lines in a row")
    reason = ", ".join(parts) + ("; " + ", ".join(place) if place else "")
    return f"{reason}; kept for review: {row['capped']}" if row["capped"] else reason


def _quote(phrases: list[str]) -> str:
    """Return phrases as a list in words."""
    return ", ".join(phrases)
