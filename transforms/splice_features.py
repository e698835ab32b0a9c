"""What the splice detector measures of each line: how it hangs together with the rest of its document.

Everything is computed for a whole batch at once, and so that a document's figures do not depend on the batch or on the
machine: weights and vectors are whole numbers, whose sums are exact in any order.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import sparse

from transforms.lexicon import Lexicon
from transforms.splice_model import WEIGHT_SCALE, TermWeights
from transforms.splice_shapes import measure_shapes
from transforms.splice_terms import BUCKET_BITS, find_terms

Features = dict[str, np.ndarray]

_ROW_BITS = 24
_UNIT = 1024  # length of a vector in whole numbers: products of two stay below 2^24, where float32 is exact
_LEAD = 3  # first lines of a document: they say what it is about
_NEAR = 3
_RARE = 6 * WEIGHT_SCALE  # idf from which a term names something: a bigram in fewer than one article of 400
_LONGEST = 2000  # lines compared with one another at a time


@dataclass(frozen=True, eq=False)
class Batch:
    """Judged lines with their terms and vectors; lines of a document stand together, in order.

    doc, first, count: number of each line's document, and per document its first line and number of lines.
    line, weight, idf, group: one entry per distinct term of a line, sorted by document, term and line; entries of one
        group are the same term in the same document. A line number from `size` on is the title of document line - size.
    units: one vector per line, then one per title.
    """

    lines: pl.DataFrame
    size: int
    doc: np.ndarray
    first: np.ndarray
    count: np.ndarray
    line: np.ndarray
    weight: np.ndarray
    idf: np.ndarray
    group: np.ndarray
    units: np.ndarray


def read_batch(lines: pl.DataFrame, titles: pl.Series, weights: TermWeights) -> Batch:
    """Return the batch of `lines` (doc, text …, sorted by doc); `titles` holds one string per document."""
    doc = lines["doc"].to_numpy()
    size = len(doc)
    first = np.flatnonzero(np.concatenate([[True], doc[1:] != doc[:-1]]))
    terms = find_terms(pl.concat([lines["text"], titles]))
    owner = np.concatenate([doc, np.arange(len(titles))])[terms.block].astype(np.int64)
    keys = owner << (BUCKET_BITS + _ROW_BITS) | terms.bucket << _ROW_BITS | terms.block
    keys.sort()
    is_new = np.concatenate([[True], keys[1:] != keys[:-1]]) if len(keys) else np.empty(0, bool)
    starts = np.flatnonzero(is_new)
    times = np.diff(np.concatenate([starts, [len(keys)]]))
    keys = keys[starts]
    line = keys & ((1 << _ROW_BITS) - 1)
    bucket = keys >> _ROW_BITS & ((1 << BUCKET_BITS) - 1)
    idf = weights.idf[bucket]
    weight = idf * _repetition(times) // 4
    group = np.cumsum(np.concatenate([[0], keys[1:] >> _ROW_BITS != keys[:-1] >> _ROW_BITS])) if len(keys) else line
    known = weights.row[bucket] >= 0
    entries = (weight[known], (line[known], weights.row[bucket][known]))
    sums = sparse.csr_matrix(entries, shape=(size + len(titles), len(weights.vectors))) @ weights.vectors
    return Batch(lines, size, doc, first, np.diff(np.concatenate([first, [size]])), line, weight, idf, group, _units(sums))


def measure_lines(batch: Batch, lexicon: Lexicon) -> Features:
    """Return the features of the first model."""
    features = measure_shapes(batch.lines, lexicon) | _measure_place(batch)
    features |= _measure_terms(batch) | _measure_vectors(batch)
    compared = ("shared", "shared_rare", "term_cosine", "cosine", "cosine_core", "nearest")
    return features | _compare_in_document(batch, {name: features[name] for name in compared})


def measure_again(batch: Batch, scores: np.ndarray) -> Features:
    """Return the features of the second model: the first one's scores around, and the article as they leave it."""
    own = np.rint((1 - scores) * 64).astype(np.int64)
    return _measure_scores(batch, scores) | _measure_own_terms(batch, own) | _measure_own_vectors(batch, own)


def _repetition(times: np.ndarray) -> np.ndarray:
    """Return how much a term counts that stands `times` times in a line: 4, 6, 8, then 10 for many."""
    return np.array([0, 4, 6, 7, 8, 9, 9, 10])[np.minimum(times, 7)]


def _units(sums: np.ndarray) -> np.ndarray:
    """Return the vectors at length _UNIT, in whole numbers; a line without known terms keeps zeros."""
    sums = sums.astype(np.float64)
    return np.rint(sums * (_UNIT / np.maximum(np.sqrt((sums**2).sum(1, keepdims=True)), 1.0)))


def _measure_place(batch: Batch) -> Features:
    """Return where a line stands: in the document, and between the lines that the cards already claimed."""
    at = np.arange(batch.size) - batch.first[batch.doc]
    count = batch.count[batch.doc]
    return {
        "at": at,
        "at_share": at / count,
        "from_end": count - 1 - at,
        "count": count,
        "marks_just_before": batch.lines["marks_just_before"].to_numpy(),
        "marks_before": batch.lines["marks_before"].to_numpy(),
        "marks_just_after": batch.lines["marks_just_after"].to_numpy(),
        "marks_after": batch.lines["marks_after"].to_numpy(),
        "since_mark": np.minimum(batch.lines["since_mark"].to_numpy(), 20),
    }


def _measure_terms(batch: Batch) -> Features:
    """Return how much of a line's wording the rest of the document shares."""
    line, group, size = batch.line, batch.group, batch.size
    in_text = line < size
    members = np.bincount(group, in_text)
    is_shared = in_text & (members[group] > 1)
    has_title = np.zeros(len(members), bool)
    has_title[group[~in_text]] = True
    follows = np.concatenate([[False], group[1:] == group[:-1]])
    before = np.where(follows, np.concatenate([[0], line[:-1]]), -(1 << 30))
    after = np.where(np.concatenate([follows[1:], [False]]), np.concatenate([line[1:], [0]]), 1 << 30)
    after = np.where(after >= size, 1 << 30, after)
    gap = np.minimum(line - before, after - line)
    starts = np.flatnonzero(~follows)
    earliest = line[starts][group]
    lead_end = batch.first[batch.doc[np.minimum(line, size - 1)]] + _LEAD
    in_lead = (earliest < lead_end) & ((earliest != line) | (after < lead_end))

    def share(kept: np.ndarray, weight: np.ndarray) -> np.ndarray:
        return _sum(line, weight * kept, size) / np.maximum(_sum(line, weight, size), 1)

    rare = np.maximum(batch.idf - _RARE, 0)
    square = batch.idf * batch.idf
    total = _sum(group, batch.weight * in_text, len(members))[group]
    norm = np.sqrt(_sum(line, batch.weight * batch.weight, size))
    dot = _sum(line, batch.weight * (total - batch.weight), size)
    rest = _rest_norms(batch, dot, norm, total, starts)
    previous = before == line - 1
    weight_before = np.where(previous, np.concatenate([[0], batch.weight[:-1]]), 0)
    with_previous = _sum(line, batch.weight * weight_before, size) / np.maximum(norm * np.concatenate([[0], norm[:-1]]), 1)
    return {
        "terms": _sum(line, np.ones_like(line), size),
        "rarity": _sum(line, batch.idf, size) / np.maximum(_sum(line, np.ones_like(line), size), 1) / WEIGHT_SCALE,
        "shared": share(is_shared, batch.idf),
        "shared_square": share(is_shared, square),
        "shared_rare": share(is_shared, rare),
        "shared_before": share(is_shared & (before >= 0), square),
        "shared_near": share(is_shared & (gap <= _NEAR), square),
        "shared_next": share(is_shared & (gap <= 1), square),
        "shared_lead": share(is_shared & in_lead, square),
        "shared_often": share(is_shared & (members[group] >= 4), square),
        "shared_title": share(has_title[group] & in_text, square),
        "shared_title_count": _sum(line, (has_title[group] & in_text & (batch.idf > _RARE)).astype(np.int64), size),
        "rarest_shared": _largest(line, batch.idf * is_shared, size) / WEIGHT_SCALE,
        "rarest_alone": _largest(line, batch.idf * ~is_shared, size) / WEIGHT_SCALE,
        "rare_shared_count": _sum(line, (is_shared & (batch.idf > _RARE)).astype(np.int64), size),
        "rare_alone_count": _sum(line, (~is_shared & (batch.idf > _RARE)).astype(np.int64), size),
        "term_cosine": dot / np.maximum(norm * rest, 1),
        "term_cosine_previous": with_previous,
        "term_cosine_next": np.concatenate([with_previous[1:], [0]]),
    }


def _rest_norms(batch: Batch, dot: np.ndarray, norm: np.ndarray, total: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Return the length of each document's summed terms without the line itself."""
    owner = batch.doc[np.minimum(batch.line[starts], batch.size - 1)]
    in_text = batch.line[starts] < batch.size
    whole = np.bincount(owner[in_text], (total[starts].astype(np.float64) ** 2)[in_text], len(batch.first))
    return np.sqrt(np.maximum(whole[batch.doc] - 2 * dot - norm**2, 0))


def _measure_vectors(batch: Batch) -> Features:
    """Return how close a line's meaning is to the rest, to its neighbours, to title and lead."""
    units = batch.units[: batch.size]
    mass = np.minimum(_sum(batch.line, np.ones_like(batch.line), batch.size), 60)
    cosine = _cosine_to_rest(batch, units, mass)
    core = cosine
    for _ in range(2):  # lines far from the centre lose their say in it
        core = _cosine_to_rest(batch, units, mass * np.rint(64 * np.clip(core, 0, 1) ** 2).astype(np.int64))
    lead = np.arange(batch.size) - batch.first[batch.doc] < _LEAD
    features = {
        "cosine": cosine,
        "cosine_core": core,
        "cosine_lead": _cosine_to_rest(batch, units, mass * lead),
        "cosine_title": _cosine(units, batch.units[batch.size :][batch.doc]),
    }
    summed = np.concatenate([np.zeros((1, units.shape[1])), np.cumsum(units * mass[:, None], axis=0)])
    at, start, end = np.arange(batch.size), batch.first[batch.doc], (batch.first + batch.count)[batch.doc]
    for width in (1, 2, 5):
        features[f"cosine_before_{width}"] = _cosine(units, summed[at] - summed[np.maximum(at - width, start)])
        features[f"cosine_after_{width}"] = _cosine(units, summed[np.minimum(at + 1 + width, end)] - summed[at + 1])
    around = (summed[np.minimum(at + 3, end)] - summed[at + 1]) + (summed[at] - summed[np.maximum(at - 2, start)])
    features["cosine_around"] = _cosine(units, around)
    before = summed[at] - summed[np.maximum(at - 2, start)]
    after = summed[np.minimum(at + 3, end)] - summed[at + 1]
    features["cosine_across"] = _cosine(before, after)  # whether the text closes again over the line
    return features | _nearest(batch, units)


def _nearest(batch: Batch, units: np.ndarray) -> Features:
    """Return how close the most similar other lines of the document are."""
    nearest, third = np.zeros(batch.size), np.zeros(batch.size)
    small = units.astype(np.float32)
    for first, count in zip(batch.first, batch.count, strict=True):
        if count < 2:
            continue
        whole = small[first : first + count]
        for at in range(0, count, _LONGEST):
            rows = slice(first + at, first + min(at + _LONGEST, count))
            close = small[rows] @ whole.T
            close[np.arange(close.shape[0]), np.arange(at, at + close.shape[0])] = -(_UNIT**2)
            best = np.partition(close, max(count - 3, 0), axis=1)[:, max(count - 3, 0) :]
            nearest[rows], third[rows] = best.max(1), best.min(1)
    return {"nearest": nearest / _UNIT**2, "third_nearest": third / _UNIT**2}


def _compare_in_document(batch: Batch, features: Features) -> Features:
    """Return each feature relative to the document's other lines, and as the neighbours have it."""
    compared = {}
    count = batch.count[batch.doc]
    for name, values in features.items():
        values = np.round(values, 6)
        mean = np.add.reduceat(values, batch.first)[batch.doc] / count
        spread = np.sqrt(np.add.reduceat((values - mean) ** 2, batch.first)[batch.doc] / count)
        compared[f"{name}_z"] = (values - mean) / np.maximum(spread, 0.02)
        compared[f"{name}_before"] = _shift(batch, values, -1)
        compared[f"{name}_after"] = _shift(batch, values, 1)
    for name in ("shared", "cosine_core"):
        compared[f"{name}_mean"] = np.add.reduceat(np.round(features[name], 6), batch.first)[batch.doc] / count
    return compared


def _measure_scores(batch: Batch, scores: np.ndarray) -> Features:
    """Return the first model's scores of the line, of those around, and of the document."""
    features = {"score": scores}
    for by in (1, 2, 3):
        features[f"score_before_{by}"] = _shift(batch, scores, -by)
        features[f"score_after_{by}"] = _shift(batch, scores, by)
    count = batch.count[batch.doc]
    summed = np.concatenate([[0], np.cumsum(np.rint(scores * 4096))])
    at, start, end = np.arange(batch.size), batch.first[batch.doc], batch.first[batch.doc] + count
    for name, low, high in (("before_all", start, at), ("after_all", at + 1, end)):
        features[f"score_{name}"] = (summed[high] - summed[low]) / np.maximum(high - low, 1) / 4096
    features["score_rest"] = (summed[end] - summed[start] - np.rint(scores * 4096)) / np.maximum(count - 1, 1) / 4096
    features["score_highest"] = np.maximum.reduceat(scores, batch.first)[batch.doc]
    return features


def _measure_own_terms(batch: Batch, own: np.ndarray) -> Features:
    """Return how much of a line's wording the lines share that the first model holds to be the article's own."""
    line, group, size = batch.line, batch.group, batch.size
    weight = np.where(line < size, own[np.minimum(line, size - 1)], 0)
    others = _sum(group, weight, int(group[-1]) + 1 if len(group) else 0)[group] - weight
    foreign = np.where(line < size, 64 - own[np.minimum(line, size - 1)], 0)
    strangers = _sum(group, foreign, int(group[-1]) + 1 if len(group) else 0)[group] - foreign
    square = batch.idf * batch.idf
    rare = np.maximum(batch.idf - _RARE, 0)
    whole, whole_rare = np.maximum(_sum(line, square, size), 1), np.maximum(_sum(line, rare, size), 1)
    return {
        "own_shared": _sum(line, square * np.minimum(others, 64), size) / 64 / whole,
        "own_shared_rare": _sum(line, rare * np.minimum(others, 64), size) / 64 / whole_rare,
        "foreign_shared": _sum(line, square * np.minimum(strangers, 64), size) / 64 / whole,
        "foreign_shared_rare": _sum(line, rare * np.minimum(strangers, 64), size) / 64 / whole_rare,
    }


def _measure_own_vectors(batch: Batch, own: np.ndarray) -> Features:
    """Return how close a line is to the article as the first model sees it, and to what it holds to be foreign."""
    units = batch.units[: batch.size]
    mass = np.minimum(_sum(batch.line, np.ones_like(batch.line), batch.size), 60)
    return {
        "own_cosine": _cosine_to_rest(batch, units, mass * own),
        "foreign_cosine": _cosine_to_rest(batch, units, mass * (64 - own)),
    } | _nearest_own(batch, units, own)


def _nearest_own(batch: Batch, units: np.ndarray, own: np.ndarray) -> Features:
    """Return how close the most similar line is among those held to be the article's, each discounted by its score."""
    nearest = np.zeros(batch.size)
    small = units.astype(np.float32)
    for first, count in zip(batch.first, batch.count, strict=True):
        if count < 2:
            continue
        whole, trust = small[first : first + count], (own[first : first + count] / 64).astype(np.float32)
        for at in range(0, count, _LONGEST):
            rows = slice(first + at, first + min(at + _LONGEST, count))
            close = np.maximum(small[rows] @ whole.T, 0) * trust
            close[np.arange(close.shape[0]), np.arange(at, at + close.shape[0])] = 0
            nearest[rows] = close.max(1)
    return {"own_nearest": nearest / _UNIT**2}


def _cosine_to_rest(batch: Batch, units: np.ndarray, mass: np.ndarray) -> np.ndarray:
    """Return the cosine of each line with the weighted sum of the document's other lines."""
    weighted = units * mass[:, None]
    rest = np.add.reduceat(weighted, batch.first)[batch.doc] - weighted
    return _cosine(units, rest)


def _cosine(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the cosine of paired rows; 0 where one of them is empty."""
    dot = np.einsum("ij,ij->i", left, right)
    lengths = np.sqrt(np.einsum("ij,ij->i", left, left)) * np.sqrt(np.einsum("ij,ij->i", right, right))
    return dot / np.maximum(lengths, 1)


def _shift(batch: Batch, values: np.ndarray, by: int) -> np.ndarray:
    """Return the value of the line `by` lines on; NaN past the document's ends."""
    at = np.arange(batch.size) + by
    inside = (at >= batch.first[batch.doc]) & (at < (batch.first + batch.count)[batch.doc])
    return np.where(inside, values[np.clip(at, 0, batch.size - 1)], np.nan)


def _sum(index: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """Return the sum of whole numbers per index below `size` (titles, beyond it, are left out)."""
    return np.rint(np.bincount(index, values, size)[:size]).astype(np.int64)


def _largest(index: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """Return the largest value per index below `size`, 0 where there is none."""
    largest = np.zeros(max(size, int(index.max(initial=-1)) + 1), values.dtype)
    np.maximum.at(largest, index, values)
    return largest[:size]
