"""marks: what the rule cards say about spans of a document."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from schemas.blocks import Marks
from transforms.aliases import known_names
from transforms.card_needs import Edges, Need, lay_out_edges, read_need
from transforms.furniture import mark_furniture
from transforms.lexicon import Lexicon

# Longest line that a card claims unless it says otherwise: furniture is short, a paragraph that matches is an accident.
_MAX_CHARS, _ANY_LENGTH = 120, 1 << 62
# How much of the beginning and the end of a paragraph span cards look at.
_HEAD_CHARS, _TAIL_CHARS = 80, 200
# A paragraph has a sentence in it, that ends after so many characters.
_SENTENCE_CHARS = 30
_TITLE_CHARS = 80
_LINE_SCOPES = ("block", "head", "tail", "edge", "section", "comments", "stamped", "reaction", "inset", "answer", "title")
# What a claim takes from its card.
_OF_CARD = ("rule_id", "scope", "label", "is_dropping", "is_guarded", "names_companies", "reason")
# From so many times on a line that ends in a colon is a label and no heading, and addresses are what a text is about.
_REPEATED = 3
# 393.31亿美元, 0.21港元, 78%, 3.2倍
_NUMBER_WITH_UNIT = r"\d[\d,.]*\s*(?:[万亿兆]|[美港欧日]?元|%|个百分点|个基点|倍|股)"
_NAMED = {"number": "a number with a unit", "speaker": "a speaker", "company": "a company"}


def mark_boilerplate(blocks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """marks: one row per span that a card of the rules table claims (header lines, site furniture, credits)."""
    lines, claims = claim_lines(blocks, lexicon)
    return Marks.select(pl.concat([Marks.select(claims), mark_furniture(lines, claims, lexicon)]))


def claim_lines(blocks: pl.DataFrame, lexicon: Lexicon) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the blocks as lines of a page, with char_count, is_head and is_tail, and what the cards claim of them."""
    lines = _place_lines(blocks)
    likely = dict(_find_likely(lines, lexicon))
    return lines, _guard(pl.concat([_claim_lines(lines, likely, lexicon), _claim_spans(lines, likely, lexicon)]), lexicon)


def _place_lines(blocks: pl.DataFrame) -> pl.DataFrame:
    """Return the blocks with char_count, and is_head/is_tail: before the first, after the last paragraph of its document."""
    blocks = blocks.with_columns(char_count=pl.col("end_char") - pl.col("start_char"))
    long_part = pl.when(pl.col("char_count") > _SENTENCE_CHARS).then(pl.col("text").str.slice(_SENTENCE_CHARS))
    # 三季度增收不增利!这家公司的毛利率为什么降了这么多,账上的钱又去哪儿了?: a first line that asks or cries is a title, the day stands below it
    is_title = (pl.col("block_no") == pl.col("block_no").min().over("doc_id")) & (pl.col("char_count") <= _TITLE_CHARS) & ~pl.col("text").str.contains("[。;]")
    position = pl.when(long_part.str.contains(r"[。!?;…]") & ~is_title).then(pl.col("block_no"))
    return blocks.with_columns(
        is_head=pl.col("block_no") < position.min().over("doc_id").fill_null(pl.len().over("doc_id")),
        is_tail=pl.col("block_no") > position.max().over("doc_id").fill_null(-1),
    )


@functools.lru_cache(maxsize=8)
def _cards(lexicon: Lexicon) -> list[dict]:
    """Return the rule cards with their defaults filled in."""
    cards = lexicon["rules"].with_columns(
        pl.col("is_guarded").fill_null(True), pl.col("names_companies").fill_null(False), pl.col("max_chars").fill_null(_MAX_CHARS)
    )
    return cards.to_dicts()


def _alternation(cards: list[dict]) -> str:
    """Return one pattern that matches wherever a card does, and in a few more places (.{0,40} becomes .*)."""
    loose = (re.sub(r"\{\d+,\d*\}[?]?", "*", re.sub("[?]P<[a-z]+>", "?:", card["pattern"])) for card in cards)
    return "|".join(f"(?:{pattern})" for pattern in loose)


@dataclass(frozen=True, eq=False)
class _Told:
    """The cards, and how the lines that may have one are found.

    cards, needs: one entry per card; its place is its number.
    columns: what a claim takes from its card, by number.
    words: whatever words the cards need; by_word: which cards need each of them; wordless: numbers of cards that need none.
    longest: the longest line that each card claims.
    openings, closings: which cards a line may match by its first, by its last character.
    """

    cards: list[dict]
    needs: list[Need]
    columns: pl.DataFrame
    words: list[str]
    by_word: pl.DataFrame
    wordless: list[int]
    longest: np.ndarray
    openings: Edges
    closings: Edges


@functools.lru_cache(maxsize=8)
def _told_cards(lexicon: Lexicon) -> _Told:
    """Return the cards with what they need."""
    cards = [card for card in _cards(lexicon) if card["scope"] in (*_LINE_SCOPES, "span")]
    needs = [read_need(card["pattern"]) for card in cards]
    by_word = pl.DataFrame([(word, number) for number, need in enumerate(needs) for word in sorted(need.words)], schema={"word": pl.String, "card": pl.Int64}, orient="row")
    columns = pl.DataFrame([{name: card[name] for name in _OF_CARD} for card in cards], schema=_no_claims().select(_OF_CARD).schema)
    return _Told(
        cards, needs, columns.with_columns(card=pl.int_range(pl.len(), dtype=pl.Int64)),
        by_word["word"].unique().sort().to_list(), by_word, [number for number, need in enumerate(needs) if not need.words],
        np.array([_ANY_LENGTH if card["scope"] == "span" else card["max_chars"] for card in cards]),
        lay_out_edges([need.opening for need in needs]), lay_out_edges([need.closing for need in needs]),
    )  # fmt: skip


def _claim_lines(lines: pl.DataFrame, likely: dict[int, np.ndarray], lexicon: Lexicon) -> pl.DataFrame:
    """Return a claim for each line and each card for whole lines that matches it. No card sees a line longer than it claims."""
    told, texts = _told_cards(lexicon), lines["text"].to_list()
    found = [
        (number, row) for number, rows in likely.items() if told.cards[number]["scope"] != "span"
        for row in _match(texts, rows.tolist(), told.cards[number], told.needs[number])
    ]  # fmt: skip
    hits = pl.DataFrame(found, schema={"card": pl.Int64, "row": pl.Int64}, orient="row")
    claims = lines[hits["row"]].with_columns(hits["card"], score=pl.lit(1.0)).join(told.columns, on="card", maintain_order="left")
    scope, is_head, is_tail = pl.col("scope"), pl.col("is_head"), pl.col("is_tail")
    # 网友回复: before each post of a thread tells who writes; it opens no section that would end the article
    is_label = pl.col("text").str.contains(r":\s*$") & (pl.len().over("card", "doc_id", "text") >= _REPEATED)
    claims = claims.filter(
        pl.when(scope == "head").then(is_head).when(scope == "tail").then(is_tail)
        .when(scope == "edge").then((is_head | is_tail) & (pl.col("text").n_unique().over("card", "doc_id") < _REPEATED))
        .when(scope == "comments").then(~is_label).otherwise(True)
    )  # fmt: skip
    return claims.select(_no_claims().columns)


def _find_likely(lines: pl.DataFrame, lexicon: Lexicon) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the number of each card that may match any line, and the rows of the lines that have what it needs."""
    told, text, count = _told_cards(lexicon), lines["text"], lines.height
    if not count or not told.cards:
        return
    found = text.str.extract_many(pl.lit(pl.Series([told.words], dtype=pl.List(pl.String))), ascii_case_insensitive=True, overlapping=True)
    hits = found.list.len().to_numpy()
    words = pl.DataFrame({"row": np.repeat(np.arange(count), hits), "word": found.filter(hits > 0).explode().str.to_lowercase()})
    pairs = words.join(told.by_word, on="word")
    row = np.concatenate([pairs["row"].to_numpy(), np.tile(np.arange(count), len(told.wordless))])
    card = np.concatenate([pairs["card"].to_numpy(), np.repeat(np.array(told.wordless, np.int64), count)])
    fits = lines["char_count"].to_numpy()[row] <= told.longest[card]
    for edges, characters in ((told.openings, text.str.head(1)), (told.closings, text.str.tail(1))):
        fits &= edges.table[edges.find(characters)[row], card]
    likely = pl.Series(card[fits] * count + row[fits]).unique().sort().to_numpy()
    card, row = np.divmod(likely, count)
    bounds = np.flatnonzero(np.diff(card, prepend=-1, append=len(told.cards)))
    for start, end in pairwise(bounds.tolist()):
        yield int(card[start]), row[start:end]


def _match(texts: list[str], rows: list[int], card: dict, need: Need) -> list[int]:
    """Return those of the rows whose text a card matches.

    Python looks at the beginnings. To build an automaton takes polars as long as hundreds of lines take Python: only where a line that
    begins rightly could keep Python busy, polars builds one.
    """
    begins = need.begins.search
    rows = [row for row in rows if begins(texts[row])]
    if need.is_whole or not rows:
        return rows
    matches = pl.Series([texts[row] for row in rows]).str.contains(card["pattern"])
    return [row for row, is_match in zip(rows, matches, strict=True) if is_match]


@functools.lru_cache(maxsize=8)
def _span_pattern(lexicon: Lexicon) -> str:
    """Return the pattern that finds the lines that a span card may match."""
    return f"(?m:{_alternation([card for card in _cards(lexicon) if card['scope'] == 'span'])})"


def _claim_spans(lines: pl.DataFrame, likely: dict[int, np.ndarray], lexicon: Lexicon) -> pl.DataFrame:
    """Return a claim for each part of a line that a span card matches, at the line's beginning or end."""
    cards = [card for card in _cards(lexicon) if card["scope"] == "span"]
    rows = [rows for number, rows in likely.items() if _told_cards(lexicon).cards[number]["scope"] == "span"]
    if not rows:
        return _no_claims()
    lines = lines[np.unique(np.concatenate(rows))]
    text = pl.col("text")
    ends = text.str.head(_HEAD_CHARS) + "\n" + text.str.tail(_TAIL_CHARS)
    lines = lines.filter(ends.str.contains(_span_pattern(lexicon)))
    spans: dict[str, list[dict]] = {}
    for line in lines.select("doc_id", "start_char", "text").iter_rows(named=True):
        for card in cards:
            match = re.search(card["pattern"], line["text"])
            if match:
                group = "span" if "span" in match.groupdict() else 0
                start, end = (line["start_char"] + at for at in match.span(group))
                span = {"doc_id": line["doc_id"], "start_char": start, "end_char": end, "text": match.group(group)}
                spans.setdefault(card["rule_id"], []).append(span)
    schema = _no_claims().select("doc_id", "start_char", "end_char", "text").schema
    found = [_claim(pl.DataFrame(spans[card["rule_id"]], schema=schema), card) for card in cards if card["rule_id"] in spans]
    return pl.concat([_no_claims(), *found])


def _claim(spans: pl.DataFrame, card: dict) -> pl.DataFrame:
    """Return marks for the spans, claimed by one card."""
    return spans.select(
        "doc_id", "start_char", "end_char", "text", score=pl.lit(1.0), **{name: pl.lit(card[name]) for name in _OF_CARD}
    ).select(_no_claims().columns)


def _no_claims() -> pl.DataFrame:
    """Return the frame of claims with no rows."""
    return Marks.empty().select(
        "doc_id", "start_char", "end_char", pl.lit("").alias("text"), "rule_id", pl.lit("").alias("scope"), "label", "score", "is_dropping",
        pl.lit(True).alias("is_guarded"), pl.lit(False).alias("names_companies"), "reason",
    ).clear()  # fmt: skip


def _guard(claims: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return the claims; a guarded card only doubts a line with a number and unit, a speaker label or a company name."""
    at_risk = claims.filter("is_dropping", "is_guarded")
    if at_risk.is_empty():
        return claims
    held = at_risk.with_columns(holds=_holds(lexicon)).filter(pl.col("holds").is_not_null() & ~(pl.col("names_companies") & (pl.col("holds") == "company")))
    held = held.with_columns(pl.col("holds").replace_strict(_NAMED))
    key = ["doc_id", "start_char", "end_char", "rule_id"]
    claims = claims.join(held.select(*key, "holds"), on=key, how="left", maintain_order="left")
    reason = pl.when(pl.col("holds").is_not_null()).then(pl.concat_str("reason", pl.lit(" Kept: it names "), "holds", pl.lit(".")))
    return claims.with_columns(
        is_dropping=pl.col("is_dropping") & pl.col("holds").is_null(), reason=pl.coalesce(reason, "reason")
    ).drop("holds")


def note_holdings(marks: pl.DataFrame, blocks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """marks: with what each dropped span holds that is worth a second look, whichever rule dropped it.

    Guarded cards only doubt such lines. Lists of links, comments and foreign paragraphs name companies and figures of
    their own: they go, and `holds` says so.
    """
    dropping = marks.filter("is_dropping")
    if dropping.is_empty():
        return marks
    holders = blocks.select("doc_id", "text", block_start="start_char", block_end="end_char").sort("doc_id", "block_start")
    spans = dropping.select(*Marks.key()).sort("doc_id", "start_char").join_asof(
        holders, left_on="start_char", right_on="block_start", by="doc_id", strategy="backward", check_sortedness=False
    )
    text = pl.col("text").str.slice(pl.col("start_char") - pl.col("block_start"), pl.col("end_char") - pl.col("start_char"))
    spans = spans.filter(pl.col("start_char") < pl.col("block_end")).with_columns(text=text).select(*Marks.key(), holds=_holds(lexicon))
    return Marks.select(marks.drop("holds").join(spans, on=Marks.key(), how="left", maintain_order="left"))


def _holds(lexicon: Lexicon) -> pl.Expr:
    """Return what a text holds: a number with a unit, the label of a speaker or the name of a company."""
    text = pl.col("text")
    companies, people = guarded_names(lexicon)
    return (
        pl.when(text.str.contains(_NUMBER_WITH_UNIT)).then(pl.lit("number"))
        .when(text.str.extract(r"^([^:]{1,20}):").is_in(people.implode())).then(pl.lit("speaker"))
        .when(text.str.contains_any(companies)).then(pl.lit("company"))
    )  # fmt: skip


@functools.lru_cache(maxsize=8)
def guarded_names(lexicon: Lexicon) -> tuple[list[str], pl.Series]:
    """Return the unambiguous names of companies, and the names of people as they stand in speaker labels."""
    names = known_names(lexicon)
    companies = names.filter(pl.col("type") == "company", ~pl.col("is_ambiguous"), pl.col("alias").str.len_chars() >= 3)
    return companies["alias"].to_list(), names.filter(pl.col("type") == "person")["alias"]
