"""fingerprints: what nearly equal texts have in common, so that reposts are found across a corpus without comparing each pair."""

import hashlib

import polars as pl
from rensa import RMinHash

from schemas.blocks import Fingerprints

# Read by warehouse/reposts.sql, which bands them.
PERMUTATIONS = 64
_SHINGLE = 5  # characters: 营收同比增 is rare enough to tell one article from another
_SHORTEST = 60  # characters: two notices shorter than that are alike because of their form
# A repost keeps the article and changes what stands around it.
_FRAME_KINDS = ("source", "dateline", "byline", "url")


def sign_texts(documents: pl.DataFrame, blocks: pl.DataFrame) -> pl.DataFrame:
    """fingerprints: one row per document; no signature where the kept text is too short to tell, nothing where none is kept.

    The texts are compared in Simplified characters without blanks, so that a repost in the other script has the same signature.
    """
    texts = (
        blocks.filter(pl.col("is_kept") & ~pl.col("kind").is_in(_FRAME_KINDS)).sort("doc_id", "block_no")
        .group_by("doc_id", maintain_order=True).agg(pl.col("text").str.join("").str.replace_all(r"\s", ""))
    )  # fmt: skip
    signed = texts.with_columns(
        signature=pl.col("text").map_elements(_sign, return_dtype=pl.String),
        text_hash=pl.col("text").map_elements(_hash, return_dtype=pl.String),
    )
    return Fingerprints.select(documents.select("doc_id").join(signed, on="doc_id", how="left"))


def _sign(text: str) -> str | None:
    """Return the MinHash of a text's shingles, 8 hex digits a permutation; null for a text too short to tell."""
    if len(text) < _SHORTEST:
        return None
    minhash = RMinHash(num_perm=PERMUTATIONS, seed=1)
    minhash.update([text[at : at + _SHINGLE] for at in range(len(text) - _SHINGLE + 1)])
    return "".join(f"{value:08x}" for value in minhash.digest())


def _hash(text: str) -> str:
    """Return what equal texts have in common, 32 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]
