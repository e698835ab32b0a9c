"""turns: who speaks where."""

import functools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from schemas.blocks import Turns
from transforms.aliases import known_names
from transforms.lexicon import Lexicon
from transforms.script import simplify
from transforms.speakers import Speaker, is_not_speaker, may_name, namesake, read_label, read_second_label, words_of

# What may stand around a label: bullets and Markdown before it, and doubled or stray marks after it (段永平::, 段永平:?).
_LEAD = r"^[\s*_#>•◆■●▶\-]*"
_COLON = rf"{_LEAD}[【\[「]?((?:[^:。!?;\n]){{1,60}}?)[】\]」]?[\s*_]*:"
_BRACKETED = rf"{_LEAD}[【\[]([^】\]:]{{1,24}})[】\]]"
# 公司回答表示,截至3月31日…: an answer that the page tells without a colon
_NARRATED = rf"{_LEAD}((?:公司|董秘|管理层|上市公司|公司方面)(?:回答|回复|答复|回应))(?:表示|称|说|道|指出)?,"
_NUMBERED = rf"{_LEAD}((?:Q|A|问|答|问题|提问|回答|Question)\s?(?:\d{{1,3}}|[一二三四五六七八九十]))[.、)\s]"
# A block that is nothing but a name and a title: **Jensen Huang** -- President and CEO.
_ALONE = rf"{_LEAD}([^:。!?;,\n][^:。!?;\n]{{1,70}}?)[\s*_]*$"
# A title after a name that stands alone: Tim Cook -- CEO, 张明(财务总监).
_TITLED_ALONE = re.compile(r"--|—|–|\||,|\s-\s|[(\[]")
# 投资者:…?董秘:…。 in one paragraph
_INLINE = re.compile(r"(?<=[。!?;…”\"\s])([^\s:。!?;,、”\"“(]{1,14}(?:\([^()]{1,20}\))?):|(?<![提请回作解追疑反询学访设发])([答问]):")
# 2:省代进展如何?答:已有16家。
_INLINE_LISTED = re.compile(r"(?:^|(?<=[。!?;:\s]))(\d{1,2})[:、.)]\s?(?=[^答]{4,200}[?][”\"]?\s*答:)")
_LISTED_QUESTION = re.compile(rf"{_LEAD}\(?(\d{{1,2}})[)、.:]\s*(.{{6,}}[?])$")
_REMARK = re.compile(r"^[\s*_>]*\(.*\)[\s*_。]*$", re.DOTALL)
_ENDS_SENTENCE = re.compile(r"[。!?;…:,\"”)]\s*\**$")
_HEADING_CHARS = 30
_HEADER_LABELS = ("byline", "dateline")
# Up to so many characters without a full stop, a line led by a name is a headline: 黄仁勋:需求惊人
_HEADLINE_CHARS = 26
# A person who asks in most of several turns is the one who asks.
_ASKING_SHARE = 0.6


@dataclass
class _Unit:
    """A block, or the part of one that a label opens."""

    start_char: int
    end_char: int
    text: str
    is_dropped: bool
    label: str | None = None
    speaker: Speaker | None = None
    is_alone: bool = False
    is_narrated: bool = False


@dataclass
class _Exchange:
    """What the turns of a document so far say about the next one."""

    number: str | None = None
    is_open: bool = False
    turns: list[dict] = field(default_factory=list)


def split_turns(blocks: pl.DataFrame, marks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """turns: questions, answers and comments, each from its speaker label to the next one or the end of the exchange.

    A label is one by the lexicon (Q3, 主持人, 黄仁勋), by a title or house beside a name (董事长李四, 中信证券张三), or by the shape of
    a name with further evidence: repeated, or among other labels, and followed by speech. Headlines and 来源: are none.
    """
    labelled = _label(blocks, lexicon)
    texts = labelled.filter(pl.col("label").is_not_null() | pl.col("alone").is_not_null() | pl.col("has_inline"))
    plausible = [doc_id for doc_id, labels in _labels_by_document(texts) if any(read_label(label, lexicon) for label in labels)]
    dropped = _dropped(blocks, marks)
    rows = []
    for (doc_id,), lines in labelled.filter(pl.col("doc_id").is_in(plausible)).group_by("doc_id", maintain_order=True):
        units = list(_units(lines, dropped.get(doc_id, set()), lexicon))
        turns = _converse(_accept(units, lexicon), lexicon)
        rows += [{"doc_id": doc_id, "turn_no": number, **turn} for number, turn in enumerate(turns)]
    return Turns.frame(rows)


def _label(blocks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return the blocks with the text before a colon or in brackets, with what stands alone, and whether labels may stand inside."""
    text = pl.col("text")
    # most lines have neither; to see that takes a tenth of what the patterns take
    with_colon, without_stop = pl.when(text.str.contains(":", literal=True)).then(text), pl.when(~text.str.contains("[:。!?;]")).then(text)
    alone = without_stop.str.extract(_ALONE)
    return blocks.select(
        "doc_id", "block_no", "start_char", "end_char", "text",
        label=pl.coalesce(text.str.extract(_NUMBERED), with_colon.str.extract(_COLON), text.str.extract(_BRACKETED), text.str.extract(_NARRATED)),
        alone=pl.when(may_name(alone, lexicon)).then(alone),
        has_inline=text.str.contains(r"(?:[。!?;…”\"\s](?:投资者|提问|问|[QA](?:[^a-z]|$)|公司|记者|主持人)|答|董秘)[^:。!?;,]{0,10}:"),
    )  # fmt: skip


def _labels_by_document(labelled: pl.DataFrame) -> Iterator[tuple[str, set[str]]]:
    """Yield each document with its distinct candidate labels."""
    inline = pl.when("has_inline").then(pl.lit("问"))
    grouped = labelled.group_by("doc_id", maintain_order=True).agg(
        labels=pl.concat([pl.col("label"), pl.col("alone"), inline]).drop_nulls().unique()
    )
    for doc_id, labels in grouped.iter_rows():
        yield doc_id, set(labels)


def _dropped(blocks: pl.DataFrame, marks: pl.DataFrame) -> dict[str, set[int]]:
    """Return, per document, the numbers of the blocks in which nobody speaks: dropped ones, bylines and datelines ((记者:何小文))."""
    dropping = marks.filter(pl.col("is_dropping") | pl.col("label").is_in(_HEADER_LABELS)).select("doc_id", mark_start="start_char", mark_end="end_char")
    covered = blocks.join(dropping, on="doc_id").filter(
        pl.col("start_char") >= pl.col("mark_start"), pl.col("end_char") <= pl.col("mark_end")
    )
    return {doc_id: set(numbers) for doc_id, numbers in covered.group_by("doc_id").agg("block_no").iter_rows()}


def _units(lines: pl.DataFrame, dropped: set[int], lexicon: Lexicon) -> Iterator[_Unit]:
    """Yield the blocks of a document as units, cut where a label stands inside a paragraph."""
    rows = lines.select("block_no", "start_char", "end_char", "text", "label", "alone", "has_inline")
    for block_no, start_char, end_char, text, label, alone, has_inline in rows.iter_rows():
        cuts = _cuts(text, lexicon) if has_inline else []
        resumed = _resumption(text, cuts[-1][0], lexicon) if cuts else None
        places = [(0, label), *(cut for cut in cuts if cut[0] > 0)] if not cuts or cuts[0][0] > 0 else cuts
        places += [(resumed, None)] if resumed else []
        for (start, name), end in zip(places, [*(place for place, _ in places[1:]), len(text)], strict=True):
            part = text[start:end]
            unit = _Unit(start_char + start, start_char + start + len(part.rstrip()) if end < len(text) else end_char, part, block_no in dropped, name)
            unit.is_narrated = start == resumed
            unit.speaker = read_label(name, lexicon) if name else None
            if unit.speaker:
                unit.speaker = read_second_label(unit.speaker, name, part.partition(":")[2], lexicon)
            if not unit.speaker and alone and not cuts and len(text) <= 80 and _may_stand_alone(alone, lexicon):
                unit.label, unit.speaker, unit.is_alone = alone, read_label(alone, lexicon), True
            yield unit


def _cuts(text: str, lexicon: Lexicon) -> list[tuple[int, str]]:
    """Return where labels open a turn inside a paragraph, and the labels."""
    cuts = {match.start(): match.group(1) or match.group(2) for match in _INLINE.finditer(text)}
    # Vivek Arya(高盛): the blank in a label is no place to cut
    spoken = re.search(r"[:。!?;…]", text)
    cuts = {place: label for place, label in cuts.items() if _opens_inline(label, lexicon) and (place == 0 or (spoken and place > spoken.start()))}
    cuts |= {match.start(1): f"问题{match.group(1)}" for match in _INLINE_LISTED.finditer(text)}
    return sorted(cuts.items())


def _resumption(text: str, last_cut: int, lexicon: Lexicon) -> int | None:
    """Return where the narrator goes on after the last answer of a paragraph: …感谢您的关注!岭东股份一季报显示."""
    resumes = _any_word(lexicon, "narration_resumes").search(text, last_cut)
    if not resumes:
        return None
    sentence = max(text.rfind(mark, last_cut, resumes.start()) for mark in "。!?") + 1
    return sentence if sentence > last_cut else None


def _may_stand_alone(label: str, lexicon: Lexicon) -> bool:
    """Return whether a line that is nothing but a label can open a turn: a person, or a word of the table (主持人, Operator)."""
    speaker = read_label(label, lexicon)
    return bool(speaker and (speaker.is_named or words_of(label.strip(" *#").lower(), lexicon)))


def _opens_inline(label: str, lexicon: Lexicon) -> bool:
    """Return whether a label inside a paragraph is sure enough to cut it there."""
    speaker = read_label(label, lexicon)
    return bool(speaker and speaker.is_sure and (speaker.role in ("question", "answer") or speaker.is_named))


def _accept(units: list[_Unit], lexicon: Lexicon) -> list[_Unit]:
    """Return the units with only those speakers for whom the document gives enough evidence."""
    whole = "\n".join(unit.text for unit in units)
    for unit in units:
        other = namesake(unit.speaker, unit.label, lexicon) if unit.speaker else None
        if other and not any(alias in whole for alias in _aliases_around(other[0], lexicon)):
            unit.speaker = other[1]
    counts = Counter(unit.speaker.name for unit in units if unit.speaker)
    sure = {unit.speaker.name for unit in units if unit.speaker and unit.speaker.is_sure and (not unit.is_alone or _TITLED_ALONE.search(unit.label))}
    speech = re.compile(f"{_any_word(lexicon, 'speech').pattern}|{_any_word(lexicon, 'asking').pattern}")
    speaking = {
        unit.speaker.name
        for unit, following in zip(units, [*units[1:], None], strict=True)
        if unit.speaker and (speech.search(unit.text.partition(":")[2]) or (following and not following.label and speech.search(following.text)))
    }
    asked = any(unit.speaker and unit.speaker.role == "question" for unit in units) or any(_LISTED_QUESTION.match(unit.text) for unit in units)
    for place, unit in enumerate(units):
        speaker = unit.speaker
        if speaker is None:
            continue
        has_company = bool(sure - {speaker.name}) or len(speaking) > 1
        needs_repeat = unit.is_alone or not speaker.is_sure
        is_alone_among_others = unit.is_alone and speaker.name in sure and has_company
        if (
            (needs_repeat and counts[speaker.name] < 2 and not (has_company and speaker.name in speaking) and not is_alone_among_others)
            or (not speaker.is_sure and speaker.name not in speaking | sure)
            or (speaker.is_asker and not speaker.is_sure and not speaker.is_named and not _asks_around(units, place, lexicon))
            # 本报记者 徐鹏 alone on a line is a byline
            or (speaker.is_asker and unit.is_alone and not _asks_around(units, place, lexicon))
            or (speaker.role and not speaker.is_named and _is_credit(unit))
            or (speaker.role == "answer" and unit.label.isascii() and not asked)
            or _is_headline(unit, place)
            or _is_section(unit, units[place + 1] if place + 1 < len(units) else None)
        ):
            unit.speaker = None
    return units


@functools.lru_cache(maxsize=1000)
def _aliases_around(company: str, lexicon: Lexicon) -> list[str]:
    """Return the sure names of a company, its people and its products."""
    of_company = (pl.col("entity") == company) | (pl.col("parent") == company)
    return known_names(lexicon).filter(of_company, ~pl.col("is_ambiguous"))["alias"].to_list()


@functools.lru_cache(maxsize=16)
def _any_word(lexicon: Lexicon, kind: str) -> re.Pattern[str]:
    """Return a pattern of the cue words of a kind."""
    words = lexicon["entity_cues"].filter(pl.col("kind") == kind).select(simplify(pl.col("word")))["word"]
    return re.compile("|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word))))


def _asks_around(units: list[_Unit], place: int, lexicon: Lexicon) -> bool:
    """Return whether a unit, or the unlabelled one after it, asks; a house that does not gives its view: 中金公司:6月以来恢复好转."""
    following = units[place + 1] if place + 1 < len(units) and not units[place + 1].label else None
    return _asks(units[place].text, lexicon) or bool(following and _asks(following.text, lexicon))


def _is_credit(unit: _Unit) -> bool:
    """Return whether a role is only credited with a name: 记者:黄江."""
    return bool(re.fullmatch(r"\s*[\u4e00-\u9fff]{2,4}(?:[\s、/|,].{0,12})?", unit.text.partition(":")[2])) and not _ENDS_SENTENCE.search(unit.text)


def _is_section(unit: _Unit, following: _Unit | None) -> bool:
    """Return whether a role in brackets only heads what others say: [分析师提问] above a line of one of them."""
    is_bare = unit.label is not None and not unit.is_alone and unit.text.strip(" *#>【】[]「」:\n") == unit.label.strip()
    return is_bare and not unit.speaker.is_named and not unit.speaker.number and following is not None and following.speaker is not None and following.speaker.is_named


def _is_headline(unit: _Unit, place: int) -> bool:
    """Return whether a line led by a name is the title, or a headline, and not speech: 黄仁勋:需求惊人."""
    if unit.is_alone or not unit.speaker.is_named or unit.speaker.number:
        return False
    is_short = len(unit.text) <= _HEADLINE_CHARS and not _ENDS_SENTENCE.search(unit.text)
    return (is_short and not re.match(r"[\s*_]*$", unit.text.partition(":")[2])) or (place == 0 and not _ENDS_SENTENCE.search(unit.text))


def _converse(units: list[_Unit], lexicon: Lexicon) -> list[dict]:
    """Return the turns of a document in order."""
    exchange, turn, waiting = _Exchange(), None, None
    askers = _askers(units, lexicon)
    is_thread = len({unit.speaker.name for unit in units if unit.speaker}) > 1
    has_answers = any(unit.speaker and unit.speaker.role == "answer" for unit in units)
    for place, unit in enumerate(units):
        if unit.is_dropped:
            continue
        listed = _LISTED_QUESTION.match(unit.text) if has_answers and not unit.speaker else None
        if listed:
            unit.speaker = Speaker("question", "analyst", number=listed.group(1), is_asker=True)
        if unit.speaker:
            turn, waiting = _open_turn(unit, exchange, askers, lexicon), None
        elif _REMARK.match(unit.text):
            turn, waiting = None, turn or waiting
        elif turn and _goes_on(units, place, turn, is_thread, lexicon):
            turn["end_char"] = unit.end_char
        elif waiting and is_thread and not _is_heading(unit) and not unit.label and not unit.is_narrated:
            # the author's remark stood between: (注:…)
            turn, waiting = {**waiting, "start_char": unit.start_char, "end_char": unit.end_char}, None
            exchange.turns.append(turn)
        else:
            turn, waiting = None, None
    return exchange.turns


def _open_turn(unit: _Unit, exchange: _Exchange, askers: set[str], lexicon: Lexicon) -> dict:
    """Return the turn that a label opens, and note what it means for the exchange."""
    speaker = unit.speaker
    role = speaker.role or ("question" if speaker.is_asker or speaker.name in askers else "answer" if exchange.is_open else "comment")
    if speaker.name == "moderator" and "?" not in unit.text and not (speaker.title or "").endswith(("提问", "问")):
        role = "comment"
    if role == "question":
        exchange.number = f"Q{int(speaker.number)}" if speaker.number else exchange.number if "追问" in (speaker.title or "") else None
        exchange.is_open = True
    elif role == "answer":
        exchange.number = f"Q{int(speaker.number)}" if speaker.number else exchange.number
    elif speaker.name == "commenter":
        exchange.number, exchange.is_open = None, False
    turn = {
        "question_no": exchange.number if role != "comment" else None, "role": role, "speaker": speaker.name,
        "speaker_title": speaker.title, "start_char": unit.start_char, "end_char": unit.end_char,
    }  # fmt: skip
    exchange.turns.append(turn)
    return turn


def _askers(units: list[_Unit], lexicon: Lexicon) -> set[str]:
    """Return the named speakers who mostly ask, where others mostly do not."""
    turns: dict[str, list[bool]] = {}
    speaking = None
    for unit in units:
        if unit.speaker and unit.speaker.is_named and not unit.speaker.role:
            speaking = unit.speaker.name
            turns.setdefault(speaking, []).append(False)
        elif unit.speaker:
            speaking = None
        if speaking and _asks(unit.text, lexicon):
            turns[speaking][-1] = True
    asking = {name for name, asked in turns.items() if sum(asked) >= _ASKING_SHARE * len(asked) and not _manages(name, units)}
    return asking if asking != set(turns) else set()


def _manages(name: str, units: list[_Unit]) -> bool:
    """Return whether a speaker has a title that is not an asker's."""
    return any(unit.speaker and unit.speaker.name == name and unit.speaker.title and not unit.speaker.is_asker for unit in units)


def _asks(text: str, lexicon: Lexicon) -> bool:
    """Return whether someone asks here: a question mark, and words of asking."""
    return "?" in text and bool(_any_word(lexicon, "asking").search(text))


def _goes_on(units: list[_Unit], place: int, turn: dict, is_thread: bool, lexicon: Lexicon) -> bool:
    """Return whether an unlabelled block still belongs to the turn before it."""
    unit = units[place]
    if unit.is_narrated or (unit.label and is_not_speaker(unit.label, lexicon)):
        return False
    following = next((later for later in units[place + 1 :] if not later.is_dropped), None)
    if _is_heading(unit):
        return is_thread and following is not None and not following.speaker and not _is_heading(following) and bool(turn["question_no"])
    if turn["speaker"] and re.search(rf"{re.escape(turn['speaker'])}.{{0,8}}(?:{_any_word(lexicon, 'narration').pattern})", unit.text):
        return False
    speech = _any_word(lexicon, "speech")
    if speech.search(unit.text):
        return True
    # nothing says where the last speaker ends and the narrator goes on, but for their ways of speaking
    is_last = not any(later.speaker for later in units[place + 1 :])
    return is_thread and (not is_last or bool(following and speech.search(following.text)))


def _is_heading(unit: _Unit) -> bool:
    """Return whether a block is short and does not end a sentence."""
    return len(unit.text) <= _HEADING_CHARS and not _ENDS_SENTENCE.search(unit.text)
