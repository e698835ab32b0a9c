"""A statement as a row of metrics: modality, speaker, unit, evidence and confidence."""

import functools
import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

from transforms.metrics.attribution import Voice, voice_at
from transforms.metrics.frames import MARKET, UNNAMED, Statement, Subject
from transforms.metrics.governing import PARTS_OF_YEAR, Governing
from transforms.metrics.modality import DocumentKind, Occurrence, clause_of, judge_figure
from transforms.metrics.vocabulary import OBSERVED, Vocabulary

# How far 以 may be from the price that it reckons with
_COUNTED_CHARS = 28
# How far 昨日 may be from its price
_YESTERDAY_CHARS = 16
# What a row loses in confidence for each part that did not stand beside its figure.
_COSTS = {
    "label carried": 0.1, "label unknown": 0.15, "subject carried": 0.05, "subject of document": 0.1, "subject unknown": 0.2,
    "period carried": 0.05, "period of document": 0.1, "period unknown": 0.2, "unit implied": 0.1,
}  # fmt: skip
_REGION_CURRENCIES = {"tw": "TWD", "hk": "HKD"}
# An annual report may come four months after its year; what ends later was still ahead.
_REPORTING_DELAY = timedelta(days=150)
# Who speaks in a call without speaking for the company.
_NO_OFFICERS = frozenset({"analyst", "commenter", "moderator"})
# Metrics that a company's preview of results is about.
_PREVIEWED = frozenset({"revenue", "net_income", "eps", "profit_before_tax", "operating_income", "gross_profit"})
# What adjustments change
_ADJUSTED = frozenset({"gross_profit", "gross_margin", "operating_income", "operating_margin", "operating_expense", "net_income", "net_margin", "eps", "effective_tax_rate"})
# What a company knows to the digit when it reports, and a range written with both its ends
_REPORTED_EXACTLY = _PREVIEWED | {"gross_margin", "operating_margin", "net_margin", "operating_expense", "effective_tax_rate", "capacity_utilization", "capex"}
_BETWEEN_CHARS = 6
_RANGE = re.compile("[0-9%亿万元] ?[-—~～至到] ?[0-9]")
# How far behind a price its session may be told to have closed: 上涨0.91%,收在165.5元
_CLOSED_CHARS = 5
# What a session ends with, whatever was expected before it in the sentence.
_TRADED = frozenset({"share_price", "price_change", "market_cap", "turnover_value", "turnover_volume", "turnover_rate"})
# Prices and amounts in the currency of the exchange.
_QUOTED = frozenset({"share_price", "target_price", "market_cap", "turnover_value", "issue_price", "funds_raised", "funding_plan", "entry_fee", "fund_flow", "margin_balance", "margin_purchases", "margin_repayments", "net_margin_purchases"})


# 20亿元, in which no currency is named, and amounts in which one is
_HONG_KONG = frozenset({"CNY", "HKD"})
# 提到了大约: what may stand between the verb of what has happened and its figure
_VERB_CHARS = 6
# 花旗: and what else may stand before the company of an item
_ITEM_CHARS = 12
_PLAIN = re.compile("[0-9万亿千百兆萬億] ?元$")
# 2024E, 3Q24F: of the year's last two digits
_YEAR_MARK = re.compile("([0-9]{2}) ?年?([AEFPaefp])(?![A-Za-z])")
_NAMED = re.compile("(?:人民币|RMB|港币|HK\\$) ?[0-9]|[0-9万亿千百] ?(?:元人民币|人民币|港元|港币)")


class Turn(NamedTuple):
    """Who speaks from one place of a document to another."""

    turn_no: int
    start_char: int
    end_char: int
    speaker: str | None
    role: str
    speaker_title: str | None


@dataclass(frozen=True, slots=True)
class Context:
    """What a document says about all its figures; told: the day of its news, published or named at its head; last_day: the last day that an undated text tells of which reports on a period; currency: of amounts written without one; is_currency_told: it says so itself (人民币,下同); turns are in order; guided: what stands under 业绩指引; is_adjusted: it says that its profits are non-GAAP throughout; is_digest: items on a company each; is_of_session: the text tells of the trading of one day."""

    doc_id: str
    subject: Subject
    vocabulary: Vocabulary
    kind: DocumentKind
    report: Governing | None
    published: date | None
    told: date | None
    last_day: date | None
    currency: str
    turns: list[Turn]
    script: str
    region: str | None
    guided: list[tuple[int, int]]
    is_digest: bool
    is_of_session: bool
    is_currency_told: bool
    is_adjusted: bool

    def is_guided(self, at: int) -> bool:
        """Return whether a place stands under a heading of what the company expects."""
        return any(start <= at < end for start, end in self.guided)

    def turn_at(self, at: int) -> Turn | None:
        """Return the turn that a place lies in."""
        return next((turn for turn in self.turns if turn.start_char <= at < turn.end_char), None) if self.turns else None


def main_currencies(quantities: pl.DataFrame) -> dict[str, str]:
    """Return the currency that each document uses most; one that names none has none."""
    counts = quantities.filter(pl.col("unit").str.contains("^[A-Z]{3}$")).group_by("doc_id", "unit").len()
    return dict(counts.sort("doc_id", pl.col("len") * -1, "unit").unique("doc_id", keep="first").select("doc_id", "unit").iter_rows())


def region_currency(region: str | None) -> str:
    """Return the currency of amounts in a document that names none."""
    return _REGION_CURRENCIES.get(region, "CNY")


def ends_before(statements: list[Statement], text: str) -> list[date | None]:
    """Return for each statement of a block, in its order, the latest end of the periods that its sentence has told of before it."""
    ends: list[date | None] = []
    latest, until = None, 0
    for statement in statements:
        if text.rfind("。", until, statement.figure.start) >= 0:
            latest = None
        ends.append(latest)
        until, end = statement.figure.end, statement.period.end if statement.period else None
        latest = end if latest is None or (end is not None and end > latest) else latest
    return ends


def to_row(
    statement: Statement, block_no: int, offset: int, text: str, cues: list[Occurrence], voices: list[Voice], context: Context, end_before: date | None = None
) -> dict:  # fmt: skip
    """Return a statement as a row of metrics, still without metric_id. end_before: see ends_before."""
    statement = _dated(statement, text, context)
    figure, label, period = statement.figure, statement.use.label, statement.period
    start, end = figure.start + offset, figure.end + offset
    turn = context.turn_at(start)
    voice = voice_at(voices, figure.start) if turn is None else None
    modality, cue = _modality(statement, text, offset, cues, turn, voice, context)
    if modality in ("guidance", "estimate") and cue is not None and _is_before(statement, end_before, cue, text, offset) and _is_over(statement.period, context):
        # 计划2025年新开门店300家,2024年门店达到3000家
        modality = "actual"
    notes = _notes(statement)
    return {
        "doc_id": context.doc_id, "block_no": block_no, "turn_no": turn.turn_no if turn else None, "start_char": start,
        "end_char": end, "quote": figure.data.quote, "entity": statement.subject.entity, "segment": statement.segment,
        "metric": label.metric, "basis": statement.basis, "accounting": _accounting(statement, context), "value": statement.value,
        "low": statement.low, "high": statement.high, "unit": _unit(statement, offset, text, context), "hedge": figure.data.hedge,
        "period": period.label if period else None, "period_start": period.start if period else None,
        "period_end": period.end if period else None, "modality": modality, "speaker": turn.speaker if turn else _speaker(voice, statement),
        "confidence": round(1 - sum(_COSTS[note] for note in notes), 2),
        "evidence": _evidence(statement, offset, text, notes, cue), "rule_id": statement.rule,
    }  # fmt: skip


def _accounting(statement: Statement, context: Context) -> str | None:
    """Return the accounting basis of a figure: its own, or the one that the text states for all of its company's (除特别注明外均为非GAAP口径)."""
    if statement.accounting is None and context.is_adjusted and statement.use.label.metric in _ADJUSTED and statement.subject.entity == context.subject.entity:
        return "non_gaap"
    return statement.accounting


def _dated(statement: Statement, text: str, context: Context) -> Statement:
    """Return a price of today (今早收报104.2元) with the day the text was published; others as they are."""
    start, period = statement.figure.start, statement.period
    if statement.use.label.metric not in OBSERVED or (period is not None and period.is_day):
        return statement
    if context.told is not None and context.vocabulary.forms["yesterday"].search(text, max(text.rfind("。", 0, start), start - _YESTERDAY_CHARS) + 1, start):
        day = context.told - timedelta(days=1)
        return replace(statement, period=Governing(day.isoformat(), day, day, "day"))
    if context.told is not None and (named := context.vocabulary.forms["weekday"].search(text, max(text.rfind("。", 0, start), start - _YESTERDAY_CHARS) + 1, start)):
        day = context.told - timedelta(days=(context.told.weekday() - "一二三四五".index(named["day"])) % 7)
        return replace(statement, period=Governing(day.isoformat(), day, day, "day"))
    is_today = context.vocabulary.forms["today"].search(text, text.rfind("。", 0, start) + 1, start) is not None
    if not is_today and not (context.is_of_session and period is None):
        return statement
    day = context.told
    return replace(statement, period=Governing(day.isoformat(), day, day, "day") if day else None)


def _unit(statement: Statement, offset: int, text: str, context: Context) -> str | None:
    """Return the unit of the figure, or the one its label implies where none is written."""
    label = statement.use.label
    if context.region == "hk" and statement.figure.data.unit in _HONG_KONG and _PLAIN.search(statement.figure.data.quote):
        # 收益47.2亿元人民币,毛利20亿元: amounts of money go on in the currency that their paragraph has named last
        named = _currency_before(text, statement.figure.start) if label.unit_kind in ("money", "price") and label.metric not in _QUOTED else None
        if named is None and not context.is_currency_told and label.unit_kind in ("money", "per_share") and _is_item(statement, offset, context):
            named = "HKD"
        if named is not None:
            return named
    unit, quote = statement.figure.data.unit, statement.figure.data.quote
    if unit == "CNY" and context.script == "hant" and quote.endswith("元") and "人民" not in quote:
        if context.region == "hk" and (statement.use.label.unit_kind == "price" or statement.use.label.metric in _QUOTED):
            # 收入1200億元人民幣…股價升2%,報45.2元: whatever the company reports in, its shares trade in Hong Kong
            return "HKD"
        if statement.use.label.metric in _QUOTED and (quoted := context.vocabulary.quoted_in.get(statement.subject.entity)):
            # 瑞聲科技(02018)昨收報36.5元
            return quoted
        # 元 in Traditional characters is what a company of Taiwan or Hong Kong reports in
        return context.vocabulary.currencies.get(statement.subject.entity, unit)
    if unit == "CNY" and context.region == "hk" and statement.use.label.metric in _QUOTED and quote.endswith("元") and "人民" not in quote:
        # 收入7410億元人民幣,目標價630元: whatever the company reports in, Hong Kong quotes it in its dollar
        return "HKD"
    if unit is not None:
        return unit
    kind = statement.use.label.unit_kind
    # 瑞幸三季度收入152.9亿,星巴克收入95.7亿美元: an amount without a unit is in what its company reports in
    reported = context.vocabulary.reports_in.get(statement.subject.entity, context.currency) if label.metric not in _QUOTED else context.currency
    return {"money": reported, "price": context.currency, "per_share": context.currency, "percent": "percent",
            "multiple": "multiple"}.get(kind, "count")  # fmt: skip


def _currency_before(text: str, at: int) -> str | None:
    """Return the currency that an amount before a place names last."""
    named = _named_currencies(text)
    told = bisect_left(named, (at,))
    return named[told - 1][1] if told else None


def _is_item(statement: Statement, offset: int, context: Context) -> bool:
    """Return whether a block begins with another company than the document's, as the items of a digest do: 花旗:香港交易所(00388.HK)第三季…."""
    at = statement.subject.at
    return at is not None and 0 <= at[0] - offset < _ITEM_CHARS and (context.is_digest or statement.subject.entity != context.subject.entity)


@functools.lru_cache(maxsize=4)  # the figures of a block are written one after the other
def _named_currencies(text: str) -> list[tuple[int, str]]:
    """Return where a text names the currency of an amount: 人民币47.2亿元, 47.2亿元人民币, 3亿港元."""
    return [(match.start(), "CNY" if "人民" in match[0] or "RMB" in match[0] else "HKD") for match in _NAMED.finditer(text)]


def _modality(
    statement: Statement, text: str, offset: int, cues: list[Occurrence], turn: Turn | None, voice: Voice | None, context: Context
) -> tuple[str, Occurrence | None]:
    """Return the modality of a statement and the cue that decides it."""
    if statement.modality is not None:
        return statement.modality, None
    is_reported = _is_reported(statement.period, context)
    if context.is_digest:
        # one item of a digest forewarns, the next has reported
        context = replace(context, kind=replace(context.kind, is_preview=context.vocabulary.forms["preview"].search(text) is not None))
    is_result = statement.use.label.metric in _PREVIEWED and statement.segment is None
    modality, cue = judge_figure(
        statement.figure.start, text, cues, context.kind, context.vocabulary.forms, is_reported=is_reported, is_officer=_is_officer(turn, voice, statement, context)
    )
    if modality == "guidance" and (statement.subject is MARKET or (voice is not None and voice.is_outsider)):
        # 该行料公司收入将增长: whoever else expects it, it is no guidance of the company; nor is what a market is expected to do
        modality = "estimate"
    if cue is not None and cue.by in ("subject", "weak", "expects") and not is_reported and _is_past(statement.period, context):
        # 今年资本支出将介于…,高于去年的297.6亿: last year needs no expecting
        return "actual", cue
    if modality == "guidance" and statement.use.label.metric in OBSERVED and (statement.period is None or not _is_ahead(statement.period, context)):
        # 拟每股派5元,以收盘价128元计算: a company sets dividends, not the price of its share
        return "actual", cue
    if cue is not None and cue.by == "expects" and statement.use.label.metric in _TRADED:
        # 大行料股价受惠,收报412.6元
        return "actual", None
    if modality == "estimate" and statement.use.label.metric in _TRADED:
        is_closed = context.vocabulary.forms["closes_at"].search(text, clause_of(text, statement.figure.start), statement.figure.end + _CLOSED_CHARS)
        if is_closed or (cue is not None and ";" in text[cue.end : statement.figure.start]):
            return "actual", None
    if modality == "estimate" and statement.use.label.metric == "share_price" and context.vocabulary.forms["counted_at"].search(text, max(0, statement.figure.start - _COUNTED_CHARS), statement.figure.start):
        return "actual", None
    if modality == "actual" and is_reported and is_result and not statement.period.is_day and context.vocabulary.forms["forewarns"].search(text, text.rfind("。", 0, statement.figure.start) + 1, statement.figure.start):
        return "guidance", None
    if modality in (None, "actual") and _is_marked_forecast(statement.period, text, offset):
        return "estimate", None
    if modality is not None:
        return modality, cue
    if voice is not None and text[voice.start - 1 : voice.start] == "料" and not _is_past(statement.period, context):
        # 花旗料公司明年销量增一成, 管理层料全年收入增长8%
        return ("estimate" if voice.is_outsider else "guidance"), None
    is_ahead, follows = _is_ahead(statement.period, context) or _is_unfinished(statement, context), _follows_report(statement.period, context)
    # a broker's own forecast may stand behind the guidance that it cites, but not under its heading
    is_cited = (is_ahead or follows) and not context.kind.is_broker_note and context.vocabulary.forms["guided"].search(text, 0, statement.figure.start) is not None
    is_guided = is_cited or context.is_guided(statement.figure.start + offset)
    is_ahead = is_ahead or (is_guided and follows)
    if is_ahead and not statement.is_passed:
        begun = statement.period.start is not None and statement.period.start <= (_written(context) or date.min)
        if begun and context.vocabulary.forms["perfective"].search(text, max(0, statement.figure.start - _VERB_CHARS), statement.figure.start):
            # 今年份额从25%提到了33%: the year goes on, what is told has happened
            return "actual", None
        # 公司表示,2025年将回笼资金1.2亿元: what its own people say of what is ahead
        is_own = (voice is not None and not voice.is_outsider) or (turn is not None and _is_officer(turn, voice, statement, context))
        is_planned = not begun or context.vocabulary.forms["will"].search(text, clause_of(text, statement.figure.start), statement.figure.start) is not None
        return ("guidance" if is_guided or (is_own and is_planned) else "estimate"), None
    if context.kind.is_preview and is_reported and is_result:
        return "guidance", None
    is_exact = statement.basis == "level" and statement.use.label.metric in _REPORTED_EXACTLY and statement.period is not None and not is_reported
    if is_exact and _RANGE.search(statement.figure.data.quote) and context.vocabulary.forms["moves_between"].search(text, clause_of(text, statement.figure.start), statement.figure.end + _BETWEEN_CHARS) is None:
        # Q4毛利率落在27%~29%: what is reported is no range
        return ("estimate" if statement.subject is MARKET or context.kind.is_broker_note or (voice is not None and voice.is_outsider) else "guidance"), None
    return "actual", None


def _speaker(voice: Voice | None, statement: Statement) -> str | None:
    """Return who says a figure of the running text: a person, a broker, the company itself (公司预计), or null for the narrator."""
    if voice is None:
        return None
    return voice.speaker or (statement.subject.entity if statement.subject.entity != UNNAMED else None)


def _is_officer(turn: Turn | None, voice: Voice | None, statement: Statement, context: Context) -> bool:
    """Return whether the turn, or the voice in prose, is somebody's of the company that the figure describes."""
    if voice is not None:
        return not voice.is_outsider and (voice.speaker is None or context.vocabulary.employers.get(voice.speaker, statement.subject.entity) == statement.subject.entity)
    if turn is None:
        return False
    if turn.role == "comment" and turn.speaker_title is not None and turn.speaker not in _NO_OFFICERS:
        # 首席财务官周以宁:…: what the company's people say before they are asked
        return not context.vocabulary.forms["analyst_title"].search(turn.speaker_title)
    return turn.role == "answer" or context.vocabulary.employers.get(turn.speaker, "") == statement.subject.entity


def _is_reported(period: Governing | None, context: Context) -> bool:
    """Return whether a period is the one the document reports on, or ends with it as the second quarter does with the half."""
    if period is None or context.report is None:
        return False
    return period.label == context.report.label or (period.end is not None and period.end == context.report.end)


def _is_before(statement: Statement, end_before: date | None, cue: Occurrence, text: str, offset: int) -> bool:
    """Return whether a statement names a period behind a cue of another clause that was over before what the cue speaks of."""
    period = statement.period
    if period is None or period.at is None or period.end is None or end_before is None or period.end >= end_before:
        return False
    return cue.end <= period.at[0] - offset and cue.end <= clause_of(text, statement.figure.start)


def _is_over(period: Governing, context: Context) -> bool:
    """Return whether a period is the one that a document reports on, unless it only forewarns of it, or was over before."""
    return _is_past(period, context) or (_is_reported(period, context) and not context.kind.is_preview)


def _is_marked_forecast(period: Governing | None, text: str, offset: int) -> bool:
    """Return whether the years that name a period are marked as a forecast's: 2024E; in 23-25E the last mark holds for all."""
    if period is None or period.at is None or period.year is None or period.at[0] < offset:
        return False
    surface = text[period.at[0] - offset : period.at[1] - offset]
    marks = _YEAR_MARK.findall(surface)
    return bool(marks) and dict(marks).get(f"{period.year % 100:02}", marks[-1][1]) in "EFef"


def _is_past(period: Governing | None, context: Context) -> bool:
    """Return whether a named period was over a good while before the text was written."""
    if period is None or period.at is None or period.end is None:
        return False
    written = context.published or (context.report.end if context.report else None)
    return written is not None and period.end < written


def _is_ahead(period: Governing | None, context: Context) -> bool:
    """Return whether a period was not over when the text was written; undated texts follow their report by some months."""
    if period is None or period.at is None or period.end is None or period.is_day:
        return False
    written = _written(context)
    if written is None or period.end <= written:
        return False
    # an undated list of quarters (Q1/Q2/Q3分别为) is not ahead of its first one
    return context.published is not None or context.report is None or period.year != context.report.year or period.granularity in ("half", "year")


def _follows_report(period: Governing | None, context: Context) -> bool:
    """Return whether a named quarter or year begins after what the document reports on: 下季营收183亿至191亿美元."""
    if period is None or period.at is None or period.start is None or period.is_day or context.report is None or context.report.end is None:
        return False
    return period.start > context.report.end


def _is_unfinished(statement: Statement, context: Context) -> bool:
    """Return whether a figure is of what a company earns in a year of which a text only reports a part: 上调25年归母净利润至14.3亿元 in a note on its third quarter."""
    period, report = statement.period, context.report
    if period is None or report is None or period.at is None or statement.use.label.metric not in _PREVIEWED:
        return False
    return period.granularity == "year" and report.granularity in PARTS_OF_YEAR and period.year is not None and period.year == report.year and report.end is not None and period.end is not None and report.end < period.end


def _written(context: Context) -> date | None:
    """Return when a text was written: the day it was published, else some months after its report, or the day of its news, or the last day that it tells of."""
    after_report = context.report.end + _REPORTING_DELAY if context.report and context.report.end else None
    return context.published or max(filter(None, (after_report, context.told, context.last_day)), default=None)


def _notes(statement: Statement) -> list[str]:
    """Return what of the row was not explicit."""
    notes = []
    if not statement.use.is_known:
        notes.append("label unknown")
    if statement.is_label_carried:
        notes.append("label carried")
    if statement.subject.entity is None:
        notes.append("subject unknown")
    elif statement.subject.at is None:
        notes.append("subject of document")
    elif statement.is_subject_carried:
        notes.append("subject carried")
    if statement.period is None:
        notes.append("period unknown")
    elif statement.period.at is None:
        notes.append("period of document")
    elif statement.is_period_carried:
        notes.append("period carried")
    if statement.figure.data.unit is None:
        notes.append("unit implied")
    return notes


def _evidence(statement: Statement, offset: int, text: str, notes: list[str], cue: Occurrence | None) -> str:
    """Return where each part of the row comes from: label@120-124 explicit; entity@3-6 carried; period document."""
    use, subject, period = statement.use, statement.subject, statement.period
    clause = clause_of(text, statement.figure.start)
    parts = [
        f"label@{use.start + offset}-{use.end + offset} {'carried' if statement.is_label_carried else 'explicit'}",
        _part("entity", subject.at, subject.entity, statement.is_subject_carried),
        _part("period", period.at if period else None, period, statement.is_period_carried),
    ]
    if statement.segment and (at := text.rfind(statement.segment, 0, statement.figure.start)) >= 0:
        parts.append(_part("segment", (at + offset, at + len(statement.segment) + offset), True, at < clause))
    if statement.basis != "level":
        start, end = statement.basis_at or (None, None)
        parts.append("basis implied" if start is None else _part("basis", (start + offset, end + offset), True, start < clause))
    if cue is not None:
        parts.append(f"modality@{cue.start + offset}-{cue.end + offset} explicit")
    if "unit implied" in notes:
        parts.append("unit implied")
    return "; ".join(parts)


def _part(name: str, at: tuple[int, int] | None, known: object, is_carried: bool) -> str:
    """Return one part of the evidence."""
    if at is not None:
        return f"{name}@{at[0]}-{at[1]} {'carried' if is_carried else 'explicit'}"
    return f"{name} document" if known else f"{name} unknown"
