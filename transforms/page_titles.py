"""Which line of a page is the title of its article."""

import re

import polars as pl

from schemas.blocks import Marks
from transforms.lexicon import Lexicon
from transforms.page_classes import BUTTON_REPEATS, SENTENCE_CHARS, SURE
from transforms.page_forms import read_forms

# A title stands above the header lines, and shares most with the text; its subtitle may share a little more.
_ABOVE_HEADER, _NEARLY, _MUCH_MORE = 0.25, 0.7, 2
# Shorter titles (老家的池塘) are believed only where a header line follows; of two likely ones the longer kind is believed.
_TITLE_CHARS, _FULL_TITLE_CHARS = 6, 8
_SITE_NAME_CHARS, _BUTTON_CHARS = 16, 4
# Of fewer terms than these the share is that of so many: 电动汽车 is a channel of which every text on cars has all. And where a
# candidate shares as much as this, one that shares nothing (个人积分:3,215分) is none but right above the header line.
_TITLE_TERMS, _TOLD = 6, 0.15
# With less text than this a page is a form or a table: its title is told by all of its lines.
_BODY_CHARS, _FORM_CANDIDATES = 60, 5
# An entry's title is what its first paragraphs begin with: 潮汐磨坊(英文:tide mill)是…
_DEFINING, _DEFINES = 2, frozenset("(是为係指")
# Between a title and its header line stand at most so many lines: who posted, for how long a member, how often read.
HEADER_LINES = 5
# Below a title that has a date of its own the header follows at once, or below who wrote it.
_HEADER_STEPS = (1, 2, 3)
# Two hanzi, each overlapping the next, or a Latin word.
_TERM = re.compile(r"[A-Za-z]{2,}|(?=([一-龥]{2}))")

# What stands in the window's title between the headline and the site, and how long the headline is at least.
_TITLE_MARKS, _WINDOW_CHARS = re.compile(r"[-_|–—]"), 6
_LATIN_WORD = re.compile(r"[A-Za-z]+")


def terms_of(text: str) -> list[str]:
    """Return the terms of a line: its pairs of neighbouring hanzi and its Latin words, in order, repeated ones too."""
    return [match[1] or match[0] for match in _TERM.finditer(text)]


def find_titles(lines: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return the line that is the title of each document that has one.

    It is the first line of the head that no card claims. On a page with menus it is the candidate whose character pairs
    recur most in the paragraphs: headlines of other pages stand there too. An article that begins with its lead sentence
    has none, nor has one whose first line is a short label (事件, 投资要点).
    """
    text, forms = pl.col("text"), {form: pattern.pattern for form, pattern in read_forms(lexicon).items()}
    is_labelled = text.str.contains(forms["title_label"]).shift(1).over("doc_id").fill_null(False) | text.str.contains(forms["title_kind"])
    is_over_header = pl.any_horizontal(pl.col("class").shift(-step).over("doc_id") == "header" for step in _HEADER_STEPS).fill_null(False)
    # Skip to main content may stand above all
    is_first = (~pl.col("class").is_in(SURE)).cast(pl.Int32).cum_sum().over("doc_id") == 1
    number = text.str.extract(forms["counted"]).cast(pl.Int64)
    is_counted = pl.any_horizontal(number.shift(step).over("doc_id") + step == number for step in (1, -1)).fill_null(False)
    lines = lines.with_columns(is_counted=is_counted, next_class=pl.col("class").shift(-1).over("doc_id"), is_labelled=is_labelled, is_over_header=is_over_header, is_first=is_first)
    free = _marked_titles(lines.filter("is_head", pl.col("class").is_in(["link", "stamped", "remark", "sentence", "outcry", "summary", "scrap", "label", "table", "browser_title"])))
    # 日评:现货价格走强(6月19日) is a link by its date, and a title where the date of its own text follows
    is_dated = (pl.col("class") == "stamped") & pl.col("is_over_header")
    is_candidate = ((pl.col("class") != "stamped") | is_dated) & pl.col("char_count").is_between(4, 80) & ~text.str.contains(r"[。;:,、]$|^[“「『].*[”」』]$") & ~text.str.contains(forms["no_title"]) & ~_follows_text()
    has_menu = lines.filter("is_head", pl.col("class").is_in([*SURE, "browser_title"])).select("doc_id").unique()
    plain = free.join(has_menu, on="doc_id", how="anti", maintain_order="left").unique("doc_id", keep="first", maintain_order=True)
    plain = plain.filter(pl.col("char_count") >= _TITLE_CHARS)
    is_row = pl.col("is_row").fill_null(False) | pl.col("is_counted") | pl.any_horizontal(text.str.contains(forms[form]) for form in ("caption", "numbered", "number_row"))
    paged = free.join(has_menu, on="doc_id", how="semi", maintain_order="left").filter(is_candidate & ~is_row)
    paged = paged.filter(pl.len().over("doc_id", "text") <= BUTTON_REPEATS)
    return pl.concat([plain.filter(is_candidate), _best_candidates(paged, lines)])


def _marked_titles(free: pl.DataFrame) -> pl.DataFrame:
    """Return the lines, of documents that mark a headline above their text only the first such line: # 三季报出炉, below 标题, or what says that it is a record (…投资者关系活动记录表)."""
    is_marked = pl.col("text").str.contains(r"^#{1,2}\s+\S") | (pl.col("is_labelled") & (pl.col("char_count") >= _TITLE_CHARS))
    marked = free.filter(is_marked & ~_follows_text()).unique("doc_id", keep="first", maintain_order=True)
    return pl.concat([marked, free.join(marked, on="doc_id", how="anti")]) if not marked.is_empty() else free


def _follows_text() -> pl.Expr:
    """Return whether a line of the head stands after a sentence, which no menu has: 外婆的做法,不用炒糖色。"""
    is_text = pl.col("class").is_in(["sentence", "remark"]) & pl.col("text").str.contains("。$") & (pl.col("char_count") >= SENTENCE_CHARS)
    return is_text.cast(pl.Int32).cum_sum().over("doc_id") - is_text.cast(pl.Int32) > 0


def _best_candidates(candidates: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Return one candidate per document: the first that shares nearly as much with the paragraphs as any."""
    if candidates.is_empty():
        return candidates
    is_body = pl.col("class").is_in(["paragraph", "sentence", "outcry", "remark"])
    has_body = pl.when(is_body).then("char_count").sum().over("doc_id") >= _BODY_CHARS
    bodies = lines.join(candidates.select("doc_id").unique(), on="doc_id", how="semi")
    bodies = bodies.filter(is_body | (~has_body & pl.col("class").is_in(["link", "table", "stamped"])))
    texts = dict(bodies.group_by("doc_id").agg(pl.col("text").str.join("")).iter_rows())
    openings = dict(bodies.filter(pl.col("class") == "paragraph").group_by("doc_id").agg(pl.col("text").head(_DEFINING)).iter_rows())
    forms = set(lines.filter(~has_body | pl.col("is_figured").any().over("doc_id"))["doc_id"])
    # [编辑] beside the headings of an encyclopaedia is no credit
    is_told = (pl.col("class") == "header") | ((pl.col("class") == "credit") & (pl.col("char_count") > _BUTTON_CHARS))
    headers = set(lines.filter(is_told).select("doc_id", "block_no").iter_rows())
    is_stamped = (candidates["class"] == "stamped").to_list()
    scores: dict[str, list[tuple[float, int]]] = {}
    is_above: dict[int, bool] = {}
    shared: dict[int, float] = {}
    for row, (doc_id, block_no, text) in enumerate(candidates.select("doc_id", "block_no", "text").iter_rows()):
        body = texts.get(doc_id, "").replace(text, "", 1)
        terms = terms_of(text)
        is_defined = any(opening.startswith(text) and opening[len(text) : len(text) + 1] in _DEFINES for opening in openings.get(doc_id, ()))
        shared[row] = 1.0 if is_defined else sum(term in body for term in terms) / max(len(terms), _TITLE_TERMS)
        if doc_id in forms and len(scores.get(doc_id, ())) >= _FORM_CANDIDATES:
            continue
        is_above_header = any((doc_id, block_no + step) in headers for step in range(1, HEADER_LINES + 1))
        if is_stamped[row] and shared[row] < _TOLD and (doc_id, block_no + 1) not in headers:
            continue
        if len(text) < _TITLE_CHARS and not (shared[row] and (is_above_header or is_defined or texts[doc_id].startswith(text))):
            continue
        is_above[row] = is_above_header or is_defined
        scores.setdefault(doc_id, []).append((shared[row] + _ABOVE_HEADER * is_above[row], row))
    by_itself = (candidates["class"] != "browser_title").to_list()
    sizes = candidates["char_count"].to_list()
    # a headline stands twice where the page repeats it in its breadcrumb: the copy next to the text counts
    keys = list(candidates.select("doc_id", "text").iter_rows())
    over_header = {key for key, block_no in zip(keys, candidates["block_no"], strict=True) if (key[0], block_no + 1) in headers}
    last_copies = {key: row for row, key in enumerate(keys)}
    places = list(candidates.select("doc_id", "block_no").iter_rows())
    is_opening = (candidates["is_first"] & candidates["next_class"].is_in(SURE)).to_list()
    firsts = []
    for found in scores.values():
        is_told = any(shared[row] >= _TOLD for _, row in found)
        fair = [(score, row) for score, row in found if shared[row] or keys[row] in over_header or not is_told]
        fair = _without_owner(fair, keys, places, headers)
        near = [row for score, row in fair if score >= _NEARLY * max(fair)[0]]
        likely = [row for row in near if by_itself[row] and is_above[row]]
        first = next((row for row in likely if sizes[row] >= _FULL_TITLE_CHARS), next(iter(likely), None))
        if first is not None and not any((places[first][0], places[first][1] + step) in headers for step in _HEADER_STEPS):
            # 2022 年 10 月 23 日 stands below a blog's motto, and above the title of which the text tells
            first = next((row for row in near if row > first and shared[row] > _MUCH_MORE * shared[first] and _is_below(places[row], headers)), first)
        if first is None and not is_told and keys[fair[0][1]][0] in forms:
            continue
        if first is None:
            first = next((row for row in near if by_itself[row]), near[0])
            # without a date below it a title is told badly, and what stands right above may be the article's: its first line is the title;
            # where nothing tells at all or the date stands above, also a line too short for one
            while (first - 1 in is_above or (first and (not (is_told or shared[first]) or _is_below(places[first], headers)))) and places[first - 1] == (keys[first][0], places[first][1] - 1):
                first -= 1
        first = _not_the_site(first, near, keys, is_opening)
        first = first if keys[first][0] in forms else last_copies[keys[first]]
        firsts.append(next((row for _, row in found if row > first and is_window_title(keys[first][1], keys[row][1])), first))
    return candidates[sorted(firsts)]


def is_window_title(text: str, title: str) -> bool:
    """Return whether a line is a headline, or how that begins, with its site's name behind: 红隼K2评测 - 数码土拨鼠, of 红隼K2评测:三天之后."""
    headlines = (text[: mark.start()].rstrip() for mark in _TITLE_MARKS.finditer(text))
    return any(len(headline) >= _WINDOW_CHARS and title.startswith(headline) for headline in headlines)


def _without_owner(
    fair: list[tuple[float, int]], keys: list[tuple[str, str]], places: list[tuple[str, int]], headers: set[tuple[str, int]]
) -> list[tuple[float, int]]:
    """Return the candidates without the name of the company whose site it is, the page's first line: Orlantis 奥兰机器人, of which most comes again in
    a line beside a date, 奥兰机器人发布2024财年第三季度业绩."""
    _, first = fair[0]
    doc_id, block_no = places[first]
    terms = terms_of(keys[first][1])
    if block_no or not _may_be_name(keys[first][1]) or not terms:
        return fair
    beside = (keys[row][1] for _, row in fair[1:] if not _may_be_name(keys[row][1]) and {(doc_id, places[row][1] + step) for step in (-1, 1)} & headers)
    return fair[1:] if any(2 * sum(term in text for term in terms) > len(terms) for text in beside) else fair


def _not_the_site(first: int, near: list[int], keys: list[tuple[str, str]], is_opening: list[bool]) -> int:
    """Return the title's row, the next likely one where the first is the name of the site: 某某投资者互动平台, the page's first line, above its menu."""
    is_name = is_opening[first] and _may_be_name(keys[first][1])
    return next((row for row in near if row > first), first) if is_name else first


def _may_be_name(text: str) -> bool:
    """Return whether a line is short enough for a site's name; of one in two languages (奥兰机器人 Orlantis Robotics) a Latin word counts as a character."""
    return len(_LATIN_WORD.sub("A", text)) <= _SITE_NAME_CHARS


def _is_below(place: tuple[str, int], headers: set[tuple[str, int]]) -> bool:
    """Return whether a header line (the date) stands a few lines above a line, so that the menus end above it."""
    return any((place[0], place[1] - step) in headers for step in range(2, HEADER_LINES))


def mark_titles(titles: pl.DataFrame) -> pl.DataFrame:
    """Return a mark for each title."""
    reason = "First line before the text that is no header or site line."
    return Marks.select(titles.with_columns(
        rule_id=pl.lit("marks.title"), label=pl.lit("title"), score=pl.lit(1.0), is_dropping=pl.lit(False), reason=pl.lit(reason)
    ))  # fmt: skip
