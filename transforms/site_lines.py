"""A second look at the lines of a page: how a site words its lines, and what stands around them.

Cards know the words of the sites they were written for; 本话题人气贡献者 or 本期福利 点我领取 stand on a site that no card
knows. Such a line is told by the characters it shares with the lines of other sites, by its place and by its
neighbours: trees weigh these. They judge only lines that the page's path left in the article: more freely above its first
sentence, below its last one and in short runs between, hardly ever in the long runs that are code, a recipe or a poem.
"""

import functools
import io
import re
from dataclasses import dataclass
from operator import add

import numpy as np
import polars as pl

from transforms.lexicon import Lexicon
from transforms.splice_model import content_of, read_trees
from transforms.splice_terms import mix

WORDING_FILE, TREES_FILE = "site_wording.npz", "site_trees.txt.xz"
WORDING_SCALE = 32  # steps of a stored weight
BUCKET_BITS = 15
_LONGEST_GRAM = 3
_BUCKET_MASK = np.uint64((1 << BUCKET_BITS) - 1)
_SPREAD = np.uint64(0x100000001B3)
# Of a long line its beginning and its end tell whose it is.
_END_CHARS = 30
_MOST = 6.0  # log odds beyond which a line is no surer
# A document with fewer lines of furniture came without its page.
_PAGE_LINES = 3
# Lines within sentences go where they are few (a prompt, an advertisement); longer runs are code, a recipe, a poem.
_RUN_LINES, _NEAR_LINES = 2, 4
_EDGE_SCORE, _CLAUSE_SCORE, _RUN_SCORE = 0.7, 0.9, 0.95
_ROUNDS = 2
_FIRST_TEXT_CHARS = 15
_SHARE_CHARS = 80
TEXTS = ("paragraph", "sentence", "teaser", "excerpt", "outcry", "remark", "table", "cell")
_SENTENCES = ("paragraph", "sentence", "teaser", "excerpt", "outcry")
_NEVER_ASKED = ("cell", "part")
_LETTERS = re.compile(r"[^\W\d_]+")
_NAMED_CHARS = 10  # of the foreign line that a bare name may end
_NAME = "^[一-龥]{2,3}$"
_SIGNED_DAY = "^[一二][〇零○一二三四五六七八九]{3}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日$"
_KINDS = {
    "is_sure": ("section", "comments", "menu", "furniture"), "is_header": ("header",), "is_credit": ("credit",), "is_title": ("title",),
    "is_label": ("label",), "is_item": ("link", "scrap", "stamped", "reaction"),
}  # fmt: skip
# 公司自己说四季度海外是旺季,有望恢复增长 (范式变了,ARM会赢): where a chat or subtitles have no stops, such a line may be a sentence.
_CLAUSES = "[一-龥A-Za-z]{4,},[一-龥A-Za-z]{4,}"
# of an English line US$0.05 per share, 12 million; 十九亿四千万元
_FIGURED = r"[一二三四五六七八九两十百千]+[万亿]元|[一-龥].*\d ?(?:[万亿兆]|[港美欧日]?元|%|个百分点)|[A-Za-z]{2} .*(?:\$ ?\d|\d ?(?:million|billion|per ?cent|%))"
_SHAPES = {
    "digit": r"[0-9]", "stop": r"[。!?…][”」』)\"]*$", "colon": ":$", "latin": "[A-Za-z]", "comma": "[,、]",
    "opens_bracket": r"^[\[【(▲•◆#>]", "closes_bracket": r"[\])】>»]$", "full_stop": r"[。!?…]$",
    "figure": _FIGURED, "clauses": _CLAUSES, "question": "[?!]",
}  # fmt: skip

Features = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Wording:
    """Weights of hashed runs of one to three characters, in steps of 1 / WORDING_SCALE, and that of no line at all."""

    weights: np.ndarray
    bias: float


@dataclass(frozen=True, eq=False)
class Pages:
    """The lines of several pages, one after the other.

    text, kind: the line and its class. size: its characters. fit: how much better its class fits the article than the page.
    is_inside: whether the path leaves it in the article. is_out: whether a card or the path drops it.
    first, end: row of the first line of its page, and that behind its last one.
    """

    text: pl.Series
    kind: np.ndarray
    size: np.ndarray
    fit: np.ndarray
    is_inside: np.ndarray
    is_out: np.ndarray
    is_head: np.ndarray
    first: np.ndarray
    end: np.ndarray


@functools.lru_cache(maxsize=4)
def read_wording(lexicon: Lexicon) -> Wording:
    """Return the weights of the lexicon's models."""
    return parse_wording(content_of(lexicon, WORDING_FILE))


def parse_wording(content: bytes) -> Wording:
    """Return the weights that a file holds."""
    stored = np.load(io.BytesIO(content))
    return Wording(weights=stored["weights"].astype(np.int64), bias=float(stored["bias"]))


def find_grams(texts: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return row and bucket of each run of one to three characters; digits count as one, the edges of a line as characters."""
    text = texts.str.to_lowercase().str.replace_all("[0-9]", "0")
    ends = text.str.head(_END_CHARS) + "\x01" + text.str.tail(_END_CHARS)
    text = pl.select(pl.when(text.str.len_chars() > 2 * _END_CHARS).then(ends).otherwise(text)).to_series()
    sizes = text.str.len_chars().to_numpy().astype(np.int64) + 2
    joined = "\x02" + "\x03\x02".join(text) + "\x03" if len(text) else ""
    codes = np.frombuffer(joined.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    row = np.repeat(np.arange(len(sizes)), sizes)
    rows, buckets, run = [], [], codes
    for size in range(1, _LONGEST_GRAM + 1):
        run = run if size == 1 else run[:-1] * _SPREAD + codes[size - 1 :]
        whole = row[: len(run)] == row[size - 1 :]
        rows.append(row[: len(run)][whole])
        buckets.append((mix(run[whole] + np.uint64(size)) & _BUCKET_MASK).astype(np.int64))
    return np.concatenate(rows), np.concatenate(buckets)


def weigh_wording(texts: pl.Series, wording: Wording) -> np.ndarray:
    """Return the log odds of each text to be a site's line, by its characters alone."""
    distinct = texts.unique(maintain_order=True)
    row, bucket = find_grams(distinct)
    sums = np.bincount(row, wording.weights[bucket], len(distinct))
    counts = np.bincount(row, minlength=len(distinct))
    odds = np.round(sums / np.sqrt(np.maximum(counts, 1)) / WORDING_SCALE + wording.bias, 4)
    places = pl.DataFrame({"text": texts}).join(pl.DataFrame({"text": distinct, "odds": odds}), on="text", how="left", maintain_order="left")
    return np.clip(places["odds"].to_numpy(), -_MOST, _MOST)


def gather_pages(pages: list[dict[str, list]], fits: dict[str, float]) -> Pages:
    """Return the pages' lines; a page has text, char_count, classes, is_inside, is_out and is_head as lists."""
    sizes = np.array([len(page["text"]) for page in pages])
    ends = np.cumsum(sizes)

    def gather(name: str) -> np.ndarray:
        return np.array([value for page in pages for value in page[name]])

    kind = gather("classes")
    return Pages(
        text=pl.Series([text for page in pages for text in page["text"]], dtype=pl.String), kind=kind, size=gather("char_count").astype(float),
        fit=np.array([fits[name] for name in kind]), is_inside=gather("is_inside").astype(bool), is_out=gather("is_out").astype(bool),
        is_head=gather("is_head").astype(bool), first=np.repeat(ends - sizes, sizes), end=np.repeat(ends, sizes),
    )  # fmt: skip


def measure_pages(pages: Pages, odds: np.ndarray, asked: np.ndarray) -> Features:
    """Return what the trees see of each line: its words, class and shape, those around it, its place on the page.

    What a line shares with the article is measured only for those `asked` about: it takes the longest.
    """
    out, text = pages.is_out.astype(float), np.isin(pages.kind, TEXTS).astype(float)
    (head, tail), row = _body_of(pages), np.arange(len(odds))
    title = _first_of(pages, pages.kind == "title", pages.first - 1)
    before, after = _around(pages, odds, 3)
    fit_before, fit_after = _around(pages, pages.fit, 3)
    out_before, out_after = _around(pages, out, 2)
    far_before, far_after = _around(pages, out, 6)
    shapes = {name: pages.text.str.contains(pattern).to_numpy().astype(float) for name, pattern in _SHAPES.items()}
    counts = pl.DataFrame({"page": pages.first, "text": pages.text}).select(pl.len().over("page", "text")).to_series().to_numpy()
    return {
        "odds": odds, "odds_before": _shift(pages, odds, 1, 3), "odds_after": _shift(pages, odds, -1, 3), "odds_above": before, "odds_below": after,
        "odds_near": (sum(_around(pages, odds, 6))) / 2, "odds_page": _mean_of(pages, odds),
        "fit": pages.fit, "fit_before": _shift(pages, pages.fit, 1, -2), "fit_after": _shift(pages, pages.fit, -1, -2),
        "fit_above": fit_before, "fit_below": fit_after,
        "inside": pages.is_inside.astype(float), "out_before": _shift(pages, out, 1, 1), "out_after": _shift(pages, out, -1, 1),
        "out_above": out_before, "out_below": out_after, "out_far_above": far_before, "out_far_below": far_after, "out_page": _mean_of(pages, out),
        "size": pages.size, "size_before": _shift(pages, pages.size, 1, 0), "size_after": _shift(pages, pages.size, -1, 0),
        "text": text, "text_before": _shift(pages, text, 1, 0), "text_after": _shift(pages, text, -1, 0),
        "head": pages.is_head.astype(float), "copies": np.minimum(counts, 4).astype(float),
        "from_title": np.clip(row - title, -8, 8).astype(float), "from_head": np.clip(row - head, -8, 8).astype(float), "from_tail": np.clip(row - tail, -8, 8).astype(float),
        "stops_page": _mean_of(pages, shapes.pop("full_stop")), "share": _share(pages, text, asked),
        **shapes, **{name: np.isin(pages.kind, kinds).astype(float) for name, kinds in _KINDS.items()},
    }  # fmt: skip


def score_site_lines(pages: Pages, lexicon: Lexicon) -> np.ndarray:
    """Return for each line how likely it is the site's, 0 for lines that are not asked about."""
    asked, scores = _asked(pages), np.zeros(len(pages.kind))
    if asked.any():
        trees = read_trees(lexicon, TREES_FILE)
        features = measure_pages(pages, weigh_wording(pages.text, read_wording(lexicon)), asked)
        rows = np.column_stack([features[name][asked] for name in trees.feature_name()])
        scores[asked] = np.round(trees.predict(rows, num_threads=1), 4)
    return scores


def is_page(is_out: list[bool]) -> bool:
    """Return whether a document came with its page around it."""
    return sum(is_out) >= _PAGE_LINES


def is_site_line(pages: Pages, scores: np.ndarray) -> np.ndarray:
    """Return which lines go: outside the text by one measure, within it by a stricter one unless they are few.

    What goes no longer tells where the text begins and ends: below a notice (本网不作任何担保。) that is found out, a price is
    at the edge of the page.
    """
    # a figure lost is the worst of mistakes: 季增 8.1%, but not a quotation's bare +1.26%
    is_figured = pages.text.str.contains(_FIGURED).to_numpy()
    # 评论 between two sentences is a heading before it is a button
    is_text = np.isin(pages.kind, TEXTS)
    is_heading = (pages.kind == "menu") & _shift(pages, is_text, 1, False).astype(bool) & _shift(pages, is_text, -1, False).astype(bool)
    at_edge = np.where(pages.text.str.contains(_CLAUSES).to_numpy() | is_heading, _CLAUSE_SCORE, _EDGE_SCORE)
    runs, row, is_site = _runs(pages), np.arange(len(scores)), np.zeros(len(scores), bool)
    is_deep = sum(_around(pages, pages.is_out.astype(float), _NEAR_LINES)) == 0
    # AIPC, deep in the text by itself or with one line more, heads what follows, however it is worded
    head, tail = _body_of(pages)
    # 3 小 虎 棋院少年班 4 7 95, among rows alike within the text, is an article's table
    is_row = _table_rows(pages)
    is_row &= (_shift(pages, is_row, 1, False).astype(bool) | _shift(pages, is_row, -1, False).astype(bool)) & (row > head) & (row < tail)
    heads = is_deep & (runs >= 0) & (runs <= _RUN_LINES) & (row > head) & (row < tail)
    for _ in range(_ROUNDS):
        head, tail = _body_of(pages, is_site)
        is_edge = (row < head) | (row > tail) | ((runs <= _RUN_LINES) & ~is_deep)
        is_site |= scores > np.where(is_edge & ~is_figured, at_edge, _RUN_SCORE)
    # 招标文件: is as much the article's as the line it announces
    leads_on = (pages.kind == "label") & ~_shift(pages, is_site | pages.is_out, -1, True).astype(bool)
    return is_site & ~leads_on & ~heads & ~is_row


def _asked(pages: Pages) -> np.ndarray:
    """Return the lines that may be the site's: left in the article, but for its title and what dates it.

    A bare name below the text, the last line that stays, is left to the splice detector: it may end a foreign paragraph.
    """
    _, tail = _body_of(pages)
    is_last = ~_shift(pages, pages.is_out, 1, True) & _shift(pages, pages.is_out, -1, True) & (np.arange(len(tail)) > tail)
    is_last &= _shift(pages, pages.size, 1, 0) >= _NAMED_CHARS
    is_name = is_last & pages.text.str.contains(_NAME).to_numpy()
    # a date above the text is the article's, one below may be a comment's, but for one in hanzi
    is_signed = pages.text.str.contains(_SIGNED_DAY).to_numpy()
    is_told = (pages.kind == "title") | is_signed | ((pages.kind == "header") & (np.arange(len(tail)) < tail))
    return pages.is_inside & ~pages.is_out & ~is_told & ~is_name & ~np.isin(pages.kind, _NEVER_ASKED)


def _table_rows(pages: Pages) -> np.ndarray:
    """Return which lines are rows of a table by their class."""
    return pages.is_inside & (pages.kind == "table")


def _body_of(pages: Pages, is_site: np.ndarray | bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return for each line the rows of the first and the last sentence of its page's article; without one, of the page."""
    rows = _table_rows(pages)
    in_table = rows & _shift(pages, rows, 1, False).astype(bool) & _shift(pages, rows, -1, False).astype(bool)
    is_text = pages.is_inside & np.isin(pages.kind, _SENTENCES) & (pages.size >= _FIRST_TEXT_CHARS) & ~np.asarray(is_site) | in_table
    return _first_of(pages, is_text, pages.first), _last_of(pages, is_text, pages.end - 1)


def _first_of(pages: Pages, chosen: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    """Return for each line the row of the first chosen line of its page."""
    after = np.append(np.minimum.accumulate(np.where(chosen, np.arange(len(chosen)), len(chosen))[::-1])[::-1], len(chosen))
    found = after[pages.first]
    return np.where(found < pages.end, found, otherwise)


def _last_of(pages: Pages, chosen: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    """Return for each line the row of the last chosen line of its page."""
    before = np.maximum.accumulate(np.where(chosen, np.arange(len(chosen)), -1))
    found = before[pages.end - 1]
    return np.where(found >= pages.first, found, otherwise)


def _runs(pages: Pages) -> np.ndarray:
    """Return for each line how many lines stand between the text before it and that after it, but for those that go anyway."""
    row, is_text = np.arange(len(pages.kind)), np.isin(pages.kind, TEXTS)
    left = np.concatenate([[0], np.cumsum(~pages.is_out)])
    before = np.maximum(np.maximum.accumulate(np.where(is_text, row, -1)), pages.first - 1)
    after = np.minimum(np.minimum.accumulate(np.where(is_text, row, len(row))[::-1])[::-1], pages.end)
    return left[after] - left[before + 1]


def _shift(pages: Pages, values: np.ndarray, step: int, fill: float) -> np.ndarray:
    """Return the value `step` lines before each line, `fill` where its page has none."""
    row = np.arange(len(values)) - step
    inside = (row >= pages.first) & (row < pages.end)
    return np.where(inside, values[np.clip(row, 0, len(values) - 1)], fill)


def _around(pages: Pages, values: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the means over up to `width` lines before, and after each line of its page; 0 where there are none."""
    row, sums = np.arange(len(values)), np.concatenate([[0], np.cumsum(values)])
    low, high = np.maximum(row - width, pages.first), np.minimum(row + width + 1, pages.end)
    before, after = (sums[row] - sums[low]) / np.maximum(row - low, 1), (sums[high] - sums[row + 1]) / np.maximum(high - row - 1, 1)
    return np.round(before, 4), np.round(after, 4)


def _mean_of(pages: Pages, values: np.ndarray) -> np.ndarray:
    """Return the mean over each line's page."""
    sums = np.concatenate([[0], np.cumsum(values)])
    return np.round((sums[pages.end] - sums[pages.first]) / (pages.end - pages.first), 4)


def _share(pages: Pages, is_text: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Return the share of each line's pairs of characters that the article's other text has; -1 for a line without any."""
    once: dict[int, set[str]] = {page: set() for page in pages.first[asked].tolist()}
    twice: dict[int, set[str]] = {page: set() for page in once}
    texts, in_body = pages.text.to_list(), pages.is_inside & (is_text > 0)
    for row, page in zip(np.flatnonzero(in_body).tolist(), pages.first[in_body].tolist(), strict=True):
        if page in once:
            pairs = _pairs(texts[row])
            twice[page] |= once[page] & pairs
            once[page] |= pairs
    shares = np.full(len(texts), -1.0)
    for row, page in zip(np.flatnonzero(asked).tolist(), pages.first[asked].tolist(), strict=True):
        pairs = _pairs(texts[row][:_SHARE_CHARS])
        if pairs:
            # a line of the text has each of its pairs once itself
            shares[row] = round(len(pairs & (twice if in_body[row] else once)[page]) / len(pairs), 4)
    return shares


def _pairs(text: str) -> set[str]:
    """Return the pairs of neighbouring letters and characters of a text."""
    pairs: set[str] = set()
    for run in _LETTERS.findall(text):
        pairs.update(map(add, run, run[1:]))
    return pairs
