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
    ENTITY_CUE_KINDS,
    ENTITY_TYPES,
    HEDGE_MEASURES,
    HEDGE_POSITIONS,
    HEDGES,
    JOIN_KINDS,
    LABEL_PARTS,
    METRIC_CUES,
    METRIC_UNIT_KINDS,
    MODALITY_CUES,
    PERIOD_CUES,
    PERIOD_TYPES,
    QUANTITY_CLASSES,
    REGIONS,
    RULE_SCOPES,
    SEVERITIES,
    TURN_ROLES,
    UNIT_KINDS,
)

Strings = Annotated[pl.List, pl.String]


class Rules(Table):
    """Rule cards: patterns that mark blocks or spans, each with its reason and its proof."""

    rule_id: str = pa.Field(description="source_what: sohu_disclaimer, sina_editor_line.")
    label: str = pa.Field(isin=BLOCK_KINDS, description="Block kind the card claims.")
    scope: str = pa.Field(isin=RULE_SCOPES, description="block: the line matches; head/tail: the line matches before the first or after the last paragraph; edge: in either place, unless the document has several such lines; span: the part of a line that matches; section: the line opens a list of links; comments: the line opens readers' comments; stamped, reaction: a dated link or a comment's trimmings, which go only in such company; inset: the line matches, and stands inside texts as often as around them, so that it opens nothing; answer: the line stands above an answer, where the text goes on; title: the browser's title line.")
    pattern: str = pa.Field(description="Regex over Simplified, half-width text that Rust and Python read alike: no look-around, no \\p classes. Group `value` fills the field; group `span`, if there is one, is what a span card claims.")
    is_dropping: bool = pa.Field(description="Whether what matches leaves the kept text.")
    is_guarded: bool = pa.Field(nullable=True, description="Whether a line with a number and unit, a speaker label or a company name stays although it matches; null counts as true. False where such names are part of what the card knows: a platform speaking of itself, headlines of other pages.")
    names_companies: bool = pa.Field(nullable=True, description="Whether a guarded card's lines name companies as a matter of course (关键词:贵州茅台 分红): then only a number with unit or a speaker label holds them back; null counts as false.")
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


class PageForms(Table):
    """What lines of a page look like, for the path through it: what is no title, what heads a table or a contents."""

    form_id: str = pa.Field(description="What a line of this look is or has: numbered, contents; form.kind where several cards tell it: no_title.path.")
    pattern: str = pa.Field(description="Regex over Simplified, half-width text, without look-around: both Rust's and Python's.")
    reason: str = pa.Field(description="What it says about the line.")
    hit: Strings = pa.Field(description="Lines in which it must be found.")
    miss: Strings = pa.Field(description="Lines that look alike and in which it must not.")

    class Config:
        name = "page_forms"
        unique = ["form_id"]


class Entities(Table):
    """Companies, people, products and institutions under one canonical name."""

    entity: str = pa.Field(description="Canonical name: international where there is one, else the Chinese short name in Simplified.")
    type: str = pa.Field(isin=ENTITY_TYPES, description="company, brand (of a company, which is its parent), person, product, institution, industry (companies together), commodity, place or index.")
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
    kind: str = pa.Field(isin=ALIAS_KINDS, description="name, short_name, ticker, former_name, nickname, transliteration, english, or stem: the beginning of a listed name (致远 of 致远互联), which counts also where it opens clauses.")
    is_ambiguous: bool = pa.Field(description="Whether the form is also an ordinary word or another's name, and counts only beside other evidence for the entity.")

    class Config:
        name = "entity_aliases"
        unique = ["alias", "entity"]


class EntityCues(Table):
    """Words by which a text shows that a name is one, or is not."""

    word: str = pa.Field(description="The word, Simplified.")
    kind: str = pa.Field(isin=ENTITY_CUE_KINDS, description="company_before/company_after: stands beside a company's name; company_ending: ends one; report_period: behind a company that reports on one ({y} is a year, {m} a month); report_sign: a text with such a word may tell how a company does, and is searched for companies; name_prefix: is no part of the name it precedes; not_company(_ending): is or ends what looks like one; deal_verb: before a company whose shares change hands (收购京瀚禹51%股权); affiliate: before one that belongs to the company (控股子公司京瀚禹); source_after: the name before it is only cited; surname, title, analyst_title, honorific: parts of a speaker label; not_person: a label that looks like a name; narration: verb that reports a speaker; attribution: verb before which a person, broker or company in prose stands behind the figures of its sentence; voice: who speaks without a name (分析师, 公司).")

    class Config:
        name = "entity_cues"
        unique = ["word", "kind"]


class TickerForms(Table):
    """Ways to write a listing, each a pattern whose group is the code; together with the suffix it is the ticker of entities."""

    form_id: str = pa.Field(description="exchange_form: hk_suffix, us_prefix.")
    pattern: str = pa.Field(description="Rust regex without look-around over Simplified, half-width text; its one group is the code.")
    suffix: str = pa.Field(isin=("CN", "HK", "TW", "US"), description="Exchange suffix; CN is SH, SZ or BJ by the code's first digit.")
    is_bare: bool = pa.Field(description="Whether it counts only as the whole content of brackets after a name.")
    hit: Strings = pa.Field(description="text => ticker that must be found.")
    miss: Strings = pa.Field(description="Texts that look alike and hold no ticker.")

    class Config:
        name = "ticker_forms"
        unique = ["form_id"]


class SpeakerLabels(Table):
    """Labels that open a turn without naming a person, and those that look like one and do not."""

    label: str = pa.Field(description="Text before the colon, Simplified, without number and title: 问, Q, 主持人, 评论区, 来源.")
    role: str = pa.Field(isin=TURN_ROLES, nullable=True, description="Role of the turn it opens; null where the label opens none.")
    speaker: str = pa.Field(nullable=True, description="Who speaks where no person is named: analyst, commenter, management or moderator; null where the label opens no turn.")
    is_ending: bool = pa.Field(description="Whether a longer label may end in it: 江淮精工董秘.")

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
    is_by_segment: bool = pa.Field(description="Whether companies report it by business, product or region, so that a segment named before carries over to it.")
    is_better_low: bool = pa.Field(description="Whether less of it is better, so that 优化0.8个百分点 is a decline: 综合成本率, 不良率, 费用率.")
    is_of_market: bool = pa.Field(description="Whether it describes a market, a country or a commodity, and a company only where its clause names one: 市场规模, GDP.")

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


class MetricCues(Table):
    """Words of the clause around a figure: what it is compared with, what it is reached from, what it is a part of."""

    surface: str = pa.Field(description="As written, Simplified and half-width.")
    cue: str = pa.Field(isin=METRIC_CUES, description="basis (同比, 较年初), growth and decline (增速, 降幅: nouns of change), from (由…), reach (增至…), share (占…的), respectively (分别), among (其中), better (优化, 恶化: which way depends on the metric), filler (按不变价格计算: holds a label and is none), prior (去年同期: the figure is of a year earlier), company (该公司), source (研报, 数据显示), or accounting (经调整).")
    value: str = pa.Field(nullable=True, description="basis: yoy, qoq or change; accounting: the basis it names.")

    class Config:
        name = "metric_cues"
        unique = ["surface", "cue"]


class ModalityCues(Table):
    """Words that say how sure a figure is, and who is."""

    surface: str = pa.Field(description="As written, Simplified and half-width.")
    modality: str = pa.Field(isin=MODALITY_CUES, description="What a figure under this word is: guidance, estimate, opinion, hypothetical, or again actual; none for a word that only holds one (主要是 is no 要是).")
    by: str = pa.Field(isin=("company", "subject", "weak", "aside"), nullable=True, description="company: guidance whoever is the subject; subject: guidance if the company speaks, an estimate otherwise (预计); weak: gives way to a cue before it (预计…可能); aside: speaks for its clause alone where it stands beside its figure (市场预期305亿元).")

    class Config:
        name = "modality_cues"
        unique = ["surface"]


class ClauseForms(Table):
    """Turns of phrase around a figure that decide how it is read, each with its proof."""

    form: str = pa.Field(description="What it tells: reach, baseline, broker_note.")
    pattern: str = pa.Field(description="Python regex over Simplified, half-width text.")
    reason: str = pa.Field(description="What follows from it for the figure.")
    hit: Strings = pa.Field(description="Strings in which it must be found.")
    miss: Strings = pa.Field(description="Strings in which it must not.")

    class Config:
        name = "clause_forms"
        unique = ["form"]


class LabelParts(Table):
    """Pieces of noun phrases: which nouns can end a label the lexicon does not know, and what is cut from its ends."""

    surface: str = pa.Field(description="As written, Simplified.")
    part: str = pa.Field(isin=LABEL_PARTS, description="head: a noun that ends a label (客流量); thing: a noun of what is counted, which has no amount of money of its own (门店, 芯片); lead: cut from the left (公司, 实现); tail: cut from the right (达, 约为); business: a noun that stands for its revenue when it grows year on year (市场, 服务); division: one that does however it grows (业务, 板块); range: goods whose growth is that of their revenue, though they may be counted (高端产品, 青花系列); region: a part of the world that stands for its revenue when a company grows there (地区, 省外); extension: a noun that makes another metric of the label before it (门店面积).")

    class Config:
        name = "label_parts"
        unique = ["surface", "part"]


class MetricVariants(Table):
    """Which metric a label states when the figure's unit is not the label's own: 回购63.88万股 is share_buyback_volume."""

    metric: str = pa.Field(description="Code that the label has in metric_labels.")
    unit_kind: str = pa.Field(isin=(*METRIC_UNIT_KINDS, "scaled"), description="Kind of the figure's unit; scaled: a number with a scale and no unit (19亿).")
    becomes: str = pa.Field(description="Code in metric_codes that is meant.")

    class Config:
        name = "metric_variants"
        unique = ["metric", "unit_kind"]


class Units(Table):
    """Unit words and symbols with their code."""

    surface: str = pa.Field(description="As written, Simplified and half-width: 美元, US$, 个百分点, 万吨 is not one (scale and unit are apart).")
    unit: str = pa.Field(description="Code: ISO 4217, percent, percentage_point, basis_point, multiple, count, or a physical unit in snake_case.")
    kind: str = pa.Field(isin=UNIT_KINDS, description="currency, ratio, counter (台, 万辆: figures), classifier (种, 款: mostly lists), physical, time or scale.")
    factor: str = pa.Field(description="Exact decimal that converts to the unit: 1; 10 for 成 (percent); 100000000 for the scale 亿.")
    is_prefix: bool = pa.Field(description="Whether it stands before the number: US$, RMB.")
    is_priced: bool = pa.Field(description="Whether it is a unit only where 每股 or 每吨 stands before the number: 每股5.6分, but 得5.6分.")

    class Config:
        name = "units"
        unique = ["surface", "is_prefix"]


class UnitContexts(Table):
    """Units that only the words around a figure tell: 100度电, 气温40度, 53度白酒."""

    context_id: str = pa.Field(description="What the unit is there: degree_of_heat.")
    rank: int = pa.Field(ge=1, description="The card of a unit with the least rank that fits counts.")
    unit: str = pa.Field(description="Unit as the word alone is read.")
    becomes: str = pa.Field(description="Unit in such a clause.")
    pattern: str = pa.Field(description="Rust regex without look-around over the clause, Simplified and half-width, with the figure in brackets ⟨ ⟩.")
    hit: Strings = pa.Field(description="Clauses that it must settle.")
    miss: Strings = pa.Field(description="Clauses that it must leave.")

    class Config:
        name = "unit_contexts"
        unique = ["context_id"]


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
    kind: str = pa.Field(isin=JOIN_KINDS, description="range (至, -), list (、, /: separate figures), enumeration (甚至, 或: one figure with low and high), filler (between hedge or change word and number: 了, 约为), label (Latin ratio names that stand against their number: PE52倍), rate (ends of labels whose figures are ratios: 费用率).")

    class Config:
        name = "number_joins"
        unique = ["surface", "kind"]


class LocalCurrencies(Table):
    """What plain 元 means, by the region of a document and by the currencies it names."""

    currency: str = pa.Field(description="ISO 4217 code.")
    region: str = pa.Field(isin=REGIONS, nullable=True, description="Region whose texts write 元 for it; null for the currency meant elsewhere.")
    names: str = pa.Field(description="Rust regex of what names it, Simplified.")
    settles_alone: bool = pa.Field(description="Whether naming it once decides, whatever the region: 新台币 does, 港元 does not.")

    class Config:
        name = "local_currencies"
        unique = ["currency"]


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
    year_end_rule: str = pa.Field(isin=("month_end", "last_sunday", "last_saturday", "last_friday", "last_thursday", "last_wednesday", "nearest_sunday", "nearest_saturday", "nearest_friday", "nearest_thursday", "nearest_wednesday"), description="Which day of the month ends the year; nearest_… is nearest to the end of the month.")
    year_offset: pl.Int64 = pa.Field(ge=-1, le=1, description="Fiscal year number minus the calendar year in which it ends: 0 for most, -1 where FY2024 ends in early 2025.")
    quarter_weeks: Strings = pa.Field(nullable=True, description="Weeks of each quarter in a year of 52 weeks, where not 13 each: Costco's 12|12|12|16.")
    long_quarter: pl.Int64 = pa.Field(nullable=True, ge=1, le=4, description="Quarter that is a week longer in years of 53 weeks; null for the fourth.")

    class Config:
        name = "fiscal_calendars"
        unique = ["entity"]


class PeriodWords(Table):
    """Words that name a part of a year or point to one: 首季, 前三季度, 半年报, 去年同期."""

    surface: str = pa.Field(description="Word, Simplified and half-width; {n} stands for a numeral 1-4, {k} for 2-4, {m} for 1-12.")
    kind: str = pa.Field(description="What the word does in period_rules: quarter, half, cumulated, relative_year, same_period…")
    value: str = pa.Field(description="Number of the part (n: the numeral in the word), or the shift of a relative word: -1 for 去年.")

    class Config:
        name = "period_words"
        unique = ["surface"]


class PeriodCues(Table):
    """Words beside a period that say how it is meant: 预计2025年, 较去年同期, 2024年业绩."""

    surface: str = pa.Field(description="Word, Simplified and half-width.")
    cue: str = pa.Field(isin=PERIOD_CUES, description="past: a span of time behind us (近三年). report: the period is what a report covers. forecast, comparison: it is not what the document reports on. between: may stand between a comparison and its period. up_to: the period ends on the date that follows. result: follows 2024年中期 where that is a half year. news: what is told of a day that the text is written on or after (2025年11月1日,多家车企公布). monthly: what companies tell month by month (10月交付). term: the day beside it is when something ends (可转债2029年1月1日到期), not when it was written. no_report: holds a character of 年报 and is none (2024年报道).")

    class Config:
        name = "period_cues"
        unique = ["surface", "cue"]


class PeriodForms(Table):
    """Turns of phrase right before or behind a period that say how it is meant, each with its proof."""

    form: str = pa.Field(description="What it tells: since, to_come, ended_span.")
    pattern: str = pa.Field(description="Python regex over Simplified, half-width text; with $ at its end of what stands before a period, with ^ at its beginning of what stands behind it.")
    reason: str = pa.Field(description="What follows from it for the period.")
    hit: Strings = pa.Field(description="Texts beside a period that have it.")
    miss: Strings = pa.Field(description="Texts that look alike and have not.")

    class Config:
        name = "period_forms"
        unique = ["form"]


class PeriodParts(Table):
    """Named pieces that the patterns of period_rules are built from."""

    part: str = pa.Field(description="Name, used as {name}.")
    pattern: str = pa.Field(description="Rust regex without look-around; a named group says what its text means. Of never_first and never_last: characters.")

    class Config:
        name = "period_parts"
        unique = ["part"]


class PeriodRules(Table):
    """How dates, periods and spans of time are written, most specific first, each with its proof."""

    rule_id: str = pa.Field(description="period.what: period.year_part, period.date.")
    class_: str = pa.Field(alias="class", isin=("date", "period", "time_horizon"), description="Class of the quantity that is found.")
    priority: pl.Int64 = pa.Field(description="Of two rules that match at one place, the one with the lower number wins: the more specific, which is the longer.")
    pattern: str = pa.Field(description="Rust regex over Simplified, half-width text, without look-around, built from period_parts and period_words.")
    unless: str = pa.Field(nullable=True, description="Regex over <surface> between the four characters before and after it; where it matches, the hit is none.")
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


class QualityChecks(Table):
    """What every run looks at before it publishes; the query of each is warehouse/checks/<check_name>.sql."""

    check_name: str = pa.Field(description="Name of the check and of its query, which gives scope, observed and an example.")
    severity: str = pa.Field(isin=SEVERITIES, description="fail: nothing is published; warn: the report says so.")
    comparison: str = pa.Field(isin=("<=", ">="), description="How what is observed has to stand to the limit.")
    limit: float = pa.Field(description="Largest or smallest value that passes.")
    message: str = pa.Field(description="For a reader: what a failure means and where to look.")
    owner: str = pa.Field(description="Part of caibao or of the data that a failure points to.")

    class Config:
        name = "quality_checks"
        unique = ["check_name"]
class SpliceCues(Table):
    """Patterns that the splice detector counts in each line; its trees learn what they are worth."""

    cue_id: str = pa.Field(description="What the pattern finds: headline, place, officialese; for a style group.wording.")
    measure: str = pa.Field(isin=("flag", "rate", "agree", "style", "title", "verdict"), description="flag: whether the line has it; rate: hits per 100 characters; agree: share of the strings found that other lines of the document have too; style: group.wording, how far the line's shares of a group's wordings lie from those of the document's other lines; title: flag of the document, from its title; verdict: no feature, asked by the rules alone.")
    pattern: str = pa.Field(description="Rust regex over Simplified, half-width text, without look-around. Words with | between them are found in one pass for all cues, and may overlap; a style is made of words.")
    reason: str = pa.Field(description="What it says about whether a line belongs.")
    hit: Strings = pa.Field(description="Lines that must match.")
    miss: Strings = pa.Field(description="Lines that look alike and must not match.")

    class Config:
        name = "splice_cues"
        unique = ["cue_id"]


class SpliceThresholds(Table):
    """Limits of the splice detector's verdicts."""

    threshold: str = pa.Field(description="Name by which the rules ask for it.")
    value: float = pa.Field(ge=0, description="The limit.")
    reason: str = pa.Field(description="What it guards against, and how it was chosen.")

    class Config:
        name = "splice_thresholds"
        unique = ["threshold"]
class ScriptVariants(Table):
    """Traditional characters that stand for one another: a text may use either, so neither is a conversion error."""

    characters: str = pa.Field(description="The forms, run together: 為爲.")
    reason: str = pa.Field(description="Why either is right: the standards differ, or both are current.")
    miss: Strings = pa.Field(description="Correct Traditional phrases in which no form of the group may be called wrong.")

    class Config:
        name = "script_variants"
        unique = ["characters"]


class ScriptDecisions(Table):
    """Characters on which the standards differ: what a repair makes of them, by which standard, and whether they prove a bad converter."""

    found: str = pa.Field(description="The character as written.")
    expected: str = pa.Field(description="What a repair puts in its place.")
    words: Strings = pa.Field(description="Words, as they should be, in which the decision holds; without any, every word of OpenCC's dictionary.")
    kept_words: Strings = pa.Field(description="Words, as written, in which `found` is right all the same.")
    is_evidence: bool = pa.Field(description="Whether it counts towards documents.is_misconverted; false where careful texts write it too.")
    standard: str = pa.Field(description="Whose standard is followed, and who writes otherwise.")
    hit: Strings = pa.Field(description="Phrases in which `found` is put right.")
    miss: Strings = pa.Field(description="Phrases in which `found` stays.")

    class Config:
        name = "script_decisions"
        unique = ["found", "expected"]


class ScriptWords(Table):
    """Characters that OpenCC's t2s leaves to context, settled by the word they stand in: 随著 -> 随着, but 著名."""

    found: str = pa.Field(description="The character as t2s leaves it.")
    expected: str = pa.Field(description="What Simplified texts write in changed_words, and anywhere else in a Traditional text.")
    changed_words: Strings = pa.Field(description="Simplified words, holding `found`, in which it becomes `expected` whatever the script of the text.")
    kept_words: Strings = pa.Field(description="Words in which `found` stays.")
    reason: str = pa.Field(description="What tells the two apart.")
    hit: Strings = pa.Field(description="Sentences in which every `found` becomes `expected`.")
    miss: Strings = pa.Field(description="Sentences in which every `found` stays.")

    class Config:
        name = "script_words"
        unique = ["found"]


class ScriptRegions(Table):
    """Words and character forms that only Taiwan or only Hong Kong uses: evidence for a document's region."""

    word: str = pa.Field(description="As written, in Traditional script.")
    region: str = pa.Field(isin=REGIONS, description="Where it is used.")

    class Config:
        name = "script_regions"
        unique = ["word"]


class Confusables(Table):
    """Characters that OCR and typing take for one another."""

    written: str = pa.Field(description="What stands in damaged text, lower case.")
    meant: str = pa.Field(description="What it may stand for.")
    cost: float = pa.Field(ge=0, le=1, description="How much the mistake weighs against one edit of any letter.")

    class Config:
        name = "confusables"
        unique = ["written", "meant"]


class RepairTerms(Table):
    """Words beyond the entity names that damage is measured against."""

    term: str = pa.Field(description="As it should be written.")
    is_target: bool = pa.Field(description="Whether damaged forms are repaired to it; false for words that only look like a damaged name and must stay.")

    class Config:
        name = "repair_terms"
        unique = ["term"]


class StrayCues(Table):
    """Words that tell a real question mark from one left by a lost character."""

    word: str = pa.Field(description="Simplified word.")
    kind: str = pa.Field(isin=("question", "unfinished"), description="question: the sentence asks; unfinished: no sentence ends on it, so a ? behind it is a lost character.")

    class Config:
        name = "stray_cues"
        unique = ["word"]


class DoubledWords(Table):
    """Function words that are never doubled on purpose, with the words that end or begin with them."""

    word: str = pa.Field(description="One character: 及, 的, 也.")
    before: Strings = pa.Field(description="Words that end with it, so that the second one is a word of its own: 目的|的.")
    after: Strings = pa.Field(description="Words that begin with it: 以及|及时.")
    hit: Strings = pa.Field(description="Sentences with a doubling.")
    miss: Strings = pa.Field(description="Sentences in which both are meant.")

    class Config:
        name = "doubled_words"
        unique = ["word"]


class Spellings(Table):
    """Wrong characters that a pattern gives away: digits and letters in each other's place (1半, 2O24年)."""

    rule_id: str = pa.Field(description="What is wrong: digit_in_word.")
    kind: str = pa.Field(isin=("ocr", "spelling"), description="Kind of the repair.")
    pattern: str = pa.Field(description="Regex over Simplified, half-width text; the group `wrong` is what is repaired.")
    written: str = pa.Field(description="Characters that are replaced within the group.")
    meant: str = pa.Field(description="What each of them is replaced by, in the same order.")
    confidence: float = pa.Field(ge=0, le=1, description="How sure the pattern is.")
    reason: str = pa.Field(description="Why this class of text is damaged.")
    hit: Strings = pa.Field(description="Sentences that are repaired.")
    miss: Strings = pa.Field(description="Sentences that look alike and stay.")

    class Config:
        name = "spellings"
        unique = ["rule_id"]
