"""Hashed terms of many blocks at once: what the splice detector sees of a text."""

import functools
from dataclasses import dataclass

import numpy as np
import polars as pl

BUCKET_BITS = 20  # 2^20 buckets: on 100,000 documents fewer than one rare bigram in five shares its bucket
_BUCKET_MASK = np.uint64((1 << BUCKET_BITS) - 1)
_HAN, _WORD = 1, 2  # classes of characters; 0 separates terms
_LONGEST_WORD = 32  # letters beyond this one do not tell two words apart
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Terms:
    """Occurrences of terms, one entry per occurrence: first the pairs in text order, then the words.

    block: row of the block in the batch.
    bucket: hash of the term, below 2^BUCKET_BITS.
    chained: entries of pairs whose second character is the first of the next entry: 中兴 before 兴通.
    """

    block: np.ndarray
    bucket: np.ndarray
    chained: np.ndarray


def find_terms(texts: pl.Series) -> Terms:
    """Return the terms of each text: every pair of neighbouring Han characters, every Latin word or number."""
    lengths = texts.str.len_chars().to_numpy().astype(np.int64)
    codes = read_codes(texts)
    kind = _kinds().take(np.minimum(codes, 0xFFFF))
    is_han = kind == _HAN
    pairs = np.flatnonzero(is_han[:-1] & is_han[1:])
    words, word_hash = _hash_words(codes, np.flatnonzero(kind == _WORD))
    hashes = np.concatenate([mix(codes[pairs].astype(np.uint64) << np.uint64(21) | codes[pairs + 1]), word_hash])
    return Terms(
        block=np.repeat(np.arange(len(lengths)), lengths + 1)[np.concatenate([pairs, words])],
        bucket=(hashes & _BUCKET_MASK).view(np.int64),
        chained=np.flatnonzero(pairs[1:] == pairs[:-1] + 1),
    )


def read_codes(texts: pl.Series) -> np.ndarray:
    """Return the code points of all texts, each followed by a line break."""
    return np.frombuffer((texts.str.join("\n").item() + "\n").encode("utf-32-le", "replace"), dtype=np.uint32)


def _hash_words(codes: np.ndarray, inside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return start and hash of each run of the letters and digits that stand at `inside`: H200, 2025, blackwell."""
    if not len(inside):
        return inside, np.empty(0, np.uint64)
    firsts = np.flatnonzero(np.diff(inside, prepend=-2) != 1)
    starts = inside[firsts]
    place = inside - np.repeat(starts, np.diff(firsts, append=len(inside)))
    letters = mix(_folded()[codes[inside]].astype(np.uint64)) * _place_factors()[np.minimum(place, _LONGEST_WORD)]
    return starts, mix(np.add.reduceat(letters, firsts))


def mix(values: np.ndarray) -> np.ndarray:
    """Return 64-bit values with every input bit spread over the low ones (the finaliser of splitmix64)."""
    values = values * _MIX
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    return values ^ (values >> np.uint64(31))


@functools.cache
def _place_factors() -> np.ndarray:
    """Return an odd factor per place in a word, so that 12 and 21 differ; letters past the longest word count nothing."""
    factors = mix(np.arange(1, _LONGEST_WORD + 2, dtype=np.uint64)) | np.uint64(1)
    factors[-1] = 0
    return factors


@functools.cache
def _kinds() -> np.ndarray:
    """Return the class of each code point of the basic plane."""
    kinds = np.zeros(0x10000, np.uint8)
    kinds[0x3400:0x4DC0] = kinds[0x4E00:0xA000] = _HAN
    for first, last in ("09", "AZ", "az", "Àɏ", "Ая"):
        kinds[ord(first) : ord(last) + 1] = _WORD
    return kinds


@functools.cache
def _folded() -> np.ndarray:
    """Return the lower-case form of each code point of the basic plane."""
    folded = np.arange(0x10000, dtype=np.uint32)
    folded[ord("A") : ord("Z") + 1] += 32
    return folded
