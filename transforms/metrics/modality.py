"""How sure a figure is, and who stands behind it: cues, who speaks, what kind of document it is, and the calendar."""

import functools
import re
from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass
from operator import attrgetter

from transforms.joined_text import JoinedText
from transforms.metrics.vocabulary import Forms, Vocabulary

_HEAD_CHARS = 400
# How far before a figure 下调25/26年EPS may begin
_REVISED_CHARS = 48
_BESIDE_CHARS = 8
# How far 优于 may be from what is beaten
_BEATS_CHARS = 12
# How words of fact begin that go on with an expectation of their own clause: 截至, 录得
_GOES_ON = "截录"
# How far before 预期 the level begins that was expected: 低于413.4亿美元预期
_LEVEL_CHARS = 28
# How far back the parenthesis may open in which a writer reckons.
_ASIDE_CHARS = 24
# How far back the parenthesis may open in which a writer remarks on what somebody said.
_REMARK_CHARS = 80
# 净利润增长12% 拟10派5元: where no comma stands, a plan begins with a blank
_MARK = re.compile("[,。;!?]| (?=拟)")
# Who speaks, and how far his name may reach
_SPEAKER_LABEL, _NAME_CHARS = re.compile("[一-龥]{2,4}:"), 4
_START = attrgetter("start")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A modality cue in a sentence."""

    start: int
    end: int
    modality: str
    by: str | None


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """What the document as a whole says about its figures."""

    is_broker_note: bool
    is_preview: bool


def judge_document(title: str | None, text: str, forms: Forms, may_be_note: bool = True) -> DocumentKind:
    """Return whether a text is a broker's note, which is asked only where it may be one, and whether it opens with a preview of results."""
    head = f"{title or ''} {text[:_HEAD_CHARS]}"
    return DocumentKind(may_be_note and bool(forms["broker_note"].search(text)), bool(forms["preview"].search(head)) and not forms["express"].search(head))


def find_cues(hidden: JoinedText, vocabulary: Vocabulary) -> list[list[Occurrence]]:
    """Return the modality cues of each text, located in it; `hidden` is the text without its numbers."""
    words = hidden.find_words(vocabulary.modality_patterns)
    starts = words["start"].to_numpy()
    first = hidden.first_of_text(starts)
    places = zip((starts - first).tolist(), (words["end"].to_numpy() - first).tolist(), words["word"].to_list(), strict=True)
    cues = [Occurrence(start, end, *vocabulary.modalities[word]) for start, end, word in places]
    return [[cue for cue in cues[first:past] if cue.modality != "none"] for first, past in hidden.bounds(starts)]


def without_names(cues: list[Occurrence], text: str) -> list[Occurrence]:
    """Return the cues of a text without those in the name of who speaks: 林若川:收入双位数增长有信心 supposes nothing."""
    if not cues or cues[0].start >= _NAME_CHARS or cues[0].modality != "hypothetical":
        return cues
    label = _SPEAKER_LABEL.match(text)
    return [cue for cue in cues if label is None or cue.start >= label.end()]


def judge_figure(
    at: int, text: str, cues: list[Occurrence], kind: DocumentKind, forms: Forms, is_reported: bool, is_officer: bool
) -> tuple[str | None, Occurrence | None]:
    """Return the modality the words before a figure give it, with the cue; None where no cue of the sentence speaks.

    is_reported: the figure is of the period the document reports on; is_officer: somebody of the company itself speaks.
    The nearest cue decides; 如果 holds for the whole sentence; a word of fact (数据显示) ends an earlier expectation only from
    another clause: 预计实现营收 stays an expectation.
    """
    if kind.is_broker_note and forms["revises"].search(text, max(0, at - _REVISED_CHARS), at):
        return "estimate", None
    if forms["reckoned_aside"].search(text, max(0, at - _ASIDE_CHARS), at):
        return "estimate", None
    if forms["foretold"].match(text, at):
        return "estimate", None
    opening = text.rfind("(", max(0, at - _REMARK_CHARS), at)
    if opening >= 0 and forms["remark"].match(text, opening, at):
        return "estimate", None
    sentence_start = _last_start(text, "。!?", at)
    clause_start = clause_of(text, at)
    expectations = _expectations(text, forms["expects"])
    told = bisect_right(expectations, at, key=re.Match.end)
    expected = expectations[told - 1] if told else None
    if expected is not None and expected.end() > clause_start:
        # 料季度纯利49亿元, 该行料收入增长: a broker's word
        return "estimate", None
    before = [cue for cue in cues[: bisect_left(cues, at, key=_START)] if not _is_closed(cue, at, text) and not _is_held_to(cue, text, forms)]
    if expected is not None and expected.end() > sentence_start:
        # 料收入增8%,毛利率扩阔至41%,纯利6亿元: and so are the clauses that go on
        insort(before, Occurrence(expected.start(), expected.end(), "estimate", "expects"), key=_START)
    if not before:
        return _reckoned(at, text, kind, forms, is_reported) or _aimed_at(at, text, cues)
    if forms["past_baseline"].search(text, clause_start, at):
        return "actual", None
    governing: Occurrence | None = None
    for cue in before[bisect_left(before, sentence_start, key=_START) :]:
        if governing is not None and governing.modality == "hypothetical":
            break
        if cue.modality == "actual" and governing is not None and governing.start >= (clause_of(text, cue.start) if text[cue.start] in _GOES_ON else clause_start):
            # 预期截至6月止半年净利1亿元,增长52%: 截至 only says when, and 预期录得收入30亿元,净利3亿元 is expected as a whole
            continue
        if cue.by == "weak" and governing is not None:
            continue
        if cue.end < clause_start and _speaks_for_one(cue, text, forms):
            continue
        governing = cue
    if governing is None:
        return _reckoned(at, text, kind, forms, is_reported) or _aimed_at(at, text, cues)
    if governing.modality == "actual":
        return governing.modality, governing
    if governing.modality == "estimate" and forms["own_notice"].search(text, sentence_start, governing.start):
        # 据公司业绩预告披露,预计公司非经常性损益为1500万元
        return "guidance", governing
    if governing.by != "subject":
        return governing.modality, governing
    if forms["beats"].search(text, max(0, governing.start - _BEATS_CHARS), governing.start):
        # 好于预期的1.15美元: what a result is held against others have expected
        return "estimate", governing
    if is_officer:
        return ("estimate" if governing.modality == "estimate" and forms["reckoned"].search(text, governing.start, governing.end) else "guidance"), governing
    if forms["own_voice"].search(text, governing.end, at):
        # 预期本集团录得收入: the company says so itself
        return "guidance", governing
    if forms["insider"].search(text, governing.end, at) and not forms["insider"].search(text, clause_of(text, governing.start), governing.start):
        # 预计公司全年净利润为: whoever expects it, it is not the company
        return "estimate", governing
    return _by_subject(text[sentence_start : governing.end], kind, forms, is_reported), governing


def _is_held_to(cue: Occurrence, text: str, forms: Forms) -> bool:
    """Return whether a result is held against the preview that a cue names: 略超中报里对前三季度的业绩预告上限."""
    return cue.modality == "guidance" and forms["held_to_preview"].search(text, clause_of(text, cue.start), cue.end) is not None


def _speaks_for_one(cue: Occurrence, text: str, forms: Forms) -> bool:
    """Return whether an expectation speaks for the figure beside it alone, so that the clauses behind it go on with the result.

    营收318亿元,市场预期305亿元,同比增长27%. 营收28.6亿美元,优于财测中位数27.5亿美元,毛利率52.4%. 低于413.4亿美元预期, 优于此前10%—12%的指引.
    """
    is_beside = forms["aside"].match(text[cue.end : cue.end + _BESIDE_CHARS]) is not None
    if is_beside and (cue.by == "aside" or forms["beats"].search(text, max(0, cue.start - _BEATS_CHARS), cue.start)):
        return True
    if forms["remarked"].match(text, cue.end) and forms["beats"].search(text, max(0, cue.start - _BEATS_CHARS), cue.start):
        # 同比减少34%,略低于预期;归母净利润14亿元: a remark on the figure before
        return True
    if forms["expected_level"].search(text, max(0, cue.start - _LEVEL_CHARS), cue.start):
        return True
    return forms["held_level"].search(text[clause_of(text, cue.start) : cue.start]) is not None


@functools.lru_cache(maxsize=4)  # the figures of a block are judged one after the other
def _expectations(text: str, expects: re.Pattern[str]) -> list[re.Match[str]]:
    """Return where a text says 料 for what somebody expects."""
    return list(expects.finditer(text)) if "料" in text else []


def _reckoned(at: int, text: str, kind: DocumentKind, forms: Forms, is_reported: bool) -> tuple[str, None] | None:
    """Return the modality of a figure right behind 估: 今年资本支出估220亿元; None for others."""
    if not forms["reckons"].search(text, max(0, at - _BESIDE_CHARS), at):
        return None
    return _by_subject(text[_last_start(text, "。!?", at) : at], kind, forms, is_reported), None


def _is_closed(cue: Occurrence, at: int, text: str) -> bool:
    """Return whether a cue stands in a parenthesis that ends before the figure: (符合我们之前推测)今年会有9台."""
    closing = text.find(")", cue.end, at)
    return closing >= 0 and text.find("(", cue.end, closing) < 0 and text.rfind("(", 0, cue.start) > text.rfind(")", 0, cue.start)


def _aimed_at(at: int, text: str, cues: list[Occurrence]) -> tuple[str | None, Occurrence | None]:
    """Return guidance for a figure that the rest of its clause calls an aim: 要达到70%的目标."""
    aim = next((cue for cue in cues if at <= cue.start and cue.by == "company"), None)
    return ("guidance", aim) if aim and not _MARK.search(text, at, aim.start + 1) else (None, None)


def clause_of(text: str, at: int) -> int:
    """Return where the clause around `at` begins."""
    return _last_start(text, ",。;:!?", at)


def _last_start(text: str, marks: str, at: int) -> int:
    """Return where the part of the text that `at` lies in begins, the marks being what divides it."""
    starts = _starts(text, marks)
    return starts[bisect_right(starts, at) - 1]


@functools.lru_cache(maxsize=4)  # the figures of a block are judged one after the other
def _starts(text: str, marks: str) -> list[int]:
    """Return where the parts of a text begin."""
    return [0, *[match.end() for match in re.finditer(f"[{marks}]", text)]]


def _by_subject(before: str, kind: DocumentKind, forms: Forms, is_reported: bool) -> str:
    """Return guidance where the company is the one who expects (公司预计), an estimate where others are (我们预计).

    Where nobody is named, a broker's note expects for itself, save for the results that the company's preview announces.
    """
    clause = before[max(before.rfind(mark) for mark in ",;:") + 1 :]
    if forms["outsider"].search(clause):
        return "estimate"
    if forms["insider"].search(clause):
        return "guidance"
    if kind.is_broker_note:
        return "guidance" if kind.is_preview and is_reported and not forms["outsider"].search(before) else "estimate"
    return "guidance"
