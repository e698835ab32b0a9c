"""The lexicon's words for metrics, compiled once: labels, cues, noun parts and unit kinds."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from transforms.calendars import FiscalCalendar, read_calendars
from transforms.lexicon import Lexicon
from transforms.metrics.attribution import Speech, compile_speech
from transforms.script import simplify

PERCENT_UNITS = ("percent", "percentage_point", "basis_point")
# A change of a share is told in points, never in per cent of a per cent.
# What markets settle day by day; no company announces it.
OBSERVED = frozenset({
    "share_price", "market_cap", "turnover_value", "turnover_volume", "turnover_rate", "margin_balance", "fund_flow", "net_buy_volume", "dividend_yield", "pe_ratio", "pb_ratio", "index_points",
    "margin_purchases", "margin_repayments", "net_margin_purchases", "short_sales_volume", "short_covering_volume", "short_interest_volume",
})  # fmt: skip
POINT_UNITS = ("percentage_point", "basis_point")


@dataclass(frozen=True, slots=True)
class Label:
    """What a name of a metric stands for."""

    metric: str
    unit_kind: str
    period_type: str
    accounting: str | None = None
    is_loss: bool = False
    is_by_segment: bool = False
    is_better_low: bool = False
    is_of_market: bool = False


@dataclass(frozen=True, slots=True)
class Cue:
    """What a word around a figure tells: its kind (basis, reach, share…) and, for some, a value (yoy); 年增 and 同降 also say which way."""

    kind: str
    value: str | None = None
    direction: str | None = None


Forms = Mapping[str, re.Pattern[str]]


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Everything the resolver looks words up in, compared by identity so that what is read with it can be kept.

    words: surface -> Label or Cue, for the automaton over the text.
    labels: surface -> Label, to complete lists of shortened labels (销售/管理/研发费用率).
    modalities: surface -> (modality, by).
    variants: (metric, unit kind) -> metric. forms: name -> pattern of clause_forms.
    employers: person -> company. currencies: company that reports in another currency than 元 says -> TWD, HKD. quoted_in: company that is listed in Hong Kong -> HKD. reports_in: company -> currency of its reports.
    """

    words: dict[str, Label | Cue]
    labels: dict[str, Label]
    modalities: dict[str, tuple[str, str | None]]
    variants: dict[tuple[str, str], Label]
    sources: re.Pattern
    heads: tuple[str, ...]
    things: tuple[str, ...]
    leads: re.Pattern
    tails: re.Pattern
    tail_words: tuple[str, ...]
    businesses: tuple[str, ...]
    divisions: tuple[str, ...]
    ranges: tuple[str, ...]
    regions: tuple[str, ...]
    extensions: re.Pattern
    forms: Forms
    speech: Speech
    calendars: dict[str, FiscalCalendar]
    patterns: list[str]
    modality_patterns: list[str]
    employers: dict[str, str]
    currencies: dict[str, str]
    quoted_in: dict[str, str]
    reports_in: dict[str, str]


@functools.lru_cache(maxsize=4)
def compile_vocabulary(lexicon: Lexicon) -> Vocabulary:
    """Return the vocabulary of `lexicon`; a label wins over a cue with the same surface."""
    codes = {row["metric"]: row for row in lexicon["metric_codes"].iter_rows(named=True)}
    forms = {name: re.compile(pattern) for name, pattern in lexicon["clause_forms"].select("form", "pattern").iter_rows()}
    labels = {
        row["label"]: Label(
            row["metric"], codes[row["metric"]]["unit_kind"], codes[row["metric"]]["period_type"], row["accounting"], row["is_loss"],
            codes[row["metric"]]["is_by_segment"] and not forms["group_label"].search(row["label"]),
            codes[row["metric"]]["is_better_low"] or row["is_loss"], codes[row["metric"]]["is_of_market"],
        )
        for row in _simplified(lexicon["metric_labels"], "label").iter_rows(named=True)
    }  # fmt: skip
    cues = lexicon["metric_cues"]
    directions = dict(lexicon["change_words"].iter_rows())
    bases = tuple(cues.filter(pl.col("cue") == "basis")["surface"])
    # 环比增 is two words here: the basis is the longer half
    words: dict[str, Label | Cue] = {
        surface: Cue("change", direction) for surface, direction in directions.items() if not surface.startswith(bases)
    }
    words |= {
        row["surface"]: Cue(row["cue"], row["value"], _direction_of(row["surface"], directions))
        for row in cues.iter_rows(named=True) if row["cue"] != "source"
    }  # fmt: skip
    words |= labels
    parts = lexicon["label_parts"]
    variants = {
        (row["metric"], row["unit_kind"]): Label(row["becomes"], codes[row["becomes"]]["unit_kind"], codes[row["becomes"]]["period_type"])
        for row in lexicon["metric_variants"].iter_rows(named=True)
    }
    people = lexicon["entities"].filter((pl.col("type") == "person") & pl.col("parent").is_not_null())
    abroad = lexicon["entities"].filter(pl.col("currency").is_in(["TWD", "HKD"]))
    modalities = {row["surface"]: (row["modality"], row["by"]) for row in lexicon["modality_cues"].iter_rows(named=True)}
    return Vocabulary(
        words=words, labels=labels, modalities=modalities, variants=variants,
        sources=_alternatives(cues.filter(pl.col("cue") == "source")["surface"], "^[^,。;]*?(?:{})"),
        heads=tuple(parts.filter(pl.col("part").is_in(["head", "thing"]))["surface"]), things=tuple(parts.filter(pl.col("part") == "thing")["surface"]),
        leads=_alternatives(parts.filter(pl.col("part") == "lead")["surface"], "^(?:(?!其[他余它]|即[时期]|在(?:[线岸建手管]|研(?!发)))(?:{}))+"),
        tails=_alternatives(parts.filter(pl.col("part") == "tail")["surface"], "(?:{})+(?<!商超)$"),
        tail_words=tuple(parts.filter(pl.col("part") == "tail")["surface"]),
        regions=tuple(parts.filter(pl.col("part") == "region")["surface"]), businesses=tuple(parts.filter(pl.col("part").is_in(["business", "division"]))["surface"]), divisions=tuple(parts.filter(pl.col("part") == "division")["surface"]), ranges=tuple(parts.filter(pl.col("part") == "range")["surface"]),
        extensions=_alternatives(parts.filter(pl.col("part") == "extension")["surface"], "(?:{})"),
        forms=forms, speech=compile_speech(lexicon), calendars=read_calendars(lexicon),
        patterns=sorted(words, key=len, reverse=True), modality_patterns=sorted(modalities, key=len, reverse=True),
        employers=dict(people.select("entity", "parent").iter_rows()), currencies=dict(abroad.select("entity", "currency").iter_rows()),
        quoted_in=dict(lexicon["entities"].filter(pl.col("ticker").str.ends_with(".HK")).select("entity", pl.lit("HKD")).iter_rows()),
        reports_in=dict(lexicon["entities"].filter(pl.col("type") == "company", pl.col("currency").is_not_null()).select("entity", "currency").iter_rows()),
    )  # fmt: skip


def _direction_of(surface: str, directions: Mapping[str, str]) -> str | None:
    """Return the direction of the change word that a cue ends in: 年增, 同比降幅."""
    return next((directions[surface[at:]] for at in range(len(surface)) if surface[at:] in directions), None)


def unit_kind(unit: str | None, per: str | None) -> str:
    """Return the kind of a figure's unit in the terms of metric_codes: money, price, percent, multiple, count or physical."""
    if unit in PERCENT_UNITS:
        return "percent"
    if unit == "multiple":
        return "multiple"
    if unit == "count" or unit is None:
        return "count"
    if len(unit) == 3 and unit.isupper():
        # 平均每日成交金额1318亿元 is money still; 元/吨 is a price
        return "money" if per is None or per in TIMES else "per_share" if per == "share" else "price"
    return "physical"


# Denominators that make a rate of a flow, not a price.
TIMES = frozenset({"hour", "day", "week", "month", "year"})
# Kinds of units that a level of each kind of metric may be stated in. 元 is money and, for 股价 or 每股收益, a price as well.
_FITS = {
    "money": {"money"}, "percent": {"percent"}, "multiple": {"multiple"}, "count": {"count", "physical"},
    "physical": {"physical", "count"}, "price": {"money", "price", "per_share"}, "per_share": {"money", "per_share"},
    "any": {"money", "price", "per_share", "percent", "multiple", "count", "physical"},
}  # fmt: skip


def fits(label: Label, kind: str) -> bool:
    """Return whether a level of `label` can be stated in a unit of `kind`; 12.5亿 without a unit is money or a count."""
    if kind == "scaled":
        return label.unit_kind not in ("percent", "multiple")
    return kind in _FITS[label.unit_kind]


def _simplified(table: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return the table with the Simplified form of `column` added where it differs."""
    return pl.concat([table, table.with_columns(simplify(pl.col(column)))]).unique(column, keep="first", maintain_order=True)


def _alternatives(surfaces: pl.Series, frame: str) -> re.Pattern:
    """Return a regex of the words, longest first, put into `frame` at {}."""
    words = sorted(surfaces.to_list(), key=len, reverse=True)
    return re.compile(frame.replace("{}", "|".join(map(re.escape, words)), 1))
