"""The cleaned text of documents, for people who want only that."""

import json

import polars as pl

FORMATS = ("text", "markdown", "jsonl")


def render_clean(blocks: pl.DataFrame, format: str = "text") -> dict[str, str]:
    """Return doc_id -> the kept blocks of each document, as plain text, as Markdown, or as one JSON line per block.

    text: a paragraph a line. markdown: title and headings marked, quotes and comments quoted. jsonl: doc_id, block_no,
    start_char, end_char, kind and text of kept blocks. `text` is Simplified and half-width, as in the blocks table.
    """
    if format not in FORMATS:
        raise ValueError(f"clean: format {format!r} is none of {', '.join(FORMATS)}")
    kept = blocks.filter("is_kept").sort("doc_id", "block_no")
    if format == "jsonl":
        names = ["doc_id", "block_no", "start_char", "end_char", "kind", "text"]
        lines = [(row["doc_id"], json.dumps(row, ensure_ascii=False)) for row in kept.select(names).iter_rows(named=True)]
    else:
        prefix = {"title": "# ", "heading": "## ", "quote": "> ", "social_comment": "> "} if format == "markdown" else {}
        lines = [(doc_id, prefix.get(kind, "") + text) for doc_id, kind, text in kept.select("doc_id", "kind", "text").iter_rows()]
    joined = pl.DataFrame(lines, schema={"doc_id": pl.String, "line": pl.String}, orient="row")
    break_ = "\n\n" if format == "markdown" else "\n"
    return dict(joined.group_by("doc_id", maintain_order=True).agg(pl.col("line").str.join(break_) + "\n").iter_rows())
