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
from transforms.splice_terms import Terms, find_terms

Features = dict[str, np.ndarray]

_ROW_BITS = 20  # lines of a batch
_KEY_BITS = 26  # terms or chains of a document; with 17 bits for documents this fills 63
_UNIT = 1024  # length of a vector in whole numbers: products of two stay below 2^24, where float32 is exact
_LEAD = 3  # first lines of a document: they say what it is about
_NEAR = 3
_FAR = 1 << 30
_CERTAIN = 64  # steps of a probability
_RARE = 6 * WEIGHT_SCALE  # idf from which a term names something: a bigram in fewer than one article of 400
_LONGEST = 2000  # lines compared with one another at a time


@dataclass(frozen=True, eq=False)
class Entries:
    """Distinct terms of each line, sorted by document, term and line; a line number past the lines is a document's title.

    line: number of the line.
    times: how often the term stands in the line, 7 at most.
    idf: rarity of the term, in steps of 1 / WEIGHT_SCALE.
    group: number of the pair of document and term; entries of one group are the same term in different lines.
    """

    line: np.ndarray
    times: np.ndarray
    idf: np.ndarray
    group: np.ndarray

    @property
    def weight(self) -> np.ndarray:
        """How much a term says of the line: rarity, somewhat more where it is repeated."""
        return self.idf * np.array([0, 4, 6, 7, 8, 9, 9, 10], np.int32)[self.times] // 4


@dataclass(frozen=True, eq=False)
class Batch:
    """Judged lines with their terms and vectors; lines of a document stand together, in order.

    doc, first, count: number of each line's document, and per document its first line and number of lines.
    terms, chains: pairs of characters and words; and three characters in a row, which tell names apart: 中兴通 is no 大兴通.
    units: one vector per line, then one per title.
    """

    lines: pl.DataFrame
    titles: pl.Series
    size: int
    doc: np.ndarray
    first: np.ndarray
    count: np.ndarray
    terms: Entries
    chains: Entries
    units: np.ndarray


def read_batch(lines: pl.DataFrame, titles: pl.Series, weights: TermWeights) -> Batch:
    """Return the batch of `lines` (doc, text …, sorted by doc); `titles` holds one string per document."""
    doc = lines["doc"].to_numpy()
    size = len(doc)
    first = np.flatnonzero(np.concatenate([[True], doc[1:] != doc[:-1]]))
    found = find_terms(pl.concat([lines["text"], titles]))
    owner = np.concatenate([doc, np.arange(len(titles))]).astype(np.int64)
    line, bucket, times, group = _collect(owner, found.block, found.bucket)
    terms = Entries(line, times, weights.idf[bucket], group)
    row = weights.row[bucket]
    known = row >= 0
    sums = _sum_vectors(line[known], row[known], terms.weight[known], size + len(titles), weights.vectors)
    return Batch(
        lines, titles, size, doc, first, np.diff(np.concatenate([first, [size]])), terms, _collect_chains(owner, found, weights), _units(sums)
    )


def _sum_vectors(line: np.ndarray, row: np.ndarray, weight: np.ndarray, size: int, vectors: np.ndarray) -> np.ndarray:
    """Return the weighted sum of the vectors of each line's terms."""
    order = np.argsort(line.astype(np.uint16) if size <= 0xFFFF else line, kind="stable")  # 16 bits are sorted by radix
    starts = np.concatenate([[0], np.cumsum(np.bincount(line, minlength=size))])
    return sparse.csr_matrix((weight[order].astype(np.int32), row[order], starts), shape=(size, len(vectors))) @ vectors


def _collect(owner: np.ndarray, line: np.ndarray, bucket: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return line, bucket, times and group of each distinct pair of line and bucket."""
    keys = owner[line] << (_KEY_BITS + _ROW_BITS) | bucket << _ROW_BITS | line
    keys.sort()
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    times = np.diff(starts, append=len(keys))
    keys = keys[starts]
    group = np.cumsum(np.diff(keys >> _ROW_BITS, prepend=-1) != 0) - 1
    line = keys & ((1 << _ROW_BITS) - 1)
    return line, keys >> _ROW_BITS & ((1 << _KEY_BITS) - 1), np.minimum(times, 7).astype(np.int8), group


def _collect_chains(owner: np.ndarray, found: Terms, weights: TermWeights) -> Entries:
    """Return the entries of three characters in a row; as rare as their pairs together."""
    at = found.chained
    left, right = found.bucket[at], found.bucket[at + 1]
    rarity = (weights.idf[left] + weights.idf[right]).astype(np.int64) // 2
    bucket = (left * 0x9E3779B1 + right * 0x85EBCA77 >> 9 & ((1 << _KEY_BITS - 8) - 1)) << 8 | rarity
    line, bucket, times, group = _collect(owner, found.block[at], bucket)
    return Entries(line, times, (bucket & 0xFF).astype(np.int32), group)


def measure_lines(batch: Batch, lexicon: Lexicon) -> Features:
    """Return the features of the first model."""
    features = measure_shapes(batch.lines, batch.titles, lexicon) | _measure_place(batch)
    features |= _measure_terms(batch) | _measure_vectors(batch)
    compared = ("shared", "shared_rare", "chain_shared_square", "term_cosine", "cosine", "cosine_core", "nearest")
    return features | _compare_in_document(batch, {name: features[name] for name in compared})


def measure_again(batch: Batch, scores: np.ndarray) -> Features:
    """Return the features of the second model: the first one's scores around, and the article as they leave it."""
    own = np.rint((1 - scores) * _CERTAIN).astype(np.int64)
    return _measure_scores(batch, scores) | _measure_own_terms(batch, own) | _measure_own_vectors(batch, own)


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
    terms, size = batch.terms, batch.size
    sharing = _read_sharing(batch, terms)
    count = _sum(terms.line, np.ones_like(terms.line), size)
    features = {
        "terms": count,
        "rarity": _sum(terms.line, terms.idf, size) / np.maximum(count, 1) / WEIGHT_SCALE,
        "shared": _share(terms, sharing.is_shared, terms.idf, size),
    }
    features |= _measure_sharing(batch, terms, sharing) | _measure_term_cosines(batch, sharing)
    return features | _measure_chains(batch, batch.chains)


def _measure_chains(batch: Batch, chains: Entries) -> Features:
    """Return how much of a line's longer strings, names above all, other lines share."""
    line, size, square = chains.line, batch.size, chains.idf * chains.idf
    groups = int(chains.group[-1]) + 1 if len(chains.group) else 0
    in_text = line < size
    members = np.bincount(chains.group, in_text, groups).astype(np.int64)[chains.group]
    is_shared = in_text & (members > 1)
    key_strength = _largest(line, np.maximum(members - 1, 0) * np.maximum(chains.idf - _RARE // 2, 0), size)
    return {
        "chain_shared_square": _share(chains, is_shared, square, size),
        "chain_shared_often": _share(chains, is_shared & (members >= 4), square, size),
        "chain_rarest_shared": _largest(line, chains.idf * is_shared, size) / WEIGHT_SCALE,
        "chain_alone_count": _sum(line, ~is_shared & (chains.idf > _RARE), size),
        "chain_key_strength": key_strength / WEIGHT_SCALE / batch.count[batch.doc],
    }


@dataclass(frozen=True, eq=False)
class _Sharing:
    """For each entry: whether other lines have the term, which lines before and after have it next, and where else it stands."""

    is_shared: np.ndarray
    members: np.ndarray
    before: np.ndarray
    after: np.ndarray
    is_in_lead: np.ndarray
    is_in_title: np.ndarray


def _read_sharing(batch: Batch, entries: Entries) -> _Sharing:
    """Return how each entry's term is spread over its document."""
    line, group, size = entries.line, entries.group, batch.size
    in_text = line < size
    groups = int(group[-1]) + 1 if len(group) else 0
    members = np.bincount(group, in_text, groups).astype(np.int64)[group]
    follows = np.diff(group, prepend=-1) == 0
    before = np.where(follows, np.roll(line, 1), -_FAR)
    after = np.where(np.roll(follows, -1), np.roll(line, -1), _FAR)
    after = np.where(after >= size, _FAR, after)
    lead_end = batch.first[batch.doc[np.minimum(line, size - 1)]] + _LEAD
    earliest = line[~follows][group]
    return _Sharing(
        is_shared=in_text & (members > 1),
        members=members,
        before=before,
        after=after,
        is_in_lead=(earliest < lead_end) & ((earliest != line) | (after < lead_end)),
        is_in_title=in_text & (np.bincount(group, ~in_text, groups)[group] > 0),
    )


def _share(entries: Entries, is_counted: np.ndarray, weight: np.ndarray, size: int) -> np.ndarray:
    """Return the weighted share of a line's terms that count."""
    return _sum(entries.line, weight * is_counted, size) / np.maximum(_sum(entries.line, weight, size), 1)


def _measure_sharing(batch: Batch, entries: Entries, sharing: _Sharing) -> Features:
    """Return which shares of a line's terms stand elsewhere, and where."""
    line, size, is_shared = entries.line, batch.size, sharing.is_shared
    square, rare = entries.idf * entries.idf, np.maximum(entries.idf - _RARE, 0)
    gap = np.minimum(line - sharing.before, sharing.after - line)
    is_rare = entries.idf > _RARE
    key = np.maximum(sharing.members - 1, 0) * np.maximum(entries.idf - _RARE // 2, 0)
    key_strength = _largest(line, key, size)
    strongest = np.maximum.reduceat(key_strength, batch.first)[batch.doc]

    def share(is_counted: np.ndarray) -> np.ndarray:
        return _share(entries, is_counted, square, size)

    return {
        "shared_square": share(is_shared),
        "shared_rare": _share(entries, is_shared, rare, size),
        "shared_before": share(is_shared & (sharing.before >= 0)),
        "shared_near": share(is_shared & (gap <= _NEAR)),
        "shared_next": share(is_shared & (gap <= 1)),
        "shared_lead": share(is_shared & sharing.is_in_lead),
        "shared_often": share(is_shared & (sharing.members >= 4)),
        "shared_title": share(sharing.is_in_title),
        "title_count": _sum(line, sharing.is_in_title & is_rare, size),
        "rarest_shared": _largest(line, entries.idf * is_shared, size) / WEIGHT_SCALE,
        "rarest_alone": _largest(line, entries.idf * ~is_shared, size) / WEIGHT_SCALE,
        "rare_shared_count": _sum(line, is_shared & is_rare, size),
        "rare_alone_count": _sum(line, ~is_shared & is_rare, size),
        "alone_repeated": _largest(line, entries.times * (~is_shared & is_rare), size),
        "key_strength": key_strength / WEIGHT_SCALE / batch.count[batch.doc],
        "key_share": key_strength / np.maximum(strongest, 1),
    }


def _measure_term_cosines(batch: Batch, sharing: _Sharing) -> Features:
    """Return the cosine of a line's terms with those of the rest and of the lines beside it."""
    terms, size = batch.terms, batch.size
    line, weight = terms.line, terms.weight
    groups = int(terms.group[-1]) + 1 if len(terms.group) else 0
    total = _sum(terms.group, weight * (line < size), groups)
    norm = np.sqrt(_sum(line, weight * weight, size))
    dot = _sum(line, weight * (total[terms.group] - weight), size)
    rest = _rest_norms(batch, dot, norm, total)
    weight_before = np.where(sharing.before == line - 1, np.roll(weight, 1), 0)
    with_previous = _sum(line, weight * weight_before, size) / np.maximum(norm * np.roll(norm, 1), 1)
    return {
        "term_cosine": dot / np.maximum(norm * rest, 1),
        "term_cosine_previous": with_previous,
        "term_cosine_next": np.roll(with_previous, -1),
    }


def _rest_norms(batch: Batch, dot: np.ndarray, norm: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Return the length of each document's summed terms without the line itself."""
    first_of_group = np.flatnonzero(np.diff(batch.terms.group, prepend=-1))
    line = batch.terms.line[first_of_group]
    in_text = line < batch.size
    whole = np.bincount(batch.doc[line[in_text]], (total * total)[in_text], len(batch.first))
    return np.sqrt(np.maximum(whole[batch.doc] - 2 * dot - norm**2, 0))


def _measure_vectors(batch: Batch) -> Features:
    """Return how close a line's meaning is to the rest, to its neighbours, to title and lead."""
    units = batch.units[: batch.size]
    mass = _mass(batch)
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
    for name, measured in features.items():
        values = np.rint(measured * 4096)  # whole numbers: their sums do not depend on the order
        mean = np.add.reduceat(values, batch.first)[batch.doc] / count
        spread = np.sqrt(np.add.reduceat((values - mean) ** 2, batch.first)[batch.doc] / count)
        compared[f"{name}_z"] = (values - mean) / np.maximum(spread, 80)
        compared[f"{name}_before"] = _shift(batch, measured, -1)
        compared[f"{name}_after"] = _shift(batch, measured, 1)
        compared[f"{name}_mean"] = mean / 4096
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
    """Return how much of a line's wording the lines share that the first model holds to be the article's own, or foreign."""
    features = _measure_own_cosines(batch, own)
    for prefix, entries in (("", batch.terms), ("chain_", batch.chains)):
        in_text = entries.line < batch.size
        square, rare = entries.idf * entries.idf, np.maximum(entries.idf - _RARE, 0)
        groups = int(entries.group[-1]) + 1 if len(entries.group) else 0
        for name, trust in (("own", own), ("foreign", _CERTAIN - own)):
            weight = np.where(in_text, trust[np.minimum(entries.line, batch.size - 1)], 0)
            others = np.minimum(_sum(entries.group, weight, groups)[entries.group] - weight, _CERTAIN)
            features[f"{prefix}{name}_shared"] = _share(entries, others, square, batch.size) / _CERTAIN
            features[f"{prefix}{name}_shared_rare"] = _share(entries, others, rare, batch.size) / _CERTAIN
    return features


def _measure_own_cosines(batch: Batch, own: np.ndarray) -> Features:
    """Return the cosine of a line's terms with those of the lines that the first model holds to be the article's."""
    terms, size = batch.terms, batch.size
    weight, groups = terms.weight, int(terms.group[-1]) + 1 if len(terms.group) else 0
    trusted = weight * np.append(own, 0)[np.minimum(terms.line, size)]
    total = np.bincount(terms.group, trusted, groups)
    norm, own_norm = np.sqrt(_sum(terms.line, weight * weight, size)), _sum(terms.line, trusted * trusted, size)
    dot = _sum(terms.line, weight * (total[terms.group] - trusted), size)
    first_of_group = np.flatnonzero(np.diff(terms.group, prepend=-1))
    owner = np.append(batch.doc, -1)[np.minimum(terms.line[first_of_group], size)]
    in_text = owner >= 0
    whole = np.bincount(owner[in_text], (total * total)[in_text], len(batch.first))[batch.doc]
    rest = np.sqrt(np.maximum(whole - 2 * own * dot - own_norm, 0))
    return {"own_term_cosine": dot / np.maximum(norm * rest, 1)}


def _measure_own_vectors(batch: Batch, own: np.ndarray) -> Features:
    """Return how close a line is to the article as the first model sees it, and to what it holds to be foreign."""
    units = batch.units[: batch.size]
    mass = _mass(batch)
    return {
        "own_cosine": _cosine_to_rest(batch, units, mass * own),
        "foreign_cosine": _cosine_to_rest(batch, units, mass * (_CERTAIN - own)),
    } | _nearest_own(batch, units, own)


def _nearest_own(batch: Batch, units: np.ndarray, own: np.ndarray) -> Features:
    """Return how close the most similar line is among those held to be the article's, each discounted by its score."""
    nearest = np.zeros(batch.size)
    small = units.astype(np.float32)
    for first, count in zip(batch.first, batch.count, strict=True):
        if count < 2:
            continue
        whole, trust = small[first : first + count], (own[first : first + count] / _CERTAIN).astype(np.float32)
        for at in range(0, count, _LONGEST):
            rows = slice(first + at, first + min(at + _LONGEST, count))
            close = np.maximum(small[rows] @ whole.T, 0) * trust
            close[np.arange(close.shape[0]), np.arange(at, at + close.shape[0])] = 0
            nearest[rows] = close.max(1)
    return {"own_nearest": nearest / _UNIT**2}


def _mass(batch: Batch) -> np.ndarray:
    """Return how much a line counts in a centre: by its terms, up to those of a paragraph."""
    return np.minimum(_sum(batch.terms.line, np.ones_like(batch.terms.line), batch.size), 60)


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
