"""Where the lexicon's aliases stand in many texts at once."""

import functools

import numpy as np
import polars as pl

from transforms.conversion import by_first, written_in
from transforms.lexicon import Lexicon
from transforms.script import simplify

# How an ASCII character counts at the edge of a Latin name: letters go on as letters, digits as digits.
_LETTER, _DIGIT = 1, 2
_CLASSES = np.zeros(256, dtype=np.uint8)
_CLASSES[[*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1)]] = _LETTER
_CLASSES[range(ord("0"), ord("9") + 1)] = _DIGIT


@functools.lru_cache(maxsize=4)
def known_names(lexicon: Lexicon) -> pl.DataFrame:
    """Return the aliases as they are matched: key (lower case), alias (Simplified), entity, type, parent, kind, is_ambiguous."""
    entities = lexicon["entities"].select("entity", "type", "parent")
    return (
        lexicon["entity_aliases"]
        .filter(pl.col("kind") != "ticker", ~pl.col("alias").str.contains(r"^\d"))
        .vstack(_symbols(lexicon))
        .with_columns(alias=simplify(pl.col("alias")))
        .with_columns(key=pl.col("alias").str.to_lowercase())
        .unique(["key", "alias", "entity"], keep="first", maintain_order=True)
        .join(entities, on="entity", how="inner", maintain_order="left")
        .sort("key", "alias", "entity")
    )


def _symbols(lexicon: Lexicon) -> pl.DataFrame:
    """Return the ticker aliases that are bare symbols (NVDA); numbers with a suffix are matched by their form."""
    return lexicon["entity_aliases"].filter(pl.col("kind") == "ticker", pl.col("alias").str.contains(r"^[A-Z]+$"))


def _patterns(texts: pl.Series, lexicon: Lexicon) -> list[str]:
    """Return the distinct keys that the texts have the characters of, longest first: the automaton prefers the earlier pattern where two start together."""
    keys = written_in("".join(texts).lower(), _keys_by_first(lexicon))
    return sorted(keys, key=lambda key: (-len(key), key))


@functools.lru_cache(maxsize=4)
def _keys_by_first(lexicon: Lexicon) -> dict[str, list[str]]:
    """Return the distinct keys by their first characters.

    Words that only begin like a name (中国银行业, 其中金额) are among them, so that the name is not found in them.
    """
    words = lexicon["entity_cues"].filter(pl.col("kind") == "not_name")["word"].str.to_lowercase()
    return by_first(sorted(set(known_names(lexicon)["key"]) | set(words)))


def find_aliases(texts: pl.Series, lexicon: Lexicon) -> pl.DataFrame:
    """Return row (index into texts), start_char, end_char (within the row's text), surface and key of every alias.

    Longest first, leftmost, disjoint. A Latin alias inside a longer word (META in METADATA, H20 in H200) is left out;
    case is not compared here.
    """
    matching, patterns = {"ascii_case_insensitive": True, "leftmost": True}, pl.lit(pl.Series([_patterns(texts, lexicon)], dtype=pl.List(pl.String)))
    found = (
        pl.DataFrame({"text": texts})
        .with_row_index("row")
        .select(
            "row",
            at=pl.col("text").str.find_many(patterns, **matching),
            surface=pl.col("text").str.extract_many(patterns, **matching),
        )
        .explode("at", "surface")
        .drop_nulls("at")
    )
    # extract_many gives the pattern back, not the text: the surface is cut from the text below
    data, offsets = _utf8(texts)
    first, past = offsets[:-1][found["row"].to_numpy()], offsets[1:][found["row"].to_numpy()]
    starts = first + found["at"].to_numpy().astype(np.int64)
    ends = starts + found["surface"].str.len_bytes().to_numpy().astype(np.int64)
    is_part = _continues(data, starts - 1, starts, ends - starts) & (starts > first)
    is_part |= _continues(data, ends - 1, np.minimum(ends, len(data) - 1), ends - starts) & (ends < past)
    code_points = _count_code_points(data, np.concatenate([first, starts, ends]))
    at_first, at_start, at_end = np.split(code_points, 3)
    content = data.tobytes()
    return (
        found.select(
            "row",
            start_char=pl.Series(at_start - at_first, dtype=pl.Int64),
            end_char=pl.Series(at_end - at_first, dtype=pl.Int64),
            surface=pl.Series([content[a:b].decode() for a, b in zip(starts.tolist(), ends.tolist(), strict=True)], dtype=pl.String),
        )
        .filter(pl.Series(~is_part, dtype=pl.Boolean))
        .with_columns(key=pl.col("surface").str.to_lowercase())
        .join(known_names(lexicon).select("key").unique(), on="key", how="semi", maintain_order="left")
    )


def _utf8(texts: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return the bytes of all texts one after the other, and where each begins; the last offset is their length."""
    column = texts.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, data = column.buffers()
    offsets = np.frombuffer(offsets, dtype=np.int64, count=len(texts) + 1) if len(texts) else np.zeros(1, dtype=np.int64)
    return np.frombuffer(data, dtype=np.uint8) if data and data.size else np.zeros(1, dtype=np.uint8), offsets


def _count_code_points(data: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return how many code points lie before each byte offset; bytes of the form 10xxxxxx continue a code point."""
    is_head = (data & 0xC0) != 0x80
    through = np.cumsum(is_head, dtype=np.int32)
    return np.where(places > 0, through[np.maximum(places, 1) - 1], 0).astype(np.int64)


def _continues(points: np.ndarray, left: np.ndarray, right: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return whether the characters at `left` and `right` belong to one Latin word or number.

    A longer name may carry a number at its end (iPhone15, Kirin9000); a short one with a digit is another name (H20, H200; AMD3).
    """
    before, after = _CLASSES[points[left]], _CLASSES[points[right]]
    return (before > 0) & (after > 0) & ((before == after) | (lengths < 5))
