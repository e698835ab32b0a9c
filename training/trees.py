"""The two sets of trees: the second sees what the first said of the lines around, on articles the first had not seen."""

from dataclasses import dataclass

import lightgbm
import numpy as np
import polars as pl

from training.generate import FOREIGN, HEADLINE, MARKER, Case, to_frames
from transforms.lexicon import Lexicon
from transforms.splice_features import Batch, Features, measure_again, measure_lines, pick_rows, read_batch
from transforms.splice_lines import read_lines
from transforms.splice_model import TermWeights
from transforms.splices import stack_features

PARAMETERS = {
    "objective": "binary", "learning_rate": 0.06, "num_leaves": 40, "min_data_in_leaf": 100, "feature_fraction": 0.4,
    "bagging_fraction": 0.45, "bagging_freq": 1, "lambda_l2": 5.0, "max_bin": 127, "deterministic": True, "force_row_wise": True,
    "verbosity": -1,
}  # fmt: skip
ROUNDS = 280
_BATCH = 200  # cases measured at a time


@dataclass(frozen=True, eq=False)
class Measured:
    """Lines of many cases with their features. wanted: 1 foreign, 0 own; weight 0 for lines that count as neither."""

    batches: list[Batch]
    features: Features
    wanted: np.ndarray
    weight: np.ndarray
    group: np.ndarray


def measure_cases(groups: list[tuple[list[Case], TermWeights]], lexicon: Lexicon, seed: int) -> Measured:
    """Return the lines of all groups of cases, each measured with term weights that have not seen its articles."""
    batches, parts, wanted, weight, group = [], [], [], [], []
    for number, (cases, weights) in enumerate(groups):
        for at in range(0, len(cases), _BATCH):
            documents, blocks, marks = to_frames(cases[at : at + _BATCH], seed + 1000 * number + at)
            lines, titles = read_lines(documents, blocks, marks)
            batch = read_batch(lines, titles, weights)
            batches.append(batch)
            parts.append({name: values.astype(np.float32) for name, values in measure_lines(batch, lexicon).items()})
            labels = lines["label"].to_numpy()
            wanted.append(np.isin(labels, (FOREIGN, HEADLINE)).astype(np.float32))
            weight.append(_weigh(lines, labels, cases[at : at + _BATCH]))
            group.append(np.full(batch.size, number))
    features = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Measured(batches, features, np.concatenate(wanted), np.concatenate(weight), np.concatenate(group))


def _weigh(lines: pl.DataFrame, labels: np.ndarray, cases: list[Case]) -> np.ndarray:
    """Return how much each line counts: an own line of a clean text more, since losing it is the worse mistake."""
    clean = np.array([case.condition in "ZM" for case in cases])[lines["doc"].to_numpy()]
    return np.where(labels == MARKER, 0, np.where(clean, 1.5, 1.0)).astype(np.float32)


def train_trees(measured: Measured, seed: int, threads: int) -> tuple[lightgbm.Booster, lightgbm.Booster]:
    """Return the first and the second set of trees."""
    first_scores = np.zeros(len(measured.wanted))
    for number in np.unique(measured.group):
        trees = _train(measured.features, measured, measured.group != number, seed, threads)
        held_out = measured.group == number
        first_scores[held_out] = trees.predict(stack_features(pick_rows(measured.features, held_out), trees.feature_name()), num_threads=threads)
    first = _train(measured.features, measured, measured.group >= 0, seed, threads)
    again = measure_all_again(measured, np.round(first_scores, 4))
    second = _train(measured.features | again, measured, measured.group >= 0, seed + 1, threads)
    return first, second


def measure_all_again(measured: Measured, scores: np.ndarray) -> Features:
    """Return the second model's features over all batches."""
    parts, at = [], 0
    for batch in measured.batches:
        parts.append(measure_again(batch, scores[at : at + batch.size]))
        at += batch.size
    return {name: np.concatenate([part[name] for part in parts]).astype(np.float32) for name in parts[0]}


def _train(features: Features, measured: Measured, rows: np.ndarray, seed: int, threads: int) -> lightgbm.Booster:
    """Return trees over the chosen rows."""
    rows = rows & (measured.weight > 0)
    names = sorted(features)
    matrix = stack_features(pick_rows(features, rows), names)
    data = lightgbm.Dataset(matrix, measured.wanted[rows], weight=measured.weight[rows], feature_name=names, params={"max_bin": 127, "verbosity": -1})
    return lightgbm.train(PARAMETERS | {"seed": seed, "num_threads": threads}, data, ROUNDS)
