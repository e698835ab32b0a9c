"""fingerprints: what nearly equal texts have in common, so that reposts are found across a corpus without comparing each pair."""

import hashlib

import numpy as np
import polars as pl

from schemas.blocks import Fingerprints
from transforms.joined_text import JoinedText

# Read by warehouse/reposts.sql, which bands them.
PERMUTATIONS = 64
_SHINGLE = 5  # characters: 营收同比增 is rare enough to tell one article from another
_SHORTEST = 60  # characters: two notices shorter than that are alike because of their form
# A repost keeps the article and changes what stands around it.
_FRAME_KINDS = ("source", "dateline", "byline", "url")
# Odd numbers that spread a product over all of its 64 bits, as in splitmix64.
_STEP, _SPREAD = np.uint64(0x9E3779B97F4A7C15), (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
# A multiplier and an addend for each permutation, the same wherever signatures are made.
_SEEDS = b"".join(hashlib.sha256(b"%d" % nth).digest()[:16] for nth in range(PERMUTATIONS))
_MULTIPLIERS, _ADDENDS = np.frombuffer(_SEEDS, dtype="<u8").astype(np.uint64).reshape(PERMUTATIONS, 2).T | np.uint64(1)
# Shingles that are permuted together: they stay in the processor's cache.
_AT_ONCE = 1 << 15


def sign_texts(documents: pl.DataFrame, blocks: pl.DataFrame) -> pl.DataFrame:
    """fingerprints: one row per document, null where the kept text is too short to tell.

    The texts are compared in Simplified characters without blanks, so that a repost in the other script has the same signature.
    """
    texts = (
        blocks.filter(pl.col("is_kept") & ~pl.col("kind").is_in(_FRAME_KINDS)).sort("doc_id", "block_no")
        .group_by("doc_id", maintain_order=True).agg(pl.col("text").str.join("").str.replace_all(r"\s", ""))
        .filter(pl.col("text").str.len_chars() >= _SHORTEST)
    )  # fmt: skip
    signed = texts.select("doc_id", signature=pl.Series(_sign(texts["text"]), dtype=pl.String))
    return Fingerprints.select(documents.select("doc_id").join(signed, on="doc_id", how="left"))


def _sign(texts: pl.Series) -> list[str]:
    """Return the MinHash of each text's shingles, 8 hex digits a permutation."""
    shingles, counts = _hash_shingles(texts)
    starts = np.cumsum(counts) - counts
    smallest = np.empty((len(counts), PERMUTATIONS), dtype=">u4")
    for rows in np.split(np.arange(len(counts)), np.flatnonzero(np.diff(starts // _AT_ONCE)) + 1):
        if len(rows):
            first = starts[rows[0]]
            smallest[rows] = _permute(shingles[first : starts[rows[-1]] + counts[rows[-1]]], starts[rows] - first)
    return [row.tobytes().hex() for row in smallest]


def _hash_shingles(texts: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return a number of 64 bits for each shingle of the texts, and how many shingles each text has."""
    joined = JoinedText.of(texts)
    points = joined.points.astype(np.uint64)
    hashes = np.zeros(max(len(points) - _SHINGLE + 1, 0), dtype=np.uint64)
    for nth in range(_SHINGLE):
        hashes = hashes * _STEP + points[nth : len(hashes) + nth]
    for shift, factor in zip((30, 27), _SPREAD, strict=True):
        hashes = (hashes ^ (hashes >> np.uint64(shift))) * factor
    # a shingle that would run over a text's end is none
    is_whole = ~joined.is_within(joined.ends - _SHINGLE + 1, joined.ends + 1)[: len(hashes)]
    return hashes[is_whole], joined.ends - joined.starts - _SHINGLE + 1


def _permute(shingles: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Return for each text, whose shingles begin at `starts`, the smallest number under each permutation: multiply, add, keep the upper half."""
    return np.stack([
        np.minimum.reduceat((shingles * multiplier + addend) >> np.uint64(32), starts)
        for multiplier, addend in zip(_MULTIPLIERS, _ADDENDS, strict=True)
    ], axis=1)  # fmt: skip
