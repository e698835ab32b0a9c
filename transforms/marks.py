"""marks: what the rule cards say about spans of a document."""

import functools
import re

import polars as pl

from schemas.blocks import Marks
from transforms.furniture import mark_furniture
from transforms.lexicon import Lexicon

# Longest line that a card claims unless it says otherwise: furniture is short, a paragraph that matches is an accident.
_MAX_CHARS = 120
# How much of the beginning and the end of a paragraph span cards look at.
_HEAD_CHARS, _TAIL_CHARS = 80, 200
# A paragraph has a sentence in it.
_PARAGRAPH = r"^.{30,}[。!?;…][”」』\")]*.*$"
_LINE_SCOPES = ("block", "head", "tail", "section", "comments", "stamped", "reaction")
# 393.31亿美元, 78%, 3.2倍
_NUMBER_WITH_UNIT = r"\d[\d,.]*\s*(?:[万亿兆]|[元美港欧日]元|%|个百分点|个基点|倍|万股|亿股)"


def mark_boilerplate(blocks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """marks: one row per span that a card of the rules table claims (header lines, site furniture, credits)."""
    lines = _place_lines(blocks)
    claims = _guard(pl.concat([_claim_lines(lines, lexicon), _claim_spans(lines, lexicon)]))
    return Marks.select(pl.concat([Marks.select(claims), mark_furniture(lines, claims, lexicon)]))


def _place_lines(blocks: pl.DataFrame) -> pl.DataFrame:
    """Return the blocks with char_count, and is_head/is_tail: before the first, after the last paragraph of its document."""
    is_paragraph = pl.col("text").str.contains(_PARAGRAPH)
    position = pl.when(is_paragraph).then(pl.col("block_no"))
    return blocks.with_columns(
        char_count=pl.col("end_char") - pl.col("start_char"),
        is_head=pl.col("block_no") < position.min().over("doc_id").fill_null(pl.len().over("doc_id")),
        is_tail=pl.col("block_no") > position.max().over("doc_id").fill_null(-1),
    )


@functools.lru_cache(maxsize=8)
def _cards(lexicon: Lexicon) -> list[dict]:
    """Return the rule cards with their defaults filled in."""
    cards = lexicon["rules"].with_columns(pl.col("is_guarded").fill_null(True), pl.col("max_chars").fill_null(_MAX_CHARS))
    return cards.to_dicts()


def _alternation(cards: list[dict]) -> str:
    """Return one pattern that matches wherever a card does; group names may not repeat in it."""
    return "|".join(f"(?:{re.sub('[?]P<[a-z]+>', '?:', card['pattern'])})" for card in cards)


def _claim_lines(lines: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return a claim for each line and each card for whole lines that matches it."""
    cards = [card for card in _cards(lexicon) if card["scope"] in _LINE_SCOPES]
    if not cards:
        return _no_claims()
    longest = max(card["max_chars"] for card in cards)
    any_card = _alternation(cards)
    lines = lines.filter(pl.col("char_count") <= longest).filter(pl.col("text").str.contains(any_card))
    claims = []
    for card in cards:
        hits = (pl.col("char_count") <= card["max_chars"]) & pl.col("text").str.contains(card["pattern"])
        if card["scope"] in ("head", "tail"):
            hits &= pl.col(f"is_{card['scope']}")
        claims.append(_claim(lines.filter(hits), card))
    return pl.concat(claims)


def _claim_spans(lines: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return a claim for each part of a line that a span card matches, at the line's beginning or end."""
    cards = [card for card in _cards(lexicon) if card["scope"] == "span"]
    if not cards:
        return _no_claims()
    text = pl.col("text")
    ends = text.str.head(_HEAD_CHARS) + "\n" + text.str.tail(_TAIL_CHARS)
    any_card = f"(?m:{_alternation(cards)})"
    lines = lines.filter(ends.str.contains(any_card))
    spans = {card["rule_id"]: [] for card in cards}
    for line in lines.select("doc_id", "start_char", "text").iter_rows(named=True):
        for card in cards:
            match = re.search(card["pattern"], line["text"])
            if match:
                group = "span" if "span" in match.groupdict() else 0
                start, end = (line["start_char"] + at for at in match.span(group))
                span = {"doc_id": line["doc_id"], "start_char": start, "end_char": end, "text": match.group(group)}
                spans[card["rule_id"]].append(span)
    schema = _no_claims().select("doc_id", "start_char", "end_char", "text").schema
    return pl.concat([_claim(pl.DataFrame(spans[card["rule_id"]], schema=schema), card) for card in cards])


def _claim(spans: pl.DataFrame, card: dict) -> pl.DataFrame:
    """Return marks for the spans, claimed by one card."""
    return spans.select(
        "doc_id", "start_char", "end_char", "text",
        rule_id=pl.lit(card["rule_id"]), scope=pl.lit(card["scope"]), label=pl.lit(card["label"]), score=pl.lit(1.0),
        is_dropping=pl.lit(card["is_dropping"]), is_guarded=pl.lit(card["is_guarded"]), reason=pl.lit(card["reason"]),
    )  # fmt: skip


def _no_claims() -> pl.DataFrame:
    """Return the frame of claims with no rows."""
    return Marks.empty().select(
        "doc_id", "start_char", "end_char", pl.lit("").alias("text"), "rule_id", pl.lit("").alias("scope"), "label", "score", "is_dropping",
        pl.lit(True).alias("is_guarded"), "reason",
    ).clear()  # fmt: skip


def _guard(claims: pl.DataFrame) -> pl.DataFrame:
    """Return the claims; one that would drop a number with a unit by a guarded card only doubts it."""
    is_held = pl.col("is_dropping") & pl.col("is_guarded") & pl.col("text").str.contains(_NUMBER_WITH_UNIT)
    return claims.with_columns(
        is_dropping=pl.col("is_dropping") & ~is_held,
        reason=pl.when(is_held).then(pl.concat_str("reason", pl.lit(" Kept: it holds a number with a unit."))).otherwise("reason"),
    )

