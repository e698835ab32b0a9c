"""The lines that the splice detector judges, with what surrounds them in the document and in the raw text."""

import polars as pl

from transforms.repetitions import REPEATED

# A line of these kinds is no line of the article's text: it is not judged, and what it says is left out of the centre.
_HEADER_LABELS = ("title", "dateline", "byline", "url")
# These end an article more often than they interrupt it: what follows them is under suspicion.
_MARKER_LABELS = ("source", "editor_credit", "site_boilerplate", "copyright", "disclaimer")
_NEVER = 1000
_COPY_CHARS = 12
_SURE = 0.95  # score of a site's line that leaves no doubt, wherever it stands
_LONGEST_TITLE = 40  # an opening line up to this length stands in for a missing title


def read_lines(documents: pl.DataFrame, blocks: pl.DataFrame, marks: pl.DataFrame, few: int = 1) -> tuple[pl.DataFrame, pl.Series]:
    """Return the lines to be judged, sorted and with their surroundings, and the title of each of their documents.

    lines: columns of blocks, plus doc (0, 1, … in order of doc_id), raw, indent, blank_lines, and how many lines that
    the cards claim stand directly before and after, and anywhere before and after. Documents with fewer than `few`
    lines are left out, and so are lines printed again (a headline too): copies would share with each other what they share with
    nothing else.
    """
    lines = _surround(_locate_raw(documents, claim_blocks(blocks, marks)))
    repeated = marks.filter(pl.col("rule_id") == REPEATED).select("doc_id", "start_char")
    lines = lines.filter(~pl.col("is_claimed") & ~_is_copy()).join(repeated, on=["doc_id", "start_char"], how="anti", maintain_order="left")
    lines = lines.filter(pl.len().over("doc_id") >= few)
    titles = read_titles(documents, blocks.join(lines, on="doc_id", how="semi")).with_row_index("doc")
    lines = lines.join(titles.select("doc", "doc_id"), on="doc_id", maintain_order="left")
    return lines.with_columns(pl.col("doc").cast(pl.Int64)), titles["title"]


def _is_copy() -> pl.Expr:
    """Return whether an earlier line of the document has the same words; short ones say too little to matter."""
    return (pl.col("text").str.len_chars() >= _COPY_CHARS) & ~pl.struct("doc_id", "text").is_first_distinct()


def read_titles(documents: pl.DataFrame, blocks: pl.DataFrame) -> pl.DataFrame:
    """Return doc_id and title of each document of the blocks, by doc_id; a short first block stands in for a missing one."""
    openings = blocks.sort("doc_id", "block_no").group_by("doc_id", maintain_order=True).agg(opening=pl.col("text").first())
    titles = openings.join(documents.select("doc_id", "title"), on="doc_id", how="left", maintain_order="left")
    is_short = pl.col("opening").str.len_chars() <= _LONGEST_TITLE
    return titles.select("doc_id", title=pl.coalesce("title", pl.when(is_short).then("opening"), pl.lit("")))


def claim_blocks(blocks: pl.DataFrame, marks: pl.DataFrame) -> pl.DataFrame:
    """blocks: sorted, with whether marks claim most of a block (is_claimed), and whether as a marker line (is_marker)."""
    is_header = pl.col("label").is_in(_HEADER_LABELS)
    claiming = marks.filter((pl.col("is_dropping") | is_header) & ~_is_unsure()).select(
        "doc_id", mark_label="label", mark_start="start_char", mark_end="end_char"
    )
    overlap = pl.min_horizontal("end_char", "mark_end") - pl.max_horizontal("start_char", "mark_start")
    claimed = (
        blocks.select("doc_id", "block_no", "start_char", "end_char")
        .join(claiming, on="doc_id")
        .filter(overlap * 2 >= pl.col("end_char") - pl.col("start_char"))
        .group_by("doc_id", "block_no")
        .agg(is_marker=pl.col("mark_label").is_in(_MARKER_LABELS).any())
        .with_columns(is_claimed=pl.lit(True))
    )
    found = blocks.sort("doc_id", "block_no").join(claimed, on=["doc_id", "block_no"], how="left", maintain_order="left")
    return found.with_columns(pl.col("is_claimed", "is_marker").fill_null(False))


def _is_unsure() -> pl.Expr:
    """Return whether a mark drops a line for its wording and place alone, and not for sure: a headline that other foreign lines follow may be told so.

    It goes in any case, and its neighbours are judged with it beside them.
    """
    return (pl.col("rule_id") == "furniture.site_line") & (pl.col("score") < _SURE)


def _locate_raw(documents: pl.DataFrame, blocks: pl.DataFrame) -> pl.DataFrame:
    """Return blocks with their raw slice, their indentation, and the blank lines before them.

    After a break that is itself markup (<br>, a backslash and n) nothing tells how a page would indent: null.
    """
    texts = dict(zip(documents["doc_id"].to_list(), documents["raw_text"].to_list(), strict=True))
    raw, indent, blank_lines = [], [], []
    current, text, before = None, "", 0
    for doc_id, start, end in zip(*(blocks[name].to_list() for name in ("doc_id", "start_char", "end_char")), strict=True):
        if doc_id != current:
            current, text, before = doc_id, texts[doc_id], 0
        gap = text[before:start]
        raw.append(text[start:end])
        if gap == "\n":
            indent.append(0)
            blank_lines.append(0)
        else:
            lead = gap[gap.rfind("\n") + 1 :]
            indent.append(len(lead) if not lead.strip() else None)
            blank_lines.append(max(gap.count("\n") - 1, 0))
        before = end
    return blocks.with_columns(
        raw=pl.Series(raw, dtype=pl.String), indent=pl.Series(indent, dtype=pl.Int64), blank_lines=pl.Series(blank_lines, dtype=pl.Int64)
    )


def _surround(blocks: pl.DataFrame) -> pl.DataFrame:
    """Return blocks with the number of marker lines around them."""
    marker = pl.col("is_marker").cast(pl.Int64)
    before = marker.cum_sum() - marker
    judged_before = (~pl.col("is_claimed")).cast(pl.Int64).cum_sum() - (~pl.col("is_claimed")).cast(pl.Int64)
    blocks = blocks.with_columns(
        marks_before=before.over("doc_id"),
        marks_after=(marker.sum() - before - marker).over("doc_id"),
        judged_before=judged_before.over("doc_id"),
    )
    at_mark = pl.when("is_marker").then("judged_before")
    judged = ~pl.col("is_claimed")
    blocks = blocks.with_columns(
        since_mark=(pl.col("judged_before") - at_mark.forward_fill().over("doc_id")).fill_null(_NEVER),
        # markers in the gap before this line: those seen so far less those seen at the judged line before it
        marks_just_before=pl.col("marks_before") - pl.when(judged).then("marks_before").forward_fill().shift(1, fill_value=0).over("doc_id"),
        marks_just_after=pl.col("marks_after") - pl.when(judged).then("marks_after").backward_fill().shift(-1, fill_value=0).over("doc_id"),
    )
    return blocks.drop("judged_before")
