"""documents: what a text says about itself, and how much of it was kept."""

import re
from datetime import datetime

import polars as pl

from transforms.lexicon import Lexicon
from transforms.numbers import read_numeral

_FIELDS = ("title", "publisher", "author", "url", "published_at")
_ELSEWHERE = ("furniture.before_title", "furniture.links", "furniture.comments")
# 2024年5月23日 下午 3:15, 2024-05-23T10:23:17
_TIMESTAMP = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:\D*?(上午|下午|中午|凌晨|晚上)?\s*(\d{1,2})\s*[:时点]\s*(\d{1,2})(?:\s*[:分]\s*(\d{1,2}))?\s*([AaPp][Mm])?)?"
)
# 26/03/2025 as Hong Kong, Singapore and Malaysia set it, the day first; 12 August 2024; Aug 12, 2024 8:30 pm
_CLOCK = r"(?:\D{0,6}?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?: ?(?P<half>[AaPp])\.?[Mm])?)?"
_DAY_FIRST = re.compile(rf"(?P<day>\d{{1,2}})[/.](?P<month>\d{{1,2}})[/.](?P<year>\d{{4}}){_CLOCK}")
_ENGLISH_DAYS = (
    re.compile(rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?P<month>[A-Za-z]{{3}})[a-z]*\.?,? ?(?P<year>\d{{4}}){_CLOCK}"),
    re.compile(rf"(?P<month>[A-Za-z]{{3}})[a-z]*\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?, ?(?P<year>\d{{4}}){_CLOCK}"),
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

# (2025年3月14日) or (中央社台北2025年3月14日电) before the first sentence, 【本报讯】2025年7月24日 as a line; (2025-08-01 20:15) alone on the last line
_DAY = r"(?P<value>20\d{2} ?[-/.年] ?\d{1,2} ?[-/.月] ?\d{1,2} ?日?(?: ?\d{1,2}:\d{2})?)"
_OPENING_DAY = re.compile(rf"^[(\[【]?[^,。;:()\d]{{0,20}}?{_DAY} ?(?:专?电|讯|报道|报导|消息|综合)?[)\]】]")
_REPORTER_DAY = re.compile(rf"^[^,。;:]{{2,30}}(?:报道|报导|摄影|编译|外电|综合|记者 ?[\u4e00-\u9fff]{{2,4}}|专讯|专电) ?[/|]? ?{_DAY}(?: ?\d{{1,2}}:\d{{2}})?$")
_CLOSING_DAY = re.compile(rf"^(?:[【\[][^】\]]{{2,12}}[】\]])? ?[(\[【]?(?:刊登|发布|发稿|见报)?(?:日期|时间)?:?{_DAY}[)\]】]?$")
# 香港,二零二五年八月二十六日: the day under an announcement, in hanzi
_SIGNED_DAY = re.compile(r"^(?:[\u4e00-\u9fff]{2,6}[,、 ] ?)?([一二][〇零○一二三四五六七八九]{3})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日$")
_HEAD_BLOCKS, _TAIL_BLOCKS = 4, 2


def describe_documents(documents: pl.DataFrame, blocks: pl.DataFrame, marks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """documents: title, publisher, author, url and published_at filled from header lines where the reader gave none."""
    found = _find_fields(blocks, marks, lexicon)
    documents = documents.join(found, on="doc_id", how="left", maintain_order="left")
    documents = documents.join(_find_days(blocks), on="doc_id", how="left", maintain_order="left")
    documents = documents.with_columns(found_published_at=pl.coalesce("found_published_at", "told_at")).drop("told_at")
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


def _find_days(blocks: pl.DataFrame) -> pl.DataFrame:
    """Return doc_id and told_at: the day that an agency or a paper writes into its first lines, or under its last."""
    kept = blocks.sort("doc_id", "start_char").select("doc_id", text=pl.col("text").str.strip_chars())
    ends = pl.concat([kept.group_by("doc_id", maintain_order=True).head(_HEAD_BLOCKS), kept.group_by("doc_id", maintain_order=True).tail(_TAIL_BLOCKS)])
    rows = [
        {"doc_id": doc_id, "told_at": _parse_timestamp(match["value"])}
        for doc_id, text in ends.filter(pl.col("text").str.contains(r"20\d{2} ?[-/.年]")).iter_rows()
        for pattern in (_OPENING_DAY, _REPORTER_DAY, _CLOSING_DAY)
        if (match := pattern.search(text))
    ]
    signed = ends.filter(pl.col("text").str.contains(_SIGNED_DAY.pattern)).unique(maintain_order=True)
    rows += [{"doc_id": doc_id, "told_at": _parse_signed(text)} for doc_id, text in signed.iter_rows()]
    return pl.DataFrame(rows, schema={"doc_id": pl.String, "told_at": pl.Datetime("us")}).drop_nulls().unique("doc_id", keep="first", maintain_order=True)


def _parse_signed(text: str) -> datetime | None:
    """Return the day that stands in hanzi under an announcement; None where the calendar has no such day."""
    return _parse_timestamp("-".join(str(read_numeral(part)) for part in _SIGNED_DAY.search(text).groups()))


def _parse_timestamp(text: str) -> datetime | None:
    """Return the date and time that a header line states; None where the calendar has no such day."""
    match = _TIMESTAMP.search(text)
    if match is None:
        return _parse_foreign(text)
    year, month, day, part, hour, minute, second, meridiem = match.groups()
    hour, is_afternoon = int(hour or 0), part in ("下午", "晚上") or (meridiem or "").lower() == "pm"
    hour += 12 if is_afternoon and hour < 12 else 0
    try:
        return datetime(int(year), int(month), int(day), hour, int(minute or 0), int(second or 0))
    except ValueError:
        return None


def _parse_foreign(text: str) -> datetime | None:
    """Return the date and time that a header line states in the way of English sites; where no calendar has the day first, the month is."""
    match = next(filter(None, (pattern.search(text) for pattern in (_DAY_FIRST, *_ENGLISH_DAYS))), None)
    if match is None:
        return None
    day, month = match["day"], match["month"].lower()
    month = str(_MONTHS.index(month) + 1) if month in _MONTHS else month
    if not month.isdigit():
        return None
    day, month = (month, day) if int(month) > len(_MONTHS) else (day, month)
    clock = f" {match['hour']}:{match['minute']} {match['half'] or ''}{'m' if match['half'] else ''}" if match["hour"] else ""
    return _parse_timestamp(f"{match['year']}-{month}-{day}{clock}")


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
