"""What the splice detector measures of each line: how it hangs together with the rest of its document.

Everything is computed for a whole batch at once, and so that a document's figures do not depend on the batch or on the
machine: weights and vectors are whole numbers, whose sums are exact in any order.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

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
# Whole numbers of vectors are of one byte, and float32 adds them up exactly until here: in lines of a thousand and more terms they pass it.
_LARGEST, _EXACT = 1 << 7, 1 << 24
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_LEAD = 3  # first lines of a document: they say what it is about
_NEAR = 3
_FAR = 1 << 30
_CERTAIN = 64  # steps of a probability
_RARE = 6 * WEIGHT_SCALE  # idf from which a term names something: a bigram in fewer than one article of 400
_COMPARED = 1 << 20  # pairs of lines of short documents compared at a time
# Multiplications of one product that numpy's OpenBLAS does on this thread. It wakes others for more, which spin for the next for longer than
# that takes them: they cost a fifth of the CPU of a whole batch. Of a document too long for three lines so many at a time are compared.
_ON_ONE_THREAD, _LONGEST = 1 << 18, 2000


_WEIGHTS = {"idf": lambda idf: idf, "square": lambda idf: idf * idf, "rare": lambda idf: np.maximum(idf - _RARE, 0)}


@dataclass(frozen=True, eq=False)
class Entries:
    """Distinct terms of each line, sorted by document, term and line; a line number past the lines is a document's title.

    Most terms stand once in their document, and are only counted in what a line has in all: they are kept apart, unsorted.

    line: number of the line.
    times: how often the term stands in the line, 7 at most.
    idf: rarity of the term, in steps of 1 / WEIGHT_SCALE.
    group: number of the pair of document and term; entries of one group are the same term in different lines.
    once_line, once_idf: the same of terms that stand once in their document.
    """

    line: np.ndarray
    times: np.ndarray
    idf: np.ndarray
    group: np.ndarray
    once_line: np.ndarray
    once_idf: np.ndarray

    @functools.cached_property
    def weight(self) -> np.ndarray:
        """How much a term says of the line: rarity, somewhat more where it is repeated."""
        return self.idf * np.array([0, 4, 6, 7, 8, 9, 9, 10], np.int32)[self.times] // 4

    @functools.cached_property
    def square(self) -> np.ndarray:
        """Rarity squared: what names something counts for more."""
        return _WEIGHTS["square"](self.idf)

    @functools.cached_property
    def rare(self) -> np.ndarray:
        """Rarity beyond that of ordinary words."""
        return _WEIGHTS["rare"](self.idf)

    @functools.cached_property
    def groups(self) -> int:
        """Number of groups."""
        return int(self.group[-1]) + 1 if len(self.group) else 0

    @functools.cached_property
    def starts(self) -> np.ndarray:
        """Entry at which each group starts."""
        return np.flatnonzero(np.diff(self.group, prepend=-1))

    def whole(self, weight: str, size: int) -> np.ndarray:
        """Return the sum of a weight over each line below `size`, 1 where it has none."""
        key = (weight, size)
        if key not in self._wholes:
            self._wholes[key] = np.maximum(self.sum_all(getattr(self, weight), _WEIGHTS[weight](self.once_idf), size), 1)
        return self._wholes[key]

    def sum_all(self, values: np.ndarray, of_once: np.ndarray, size: int) -> np.ndarray:
        """Return the sum of whole numbers over each line below `size`, those of terms that stand once included."""
        return _sum(self.line, values, size) + _sum(self.once_line, of_once, size)

    def count(self, size: int) -> np.ndarray:
        """Return how many terms each line below `size` has."""
        return np.bincount(self.line, minlength=size)[:size] + np.bincount(self.once_line, minlength=size)[:size]

    def norm(self, size: int) -> np.ndarray:
        """Return the sum of squared weights over each line below `size`."""
        return _sum(self.line, self.weight * self.weight, size) + self.norm_once(size)

    def norm_once(self, size: int) -> np.ndarray:
        """Return the same for the terms that stand once, whose weight is their rarity."""
        return _sum(self.once_line, self.once_idf * self.once_idf, size)

    @functools.cached_property
    def _wholes(self) -> dict[tuple[str, int], np.ndarray]:
        """Sums that were asked for."""
        return {}


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
    line, bucket, times, group, once = _collect(owner, found.block, found.bucket)
    once_line, once_bucket = found.block[once], found.bucket[once]
    terms = Entries(line, times, weights.idf[bucket], group, once_line, weights.idf[once_bucket])
    row = weights.row[np.concatenate([bucket, once_bucket])]
    known = np.flatnonzero(row >= 0)
    weight = np.concatenate([terms.weight, terms.once_idf])
    sums = _sum_vectors(np.concatenate([line, once_line])[known], row[known], weight[known], size + len(titles), weights.vectors)
    chains = _collect_chains(owner, found, weights, size)
    return Batch(lines, titles, size, doc, first, np.diff(np.concatenate([first, [size]])), terms, chains, _units(sums))


def _sum_vectors(line: np.ndarray, row: np.ndarray, weight: np.ndarray, size: int, vectors: np.ndarray) -> np.ndarray:
    """Return the weighted sum of the vectors of each line's terms, in whole numbers."""
    order = np.argsort(line.astype(np.uint16) if size <= 0xFFFF else line, kind="stable")  # 16 bits are sorted by radix
    starts = np.concatenate([[0], np.cumsum(np.bincount(line, minlength=size))])
    table = sparse.csr_matrix((weight[order].astype(np.float32), row[order], starts), shape=(size, vectors.shape[0]))
    sums = (table @ vectors.astype(np.float32, copy=False)).astype(np.float64)
    is_long = np.flatnonzero(_sum(line, weight, size) * float(_LARGEST) >= _EXACT)
    if len(is_long):
        sums[is_long] = table[is_long].astype(np.float64) @ vectors.astype(np.float64)
    return sums


def _collect(owner: np.ndarray, line: np.ndarray, bucket: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return line, bucket, times and group of each distinct pair of line and bucket, and which entries hold what stands once in its document.

    Those are left out of the rest. A table of counts tells most of them, and they need no sorting.
    """
    keys = owner[line] << _KEY_BITS | bucket
    bits = len(keys).bit_length() + 1
    place = (keys.view(np.uint64) * _SPREAD >> np.uint64(64 - bits)).view(np.int64)
    is_once = np.bincount(place, minlength=1 << bits)[place] == 1
    several = np.flatnonzero(~is_once)
    # polars sorts whole numbers in half of numpy's time
    keys = pl.Series(keys[several] << _ROW_BITS | line[several]).sort(multithreaded=False).to_numpy()
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    times = np.diff(starts, append=len(keys))
    keys = keys[starts]
    group = np.cumsum(np.diff(keys >> _ROW_BITS, prepend=-1) != 0) - 1
    line = keys & ((1 << _ROW_BITS) - 1)
    return line, keys >> _ROW_BITS & ((1 << _KEY_BITS) - 1), np.minimum(times, 7).astype(np.int8), group, np.flatnonzero(is_once)


def _collect_chains(owner: np.ndarray, found: Terms, weights: TermWeights, size: int) -> Entries:
    """Return the entries of three characters in a row, as rare as their pairs together; titles have none."""
    at = found.chained[found.block[found.chained] < size]
    left, right = found.bucket[at], found.bucket[at + 1]
    rarity = (weights.idf[left] + weights.idf[right]).astype(np.int64) // 2
    bucket = (left * 0x9E3779B1 + right * 0x85EBCA77 >> 9 & ((1 << _KEY_BITS - 8) - 1)) << 8 | rarity
    block = found.block[at]
    line, bucket, times, group, once = _collect(owner, block, bucket)
    return Entries(line, times, (bucket & 0xFF).astype(np.int32), group, block[once], rarity[once].astype(np.int32))


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


def pick_rows(features: Features, rows: np.ndarray) -> Features:
    """Return the features of some lines. rows: their numbers, or which they are."""
    return {name: values[rows] for name, values in features.items()}


def choose_documents(batch: Batch, is_chosen: np.ndarray) -> tuple[Batch, np.ndarray]:
    """Return a batch of some documents without their titles, which measure_again has no use for; and the rows of its lines in `batch`."""
    rows = np.flatnonzero(is_chosen[batch.doc])
    line = np.full(batch.size, -1)
    line[rows] = np.arange(len(rows))
    doc = (np.cumsum(is_chosen) - 1)[batch.doc[rows]]
    count = batch.count[is_chosen]
    terms, chains = _choose_lines(batch.terms, line), _choose_lines(batch.chains, line)
    return Batch(batch.lines[rows], batch.titles, len(rows), doc, np.cumsum(count) - count, count, terms, chains, batch.units[rows]), rows


def _choose_lines(entries: Entries, line: np.ndarray) -> Entries:
    """Return the entries of the lines that have a new number, -1 for none."""
    new, new_once = (np.append(line, -1)[np.minimum(old, len(line))] for old in (entries.line, entries.once_line))
    at, once = np.flatnonzero(new >= 0), np.flatnonzero(new_once >= 0)
    group = np.cumsum(np.diff(entries.group[at], prepend=-1) != 0) - 1
    return Entries(new[at], entries.times[at], entries.idf[at], group, new_once[once], entries.once_idf[once])


def _units(sums: np.ndarray) -> np.ndarray:
    """Return the vectors at length _UNIT, in whole numbers; a line without known terms keeps zeros."""
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
    count = terms.count(size)
    features = {
        "terms": count,
        "rarity": terms.sum_all(terms.idf, terms.once_idf, size) / np.maximum(count, 1) / WEIGHT_SCALE,
        "shared": _share(terms, sharing.is_shared, "idf", size),
    }
    features |= _measure_sharing(batch, terms, sharing) | _measure_term_cosines(batch, sharing)
    return features | _measure_chains(batch, batch.chains)


def _measure_chains(batch: Batch, chains: Entries) -> Features:
    """Return how much of a line's longer strings, names above all, other lines share."""
    line, size = chains.line, batch.size
    in_text = line < size
    members = _members(chains, in_text)
    is_shared = in_text & (members > 1)
    key_strength = _largest(line, np.maximum(members - 1, 0) * np.maximum(chains.idf - _RARE // 2, 0), size)
    return {
        "chain_shared_square": _share(chains, is_shared, "square", size),
        "chain_shared_often": _share(chains, is_shared & (members >= 4), "square", size),
        "chain_rarest_shared": _largest(line, chains.idf * is_shared, size) / WEIGHT_SCALE,
        "chain_alone_count": chains.sum_all(~is_shared & (chains.idf > _RARE), chains.once_idf > _RARE, size),
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
    members = _members(entries, in_text)
    follows = np.ones(len(group), bool)
    follows[entries.starts] = False
    before = np.where(follows, np.roll(line, 1), -_FAR)
    after = np.where(np.roll(follows, -1), np.roll(line, -1), _FAR)
    after = np.where(after >= size, _FAR, after)
    lead_end = batch.first[batch.doc[np.minimum(line, size - 1)]] + _LEAD
    earliest = line[entries.starts][group]
    return _Sharing(
        is_shared=in_text & (members > 1),
        members=members,
        before=before,
        after=after,
        is_in_lead=(earliest < lead_end) & ((earliest != line) | (after < lead_end)),
        is_in_title=in_text & (np.bincount(group[~in_text], minlength=entries.groups)[group] > 0),
    )


def _members(entries: Entries, in_text: np.ndarray) -> np.ndarray:
    """Return for each entry how many lines of its document have its term; titles do not count."""
    return np.bincount(entries.group[in_text], minlength=entries.groups)[entries.group]


def _share(entries: Entries, is_counted: np.ndarray, weight: str, size: int) -> np.ndarray:
    """Return the share of a line's terms that count, by one of their weights."""
    return _sum(entries.line, getattr(entries, weight) * is_counted, size) / entries.whole(weight, size)


def _measure_sharing(batch: Batch, entries: Entries, sharing: _Sharing) -> Features:
    """Return which shares of a line's terms stand elsewhere, and where."""
    line, size, is_shared = entries.line, batch.size, sharing.is_shared
    gap = np.minimum(line - sharing.before, sharing.after - line)
    is_rare = entries.idf > _RARE
    key = np.maximum(sharing.members - 1, 0) * np.maximum(entries.idf - _RARE // 2, 0)
    key_strength = _largest(line, key, size)
    strongest = np.maximum.reduceat(key_strength, batch.first)[batch.doc]
    rarest_once = _largest(entries.once_line, entries.once_idf, size)

    def share(is_counted: np.ndarray) -> np.ndarray:
        return _share(entries, is_counted, "square", size)

    return {
        "shared_square": share(is_shared),
        "shared_rare": _share(entries, is_shared, "rare", size),
        "shared_before": share(is_shared & (sharing.before >= 0)),
        "shared_near": share(is_shared & (gap <= _NEAR)),
        "shared_next": share(is_shared & (gap <= 1)),
        "shared_lead": share(is_shared & sharing.is_in_lead),
        "shared_often": share(is_shared & (sharing.members >= 4)),
        "shared_title": share(sharing.is_in_title),
        "title_count": _sum(line, sharing.is_in_title & is_rare, size),
        "rarest_shared": _largest(line, entries.idf * is_shared, size) / WEIGHT_SCALE,
        "rarest_alone": np.maximum(_largest(line, entries.idf * ~is_shared, size), rarest_once) / WEIGHT_SCALE,
        "rare_shared_count": _sum(line, is_shared & is_rare, size),
        "rare_alone_count": entries.sum_all(~is_shared & is_rare, entries.once_idf > _RARE, size),
        "alone_repeated": np.maximum(_largest(line, entries.times * (~is_shared & is_rare), size), rarest_once > _RARE),
        "key_strength": key_strength / WEIGHT_SCALE / batch.count[batch.doc],
        "key_share": key_strength / np.maximum(strongest, 1),
    }


def _measure_term_cosines(batch: Batch, sharing: _Sharing) -> Features:
    """Return the cosine of a line's terms with those of the rest and of the lines beside it."""
    terms, size = batch.terms, batch.size
    line, weight = terms.line, terms.weight
    total = _sum(terms.group, weight * (line < size), terms.groups)
    norm = np.sqrt(terms.norm(size))
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
    line = batch.terms.line[batch.terms.starts]
    in_text = line < batch.size
    whole = np.bincount(batch.doc[line[in_text]], (total * total)[in_text], len(batch.first))
    whole += np.add.reduceat(batch.terms.norm_once(batch.size), batch.first)
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
    for rows, _, close in _compare_lines(batch, units, -float(_UNIT**2)):
        count = close.shape[2]
        best = np.partition(close, max(count - 3, 0), axis=2)[:, :, max(count - 3, 0) :]
        nearest[rows], third[rows] = best.max(2), best.min(2)
    return {"nearest": nearest / _UNIT**2, "third_nearest": third / _UNIT**2}


def _compare_lines(batch: Batch, units: np.ndarray, to_itself: float) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield rows of lines, the lines of their documents, and how alike they are; documents of the same length at once.

    A line is as like to itself as `to_itself` says. Documents of a single line are left out.
    """
    small = units.astype(np.float32)
    for count in np.unique(batch.count[batch.count > 1]):
        firsts = batch.first[batch.count == count]
        at_once = max(_COMPARED // (count * count), 1)
        within = _ON_ONE_THREAD // (int(count) * small.shape[1])
        # parts of equal size: a line alone is a vector, of which OpenBLAS does less on this thread
        parts = -(-count // (within if within > 2 else _LONGEST))
        bounds = np.linspace(0, count, parts + 1).astype(int).tolist()
        for document in range(0, len(firsts), at_once):
            whole = firsts[document : document + at_once, None] + np.arange(count)
            others = small[whole].transpose(0, 2, 1)
            for at, past in pairwise(bounds):
                rows = whole[:, at:past]
                close = small[rows] @ others
                line = np.arange(rows.shape[1])
                close[:, line, at + line] = to_itself
                yield rows, whole, close


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
        trust = np.where(in_text, own[np.minimum(entries.line, batch.size - 1)], 0)
        all_others = (_members(entries, in_text) - in_text) * _CERTAIN
        own_others = _sum(entries.group, trust, entries.groups)[entries.group] - trust
        for name, others in (("own", own_others), ("foreign", all_others - own_others)):
            others = np.minimum(others, _CERTAIN)
            features[f"{prefix}{name}_shared"] = _share(entries, others, "square", batch.size) / _CERTAIN
            features[f"{prefix}{name}_shared_rare"] = _share(entries, others, "rare", batch.size) / _CERTAIN
    return features


def _measure_own_cosines(batch: Batch, own: np.ndarray) -> Features:
    """Return the cosine of a line's terms with those of the lines that the first model holds to be the article's."""
    terms, size = batch.terms, batch.size
    weight = terms.weight
    trusted = weight * np.append(own, 0)[np.minimum(terms.line, size)]
    total = np.bincount(terms.group, trusted, terms.groups)
    norm, once_norm = np.sqrt(terms.norm(size)), terms.norm_once(size) * own * own
    own_norm = _sum(terms.line, trusted * trusted, size) + once_norm
    dot = _sum(terms.line, weight * (total[terms.group] - trusted), size)
    owner = np.append(batch.doc, -1)[np.minimum(terms.line[terms.starts], size)]
    in_text = owner >= 0
    whole = (np.bincount(owner[in_text], (total * total)[in_text], len(batch.first)) + np.add.reduceat(once_norm, batch.first))[batch.doc]
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
    """Return how close the most similar line is among those held to be the article's, and to be foreign, each discounted by its score."""
    nearest, foreign, trust = np.zeros(batch.size), np.zeros(batch.size), (own / _CERTAIN).astype(np.float32)
    for rows, whole, close in _compare_lines(batch, units, 0.0):
        close, trusted = np.maximum(close, 0), trust[whole][:, None, :]
        nearest[rows], foreign[rows] = (close * trusted).max(2), (close * (1 - trusted)).max(2)
    return {"own_nearest": nearest / _UNIT**2, "foreign_nearest": foreign / _UNIT**2}


def _mass(batch: Batch) -> np.ndarray:
    """Return how much a line counts in a centre: by its terms, up to those of a paragraph."""
    return np.minimum(batch.terms.count(batch.size), 60)


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
