"""Names that OCR or typing damaged: Blackwel, OpenAl, NDLINK72, Blackwell Utra, ageneticAl, H2O for H20."""

import functools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from transforms.damaged_characters import Edit
from transforms.kept_text import KeptText
from transforms.lexicon import Lexicon

# A Latin word; what touches @ . / : - _ or a digit group on its left is a part of an address, a path or a model number.
# The letter first: a pattern that begins with a look behind is tried at each character.
_TOKEN = re.compile(r"[A-Za-z](?<![A-Za-z0-9@./\-_&'].)[A-Za-z0-9|]*(?![A-Za-z0-9@/_'|]|[.\-:][A-Za-z0-9])")
_BLANKS = re.compile(r"\s{1,2}")
_KINDS = ("name", "short_name", "english", "former_name")
# A mistake that a look-alike explains weighs 0.2, a doubled or halved letter 0.4, two letters swapped 0.6, one too many or
# too few 1, and one for another most of all: Blackwall is another name.
_HALVED, _SWAPPED, _COUNTED, _SUBSTITUTED = 0.4, 0.6, 1.0, 1.3
_EVIDENT, _SHORTEST = 0.6, 5  # OpenAl, Blackwe1: the look of it is enough
_LONG, _LONG_COST = 8, 1.2  # ageneticAl: one odd letter in a long name
_NEAR, _NEAR_SIZE = 1.3, 6  # NDLINK72: one odd letter where the text has the name elsewhere


@dataclass(frozen=True, eq=False)
class _Names:
    """What a token is held against: names by their letters alone (openai), and the words that are right as they stand."""

    by_key: dict[str, str]
    words: frozenset[str]
    codes: dict[str, str]
    costs: dict[tuple[str, str], float]
    companions: dict[str, frozenset[str]]


def find_damaged_names(kept: KeptText, lexicon: Lexicon) -> Iterator[Edit]:
    """Yield damaged forms of the lexicon's Latin names and terms.

    Applied where the look explains the mistake, where a long name has one odd letter, or where the document has the
    right form or a companion (maker, product) elsewhere. Identifiers (SP58765061), tickers and words within a longer
    correct word are left alone. A rare form next to a frequent word of the same document is proposed only.
    """
    names = _names(lexicon)
    for _, start, end in kept.documents():
        tokens = [(hit.start(), hit[0]) for hit in _TOKEN.finditer(kept.text, start, end)]
        counts = Counter(token.lower() for _, token in tokens)
        for index, (at, token) in enumerate(tokens):
            neighbours = _neighbours(kept.text, tokens, index)
            yield from _judge(at, token, neighbours, counts, names)


def latin_names(lexicon: Lexicon) -> frozenset[str]:
    """Return the Latin names without blanks, lower case: what a stray character may have split."""
    return frozenset(_names(lexicon).by_key)


def _neighbours(text: str, tokens: list[tuple[int, str]], index: int) -> tuple[str, str]:
    """Return the words that stand before and after a token with only a blank between."""
    at, token = tokens[index]
    before = after = ""
    if index:
        left_at, left = tokens[index - 1]
        before = left if _BLANKS.fullmatch(text, left_at + len(left), at) else ""
    if index + 1 < len(tokens):
        right_at, right = tokens[index + 1]
        after = right if _BLANKS.fullmatch(text, at + len(token), right_at) else ""
    return before, after


def _judge(at: int, token: str, neighbours: tuple[str, str], counts: Counter, names: _Names) -> Iterator[Edit]:
    """Yield at most one repair of the token."""
    key = token.lower()
    if name := names.by_key.get(key):
        if _is_miscased(token, name):
            yield at, at + len(token), name, "spelling", "names.case", 0.97
        return
    before, after = neighbours
    # Space X and Core Weave are names in two words
    if _is_known(key, names) or {(before + token).lower(), (token + after).lower()} & names.by_key.keys():
        return
    if (code := names.codes.get(_code_key(token))) and code != token and any(map(str.isdigit, code)):
        if _has_company(code, counts, names) or len(code) > 4:
            yield at, at + len(token), code, "ocr", "names.code", 0.9
        return
    for repair in (_repair_phrase(token, neighbours, names), _repair_word(token, counts, names)):
        if repair:
            correction, confidence = repair
            yield at, at + len(token), correction, "ocr", "names.similar", confidence
            return
    if frequent := _frequent_word(key, counts, names):
        yield at, at + len(token), _shape(token, frequent), "spelling", "names.frequent_word", 0.6


def _is_miscased(token: str, name: str) -> bool:
    """Return whether a brand's inner capitals are wrong: NVlink, OpenAi; all upper, all lower and Title case are styles."""
    return token != name and " " not in name and not (token.isupper() or token.islower() or token.istitle()) and token.lower() == name.lower()


def _is_known(key: str, names: _Names) -> bool:
    """Return whether the word is right as it stands, with a plural s or a number behind it too: GPUs, Kirin9000."""
    stem = key.rstrip("0123456789")
    return key in names.words or stem in names.words or (key.endswith("s") and key[:-1] in names.words)


def _repair_phrase(token: str, neighbours: tuple[str, str], names: _Names) -> tuple[str, float] | None:
    """Return the right form of a word that with its neighbour nearly makes a name of two words: Blackwell Utra."""
    before, after = neighbours
    for other, position in ((before, 1), (after, 0)):
        key = (other + token if position else token + other).lower()
        if not other or len(key) < _LONG:
            continue
        for _, name, cost in _nearest(key, names):
            words = name.split(" ")
            if len(words) == 2 and words[1 - position].lower() == other.lower() and cost <= _NEAR:
                return words[position], 0.95
    return None


def _repair_word(token: str, counts: Counter, names: _Names) -> tuple[str, float] | None:
    """Return the name that the token, or the token without the number behind it, is a damaged form of."""
    stem = token.rstrip("0123456789")
    candidates = [(token, "")] + ([(stem, token[len(stem) :])] if stem != token else [])
    best = None
    for word, number in candidates:
        key = word.lower()
        if len(key) < _SHORTEST - 1 or sum(map(str.isdigit, key)) * 3 > len(key):
            continue
        for name_key, name, cost in _nearest(key, names):
            if _is_sure(key, name_key, name, cost, counts, names) and (best is None or cost < best[0]):
                best = cost, name + number
    return best and (best[1], 0.97 if best[0] <= _EVIDENT else 0.9)


def _is_sure(key: str, name_key: str, name: str, cost: float, counts: Counter, names: _Names) -> bool:
    """Return whether the damage is explained well enough to be repaired."""
    if len(name_key) < _SHORTEST or (key[0] != name_key[0] and cost > _EVIDENT):
        return False
    size = min(len(key), len(name_key))
    is_evident = cost <= _EVIDENT and size >= _SHORTEST
    is_long = cost <= _LONG_COST and size >= _LONG
    # Utra beside Ultra: a letter too few; NDLINK beside NVLink: one for another, in a longer name
    is_near = cost <= (_NEAR if size >= _NEAR_SIZE else _COUNTED) and counts[key] <= _count_of(name, counts)
    return is_evident or is_long or is_near


def _count_of(name: str, counts: Counter) -> int:
    """Return how often a document has the name, by its rarest word."""
    return min(counts[word] for word in name.lower().split(" "))


@functools.lru_cache(maxsize=100_000)
def _nearest(key: str, names: _Names) -> tuple[tuple[str, str, float], ...]:
    """Return the names within two edits, as (key, name, cost)."""
    found = process.extract(key, names.by_key.keys(), scorer=OSA.distance, score_cutoff=2, limit=5)
    return tuple((name_key, names.by_key[name_key], _cost(key, name_key, names.costs)) for name_key, _, _ in found)


def _cost(written: str, meant: str, costs: dict[tuple[str, str], float]) -> float:
    """Return the cheapest way from `written` to `meant`, where each kind of mistake has its own weight."""
    table = {(0, 0): 0.0}
    for i in range(len(written) + 1):
        for j in range(len(meant) + 1):
            if i or j:
                table[i, j] = min(table[a, b] + weight for a, b, weight in _steps(written, meant, i, j, costs))
    return round(table[len(written), len(meant)], 3)


def _steps(written: str, meant: str, i: int, j: int, costs: dict[tuple[str, str], float]) -> Iterator[tuple[int, int, float]]:
    """Yield from where, and at what cost, the cell (i, j) of the edit table is reached."""
    if i:
        yield i - 1, j, _HALVED if i > 1 and written[i - 1] == written[i - 2] else _COUNTED
    if j:
        yield i, j - 1, _HALVED if j > 1 and meant[j - 1] == meant[j - 2] else _COUNTED
    if i and j:
        yield i - 1, j - 1, 0 if written[i - 1] == meant[j - 1] else costs.get((written[i - 1], meant[j - 1]), _SUBSTITUTED)
    if i > 1 and j > 1 and written[i - 2 : i] == meant[j - 1] + meant[j - 2]:
        yield i - 2, j - 2, _SWAPPED
    for a, b in ((2, 1), (1, 2)):
        if i >= a and j >= b and (weight := costs.get((written[i - a : i], meant[j - b : j]))):
            yield i - a, j - b, weight


def _code_key(token: str) -> str:
    """Return a product code with every letter that looks like a digit made that digit: H2O and H20 -> H20."""
    return token[:1].upper() + token[1:].upper().translate(str.maketrans("OIL", "011"))


def _has_company(name: str, counts: Counter, names: _Names) -> bool:
    """Return whether the document has the name itself, its maker or a sister product."""
    return any(counts[word] for word in names.companions.get(name, frozenset()))


def _frequent_word(key: str, counts: Counter, names: _Names) -> str | None:
    """Return the word of the same document, met at least three times, that a rare form is a damaged one of."""
    if len(key) < 6 or counts[key] > 1 or any(map(str.isdigit, key)):
        return None
    frequent = [word for word, count in counts.items() if count >= 3 and abs(len(word) - len(key)) <= 1 and word[0] == key[0]]
    return next((word for word in frequent if _cost(key, word, names.costs) <= _HALVED and word != key + "s" != key), None)


def _shape(token: str, word: str) -> str:
    """Return `word` in the case of `token`."""
    return word.upper() if token.isupper() else word.capitalize() if token.istitle() else word


@functools.lru_cache(maxsize=4)
def _names(lexicon: Lexicon) -> _Names:
    """Return the lexicon's Latin names and terms, ready to be held against tokens."""
    aliases = [
        (alias, entity)
        for alias, entity, kind in lexicon["entity_aliases"].select("alias", "entity", "kind").iter_rows()
        if kind in _KINDS and re.fullmatch(r"[A-Za-z][A-Za-z0-9 \-]+", alias)
    ]
    terms = [row for row in lexicon["repair_terms"].iter_rows(named=True) if row["term"].isascii()]
    targets = [alias for alias, _ in aliases] + [row["term"] for row in terms if row["is_target"]]
    parents = {entity: parent for entity, parent in lexicon["entities"].select("entity", "parent").iter_rows()}
    families: dict[str, set[str]] = {}
    for alias, entity in aliases:
        families.setdefault(parents.get(entity) or entity, set()).add(alias.lower())
    words = {word for target in [*targets, *(row["term"] for row in terms)] for word in re.split(r"[ \-]", target.lower())}
    words |= {alias.lower() for alias in lexicon["entity_aliases"]["alias"] if alias.isascii()}
    return _Names(
        # of two spellings the shorter counts: CoreWeave, not Core Weave
        by_key={target.replace(" ", "").lower(): target for target in sorted(targets, key=lambda target: (-len(target), target))},
        words=frozenset(words),
        codes={_code_key(alias): alias for alias, _ in aliases if re.fullmatch(r"[A-Z]{1,3}\d{2,4}", alias)},
        costs={(row["written"], row["meant"]): row["cost"] for row in lexicon["confusables"].iter_rows(named=True)},
        companions={alias: frozenset(families[parents.get(entity) or entity]) for alias, entity in aliases},
    )
