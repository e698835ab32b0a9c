"""Units that a heading states for the figures under it: 单位:亿元, | 营业收入(千元) | 2024年 |."""

import functools
import itertools
import operator
import re
from collections.abc import Iterable
from decimal import Decimal

import polars as pl

from transforms.lexicon import Lexicon

# Unit and factor that a heading gives to plain numbers; the unit is None where it names only a scale: (亿).
_Heading = tuple[str | None, Decimal]
_LABEL_CHARS = 24  # more than the bracket with its colon takes
_LABEL_UNIT = re.compile(r"([(][^()]{1,12}[)]) ?: ?[(]?$")
_UPDATES = {"figure": pl.UInt32, "heading_unit": pl.String, "value": pl.String, "low": pl.String, "high": pl.String}


def spread_heading_units(figures: pl.DataFrame, blocks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return figures with the unit of their table's heading, where they state none themselves.

    The nearest heading counts: right before the figure, of the row, then of the column, then of the table. `blocks` has doc_id,
    block_no, start_char and text.
    """
    pattern = _heading_pattern(lexicon)
    figures = _spread_labels(figures, blocks, pattern, lexicon)
    headed = blocks.filter(pl.col("text").str.contains(r"单位 ?:|^\|.*\(|\t.*\(").any().over("doc_id"))
    plain = figures.with_row_index("figure").filter(pl.col("is_plain").fill_null(False) & pl.col("value").is_not_null())
    places = plain.group_by("doc_id", "block_no", maintain_order=True).agg("figure", "start_char", "value", "low", "high")
    lines = headed.rename({"start_char": "block_start"}).join(places, on=["doc_id", "block_no"], how="left", maintain_order="left")
    rows = lines.select("doc_id", "text", "block_start", "figure", "start_char", "value", "low", "high").iter_rows()
    updates: list[tuple] = []
    for _, document in itertools.groupby(rows, key=operator.itemgetter(0)):
        updates += _read_document(document, pattern, lexicon)
    return _update(figures, updates)


def _spread_labels(figures: pl.DataFrame, blocks: pl.DataFrame, pattern: re.Pattern, lexicon: Lexicon) -> pl.DataFrame:
    """Return figures with the unit in brackets at the end of their label: 營業收入(仟元):2,241,035."""
    labelled = figures.with_row_index("figure").filter(
        pl.col("is_plain").fill_null(False) & pl.col("value").is_not_null() & pl.col("led").str.contains(r"[)] ?: ?[(]?$")
    )
    # a list for each block: its text may be long, and becomes a Python string once
    places = labelled.group_by("doc_id", "block_no", maintain_order=True).agg("figure", "start_char", "value", "low", "high")
    texts = blocks.select("doc_id", "block_no", "text", block_start="start_char")
    updates = []
    for *columns, text, first in places.join(texts, on=["doc_id", "block_no"], maintain_order="left").drop("doc_id", "block_no").iter_rows():
        for figure, start, *values in zip(*columns, strict=True):
            bracket = _LABEL_UNIT.search(text, max(0, start - first - _LABEL_CHARS), start - first)
            stated = _headings(bracket[1], pattern, lexicon) if bracket else []
            if stated:
                unit, factor = stated[0][1]
                updates.append((figure, unit, *(None if value is None else format(Decimal(value) * factor, "f") for value in values)))
    return _update(figures, updates)


def _update(figures: pl.DataFrame, updates: list[tuple]) -> pl.DataFrame:
    """Return figures with units and values of _UPDATES."""
    if not updates:
        return figures
    changed = pl.DataFrame(updates, schema=_UPDATES, orient="row")
    merged = figures.with_row_index("figure").join(changed, on="figure", how="left", maintain_order="left", suffix="_heading")
    return merged.with_columns(
        unit=pl.coalesce("unit", "heading_unit"),
        **{name: pl.coalesce(f"{name}_heading", name) for name in ("value", "low", "high")},
    ).drop("figure", "heading_unit", "value_heading", "low_heading", "high_heading")


def _read_document(lines: Iterable[tuple], pattern: re.Pattern, lexicon: Lexicon) -> list[tuple]:
    """Return the updates for one document, read line by line as its tables run.

    lines: doc_id, text and place of each, then number, place, value and bounds of its figures, a list each.
    """
    updates: list[tuple] = []
    table: _Heading | None = None
    columns: dict[int, _Heading] = {}
    rates = lexicon["number_joins"].filter(pl.col("kind") == "rate")["surface"].to_list()
    for _, text, first, *figures in lines:
        is_row = text.startswith("|") or "\t" in text
        if not is_row and "单位" not in text:
            table, columns = None, {}
            continue
        stated = _headings(text, pattern, lexicon)
        if not is_row:
            table, columns = (stated[-1][1] if stated else None), {}
            continue
        cells = [text[:at].count("|") + text[:at].count("\t") for at, _ in stated]
        row = next((heading for cell, (_, heading) in zip(cells, stated, strict=True) if cell <= 1), None)
        rows = [figure for figure in zip(*figures, strict=True)] if figures[0] is not None else []
        if row and not rows:
            # | 预估值 (单位:千元) | 2025年 | heads the rows under it
            table, row = row, None
        if len(stated) > 1 or (stated and cells[0] > 1):
            columns = dict(zip(cells, (heading for _, heading in stated), strict=True))
        for figure, start, *values in rows:
            at = start - first
            heading = row or columns.get(text[:at].count("|") + text[:at].count("\t")) or table
            # 毛利率 in a table of 亿元 is still a ratio
            is_ratio = heading is table and any(rate in text[:16] for rate in rates)
            if heading and not is_ratio:
                unit, factor = heading
                updates.append((figure, unit, *(None if value is None else format(Decimal(value) * factor, "f") for value in values)))
    return updates


def _headings(text: str, pattern: re.Pattern, lexicon: Lexicon) -> list[tuple[int, _Heading]]:
    """Return the headings in a line with their offsets."""
    units, scales = _unit_codes(lexicon)
    found = []
    for match in pattern.finditer(text):
        factor = Decimal(1)
        for char in match["scale"] or "":
            factor *= scales[char]
        code, unit_factor = units.get(match["unit"], (None, Decimal(1)))
        if match["money"]:
            code = units[match["money"]][0]
        found.append((match.start(), (code, factor * unit_factor)))
    return found


@functools.lru_cache(maxsize=4)
def _unit_codes(lexicon: Lexicon) -> tuple[dict[str, tuple[str, Decimal]], dict[str, Decimal]]:
    """Return unit word -> (code, factor) and scale -> factor."""
    rows = lexicon["units"].filter(~pl.col("is_priced"), ~pl.col("is_prefix") | (pl.col("kind") == "currency")).iter_rows(named=True)
    units, scales = {}, {}
    for row in rows:
        if row["kind"] == "scale":
            scales[row["surface"]] = Decimal(row["factor"])
        elif row["kind"] != "time":
            units.setdefault(row["surface"], (row["unit"], Decimal(row["factor"])))
    return units, scales


@functools.lru_cache(maxsize=4)
def _heading_pattern(lexicon: Lexicon) -> re.Pattern:
    """Return the pattern of 单位:新台币千元 and of (亿元) behind a label."""
    units, _ = _unit_codes(lexicon)
    names = "|".join(re.escape(unit) for unit in sorted(units, key=lambda unit: (-len(unit), unit)))
    money = "|".join(re.escape(unit) for unit, (code, _) in sorted(units.items(), key=lambda item: (-len(item[0]), item[0])) if re.fullmatch("[A-Z]{3}", code))
    body = rf"(?:(?P<money>{money}) ?)?(?P<scale>[十百千仟万亿兆]{{0,2}})(?P<unit>{names})?"
    # a heading says at least a scale or a unit, and its bracket closes at once
    return re.compile(rf"(?:[(] ?(?:单位 ?[::]? ?)?|单位 ?[::]? ?)(?=[^)|\t ]){body}(?=[)|\t ,。;/]|$)")
