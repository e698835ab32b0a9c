"""Which of the lines that may be a page's title is believed."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

# A title stands above the header lines, and shares most with the text; its subtitle may share a little more.
_ABOVE_HEADER, _NEARLY, _MUCH_MORE = 0.25, 0.7, 2
# Shorter titles (老家的池塘) are believed only where a header line follows; of two likely ones the longer kind is believed.
TITLE_CHARS, _FULL_TITLE_CHARS = 6, 8
_SITE_NAME_CHARS = 16
# Of fewer terms than these the share is that of so many: 电动汽车 is a channel of which every text on cars has all. And where a
# candidate shares as much as this, one that shares nothing (个人积分:3,215分) is none but right above the header line.
_TITLE_TERMS, _TOLD = 6, 0.15
# Above a title that shares so much what shares nothing is none of its lines (Facebook, 物流方式介绍), but for the name of who announces it.
_CLEARLY, _ISSUER = 0.3, "公司"
# Whose site it is stands in so many first lines.
_OWNER_LINES, _HALF, _COMPANY = 3, 0.5, re.compile("(?:控股|集团|股份)*(?:有限)?(?:责任)?公司$")
# A page that is a form or a table has its title among so many first candidates.
_FORM_CANDIDATES = 5
# Between a title and its header line stand at most so many lines: who posted, for how long a member, how often read.
HEADER_LINES = 5
# Below a title that has a date of its own the header follows at once, or below who wrote it.
HEADER_STEPS = (1, 2, 3)
# Two hanzi, each overlapping the next, or a Latin word.
_TERM = re.compile(r"[A-Za-z]{2,}|(?=([一-龥]{2}))")
# What stands in the window's title between the headline and the site, and how long the headline is at least.
_TITLE_MARKS, _WINDOW_CHARS = re.compile(r"[-_|–—]"), 6
_LATIN_WORD = re.compile(r"[A-Za-z]+")


@dataclass(slots=True)
class Candidate:
    """A line that may be the title of its page.

    row: in the frame of all candidates. is_of_window: the browser's title line. is_stamped: it has a date of its own. is_opening: the page's first
    line, above its menus. is_defined: the text begins with it and says what it is. shared: how much of it comes again in the text. is_above: a header
    line follows within a few, or the text defines it.
    """

    row: int
    block_no: int
    text: str
    is_of_window: bool
    is_stamped: bool
    is_opening: bool
    is_defined: bool
    shared: float = 0.0
    is_above: bool = False

    @property
    def score(self) -> float:
        """How well it is told."""
        return self.shared + _ABOVE_HEADER * self.is_above

    @property
    def may_be_name(self) -> bool:
        """Whether it is short enough for a site's name; of one in two languages (奥兰机器人 Orlantis Robotics) a Latin word counts as a character."""
        return len(_LATIN_WORD.sub("A", self.text)) <= _SITE_NAME_CHARS


@dataclass(frozen=True)
class Page:
    """What tells a page's title: its text, where the way through its channels ends, the block numbers of its header lines, and whether it is a form or a table."""

    text: str
    trail: str = ""
    headers: Collection[int] = field(default_factory=frozenset)
    is_form: bool = False

    def has_header(self, candidate: Candidate, steps: Sequence[int]) -> bool:
        """Return whether a header line stands so many lines below a candidate; above it where steps are negative."""
        return any(candidate.block_no + step in self.headers for step in steps)

    def is_below_header(self, candidate: Candidate) -> bool:
        """Return whether a header line (the date) stands a few lines above a candidate, so that the menus end above it."""
        return self.has_header(candidate, [-step for step in range(2, HEADER_LINES)])


def terms_of(text: str) -> list[str]:
    """Return the terms of a line: its pairs of neighbouring hanzi and its Latin words, in order, repeated ones too."""
    return [match[1] or match[0] for match in _TERM.finditer(text)]


def is_window_title(text: str, title: str) -> bool:
    """Return whether a line is a headline, or how that begins, with its site's name behind: 红隼K2评测 - 数码土拨鼠, of 红隼K2评测:三天之后."""
    headlines = (text[: mark.start()].rstrip() for mark in _TITLE_MARKS.finditer(text))
    return any(len(headline) >= _WINDOW_CHARS and title.startswith(headline) for headline in headlines)


def choose_title(candidates: Sequence[Candidate], page: Page) -> Candidate | None:
    """Return the candidate that is the title, the first that shares nearly as much with the text as any; None where nothing tells one.

    candidates: in their order on the page.
    """
    likely = _weigh(candidates, page)
    if not likely:
        return None
    is_told = any(candidate.shared >= _TOLD for candidate in likely)
    # a headline stands twice where the page repeats it in its breadcrumb: the copy next to the text counts
    over_header = {candidate.text for candidate in candidates if page.has_header(candidate, (1,))}
    fair = [candidate for candidate in likely if candidate.shared or candidate.text in over_header or not is_told]
    fair = _without_owner(fair, page)
    near = [candidate for candidate in fair if candidate.score >= _NEARLY * max(each.score for each in fair)]
    first = _first_above_header(near, page)
    # 股份有限公司(1994—2009), above a date in the box of an entry: the text says what 丰岚钟表 is
    defined = next((candidate for candidate in near if candidate.is_defined and not candidate.is_of_window), None)
    if defined and first and defined.row < first.row and not first.is_defined and defined.text not in first.text:
        first = defined
    if first is None and not is_told and page.is_form:
        return None
    title = first or _first_alone(near, candidates, likely, page, is_told)
    if title.is_opening and title.may_be_name:
        # 某某投资者互动平台, the page's first line, above its menu, is the name of the site
        title = next((candidate for candidate in near if candidate.row > title.row), title)
    if not page.is_form:
        title = [candidate for candidate in candidates if candidate.text == title.text][-1]
    return next((candidate for candidate in likely if candidate.row > title.row and is_window_title(title.text, candidate.text)), title)


def _weigh(candidates: Sequence[Candidate], page: Page) -> list[Candidate]:
    """Return the candidates that may be believed, and note in all how much they share with the text and whether a header follows."""
    likely: list[Candidate] = []
    for candidate in candidates:
        text = candidate.text
        body, terms = page.text.replace(text, "", 1), terms_of(text)
        candidate.shared = 1.0 if candidate.is_defined else sum(term in body for term in terms) / max(len(terms), _TITLE_TERMS)
        candidate.is_above = candidate.is_defined or page.has_header(candidate, range(1, HEADER_LINES + 1))
        # 酸菜烧芋艿, below 首页>家常菜>素菜>酸菜烧芋艿的做法
        is_placed = candidate.is_above or page.text.startswith(text) or page.trail.startswith(text)
        is_short = len(text) < TITLE_CHARS and not (candidate.shared and is_placed)
        is_link = candidate.is_stamped and candidate.shared < _TOLD and not page.has_header(candidate, (1,))
        if not (is_short or is_link or (page.is_form and len(likely) >= _FORM_CANDIDATES)):
            likely.append(candidate)
    return likely


def _first_above_header(near: Sequence[Candidate], page: Page) -> Candidate | None:
    """Return the first candidate above a header line, where there are several the first that is no short one; None where none stands so."""
    above = [candidate for candidate in near if candidate.is_above and not candidate.is_of_window]
    first = next((candidate for candidate in above if len(candidate.text) >= _FULL_TITLE_CHARS), next(iter(above), None))
    if first is None or page.has_header(first, HEADER_STEPS):
        return first
    # 2022 年 10 月 23 日 stands below a blog's motto, and above the title of which the text tells
    below = (candidate for candidate in near if candidate.row > first.row and page.is_below_header(candidate))
    return next((candidate for candidate in below if candidate.shared > _MUCH_MORE * first.shared), first)


def _first_alone(near: Sequence[Candidate], candidates: Sequence[Candidate], likely: Sequence[Candidate], page: Page, is_told: bool) -> Candidate:
    """Return the first of the candidates without a header line below.

    Without a date below it a title is told badly, and what stands right above may be the article's: its first line that shares anything is the
    title; where nothing tells at all or the date stands above, also a line too short for one.
    """
    title = next((candidate for candidate in near if not candidate.is_of_window), near[0])
    last = at = candidates.index(title)
    while at and candidates[at - 1].block_no == candidates[at].block_no - 1 and (
        candidates[at - 1] in likely or not (is_told or candidates[at].shared) or page.is_below_header(candidates[at])
    ):
        at -= 1
    if title.shared < _CLEARLY:
        return candidates[at]
    return next(candidate for candidate in candidates[at : last + 1] if candidate.shared or candidate.text.endswith(_ISSUER))


def _without_owner(fair: list[Candidate], page: Page) -> list[Candidate]:
    """Return the candidates without the name of the company whose site it is, in the page's first lines: Orlantis 奥兰机器人, of which most comes again in
    a line beside a date, 奥兰机器人发布2024财年第三季度业绩, or in one of which half comes again in the text.
    """
    first, *others = fair
    terms = terms_of(_COMPANY.sub("", first.text))
    if first.block_no >= _OWNER_LINES or not first.may_be_name or not terms:
        return fair
    beside = (each.text for each in others if not each.may_be_name and (page.has_header(each, (-1, 1)) or each.shared >= _HALF))
    is_owner = any(2 * sum(term in text for term in terms) > len(terms) for text in beside)
    return [candidate for candidate in others if candidate.text != first.text] if is_owner else fair
