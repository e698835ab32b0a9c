"""OpenCC's dictionaries as one-pass automata: t2s, s2t and the Taiwan and Hong Kong forms, all code point for code point."""

import functools
import importlib.resources
from collections.abc import Iterable, Mapping

import polars as pl

Pairs = dict[str, str]


def t2s(column: pl.Expr) -> pl.Expr:
    """Return the strings as opencc-python-reimplemented's `t2s` gives them, in one leftmost-longest pass."""
    return replace_pairs(column, _t2s_pairs())


def s2t(column: pl.Expr) -> pl.Expr:
    """Return the strings in OpenCC's own Traditional standard, in one leftmost-longest pass."""
    return replace_pairs(column, s2t_pairs())


def s2t_within(texts: pl.Series) -> Pairs:
    """Return the pairs of `s2t` whose key is written in characters of the texts: a few documents need a hundredth of a dictionary's automaton."""
    pairs = s2t_pairs()
    return {key: pairs[key] for key in written_in("".join(texts), _s2t_by_first())}


@functools.cache
def _s2t_by_first() -> dict[str, list[str]]:
    return by_first(s2t_pairs())


def by_first(keys: Iterable[str]) -> dict[str, list[str]]:
    """Return the keys by their first character."""
    grouped: dict[str, list[str]] = {}
    for key in keys:
        grouped.setdefault(key[0], []).append(key)
    return grouped


def written_in(text: str, keys: Mapping[str, list[str]]) -> list[str]:
    """Return the keys, grouped by their first characters, of which the text has every character."""
    characters = set(text)
    return [key for character in characters & keys.keys() for key in keys[character] if characters.issuperset(key)]


def replace_pairs(column: pl.Expr, pairs: Pairs) -> pl.Expr:
    """Return the strings with every key replaced by its value; the longest key at a place wins, an identity entry blocks."""
    if not pairs:
        return column
    keys = sorted(pairs, key=len, reverse=True)
    return column.str.replace_many(keys, [pairs[key] for key in keys], leftmost=True)


@functools.cache
def s2t_pairs() -> Pairs:
    """Return Simplified words and characters with their first Traditional form."""
    return read_dictionary("STCharacters") | read_dictionary("STPhrases")


@functools.cache
def read_dictionary(name: str) -> Pairs:
    """Return a dictionary of the package; where it offers several values (发 -> 發 髮) the first is OpenCC's choice."""
    return {key: values[0] for key, values in read_choices(name).items()}


@functools.cache
def read_choices(name: str) -> dict[str, list[str]]:
    """Return a dictionary of the package with every value it offers: 发 -> [發, 髮]."""
    text = importlib.resources.files("opencc").joinpath("dictionary", f"{name}.txt").read_text(encoding="utf-8")
    entries = (line.split("\t") for line in text.splitlines() if "\t" in line)
    return {key: values.split(" ") for key, values in entries}


@functools.cache
def traditional_words() -> frozenset[str]:
    """Return the words of two and more characters that OpenCC knows in Traditional script, in the forms of each region."""
    standard = {values[0] for values in read_choices("STPhrases").values() if len(values[0]) > 1}
    forms = [str.maketrans(read_dictionary(name)) for name in ("TWVariants", "HKVariants")]
    return frozenset(standard.union(*({word.translate(form) for word in standard} for form in forms)))


@functools.cache
def one_sided_characters() -> tuple[frozenset[str], frozenset[str]]:
    """Return what only Simplified and what only Traditional texts use: 们 and 們, but neither 后 nor 台."""
    convertible = read_dictionary("TSCharacters")
    simplified_forms = frozenset("".join(convertible.values()))
    choices = read_choices("STCharacters")
    traditional_forms = frozenset(form for forms in choices.values() for form in forms)
    simplified = frozenset(key for key in choices if key not in traditional_forms and key not in convertible)
    return simplified, frozenset(key for key in convertible if key not in simplified_forms)


@functools.cache
def _t2s_pairs() -> Pairs:
    """Return the entries of t2s, with one for each chain of overlapping phrases on which two ways to match disagree.

    The package matches the longest phrase anywhere first, an automaton the leftmost: 反覆盆子 holds 反覆 and 覆盆子.
    They part only where ever longer phrases overlap in a chain, so an entry for each such chain settles it.
    """
    characters, phrases = read_dictionary("TSCharacters"), read_dictionary("TSPhrases")
    heads = {phrase: phrase for phrase in phrases}  # chain -> the phrase it begins with
    newest = heads
    while newest:
        newest = {
            phrase + chain[size:]: phrase
            for chain, head in newest.items()
            for phrase in phrases
            for size in range(1, len(phrase))
            if len(phrase) < len(head) and head.startswith(phrase[-size:])
        }
        heads |= newest
    return characters | {chain: _convert_longest_first(chain, phrases, characters) for chain in heads}


def _convert_longest_first(text: str, phrases: Pairs, characters: Pairs) -> str:
    """Return `text` converted as the package does: the longest phrase anywhere first, then what is left and right of it."""
    for size in range(min(len(text), max(map(len, phrases))), 1, -1):
        for start in range(len(text) - size + 1):
            if word := phrases.get(text[start : start + size]):
                left, right = text[:start], text[start + size :]
                return _convert_longest_first(left, phrases, characters) + word + _convert_longest_first(right, phrases, characters)
    return "".join(characters.get(character, character) for character in text)
