"""quantities: every numeric expression of the kept text, in exactly one row."""

import functools
import re
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from schemas.quantities import Quantities
from transforms.lexicon import Lexicon
from transforms.numbers import HANZI_NUMERALS, SCALES, read_arabic, read_hanzi, step_of
from transforms.periods import find_periods

# Marks the ends of a match inside a text while its pieces are counted; a control character that no article carries.
_CUT = "\x1e"
# Stands where a date or period was found, so that no figure is read across it.
_MASK = "\ue000"
# ISO 4217 for "no currency": plain 元 until the document says whose.
_LOCAL_CURRENCY = "XXX"


def find_quantities(documents: pl.DataFrame, reading: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """quantities: numbers with unit and bounds, dates, periods, names and identifiers; periods are located, not yet resolved."""
    dates = find_periods(reading, lexicon)
    found = _find_expressions(_mask_periods(reading, dates), lexicon)
    figures = _read_expressions(found, lexicon)
    figures = _settle_currency(figures, documents)
    located = pl.concat([figures, _period_rows(dates)], how="diagonal")
    return Quantities.select(_quote(located, documents, reading))


def _mask_periods(reading: pl.DataFrame, dates: pl.DataFrame) -> pl.DataFrame:
    """Return doc_id, block_no, start_char and `text`: read_text with dates and periods covered up, length unchanged."""
    spans = dates.group_by("doc_id", "block_no", maintain_order=True).agg("start_char", "end_char")
    blocks = reading.select("doc_id", "block_no", "start_char", text="read_text").join(
        spans.rename({"start_char": "starts", "end_char": "ends"}), on=["doc_id", "block_no"], how="left", maintain_order="left"
    )
    texts = [
        text if starts is None else _cover(text, [start - first for start in starts], [end - first for end in ends])
        for text, first, starts, ends in blocks.select("text", "start_char", "starts", "ends").iter_rows()
    ]
    return blocks.select("doc_id", "block_no", "start_char", text=pl.Series(texts, dtype=pl.String).str.replace_all(_CUT, " ", literal=True))


def _cover(text: str, starts: list[int], ends: list[int]) -> str:
    """Return `text` with each span replaced by as many mask characters."""
    pieces, at = [], 0
    for start, end in zip(starts, ends, strict=True):
        pieces += [text[at:start], _MASK * (end - start)]
        at = end
    return "".join([*pieces, text[at:]])


def _find_expressions(blocks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return one row per match of the grammar: doc_id, block_no, start_char, surface, and the text before and after it.

    The matches are cut out in one pass and located by adding up the lengths of the pieces, because polars' own
    positions count bytes.
    """
    grammar = _grammar(lexicon)
    pieces = blocks.with_columns(piece=pl.col("text").str.replace_all(grammar.scan, f"{_CUT}${{0}}{_CUT}").str.split(_CUT)).drop("text")
    pieces = pieces.filter(pl.col("piece").list.len() > 1).with_row_index("row")
    pieces = pieces.explode("piece").with_columns(length=pl.col("piece").str.len_chars().cast(pl.Int64))
    pieces = pieces.with_columns(
        start_char=pl.col("start_char") + pl.col("length").cum_sum().over("row") - pl.col("length"),
        number=pl.int_range(pl.len()).over("row"),
        before=pl.col("piece").shift(1).str.tail(24),
        after=pl.col("piece").shift(-1).str.head(8),
    )
    found = pieces.filter(pl.col("number") % 2 == 1)
    clause = pl.col("before").str.extract(r"([^,。;!?]*)$", 1)
    return found.select(
        "doc_id", "block_no", "start_char", surface="piece",
        hedge_before=clause.str.extract(grammar.hedge_before, 1),
        hedge_after=pl.col("after").str.extract(grammar.hedge_after, 1),
        change=clause.str.extract(grammar.change_reach, 1).str.extract_all(grammar.change).list.last(),
    )  # fmt: skip


def _read_expressions(found: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return the quantities that the matches hold; each distinct surface with its hedges is read once."""
    key = ["surface", "hedge_before", "hedge_after"]
    distinct = found.select(key).unique(maintain_order=True)
    grammar = _grammar(lexicon)
    rows = [
        {"index": index, **row}
        for index, (surface, before, after) in enumerate(distinct.iter_rows())
        for row in grammar.read(surface, before, after)
    ]
    read = pl.DataFrame(rows, schema={"index": pl.UInt32} | _READ_SCHEMA, infer_schema_length=None)
    read = distinct.with_row_index("index").join(read, on="index", how="inner", maintain_order="left").drop("index")
    figures = found.join(read, on=key, how="inner", nulls_equal=True, maintain_order="left")
    directions = lexicon["change_words"].select(change="surface", governed="direction")
    return figures.join(directions, on="change", how="left", maintain_order="left").with_columns(
        start_char=pl.col("start_char") + pl.col("offset"),
        end_char=pl.col("start_char") + pl.col("offset") + pl.col("length"),
        direction=pl.coalesce("direction", pl.when(pl.col("is_governed")).then("governed")),
    )


_READ_SCHEMA = {
    "offset": pl.Int64, "length": pl.Int64, "class": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64,
    "low_inclusive": pl.Boolean, "high_inclusive": pl.Boolean, "hedge": pl.String, "unit": pl.String, "per": pl.String,
    "direction": pl.String, "is_governed": pl.Boolean, "is_ambiguous": pl.Boolean, "alternative_value": pl.Float64,
    "norm": pl.String, "rule_id": pl.String,
}  # fmt: skip


def _settle_currency(figures: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    """Return figures with plain 元 turned into the currency of the document: what it names, else of its region, else CNY."""
    text = pl.col("text")
    currency = documents.select(
        "doc_id",
        currency=pl.when(text.str.contains("新台币|台币") | ((pl.col("region") == "tw").fill_null(False) & ~text.str.contains("人民币")))
        .then(pl.lit("TWD")).otherwise(pl.lit("CNY")),
    )  # fmt: skip
    return figures.join(currency, on="doc_id", how="left", maintain_order="left").with_columns(
        unit=pl.when(pl.col("unit") == _LOCAL_CURRENCY).then("currency").otherwise("unit")
    )


def _period_rows(dates: pl.DataFrame) -> pl.DataFrame:
    """Return dates, periods and horizons as quantities without value."""
    return dates.select("doc_id", "block_no", "start_char", "end_char", "class", "rule_id", is_ambiguous=pl.lit(False))


def _quote(located: pl.DataFrame, documents: pl.DataFrame, reading: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the raw characters of their span, cut from the block's raw text."""
    raw = documents.select("doc_id", "raw_text")
    blocks = reading.select("doc_id", "block_no", pl.col("start_char").alias("block_start"), "end_char").join(raw, on="doc_id", maintain_order="left")
    blocks = blocks.select("doc_id", "block_no", "block_start", raw=_slices(blocks))
    rows = located.join(blocks, on=["doc_id", "block_no"], how="left", maintain_order="left")
    quotes = [raw[start - first : end - first] for raw, first, start, end in rows.select("raw", "block_start", "start_char", "end_char").iter_rows()]
    return rows.with_columns(quote=pl.Series(quotes, dtype=pl.String))


def _slices(blocks: pl.DataFrame) -> pl.Series:
    """Return the raw text of each block; Python slices by code point in constant time where polars would count from the start."""
    return pl.Series([raw[start:end] for raw, start, end in blocks.select("raw_text", "block_start", "end_char").iter_rows()], dtype=pl.String)


@dataclass(frozen=True)
class _Hedge:
    """A row of the hedges table, with its band as exact numbers."""

    hedge: str
    measure: str
    low: Decimal | None
    high: Decimal | None
    low_inclusive: bool
    high_inclusive: bool
    is_point: bool


@dataclass(frozen=True)
class _Figure:
    """One number as read: where it stands in the surface, and what it says."""

    start: int
    end: int
    value: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None
    low_inclusive: bool = True
    high_inclusive: bool = True
    hedge: str | None = None
    unit: str | None = None
    kind: str | None = None
    scale: Decimal = Decimal(1)
    per: str | None = None
    direction: str | None = None
    is_hanzi: bool = False
    is_bare: bool = False
    is_governed: bool = True

    def bounds(self) -> tuple[Decimal, Decimal]:
        """Return the ends that a range over this figure takes from it."""
        low = self.low if self.low is not None else self.value
        high = self.high if self.high is not None else self.value
        return low, high


class _Grammar:
    """The lexicon compiled: one Rust regex that finds, one Python regex that reads, and the tables behind them."""

    def __init__(self, lexicon: Lexicon):
        units = lexicon["units"].filter(pl.col("kind") != "scale")
        self.units = {(row["surface"], row["is_prefix"]): row for row in units.iter_rows(named=True)}
        self.factors = {row["surface"]: Decimal(row["factor"]) for row in lexicon["units"].filter(pl.col("kind") == "scale").iter_rows(named=True)}
        self.per = dict(lexicon["denominators"].select("surface", "per").iter_rows())
        self.vague = {row["surface"]: row for row in lexicon["vague_numerals"].iter_rows(named=True)}
        self.hedges = {(row["position"], row["surface"]): _hedge(row) for row in lexicon["hedges"].iter_rows(named=True)}
        cards = lexicon["number_cards"].sort("rank", "rule_id")
        self.cards = [(row["rule_id"], row["label"], re.compile(row["pattern"].replace(_RUST_EDGE, _PYTHON_EDGE))) for row in cards.iter_rows(named=True)]
        self.scan = self._scan(lexicon, cards)
        self.item = re.compile(self._item().replace(_RUST_EDGE, _PYTHON_EDGE))
        before = _alternatives([word for position, word in self.hedges if position == "before"])
        self.hedge_before = rf"(?:^|[^最])({before})(?:为|有|是|了|达|达到|在|合|于|只有|达成|实现)?[ (]?$"
        self.hedge_after = rf"^ ?({_alternatives(['上下浮', *(word for position, word in self.hedges if position == 'after')])})"
        self.change = _alternatives(lexicon["change_words"]["surface"].to_list())
        self.change_reach = r"([^、:]*)$"

    def _pieces(self) -> dict[str, str]:
        """Return the parts that the finding and the reading pattern share."""
        scale = rf"(?: ?(?:[{''.join(SCALES)}]+|[kKM]{_RUST_EDGE}))"
        suffix = [w for (p, w) in self.hedges if p == "after" and self._in_span(w)]
        return {
            "arabic": r"(?:\d{1,3}(?:,\d{3})+(?-u:\b)(?:\.\d+)?|\d+(?:\.\d+)?)",
            "hanzi": f"[{HANZI_NUMERALS}几数]",
            "scale": scale,
            "inside": _alternatives([word for position, word in self.hedges if position == "inside"]),
            "unit": _alternatives([surface for surface, is_prefix in self.units if not is_prefix]),
            "prefix": _alternatives([surface for surface, is_prefix in self.units if is_prefix]),
            "per": rf"(?: ?/ ?(?:{_alternatives(self.per)}))",
            "suffix": _alternatives(suffix),
            "vague": _alternatives(self.vague),
        }

    def _in_span(self, word: str) -> bool:
        """Return whether a hedge after the number belongs to the span."""
        return not self.hedges["after", word].is_point

    def _scan(self, lexicon: Lexicon, cards: pl.DataFrame) -> str:
        """Return the Rust pattern that finds candidates; the reading decides what they are."""
        p = self._pieces()
        tail = rf"(?:(?:{p['inside']}){p['scale']}?)?(?: ?(?:{p['unit']}))?{p['per']}?(?:{p['suffix']})?"
        arabic = rf"[+\-−±]?(?:(?:{p['prefix']}) ?)?[+\-−]?{p['arabic']}{p['scale']}*{tail}"
        hanzi = (
            rf"(?:百分之(?:{p['hanzi']}+(?:点{p['hanzi']}+)?|{p['arabic']})|{p['hanzi']}+分之{p['hanzi']}+|[一1]半|过半|近半|半数|(?:{p['vague']})"
            rf"|{p['hanzi']}+(?:点{p['hanzi']}+)?(?:{p['inside']})?{p['scale']}*(?: ?(?:{p['unit']})){p['per']}?(?:{p['suffix']})?"
            rf"|{p['hanzi']}{p['hanzi']}+(?:点{p['hanzi']}+)?(?:{p['inside']})?)"
        )
        item = rf"(?:(?:{p['hanzi']}+{_RANGE})?{hanzi}|{arabic})"
        join = rf"(?:{_RANGE}|{_LIST}|{_ENUMERATION})"
        early = "|".join(cards.filter(pl.col("rank") < 100)["pattern"])
        late = "|".join(cards.filter(pl.col("rank") >= 100)["pattern"])
        labelled = rf"[A-Za-z]+ ?[+\-−]?{p['arabic']}(?:[%倍元]|{p['scale']})(?: ?(?:{p['unit']}))?(?:{join}{item})*"
        return rf"{early}|{item}(?:{join}{item})*|{labelled}|{late}"

    def _item(self) -> str:
        """Return the Python pattern of one number with its scale, unit and denominator."""
        p = self._pieces()
        hanzi = p["hanzi"]
        # 兆 is 10^12, but mega before a physical unit: 100兆瓦
        mega = r"(?!兆(?:瓦|赫|伏|帕|字节|比特))"
        scale = rf"(?: ?(?:(?:{mega}[{''.join(SCALES)}])+|[kKM]{_RUST_EDGE}))"
        # 6-7亿 is a range and -7亿 a loss: a sign stands first, or after a word that joins
        sign = r"(?:^|(?<=[A-Za-z ~～/、至到和与及或]))"
        return (
            rf"(?P<sign>{sign}[+\-−±](?=[\d¥$€£A-Z人]))?(?:(?P<prefix>{p['prefix']}) ?(?=[\d+\-−{HANZI_NUMERALS}])(?P<sign2>[+\-−](?=\d))?)?"
            rf"(?:百分之(?P<hundredths>{hanzi}+(?:点{hanzi}+)?|{p['arabic']})|(?P<below>{hanzi}+)分之(?P<above>{hanzi}+)"
            rf"|(?P<half>[一1]半|半数|半(?!年|天|小时|个))|(?P<vague>{p['vague']})"
            rf"|(?P<arabic>{p['arabic']})|(?P<hanzi>(?:{mega}{hanzi})+(?:点{hanzi}+)?))"
            rf"(?P<scale>{scale}*)(?:(?P<inside>{p['inside']})(?P<scale2>{scale}?))?"
            rf"(?: ?(?P<unit>{p['unit']}))?(?:(?<=成)(?P<tenth>[一二三四五六七八九1-9]))?(?:(?P<per> ?/ ?(?:{_alternatives(self.per)})))?(?P<suffix>{p['suffix']})?"
        )

    def read(self, surface: str, before: str | None, after: str | None) -> list[dict]:
        """Return the quantities of one surface, with hedges from the words around it."""
        for rule_id, label, pattern in self.cards:
            if pattern.fullmatch(surface):
                return [_card_row(surface, label, rule_id)]
        figures = self._combine(surface, self._figures(surface))
        if not figures:
            return []
        hedge = self.hedges.get(("before", before))
        if hedge:
            figures[0] = _apply(figures[0], hedge)
        hedge = self.hedges.get(("after", after))
        if hedge and figures[-1].hedge is None:
            figures[-1] = _apply(figures[-1], hedge)
        return [_figure_row(figure) for figure in figures]

    def _figures(self, surface: str) -> list[_Figure]:
        """Return the single numbers of a surface, left to right."""
        figures, at = [], 0
        while match := self.item.search(surface, at):
            figure = self._figure(match)
            if figure:
                figures.append(figure)
            at = max(match.end(), at + 1)
        return figures

    def _figure(self, match: re.Match) -> _Figure | None:
        """Return one matched number with unit, or None where the hanzi only look like one (万一, 统一)."""
        part = match.groupdict()
        unit_row = self.units.get((part["unit"], False)) if part["unit"] else None
        prefix_row = self.units.get((part["prefix"], True)) if part["prefix"] else None
        row = prefix_row or unit_row
        unit, kind = (row["unit"], row["kind"]) if row else (None, None)
        factor = Decimal(unit_row["factor"]) if unit_row else Decimal(1)
        scale = Decimal(1)
        for text in (part["scale"], part["scale2"]):
            scale *= self._scale(text)
        figure = _Figure(
            match.start(), match.end(), None, unit=unit, kind=kind, scale=scale * factor, per=self.per.get((part["per"] or "").replace("/", "").strip())
        )
        if kind == "physical" and figure.per:
            figure = replace(figure, unit=f"{unit}_per_{figure.per}", per=None)
        if part["hundredths"]:
            value = self._plain(part["hundredths"])
            return None if value is None else replace(figure, value=value, unit="percent", kind="ratio")
        if part["above"]:
            above, below = read_hanzi(part["above"]), read_hanzi(part["below"])
            return None if not above or not below else replace(figure, value=above / below, unit="multiple", kind="ratio")
        if part["half"]:
            return replace(figure, value=Decimal(50), unit="percent", kind="ratio")
        if part["vague"]:
            vague = self.vague[part["vague"]]
            return replace(
                figure, low=Decimal(vague["low"]) * figure.scale, high=Decimal(vague["high"]) * figure.scale,
                high_inclusive=vague["high_inclusive"], hedge=vague["hedge"],
            )  # fmt: skip
        figure = self._number(figure, part)
        if figure is None:
            return None
        if part["tenth"] and figure.value is not None:
            figure = replace(figure, value=figure.value + self._plain(part["tenth"]))
        if part["inside"]:
            figure = _apply(figure, self.hedges["inside", part["inside"]])
        if part["suffix"]:
            figure = _apply(figure, self.hedges["after", part["suffix"]])
        return figure

    def _number(self, figure: _Figure, part: dict) -> _Figure | None:
        """Return the figure with the value of its digits, or None if they are no number."""
        if part["arabic"]:
            value = read_arabic(part["arabic"]) * figure.scale
            negative = "-" in (part["sign"] or part["sign2"] or "") or "−" in (part["sign"] or part["sign2"] or "")
            return replace(figure, value=-value if negative else value, is_bare=figure.unit is None and figure.scale == 1)
        numeral = part["hanzi"]
        large = _LARGE_SCALE.search(numeral)
        if large and large.start():
            # 三到五亿元: the scale at the end must be free to spread over the range
            numeral = numeral[: large.start()]
            figure = replace(figure, scale=figure.scale * self._scale(large[0]))
        figure = replace(figure, is_hanzi=True, is_bare=figure.unit is None and not large)
        if "几" in numeral or "数" in numeral:
            return _vague_hanzi(figure, numeral)
        if figure.unit is None and len(numeral) == 1:
            return replace(figure, value=None if read_hanzi(numeral) is None else read_hanzi(numeral) * figure.scale)
        spread = _spread(numeral)
        if spread:
            return replace(figure, low=spread[0] * figure.scale, high=spread[1] * figure.scale, hedge="range")
        value = read_hanzi(numeral)
        if value is None:
            return None
        return replace(figure, value=value * figure.scale)

    def _plain(self, digits: str) -> Decimal | None:
        """Return the value of digits in either writing."""
        return read_arabic(digits) if digits[0].isascii() else read_hanzi(digits)

    def _scale(self, text: str | None) -> Decimal:
        """Return the product of scale characters: 百万 is a million."""
        product = Decimal(1)
        for char in (text or "").strip():
            product *= self.factors.get(char, Decimal(1))
        return product

    def _combine(self, surface: str, figures: list[_Figure]) -> list[_Figure]:
        """Return the figures with ranges and enumerations joined, and units spread over lists."""
        if not figures:
            return []
        joined: list[_Figure] = []
        for figure in figures:
            between = surface[joined[-1].end : figure.start] if joined else ""
            if joined and _RANGE_WORD.fullmatch(between) and _is_range(joined[-1], figure):
                joined[-1] = _range(joined[-1], figure)
            elif joined and _ENUMERATION_WORD.fullmatch(between) and _is_range(joined[-1], figure):
                last = len(joined) - 1
                first = last
                while first and surface[joined[first - 1].end : joined[first].start] == "、" and joined[first - 1].unit == figure.unit:
                    first -= 1
                merged = _range(joined[first], figure)
                del joined[first:]
                joined.append(merged)
            else:
                joined.append(figure)
        return [figure for figure in _spread_units(surface, joined) if _is_figure(figure)]


_RUST_EDGE = r"(?-u:\b)"
_PYTHON_EDGE = r"(?a:\b)"
_RANGE = r" ?(?:-|~|—|–|～|至|到|–){1,2} ?"
_LIST = r" ?[、/和与及] ?"
_ENUMERATION = r" ?、?(?:甚至|乃至|或者?|抑或) ?"
_RANGE_WORD, _LIST_WORD, _ENUMERATION_WORD = re.compile(_RANGE), re.compile(_LIST), re.compile(_ENUMERATION)


@functools.lru_cache(maxsize=4)
def _grammar(lexicon: Lexicon) -> _Grammar:
    """Return the compiled grammar of a lexicon."""
    return _Grammar(lexicon)


def _hedge(row: dict) -> _Hedge:
    """Return a row of the hedges table as exact numbers."""
    low, high = (None if row[end] is None else Decimal(row[end]) for end in ("low", "high"))
    return _Hedge(row["hedge"], row["measure"], low, high, row["low_inclusive"], row["high_inclusive"], row["is_point"])


def _alternatives(words) -> str:
    """Return the words as a regex alternation, longest first; Latin words end at a word's end."""
    ordered = sorted(dict.fromkeys(words), key=lambda word: (-len(word), word))
    return "|".join(re.escape(word) + (_RUST_EDGE if word[-1].isascii() and word[-1].isalpha() else "") for word in ordered)


def _apply(figure: _Figure, hedge: _Hedge) -> _Figure:
    """Return the figure with the band that the hedge opens."""
    if figure.value is None:
        return figure if figure.hedge else replace(figure, hedge=hedge.hedge)
    base = figure.value
    if hedge.measure == "step":
        step = step_of(base / figure.scale) * figure.scale if figure.unit == "percent" else step_of(base)
        low, high = (None if end is None else base + end * step for end in (hedge.low, hedge.high))
    else:
        low, high = (None if end is None else base * end for end in (hedge.low, hedge.high))
        if base < 0:
            low, high = high, low
    return replace(
        figure, low=low, high=high, low_inclusive=hedge.low_inclusive, high_inclusive=hedge.high_inclusive, hedge=hedge.hedge,
        value=base if hedge.is_point else None,
    )  # fmt: skip


def _vague_hanzi(figure: _Figure, numeral: str) -> _Figure | None:
    """Return a numeral with 几 or 数 as digit: 几十亿 is [20亿, 100亿), 十几万 is [11万, 20万)."""
    if numeral in ("数", "几") and figure.unit is None:
        return None
    if numeral.endswith(("几", "数")) and len(numeral) > 1:
        whole = read_hanzi(numeral[:-1])
        if whole is None:
            return None
        low, high = whole + 1, whole + step_of(whole)
    else:
        if numeral[0] not in "几数":
            return None
        unit = read_hanzi("一" + numeral[1:]) if len(numeral) > 1 else Decimal(1)
        if unit is None:
            return None
        low, high = 2 * unit, 10 * unit
    return replace(figure, low=low * figure.scale, high=high * figure.scale, high_inclusive=False, hedge="several")


_LARGE_SCALE = re.compile("[万亿兆]+$")
_PAIR = re.compile(r"^([一二两三四五六七八九])([二三四五六七八九])([十百千万亿]*)$|^([一二三四五六七八九]?十)([一二三四五六七八])([二三四五六七八九])([万亿]*)$")


def _spread(numeral: str) -> tuple[Decimal, Decimal] | None:
    """Return low and high of two neighbouring digits: 三五 is 3 to 5, 两三百 200 to 300; None for anything else."""
    match = _PAIR.match(numeral)
    if not match:
        return None
    if match[1]:
        low, high = read_hanzi(match[1] + match[3]), read_hanzi(match[2] + match[3])
    else:
        low, high = read_hanzi(match[4] + match[5] + match[7]), read_hanzi(match[4] + match[6] + match[7])
    return (low, high) if low < high else None


def _is_range(left: _Figure, right: _Figure) -> bool:
    """Return whether two neighbours with a range word between them are one range: 增长12%至50亿元 is not."""
    if left.unit == right.unit or left.unit is None:
        return True
    return left.kind == "currency" and right.kind == "currency" and _LOCAL_CURRENCY in (left.unit, right.unit)


def _range(left: _Figure, right: _Figure) -> _Figure:
    """Return the range over two figures; scale and unit that stand only at the end hold for both: 1.5-2万家."""
    if left.unit is None and (left.is_bare or left.is_hanzi):
        plain_right = right.bounds()[1] / right.scale if right.scale else right.bounds()[1]
        if left.bounds()[0] is not None and left.bounds()[0] <= plain_right:
            left = _times(left, right.scale)
    ends = [*left.bounds(), *right.bounds()]
    ends = [end for end in ends if end is not None]
    low, high = min(ends), max(ends)
    return replace(
        right, start=left.start, value=None, low=low, high=high, low_inclusive=True,
        high_inclusive=right.high_inclusive if right.high == high else True, hedge="range", is_bare=right.is_bare, unit=right.unit or left.unit,
        kind=right.kind or left.kind, per=right.per or left.per,
    )  # fmt: skip


def _times(figure: _Figure, scale: Decimal) -> _Figure:
    """Return the figure multiplied by a scale that stands further on."""
    value, low, high = (None if end is None else end * scale for end in (figure.value, figure.low, figure.high))
    return replace(figure, value=value, low=low, high=high, scale=figure.scale * scale)


def _spread_units(surface: str, figures: list[_Figure]) -> list[_Figure]:
    """Return the figures with scale and unit carried back over a list that states them once at its end: 1.2、3.4亿元."""
    figures = list(figures)
    for index in range(len(figures) - 2, -1, -1):
        figure, following = figures[index], figures[index + 1]
        if figure.is_bare and figure.unit is None and _LIST_WORD.fullmatch(surface[figure.end : following.start]) and not figure.is_hanzi:
            figures[index] = replace(_times(figure, following.scale), unit=following.unit, kind=following.kind, per=following.per, is_bare=following.is_bare)
    return figures


def _is_figure(figure: _Figure) -> bool:
    """Return whether hanzi that were read as a number are meant as one: 一个, 万元 and 统一 are not."""
    if not figure.is_hanzi:
        return True
    if figure.value == 1 and figure.kind in ("counter", "classifier", "currency", "time", None):
        return False
    if figure.unit is None:
        return figure.end - figure.start > 1
    return figure.end - figure.start > 1


def _class(figure: _Figure) -> str:
    """Return what the figure is: a metric, a length of time, or the size of a list."""
    if figure.kind == "time":
        return "time_horizon"
    if figure.kind == "classifier":
        size = figure.value if figure.value is not None else figure.high
        return "count_other" if size is not None and size <= 10 else "metric"
    if figure.unit is None and figure.is_hanzi and figure.hedge is None:
        return "count_other"
    return "metric"


def _figure_row(figure: _Figure) -> dict:
    """Return a figure as columns; here, and only here, decimals become floats."""
    value, low, high = (None if end is None else float(end) for end in (figure.value, figure.low, figure.high))
    return {
        "offset": figure.start, "length": figure.end - figure.start, "class": _class(figure), "value": value, "low": low, "high": high,
        "low_inclusive": None if low is None else figure.low_inclusive, "high_inclusive": None if high is None else figure.high_inclusive,
        "hedge": figure.hedge, "unit": figure.unit, "per": figure.per, "direction": figure.direction,
        "is_governed": figure.is_governed, "is_ambiguous": False, "alternative_value": None, "norm": None, "rule_id": "quantities.figure",
    }  # fmt: skip


def _card_row(surface: str, label: str, rule_id: str) -> dict:
    """Return a name, ordinal or identifier as columns."""
    return {"offset": 0, "length": len(surface), "class": label, "is_ambiguous": False, "norm": surface if label == "product_name" else None, "rule_id": rule_id}
