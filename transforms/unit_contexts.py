"""Units that only the words around a figure tell: 100度电 is energy, 气温40度 heat, 53度白酒 neither."""

import re

import polars as pl

from transforms.lexicon import Lexicon

# What the cards call the unit of 双位数.
_DIGITS = "digits"
# What a clause may say of its unit; longer ones are read in part.
_REACH = 16
_CLAUSE_END = re.compile(r"[,。;!?\n]")


def settle_units(figures: pl.DataFrame, blocks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return figures with the unit that their clause gives to an ambiguous one (table unit_contexts); others keep theirs.

    `blocks` has doc_id, block_no, start_char and text.
    """
    cards = lexicon["unit_contexts"].sort("unit", "rank")
    # 1.5万度/年 is settled as 1.5万度; 双位数 has no unit of its own
    is_vague = pl.col("unit").is_null() & (pl.col("rule_id") == "quantities.vague")
    base = pl.when(is_vague).then(pl.lit(_DIGITS)).otherwise(pl.col("unit").str.extract("^(.*?)(?:_per_|$)"))
    per = pl.col("unit").str.extract("(_per_.*)$").fill_null("")
    unsettled = figures.with_row_index("figure").with_columns(base=base).filter(pl.col("base").is_in(cards["unit"].unique().to_list()))
    if unsettled.is_empty():
        return figures
    # a list for each block: its text may be long, and becomes a Python string once
    places = unsettled.group_by("doc_id", "block_no", maintain_order=True).agg("figure", "unit", "base", "start_char", "end_char")
    texts = blocks.select("doc_id", "block_no", "text", block_start="start_char")
    placed = places.join(texts, on=["doc_id", "block_no"], maintain_order="left")
    clauses = [
        [_clause(text, start - first, end - first) for start, end in zip(starts, ends, strict=True)]
        for starts, ends, text, first in placed.select("start_char", "end_char", "text", "block_start").iter_rows()
    ]
    said = placed.select("figure", "unit", "base", clause=pl.Series(clauses, dtype=pl.List(pl.String))).explode("figure", "unit", "base", "clause")
    settled = pl.lit(None, dtype=pl.String)
    for unit, becomes, pattern in cards.select("unit", "becomes", "pattern").reverse().iter_rows():
        settled = pl.when((pl.col("base") == unit) & pl.col("clause").str.contains(pattern)).then(becomes + per).otherwise(settled)
    settlements = said.select("figure", settled_unit=settled)
    joined = figures.with_row_index("figure").join(settlements, on="figure", how="left", maintain_order="left")
    return joined.with_columns(unit=pl.coalesce("settled_unit", "unit")).drop("figure", "settled_unit")


def _clause(text: str, start: int, end: int) -> str:
    """Return what stands around a figure in its clause, the figure in brackets: 家庭每月用电⟨300度⟩."""
    before = _CLAUSE_END.split(text[max(0, start - _REACH) : start])[-1]
    after = _CLAUSE_END.split(text[end : end + _REACH], maxsplit=1)[0]
    return f"{before}⟨{text[start:end]}⟩{after}"
