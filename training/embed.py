"""Term vectors: a paragraph shall lie close to other paragraphs of its article and away from those of other articles."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import sparse

from training.corpus import Article
from transforms.script import simplify
from transforms.splice_model import WEIGHT_SCALE
from transforms.splice_terms import BUCKET_BITS, find_terms

DIMENSIONS = 64
TERM_COUNT = 60_000
BATCH = 384
TEMPERATURE = 0.07
DROPOUT = 0.3
LEARNING_RATE = 0.08
CONTEXT = 3  # other paragraphs of the article on the far side of a pair
_RARE = 3  # a term of fewer documents gets no vector: it would only learn those documents by heart
_SHORT = 6  # a paragraph with fewer terms says too little


@dataclass(frozen=True)
class Background:
    """The paragraphs of the embedding's articles as rows of term weights; `first` holds each article's first row."""

    rows: sparse.csr_matrix
    first: np.ndarray
    source: np.ndarray
    idf: np.ndarray
    buckets: np.ndarray


def read_background(articles: list[Article]) -> Background:
    """Return the term weights of all paragraphs, and how rare each term is over the articles."""
    texts = pl.DataFrame({"text": [p for article in articles for p in article.paragraphs]}).select(simplify(pl.col("text")))["text"]
    counts = np.array([len(article.paragraphs) for article in articles])
    terms = find_terms(texts)
    article = np.repeat(np.arange(len(articles)), counts)[terms.block]
    in_articles = np.unique(article << BUCKET_BITS | terms.bucket) & ((1 << BUCKET_BITS) - 1)
    spread = np.bincount(in_articles, minlength=1 << BUCKET_BITS)
    idf = np.log((len(articles) + 1) / (spread + 0.5))
    buckets = np.sort(np.argsort(-spread, kind="stable")[:TERM_COUNT])
    buckets = buckets[spread[buckets] >= _RARE]
    row = np.full(1 << BUCKET_BITS, -1)
    row[buckets] = np.arange(len(buckets))
    known = row[terms.bucket] >= 0
    ones = np.ones(int(known.sum()), np.float32)
    rows = sparse.csr_matrix((ones, (terms.block[known], row[terms.bucket[known]])), shape=(len(texts), len(buckets)))
    rows.sum_duplicates()
    rows.data = (1 + np.log(rows.data)) * idf[buckets].astype(np.float32)[rows.indices]
    source = np.unique([article.source for article in articles], return_inverse=True)[1]
    return Background(rows, np.concatenate([[0], np.cumsum(counts)]), source, idf, buckets)


def train_vectors(background: Background, steps: int, seed: int) -> np.ndarray:
    """Return one vector per term (float32), trained with InfoNCE over batches of pairs (paragraph, other paragraphs)."""
    draw = np.random.default_rng(seed)
    vectors = draw.normal(0, 0.1, (len(background.buckets), DIMENSIONS)).astype(np.float32)
    squares = np.full((len(vectors), 1), 1e-6, np.float32)
    for left, right in _pairs(background, steps, draw):
        _descend(vectors, squares, left, right)
    return vectors


def quantise(vectors: np.ndarray) -> np.ndarray:
    """Return the vectors as whole numbers of one byte, on one common scale."""
    scale = 127 / np.quantile(np.abs(vectors), 0.9999)
    return np.clip(np.rint(vectors * scale), -127, 127).astype(np.int8)


def quantise_idf(idf: np.ndarray) -> np.ndarray:
    """Return rarities in steps of 1 / WEIGHT_SCALE, at least one step."""
    return np.clip(np.rint(idf * WEIGHT_SCALE), 1, 255).astype(np.uint8)


def _pairs(background: Background, steps: int, draw: np.random.Generator) -> Iterator[tuple[sparse.csr_matrix, sparse.csr_matrix]]:
    """Yield batches; every second one from a single source, where the articles are hardest to tell apart."""
    filled = np.flatnonzero(np.diff(background.rows.indptr) >= _SHORT)
    article = np.searchsorted(background.first, filled, side="right") - 1
    by_article = {a: rows for a, rows in zip(*_group(article, filled), strict=True) if len(rows) > 1}
    everyone = np.array(sorted(by_article))
    of_source = [everyone[background.source[everyone] == s] for s in np.unique(background.source[everyone])]
    for step in range(steps):
        pool = everyone if step % 2 == 0 else of_source[draw.integers(len(of_source))]
        chosen = draw.choice(pool, min(BATCH, len(pool)), replace=False)
        orders = [draw.permutation(by_article[a])[: CONTEXT + 1] for a in chosen]
        left = _drop_terms(background.rows[np.array([o[0] for o in orders])], draw)
        right = _drop_terms(_sum_rows(background.rows, [o[1:] for o in orders]), draw)
        yield left, right


def _group(keys: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the distinct sorted keys and the values of each."""
    names, firsts = np.unique(keys, return_index=True)
    return names, np.split(values, firsts[1:])


def _sum_rows(rows: sparse.csr_matrix, groups: list[np.ndarray]) -> sparse.csr_matrix:
    """Return one row per group: the sum of its rows."""
    member = np.repeat(np.arange(len(groups)), [len(g) for g in groups])
    picks = sparse.csr_matrix((np.ones(len(member), np.float32), (member, np.concatenate(groups))), shape=(len(groups), rows.shape[0]))
    return picks @ rows


def _drop_terms(rows: sparse.csr_matrix, draw: np.random.Generator) -> sparse.csr_matrix:
    """Return the rows without a random share of their terms, so that no single term carries a pair."""
    rows.data = rows.data * (draw.random(len(rows.data)) >= DROPOUT).astype(np.float32)
    return rows


def _descend(vectors: np.ndarray, squares: np.ndarray, left: sparse.csr_matrix, right: sparse.csr_matrix) -> None:
    """Take one Adagrad step on the symmetric InfoNCE loss, in place."""
    both = sparse.vstack([left, right]).tocsr()
    used, columns = np.unique(both.indices, return_inverse=True)
    both = sparse.csr_matrix((both.data, columns.astype(np.int32), both.indptr), shape=(both.shape[0], len(used)))
    sums = both @ vectors[used]
    norms = np.linalg.norm(sums, axis=1, keepdims=True) + 1e-6
    units = sums / norms
    half = left.shape[0]
    a, b = units[:half], units[half:]
    logits = a @ b.T / TEMPERATURE
    pull = (_softmax(logits, 1) + _softmax(logits, 0) - 2 * np.eye(half, dtype=np.float32)) / (2 * half * TEMPERATURE)
    gradient = np.concatenate([pull @ b, pull.T @ a])
    gradient = (gradient - units * (gradient * units).sum(1, keepdims=True)) / norms
    per_term = both.T @ gradient
    squares[used] += (per_term**2).mean(1, keepdims=True)
    vectors[used] -= LEARNING_RATE * per_term / np.sqrt(squares[used])


def _softmax(logits: np.ndarray, axis: int) -> np.ndarray:
    """Return probabilities along an axis."""
    powers = np.exp(logits - logits.max(axis, keepdims=True))
    return powers / powers.sum(axis, keepdims=True)
