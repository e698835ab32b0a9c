"""metrics: who, what, when, on which basis, and who says so."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

import polars as pl

from schemas.quantities import Metrics
from transforms.joined_text import JoinedText
from transforms.lexicon import Lexicon
from transforms.likely import likely
from transforms.metrics.attachment import Attachment
from transforms.metrics.attribution import NamedSpan, Voice, find_voices
from transforms.metrics.frames import UNNAMED, Subject
from transforms.metrics.governing import PARTS_OF_YEAR, Governing
from transforms.metrics.modality import Occurrence, find_cues, judge_document, without_names
from transforms.metrics.rows import Context, Turn, ends_before, main_currencies, region_currency, to_row
from transforms.metrics.tables import Table
from transforms.metrics.tokens import Token, find_starts, hide_numbers, is_days, locate, read_tokens
from transforms.metrics.vocabulary import Vocabulary, compile_vocabulary
from transforms.quantities import tells_currency
from transforms.subjects import Subjects, section_subjects

# 公司公布…, 报告期内公司实现…, but not 众多跨国公司 or 大宇集团
_SELF_NAME = re.compile(r"(?:^|[,。;:!?()\s“”\"'、年月日期度末内底予调果了计为对给于将使由与至持看]|事件|预计|我们认为|其中|目前|来看)(?:本|该|上市|我)?(?:公司|集团)(?!法|债|治理|员工|们)|(?:本|该|我)行(?!业)", re.MULTILINE)
# Whose profit a company's report tells
_OWNERS = re.compile("归母|扣非|归属于?(?:上市公司|母公司)")
# A text that is about 公司 says so once in so many characters.
_PACE = 1600
# So many companies are not named in passing: the text is about them.
_MANY_NAMED = 4
# Within so many characters a note says 公司.
_HEAD_CHARS = 200


# A heading is a short line: 二、指引
_HEADING_CHARS = 16
# How far down a text may say by which accounting its figures are
_NOTE_CHARS = 600
# A question that is answered in the next block: longer ones ask about several things
_QUESTION_CHARS = 60


# A digest has so many items, each with its company among so many characters
_FEWEST_ITEMS, _ITEM_CHARS = 3, 12
# How far an article may go before it says what it is about
_SESSION_CHARS = 300


class _Block(NamedTuple):
    """A block with what was read in it: clauses, tokens, cues of modality, who speaks, and where others than companies are spoken of.

    start_char is its first code point in the document.
    """

    doc_id: str
    block_no: int
    start_char: int
    text: str
    starts: list[int]
    tokens: list[Token]
    cues: list[Occurrence]
    voices: list[Voice]
    others: list[tuple[int, int]]
    markets: list[int]


def resolve_metrics(
    documents: pl.DataFrame,
    reading: pl.DataFrame,
    turns: pl.DataFrame,
    quantities: pl.DataFrame,
    subjects: Subjects,
    reports: pl.DataFrame,
    lexicon: Lexicon,
) -> pl.DataFrame:
    """metrics: one row per stated figure, with label, entity, segment, period, basis, accounting, modality and speaker.

    A figure for which the text gives no label has no row: about one in five of class metric, mostly prices and counts in passing.
    reports: the period that each document reports on and the day of its news, from resolve_periods.
    """
    vocabulary = compile_vocabulary(lexicon)
    with_figures = _with_figures(reading, quantities)
    mentions = subjects.mentions
    reported = _reported(reports)
    told = {doc_id: days for doc_id, *days in reports.select("doc_id", "told_on", "last_day").iter_rows()}
    spoken: dict[str, list[Turn]] = defaultdict(list)
    for doc_id, *turn in turns.select("doc_id", *Turn._fields).iter_rows():
        spoken[doc_id].append(Turn(*turn))
    headings = _headings(reading)
    currencies, guided = main_currencies(quantities), _guided(headings, vocabulary)
    digests = _digests(reading, mentions)
    companies = dict(mentions.filter(pl.col("type") == "company").group_by("doc_id").agg(pl.col("entity").n_unique()).iter_rows())
    contexts = {}
    stated = documents.join(with_figures, on="doc_id", how="semi").select("doc_id", "title", "text", "published_at", "region", "script")
    may_be_note = likely(stated["text"], vocabulary.forms["broker_note"])
    told_currency = tells_currency("|".join(lexicon["local_currencies"]["names"]))
    for document in stated.with_columns(may_be_note=may_be_note, is_currency_told=told_currency).iter_rows(named=True):
        doc_id = document["doc_id"]
        told_on, last_day = told.get(doc_id, (None, None))
        contexts[doc_id] = Context(
            doc_id=doc_id, subject=Subject(subjects.companies[doc_id] or (None if doc_id in subjects.letters else _self_name(document["text"], companies.get(doc_id, 0)))), vocabulary=vocabulary, kind=judge_document(document["title"], document["text"], vocabulary.forms, document["may_be_note"]),
            report=reported.get(doc_id), published=document["published_at"].date() if document["published_at"] else None, told=told_on, last_day=last_day,
            currency=currencies.get(doc_id) or region_currency(document["region"]), turns=spoken[doc_id], script=document["script"],
            region=document["region"], guided=guided.get(doc_id, []), is_digest=doc_id in digests,
            is_of_session=vocabulary.forms["of_one_session"].search(document["text"], 0, _SESSION_CHARS) is not None,
            is_currency_told=document["is_currency_told"], is_adjusted=vocabulary.forms["all_adjusted"].search(document["text"], 0, _NOTE_CHARS) is not None,
        )  # fmt: skip
    sections = {(doc_id, block_no): Subject(entity) for doc_id, block_no, entity in section_subjects(reading, mentions).iter_rows()}
    dated = _dated_parts(headings, quantities)
    rows = []
    for doc_id, blocks in groupby(_read_blocks(with_figures, quantities, mentions, vocabulary), key=attrgetter("doc_id")):
        rows += _resolve_document(blocks, contexts[doc_id], sections, dated, subjects)
    return _number(_frame(rows))


def _headings(reading: pl.DataFrame) -> pl.DataFrame:
    """Return the blocks with the heading that stands above each (二、指引), and its number: the block itself where it is one."""
    text = pl.col("read_text").str.strip_chars()
    is_heading = (text.str.len_chars() <= _HEADING_CHARS) & (~text.str.contains(r"[。,;!?%、]$|[。,]") | text.str.ends_with(":"))
    blocks = reading.select("doc_id", "block_no", "start_char", "end_char", heading=pl.when(is_heading).then(text), headed_by=pl.when(is_heading).then("block_no"))
    return blocks.with_columns(pl.col("heading", "headed_by").forward_fill().over("doc_id"))


def _guided(headings: pl.DataFrame, vocabulary: Vocabulary) -> dict[str, list[tuple[int, int]]]:
    """Return the spans of each document that stand under a heading of what the company expects: 二、指引, 业绩展望."""
    spans = headings.filter(pl.col("heading").str.contains(vocabulary.forms["guided"].pattern)).select("doc_id", "start_char", "end_char")
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for doc_id, start, end in spans.iter_rows():
        found[doc_id].append((start, end))
    return found


def _dated_parts(headings: pl.DataFrame, quantities: pl.DataFrame) -> dict[tuple[str, int], Governing]:
    """Return the period of each block that stands under a heading which names one and no figure: 二、Q3成绩单. A text's first line is its title."""
    is_period = pl.col("granularity").is_in([*PARTS_OF_YEAR, "year"])
    named = quantities.with_columns(is_period=is_period).group_by("doc_id", "block_no").agg(
        pl.col("is_period").sum().alias("periods"), pl.col("class").eq("metric").any().alias("has_figure"),
        *(pl.col(name).filter("is_period").first() for name in ("norm", "period_start", "period_end", "granularity", "start_char", "end_char")),
    )  # fmt: skip
    named = named.filter((pl.col("periods") == 1) & ~pl.col("has_figure")).rename({"block_no": "headed_by", "start_char": "named_from", "end_char": "named_to"})
    below = headings.filter((pl.col("block_no") != pl.col("headed_by")) & (pl.col("headed_by") > pl.col("block_no").min().over("doc_id")))
    rows = below.join(named, on=["doc_id", "headed_by"]).select("doc_id", "block_no", "norm", "period_start", "period_end", "granularity", "named_from", "named_to")
    return {(doc_id, block_no): Governing(*period, (start, end)) for doc_id, block_no, *period, start, end in rows.iter_rows()}


def _digests(reading: pl.DataFrame, mentions: pl.DataFrame) -> set[str]:
    """Return the documents in which several blocks begin with a company each, another every time."""
    blocks = reading.select("doc_id", "block_no", block_start="start_char").sort("doc_id", "block_start")
    openings = mentions.filter(pl.col("type") == "company").select("doc_id", "start_char", "entity").sort("doc_id", "start_char")
    openings = openings.join_asof(blocks, left_on="start_char", right_on="block_start", by="doc_id", check_sortedness=False)
    openings = openings.filter(pl.col("start_char") - pl.col("block_start") < _ITEM_CHARS)
    companies = openings.group_by("doc_id").agg(blocks=pl.col("block_no").n_unique(), companies=pl.col("entity").n_unique())
    return set(companies.filter(pl.min_horizontal("blocks", "companies") >= _FEWEST_ITEMS)["doc_id"])


def _with_figures(reading: pl.DataFrame, quantities: pl.DataFrame) -> pl.DataFrame:
    """Return the blocks with figures, the lines of tables and above them, and questions that they answer: other blocks hand nothing on."""
    figures = quantities.filter((pl.col("class") == "metric") | is_days()).select("doc_id", "block_no", has_figure=True).unique()
    is_row = pl.col("read_text").str.starts_with("|")
    is_asked = (pl.col("read_text").str.len_chars() <= _QUESTION_CHARS) & pl.col("read_text").str.contains(r"[?][”」*]*\s*$") & pl.col("has_figure").shift(-1).over("doc_id")
    return (
        reading.join(figures, on=["doc_id", "block_no"], how="left", maintain_order="left")
        .filter(pl.col("has_figure").fill_null(False) | is_asked.fill_null(False) | is_row | is_row.shift(-1).over("doc_id").fill_null(False))
        .drop("has_figure")
    )


def _read_blocks(reading: pl.DataFrame, quantities: pl.DataFrame, mentions: pl.DataFrame, vocabulary: Vocabulary) -> Iterator[_Block]:
    """Yield the blocks, read into tokens."""
    text = JoinedText.of(reading["read_text"])
    numbers, names = locate(quantities, reading, text), locate(mentions, reading, text)
    hidden = hide_numbers(text, numbers)
    places = reading.select("doc_id", "block_no", "start_char", "read_text").iter_rows()
    read = find_starts(text), read_tokens(text, hidden, numbers, names, vocabulary), find_cues(hidden, vocabulary), _spans_by_text(names, text)
    speech, others, markets = vocabulary.speech, vocabulary.forms["others"], vocabulary.forms["market_topic"]
    may_speak, may_tell, may_turn = likely(reading["read_text"], speech.titled, speech.unnamed), likely(reading["read_text"], others), likely(reading["read_text"], markets)
    for place, starts, tokens, cues, spans, speaks, tells, turns in zip(places, *read, may_speak, may_tell, may_turn, strict=True):
        block_text = place[-1]
        voices = find_voices(block_text, spans, speech, speaks)
        yield _Block(
            *place, starts, tokens, without_names(cues, block_text), voices, [match.span() for match in others.finditer(block_text)] if tells else [],
            [match.start() for match in markets.finditer(block_text)] if turns else [],
        )  # fmt: skip


def _spans_by_text(names: pl.DataFrame, text: JoinedText) -> Iterator[list[NamedSpan]]:
    """Yield the mentions of each text, at their places in it."""
    starts = names["start"].to_numpy()
    first = text.first_of_text(starts)
    spans = list(map(NamedSpan, (starts - first).tolist(), (names["end"].to_numpy() - first).tolist(), names["entity"], names["type"]))
    for begin, past in text.bounds(starts):
        yield spans[begin:past]


def _reported(reports: pl.DataFrame) -> dict[str, Governing]:
    """Return the period that each document reports on."""
    named = reports.filter(pl.col("period") != "").select("doc_id", "period", "period_start", "period_end", "granularity")
    return {doc_id: Governing(*period) for doc_id, *period in named.iter_rows()}


def _resolve_document(blocks: Iterable[_Block], context: Context, sections: dict[tuple[str, int], Subject], dated: dict[tuple[str, int], Governing], subjects: Subjects) -> list[dict]:
    """Return the rows of one document. sections, dated: the company and the period of blocks that stand under their names."""
    attachment, table = Attachment(context.vocabulary, context.subject, context.report), Table(context.vocabulary, context.subject, context.report)
    attachment.served, attachment.owned = (of.get(context.doc_id, frozenset()) for of in (subjects.customers, subjects.owned))
    rows = []
    for block in blocks:
        attachment.subject = table.subject = sections.get((block.doc_id, block.block_no), context.subject)
        attachment.report = dated.get((block.doc_id, block.block_no), context.report)
        statements = table.settle(block.text, block.tokens, attachment.read_block(block.text, block.starts, block.tokens, block.others, block.markets, block.start_char), block.start_char)
        told = zip(statements, ends_before(statements, block.text), strict=True)
        rows += [to_row(statement, block.block_no, block.start_char, block.text, block.cues, block.voices, context, end) for statement, end in told]
    return rows


def _self_name(text: str, named: int) -> str | None:
    """Return 公司 for a text that speaks of its company without ever naming it; a text that names many (`named`) has to say it as often."""
    places = [match.start() for match in _SELF_NAME.finditer(text)]
    said = len(places)
    if not said and not named and _OWNERS.search(text):
        # 2024Q1实现营收7.6亿元,归母净利润3120万元: nobody but a company has these
        return UNNAMED
    return UNNAMED if said and said * _PACE >= len(text) and (named < _MANY_NAMED or said >= named or places[0] < _HEAD_CHARS) else None


def _frame(rows: list[dict]) -> pl.DataFrame:
    """Return the rows, which all have the same keys in the same order, as metrics; by column, which polars builds twice as fast."""
    if not rows:
        return Metrics.empty()
    types = Metrics.polars_schema()
    columns = dict(zip(rows[0], zip(*(row.values() for row in rows), strict=True), strict=True))
    return pl.DataFrame(columns, schema={name: types[name] for name in columns})


def _number(metrics: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with their ids: doc_id.start_char.n, n counting the readings of one figure."""
    nth = pl.int_range(pl.len()).over("doc_id", "start_char")
    return metrics.with_columns(metric_id=pl.format("{}.{}.{}", "doc_id", "start_char", nth)).select(Metrics.column_names())
