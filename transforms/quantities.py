"""quantities: every numeric expression of the kept text, in exactly one row."""

import functools
import re
from decimal import Decimal

import numpy as np
import polars as pl

from schemas.quantities import Quantities
from transforms.joined_text import JoinedText, find_all
from transforms.lexicon import Lexicon
from transforms.neighbours import negate_bracketed, relate_neighbours
from transforms.number_grammar import HOME_CURRENCY, LOCAL_CURRENCY, Figure, compile_grammar
from transforms.numbered_rows import NumberedRows
from transforms.periods import locate_periods
from transforms.spans import cut_spans
from transforms.unit_contexts import settle_units
from transforms.unit_headings import spread_heading_units

# Stands where a date or period was found, so that no figure is read across it.
_MASK = "\ue000"

# What a surface says, before its context; numbers are exact decimals in writing until the table's edge. `kind` is the number of a
# row of _KIND_SCHEMA.
_READ_SCHEMA = {
    "said": pl.UInt32, "offset": pl.Int64, "length": pl.Int64, "value": pl.String, "low": pl.String, "high": pl.String, "norm": pl.String, "kind": pl.UInt32,
}  # fmt: skip
_KIND_SCHEMA = {
    "class": pl.String, "low_inclusive": pl.Boolean, "high_inclusive": pl.Boolean, "hedge": pl.String, "unit": pl.String, "per": pl.String,
    "direction": pl.String, "rule_id": pl.String, "is_plain": pl.Boolean, "is_governed": pl.Boolean,
}  # fmt: skip

# A surface, the hedges before and behind it, what changes before its 至, and whether a card took it: all that its reading depends on.
_Said = tuple[str, str | None, str | None, str | None, bool]


def find_quantities(documents: pl.DataFrame, reading: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """quantities: numbers with unit and bounds, dates, periods, names and identifiers; periods are located, not yet resolved."""
    joined = JoinedText.of(reading["read_text"])
    dates = locate_periods(reading, joined, lexicon)
    masked = joined.blanked(*dates.select("at", past=pl.col("at") + pl.col("end_char") - pl.col("start_char")).to_numpy().T, _MASK)
    located = pl.concat([find_figures(documents, reading, masked, lexicon), _period_rows(dates)], how="diagonal_relaxed")
    return Quantities.select(located.with_columns(cut_spans(located, documents)))


def find_figures(documents: pl.DataFrame, reading: pl.DataFrame, joined: JoinedText, lexicon: Lexicon) -> pl.DataFrame:
    """Return every numeric expression, without its quote, in the texts of `reading`: `joined`, with dates and periods covered up."""
    found, distinct = _find_surfaces(reading, joined, lexicon)
    figures = _read_surfaces(found, distinct, lexicon)
    figures = relate_neighbours(figures)
    blocks = reading.select("doc_id", "block_no", "start_char", text="read_text")
    figures = settle_units(negate_bracketed(spread_heading_units(figures, blocks, lexicon), blocks), blocks, lexicon)
    figures = _govern(figures, lexicon)
    return _settle_currency(figures, documents, lexicon)


def _find_surfaces(reading: pl.DataFrame, joined: JoinedText, lexicon: Lexicon) -> tuple[pl.DataFrame, list[_Said]]:
    """Return one row per surface with what the words around it say, and the distinct surfaces with their hedges: `said` is the number of one.

    The grammar looks only at the windows around seeds, a tenth of all texts, which it reads as one.
    """
    grammar = compile_grammar(lexicon)
    text = joined.written()
    distinct: dict[_Said, int] = {}
    columns: dict[str, list] = {name: [] for name in _SURFACE_SCHEMA}
    places, numbers, leads, changes, prices = columns.values()
    scan, peel, follow, can_precede, can_follow = grammar.scan.search, grammar.peel, grammar.follow, grammar.can_precede, grammar.can_follow
    done = 0
    for begin, first, sown, last in zip(*(bounds.tolist() for bounds in _windows(joined, *_find_seeds(text, grammar.seed))), strict=True):
        done = max(done, begin)
        at = max(done, first)
        # what holds no seed is no number: nothing is looked for behind the last one
        while at < sown and (match := scan(text, at, last)):
            start, end = match.span()
            near = start - _CONTEXT if start - _CONTEXT > begin else begin
            led = text[near if near > done else done : start]
            hedge, change, moved = peel(led) if led[-1:] in can_precede else _NOTHING
            price = grammar.unit_price(text[near:start]) if text.find("每", near, start) >= 0 else None
            if price:
                end = grammar.end_priced(text, end)
            surface = text[start:end]
            after = follow(text, end) if text[end] in can_follow else None
            said = surface, hedge, after, moved if moved and ("至" in surface or "到" in surface) else None, match.lastgroup is not None
            # one list a column: a tuple a row is one more thing for the garbage collector to walk through
            places.append(start)
            numbers.append(distinct.setdefault(said, len(distinct)))
            leads.append(led)
            changes.append(change)
            prices.append(price)
            at = done = end
    surfaces = pl.DataFrame(columns, schema=_SURFACE_SCHEMA)
    block = joined.text_of(surfaces["start_char"].to_numpy())
    heads = pl.Series([said[0][0] for said in distinct], dtype=pl.String)
    located = surfaces.with_columns(
        reading[block].select("doc_id", "block_no"), start_char=pl.col("start_char") + reading["start_char"][block] - pl.Series(joined.starts)[block],
        surface_head=heads[surfaces["said"]],
    )
    return located, list(distinct)


_SURFACE_SCHEMA = {"start_char": pl.Int64, "said": pl.UInt32, "led": pl.String, "change": pl.String, "unit_price": pl.String}
_NOTHING = None, None, None
# How far a number reaches beyond its digits: 人民币 before it, 个国家和地区 or 亿元/千瓦时出头 after it.
_REACH_BEFORE, _REACH_AFTER, _REACH_LATIN = 6, 20, 120
# More than the longest hedge with its change word and what may stand between; also the reach of 每股 before its amount.
_CONTEXT = 16


def _find_seeds(text: str, seed: str) -> tuple[np.ndarray, np.ndarray]:
    """Return where the seeds begin and end."""
    places, seeds = find_all(text, seed)
    starts = np.array(places, dtype=np.int64)
    return starts, starts + np.array([len(found) for found in seeds], dtype=np.int64)


def _windows(joined: JoinedText, at: np.ndarray, past: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the stretches around seeds, which stand from `at` to `past`, close ones as one: where the text of each begins, where the
    stretch does, where its last seed ends, and where the stretch does.
    """
    number = joined.text_of(at)
    begins = joined.starts[number]
    is_first = np.diff(number, prepend=-1) > 0
    starts, ends = at - _REACH_BEFORE, past + _REACH_AFTER
    covered = np.where(is_first, begins, np.roll(ends, 1))
    # letters before a digit belong to it whole: HGX H200, https://…
    is_latin = joined.is_printed_ascii(np.maximum(starts - 1, 0)) & (starts > covered)
    lowest = np.maximum(covered, at - _REACH_LATIN)
    for seed in np.flatnonzero(is_latin).tolist():
        start = starts[seed]
        while start > lowest[seed] and joined.is_printed_ascii(start - 1):
            start -= 1
        starts[seed] = start
    opens = np.flatnonzero(is_first | (starts > covered))
    closes = np.append(opens, len(starts))[1:] - 1
    return begins[opens], np.maximum(starts, begins)[opens], past[closes], np.minimum(ends, joined.ends[number])[closes]


_DIGITS = re.compile("[0-9]+")
# A longer surface is hardly said twice.
_LONGEST_KEPT = 60


def _read_surfaces(found: pl.DataFrame, distinct: list[_Said], lexicon: Lexicon) -> pl.DataFrame:
    """Return the quantities that the surfaces hold; each distinct one with its hedges is read once, and remembered for later batches."""
    reader = _reader(lexicon)
    rows = [
        (number, *row)
        for number, said in enumerate(distinct)
        for row in (reader.read_again(said) if len(said[0]) <= _LONGEST_KEPT else reader.read(said))
    ]
    read = pl.DataFrame(list(zip(*rows, strict=True)) or None, schema=_READ_SCHEMA)
    read = read.drop("kind").hstack(reader.kinds.frame()[read["kind"]])
    # joined by number: a surface may be a hundred thousand characters long and hold as many rows
    figures = found.join(read, on="said", how="inner", maintain_order="left_right")
    start = pl.col("start_char") + pl.col("offset")
    return figures.with_columns(start_char=start, end_char=start + pl.col("length"))


class _Reader:
    """Reads surfaces as rows of _READ_SCHEMA without `said`.

    kinds: what else the rows have, which most share with many others.
    """

    def __init__(self, lexicon: Lexicon):
        self._grammar = compile_grammar(lexicon)
        self.kinds = NumberedRows(_KIND_SCHEMA)
        self.read_again = functools.lru_cache(maxsize=1 << 17)(self.read)

    def read(self, said: _Said) -> tuple[tuple, ...]:
        """Return what the grammar reads in a surface, with a row of its own for every digit it left out."""
        surface, before, after, moved, is_card = said
        if is_card:
            named = self._grammar.read_card(surface)
            return (self._bare_row(0, len(surface), named[1], named[0], norm=surface if named[1] == "product_name" else None),) if named else ()
        plain = self._grammar.read_plain(surface) if before is None and after is None else None
        if plain:
            # nothing joins or hedges it, and no digits are left over
            figure, value, size = plain
            return (self._row(figure, 0, size, [value], format(value, "f")),)
        rows, at = [], 0
        for figure in self._grammar.read(surface, before, after, moved):
            rows += self._leftovers(surface, at, figure.start)
            ends = (None if end is None else format(end, "f") for end in (figure.value, figure.low, figure.high))
            rows.append(self._row(figure, figure.start, figure.end - figure.start, figure.ends(), *ends))
            at = figure.end
        return (*rows, *self._leftovers(surface, at, len(surface)))

    def _row(self, figure: Figure, offset: int, length: int, ends: list[Decimal], value: str | None, low: str | None = None, high: str | None = None) -> tuple:
        """Return a figure's row; its place and bounds may be others' than its own."""
        kind = (
            _class(figure, ends), None if low is None else figure.low_inclusive, None if high is None else figure.high_inclusive, figure.hedge, figure.unit,
            figure.per, figure.direction, figure.rule_id, figure.is_plain, figure.is_governed,
        )  # fmt: skip
        return offset, length, value, low, high, figure.norm, self.kinds.number_of(kind)

    def _leftovers(self, surface: str, start: int, end: int) -> list[tuple]:
        """Return a row for each run of digits between two figures that nothing could read."""
        return [self._bare_row(run.start(), len(run[0]), "id_noise", "quantities.unclassed") for run in _DIGITS.finditer(surface, start, end)]

    def _bare_row(self, offset: int, length: int, label: str, rule_id: str, norm: str | None = None) -> tuple:
        """Return the row of digits that are no amount."""
        return offset, length, None, None, None, norm, self.kinds.number_of((label, None, None, None, None, None, None, rule_id, None, None))


@functools.lru_cache(maxsize=4)
def _reader(lexicon: Lexicon) -> _Reader:
    return _Reader(lexicon)


def _class(figure: Figure, ends: list[Decimal]) -> str:
    """Return what a figure with these bounds is: a metric, a length of time, the size of a list, or a number nobody could class."""
    if figure.rule_id == "quantities.unclassed":
        return "id_noise"
    if figure.kind == "time":
        return "time_horizon"
    # 三种, 两款 count what follows; 1,200种 may be a figure
    if figure.kind == "classifier" and all(end <= 10 for end in ends):
        return "count_other"
    return "metric"


def _govern(figures: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return figures with the direction of the change word before them, and both readings of 增长了两倍."""
    directions = lexicon["change_words"].select(change="surface", governing="direction")
    figures = figures.join(directions, on="change", how="left", maintain_order="left")
    is_figure = pl.col("class") == "metric"
    is_money = pl.col("unit").str.contains("^[A-Z]{3}$").fill_null(False)
    # the literal reading of 增长了两倍 is three times the base, the translator's two times
    is_ambiguous = is_figure & (pl.col("unit") == "multiple").fill_null(False) & (pl.col("governing") == "up").fill_null(False) & pl.col("value").is_not_null()
    return figures.with_columns(
        direction=pl.when(is_figure).then(pl.coalesce("direction", pl.when(pl.col("is_governed")).then("governing"))),
        per=pl.coalesce("per", pl.when(is_figure & is_money).then(pl.col("unit_price").replace("ten_shares", "share"))),
        is_ambiguous=is_ambiguous,
        alternative_value=pl.when(is_ambiguous).then(pl.col("value").cast(pl.Float64) + 1),
    )


# (人民币.下同), 单位:港元,以下同
_HEREAFTER = "[,.、;·．・ ]{0,2}(?:以)?下(?:皆|均)?同"


def _settle_currency(figures: pl.DataFrame, documents: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return figures with plain 元 turned into the currency of the document."""
    figures = figures.join(find_currency(documents, lexicon), on="doc_id", how="left", maintain_order="left")
    return figures.with_columns(unit=pl.when(pl.col("unit") == LOCAL_CURRENCY).then("currency").otherwise("unit"))


def find_currency(documents: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return doc_id and currency: what plain 元 means there.

    The currency of the document's region, unless it names renminbi more often; without a region CNY, unless it names a
    currency that settles the matter by itself (新台币; 港元 does not: mainland notes give a share price in it). 人民币,下同 settles it
    wherever it is said.
    """
    text = pl.col("text")
    local = lexicon["local_currencies"].to_dicts()
    home_names = next(row["names"] for row in local if row["currency"] == HOME_CURRENCY)
    found = pl.lit(HOME_CURRENCY)
    for row in (row for row in local if row["region"]):
        outnumbered = text.str.count_matches(home_names) > text.str.count_matches(row["names"])
        is_local = (pl.col("region") == row["region"]).fill_null(False)
        if row["settles_alone"]:
            is_local |= text.str.contains(row["names"])
        found = pl.when(is_local & ~outnumbered).then(pl.lit(row["currency"])).otherwise(found)
    for row in local:
        found = pl.when(tells_currency(row["names"])).then(pl.lit(row["currency"])).otherwise(found)
    return documents.select("doc_id", currency=found)


def tells_currency(names: str) -> pl.Expr:
    """Return whether a document's text says that its amounts are in a currency of these names from here on."""
    return pl.col("text").str.contains(f"(?:{names}){_HEREAFTER}")


def _period_rows(dates: pl.DataFrame) -> pl.DataFrame:
    """Return dates, periods and horizons as quantities without value."""
    return dates.select("doc_id", "block_no", "start_char", "end_char", "class", "rule_id", is_ambiguous=pl.lit(False))
