"""quantities, mentions and metrics: what the kept text counts, names and states."""

from datetime import date

import pandera.polars as pa
import polars as pl

from schemas import fields
from schemas.base import Table
from schemas.vocabulary import (
    ACCOUNTINGS,
    BASES,
    DIRECTIONS,
    ENTITY_TYPES,
    GRANULARITIES,
    HEDGES,
    MODALITIES,
    QUANTITY_CLASSES,
)


class Quantities(Table):
    """Every numeric expression of the kept text; each digit run lies in exactly one row."""

    doc_id: str = fields.doc_id()
    start_char: pl.Int64 = fields.start_char()
    end_char: pl.Int64 = fields.end_char()
    block_no: pl.Int64 = fields.block_no()
    quote: str = fields.quote()
    # `class` is a Python keyword: the attribute differs, the column does not
    class_: str = pa.Field(alias="class", isin=QUANTITY_CLASSES, description="metric (a figure that may state a metric), date, period, product_name, ordinal, count_other, time_horizon or id_noise.")
    value: float = fields.value()
    low: float = fields.low()
    high: float = fields.high()
    low_inclusive: bool = pa.Field(nullable=True, description="Whether low itself is included; null without low.")
    high_inclusive: bool = pa.Field(nullable=True, description="Whether high itself is included; null without high.")
    hedge: str = pa.Field(isin=HEDGES, nullable=True, description="How the text softens or bounds the number: about, approaching, more_than, at_least, less_than, at_most, range, several, low/mid/high (低个位数…); null if exact.")
    unit: str = fields.unit()
    per: str = pa.Field(nullable=True, description="Denominator of a unit price or rate: share (美元/股), ton (元/吨), day.")
    direction: str = pa.Field(isin=DIRECTIONS, nullable=True, description="up or down where a change word governs the number (同比下滑12%); value itself keeps the sign that is written.")
    is_ambiguous: bool = pa.Field(description="Whether the wording has more than one accepted reading (增长了两倍).")
    alternative_value: float = pa.Field(nullable=True, description="The other reading of an ambiguous expression, in the same unit.")
    norm: str = pa.Field(nullable=True, description="Normal form of a date, period or horizon (2025-02-26, FY2025Q4, 2023Q1-Q3, P10Y) or of a product name.")
    period_start: date = pa.Field(nullable=True, description="First day of a date or period, where it could be resolved.")
    period_end: date = pa.Field(nullable=True, description="Last day of a date or period, where it could be resolved.")
    granularity: str = pa.Field(isin=GRANULARITIES, nullable=True, description="Size of a date or period; nine_months is 前三季度, cumulated.")
    is_cumulated: bool = pa.Field(nullable=True, description="Whether a period runs from the start of its year (1-9月, 前三季度, 上半年); null for other classes.")
    rule_id: str = fields.rule_id()

    class Config:
        name = "quantities"
        unique = ["doc_id", "start_char"]


class Mentions(Table):
    """Where an entity is named in the kept text."""

    doc_id: str = fields.doc_id()
    start_char: pl.Int64 = fields.start_char()
    end_char: pl.Int64 = fields.end_char()
    quote: str = fields.quote()
    entity: str = pa.Field(description="Canonical name: the international name where there is one (NVIDIA), else the Chinese short name in Simplified (中兴通讯).")
    type: str = pa.Field(isin=ENTITY_TYPES, description="company, brand (of a company, which is its parent), person, product, institution, industry (companies together), commodity, place or index.")
    rule_id: str = fields.rule_id()

    class Config:
        name = "mentions"
        unique = ["doc_id", "start_char"]


class Metrics(Table):
    """Every stated figure of a metric: who, what, when, on which basis, and who says so."""

    metric_id: str = pa.Field(description="doc_id.start_char.n: stable for the same text and rules.")
    doc_id: str = fields.doc_id()
    block_no: pl.Int64 = fields.block_no()
    turn_no: pl.Int64 = fields.turn_no()
    start_char: pl.Int64 = fields.start_char()
    end_char: pl.Int64 = fields.end_char()
    quote: str = fields.quote()
    entity: str = pa.Field(nullable=True, description="Canonical name of whom the figure describes; 公司 where the text never names its subject; null if unknown.")
    segment: str = pa.Field(nullable=True, description="Business, product, region or part the figure is limited to, as written in Simplified; null for the whole.")
    metric: str = pa.Field(description="Code from metric_labels (revenue, net_income, gross_margin), else the label as found with prefix x:.")
    basis: str = pa.Field(isin=BASES, description="level, yoy (同比), qoq (环比), change (against another baseline) or share (占…的).")
    accounting: str = pa.Field(isin=ACCOUNTINGS, nullable=True, description="gaap, non_gaap, ifrs or excluding_nonrecurring (扣非) where the text says so.")
    value: float = fields.value()
    low: float = fields.low()
    high: float = fields.high()
    unit: str = fields.unit()
    hedge: str = pa.Field(isin=HEDGES, nullable=True, description="How the text softens or bounds the number; null if exact.")
    period: str = pa.Field(nullable=True, description="Period label as the company counts: FY2025Q4, 2024Q3, 2023Q1-Q3, 2025, or a date for a price; null if unknown.")
    period_start: date = pa.Field(nullable=True, description="First day of the period.")
    period_end: date = pa.Field(nullable=True, description="Last day of the period.")
    modality: str = pa.Field(isin=MODALITIES, description="actual, guidance (by the company), estimate, opinion or hypothetical.")
    speaker: str = pa.Field(nullable=True, description="Who says it in the text: canonical person, the broker or company that is quoted, analyst or commenter where unnamed; null for the narrator.")
    confidence: float = pa.Field(ge=0, le=1, description="How much of the row was explicit: 1 if label, entity, period and unit stand beside the number, less for each that was carried over.")
    evidence: str = pa.Field(description="Where each part came from, for explain: label@120-124 explicit; entity@3-6 carried; period@0-5 carried; basis@126-128 explicit. Characters of raw_text; document: what it is about as a whole, implied: not written.")
    rule_id: str = fields.rule_id()

    class Config:
        name = "metrics"
        unique = ["metric_id"]
