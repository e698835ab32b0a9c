"""Train what tells a site's lines: python -m training.site_lines --shared ../shared [--out seeds/models] [--held-out].

Learns from the labelled pages of tests/cases/pages and hard_pages, from the examples of the cards, and from the articles of the corpora, whose
lines are nobody's furniture. The pages are read with a share of all cards and site words left out, as if they were of sites
that nobody has seen: with all of them hardly a line would be left to learn from.
"""

import argparse
import io
import json
import lzma
import platform
import random
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import lightgbm
import numpy as np
import polars as pl
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, diags

from training.corpus import Article, fold_of, read_articles
from transforms.blocks import split_blocks
from transforms.furniture import SITE_FITS, trace_pages
from transforms.lexicon import Lexicon
from transforms.marks import claim_lines
from transforms.script import simplify
from transforms.site_lines import (
    BUCKET_BITS,
    TREES_FILE,
    WORDING_FILE,
    WORDING_SCALE,
    Features,
    Wording,
    find_grams,
    gather_pages,
    is_page,
    is_site_line,
    measure_pages,
    parse_wording,
    score_site_lines,
    weigh_wording,
)  # fmt: skip
from warehouse.lexicon import SEEDS, read_lexicon

CASES = Path(__file__).parents[1] / "tests" / "cases"
PAGES = (CASES / "pages", CASES / "hard_pages")
SEED = 7
FOLDS = 6
# Views of the pages: how much of the cards and words is left out, and by which draw.
VIEWS = [(share, draw) for share in (0.3, 0.55, 0.8) for draw in (1, 2, 3, 6)]
# Scrapers set a menu on one line: views in which short lines of the page that follow each other are joined.
_JOINED_VIEWS, _JOINED_WEIGHT = [(0.3, 4), (0.5, 5)], 0.5
_JOINTS, _JOINED_CHARS, _JOINED_LINES = (" ", " ", " | ", " · "), 12, 14
_UNSEEN_VIEW = (0.35, 11)  # held-out pages are read with what is left of this draw
_MANIFEST = "SITE_LINES.json"
# Lines of one source that the wording learns, so that the largest does not speak for all.
_SOURCE_LINES = 6000
_LONG_CHARS, _LONG_SHARE = 60, 0.3  # of longer lines, which are easy, only a share is learnt
_WORDING_ARTICLES = 0.5  # the share of articles that the wording learns from; bodies of wrapped pages come from the others
_BODIES = 900  # articles set into labelled pages
_BODY_LINES = (6, 12, 25, 50)
_WEIGHTS = {"page": 1.0, "own": 2.0, "hit": 1.0, "miss": 2.0, "word": 0.5, "article": 0.35}
_RIDGE, _STEPS = 3e-6, 60
# An own line lost is the worse mistake; of wrapped pages there are many.
_OWN_WEIGHT, _WRAPPED_WEIGHT = 8, 0.3
PARAMETERS = {
    "objective": "binary", "learning_rate": 0.06, "num_leaves": 26, "min_data_in_leaf": 30, "feature_fraction": 0.5, "bagging_fraction": 0.7,
    "bagging_freq": 1, "lambda_l2": 8.0, "deterministic": True, "force_row_wise": True, "verbosity": -1, "num_threads": 1,
}  # fmt: skip
ROUNDS = 500

Labelled = list[tuple[str, str]]


@dataclass(frozen=True, eq=False)
class View:
    """Pages as the furniture stage reads them. labels: + - or ? per line; fold: which part each page's furniture belongs to."""

    pages: list[dict[str, list]]
    labels: list[list[str]]
    folds: list[int]
    weight: float


def main() -> None:
    """Train, and write the models with their manifest; with --held-out only measure, on pages that training has not seen."""
    options = _parse()
    lexicon = read_lexicon()
    samples = read_samples(*PAGES)
    articles = [a for a in read_articles(options.shared, None) if a.title]
    worded = [a for a in articles if fold_of(a, "site") < _WORDING_ARTICLES]
    bodies = [a for a in articles if fold_of(a, "site") >= _WORDING_ARTICLES]
    own = draw_lines(worded)
    trainer = Trainer(lexicon, samples, own, bodies)
    if options.held_out:
        for name, figures in trainer.measure_held_out().items():
            print(name, json.dumps(figures))
        return
    models = trainer.train(None)
    options.out.mkdir(parents=True, exist_ok=True)
    for name, content in models.items():
        (options.out / name).write_bytes(content)
    manifest = {
        "command": "python -m training.site_lines --shared SHARED", "seed": SEED, "pages": len(samples), "articles": len(articles),
        "data_sha256": {"pages": sha256(json.dumps(samples, ensure_ascii=False).encode()).hexdigest()} | {
            path.name: sha256(path.read_bytes()).hexdigest() for path in sorted((options.shared / "corpus").glob("*.jsonl*"))
        },
        "models_sha256": {name: sha256(content).hexdigest() for name, content in models.items()},
        "versions": {name: version(name) for name in ("lightgbm", "numpy", "scipy", "polars")} | {"python": platform.python_version()},
    }  # fmt: skip
    (options.out / _MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read_samples(*folders: Path) -> dict[str, Labelled]:
    """Return the lines of each labelled page, by name, with + (the article's), - (the page's) or ? (either is right)."""
    paths = sorted((path for folder in folders for path in folder.glob("*.txt")), key=lambda path: path.name)
    return {path.stem: [(line[0], line[2:]) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()] for path in paths}


def draw_lines(articles: list[Article]) -> list[str]:
    """Return lines of articles, of each source so many at most, all short ones and some of the long ones."""
    random_, by_source = random.Random(SEED), {}
    for article in articles:
        lines = [line for line in (article.title, *article.paragraphs) if len(line) <= _LONG_CHARS or random_.random() < _LONG_SHARE]
        by_source.setdefault(article.source, []).extend(lines)
    return [line for _, lines in sorted(by_source.items()) for line in random_.sample(lines, min(len(lines), _SOURCE_LINES))]


def thin_lexicon(lexicon: Lexicon, share: float, draw: int) -> Lexicon:
    """Return the lexicon without a share of its cards and site words."""
    # drawn by its name: another card moves no draw of the others
    thinned = {
        table: lexicon[table].filter(pl.Series([random.Random(f"{draw} {name}").random() >= share for name in lexicon[table][key]], dtype=pl.Boolean))
        for table, key in (("rules", "rule_id"), ("site_words", "word"))
    }
    return replace(lexicon, tables={**lexicon.tables, **thinned}, rules_version=f"{lexicon.rules_version}-{share}-{draw}")


def wrap_bodies(samples: dict[str, Labelled], articles: list[Article], count: int, seed: int) -> list[tuple[str, Labelled]]:
    """Return pages whose own lines are those of another article, each with the name of the page whose furniture it has."""
    random_, wrapped, names = random.Random(seed), [], sorted(samples)
    for article in random_.sample(articles, min(count, len(articles))):
        name = random_.choice(names)
        own = [row for row, (label, _) in enumerate(samples[name]) if label == "+"]
        if len(own) < 3:
            continue
        body = article.paragraphs[: random_.choice(_BODY_LINES)]
        cuts = [0, *sorted(random_.randrange(len(body) + 1) for _ in own[2:]), len(body)]
        parts = {row: body[start:end] for row, start, end in zip(own[1:], cuts, cuts[1:], strict=False)} | {own[0]: (article.title,)}
        page = [(label, line) for row, (label, text) in enumerate(samples[name]) for line in (parts[row] if label == "+" else (text,))]
        wrapped.append((name, [(label, line) for label, line in page if line.strip()]))
    return wrapped


def join_menus(samples: dict[str, Labelled], seed: int) -> list[tuple[str, Labelled]]:
    """Return the pages, short lines of their furniture that follow each other joined to one, each page by its own separator."""
    random_, joined = random.Random(seed), []
    for name, lines in samples.items():
        joint, page, run = random_.choice(_JOINTS), [], 0
        for label, line in lines:
            is_short = label == "-" and len(line) <= _JOINED_CHARS
            if is_short and 0 < run < _JOINED_LINES:
                page[-1] = (label, page[-1][1] + joint + line)
            else:
                page.append((label, line))
            run = run % _JOINED_LINES + 1 if is_short else 0
        joined.append((name, page))
    return joined


def read_view(pages: list[tuple[str, Labelled]], lexicon: Lexicon, folds: dict[str, int], weight: float = 1.0) -> View:
    """Return the pages as furniture reads them, without those that came without their page."""
    keyed = {f"{number:016x}": page for number, page in enumerate(pages)}
    texts = {doc_id: "\n".join(line for _, line in lines) for doc_id, (_, lines) in keyed.items()}
    documents = pl.DataFrame({"doc_id": list(texts), "raw_text": list(texts.values()), "text": list(texts.values())})
    blocks = split_blocks(documents.with_columns(simplify(pl.col("text"))))
    _, traced = trace_pages(*claim_lines(blocks, lexicon), lexicon)
    traced = [page for page in traced if is_page(page["is_out"])]
    labels = [_label_rows(page, keyed[page["doc_id"][0]][1]) for page in traced]
    return View(traced, labels, [folds[keyed[page["doc_id"][0]][0]] for page in traced], weight)


def _label_rows(page: dict[str, list], lines: Labelled) -> list[str]:
    """Return the label of each block of a page: that of the line it shares most with."""
    spans, at = [], 0
    for label, line in lines:
        spans.append((at, at + len(line), label))
        at += len(line) + 1
    return [
        max(spans, key=lambda span: min(end, span[1]) - max(start, span[0]))[2]
        for start, end in zip(page["start_char"], page["end_char"], strict=True)
    ]  # fmt: skip


class Trainer:
    """Trains with or without a fold of the pages. own: lines of articles; bodies: other articles, set into pages."""

    def __init__(self, lexicon: Lexicon, samples: dict[str, Labelled], own: list[str], bodies: list[Article]) -> None:
        self.lexicon, self.samples, self.own, self.bodies = lexicon, samples, own, bodies
        names = random.Random(SEED).sample(sorted(samples), len(samples))
        self.folds = {name: at % FOLDS for at, name in enumerate(names)}
        self.wordings: dict[tuple, Wording] = {}
        self.views = [read_view(list(samples.items()), thin_lexicon(lexicon, *view), self.folds) for view in VIEWS]
        for at, view in enumerate(_JOINED_VIEWS):
            self.views.append(read_view(join_menus(samples, SEED + at), thin_lexicon(lexicon, *view), self.folds, _JOINED_WEIGHT))
        wrapped = wrap_bodies(samples, bodies[: len(bodies) // 2], _BODIES, SEED)
        for at, view in enumerate(VIEWS):
            self.views.append(read_view(wrapped[at :: len(VIEWS)], thin_lexicon(lexicon, *view), self.folds, _WRAPPED_WEIGHT))

    def train(self, fold: int | None) -> dict[str, bytes]:
        """Return the models, made without the pages of a fold."""
        rows, wanted, weights, names = [], [], [], []
        for view in self.views:
            for part in range(FOLDS):
                chosen = [at for at, of_part in enumerate(view.folds) if of_part == part and part != fold]
                if not chosen:
                    continue
                features = measure(([view.pages[at] for at in chosen]), self.wording(fold, part))
                labels = np.array([label for at in chosen for label in view.labels[at]])
                names = list(features)
                known = labels != "?"
                rows.append(np.column_stack(list(features.values()))[known])
                wanted.append((labels == "-")[known])
                weights.append(np.where(labels == "-", 1.0, _OWN_WEIGHT)[known] * view.weight)
        data = lightgbm.Dataset(np.vstack(rows), np.concatenate(wanted), weight=np.concatenate(weights), feature_name=names)
        trees = lightgbm.train(PARAMETERS | {"seed": SEED}, data, ROUNDS)
        return {WORDING_FILE: self.wording_file(fold), TREES_FILE: lzma.compress(trees.model_to_string().encode(), preset=6)}

    def wording(self, *without: int | None) -> Wording:
        """Return the wording learnt without the pages of some folds."""
        key = tuple(sorted({fold for fold in without if fold is not None}))
        if key not in self.wordings:
            self.wordings[key] = parse_wording(self.wording_file(*key))
        return self.wordings[key]

    def wording_file(self, *without: int | None) -> bytes:
        """Return the file of the wording; without a fold it has no examples of cards that may have been written for its pages."""
        lexicon = self.lexicon if all(fold is None for fold in without) else thin_lexicon(self.lexicon, *_UNSEEN_VIEW)
        lines = [(label, text) for name, page in self.samples.items() if self.folds[name] not in without for label, text in page]
        dropping = lexicon["rules"].filter("is_dropping")
        groups = {
            "page": [text for label, text in lines if label == "-"], "own": [text for label, text in lines if label == "+"],
            "hit": dropping["hit"].explode().drop_nulls().to_list(), "miss": lexicon["rules"]["miss"].explode().drop_nulls().to_list(),
            "word": lexicon["site_words"]["word"].to_list(), "article": self.own,
        }  # fmt: skip
        texts = pl.DataFrame({"text": [text for group in groups.values() for text in group]}).select(simplify(pl.col("text"))).to_series()
        is_site = np.concatenate([np.full(len(group), name in ("page", "hit", "word")) for name, group in groups.items()])
        weight = np.concatenate([np.full(len(group), _WEIGHTS[name]) for name, group in groups.items()])
        weights, bias = fit_wording(texts, is_site, weight)
        file = io.BytesIO()
        np.savez_compressed(file, weights=np.clip(np.rint(weights * WORDING_SCALE), -32768, 32767).astype(np.int16), bias=np.float64(round(bias, 4)))
        return file.getvalue()

    def measure_held_out(self) -> dict[str, dict[str, float]]:
        """Return the figures of the stage with and without the second look, on pages read as unseen ones by models that never saw them."""
        lexicon = thin_lexicon(self.lexicon, *_UNSEEN_VIEW)
        wrapped = wrap_bodies(self.samples, self.bodies[len(self.bodies) // 2 :], _BODIES, SEED + 1)
        found = {}
        for name, pages in (("pages", list(self.samples.items())), ("joined", join_menus(self.samples, SEED)), ("wrapped", wrapped)):
            view = read_view(pages, lexicon, self.folds)
            for at, of_fold in enumerate(view.folds):
                assert view.pages[at]["text"], of_fold
            found |= self._measure(name, view)
        return found

    def _measure(self, name: str, view: View) -> dict[str, dict[str, float]]:
        labels, first, second = [], [], []
        for fold in range(FOLDS):
            chosen = [at for at, of_fold in enumerate(view.folds) if of_fold == fold]
            if not chosen:
                continue
            gathered = gather_pages([view.pages[at] for at in chosen], SITE_FITS)
            scores = score_site_lines(gathered, replace(self.lexicon, models=self.trained(fold)))
            labels += [label for at in chosen for label in view.labels[at]]
            first.append(gathered.is_out)
            second.append(gathered.is_out | is_site_line(gathered, scores))
        return {f"{name}, path": _rate(np.array(labels), np.concatenate(first)), f"{name}, second look": _rate(np.array(labels), np.concatenate(second))}

    def trained(self, fold: int) -> dict[str, bytes]:
        """Return the models made without a fold, made once."""
        made = self.__dict__.setdefault("made", {})
        if fold not in made:
            made[fold] = self.train(fold)
        return made[fold]


def measure(pages: list[dict[str, list]], wording: Wording) -> Features:
    """Return the features of all lines of some pages."""
    gathered = gather_pages(pages, SITE_FITS)
    return measure_pages(gathered, weigh_wording(gathered.text, wording), np.ones(len(gathered.kind), bool))


def fit_wording(texts: pl.Series, is_site: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the weights of a logistic regression over hashed runs of characters, and its bias."""
    row, bucket = find_grams(texts)
    counts = csr_matrix((np.ones(len(row)), (row, bucket)), shape=(len(texts), 1 << BUCKET_BITS))
    lines = diags(1 / np.sqrt(np.maximum(np.bincount(row, minlength=len(texts)), 1))) @ counts
    weight, sign = weight / weight.sum(), np.where(is_site, 1.0, -1.0)

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        margin = sign * (lines @ values[:-1] + values[-1])
        pull = -weight * sign / (1 + np.exp(margin))
        slope = np.concatenate([lines.T @ pull + 2 * _RIDGE * values[:-1], [pull.sum()]])
        return float((weight * np.logaddexp(0, -margin)).sum() + _RIDGE * (values[:-1] ** 2).sum()), slope

    found = minimize(loss, np.zeros((1 << BUCKET_BITS) + 1), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
    return found[:-1], float(found[-1])


def _rate(labels: np.ndarray, is_out: np.ndarray) -> dict[str, float]:
    """Return F1 of the lines dropped and kept, and the counts behind them."""
    dropped, left = int(((labels == "-") & is_out).sum()), int(((labels == "-") & ~is_out).sum())
    lost, kept = int(((labels == "+") & is_out).sum()), int(((labels == "+") & ~is_out).sum())
    return {
        "dropped_f1": round(2 * dropped / (2 * dropped + left + lost), 4), "kept_f1": round(2 * kept / (2 * kept + left + lost), 4),
        "site_lines_left": left, "own_lines_lost": lost, "site_lines": dropped + left, "own_lines": lost + kept,
    }  # fmt: skip


def _parse() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder with corpus/ and eval/")
    parser.add_argument("--out", type=Path, default=SEEDS / "models")
    parser.add_argument("--held-out", action="store_true", help="measure on pages left out of training, write nothing")
    return parser.parse_args()


if __name__ == "__main__":
    main()
