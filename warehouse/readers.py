"""Reads sources: places become planned inputs, planned inputs become decoded texts.

For HTML `raw_text` is the main text that trafilatura extracts (or the visible text where it finds none), one paragraph
a line: it is that text, not the markup, whose code points the spans of every table count.
"""

import copy
import functools
import hashlib
import io
import json
import re
from collections.abc import Collection, Iterable, Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from datetime import datetime

import lxml.html
import polars as pl
import trafilatura
import trafilatura.settings

from schemas.documents import Inputs
from schemas.runs import RejectedDocuments
from warehouse.decoding import Unreadable, decode, describe_defect
from warehouse.places import LARGEST_TEXT, TABLE_FORMATS, Rejection, is_text, read_bytes, source_format, unpack

# Names that a table file may give its columns, the first that is there wins.
_COLUMNS = {
    "text": ("text", "raw_text", "content", "body", "article", "正文", "内容", "內容"),
    "id": ("id", "doc_id", "uid"),
    "title": ("title", "headline", "标题", "標題"),
    "publisher": ("publisher", "source", "sitename", "site", "media", "来源", "來源"),
    "author": ("author", "byline", "作者"),
    "url": ("url", "link", "链接", "網址"),
    "published_at": ("published_at", "publish_time", "pub_time", "datetime", "date", "time", "发布时间", "發佈時間"),
}  # fmt: skip
_TIME = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]*(\d{1,2}):(\d{2})(?::(\d{2}))?)?")


@dataclass(frozen=True)
class Source:
    """A file, or a range of rows of a table file, whose bytes are known but not decoded yet."""

    path: str
    bytes_hash: str
    byte_count: int
    rows: tuple[int, int] | None = None
    text_column: str | None = None
    copies: tuple[str, ...] = ()  # other files with the same bytes


@dataclass(frozen=True)
class Reading:
    """What was read: inputs (schemas.Inputs), places as (source_path, bytes_hash, doc_id), and rejections."""

    inputs: pl.DataFrame
    places: tuple[tuple[str, str, str], ...]
    rejected: tuple[Rejection, ...]


def find_sources(path: str, target_bytes: int, text_column: str | None = None) -> list[Source]:
    """Return what a file contributes: itself, or ranges of its rows worth `target_bytes` each. Raises Unreadable."""
    content = read_bytes(path)
    bytes_hash = hashlib.sha256(content).hexdigest()
    if source_format(path) not in TABLE_FORMATS:
        return [Source(path, bytes_hash, len(content))]
    sizes = _read_table(path, bytes_hash, text_column)["text"].str.len_bytes().fill_null(0).to_list()
    return [
        Source(path, bytes_hash, sum(sizes[start:stop]), (start, stop), text_column)
        for start, stop in _slice_rows(sizes, target_bytes)
    ]  # fmt: skip


def find_rows(path: str, names: Collection[str], text_column: str | None = None) -> list[Source]:
    """Return the rows of a table file that have these source paths, each a source of its own. Raises Unreadable."""
    sources = find_sources(path, 1, text_column)
    named = _read_table(path, sources[0].bytes_hash, text_column).select("row", "id").rows() if sources else []
    wanted = {row for row, own_id in named if _name_row(path, row, own_id) in names}
    return [source for source in sources if wanted & set(range(*source.rows))]


def read_sources(sources: Iterable[Source]) -> Reading:
    """Return the distinct texts in the order given, every place that held one, and what could not be read."""
    rows, places, rejected = {}, [], []
    for source in sources:
        try:
            for row in _read_source(source):
                if isinstance(row, Rejection):
                    rejected.append(row)
                else:
                    places += [(path, source.bytes_hash, row["doc_id"]) for path in (row["source_path"], *source.copies)]
                    rows.setdefault(row["doc_id"], row)
        except Unreadable as error:
            rejected += [Rejection(path, source.bytes_hash, "decode", error.check, str(error)) for path in (source.path, *source.copies)]
        except (Exception, pl.exceptions.PanicException) as error:  # noqa: BLE001 - whatever a library did not expect costs this source and no other
            check, reason = describe_defect(error)
            rejected += [Rejection(path, source.bytes_hash, "decode", check, reason) for path in (source.path, *source.copies)]
    return Reading(Inputs.frame(list(rows.values())), tuple(places), tuple(rejected))


def describe_rejections(rejected: Iterable[Rejection], rules_version: str, batch_id: str, rejected_at: datetime) -> pl.DataFrame:
    """rejected_documents: one row per rejection."""
    return RejectedDocuments.frame([
        {**vars(rejection), "rules_version": rules_version, "batch_id": batch_id, "rejected_at": rejected_at} for rejection in rejected
    ])  # fmt: skip


def _read_source(source: Source) -> Iterator[dict | Rejection]:
    """Yield the rows of Inputs (or rejections) of one source."""
    path = source.path
    kind = source_format(path) or "txt"
    if kind in TABLE_FORMATS:
        yield from _read_rows(source, kind)
        return
    content = read_bytes(path)
    row = {"doc_id": hashlib.sha256(content).hexdigest()[:16], "source_path": source.path, "byte_count": len(content), "source_format": kind}
    if kind == "html":
        yield row | _read_html(unpack(path, content))
    else:
        text, encoding = decode(unpack(path, content))
        yield row | {"raw_text": text, "encoding": encoding}


def _read_rows(source: Source, kind: str) -> Iterator[dict | Rejection]:
    """Yield one row of Inputs per row of a table file, or why it has none."""
    table = _read_table(source.path, source.bytes_hash, source.text_column)
    for row in table.slice(source.rows[0], source.rows[1] - source.rows[0]).iter_rows(named=True):
        name = _name_row(source.path, row["row"], row["id"])
        text = row["text"] or ""
        if row["problem"] or not text.strip():
            reason = row["problem"] or "The row has no text. Drop it, or name another column with --text-column."
            yield Rejection(name, source.bytes_hash, "decode", "broken_row" if row["problem"] else "empty_row", reason)
            continue
        content = text.encode()
        if len(content) > LARGEST_TEXT:
            yield Rejection(name, source.bytes_hash, "decode", "too_large", f"The row's text has more than {LARGEST_TEXT // 1_000_000} MB: hardly one article. Split it, or leave it out.")
            continue
        yield {
            "doc_id": hashlib.sha256(content).hexdigest()[:16], "source_path": name, "byte_count": len(content), "encoding": "utf-8",
            "source_format": kind, "raw_text": text, "published_at": _parse_time(row["published_at"]),
            **{field: row[field] or None for field in ("title", "publisher", "author", "url")},
        }  # fmt: skip


def _name_row(path: str, row: int, own_id: str | None) -> str:
    """Return the source path of a row of a table file: by its own id where it has one, else by its number."""
    return f"{path}#{own_id or row}"


@functools.lru_cache(maxsize=1)
def _read_table(path: str, bytes_hash: str, text_column: str | None) -> pl.DataFrame:
    """Return `row` (counted from 0), the fields of _COLUMNS and `problem`; the last file stays in memory for its next rows."""
    content, kind = unpack(path, read_bytes(path)), source_format(path)
    try:
        if kind == "jsonl":
            frame = _read_json_lines(decode(content)[0], text_column)
        elif kind == "csv":
            frame = pl.read_csv(io.BytesIO(decode(content)[0].encode()), infer_schema=False)
        else:
            frame = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise Unreadable("broken_table", f"The {kind} file cannot be read: {str(error).splitlines()[0]}. Check it with another tool.") from error
    names = {field: next((name for name in candidates if name in frame.columns), None) for field, candidates in _COLUMNS.items()}
    names["text"] = text_column or names["text"]
    if names["text"] not in frame.columns:
        raise Unreadable("no_text_column", f"No column holds the text; there are {', '.join(frame.columns[:12])}. Name it with --text-column.")
    names["problem"] = "problem" if kind == "jsonl" else None
    columns = [(pl.lit(None) if name is None else pl.col(name)).cast(pl.String, strict=False).alias(field) for field, name in names.items()]
    return frame.select(columns).with_row_index("row")


def _read_json_lines(text: str, text_column: str | None) -> pl.DataFrame:
    """Return one row per non-blank line with every field as text; a line that is no object has a `problem` and costs only itself."""
    wanted = {name for names in _COLUMNS.values() for name in names} | {text_column}
    rows = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            row = {"problem": f"Line {number} is not JSON ({error}). Correct the line."}
        if not isinstance(row, dict):
            row = {"problem": f"Line {number} is not a JSON object. Write one object a line."}
        fields = {name: str(value) for name, value in row.items() if value is not None and name in wanted | {"problem"}}
        if not all(map(is_text, fields.values())):
            fields = {"problem": f"Line {number} has half of a surrogate pair (\\ud800) and is no text. Write the whole character."}
        rows.append(fields)
    return pl.DataFrame(rows, schema=dict.fromkeys(sorted({name for row in rows for name in row} | {"problem"}), pl.String))


def _slice_rows(sizes: list[int], target_bytes: int) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of runs of rows that reach `target_bytes`."""
    start, size = 0, 0
    for at, row_size in enumerate(sizes):
        size += row_size
        if size >= target_bytes:
            yield start, at + 1
            start, size = at + 1, 0
    if start < len(sizes):
        yield start, len(sizes)


def _read_html(content: bytes) -> dict:
    """Return raw_text, encoding and what the page says about itself."""
    page, encoding = decode(content, _declared_encoding(content))
    found = trafilatura.bare_extraction(page, with_metadata=True, include_comments=False, deduplicate=False, config=_extraction_config())
    text = (found.text if found else None) or _visible_text(page)
    if not text.strip():
        raise Unreadable("empty_file", "The page shows no text: it is filled in by a script, or nested hundreds of elements deep. Save it as a browser shows it.")
    row = {"raw_text": text, "encoding": encoding}
    if found:
        row |= {"title": found.title, "author": found.author, "publisher": found.sitename, "url": found.url, "published_at": _parse_time(found.date)}
    return row


@functools.cache
def _extraction_config() -> ConfigParser:
    """Return trafilatura's settings for Chinese, which says in 80 characters what takes English 250: shorter texts are not doubted."""
    config = copy.deepcopy(trafilatura.settings.use_config())
    config["DEFAULT"]["MIN_EXTRACTED_SIZE"] = "80"
    return config


def _declared_encoding(content: bytes) -> str | None:
    """Return the charset that the page's head claims."""
    match = re.search(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_-]+)""", content[:4096])
    return match[1].decode("ascii").lower() if match else None


def _visible_text(page: str) -> str:
    """Return what a reader of the page would see, one element a line: for pages without a main text."""
    try:
        tree = lxml.html.fromstring(page.encode(), parser=lxml.html.HTMLParser(encoding="utf-8"))
    except (lxml.etree.ParserError, ValueError):
        return ""
    shown = tree.xpath("//text()[not(ancestor::script or ancestor::style or ancestor::noscript or ancestor::template or ancestor::head)]")
    lines = (re.sub(r"\s+", " ", line).strip() for line in shown)
    return "\n".join(line for line in lines if line)


def _parse_time(text: str | None) -> datetime | None:
    """Return the wall time that `text` tells, whatever zone it names: the publisher's local time is what anchors 今年."""
    match = _TIME.search(text or "")
    if not match:
        return None
    try:
        return datetime(*(int(part or 0) for part in match.groups()))
    except ValueError:
        return None
