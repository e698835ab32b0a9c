"""marks: the page around the article: menus before its title, lists of links and readers' comments after it.

A card knows a line by its words. Here a line is known by its neighbours: a headline after 相关阅读 is furniture, the same
headline above a paragraph is the article's. Each line gets a class from its shape, and the most likely path through the
states of a page (before the title, article, links, comments) says where the article begins and ends. A document without
any sure furniture is left alone.
"""

import functools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from schemas.blocks import Marks
from transforms.lexicon import Lexicon
from transforms.page_classes import BUTTON_REPEATS, FIT, SCRAPS, SENTENCE_CHARS, SENTENCES, SURE, TEXT_CHARS, TEXTS
from transforms.page_forms import read_forms
from transforms.page_insets import INSET
from transforms.page_parts import find_contents, mark_parts
from transforms.page_titles import find_titles, is_in_run, mark_titles
from transforms.script import simplify
from transforms.site_lines import gather_pages, is_page, is_site_line, score_site_lines
from transforms.title_choice import HEADER_LINES, is_window_title, terms_of

_BEFORE, _SEEN, _ARTICLE, _LINKS, _COMMENTS, _FOOT = range(6)
_STATES = ("before_title", "before_title", "article", "links", "comments", "foot")

SITE_FITS = {name: article - foot for name, (article, _, _, foot) in FIT.items()}
# A sentence that states a figure or takes up the title is the article's.
_REPORT, _NO_BONUS = (0.0, -2.2, -2.5, -1.5), (0.0, 0.0, 0.0, 0.0)
# 186, 2.3万, and the change of a quotation beside its name: +1.26%
_COUNT = re.compile(r"\d[\d,]*(?:\.\d+)?[万wWkK+]*|[+-]?\d+\.\d+%")
_DIGITS = re.compile(r"\d+")
_YEAR = re.compile(r"(?:19|20)\d{2}")  # on the cover of a report, above 半年度报告
_SHARE = re.compile(r"\d+\.\d+%")  # without a sign it may be a text's: 8.7% / 机场客流的增幅
_LINKED = ("link", "outcry", "stamped")
_AFTER_TEASER = {"sentence": ("link", "stamped"), "paragraph": ("stamped",), "excerpt": ("stamped",)}
_PAGE_COLUMNS = ("doc_id", "start_char", "end_char", "text", "class", "char_count", "is_head", "is_tail", "is_listed", "is_dropped", "is_authors")
_RESUMES = ("paragraph", "sentence", "teaser", "outcry", "header", "title", "link", "table", "part", "answer")
_OPEN_COST, _FOOT_COST = -0.5, -1.5
# A platform's notice at the top does not make what stands above it a menu.
_LONE_COST = -2.0
# Articles go on after links set between their paragraphs more easily than after comments or the foot.
_BACK_TO_ARTICLE = {_LINKS: -3.0, _COMMENTS: -4.0, _FOOT: -3.0}
_NEVER = float("-inf")

_SEPARATORS = r"[\s|/·>»›•丨┊│∨∧▾▴_\-]+"
_BETWEEN_CHARS = 6
_RUN_LINES, _RUN_CHARS = 4, 14
_CHANNEL_CHARS, _CHANNELS = 8, 4
_TAKEN_UP, _HEADING_SHARE, _HEADING_CHARS = 4, 0.6, 12
_HEADINGS = ("link", "scrap", "remark")
_LABEL_CHARS = 8
_WINDOW_CHARS = 5  # a window's title has so many more than the site's name
_TIMED_LINKS = 2  # so many links of a list have their times below
_FOOT_DAYS, _BAR_LINES = 3, 4
_PARAGRAPH_CHARS = 120  # characters from which a line is a paragraph, whatever it ends with
# Above the menus stands the day on which the page was called up, with its weekday: 2024年7月11日 星期四
_DAY, _WEEKDAY = re.compile(r"(?:19|20)\d{2}[-/.年]"), re.compile("星期|周[一二三四五六日]")
# A line of words side by side without a figure above a title: 企业 | 亚洲 | 半导体
_ROW_WORDS, _BARRED_WORDS = 4, 3
# 目标上调至46亿美元。(完), 占47%。(ws): what follows a stop in brackets is not the sentence's.
_STOP = r"[。!?;…](?:[”」』\")\]]| ?[(\[【][^()\[\]【】。]{1,16}[)\]】])*$"
_REASONS = {
    "before_title": "It stands before the title, among the menus of the page.",
    "foot": "It is among the lines of the page that follow «{marker}».",
    "links": "It follows «{marker}» without a sentence of the article: a link to another page, whatever company or figure it names.",
    "comments": "It is among the readers' comments that follow «{marker}».",
    "menu": "It is made of nothing but words of menus, share bars and counters.",
    "browser_title": "The browser's title line: the headline stands by itself below.",
    "between": "A scrap between two lines of the page's furniture.",
    "site_line": "Its wording, its place and its neighbours are those of a site's lines ({score:.2f}).",
    "set_in": "The page sets it into the text: a quotation, an advertisement, or a headline of another article.",
    "contents": "A table of contents: each of its headings stands again above its part of the text.",
}


@dataclass(frozen=True)
class _Words:
    """The words of menus, by what they prove."""

    all: pl.Series
    actions: pl.Series


@functools.lru_cache(maxsize=8)
def _words(lexicon: Lexicon) -> _Words:
    """Return the site words in the form lines have."""
    words = lexicon["site_words"].with_columns(simplify(pl.col("word")))
    return _Words(all=words["word"].unique(), actions=words.filter(pl.col("kind") == "action")["word"].unique())


def mark_furniture(lines: pl.DataFrame, claims: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """marks: the title of each document, and the lines of its page that do not belong to the article.

    lines: blocks with char_count, is_head and is_tail. claims: what the cards say about them, with scope.
    """
    titles, pages = trace_pages(lines, claims, lexicon)
    marks = [mark for page in pages for mark in _mark_page(page)]
    whole = [page for page in pages if is_page(page["is_out"])]
    return pl.concat([mark_titles(titles), Marks.frame([*marks, *_mark_site_lines(whole, lexicon)])])


def trace_pages(lines: pl.DataFrame, claims: pl.DataFrame, lexicon: Lexicon) -> tuple[pl.DataFrame, list[dict[str, list]]]:
    """Return the titles, and the columns of each document that has sure furniture, with what its path says of each line.

    classes; path: the state of each line; kinds: the reason by which it goes, None where it stays; is_inside: whether its
    state is the article; is_out: whether its path or a card drops it.
    """
    lines = _class_lines(lines, claims, lexicon)
    titles = find_titles(lines, lexicon)
    lines = lines.join(titles.select("doc_id", "block_no", is_title=pl.lit(True)), on=["doc_id", "block_no"], how="left", maintain_order="left")
    lines = lines.with_columns(pl.when("is_title").then(pl.lit("title")).when(_is_unknown_menu()).then(pl.lit("menu")).otherwise("class").alias("class"))
    pages = lines.filter(pl.col("class").is_in([*SURE, "browser_title"]).any().over("doc_id"))
    traced = (_trace_page(page, lexicon) for page in _turn_pages(pages))
    return titles, [page for page in traced if page]


def _class_lines(lines: pl.DataFrame, claims: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return the lines with class, from the cards that claim them, their words and their shape."""
    text, size, forms = pl.col("text"), pl.col("char_count"), read_forms(lexicon)
    claimed = _class_claims(lines, claims)
    lines = lines.join(claimed, on=["doc_id", "start_char"], how="left", maintain_order="left")
    lines = lines.with_columns(pl.col("is_dropped", "is_authors").fill_null(False))
    lines = lines.join(_find_menus(lines, lexicon), on=["doc_id", "block_no"], how="left", maintain_order="left")
    brief = pl.when(size < _PARAGRAPH_CHARS).then(text)
    has_stop = brief.str.contains(_STOP)
    is_cut = brief.str.contains(forms["cut_off"].pattern)
    shape = (
        pl.when((size >= TEXT_CHARS) & text.str.contains(r"(?:[^.]\.{3}|[^…]…)$")).then(pl.lit("excerpt"))
        .when((size >= 60) & brief.str.contains("。", literal=True) | (size >= _PARAGRAPH_CHARS)).then(pl.lit("paragraph"))
        .when(is_cut & (size >= 12)).then(pl.lit("summary"))
        .when(has_stop & (size >= 15)).then(pl.when(brief.str.contains("[。;]")).then(pl.lit("sentence")).otherwise(pl.lit("outcry")))
        .when(has_stop).then(pl.lit("remark"))
        .when(brief.str.contains(r"(?:\d[\d,.]*%?[^\d。]*[|\t][^\d。]*){2}|(?:\d[\d,.]*%?(?: +|$)){2}")).then(pl.lit("table"))
        # 医生解释,单纯有声音多半不必担心;如果合并下列情况,就应该看诊: tells as much as a sentence
        .when(brief.str.contains(",.*:$") & (size >= TEXT_CHARS)).then(pl.lit("sentence"))
        # 10月28日晚间, / 湛澄新材 / 披露三季报。 a link inside a sentence has a line of its own
        .when(brief.str.contains("[:,]$")).then(pl.lit("label"))
        .when(size >= 5).then(pl.lit("link")).otherwise(pl.lit("scrap"))
    )  # fmt: skip
    lines = lines.with_columns(shape=shape)
    is_free, is_long = pl.col("claimed").is_null(), pl.col("shape").is_in(["paragraph", "sentence", "outcry", "excerpt"]) & (size >= TEXT_CHARS)
    # 船台排到2029年,造船厂真的赚钱了吗? above its source is a title, and no text
    is_asked = (pl.col("shape") == "outcry") & pl.col("claimed").shift(-1).over("doc_id").is_in(["header", "credit"]).fill_null(False)
    # an article of short paragraphs begins where two sentences follow each other
    is_closed = is_free & pl.col("shape").is_in(["paragraph", "sentence", "remark"]) & text.str.contains("。")
    is_joined = is_closed & (pl.col("shape") != "remark") & (is_closed.shift(1) | is_closed.shift(-1)).over("doc_id").fill_null(False)
    # a column for each step: polars works out anew what an expression of windows says twice
    lines = lines.with_columns(is_text=((is_free & is_long & ~is_asked) | is_joined).fill_null(False))
    # subtitles, forms and chats have no sentence: theirs is the text that states a figure (第三季营收12.4亿 季增15%)
    may_be_figured = ~pl.col("is_text").any().over("doc_id") & is_free & (size >= SENTENCE_CHARS)
    lines = lines.with_columns(is_figured=pl.when(may_be_figured).then(text).str.contains(forms["figure"].pattern).fill_null(False))
    lines = lines.with_columns(figured=pl.col("is_figured").cast(pl.Int32).cum_sum().over("doc_id"))
    # 红隼K2评测 - 数码土拨鼠, below the page's first line, 数码土拨鼠
    window = pl.when(pl.col("is_head") & pl.col("claimed").is_null() & text.str.contains(r"[-_|–—]")).then(text)
    is_of_window = (window.str.ends_with(text.first().over("doc_id")) & (size > size.first().over("doc_id") + _WINDOW_CHARS)).fill_null(False)
    label = pl.when(size <= _LABEL_CHARS).then(text)
    # 最近更新 / 2024-01-05, among the keys of a form
    is_updated = label.str.contains(forms["updated_label"].pattern).fill_null(False) & (pl.col("claimed").shift(-1).over("doc_id") == "header").fill_null(False)
    is_valued = label.str.contains(forms["value_label"].pattern).fill_null(False)
    is_opened = (pl.col("claimed").is_in(["section", "comments"]).fill_null(False) & (pl.col("figured") > 0)).cast(pl.Int32).cum_max().over("doc_id") > 0
    lines = lines.with_columns(is_figured=pl.col("is_figured") & (pl.col("figured") > 1) & ~is_opened)  # the first may be the title
    # 4 贺 彬 个体 4 7 88, among rows alike: a table's, and no headline with a count behind
    numbers = pl.when(pl.col("claimed") == "stamped").then(text).str.contains(forms["number_row"].pattern).fill_null(False)
    lines = lines.with_columns(is_number_row=numbers).with_columns(is_number_row=is_in_run(pl.col("is_number_row")))
    lines = _place(lines.with_columns(is_text=pl.any_horizontal("is_text", "is_figured", "is_number_row")), pl.col("is_text")).drop("is_text", "figured")
    return lines.with_columns(
        pl.when(pl.col("claimed").is_in(["section", "comments"]) & pl.col("is_head")).then(pl.lit("menu"))
        .when(pl.col("is_menu") & pl.col("claimed").is_in(["reaction", "stamped"])).then(pl.lit("menu"))
        .when("is_number_row").then(pl.lit("table"))
        .when(is_updated).then(pl.lit("label"))
        .when(pl.col("claimed").is_not_null()).then("claimed")
        .when(is_of_window).then(pl.lit("browser_title"))
        .when(is_valued | is_valued.shift(1).over("doc_id").fill_null(False)).then(pl.lit("furniture"))
        .when(pl.col("is_menu")).then(pl.lit("menu"))
        .when("is_figured").then(pl.lit("sentence"))
        .otherwise("shape").alias("class")
    )  # fmt: skip


def _is_unknown_menu() -> pl.Expr:
    """Return whether a line is one of several of a few characters above a title that has a header line below it.

    Each site has channels that no list knows: 中概股 / 美股财报 / 财报日历. An article's own short lines stand below its title.
    """
    title = pl.when("is_title").then("block_no").max().over("doc_id")
    is_dated = (pl.col("class") == "header") & (pl.col("block_no") - title).is_between(1, HEADER_LINES)
    is_short = (pl.col("block_no") < title) & pl.col("class").is_in(["scrap", "link"]) & (pl.col("char_count") <= _CHANNEL_CHARS)
    is_short = is_short & ~pl.col("text").str.contains(r"[\d,:;()]")
    is_row = pl.col("is_row") & (pl.col("block_no") < title) & pl.col("class").is_in(SURE).any().over("doc_id")
    return ((is_short & (is_short.sum().over("doc_id") >= _CHANNELS) & is_dated.any().over("doc_id")) | is_row).fill_null(False)


def _place(lines: pl.DataFrame, is_text: pl.Expr) -> pl.DataFrame:
    """Return the lines with is_head/is_tail: before the first, after the last line of text of their document."""
    position = pl.when(is_text).then(pl.col("block_no"))
    return lines.with_columns(
        is_head=pl.col("block_no") < position.min().over("doc_id").fill_null(pl.len().over("doc_id")),
        is_tail=pl.col("block_no") > position.max().over("doc_id").fill_null(-1),
    )


def _class_claims(lines: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """Return the class that cards give to whole lines, the surest where several do, whether one of them drops it, and whether one tells an author's disclaimer."""
    label, scope = pl.col("label"), pl.col("scope")
    claimed = (
        pl.when(scope.is_in(["section", "comments", "stamped", "reaction", "inset", "answer"])).then(scope)
        .when(scope == "title").then(pl.lit("browser_title"))
        .when(pl.col("is_dropping") & label.is_in(["site_boilerplate", "copyright", "disclaimer"])).then(pl.lit("furniture"))
        .when(pl.col("is_dropping")).then(pl.lit("credit"))
        .when(label.is_in(["dateline", "byline", "source", "title"])).then(pl.lit("header"))
        .when(label == "heading").then(pl.lit("part"))
    )  # fmt: skip
    whole = claims.join(lines.select("doc_id", "start_char", "end_char"), on=["doc_id", "start_char", "end_char"])
    order = pl.col("claimed").replace_strict({name: rank for rank, name in enumerate(FIT)}, default=99)
    is_authors = (label == "disclaimer") & ~pl.col("is_dropping")
    found = whole.select("doc_id", "start_char", "is_dropping", claimed=claimed, is_authors=is_authors).sort("doc_id", "start_char", order)
    return found.group_by("doc_id", "start_char", maintain_order=True).agg(pl.col("claimed").first(), pl.col("is_authors").any(), is_dropped=pl.col("is_dropping").any())


def _find_menus(lines: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return doc_id, block_no, is_listed and is_menu of lines made of site words, and is_row of any short words side by side.

    A channel name (公司, 行业) may be a heading, so alone it proves nothing: three in a line or in a run do, or a click word.
    """
    words = _words(lexicon)
    is_short = (pl.col("char_count") <= 200) & ~pl.col("text").str.contains("[。;?!]")
    short = lines.filter(is_short).select(
        "doc_id", "block_no", is_barred=pl.col("text").str.contains(r"[|丨]"), is_other=pl.col("text").str.contains("[0-9]|[A-Za-z]{2,} [A-Za-z]{2,}"), token=pl.col("text").str.replace_all(r"[\[\](){}<>:【】]", " ").str.replace_all(_SEPARATORS, "\n").str.strip_chars().str.split("\n")
    )
    token = pl.col("token")
    # looked up before they are grouped: in a group, polars makes a set of the words for each line
    told = short.explode("token", empty_as_null=True).with_columns(
        numbers=token.str.contains(r"^[\d.,+万wWkK%:]+$"), known=token.is_in(words.all.implode()), clicks=token.is_in(words.actions.implode()),
        longest=token.str.len_chars(), home=token.str.contains(read_forms(lexicon)["home"].pattern),
    )  # fmt: skip
    counted = told.group_by("doc_id", "block_no", maintain_order=True).agg(
        pl.col("numbers", "known", "clicks").sum(), tokens=pl.len(), longest=pl.col("longest").max(), is_barred=pl.col("is_barred").first(), is_other=pl.col("is_other").first(),
        has_home=pl.col("home").any(), from_home=pl.col("home").first(),
    )  # fmt: skip
    known, tokens = pl.col("known"), pl.col("tokens") - pl.col("numbers")
    counted = counted.with_columns(
        is_row=(pl.col("numbers") == 0) & (pl.col("longest") <= _CHANNEL_CHARS) & ~pl.col("is_other")
        & (pl.col("tokens") >= pl.when("is_barred").then(_BARRED_WORDS).otherwise(_ROW_WORDS)),
        is_listed=(known > 0) & (known == tokens),
        is_menu=((known > 0) & (known == tokens) & ((pl.col("clicks") > 0) | (known >= 3)))
        | ((tokens >= 5) & (known * 10 >= tokens * 6) & (pl.col("longest") <= 12))
        | ((tokens >= 5) & (known >= 2) & (known * 10 >= tokens * 3) & (pl.col("clicks") > 0) & (pl.col("longest") <= 8))
        | ((tokens >= 4) & pl.col("has_home") & (pl.col("longest") <= 8))
        | ((tokens >= 2) & pl.col("from_home") & (pl.col("longest") <= 8)),  # 首页/展览/临时展览
    )
    run = (pl.col("is_listed") & pl.all_horizontal(
        pl.col("is_listed").shift(step).over("doc_id").fill_null(False) & (pl.col("block_no").shift(step).over("doc_id") == pl.col("block_no") - step)
        for step in (1, 2)
    )).fill_null(False)  # fmt: skip
    counted = counted.with_columns(closes_run=run)
    in_run = pl.any_horizontal(pl.col("closes_run").shift(-step).over("doc_id").fill_null(False) for step in (0, 1, 2)) & pl.col("is_listed")
    return counted.select("doc_id", "block_no", "is_listed", "is_row", is_menu=pl.col("is_menu") | in_run)


def _turn_pages(lines: pl.DataFrame) -> Iterator[dict[str, list]]:
    """Yield the columns of each document's lines, which stand together, as lists: pages are short, and a frame of each costs more."""
    columns = lines.with_columns(pl.col("is_listed").fill_null(False)).select(_PAGE_COLUMNS).to_dict(as_series=False)
    start, doc_ids = 0, columns["doc_id"]
    for end in range(1, len(doc_ids) + 1):
        if end == len(doc_ids) or doc_ids[end] != doc_ids[start]:
            yield {name: values[start:end] for name, values in columns.items()}
            start = end


def _trace_page(page: dict[str, list], lexicon: Lexicon) -> dict[str, list]:
    """Return the columns of one page with its path; empty for a page of nothing but lists, a hub or a digest: not ours to tear apart."""
    classes = mark_parts(page["class"], page["text"], lexicon)
    classes = _teasing(_early(_with_issuer(_unpunctuated(_repeated(classes, page["text"])), page["text"])), page["text"])
    path = _trace(classes, _before_text(page["is_head"], classes), _reported(classes, page["text"], read_forms(lexicon)["figure"]))
    path = _with_headings(classes, _with_enclosed(classes, path, page["text"]), page["text"], read_forms(lexicon)["advert_call"])
    outside = [state != _ARTICLE for state in path]
    texts = [not out for name, out in zip(classes, outside, strict=True) if name in ("paragraph", "sentence", "teaser")]
    if texts and not any(texts):
        return {}
    kinds = _verdicts(page, classes, path, lexicon)
    is_out = [bool(kind) or dropped for kind, dropped in zip(kinds, page["is_dropped"], strict=True)]
    return page | {"classes": classes, "path": path, "kinds": kinds, "is_inside": [not out for out in outside], "is_out": is_out}


def _before_text(heads: list[bool], classes: list[str]) -> list[bool]:
    """Return which lines stand before the text; in a post without a sentence (PTT: no stop anywhere), those down to its title."""
    if not all(heads) or "title" not in classes:
        return heads
    title = classes.index("title")
    return [row <= title for row in range(len(classes))]


def _mark_page(page: dict[str, list]) -> list[dict]:
    """Return the marks of one page: lines outside the article, and menu lines and scraps inside it."""
    spans = zip(page["doc_id"], page["start_char"], page["end_char"], strict=True)
    return [
        _mark(span, f"furniture.{kind}", 1.0, _REASONS[kind].format(marker=marker))
        for span, kind, marker, by_card in zip(spans, page["kinds"], _markers(page, page["path"]), page["is_dropped"], strict=True)
        if kind and not by_card
    ]


def _mark_site_lines(pages: list[dict[str, list]], lexicon: Lexicon) -> list[dict]:
    """Return the marks of lines that no word and no path tells: they are worded and placed as sites' lines are.

    An author's disclaimer is worded like a site's, and stays: (以下内容全部来自公开信息).
    """
    if not pages:
        return []
    gathered = gather_pages(pages, SITE_FITS)
    scores = score_site_lines(gathered, lexicon)
    spans = [span for page in pages for span in zip(page["doc_id"], page["start_char"], page["end_char"], strict=True)]
    is_authors = np.array([value for page in pages for value in page["is_authors"]], bool)
    return [
        _mark(spans[row], "furniture.site_line", float(scores[row]), _REASONS["site_line"].format(score=scores[row]))
        for row in np.flatnonzero(is_site_line(gathered, scores) & ~is_authors).tolist()
    ]


def _mark(span: tuple[str, int, int], rule_id: str, score: float, reason: str) -> dict:
    """Return a mark that drops a span."""
    doc_id, start_char, end_char = span
    return {
        "doc_id": doc_id, "start_char": start_char, "end_char": end_char, "rule_id": rule_id, "label": "site_boilerplate",
        "score": score, "is_dropping": True, "reason": reason,
    }  # fmt: skip


def _repeated(classes: list[str], texts: list[str]) -> list[str]:
    """Return the classes, menu lines and times that recur on the page marked as buttons, whatever they count (有用 (58), 有用 (21)): a printed page has
    its time above each sheet.
    """
    keys = [_DIGITS.sub("0", text) if name == "menu" else text for name, text in zip(classes, texts, strict=True)]
    counts = Counter(key for name, key in zip(classes, keys, strict=True) if name == "menu" or (name == "header" and ":" in key))
    return ["button" if counts[key] >= BUTTON_REPEATS else name for name, key in zip(classes, keys, strict=True)]


def _unpunctuated(classes: list[str]) -> list[str]:
    """Return the classes, lines without a stop as remarks where nearly all are so: subtitles, lyrics, lists are no links."""
    texts = sum(name in ("paragraph", "sentence", "outcry", "remark") for name in classes)
    links = classes.count("link")
    if links <= 60 or texts * 6 > links:
        return classes
    return ["remark" if name == "link" else name for name in classes]


def _with_issuer(classes: list[str], texts: list[str]) -> list[str]:
    """Return the classes, the company's name right above the title of its announcement as a part of that title."""
    title = classes.index("title") if "title" in classes else 0
    if title and classes[title - 1] == "link" and texts[title - 1].endswith("公司"):
        return [*classes[: title - 1], "title", *classes[title:]]
    return classes


def _teasing(classes: list[str], texts: list[str]) -> list[str]:
    """Return the classes, text between links as teasers: it may be a list's, or the article's between its links.

    A sentence stands between two headlines; a paragraph too where its list says when each was posted. One that takes up the
    words of the title is the article's, and so is one that leads on to a list of its own (…就应该看诊:).
    """
    title = _title_of(classes, texts)
    around = zip([None, *classes], classes, [*classes[1:], None], texts, strict=False)
    return [
        "teaser" if before in _LINKED and after in _AFTER_TEASER.get(name, ()) and not text.endswith(":") and not _takes_up(text, title) else name
        for before, name, after, text in around
    ]


def _title_of(classes: list[str], texts: list[str]) -> str:
    """Return the title of a page, empty where it has none."""
    return texts[classes.index("title")] if "title" in classes else ""


def _takes_up(text: str, title: str) -> bool:
    """Return whether a text has several of the title's terms."""
    return sum(term in text for term in terms_of(title)) >= _TAKEN_UP


def _early(classes: list[str]) -> list[str]:
    """Return the classes, headlines and scraps above the title marked as such."""
    above = classes.index("title") if "title" in classes else 0  # of an announcement's two lines the first
    return ["early" if row < above and name in ("link", "scrap", "stamped", "summary") else name for row, name in enumerate(classes)]


def _with_enclosed(classes: list[str], path: list[int], texts: list[str]) -> list[int]:
    """Return the path, with sentences among buttons as the article's where the article goes on below, or where they are several in a line.

    分享 / FB / WhatsApp / 他拥有3英亩豆蔻园,去年已砍掉1英亩改种榴梿。 / ADVERTISEMENT / 打开全文 / 收购商谢月娥受询时指出,…: a bar of buttons is set into
    a text; what a site says of itself stands below it.
    """
    last = max((row for row, (name, state) in enumerate(zip(classes, path, strict=True)) if state == _ARTICLE and name in SENTENCES), default=-1)
    found, since = list(path), 0
    for row, (name, state) in enumerate(zip(classes, path, strict=True)):
        since = since + 1 if state == _FOOT else 0
        if state == _FOOT and name in SENTENCES and len(texts[row]) >= TEXT_CHARS and (row < last or (since <= _BAR_LINES and texts[row].count("。") > 1)):
            found[row], since = _ARTICLE, 0
    return found


def _with_headings(classes: list[str], path: list[int], texts: list[str], calls: re.Pattern[str]) -> list[int]:
    """Return the path, with the last link of a list as the article's where it heads the paragraph with which the article goes on.

    延伸阅读 / 孖展利息点计? / 程以恒:明年冀收支平衡 / 主席程以恒表示,…有信心明年达致收支平衡。 Most of its words come again there; of another page's
    headline on the same company few do. Or it is set apart from the list; below a button a caption may stand between it and the paragraph
    (去购买 / 展开更多 / 酱油测试 / 左:F3一遍;右:S9 Pro一遍 / 50毫升生抽,静置十分钟。).

    calls: what an advertisement asks for (去购买).
    """
    found = list(path)
    for row in range(1, len(path) - 1):
        is_last = path[row] == _LINKS and path[row + 1] == _ARTICLE and classes[row] in _HEADINGS and classes[row + 1] in SENTENCES
        if not is_last:
            continue
        if _heads(texts[row], texts[row + 1]) or _is_apart(row, classes, path, texts):
            found[row] = _ARTICLE
        button = next((at for at in (row - 1, row - 2) if at > 0 and path[at] == _LINKS and (classes[at] == "menu" or calls.search(texts[at]))), None)
        if button is not None and all(name in _HEADINGS for name in classes[button + 1 : row]):
            found[button + 1 : row + 1] = [_ARTICLE] * (row - button)
    return found


def _is_apart(row: int, classes: list[str], path: list[int], texts: list[str]) -> bool:
    """Return whether the last line of a list is none of its links.

    An advertisement has ended the list (热门文章 / … / ADVERTISEMENT / 婆婆的提醒), or there was none, only a bar of buttons (自选股 / 数据中心 / 客户端).
    It is not half as long as any headline of the list (相关文章 / 打包机老板:全港只剩五间有得做 / 出口受阻), or each of these has its time below and it
    has none (推荐视频 / 全场集锦:港湾3-2铁骑 / 04:52 / 下半场:从角旗区开始).
    """
    above = classes[row - 1]
    if above in ("furniture", "inset") or (classes[row] == "remark" and above not in _LINKED):
        return True
    if above == "section":
        return row > 1 and path[row - 2] == _FOOT
    return _is_shorter(row, classes, texts) or _is_untimed(row, classes, texts)


def _is_untimed(row: int, classes: list[str], texts: list[str]) -> bool:
    """Return whether each headline of the list above a line has a line of the same figures below it: 04:52, 02:10."""
    figures = _DIGITS.sub("0", texts[row - 1])
    if not _DIGITS.search(texts[row - 1]):
        return False
    start = row
    while start > 1 and _DIGITS.sub("0", texts[start - 1]) == figures and classes[start - 2] in _LINKED:
        start -= 2
    return row - start >= 2 * _TIMED_LINKS and classes[start - 1] == "section"


def _is_shorter(row: int, classes: list[str], texts: list[str]) -> bool:
    """Return whether a line is a few characters long, and the headlines of the list above it are twice as long at least."""
    start = row
    while start and classes[start - 1] in _LINKED:
        start -= 1
    return 0 < start < row and classes[start - 1] == "section" and 2 * len(texts[row]) <= min(len(text) for text in texts[start:row]) and len(texts[row]) <= _HEADING_CHARS


def _heads(text: str, paragraph: str) -> bool:
    """Return whether most of a line's terms come again in the paragraph below it."""
    terms = terms_of(text)
    shared = sum(term in paragraph for term in terms)
    return shared >= _TAKEN_UP and shared >= _HEADING_SHARE * len(terms)


def _reported(classes: list[str], texts: list[str], figure: re.Pattern[str]) -> list[bool]:
    """Return which lines are sentences that state a figure (三季度毛利率升至31.2%。) or take up the words of the title."""
    title = _title_of(classes, texts)
    return [
        name in ("sentence", "paragraph") and (bool(figure.search(text)) or _takes_up(text, title)) for name, text in zip(classes, texts, strict=True)
    ]


def _trace(classes: list[str], heads: list[bool], reported: list[bool]) -> list[int]:
    """Return the most likely state of each line (Viterbi).

    heads: whether it stands before the first paragraph. reported: whether it reports, which readers and sites seldom do.
    """
    scores = [0.0, _NEVER, 0.0, _NEVER, _NEVER, _NEVER]
    steps: list[list[int]] = []
    for row, name in enumerate(classes):
        article, links, comments, foot = (fit + bonus for fit, bonus in zip(FIT[name], _REPORT if reported[row] else _NO_BONUS, strict=True))
        fits = (foot, foot, article, links, comments, foot)
        moves = _moves(name, heads[row])
        # a plain loop: a generator or key function for each of six states takes as long as all the rest of a page
        came, reached = [], []
        for state, origins in enumerate(moves):
            best, score = state, scores[state] + _NEVER
            for origin, cost in origins:
                if scores[origin] + cost > score:
                    best, score = origin, scores[origin] + cost
            came.append(best)
            reached.append(score + fits[state])
        scores = reached
        steps.append(came)
    state = max((_ARTICLE, _SEEN, _LINKS, _COMMENTS, _FOOT), key=lambda state: scores[state])
    path = [state]
    for origins in reversed(steps[1:]):
        state = origins[state]
        path.append(state)
    return path[::-1]


@functools.cache
def _moves(name: str, is_head: bool) -> tuple[tuple[tuple[int, float], ...], ...]:
    """Return for each state those from which a line of class `name` may enter it, each with its cost.

    The head of a page must show a sure line before the article may begin after it; links, comments and foot begin only
    at a line that opens them, after the first paragraph; the article comes back only with a line of text.
    """
    is_sure, opened = name in SURE, not is_head
    into_article = [(_ARTICLE, 0.0), (_SEEN, 0.0)]
    if name in _RESUMES:
        into_article += list(_BACK_TO_ARTICLE.items())
    into_links, into_comments, into_foot = [(_LINKS, 0.0)], [(_COMMENTS, 0.0)], [(_FOOT, 0.0)]
    if name == "section" and opened:
        into_links += [(_ARTICLE, _OPEN_COST), (_COMMENTS, _OPEN_COST), (_FOOT, 0.0)]
    if name == "comments" and opened:
        into_comments += [(_ARTICLE, _OPEN_COST), (_LINKS, 0.0), (_FOOT, 0.0)]
    if name in ("menu", "furniture", "credit") and opened:
        into_foot += [(_ARTICLE, _FOOT_COST), (_LINKS, 0.0), (_COMMENTS, 0.0)]
    into_before = () if is_sure or not is_head else ((_BEFORE, 0.0),)
    into_seen = () if not is_head else ((_SEEN, 0.0), (_BEFORE, 0.0 if name == "menu" else _LONE_COST)) if is_sure else ((_SEEN, 0.0),)
    return (
        into_before, into_seen,
        tuple(into_article), tuple(into_links), tuple(into_comments), tuple(into_foot),
    )  # fmt: skip


def _verdicts(page: dict[str, list], classes: list[str], path: list[int], lexicon: Lexicon) -> list[str | None]:
    """Return for each line the reason by which it goes, None where it stays."""
    furnished = [state != _ARTICLE or name in (*SURE, "button", "inset", INSET, "credit", "reaction") for state, name in zip(path, classes, strict=True)]
    rows = list(zip(*(page[name] for name in ("text", "char_count", "is_head", "is_tail", "is_listed")), strict=True))
    headers = [state for name, state in zip(classes, path, strict=True) if name == "header"]
    # a page has one day: below its text several are those of readers
    is_dated = any(state in (_SEEN, _ARTICLE) for state in headers) or headers.count(_FOOT) >= _FOOT_DAYS
    enclosed = _enclosed(classes, path, furnished, [line[1] for line in rows], [line[2] for line in rows])
    contents = find_contents([line[0] for line in rows], read_forms(lexicon))
    title_row = classes.index("title") if "title" in classes else 0
    title = rows[title_row][0] if "title" in classes else None
    has_day = any(name == "header" and state == _ARTICLE and row > title_row and _DAY.search(rows[row][0]) for row, (name, state) in enumerate(zip(classes, path, strict=True)))
    kinds: list[str | None] = []
    for row, (name, state, line) in enumerate(zip(classes, path, rows, strict=True)):
        text, size, is_head, is_tail, is_listed = line
        before, after = furnished[row - 1] if row else True, furnished[row + 1] if row + 1 < len(classes) else True
        is_edge = is_head or is_tail
        is_today = row < title_row and has_day and _WEEKDAY.search(text)
        if name == "header" and is_today:
            kinds.append("before_title")
        elif state != _ARTICLE and (name != "header" or state in (_LINKS, _COMMENTS) or (state == _FOOT and is_dated)):
            kinds.append(_STATES[state])
        elif (name == "browser_title" and title) or (row < title_row and title and (text == title or is_window_title(text, title))):
            kinds.append("browser_title")
        elif (name in ("menu", "button") and (before or after or is_edge)) or (is_edge and _is_menu_scrap(name, text, is_listed, is_head != is_tail, furnished[max(row - 1, 0) : row + 2])):
            kinds.append("menu")
        elif name == INSET:
            kinds.append("set_in")
        elif row in contents:
            kinds.append("contents")
        elif enclosed[row] or _is_trimming(name, size, (before, after), is_edge):
            kinds.append("between")
        else:
            kinds.append(None)
    return kinds


def _is_menu_scrap(name: str, text: str, is_listed: bool, is_placed: bool, around: list[bool]) -> bool:
    """Return whether a scrap outside the text is a counter's number or a channel's name; without a text (not is_placed) only beside furniture.

    A channel's name (公司动态) heads a broker's note too: above a title it is the page's, elsewhere only beside furniture.
    """
    if _YEAR.fullmatch(text) and not all(around):
        return False
    return name in ("scrap", "early", "link") and bool((_COUNT.fullmatch(text) and (is_placed or any(around)) and (any(around) or not _SHARE.fullmatch(text))) or (is_listed and name != "link" and (name == "early" or any(around))))


def _is_trimming(name: str, size: int, neighbours: tuple[bool, bool], is_edge: bool) -> bool:
    """Return whether a scrap beside furniture (neighbours: the line before, the line after) belongs to it."""
    if name == "reaction":
        return all(neighbours) or (is_edge and any(neighbours))
    return name in ("scrap", "link") and size <= _BETWEEN_CHARS and all(neighbours)


def _enclosed(classes: list[str], path: list[int], furnished: list[bool], sizes: list[int], heads: list[bool]) -> list[bool]:
    """Return which lines stand in a short run of scraps between two lines of furniture, between title and text or after the text.

    A name, a motto, the words of a button that no list has: 关注者 1,286 / 老会计 / 爱钓鱼 / 关注.
    """
    enclosed = [False] * len(classes)
    texts = [row for row, (name, state) in enumerate(zip(classes, path, strict=True)) if state == _ARTICLE and name in TEXTS]
    run: list[int] | None = None
    for row, (name, state) in enumerate(zip(classes, path, strict=True)):
        if furnished[row] or name == "title":
            if run and len(run) <= _RUN_LINES and furnished[row]:
                for inner in run:
                    enclosed[inner] = True
            run = [] if furnished[row] else None
        elif run is not None and state == _ARTICLE and name in SCRAPS and (
            (heads[row] and sizes[row] <= _RUN_CHARS) or (texts and row > texts[-1])
        ):
            run.append(row)
        elif name != "header":
            run = None
        if name == "button":  # it stands beside a heading, and what follows is the part that it edits
            run = None
    return enclosed


def _markers(page: dict[str, list], path: list[int]) -> list[str]:
    """Return for each line the text of the line that opened its state."""
    markers, marker = [], ""
    for row, text in enumerate(page["text"]):
        if row == 0 or path[row] != path[row - 1]:
            marker = text[:20]
        markers.append(marker)
    return markers

