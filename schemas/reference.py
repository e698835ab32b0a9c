"""The lexicon's tables. A file of seeds/lexicon is named after its table: entities.csv, rules.toml or a folder rules/.

A model here plus a file there is all it takes to add one: warehouse.lexicon reads and validates it, publish loads it.
"""

from datetime import date
from typing import Annotated

import pandera.polars as pa
import polars as pl

from schemas.base import Table
from schemas.vocabulary import (
    ACCOUNTINGS,
    ALIAS_KINDS,
    BLOCK_KINDS,
    DIRECTIONS,
    ENTITY_TYPES,
    HEDGE_MEASURES,
    HEDGE_POSITIONS,
    HEDGES,
    JOIN_KINDS,
    METRIC_UNIT_KINDS,
    PERIOD_TYPES,
    QUANTITY_CLASSES,
    UNIT_KINDS,
)

Strings = Annotated[pl.List, pl.String]


class Rules(Table):
    """Rule cards: patterns that mark blocks or spans, each with its reason and its proof."""

    rule_id: str = pa.Field(description="source_what: sohu_disclaimer, sina_editor_line.")
    label: str = pa.Field(isin=BLOCK_KINDS, description="Block kind the card claims.")
    scope: str = pa.Field(isin=("block", "head", "tail", "span"), description="block: the whole block matches; head/tail: only among the first or last blocks; span: a part of a block.")
    pattern: str = pa.Field(description="Rust regex over Simplified, half-width text, without look-around.")
    is_dropping: bool = pa.Field(description="Whether what matches leaves the kept text.")
    field: str = pa.Field(nullable=True, description="Document field that the group named `value` fills: title, publisher, author, url, published_at.")
    reason: str = pa.Field(description="Why this class of line is not the article's.")
    hit: Strings = pa.Field(description="Lines that must match.")
    miss: Strings = pa.Field(description="Lines that look alike and must not match.")

    class Config:
        name = "rules"
        unique = ["rule_id"]


class Entities(Table):
    """Companies, people, products and institutions under one canonical name."""

    entity: str = pa.Field(description="Canonical name: international where there is one, else the Chinese short name in Simplified.")
    type: str = pa.Field(isin=ENTITY_TYPES, description="company, person, product, institution, industry, place or index.")
    ticker: str = pa.Field(nullable=True, description="Primary listing with exchange suffix: NVDA.US, 600519.SH, 0700.HK, 2330.TW.")
    country: str = pa.Field(nullable=True, description="ISO 3166-1 alpha-2 of the home market.")
    currency: str = pa.Field(nullable=True, description="ISO 4217 of its reports.")
    parent: str = pa.Field(nullable=True, description="Company that a person works for or a product belongs to.")
    title: str = pa.Field(nullable=True, description="Role of a person.")

    class Config:
        name = "entities"
        unique = ["entity"]


class EntityAliases(Table):
    """Every way a text may name an entity; matching runs on Simplified text."""

    alias: str = pa.Field(description="Surface form, in any script; the loader adds its Simplified form.")
    entity: str = pa.Field(description="Canonical name in entities.")
    kind: str = pa.Field(isin=ALIAS_KINDS, description="name, short_name, ticker, former_name, nickname, transliteration or english.")
    is_ambiguous: bool = pa.Field(description="Whether the form is also an ordinary word or another's name, and counts only beside other evidence for the entity.")

    class Config:
        name = "entity_aliases"
        unique = ["alias", "entity"]


class MetricCodes(Table):
    """The metrics caibao knows, with their standard concepts."""

    metric: str = pa.Field(description="Code: the field's English name in snake_case.")
    name_zh: str = pa.Field(description="Usual Chinese name.")
    concept: str = pa.Field(nullable=True, description="us-gaap or ifrs-full element, where there is one.")
    unit_kind: str = pa.Field(isin=METRIC_UNIT_KINDS, description="What its levels are measured in.")
    period_type: str = pa.Field(isin=PERIOD_TYPES, description="instant (a balance at a date) or duration (a flow over a span), as in XBRL.")
    sign: str = pa.Field(isin=("any", "positive", "loss_negative"), description="Sign convention: losses are negative, most others never are.")
    low: float = pa.Field(nullable=True, description="Smallest plausible level, for the range check.")
    high: float = pa.Field(nullable=True, description="Largest plausible level, for the range check.")

    class Config:
        name = "metric_codes"
        unique = ["metric"]


class MetricLabels(Table):
    """Chinese names of the metrics, Simplified, Taiwan and Hong Kong."""

    label: str = pa.Field(description="Name as texts write it, in any script; the loader adds its Simplified form.")
    metric: str = pa.Field(description="Code in metric_codes.")
    accounting: str = pa.Field(isin=ACCOUNTINGS, nullable=True, description="Accounting basis the name itself implies: 扣非净利润 is excluding_nonrecurring.")
    region: str = pa.Field(isin=("cn", "tw", "hk"), nullable=True, description="Where the name is used; null if everywhere.")
    is_loss: bool = pa.Field(description="Whether the name states a loss, so that the value is negative: 净亏损.")

    class Config:
        name = "metric_labels"
        unique = ["label"]


class Units(Table):
    """Unit words and symbols with their code."""

    surface: str = pa.Field(description="As written, Simplified and half-width: 美元, US$, 个百分点, 万吨 is not one (scale and unit are apart).")
    unit: str = pa.Field(description="Code: ISO 4217, percent, percentage_point, basis_point, multiple, count, or a physical unit in snake_case.")
    kind: str = pa.Field(isin=UNIT_KINDS, description="currency, ratio, counter (台, 万辆: figures), classifier (种, 款: mostly lists), physical, time or scale.")
    factor: str = pa.Field(description="Exact decimal that converts to the unit: 1; 10 for 成 (percent); 100000000 for the scale 亿.")
    is_prefix: bool = pa.Field(description="Whether it stands before the number: US$, RMB.")

    class Config:
        name = "units"
        unique = ["surface", "is_prefix"]


class Denominators(Table):
    """What a unit price or a rate is counted by: 元/股, 万吨/年, 每股."""

    surface: str = pa.Field(description="As written after / or 每, Simplified and half-width: 股, 吨, 千瓦时.")
    per: str = pa.Field(description="Code: share, ton, day, kilowatt_hour.")

    class Config:
        name = "denominators"
        unique = ["surface"]


class Hedges(Table):
    """Words that soften or bound the number they stand beside, with the band they open around it."""

    surface: str = pa.Field(description="As written, Simplified: 约, 接近, 不超过, 以上, 出头.")
    position: str = pa.Field(isin=HEDGE_POSITIONS, description="before the number; inside, between digits and unit (10多万, 200余家); or after it.")
    hedge: str = pa.Field(isin=HEDGES, nullable=True, description="What quantities.hedge says; null for a longer word that only ends or begins like a hedge: 签约, 最近, 上下浮动.")
    measure: str = pa.Field(isin=HEDGE_MEASURES, nullable=True, description="step: low and high are added in units of the last non-zero digit (约40% is 35..45); factor: they multiply (接近100亿 is 90..100亿).")
    low: str = pa.Field(nullable=True, description="Exact decimal; null if open below.")
    high: str = pa.Field(nullable=True, description="Exact decimal; null if open above.")
    low_inclusive: bool = pa.Field(description="Whether low itself is included.")
    high_inclusive: bool = pa.Field(description="Whether high itself is included.")
    is_point: bool = pa.Field(description="Whether the text still states a point: 约40% does, 70%出头 does not.")
    in_span: bool = pa.Field(description="Whether the word belongs to the span: 出头 does, 左右 does not.")

    class Config:
        name = "hedges"
        unique = ["surface", "position"]


class VagueNumerals(Table):
    """Numerals that name a range of digits: 几, 十几, 高个位数, 两位数."""

    surface: str = pa.Field(description="As written, Simplified.")
    low: str = pa.Field(description="Exact decimal, included.")
    high: str = pa.Field(description="Exact decimal.")
    high_inclusive: bool = pa.Field(description="Whether high itself is included.")
    hedge: str = pa.Field(isin=HEDGES, description="What quantities.hedge says.")

    class Config:
        name = "vague_numerals"
        unique = ["surface"]


class NumberWords(Table):
    """Words that state a figure without a numeral: 翻倍, 腰斩, 三七开."""

    surface: str = pa.Field(description="As written, Simplified.")
    value: str = pa.Field(description="Exact decimal, in `unit`.")
    unit: str = pa.Field(description="Code of units.")
    direction: str = pa.Field(isin=DIRECTIONS, nullable=True, description="up or down, where the word is a change.")
    norm: str = pa.Field(nullable=True, description="Normal form where one value does not say it all: 30:70.")

    class Config:
        name = "number_words"
        unique = ["surface"]


class FalseNumbers(Table):
    """Hanzi that look like a numeral with its unit and are a word or a name: 万一, 二手, 三一重工."""

    surface: str = pa.Field(description="As written, Simplified; without ASCII digits, which are always accounted for.")
    reason: str = pa.Field(description="What it is instead.")

    class Config:
        name = "false_numbers"
        unique = ["surface"]


class NumberJoins(Table):
    """Words and signs between numbers, and between a number and the words that govern it."""

    surface: str = pa.Field(description="As written, Simplified and half-width.")
    kind: str = pa.Field(isin=JOIN_KINDS, description="range (至, -), list (、, /: separate figures), enumeration (甚至, 或: one figure with low and high), filler (between hedge or change word and number: 了, 约为), label (Latin ratio names that stand against their number: PE52倍).")

    class Config:
        name = "number_joins"
        unique = ["surface", "kind"]


class ChangeWords(Table):
    """Verbs and nouns of change that govern a number: 增长, 下滑, 减少了."""

    surface: str = pa.Field(description="As written, Simplified.")
    direction: str = pa.Field(isin=DIRECTIONS, description="up or down.")

    class Config:
        name = "change_words"
        unique = ["surface"]


class NumberCards(Table):
    """Digits that state no figure: product names, ordinals, list labels, codes, times, addresses; each card with its proof."""

    rule_id: str = pa.Field(description="What it recognises: stock_code, list_number.")
    rank: pl.Int64 = pa.Field(description="Order in which cards are tried at the same place; lower first.")
    label: str = pa.Field(isin=QUANTITY_CLASSES, description="quantities.class of what matches.")
    pattern: str = pa.Field(description="Python regex over Simplified, half-width text, without named groups.")
    reason: str = pa.Field(description="Why these digits are no figure.")
    hit: Strings = pa.Field(description="Strings that must match whole.")
    miss: Strings = pa.Field(description="Strings that must not match whole.")

    class Config:
        name = "number_cards"
        unique = ["rule_id"]


class FiscalCalendars(Table):
    """Fiscal years that are not calendar years."""

    entity: str = pa.Field(description="Canonical name in entities.")
    year_end_month: pl.Int64 = pa.Field(ge=1, le=12, description="Month in which the fiscal year ends.")
    year_end_rule: str = pa.Field(isin=("month_end", "last_sunday", "last_saturday", "last_friday", "last_thursday", "nearest_saturday", "nearest_friday"), description="Which day of the month ends the year; nearest_… is nearest to the end of the month.")
    year_offset: pl.Int64 = pa.Field(ge=-1, le=1, description="Fiscal year number minus the calendar year in which it ends: 0 for most, -1 where FY2024 ends in early 2025.")

    class Config:
        name = "fiscal_calendars"
        unique = ["entity"]


class PeriodWords(Table):
    """Words that name a part of a year or point to one: 首季, 前三季度, 半年报, 去年同期."""

    surface: str = pa.Field(description="Word, Simplified and half-width; {n} stands for a numeral 1-4, {m} for 1-12.")
    kind: str = pa.Field(description="What the word does in period_rules: quarter, half, cumulated, relative_year, same_period…")
    value: str = pa.Field(description="Number of the part (n: the numeral in the word), or the shift of a relative word: -1 for 去年.")

    class Config:
        name = "period_words"
        unique = ["surface"]


class PeriodParts(Table):
    """Named pieces that the patterns of period_rules are built from."""

    part: str = pa.Field(description="Name, used as {name}.")
    pattern: str = pa.Field(description="Rust regex without look-around; a named group says what its text means.")

    class Config:
        name = "period_parts"
        unique = ["part"]


class PeriodRules(Table):
    """How dates, periods and spans of time are written, most specific first, each with its proof."""

    rule_id: str = pa.Field(description="period.what: period.year_part, period.date.")
    class_: str = pa.Field(alias="class", isin=("date", "period", "time_horizon"), description="Class of the quantity that is found.")
    priority: pl.Int64 = pa.Field(description="Of two rules that match at one place, the one with the lower number wins: the more specific, which is the longer.")
    pattern: str = pa.Field(description="Rust regex over Simplified, half-width text, without look-around, built from period_parts and period_words.")
    not_before: str = pa.Field(nullable=True, description="Regex that the four characters before must not match.")
    not_after: str = pa.Field(nullable=True, description="Regex that the four characters after must not match.")
    hit: Strings = pa.Field(description="Surfaces that the rule takes as a whole.")
    miss: Strings = pa.Field(description="Surfaces that look alike and are not the rule's.")

    class Config:
        name = "period_rules"
        unique = ["rule_id"]


class Filings(Table):
    """Figures as filed, to tell accounting bases apart and to check what articles state."""

    entity: str = pa.Field(description="Canonical name in entities.")
    period: str = pa.Field(description="Period label as the company counts.")
    period_end: date = pa.Field(description="Last day of the period.")
    metric: str = pa.Field(description="Code in metric_codes.")
    accounting: str = pa.Field(isin=ACCOUNTINGS, description="gaap, non_gaap, ifrs or excluding_nonrecurring.")
    value: float = pa.Field(description="Filed figure in base units.")
    unit: str = pa.Field(description="ISO 4217 code.")
    source: str = pa.Field(description="Kind of document it was taken from.")

    class Config:
        name = "filings"
        unique = ["entity", "period", "metric", "accounting"]
