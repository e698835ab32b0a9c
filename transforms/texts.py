"""The cleaned text of documents: what belongs, with its repairs, and where each paragraph came from."""

import polars as pl

from transforms.script import simplify


def write_texts(documents: pl.DataFrame, blocks: pl.DataFrame, repairs: pl.DataFrame, is_simplified: bool = True) -> pl.DataFrame:
    """paragraphs: doc_id, block_no, kind, start_char, end_char and the repaired `text` of each kept block, in reading order.

    Here a correction may be longer than what it replaces: the offsets are those of the raw text.
    """
    kept = blocks.filter("is_kept").sort("doc_id", "block_no")
    fixes: dict[str, list[tuple[int, int, str]]] = {}
    for row in repairs.filter("is_applied").sort("doc_id", "start_char", "end_char").iter_rows(named=True):
        fixes.setdefault(row["doc_id"], []).append((row["start_char"], row["end_char"], row["correction"]))
    raw = dict(documents.select("doc_id", "raw_text").iter_rows())
    texts = [
        _repair(raw[doc_id], start, end, fixes.get(doc_id, []))
        for doc_id, start, end in kept.select("doc_id", "start_char", "end_char").iter_rows()
    ]  # fmt: skip
    text = simplify(pl.col("text")) if is_simplified else pl.col("text")
    return kept.select("doc_id", "block_no", "kind", "start_char", "end_char").with_columns(text=pl.Series(texts, dtype=pl.String)).with_columns(text)


def _repair(raw_text: str, start: int, end: int, fixes: list[tuple[int, int, str]]) -> str:
    """Return raw_text[start:end] with the corrections that lie in it; of two that overlap the first counts."""
    pieces, at = [], start
    for first, last, correction in fixes:
        if at <= first and last <= end:
            pieces += [raw_text[at:first], correction]
            at = last
    return "".join([*pieces, raw_text[at:end]])
