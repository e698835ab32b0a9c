"""The views that analysts open first; each is one SELECT in warehouse/views, and a test compares its columns with these.

Where a column is a table's own, its type and description are taken from that table's model: said once.
"""

from datetime import date
from typing import Annotated

import pandera.polars as pa
import polars as pl

from schemas import fields
from schemas.base import Table
from schemas.blocks import Blocks, Marks
from schemas.documents import Documents
from schemas.quantities import Metrics
from schemas.reference import MetricCodes, Strings

Timestamp = Annotated[pl.Datetime, "us", None]


def same(model: type[Table], column: str, **more):
    """The column of another model, with its description."""
    return pa.Field(description=model.to_schema().columns[column].description, **{"nullable": True, **more})


class Facts(Table):
    """Every stated figure of the documents that count (no reposts, no superseded versions), with its article and its sentence."""

    metric_id: str = same(Metrics, "metric_id")
    entity: str = same(Metrics, "entity")
    segment: str = same(Metrics, "segment")
    metric: str = same(Metrics, "metric")
    metric_name: str = same(MetricCodes, "name_zh")
    basis: str = same(Metrics, "basis")
    accounting: str = same(Metrics, "accounting")
    period: str = same(Metrics, "period")
    period_start: date = same(Metrics, "period_start")
    period_end: date = same(Metrics, "period_end")
    value: float = fields.value()
    low: float = fields.low()
    high: float = fields.high()
    unit: str = fields.unit()
    hedge: str = same(Metrics, "hedge")
    modality: str = same(Metrics, "modality")
    speaker: str = same(Metrics, "speaker")
    quote: str = fields.quote()
    sentence: str = pa.Field(nullable=True, description="The sentence of the raw text in which the figure stands.")
    confidence: float = same(Metrics, "confidence")
    title: str = same(Documents, "title")
    publisher: str = same(Documents, "publisher")
    published_at: Timestamp = same(Documents, "published_at")
    url: str = same(Documents, "url")
    source_path: str = same(Documents, "source_path")
    doc_id: str = fields.doc_id()
    start_char: pl.Int64 = fields.start_char()
    end_char: pl.Int64 = fields.end_char()

    class Config:
        name = "facts"


class Financials(Table):
    """One row per entity and period, a column per main metric: reported levels of the whole company, in one currency.

    Where a figure is stated more than once, the company's standard accounting wins over adjusted figures, an exact one over an
    approximate one, then the surer and the later. Money in another currency than the row's is left out: facts has it.
    """

    entity: str = same(Metrics, "entity")
    period: str = same(Metrics, "period")
    period_end: date = same(Metrics, "period_end")
    currency: str = pa.Field(nullable=True, description="ISO 4217 code of the money columns: the one most of this row's figures are stated in.")
    revenue: float = pa.Field(nullable=True, description="Revenue (营业收入).")
    revenue_yoy: float = pa.Field(nullable=True, description="Revenue against the same period a year before, in percent.")
    gross_profit: float = pa.Field(nullable=True, description="Gross profit (毛利).")
    gross_margin: float = pa.Field(nullable=True, description="Gross margin (毛利率), in percent.")
    operating_income: float = pa.Field(nullable=True, description="Operating income (营业利润).")
    operating_margin: float = pa.Field(nullable=True, description="Operating margin (营业利润率), in percent.")
    net_income: float = pa.Field(nullable=True, description="Net income attributable to shareholders (归母净利润) where the text says so, else net income.")
    net_income_yoy: float = pa.Field(nullable=True, description="Net income against the same period a year before, in percent.")
    net_income_adjusted: float = pa.Field(nullable=True, description="Net income without non-recurring items (扣非) or non-GAAP.")
    net_margin: float = pa.Field(nullable=True, description="Net margin (净利率), in percent.")
    eps: float = pa.Field(nullable=True, description="Earnings per share (每股收益).")
    rnd_expense: float = pa.Field(nullable=True, description="Research and development expense (研发费用).")
    operating_cash_flow: float = pa.Field(nullable=True, description="Net cash from operating activities (经营现金流).")
    free_cash_flow: float = pa.Field(nullable=True, description="Free cash flow (自由现金流).")
    capex: float = pa.Field(nullable=True, description="Capital expenditure (资本开支).")
    fact_count: pl.Int64 = pa.Field(description="Stated figures of this entity and period in facts, whatever their metric.")
    document_count: pl.Int64 = pa.Field(description="Documents they come from.")

    class Config:
        name = "financials"


class Conflicts(Table):
    """Pairs of statements about the same thing that cannot both be right: they differ by more than the rounding of the coarser one.

    Of many values for one thing the twenty most often stated are held against all others; two rare ones are not held against each other.
    """

    entity: str = same(Metrics, "entity")
    segment: str = same(Metrics, "segment")
    metric: str = same(Metrics, "metric")
    period: str = same(Metrics, "period")
    basis: str = same(Metrics, "basis")
    accounting: str = same(Metrics, "accounting")
    unit: str = fields.unit()
    value: float = fields.value()
    other_value: float = pa.Field(description="What the other statement says, in the same unit.")
    difference_percent: float = pa.Field(nullable=True, description="Difference between the two in percent of the larger one.")
    quote: str = fields.quote()
    other_quote: str = pa.Field(description="The raw characters of the other statement.")
    sentence: str = same(Facts, "sentence")
    other_sentence: str = pa.Field(nullable=True, description="The sentence in which the other statement stands.")
    doc_id: str = fields.doc_id()
    other_doc_id: str = pa.Field(description="Document of the other statement; the same one where an article contradicts itself.")
    metric_id: str = same(Metrics, "metric_id")
    other_metric_id: str = pa.Field(description="metric_id of the other statement.")

    class Config:
        name = "conflicts"


class MixedAccounting(Table):
    """Figures of articles that state one metric of a company on two accounting bases without saying so, told by what was filed.

    A non-GAAP quarter beside a GAAP year. Nothing is corrected: it is for the reader to see.
    """

    entity: str = same(Metrics, "entity")
    metric: str = same(Metrics, "metric")
    period: str = same(Metrics, "period")
    value: float = fields.value()
    unit: str = fields.unit()
    accounting: str = same(Metrics, "accounting")
    filed_accounting: str = pa.Field(description="Basis on which the company filed this very figure.")
    quote: str = fields.quote()
    sentence: str = same(Facts, "sentence")
    title: str = same(Facts, "title")
    doc_id: str = fields.doc_id()
    metric_id: str = same(Metrics, "metric_id")

    class Config:
        name = "mixed_accounting"


class MisnamedPeriods(Table):
    """Periods of reports that an article names by the calendar although the company counts otherwise: 英伟达2024年四季度财报 is about FY2025Q4.

    Only where the two differ: a quarter that ends in a month in which one of the company's own ends is left out. Nothing is corrected.
    """

    entity: str = same(Metrics, "entity")
    quote: str = fields.quote()
    period: str = pa.Field(description="The calendar period that the words name.")
    fiscal_period: str = pa.Field(description="The company's own period that covers most of it.")
    sentence: str = pa.Field(description="The sentence in which it is named, simplified.")
    title: str = same(Facts, "title")
    doc_id: str = fields.doc_id()
    start_char: int = fields.start_char()
    end_char: int = fields.end_char()

    class Config:
        name = "misnamed_periods"


class Arithmetic(Table):
    """Stated figures held against what other stated figures imply: growth against two levels, margins against their parts, price times shares."""

    identity: str = pa.Field(description="What was computed: growth = level / level a year before - 1; net_margin = net_income / revenue; market_cap = share_price * shares.")
    entity: str = same(Metrics, "entity")
    metric: str = same(Metrics, "metric")
    period: str = same(Metrics, "period")
    unit: str = fields.unit()
    stated: float = pa.Field(description="What the text states.")
    computed: float = pa.Field(description="What the other figures imply, in the same unit.")
    difference: float = pa.Field(description="stated - computed.")
    is_consistent: bool = pa.Field(description="Whether the two agree within the rounding that figures in articles have.")
    metric_id: str = same(Metrics, "metric_id")
    doc_id: str = fields.doc_id()
    quote: str = fields.quote()
    from_metric_ids: Strings = pa.Field(description="The figures it was computed from.")
    from_quotes: Strings = pa.Field(description="Their raw characters.")

    class Config:
        name = "arithmetic"


class GuidanceVsActual(Table):
    """What a company announced for a period beside what was reported for it, later, of metrics that companies give an outlook on."""

    entity: str = same(Metrics, "entity")
    segment: str = same(Metrics, "segment")
    metric: str = same(Metrics, "metric")
    period: str = same(Metrics, "period")
    basis: str = same(Metrics, "basis")
    accounting: str = same(Metrics, "accounting")
    unit: str = fields.unit()
    guided_value: float = pa.Field(nullable=True, description="The point announced; null for a range.")
    guided_low: float = pa.Field(nullable=True, description="Lower end of what was announced; the point itself where there is no range.")
    guided_high: float = pa.Field(nullable=True, description="Upper end of what was announced; the point itself where there is no range.")
    actual_value: float = pa.Field(description="What was reported.")
    outcome: str = pa.Field(isin=("below", "within", "above"), description="Where the reported figure lies: below, within or above what was announced.")
    guided_quote: str = pa.Field(description="The raw characters of the announcement.")
    actual_quote: str = pa.Field(description="The raw characters of the report.")
    guided_at: Timestamp = pa.Field(nullable=True, description="When the announcing article was published.")
    actual_at: Timestamp = pa.Field(nullable=True, description="When the reporting article was published.")
    guided_metric_id: str = pa.Field(description="metric_id of the announcement.")
    actual_metric_id: str = pa.Field(description="metric_id of the report.")

    class Config:
        name = "guidance_vs_actual"


class Removed(Table):
    """Every block that was taken out of the kept text, and why."""

    doc_id: str = fields.doc_id()
    source_path: str = same(Documents, "source_path")
    publisher: str = same(Documents, "publisher")
    block_no: pl.Int64 = fields.block_no()
    kind: str = same(Blocks, "kind")
    rule_id: str = same(Marks, "rule_id")
    reason: str = same(Marks, "reason")
    score: float = same(Marks, "score")
    has_figure: bool = pa.Field(description="Whether the block holds a number with a unit: worth a second look.")
    holds: str = same(Marks, "holds")
    text: str = pa.Field(description="The block as it stands in the raw text.")

    class Config:
        name = "removed"


class RepeatedParagraphs(Table):
    """Kept paragraphs without figures that at least three documents of one publisher share: proposed as boilerplate.

    Those that are become a card in seeds/lexicon/rules.
    """

    publisher: str = same(Documents, "publisher")
    text: str = pa.Field(description="The paragraph, Simplified.")
    document_count: pl.Int64 = pa.Field(description="Documents of this publisher that hold it.")
    document_share: float = pa.Field(description="Their share of the publisher's documents.")
    doc_id: str = fields.doc_id()
    block_no: pl.Int64 = fields.block_no()

    class Config:
        name = "repeated_paragraphs"


class Quality(Table):
    """One row per document: how much of it was kept, what was found in it, and how complete that is."""

    doc_id: str = fields.doc_id()
    source_path: str = same(Documents, "source_path")
    publisher: str = same(Documents, "publisher")
    script: str = same(Documents, "script")
    is_misconverted: bool = same(Documents, "is_misconverted")
    char_count: pl.Int64 = pa.Field(description="Code points of the raw text.")
    kept_share: float = same(Documents, "kept_share")
    blocks_kept: pl.Int64 = pa.Field(description="Blocks in the kept text.")
    blocks_removed: pl.Int64 = pa.Field(description="Blocks taken out.")
    repairs_applied: pl.Int64 = pa.Field(description="Corrections that later stages read.")
    quantities: pl.Int64 = pa.Field(description="Numeric expressions found.")
    metrics: pl.Int64 = pa.Field(description="Stated figures found.")
    metrics_complete: pl.Int64 = pa.Field(description="Of these, with entity, period and unit known.")
    metrics_unnamed: pl.Int64 = pa.Field(description="Of these, with a label that the lexicon does not know (x:…).")
    rows_rejected: pl.Int64 = pa.Field(description="Rows of this document that failed a schema.")

    class Config:
        name = "quality"


class Damage(Table):
    """One row per publisher: how many of its documents were damaged, in which way, and by which characters."""

    publisher: str = same(Documents, "publisher")
    documents: pl.Int64 = pa.Field(description="Documents of the publisher.")
    documents_misconverted: pl.Int64 = pa.Field(description="Of these, made by a careless converter.")
    documents_repaired: pl.Int64 = pa.Field(description="Of these, with at least one applied repair.")
    script_repairs: pl.Int64 = pa.Field(description="Applied repairs of wrongly converted characters.")
    ocr_repairs: pl.Int64 = pa.Field(description="Applied repairs of misread characters.")
    spelling_repairs: pl.Int64 = pa.Field(description="Applied repairs of spellings.")
    stray_repairs: pl.Int64 = pa.Field(description="Marks taken out that a lost character left.")
    duplicate_repairs: pl.Int64 = pa.Field(description="Characters taken out that stood there twice.")
    proposed_repairs: pl.Int64 = pa.Field(description="Repairs that are listed but not sure enough to be applied.")
    most_often: str = pa.Field(nullable=True, description="The five most frequent applied repairs, each with its count.")

    class Config:
        name = "damage"
        unique = ["publisher"]


VIEWS: tuple[type[Table], ...] = (Facts, Financials, Conflicts, MixedAccounting, MisnamedPeriods, Arithmetic, GuidanceVsActual, Removed, RepeatedParagraphs, Quality, Damage)
