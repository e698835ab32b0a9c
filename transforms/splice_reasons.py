"""Why a line is held to be foreign, in words for a reader."""

import re

import polars as pl

from transforms.lexicon import Lexicon
from transforms.splice_model import WEIGHT_SCALE, read_term_weights
from transforms.splice_terms import find_terms

_SHOWN = 3
_LONGEST_SHOWN = 8
_TELLING = 5 * WEIGHT_SCALE  # summed rarity of a phrase from which it is worth showing
_WORDS, _LATIN = re.compile(r"[㐀-鿿]+|[A-Za-z0-9]+"), re.compile(r"[A-Za-z0-9]+")


def explain_lines(lines: pl.DataFrame, blocks: pl.DataFrame, lexicon: Lexicon) -> pl.Series:
    """Return a reason for each line with a verdict: what it shares with the article, what it does not, where it stands."""
    marked = lines.select("doc_id", "block_no")
    others = blocks.filter(pl.col("score").is_not_null()).join(marked, on=["doc_id", "block_no"], how="anti")
    others = others.join(marked.select("doc_id").unique(), on="doc_id", how="semi")
    asked = {doc_id: set(_pieces(texts)) for doc_id, texts in lines.group_by("doc_id").agg(pl.col("text").str.join("\n")).iter_rows()}
    wordings = {doc_id: _find_pieces(asked[doc_id], texts) for doc_id, texts in others.group_by("doc_id").agg(pl.col("text").str.join("\n")).iter_rows()}
    phrases = [_split_phrases(text, wordings.get(doc_id, set())) for doc_id, text in lines.select("doc_id", "text").iter_rows()]
    rarity = _weigh(phrases, lexicon)
    reasons = []
    for row, (shared, alone) in zip(_number_runs(lines).iter_rows(named=True), phrases, strict=True):
        reasons.append(_word(row, _rarest(shared, rarity), _rarest(alone, rarity)))
    return pl.Series(reasons, dtype=pl.String)


def _pieces(text: str) -> list[str]:
    """Return the pairs of Han characters and the words of a text."""
    pieces = []
    for run in _WORDS.findall(text):
        pieces += [run.lower()] if run[0] < "㐀" else [run[at : at + 2] for at in range(len(run) - 1)]
    return pieces


def _find_pieces(pieces: set[str], text: str) -> set[str]:
    """Return those of the pieces that a text has; looking for them is quicker than to take a long text to pieces."""
    words = {piece for piece in pieces if piece[0] < "㐀"}
    found = {piece for piece in pieces - words if piece in text}
    return found | (words & {word.lower() for word in _LATIN.findall(text)} if words else set())


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
