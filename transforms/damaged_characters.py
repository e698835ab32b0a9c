"""Stray question marks, doubled characters and digits in words: damage that the text around it gives away."""

import functools
import re
from collections.abc import Iterator

import numpy as np
import polars as pl

from transforms.kept_text import KeptText
from transforms.lexicon import Lexicon
from transforms.script import simplify

# start and end in the joined text, correction, kind, rule_id, confidence; an edit of 0.8 and more is applied
Edit = tuple[int, int, str, str, str, float]

_WORD = r"[A-Za-z\u3400-\u4dbf\u4e00-\u9fff]"
_HANZI = range(0x3400, 0xA000)
_SENTENCE_END = re.compile(r"[。!?;\n]")
_LABEL = re.compile(r"[^\s,。:]{1,8}:")
_LONGEST_TERM = 6


def find_strays(kept: KeptText, names: frozenset[str], lexicon: Lexicon) -> Iterator[Edit]:
    """Yield question marks (and U+FFFD) that a lost character left behind.

    段永平:?我, 是?NVIDIA, 处理器?(GPU), Core?Weave, 10?亿. A question mark that ends an asking sentence stays, and so does one
    of which nothing tells; a full-width one was typed, not left behind.
    """
    # the mark first: a pattern that begins with a look behind is tried at each character
    for hit in re.finditer(r"[?\ufffd](?<![?!？！].)[?\ufffd]*(?![!！])", kept.raw):
        start, end = hit.span()
        if rule := _stray_rule(kept.text, start, end, names, lexicon):
            yield start, end, "", "stray", *rule


def _stray_rule(text: str, start: int, end: int, names: frozenset[str], lexicon: Lexicon) -> tuple[str, float] | None:
    """Return rule_id and confidence if what stands at the span is no question mark."""
    before, after = text[start - 1], text[end]
    if "\ufffd" in text[start:end]:
        return "stray.replacement_character", 0.95
    if before == ":" and re.match(_WORD, after):
        return "stray.after_label", 0.97
    if before.isascii() and before.isdigit() and re.match(r"[年月日亿万%元]", after):
        return "stray.in_number", 0.95
    if before == "\n" and re.match(_WORD, after):
        return "stray.at_start", 0.9
    if not re.match(rf"{_WORD}|\d", before) or not re.match(rf"{_WORD}|\(", after):
        return None
    latin_before, latin_after = re.search(r"[A-Za-z]*$", text[max(0, start - 30) : start])[0], re.match(r"[A-Za-z]*", text[end : end + 30])[0]
    if latin_before and latin_after and (latin_before + latin_after).lower() in names:
        return "stray.in_name", 0.97
    questions, unfinished = _stray_cues(lexicon)
    # 国产GPU?还是进口 takes the question up, and 原因是?答: answers it
    if questions.search(_sentence_before(text, start)) or questions.match(text, end) or _LABEL.match(text, end):
        return None
    if unfinished.search(text[max(0, start - 4) : start]):
        return "stray.in_sentence", 0.97
    if after == "(":
        return "stray.before_gloss", 0.95
    if latin_before and not latin_after:
        return "stray.after_name", 0.9
    return None


def _sentence_before(text: str, at: int) -> str:
    """Return the sentence up to `at`."""
    sentence = text[max(0, at - 120) : at]
    return _SENTENCE_END.split(sentence)[-1]


@functools.lru_cache(maxsize=4)
def _stray_cues(lexicon: Lexicon) -> tuple[re.Pattern, re.Pattern]:
    """Return what asks anywhere in a sentence, and what no sentence ends on."""
    words = {kind: [] for kind in ("question", "unfinished")}
    for word, kind in lexicon["stray_cues"].select("word", "kind").iter_rows():
        words[kind].append(rf"\b{word}\b" if word.isascii() else re.escape(word))
    # A不A asks: 高不高, 算不算
    asking = [*words["question"], r"([\u4e00-\u9fff])[不没]\1"]
    return re.compile("|".join(asking), re.IGNORECASE), re.compile(f"(?:{'|'.join(words['unfinished'])})$")


def find_doublings(kept: KeptText, lexicon: Lexicon) -> Iterator[Edit]:
    """Yield characters that were typed twice: 以及及, 数据飞飞轮, 段永平::.

    A hanzi is surplus inside a known word of four and more characters (人工工智能), or if it is a function word and
    neither neighbour claims the second one (以及|及时). Reduplication (谢谢, 慢慢, 家家户户) is neither.
    """
    for start in _doubled(kept.text):
        character = kept.text[start]
        if character in ":;,、":
            if kept.text[start - 1] != character != kept.text[start + 2] and not kept.text[start - 1].isascii():
                yield start + 1, start + 2, "", "duplicate", "duplicate.punctuation", 0.97
        elif ord(character) in _HANZI:
            if (at := _surplus_in_term(kept.text, start, lexicon)) is not None:
                yield at, at + 1, "", "duplicate", "duplicate.in_word", 0.95
            elif _is_surplus_word(kept.text, start, lexicon):
                yield start + 1, start + 2, "", "duplicate", "duplicate.function_word", 0.95


def _doubled(text: str) -> list[int]:
    """Return where a character is followed by itself."""
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    return np.flatnonzero(codes[1:] == codes[:-1]).tolist()


def _surplus_in_term(text: str, start: int, lexicon: Lexicon) -> int | None:
    """Return the surplus one of two equal characters if without it they stand inside a known word: 数据飞飞轮."""
    if not text[start - 1] != text[start] != text[start + 2] or text[start - 1] + text[start : start + 3 : 2] not in _trigrams(lexicon):
        return None
    left, right = text[max(0, start - _LONGEST_TERM) : start], text[start + 2 : start + 2 + _LONGEST_TERM]
    terms = known_terms(lexicon)
    # a name that is itself written with the doubling has it rightly: 中国国航
    if _has_term(left, text[start : start + 2], right, terms) or not _has_term(left, text[start], right, terms, edge=1):
        return None
    return start


@functools.lru_cache(maxsize=4)
def _trigrams(lexicon: Lexicon) -> frozenset[str]:
    """Return every three characters that stand side by side in a known term: most doublings are in none."""
    return frozenset(term[at : at + 3] for term in known_terms(lexicon) for at in range(len(term) - 2))


def _has_term(left: str, middle: str, right: str, terms: frozenset[str], edge: int = 0) -> bool:
    """Return whether a term holds `middle` and at least `edge` characters on either side of it."""
    return any(
        left[len(left) - before :] + middle + right[:after] in terms
        for before in range(edge, len(left) + 1)
        for after in range(edge, len(right) + 1)
    )


def _is_surplus_word(text: str, start: int, lexicon: Lexicon) -> bool:
    """Return whether the two equal characters are a function word said twice."""
    card = _doubled_words(lexicon).get(text[start])
    if card is None or text[start + 1] == text[start + 2] or text[start - 1] == text[start]:
        return False
    before, after = text[max(0, start - 4) : start + 1], text[start + 1 : start + 6]
    return not (before.endswith(card[0]) or after.startswith(card[1])) and ord(text[start + 2]) in _HANZI


@functools.lru_cache(maxsize=4)
def _doubled_words(lexicon: Lexicon) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    rows = lexicon["doubled_words"].select("word", "before", "after").iter_rows()
    return {word: (tuple(before), tuple(after)) for word, before, after in rows}


def find_spellings(kept: KeptText, lexicon: Lexicon) -> Iterator[Edit]:
    """Yield digits and letters in each other's place and other slips that a card of `spellings` knows: 1半, 2O24年."""
    for card in lexicon["spellings"].iter_rows(named=True):
        meant = str.maketrans(card["written"], card["meant"])
        for hit in _compile(card["pattern"]).finditer(kept.text):
            correction = hit["wrong"].translate(meant)
            yield *hit.span("wrong"), correction, card["kind"], f"spellings.{card['rule_id']}", card["confidence"]


@functools.cache
def _compile(pattern: str) -> re.Pattern:
    return re.compile(pattern)


@functools.lru_cache(maxsize=4)
def known_terms(lexicon: Lexicon) -> frozenset[str]:
    """Return words of four and more characters in which a doubled one is surplus: terms, names, metric labels.

    Shorter ones are made by two words side by side (四费|费率 holds 四费率), and so are some of OpenCC's: 共产党|党员.
    """
    columns = [lexicon["repair_terms"].filter("is_target")["term"], lexicon["entity_aliases"]["alias"], lexicon["metric_labels"]["label"]]
    terms = pl.DataFrame({"term": pl.concat(columns)}).select(simplify(pl.col("term")))["term"]
    return frozenset(term for term in terms if len(term) >= 4)
