"""A statement as a row of metrics: modality, speaker, unit, evidence and confidence."""

from dataclasses import dataclass

from transforms.metrics.frames import Statement
from transforms.metrics.modality import DocumentKind, Occurrence, judge_figure

# What a row loses in confidence for each part that did not stand beside its figure.
_COSTS = {
    "label carried": 0.1, "label unknown": 0.15, "subject carried": 0.05, "subject of document": 0.1, "subject unknown": 0.2,
    "period carried": 0.05, "period of document": 0.1, "period unknown": 0.2, "unit implied": 0.1,
}  # fmt: skip
_REGION_CURRENCIES = {"tw": "TWD", "hk": "HKD"}
# Metrics that a company's preview of results is about.
_PREVIEWED = frozenset({"revenue", "net_income", "eps", "profit_before_tax", "operating_income", "gross_profit"})


@dataclass(frozen=True, slots=True)
class Context:
    """What a document says about all its figures.

    speakers: (start, end, speaker, role) of its turns, in order.
    """

    doc_id: str
    raw_text: str
    kind: DocumentKind
    report: str | None
    report_year: int | None
    currency: str
    turns: list[dict]


def default_currency(region: str | None, currencies: list[str]) -> str:
    """Return the currency of amounts written without one: the only one the document uses, else that of its region."""
    distinct = set(currencies)
    return distinct.pop() if len(distinct) == 1 else _REGION_CURRENCIES.get(region, "CNY")


def to_row(
    statement: Statement, block_no: int, offset: int, text: str, cues: list[Occurrence], context: Context
) -> dict:  # fmt: skip
    """Return a statement as a row of metrics, still without metric_id."""
    figure, label, period = statement.figure, statement.use.label, statement.period
    start, end = figure.start + offset, figure.end + offset
    turn = next((turn for turn in context.turns if turn["start_char"] <= start < turn["end_char"]), None)
    modality, cue = _modality(statement, text, cues, context)
    notes = _notes(statement)
    return {
        "doc_id": context.doc_id, "block_no": block_no, "turn_no": turn["turn_no"] if turn else None, "start_char": start,
        "end_char": end, "quote": context.raw_text[start:end], "entity": statement.subject.entity, "segment": statement.segment,
        "metric": label.metric, "basis": statement.basis, "accounting": statement.accounting, "value": statement.value,
        "low": statement.low, "high": statement.high, "unit": _unit(statement, context), "hedge": figure.data["hedge"],
        "period": period.label if period else None, "period_start": period.start if period else None,
        "period_end": period.end if period else None, "modality": modality, "speaker": turn["speaker"] if turn else None,
        "confidence": round(1 - sum(_COSTS[note] for note in notes), 2),
        "evidence": _evidence(statement, offset, notes, cue), "rule_id": statement.rule,
    }  # fmt: skip


def _unit(statement: Statement, context: Context) -> str | None:
    """Return the unit of the figure, or the one its label implies where none is written."""
    unit = statement.figure.data["unit"]
    if unit is not None:
        return unit
    kind = statement.use.label.unit_kind
    return {"money": context.currency, "price": context.currency, "per_share": context.currency, "percent": "percent",
            "multiple": "multiple"}.get(kind, "count")  # fmt: skip


def _modality(statement: Statement, text: str, cues: list[Occurrence], context: Context) -> tuple[str, Occurrence | None]:
    """Return the modality of a statement and the cue that decides it."""
    at = statement.figure.start
    sentence = max(text.rfind(mark, 0, at) for mark in "。!?") + 1
    clause = max(text.rfind(mark, 0, at) for mark in ",。;:!?") + 1
    names_company = statement.subject.at is not None
    modality, cue = judge_figure(at, sentence, clause, text, cues, context.kind, names_company)
    period = statement.period
    if modality in (None, "actual") and period is not None:
        if period.year and context.report_year and period.year > context.report_year:
            return "estimate", None
        if modality is None and context.kind.is_preview and _is_previewed(statement, context):
            return "guidance", None
    return modality or "actual", cue


def _is_previewed(statement: Statement, context: Context) -> bool:
    """Return whether a figure is one of those that the preview of results announces."""
    is_result = statement.use.label.metric in _PREVIEWED and statement.segment is None
    return is_result and statement.period.label == context.report


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
    if statement.figure.data["unit"] is None:
        notes.append("unit implied")
    return notes


def _evidence(statement: Statement, offset: int, notes: list[str], cue: Occurrence | None) -> str:
    """Return where each part of the row comes from: label@120-124 explicit; entity@3-6 carried; period document."""
    use, subject, period = statement.use, statement.subject, statement.period
    parts = [
        f"label@{use.start + offset}-{use.end + offset} {'carried' if statement.is_label_carried else 'explicit'}",
        _part("entity", subject.at, subject.entity, statement.is_subject_carried),
        _part("period", period.at if period else None, period, statement.is_period_carried),
    ]
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
