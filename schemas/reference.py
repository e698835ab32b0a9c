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
    ENTITY_CUE_KINDS,
    ENTITY_TYPES,
    METRIC_UNIT_KINDS,
    PERIOD_TYPES,
    RULE_SCOPES,
    TURN_ROLES,
    UNIT_KINDS,
)

Strings = Annotated[pl.List, pl.String]


class Rules(Table):
    """Rule cards: patterns that mark blocks or spans, each with its reason and its proof."""

    rule_id: str = pa.Field(description="source_what: sohu_disclaimer, sina_editor_line.")
    label: str = pa.Field(isin=BLOCK_KINDS, description="Block kind the card claims.")
    scope: str = pa.Field(isin=RULE_SCOPES, description="block: the line matches; head/tail: the line matches before the first or after the last paragraph; span: the part of a line that matches; section: the line opens a list of links; comments: the line opens readers' comments; stamped, reaction: a dated link or a comment's trimmings, which go only in such company.")
    pattern: str = pa.Field(description="Regex over Simplified, half-width text that Rust and Python read alike: no look-around, no \\p classes. Group `value` fills the field; group `span`, if there is one, is what a span card claims.")
    is_dropping: bool = pa.Field(description="Whether what matches leaves the kept text.")
    is_guarded: bool = pa.Field(nullable=True, description="Whether a line with a number and unit, a speaker label or a company name stays although it matches; null counts as true.")
    max_chars: pl.Int64 = pa.Field(nullable=True, ge=1, description="Longest line the card may claim; null is 120. A longer line is a paragraph that happens to match.")
    field: str = pa.Field(nullable=True, description="Document field that the group named `value` fills: title, publisher, author, url, published_at.")
    reason: str = pa.Field(description="Why this class of line is not the article's.")
    hit: Strings = pa.Field(description="Lines that must match.")
    miss: Strings = pa.Field(description="Lines that look alike and must not match.")

    class Config:
        name = "rules"
        unique = ["rule_id"]


class SiteWords(Table):
    """Words that menus, share bars and counters of web pages are made of; a line of nothing else is no sentence."""

    word: str = pa.Field(description="As written on pages, Simplified and half-width; the loader adds no other form.")
    kind: str = pa.Field(isin=("nav", "action", "counter"), description="nav: a channel or section, furniture only among others; action: something to click, furniture by itself; counter: stands beside a number.")

    class Config:
        name = "site_words"
        unique = ["word"]


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


class EntityCues(Table):
    """Words by which a text shows that a name is one: surnames, titles, endings of company names, verbs of reporting."""

    word: str = pa.Field(description="The word, Simplified.")
    kind: str = pa.Field(isin=ENTITY_CUE_KINDS, description="What it tells about the characters before or after it.")

    class Config:
        name = "entity_cues"
        unique = ["word", "kind"]


class SpeakerLabels(Table):
    """Labels that open a turn without naming a person, and those that look like one and do not."""

    label: str = pa.Field(description="Text before the colon, Simplified, without number and title: 问, Q, 主持人, 评论区, 来源.")
    role: str = pa.Field(isin=TURN_ROLES, nullable=True, description="Role of the turn it opens; null where the label opens none.")
    speaker: str = pa.Field(nullable=True, description="Who speaks where no person is named: analyst, commenter, management or moderator; null where the label opens no turn.")

    class Config:
        name = "speaker_labels"
        unique = ["label"]


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
    kind: str = pa.Field(isin=UNIT_KINDS, description="currency, ratio, counter, physical, time or scale.")
    factor: str = pa.Field(description="Exact decimal that converts to the unit: 1; 10 for 成 (percent); 100000000 for the scale 亿.")
    is_prefix: bool = pa.Field(description="Whether it stands before the number: US$, RMB.")

    class Config:
        name = "units"
        unique = ["surface", "is_prefix"]


class FiscalCalendars(Table):
    """Fiscal years that are not calendar years."""

    entity: str = pa.Field(description="Canonical name in entities.")
    year_end_month: pl.Int64 = pa.Field(ge=1, le=12, description="Month in which the fiscal year ends.")
    year_end_rule: str = pa.Field(isin=("month_end", "last_sunday", "last_saturday", "last_friday", "last_thursday", "nearest_saturday", "nearest_friday"), description="Which day of the month ends the year; nearest_… is nearest to the end of the month.")
    year_offset: pl.Int64 = pa.Field(ge=-1, le=1, description="Fiscal year number minus the calendar year in which it ends: 0 for most, -1 where FY2024 ends in early 2025.")

    class Config:
        name = "fiscal_calendars"
        unique = ["entity"]


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
