"""repairs: characters that are wrong in the raw text, with their correction."""

import polars as pl

from schemas.blocks import Repairs
from transforms.damaged_characters import Edit, find_doublings, find_spellings, find_strays
from transforms.damaged_names import find_damaged_names, latin_names
from transforms.kept_text import KeptText
from transforms.lexicon import Lexicon
from transforms.script import simplify
from transforms.spans import cut_spans

_EDIT_COLUMNS = {
    "doc_id": pl.String, "start_char": pl.Int64, "end_char": pl.Int64, "correction": pl.String, "kind": pl.String,
    "rule_id": pl.String, "is_applied": pl.Boolean, "confidence": pl.Float64,
}  # fmt: skip


# An edit that is less sure is listed, not applied.
_APPLIED = 0.8


def find_repairs(documents: pl.DataFrame, blocks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """repairs: script, OCR, spelling, stray and doubled characters of the kept blocks."""
    found = pl.concat([_script_repairs(documents, blocks), _character_repairs(documents, blocks, lexicon)])
    return Repairs.select(found.with_columns(cut_spans(found, documents)))


def apply_repairs(blocks: pl.DataFrame, repairs: pl.DataFrame) -> pl.DataFrame:
    """blocks that are kept, with `read_text`: text with applied corrections put in, still of the same length.

    A correction that is shorter is padded with blanks (a stray ? becomes a blank); one that is longer cannot stand in
    place and is left to find_mentions, which reads it from the repairs themselves.
    """
    kept = blocks.filter("is_kept")
    edits = _edits(kept, repairs)
    texts = [
        _edit(text, edits.get((doc_id, block_no), []))
        for doc_id, block_no, text in kept.select("doc_id", "block_no", "text").iter_rows()
    ]
    return kept.with_columns(read_text=pl.Series(texts, dtype=pl.String))


def _edits(blocks: pl.DataFrame, repairs: pl.DataFrame) -> dict[tuple[str, int], list[tuple[int, str]]]:
    """Return (doc_id, block_no) -> the corrections that can stand in place, each with its offset in the block."""
    size = pl.col("end_char") - pl.col("start_char")
    fitting = repairs.filter("is_applied", pl.col("correction").str.len_chars() <= size)
    placed = _in_blocks(fitting, blocks).sort("doc_id", "start_char", "kind").select(
        "doc_id", "block_no", pl.col("start_char") - pl.col("block_start"),
        simplify(pl.col("correction")).str.pad_end(size),
    )  # fmt: skip
    edits: dict[tuple[str, int], list[tuple[int, str]]] = {}
    for doc_id, block_no, offset, correction in placed.iter_rows():
        edits.setdefault((doc_id, block_no), []).append((offset, correction))
    return edits


def _edit(text: str, edits: list[tuple[int, str]]) -> str:
    """Return `text` with each correction written over what stands at its offset."""
    for offset, correction in edits:
        text = text[:offset] + correction + text[offset + len(correction) :]
    return text


def _script_repairs(documents: pl.DataFrame, blocks: pl.DataFrame) -> pl.DataFrame:
    """Return a row per wrongly converted character in kept blocks; applied where the whole document is misconverted."""
    found = documents.select("doc_id", "is_misconverted", "misconversions").explode("misconversions").drop_nulls("misconversions")
    found = found.unnest("misconversions").with_columns(end_char=pl.col("start_char") + 1)
    wrong = _in_blocks(found, blocks.filter("is_kept")).filter(pl.col("is_evidence") | pl.col("is_misconverted"))
    return wrong.select(
        "doc_id", "start_char", "end_char", "correction", kind=pl.lit("script"),
        rule_id=pl.lit("misconversion.find_misconversions"), is_applied=pl.col("is_misconverted"),
        confidence=pl.when(pl.col("is_misconverted")).then(0.98).otherwise(0.6),
    )  # fmt: skip


def _character_repairs(documents: pl.DataFrame, blocks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return a row per damaged name, stray mark, doubled character and misspelling of the kept blocks."""
    kept = KeptText(documents, blocks)
    edits = [
        *find_damaged_names(kept, lexicon),
        *find_strays(kept, latin_names(lexicon), lexicon),
        *find_doublings(kept, lexicon),
        *find_spellings(kept, lexicon),
    ]
    rows = []
    for start, end, correction, kind, rule_id, confidence in _disjoint(edits):
        if place := kept.locate(start, end):
            rows.append((place.doc_id, place.start_char, place.end_char, correction, kind, rule_id, confidence >= _APPLIED, confidence))
    return pl.DataFrame(rows, schema=_EDIT_COLUMNS, orient="row")


def _disjoint(edits: list[Edit]) -> list[Edit]:
    """Return the edits without those that overlap a surer one."""
    taken: set[int] = set()
    chosen = []
    for edit in sorted(edits, key=lambda edit: (-edit[5], edit)):
        span = range(edit[0], edit[1])
        if taken.isdisjoint(span):
            taken.update(span)
            chosen.append(edit)
    return chosen


def _in_blocks(spans: pl.DataFrame, blocks: pl.DataFrame) -> pl.DataFrame:
    """Return the spans that lie within one block, with its block_no and block_start."""
    places = blocks.select("doc_id", "block_no", block_start="start_char", block_end="end_char")
    return spans.sort("doc_id", "start_char").join_asof(
        places.sort("doc_id", "block_start"), left_on="start_char", right_on="block_start", by="doc_id", check_sortedness=False
    ).filter(pl.col("end_char") <= pl.col("block_end"))  # fmt: skip
