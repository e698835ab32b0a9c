"""metrics: who, what, when, on which basis, and who says so."""

from collections import defaultdict

import polars as pl

from schemas.quantities import Metrics
from transforms.lexicon import Lexicon
from transforms.metrics.attachment import Attachment
from transforms.metrics.attribution import find_voices
from transforms.metrics.frames import Subject
from transforms.metrics.governing import Governing
from transforms.metrics.modality import find_cues, judge_document
from transforms.metrics.rows import Context, default_currency, to_row
from transforms.metrics.tokens import build_tokens, find_words, hide_numbers
from transforms.metrics.vocabulary import Vocabulary, compile_vocabulary
from transforms.periods import report_periods
from transforms.subjects import document_subjects

_QUANTITY_COLUMNS = (
    "doc_id", "block_no", "start_char", "end_char", "quote", "class", "value", "low", "high", "hedge", "unit", "per", "direction",
    "norm", "period_start", "period_end", "granularity",
)  # fmt: skip
_SELF_NAMES = ("公司", "集团", "本行", "该行")


def resolve_metrics(
    documents: pl.DataFrame,
    reading: pl.DataFrame,
    turns: pl.DataFrame,
    quantities: pl.DataFrame,
    mentions: pl.DataFrame,
    lexicon: Lexicon,
) -> pl.DataFrame:
    """metrics: one row per stated figure, with label, entity, segment, period, basis, accounting, modality and speaker.

    A figure for which the text gives no label has no row: about one in five of class metric, mostly prices and counts in passing.
    """
    vocabulary = compile_vocabulary(lexicon)
    subjects = document_subjects(documents, reading, mentions)
    described = documents.join(subjects, on="doc_id", maintain_order="left")
    wanted = reading.join(quantities.filter(pl.col("class") == "metric").select("doc_id").unique(), on="doc_id", how="semi")
    figures = _by_document(quantities.select(_QUANTITY_COLUMNS), "doc_id", "block_no")
    texts = hide_numbers(wanted, figures)
    blocks = _by_document(
        wanted.select("doc_id", "block_no", "start_char", "end_char", text="read_text"),
        words=find_words(texts, vocabulary.patterns), cues=find_words(texts, vocabulary.modality_patterns),
    )  # fmt: skip
    names = _by_document(mentions.select("doc_id", "start_char", "end_char", "entity", "type"))
    spoken = _by_document(turns.select("doc_id", "turn_no", "start_char", "end_char", "speaker", "role"))
    people = lexicon["entities"].filter((pl.col("type") == "person") & pl.col("parent").is_not_null())
    employers = dict(people.select("entity", "parent").iter_rows())
    local = lexicon["entities"].filter(pl.col("currency") == "TWD")
    currencies = dict(local.select("entity", "currency").iter_rows())
    reported = {
        row["doc_id"]: Governing(row["period"], row["period_start"], row["period_end"], row["granularity"])
        for row in report_periods(quantities, documents, reading, mentions, lexicon).iter_rows(named=True) if row["period"]
    }  # fmt: skip
    rows = []
    for document in described.iter_rows(named=True):
        doc_id = document["doc_id"]
        if doc_id in blocks:
            rows += _resolve_document(document, reported.get(doc_id), blocks[doc_id], figures, names[doc_id], spoken[doc_id], vocabulary, employers, currencies)
    return Metrics.frame(_number(rows))


def _by_document(frame: pl.DataFrame, *keys: str, **columns: list) -> dict[str | tuple, list[dict]]:
    """Return the rows of each document, or of each value of `keys`, in order; `columns` are added as they are."""
    grouped = defaultdict(list)
    for row, *more in zip(frame.iter_rows(named=True), *columns.values(), strict=True):
        grouped[tuple(row[key] for key in keys) if keys else row["doc_id"]].append(row | dict(zip(columns, more, strict=True)))
    return grouped


def _resolve_document(
    document: dict, report: Governing | None, blocks: list[dict], figures: dict[tuple, list[dict]], mentions: list[dict], turns: list[dict], vocabulary: Vocabulary,
    employers: dict[str, str], currencies: dict[str, str],
) -> list[dict]:
    """Return the rows of one document; `figures` are the quantities by doc_id and block_no."""
    quantities = [row for block in blocks for row in figures[document["doc_id"], block["block_no"]]]
    context = Context(
        doc_id=document["doc_id"], raw_text=document["raw_text"], forms=vocabulary.forms,
        kind=judge_document(document["title"], document["text"], vocabulary.forms),
        report=report, published=document["published_at"].date() if document["published_at"] else None,
        currency=default_currency(document["region"], [row["unit"] for row in quantities if _is_currency(row["unit"])]), turns=turns,
        script=document["script"], employers=employers, currencies=currencies,
    )  # fmt: skip
    attachment = Attachment(vocabulary, Subject(document["entity"] or _self_name(document["text"])), report)
    rows = []
    for block in blocks:
        start, end = block["start_char"], block["end_char"]
        named = [row for row in mentions if start <= row["start_char"] < end]
        tokens = build_tokens(block["text"], start, block["words"], figures[document["doc_id"], block["block_no"]], named, vocabulary)
        cues, voices = find_cues(block["cues"], vocabulary), find_voices(block["text"], start, named, vocabulary.speech)
        for statement in attachment.read_block(block["text"], tokens, start):
            rows.append(to_row(statement, block["block_no"], start, block["text"], cues, voices, context))
    return rows


def _self_name(text: str) -> str | None:
    """Return 公司 for a text that speaks of its company without ever naming it."""
    return "公司" if any(name in text for name in _SELF_NAMES) else None


def _is_currency(unit: str | None) -> bool:
    """Return whether a unit is an ISO 4217 code."""
    return unit is not None and len(unit) == 3 and unit.isupper()


def _number(rows: list[dict]) -> list[dict]:
    """Return the rows with their ids: doc_id.start_char.n, n counting the readings of one figure."""
    seen: dict[tuple, int] = defaultdict(int)
    for row in rows:
        place = row["doc_id"], row["start_char"]
        row["metric_id"] = f"{row['doc_id']}.{row['start_char']}.{seen[place]}"
        seen[place] += 1
    return rows
