"""What a single line looks like: cues of the lexicon, typography of the raw text, and the names it shares."""

import functools
import re
from dataclasses import dataclass

import numpy as np
import polars as pl

from transforms.lexicon import Lexicon
from transforms.splice_terms import read_codes

# Whoever typed a text wrote punctuation wide or narrow, and quotation marks of one kind, throughout.
_TYPED = {"wide": "，：；？！（）", "narrow": ",:;?!()", "curly": "“”", "straight": '"', "corner": "「」『』"}
_AGREEMENTS_AT_MOST = 6
# 2021年, 20H1, 3Q19, 22年: the years that a line speaks of
_YEAR = r"(?:19|20)[0-9]{2}|[1-4][QqHh][0-9]{2}|[0-9]{2}(?:[QqHh][1-4]|年)"
_FIRST_YEAR, _LAST_YEAR = 1949, 2049
# 1. 2) (三) 四、 第五: the number of a point in a list
_NUMBER = r"^(?:[((]|第|Q)?(\d{1,2}|[一二三四五六七八九十])(?:[))、.:,是]|\s)"
_HANZI = "一二三四五六七八九十"


def measure_shapes(lines: pl.DataFrame, titles: pl.Series, lexicon: Lexicon) -> dict[str, np.ndarray]:
    """Return the features of each line (doc, text, raw, indent, blank_lines) that concern its form, its names and its years."""
    columns = {"length": pl.col("text").str.len_chars()}
    for cue_id, pattern in _cues(lexicon, "flag"):
        columns[f"is_{cue_id}"] = pl.col("text").str.contains(pattern)
    for cue_id, pattern in _cues(lexicon, "rate"):
        if not _is_wordlist(pattern):
            columns[f"rate_{cue_id}"] = pl.col("text").str.count_matches(pattern)
    measured = lines.select(**columns)
    features = {name: measured[name].cast(pl.Float64).to_numpy() for name in columns}
    words = _find_words(lines, lexicon)
    features |= {f"rate_{cue_id}": words.count(cue_id) for cue_id, pattern in _cues(lexicon, "rate") if _is_wordlist(pattern)}
    for name in [name for name in features if name.startswith("rate_")]:
        features[name] = features[name] * 100 / features["length"]
    for cue_id, pattern in _cues(lexicon, "title"):
        features[f"is_{cue_id}"] = titles.str.contains(pattern).cast(pl.Float64).to_numpy()[lines["doc"].to_numpy()]
    features |= _differ_in_document(_Layout(lines), features) | _measure_pattern(lines)
    return features | _measure_typography(lines) | _measure_styles(lines, words, lexicon) | _measure_names(lines, words, lexicon) | _measure_years(lines)


@dataclass(frozen=True, eq=False)
class _Words:
    """Words of the lexicon's word lists as they stand in the lines.

    size: number of lines.
    line, word: one entry per occurrence.
    lists: numbers of each cue's words.
    """

    size: int
    line: np.ndarray
    word: np.ndarray
    lists: dict[str, list[int]]

    def count(self, cue_id: str) -> np.ndarray:
        """Return how many words of a cue each line has."""
        return np.bincount(self.of(cue_id)[0], minlength=self.size)

    def of(self, cue_id: str) -> tuple[np.ndarray, np.ndarray]:
        """Return line and word of the occurrences of a cue's words."""
        is_listed = np.zeros(1 + max(map(max, self.lists.values())), bool)
        is_listed[self.lists[cue_id]] = True
        chosen = is_listed[self.word]
        return self.line[chosen], self.word[chosen]


def _find_words(lines: pl.DataFrame, lexicon: Lexicon) -> _Words:
    """Return the words of all word lists in one pass over the text; words may overlap."""
    words, lists = _word_lists(lexicon)
    found = lines["text"].str.extract_many(words, overlapping=True)
    counts = found.list.len().to_numpy()
    word = found.filter(counts > 0).explode().replace_strict(words, list(range(len(words))), return_dtype=pl.Int64)
    return _Words(lines.height, np.repeat(np.arange(lines.height), counts), word.to_numpy(), lists)


def _is_wordlist(pattern: str) -> bool:
    """Return whether a pattern is nothing but words: 同比|环比, \\(\\+ with its signs escaped."""
    return not re.search(r"[\[\](){}?*+.^$]", re.sub(r"\\[()+]", "", pattern))


@functools.lru_cache(maxsize=4)
def _word_lists(lexicon: Lexicon) -> tuple[list[str], dict[str, list[int]]]:
    """Return the distinct words of all word lists, and the numbers of each cue's words."""
    split = {cue_id: re.sub(r"\\(?=[()+])", "", pattern).split("|") for measure in ("rate", "style", "agree") for cue_id, pattern in _cues(lexicon, measure) if _is_wordlist(pattern)}
    words = sorted({word for listed in split.values() for word in listed})
    numbers = {word: number for number, word in enumerate(words)}
    return words, {cue_id: [numbers[word] for word in listed] for cue_id, listed in split.items()}


class _Layout:
    """Which document each line is of; lines of a document stand together."""

    def __init__(self, lines: pl.DataFrame) -> None:
        self.doc = lines["doc"].to_numpy()
        self.first = np.flatnonzero(np.diff(self.doc, prepend=-1))
        self.count = np.diff(self.first, append=len(self.doc))

    def rest(self, values: np.ndarray) -> np.ndarray:
        """Return the sum of whole numbers over the other lines of each line's document."""
        return np.add.reduceat(values, self.first, axis=0)[self.doc] - values


def _differ_in_document(layout: _Layout, features: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return how far each rate lies from the document's, in steps that add up exactly."""
    others = np.maximum(layout.count - 1, 1)[layout.doc]
    steps = {name: np.rint(values * 64) for name, values in features.items() if name.startswith("rate_")}
    return {f"{name}_off": (values - layout.rest(values) / others) / 64 for name, values in steps.items()}


def _measure_pattern(lines: pl.DataFrame) -> dict[str, np.ndarray]:
    """Return how far a line is built like the document's others: same opening (【采访】, 问:), same close, next number of a list."""
    text, others = pl.col("text"), (pl.len().over("doc") - 1).clip(1)
    number = text.str.extract(_NUMBER, 1)
    hanzi = pl.Series(list(_HANZI))
    value = pl.coalesce(number.cast(pl.Int64, strict=False), number.replace_strict(hanzi, list(range(1, 11)), default=None, return_dtype=pl.Int64))
    frame = lines.select(
        "doc", length=text.str.len_chars(), opening=text.str.slice(0, 1), opening_pair=text.str.slice(0, 2), close=text.str.slice(-1),
        number=value,
    ).with_row_index("line")  # fmt: skip
    alike = [((pl.len().over("doc", column) - 1) / others).alias(f"same_{column}") for column in ("opening", "opening_pair", "close")]
    numbered = frame.filter(pl.col("number").is_not_null()).select("doc", "line", "number")
    neighbours = numbered.join(numbered.select("doc", neighbour="line", wanted="number"), on="doc").filter(
        ((pl.col("wanted") - pl.col("number") == 1) & (pl.col("neighbour") > pl.col("line")))
        | ((pl.col("wanted") - pl.col("number") == -1) & (pl.col("neighbour") < pl.col("line")))
    )
    in_list = np.zeros(lines.height)
    in_list[numbered["line"].to_numpy()] = 1
    in_list[neighbours["line"].unique().to_numpy()] = 2
    mean_length = (pl.col("length").sum().over("doc") - pl.col("length")) / others
    measured = frame.select(*alike, length_share=pl.col("length") / (pl.col("length") + mean_length))
    return {name: measured[name].to_numpy() for name in measured.columns} | {"in_list": in_list}


def _measure_typography(lines: pl.DataFrame) -> dict[str, np.ndarray]:
    """Return how unlike the document's a line is typed: width, quotation marks, script, indentation."""
    layout, raw, text = _Layout(lines), read_codes(lines["raw"]), read_codes(lines["text"])
    starts = np.concatenate([[0], np.cumsum(lines["text"].str.len_chars().to_numpy().astype(np.int64) + 1)])  # raw is as long
    typed = _count_typed(raw, starts)
    is_han = (text >= 0x3400) & (text < 0xA000)
    han, changed = (np.diff(np.concatenate([[0], np.cumsum(found)])[starts]) for found in (is_han, is_han & (raw != text)))
    indent, blank_lines = lines["indent"].to_numpy(), lines["blank_lines"].to_numpy()
    counts = {
        "width": typed[:, :2], "marks": typed[:, 2:], "script": np.column_stack([changed, han - changed]),
        "indent": np.column_stack([indent > 0, indent == 0]), "spacing": np.column_stack([blank_lines > 0, blank_lines == 0]),
    }  # fmt: skip
    return {f"unlike_{name}": _distance(layout, values.astype(np.int64)) for name, values in counts.items()}


def _measure_styles(lines: pl.DataFrame, words: _Words, lexicon: Lexicon) -> dict[str, np.ndarray]:
    """Return how unlike the document's a line words what can be worded in several ways: 同比 or YOY, 三季度 or 年报."""
    layout, features = _Layout(lines), {}
    for name, variants in _styles(lexicon).items():
        features[f"unlike_{name}"] = _distance(layout, np.column_stack([words.count(cue_id) for cue_id in variants]))
    return features


def _distance(layout: _Layout, line: np.ndarray) -> np.ndarray:
    """Return how far a line's shares of these counts lie from those of the document's other lines; NaN where it has none."""
    rest = layout.rest(line)
    sizes, rest_sizes = line.sum(1), rest.sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = np.abs(line / sizes[:, None] - rest / rest_sizes[:, None]).max(1)
    return np.where((sizes > 0) & (rest_sizes > 0), distance, np.nan)


def _count_typed(codes: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Return per line how many of its characters are of each class of _TYPED."""
    kind = _typed_classes()[np.minimum(codes, 0xFFFF)]
    told, size = np.flatnonzero(kind), len(_TYPED) + 1
    line = np.searchsorted(starts, told, side="right") - 1
    return np.bincount(line * size + kind[told], minlength=(len(starts) - 1) * size).reshape(-1, size)[:, 1:]


@functools.cache
def _typed_classes() -> np.ndarray:
    """Return which of _TYPED, from 1, each code point of the basic plane is."""
    classes = np.zeros(0x10000, np.uint8)
    for number, characters in enumerate(_TYPED.values(), 1):
        classes[[ord(character) for character in characters]] = number
    return classes


def _measure_names(lines: pl.DataFrame, words: _Words, lexicon: Lexicon) -> dict[str, np.ndarray]:
    """Return per kind of name how many a line has, and which share of them other lines of the document have too."""
    features = {}
    for cue_id, pattern in _cues(lexicon, "agree"):
        line, name = words.of(cue_id) if _is_wordlist(pattern) else _find_names(lines, pattern)
        count, shared = _count_shared(lines, line, name)
        features[f"names_{cue_id}"] = np.minimum(count, _AGREEMENTS_AT_MOST)
        features[f"agree_{cue_id}"] = np.where(count > 0, shared / np.maximum(count, 1), np.nan)
    return features


def _find_names(lines: pl.DataFrame, pattern: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the line of each match, and a number that stands for its wording."""
    line, found = _find_matches(lines, pattern)
    return line, found.hash().to_numpy()


def _find_matches(lines: pl.DataFrame, pattern: str) -> tuple[np.ndarray, pl.Series]:
    """Return the line and the wording of each match."""
    found = lines["text"].str.extract_all(pattern)
    counts = found.list.len().to_numpy()
    return np.repeat(np.arange(len(found)), counts), found.filter(counts > 0).explode()


def _count_shared(lines: pl.DataFrame, line: np.ndarray, name: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return per line how many distinct names it has, and how many of these other lines of its document have."""
    doc = lines["doc"].to_numpy()[line]
    order = np.lexsort((line, name, doc))
    doc, name, line = doc[order], name[order], line[order]
    is_new_name = np.ones(len(line), bool)
    is_new_name[1:] = (doc[1:] != doc[:-1]) | (name[1:] != name[:-1])
    is_new_line = is_new_name.copy()
    is_new_line[1:] |= line[1:] != line[:-1]
    group, line = np.cumsum(is_new_name)[is_new_line], line[is_new_line]
    is_shared = np.bincount(group)[group] > 1 if len(group) else np.zeros(0, bool)
    return np.bincount(line, minlength=lines.height), np.bincount(line, is_shared, lines.height)


def _measure_years(lines: pl.DataFrame) -> dict[str, np.ndarray]:
    """Return how far a line's first and last year lie from those of the document's other lines, which share these have too, and in what form."""
    line, found = _find_matches(lines, _YEAR)
    year = found.replace_strict(*_read_years(found.unique().to_list()), return_dtype=pl.Int64).to_numpy()
    is_long = found.str.len_chars().to_numpy() == 4
    forms = np.column_stack([np.bincount(line[chosen], minlength=lines.height) for chosen in (is_long, ~is_long)])
    line, year = line[year > 0], year[year > 0]
    count, shared = _count_shared(lines, line, year)
    layout, has_year = _Layout(lines), count > 0
    first, last = np.full(lines.height, _LAST_YEAR), np.zeros(lines.height, np.int64)
    np.minimum.at(first, line, year)
    np.maximum.at(last, line, year)
    others = layout.rest(has_year.astype(np.int64))
    features = {"unlike_years": _distance(layout, forms), "agree_year": np.where(has_year, shared / np.maximum(count, 1), np.nan)}
    for name, values in (("first", first), ("last", last)):
        rest = layout.rest(np.where(has_year, values, 0))
        features[f"year_{name}_off"] = np.where(has_year & (others > 0), values - rest / np.maximum(others, 1), np.nan)
    return features


def _read_years(names: list[str]) -> tuple[list[str], list[int]]:
    """Return the names and the year that each means, 0 where it is none: 3Q19 is 2019."""
    years = []
    for name in names:
        digits = name[:4] if name[:4].isdigit() else name[-2:] if name[1] in "QqHh" else name[:2]
        year = int(digits) if len(digits) == 4 else 2000 + int(digits)
        years.append(year if _FIRST_YEAR <= year <= _LAST_YEAR else 0)
    return names, years


@functools.lru_cache(maxsize=16)
def _cues(lexicon: Lexicon, measure: str) -> list[tuple[str, str]]:
    """Return id and pattern of the cues of one measure."""
    return lexicon["splice_cues"].filter(pl.col("measure") == measure).select("cue_id", "pattern").rows()


@functools.lru_cache(maxsize=4)
def _styles(lexicon: Lexicon) -> dict[str, list[str]]:
    """Return the cues of each group of wordings: growth.han, growth.latin -> growth."""
    groups: dict[str, list[str]] = {}
    for cue_id, _ in _cues(lexicon, "style"):
        groups.setdefault(cue_id.partition(".")[0], []).append(cue_id)
    return groups
