"""Cases to learn from: real articles with lines of others spliced in, as the pipeline would see them."""

import functools
import importlib.resources
import random
import re
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from schemas.blocks import Marks
from training.corpus import Article
from transforms.script import simplify
from transforms.splice_terms import BUCKET_BITS, find_terms

# condition -> how often. Z clean; M clean with marker lines inside; A appended at the end behind marker lines; B single
# lines in the middle; C blocks; D of the host's own domain; S scattered; X several of these at once.
CONDITIONS = {"Z": 22, "M": 11, "A": 14, "B": 14, "C": 12, "D": 16, "S": 12, "X": 8}
OWN, FOREIGN, HEADLINE, MARKER = 0, 1, 2, 3

# Lines that end or interrupt an article, of our own writing; in the pipeline the cards claim them.
_MARKERS = (
    ("责任编辑:{name}", "editor_credit"), ("编辑:{name}", "editor_credit"), ("(责任编辑:{name})", "editor_credit"),
    ("校对:{name}", "editor_credit"), ("责编:{name} 审核:{name}", "editor_credit"), ("来源:{site}", "source"),
    ("本文来源:{site}", "source"), ("原标题:{title}", "source"), ("(来源:{site})", "source"),
    ("免责声明:本文仅供参考,不构成投资建议。", "disclaimer"), ("返回{site},查看更多", "site_boilerplate"),
    ("关注公众号,了解更多精彩内容。", "site_boilerplate"), ("阅读 ({number})", "site_boilerplate"), ("相关阅读", "site_boilerplate"),
    ("版权归{site}所有,未经许可不得转载。", "copyright"), ("Copyright © {site} All Rights Reserved", "copyright"),
    ("扫描二维码下载客户端", "site_boilerplate"), ("分享到微信朋友圈", "site_boilerplate"),
)  # fmt: skip
_SITES = ("搜狐", "新浪财经", "证券时报", "新华网", "财联社", "网易", "凤凰网", "每日经济新闻", "央视网", "澎湃新闻")
_SURNAMES, _GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀霞平刚文华"
_INDENTS = ("", "", "", "\u3000\u3000", "  ", "\u00a0\u00a0", "    ")
_GAPS = ("\n", "\n", "\n", "\n\n", "\n\n\n")


@dataclass
class Case:
    """A document with the label of each of its lines (title line left out)."""

    host: Article
    condition: str
    lines: list[str]
    labels: list[int]
    marks: list[str | None] = field(default_factory=list)
    has_title_line: bool = True
    has_title: bool = True


def make_cases(hosts: list[Article], donors: list[Article], count: int, seed: int) -> list[Case]:
    """Return `count` cases; every host serves about equally often, finance hosts three times as often."""
    draw = random.Random(seed)
    hosts = [h for h in hosts if len(h.paragraphs) >= 3]
    weights = [_HOST_WEIGHTS.get(h.domain, 1.0) for h in hosts]
    chosen = draw.choices(hosts, weights, k=count)
    by_domain: dict[str, list[Article]] = {}
    for donor in donors:
        by_domain.setdefault(donor.domain, []).append(donor)
    likeness = _Likeness([*donors, *hosts])
    return [_make_case(host, by_domain, likeness, draw) for host in chosen]


class _Likeness:
    """How alike articles are in their wording: a rough vector each, of signed sums over their terms."""

    def __init__(self, articles: list[Article]) -> None:
        self.row = {article.id: at for at, article in enumerate(articles)}
        terms = find_terms(pl.Series(["\n".join(article.paragraphs)[:_LIKENESS_CHARS] for article in articles], dtype=pl.String))
        spread = np.bincount(np.unique(terms.block << BUCKET_BITS | terms.bucket) & ((1 << BUCKET_BITS) - 1), minlength=1 << BUCKET_BITS)
        weight = np.log((len(articles) + 1) / (spread[terms.bucket] + 0.5)) * (1 - 2 * (terms.bucket & 1))
        place = terms.block * _LIKENESS_SIZE + (terms.bucket >> 1) % _LIKENESS_SIZE
        sums = np.bincount(place, weight, len(articles) * _LIKENESS_SIZE).reshape(-1, _LIKENESS_SIZE)
        self.vectors = (sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1)).astype(np.float32)

    def likest(self, host: Article, donors: list[Article]) -> Article:
        """Return the donor that is most like the host."""
        cosines = self.vectors[[self.row[donor.id] for donor in donors]] @ self.vectors[self.row[host.id]]
        return donors[int(cosines.argmax())]


_LIKENESS_SIZE, _LIKENESS_CHARS = 512, 3000


_HOST_WEIGHTS = {"finance": 7.0, "business": 2.0, "longform": 2.5, "web": 1.2, "news": 1.2, "reference": 1.0}
_DONOR_WEIGHTS = {"finance": 2.0, "business": 1.0, "longform": 1.0, "web": 2.0, "news": 2.5, "reference": 0.3}
_KIN = {"finance": ("finance", "finance", "finance", "business"), "business": ("business", "business", "finance")}
_CANDIDATES = 5  # a foreign line of the same domain comes from the likest of up to so many articles drawn


def _make_case(host: Article, donors: dict[str, list[Article]], likeness: _Likeness, draw: random.Random) -> Case:
    """Return one case of a drawn condition."""
    condition = draw.choices(list(CONDITIONS), list(CONDITIONS.values()))[0]
    own = _excerpt(host, draw)
    case = Case(host, condition, own, [OWN] * len(own))
    if condition not in "ZM":
        same_domain = condition == "D" or draw.random() < 0.2
        foreign = _draw_foreign(host, donors, likeness, draw, _how_many(condition, draw), same_domain)
        for line, label, at in zip(*foreign, _places(condition, len(own), len(foreign[0]), draw), strict=True):
            case.lines.insert(at, line)
            case.labels.insert(at, label)
    case.marks = [None] * len(case.lines)
    _add_markers(case, draw)
    case.has_title = bool(host.title) and draw.random() < 0.7
    case.has_title_line = bool(host.title) and draw.random() < 0.7
    return case


def _excerpt(host: Article, draw: random.Random) -> list[str]:
    """Return the host's paragraphs; of a long text mostly a stretch, since a day's load of pages is mostly short."""
    paragraphs = list(host.paragraphs)
    if len(paragraphs) > 4 and draw.random() < 0.3:  # many pages have a handful of paragraphs
        size = draw.randint(3, min(8, len(paragraphs)))
        start = draw.choice((0, draw.randint(0, len(paragraphs) - size)))
        return paragraphs[start : start + size]
    if len(paragraphs) > 14 and draw.random() < 0.6:
        size = draw.randint(6, min(40, len(paragraphs)))
        start = draw.choice((0, draw.randint(0, len(paragraphs) - size)))
        paragraphs = paragraphs[start : start + size]
    return paragraphs[:120]


def _how_many(condition: str, draw: random.Random) -> int:
    """Return how many foreign lines a case of this condition gets."""
    choices = {"A": (1, 1, 2, 3, 4, 5, 6, 8), "B": (1, 1, 1, 2, 3), "C": (2, 3, 4, 5, 6, 8), "D": (1, 1, 2, 3, 4, 5, 6, 8), "S": (2, 3, 4, 5, 6, 8)}
    return draw.choice(choices.get(condition, (2, 3, 4, 5, 6, 8)))


def _places(condition: str, own: int, foreign: int, draw: random.Random) -> list[int]:
    """Return where the foreign lines go, as indices for inserting one after the other."""
    if condition in "DX":
        condition = draw.choice("ABCS" if condition == "D" else "ACSSX")
    if condition == "A":
        return [own + k for k in range(foreign)]
    if condition == "C":
        start = draw.randint(1, own)
        return [start + k for k in range(foreign)]
    if condition == "X":  # part in a block or scattered, part at the end
        inside = draw.randint(1, max(foreign - 1, 1))
        spots = sorted(draw.randint(1, own) for _ in range(inside))
        return [spot + k for k, spot in enumerate(spots)] + [own + k for k in range(inside, foreign)]
    spots = sorted(draw.randint(1, max(own - 1, 1) if condition == "B" else own) for _ in range(foreign))
    return [spot + k for k, spot in enumerate(spots)]


def _draw_foreign(
    host: Article, donors: dict[str, list[Article]], likeness: _Likeness, draw: random.Random, count: int, same_domain: bool
) -> tuple[list[str], list[int]]:
    """Return foreign lines and their labels: of one other article, or each of another one; a quarter are headlines."""
    kin = [domain for domain in _KIN.get(host.domain, (host.domain,)) if domain in donors]
    domains = kin if same_domain and kin else draw.choices(list(donors), [_DONOR_WEIGHTS[d] for d in donors], k=count)
    of_one = draw.random() < 0.25
    lines, labels, donor = [], [], host
    while len(lines) < count:
        if donor is host or not of_one:
            pool = donors[draw.choice(domains)]
            drawn = [donor for donor in draw.choices(pool, k=draw.randint(1, _CANDIDATES) if same_domain else 1) if donor.id != host.id]
            if not drawn:
                donor = host
                continue
            donor = likeness.likest(host, drawn) if len(drawn) > 1 else drawn[0]
        if donor.title and draw.random() < 0.25:
            lines.append(donor.title)
            labels.append(HEADLINE)
            continue
        start = draw.randrange(len(donor.paragraphs))
        stretch = donor.paragraphs[start : start + (draw.randint(1, 4) if of_one else 1)]
        stretch = [line for line in stretch if len(line) >= 12 or draw.random() < 0.1]
        lines += stretch
        labels += [FOREIGN] * len(stretch)
        donor = donor if stretch else host
    return lines[:count], labels[:count]


def _add_markers(case: Case, draw: random.Random) -> None:
    """Put marker lines in, in place: before appended lines, at the end, for M anywhere; most of them claimed by cards."""
    first_foreign = next((at for at, label in enumerate(case.labels) if label != OWN), len(case.labels))
    appended = all(label != OWN for label in case.labels[first_foreign:])
    spots = []
    if appended and first_foreign < len(case.labels) and draw.random() < 0.6:
        spots += [first_foreign] * draw.randint(1, 2)
    if case.condition == "M":
        spots += [draw.randint(0, len(case.labels)) for _ in range(draw.randint(1, 3))]
    if draw.random() < 0.35:
        spots += [len(case.labels)] * draw.randint(1, 3)
    if draw.random() < 0.1:
        spots.append(0)
    if case.condition not in "ZM" and draw.random() < 0.15:
        spots.append(draw.randint(1, len(case.labels)))
    for spot in sorted(spots, reverse=True):
        pattern, label = draw.choice(_MARKERS)
        names = {"name": draw.choice(_SURNAMES) + "".join(draw.choices(_GIVEN, k=draw.randint(1, 2))), "site": draw.choice(_SITES)}
        line = pattern.format(**names, title=case.host.title or case.lines[0][:20], number=draw.randint(20, 9000))
        case.lines.insert(spot, line)
        case.labels.insert(spot, MARKER)
        case.marks.insert(spot, label if draw.random() < 0.85 else None)


def to_frames(cases: list[Case], seed: int, alike: bool = False) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return documents, blocks (with label and case) and marks of the cases, as the stages before the detector make them.

    alike: whether own and foreign lines are all typed in one way, which leaves nothing to tell them by but what they say.
    """
    draw = random.Random(seed)
    documents, blocks, marks = [], [], []
    for number, case in enumerate(cases):
        doc_id = f"{number:016x}"
        rows, raw = _type_out(_retype(case, draw) if alike else case, draw, alike)
        documents.append({"doc_id": doc_id, "raw_text": raw, "title": case.host.title if case.has_title else None})
        for at, (start, end, label, mark) in enumerate(rows):
            blocks.append({"doc_id": doc_id, "block_no": at, "start_char": start, "end_char": end, "label": label})
            if mark:
                marks.append({"doc_id": doc_id, "start_char": start, "end_char": end, "rule_id": "card", "label": mark, "score": 1.0,
                              "is_dropping": mark != "title", "reason": "card"})  # fmt: skip
    frame = pl.DataFrame(documents, schema={"doc_id": pl.String, "raw_text": pl.String, "title": pl.String})
    frame = frame.with_columns(text=simplify(pl.col("raw_text")), title=simplify(pl.col("title")))
    texts = dict(frame.select("doc_id", "text").iter_rows())
    for block in blocks:
        block["text"] = texts[block["doc_id"]][block["start_char"] : block["end_char"]]
    return frame, pl.DataFrame(blocks), Marks.frame(marks) if marks else Marks.empty()


def _type_out(case: Case, draw: random.Random, alike: bool) -> tuple[list[tuple[int, int, int, str | None]], str]:
    """Return start, end, label and mark of each line, and the raw text: in the host's typography, foreign lines often too."""
    indent, gap, width = draw.choice(_INDENTS), draw.choice(_GAPS), draw.choice((None, None, "narrow"))
    is_traditional = case.host.source in _TRADITIONAL_SOURCES or draw.random() < 0.15
    adapt = draw.random() < 0.9 or alike  # a site types all it publishes alike
    lines = list(zip(case.lines, case.labels, case.marks, strict=True))
    if case.has_title_line:
        lines.insert(0, (case.host.title, MARKER if case.has_title else OWN, "title" if draw.random() < 0.7 else None))
    parts, rows, at = [], [], 0
    for line, label, mark in lines:
        line = " ".join(line.split("\n")).strip()
        is_foreign = label in (FOREIGN, HEADLINE)
        if width == "narrow" and not alike and (adapt or not is_foreign):
            line = line.translate(_NARROW)
        if adapt or not is_foreign:
            line = line.translate(_to_traditional() if is_traditional else _to_simplified())
        lead = indent if adapt or not is_foreign else draw.choice(_INDENTS)
        lead = "" if mark == "title" else lead
        parts += [lead, line, gap]
        rows.append((at + len(lead), at + len(lead) + len(line), label, mark))
        at += len(lead) + len(line) + len(gap)
    return rows, "".join(parts)


_NARROW = str.maketrans("，：；？！（）“”", ",:;?!()\"\"")
_WIDE = {",": "，", ":": "：", ";": "；", "?": "？", "!": "！", "(": "（", ")": "）"}
_NARROW_BESIDE_HAN = re.compile(r"(?<=[一-龥”」』）])[,:;?!()]|[(](?=[一-龥])")
_CORNER = str.maketrans("“”‘’", "「」『』")
_TYPINGS = ("narrow", "wide", "corner")


def _retype(case: Case, draw: random.Random) -> Case:
    """Return the case with the marks of all its lines narrow, wide, or wide with corner quotes; those in 1,200 and 09:30 stay."""
    typing = draw.choice(_TYPINGS)
    if typing == "narrow":
        lines = [line.translate(_NARROW) for line in case.lines]
    else:
        lines = [_NARROW_BESIDE_HAN.sub(lambda mark: _WIDE[mark[0]], line) for line in case.lines]
    if typing == "corner":
        lines = [line.translate(_CORNER) for line in lines]
    return replace(case, lines=lines)


_TRADITIONAL_SOURCES = ("gs", "drcd")


@functools.cache
def _to_traditional() -> dict[int, str]:
    """Return Traditional forms by code point: rough, one to one, as many sites convert."""
    return {ord(simple): traditional for traditional, simple in reversed(_pairs())}


@functools.cache
def _to_simplified() -> dict[int, str]:
    """Return Simplified forms by code point."""
    return {ord(traditional): simple for traditional, simple in _pairs()}


def _pairs() -> list[tuple[str, str]]:
    """Return Traditional characters with their Simplified form."""
    lines = importlib.resources.files("opencc").joinpath("dictionary", "TSCharacters.txt").read_text(encoding="utf-8").splitlines()
    entries = (line.partition("\t") for line in lines if "\t" in line)
    return [(key, values.split(" ")[0]) for key, _, values in entries if len(values.split(" ")[0]) == 1 and key != values]
