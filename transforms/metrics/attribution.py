"""Who stands behind the figures of a sentence in prose: 黄仁勋表示, 高盛预计, 首席财务官李四称, 法人预估, 公司预计."""

import functools
import re
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from transforms.lexicon import Lexicon
from transforms.script import simplify

_SENTENCE_ENDS = "。!?\n"
# Who speaks without a name: the company itself, a broker named before, or somebody unnamed from outside.
_INSIDERS = frozenset({"公司", "集团", "管理层", "本行", "本公司", "公司管理层", "该公司"})
_BROKER = frozenset({"该行", "该券商"})
# What may stand between a name and its verb: a title, the occasion, an adverb.
_ADVERB = r"(?:近日|日前|昨日|昨天|今日|今天|当日|周[一二三四五六日])?(?:还|也|则|亦|曾|并|同时|进一步|最新|最新报告)?"
_BETWEEN = rf"(?:\([^()]{{1,30}}\))?[^,。;:!?()\d]{{0,8}}?(?:在[^,。;:!?]{{1,20}}(?:上|中|时|里),?)?{_ADVERB}"
# A company has no title: 台积电上涨,预计 is not what TSMC expects.
_BESIDE = rf"(?:\([^()]{{1,30}}\))?(?:方面|管理层|董事会|官方|内部)?(?:在[^,。;:!?]{{1,20}}(?:上|中|时|里),?)?{_ADVERB}"


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody in whose words a stretch of a block is told: from `start` to `end`, in code points of the block.

    speaker: canonical name, analyst for somebody unnamed outside, null for the company that the figure is about.
    """

    start: int
    end: int
    speaker: str | None
    is_outsider: bool
    is_company: bool = False


class NamedSpan(NamedTuple):
    """A mention inside a block, in code points of the block."""

    start: int
    end: int
    entity: str
    type: str


@dataclass(frozen=True, slots=True)
class Speech:
    """The words that tell who speaks, compiled."""

    after_name: re.Pattern[str]
    after_company: re.Pattern[str]
    titled: re.Pattern[str]
    unnamed: re.Pattern[str]


@functools.lru_cache(maxsize=4)
def compile_speech(lexicon: Lexicon) -> Speech:
    """Return the patterns for names before a verb of saying, titled names the lexicon does not have, and unnamed speakers."""
    words: dict[str, list[str]] = {}
    for word, kind in lexicon["entity_cues"].select(simplify(pl.col("word")), "kind").iter_rows():
        words.setdefault(kind, []).append(word)
    either = {kind: "|".join(re.escape(word) for word in sorted(words[kind], key=lambda word: (-len(word), word))) for kind in ("attribution", "voice", "title", "surname")}
    # 预计的 and 表示的 qualify a noun; 预测值 is one
    verb = f"(?:{either['attribution']})(?![的值率明])"
    return Speech(
        after_name=re.compile(f"{_BETWEEN}{verb}"),
        after_company=re.compile(f"{_BESIDE}{verb}"),
        titled=re.compile(f"(?:{either['title']})(?:兼[^,。]{{2,8}})?(?P<name>(?:{either['surname']})[\u4e00-\u9fff](?:(?![也还则亦曾并在今昨近日表指认预称])[\u4e00-\u9fff])?)(?={_BETWEEN}{verb})"),
        unnamed=re.compile(f"(?<![子母分上市])(?P<name>{either['voice']})(?:普遍|平均|一致|最新|也|则|亦|仍|还)?{verb}"),
    )


def find_voices(text: str, names: list[NamedSpan], speech: Speech, may_speak: bool) -> list[Voice]:
    """Return the voices of one block in order; a later one of the same sentence takes over from an earlier one.

    names: the mentions that lie in the block; a person, an institution or a company speaks before a verb of saying.
    may_speak: whether anybody else may, titled or unnamed.
    """
    found: list[tuple[int, str | None, bool, bool]] = []
    broker = None
    for name in names:
        if name.type not in ("person", "institution", "company"):
            continue
        broker = name.entity if name.type == "institution" else broker
        pattern = speech.after_company if name.type == "company" else speech.after_name
        if match := pattern.match(text, name.end):
            found.append((match.end(), name.entity, name.type == "institution", name.type == "company"))
    named = {end for end, *_ in found}
    titled, unnamed = (speech.titled.finditer(text), speech.unnamed.finditer(text)) if may_speak else ((), ())
    found += [(match.end(), match["name"], False, False) for match in titled if not any(name.start == match.start("name") for name in names)]
    for match in unnamed:
        if match.end() not in named:
            name = match["name"]
            speaker = None if name in _INSIDERS else broker if name in _BROKER else "analyst"
            found.append((match.end(), speaker, name not in _INSIDERS, name in _INSIDERS))
    found.sort(key=lambda voice: voice[0])
    following = [*(start for start, *_ in found[1:]), len(text)]
    return [
        Voice(start, min(end, _sentence_end(text, start)), speaker, is_outsider, is_company)
        for (start, speaker, is_outsider, is_company), end in zip(found, following[: len(found)], strict=True)
    ]


def voice_at(voices: list[Voice], at: int) -> Voice | None:
    """Return the voice in whose words the code point `at` of the block is told; None for the narrator."""
    return next((voice for voice in voices if voice.start <= at < voice.end), None) if voices else None


def _sentence_end(text: str, at: int) -> int:
    """Return where the sentence around `at` ends."""
    return min((place for mark in _SENTENCE_ENDS if (place := text.find(mark, at)) >= 0), default=len(text))
