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
    at: where the term starts in its block, in code points.
    length: code points of the term.
    chained: entries of pairs whose second character is the first of the next entry: 中兴 before 兴通.
    """

    block: np.ndarray
    bucket: np.ndarray
    at: np.ndarray
    length: np.ndarray
    chained: np.ndarray


def find_terms(texts: pl.Series) -> Terms:
    """Return the terms of each text: every pair of neighbouring Han characters, every Latin word or number."""
    lengths = texts.str.len_chars().to_numpy().astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths + 1)])
    codes = np.frombuffer(("\n".join(texts) + "\n").encode("utf-32-le", "replace"), dtype=np.uint32)
    small = np.minimum(codes, 0xFFFF)
    kind = _kinds()[small]
    pairs = np.flatnonzero((kind[:-1] == _HAN) & (kind[1:] == _HAN))
    words, sizes, word_hash = _hash_words(_folded()[small], kind == _WORD)
    at = np.concatenate([pairs, words])
    hashes = np.concatenate([mix(codes[pairs].astype(np.uint64) << np.uint64(21) | codes[pairs + 1]), word_hash])
    block = np.repeat(np.arange(len(lengths)), lengths + 1)[at]
    return Terms(
        block=block,
        bucket=(hashes & _BUCKET_MASK).astype(np.int64),
        at=at - starts[block],
        length=np.concatenate([np.full(len(pairs), 2), sizes]),
        chained=np.flatnonzero(pairs[1:] == pairs[:-1] + 1),
    )


def _hash_words(folded: np.ndarray, is_word: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return start, length and hash of each run of letters and digits: H200, 2025, blackwell."""
    edges = np.diff(np.concatenate([[0], is_word.astype(np.int8), [0]]))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    if not len(starts):
        return starts, starts, np.empty(0, np.uint64)
    inside = np.flatnonzero(is_word)
    place = inside - np.repeat(starts, ends - starts)
    letters = mix(folded[inside].astype(np.uint64)) * _place_factors()[np.minimum(place, _LONGEST_WORD)]
    firsts = np.concatenate([[0], np.cumsum(ends - starts)[:-1]])
    return starts, ends - starts, mix(np.add.reduceat(letters, firsts))


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
