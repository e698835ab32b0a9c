"""documents: what a text says about itself, and how much of it was kept."""

import re
from datetime import datetime

import polars as pl

from transforms.lexicon import Lexicon

_FIELDS = ("title", "publisher", "author", "url", "published_at")
_ELSEWHERE = ("furniture.before_title", "furniture.links", "furniture.comments")
# 2024年5月23日 下午 3:15, 2024-05-23T10:23:17
_TIMESTAMP = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:\D*?(上午|下午|中午|凌晨|晚上)?\s*(\d{1,2})\s*[:时点]\s*(\d{1,2})(?:\s*[:分]\s*(\d{1,2}))?\s*([AaPp][Mm])?)?"
)


def describe_documents(documents: pl.DataFrame, blocks: pl.DataFrame, marks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """documents: title, publisher, author, url and published_at filled from header lines where the reader gave none."""
    found = _find_fields(blocks, marks, lexicon)
    documents = documents.join(found, on="doc_id", how="left", maintain_order="left")
    filled = [pl.coalesce(name, f"found_{name}").alias(name) for name in _FIELDS]
    return documents.with_columns(filled).drop(f"found_{name}" for name in _FIELDS)


def _find_fields(blocks: pl.DataFrame, marks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return one row per document with found_title, found_publisher…: of each the first that its header lines give."""
    cards = lexicon["rules"].filter(pl.col("field").is_not_null()).select("rule_id", "field", "pattern")
    cards = pl.concat([cards, pl.DataFrame({"rule_id": ["marks.title"], "field": ["title"], "pattern": [r"^(?:#{1,6}\s+)?(?P<value>.+)$"]})])
    # on a browser's title line the card knows where the headline ends
    # the date of a link or a comment is not the article's
    elsewhere = marks.filter(pl.col("rule_id").is_in(_ELSEWHERE)).select("doc_id", "start_char")
    lines = marks.join(elsewhere, on=["doc_id", "start_char"], how="anti")
    lines = lines.sort("doc_id", "start_char", pl.col("rule_id") == "marks.title").join(cards, on="rule_id", maintain_order="left")
    lines = lines.join(blocks, on=["doc_id", "start_char"], how="inner", maintain_order="left")
    rows = [
        {"doc_id": line["doc_id"], "field": line["field"], "value": match["value"].strip()}
        for line in lines.iter_rows(named=True)
        if (match := re.search(line["pattern"], line["text"])) and match["value"]
    ]
    values = pl.DataFrame(rows, schema={"doc_id": pl.String, "field": pl.String, "value": pl.String})
    first = [pl.col("value").filter(pl.col("field") == name).first().alias(f"found_{name}") for name in _FIELDS]
    found = values.group_by("doc_id", maintain_order=True).agg(first)
    return found.with_columns(pl.col("found_published_at").map_elements(_parse_timestamp, return_dtype=pl.Datetime("us")))


def _parse_timestamp(text: str) -> datetime | None:
    """Return the date and time that a header line states; None where the calendar has no such day."""
    match = _TIMESTAMP.search(text)
    if match is None:
        return None
    year, month, day, part, hour, minute, second, meridiem = match.groups()
    hour, is_afternoon = int(hour or 0), part in ("下午", "晚上") or (meridiem or "").lower() == "pm"
    hour += 12 if is_afternoon and hour < 12 else 0
    try:
        return datetime(int(year), int(month), int(day), hour, int(minute or 0), int(second or 0))
    except ValueError:
        return None


def measure_documents(documents: pl.DataFrame, blocks: pl.DataFrame, lexicon: Lexicon, batch_id: str) -> pl.DataFrame:
    """documents: with kept_share, lineage and the corpus-wide links still empty."""
    size = pl.col("text").str.len_chars()
    shares = blocks.group_by("doc_id").agg(kept_share=(size * pl.col("is_kept")).sum() / size.sum())
    return documents.join(shares, on="doc_id", how="left").with_columns(
        kept_share=pl.col("kept_share").fill_null(0.0),
        duplicate_of=pl.lit(None, pl.String),
        superseded_by=pl.lit(None, pl.String),
        rules_version=pl.lit(lexicon.rules_version),
        batch_id=pl.lit(batch_id),
    )
