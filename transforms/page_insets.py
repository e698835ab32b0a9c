"""What a page sets into its text: the quotation of a company, advertisements, headlines of other articles."""

import itertools
from itertools import groupby

from transforms.page_classes import SENTENCES
from transforms.page_forms import Forms

INSET = "set_in"
# Of a box: 牧歌乳业 / 600***.SH / 5.83 / +0.20 / +3.55%
_NAME_CHARS, _BOX_NAMES, _BOX_CHANGES = 12, 2, 2
_BUTTONS, _BOX_BUTTONS = ("furniture", "menu", "button"), 3
_BELOW_BOX = 3  # lines within which a paragraph goes on below a box: 沽空 $182.40万, 诊股
# So many lines of an advertisement stand between what says that it is one and what asks for a click.
_ADVERT_LINES, _ADVERT_CHARS = 3, 60
_HEADLINES = 3
# So many lines has a card with goods; so many sentences a text with an author's card, which has so many lines and behind his name what he is.
_GOODS_LINES, _TOLD, _PROFILE_LINES, _ROLE_CHARS = 5, 4, 4, 8
_HEADER_LINES = 8  # below a title in which its author is named
# A poll has so many lines at most between its question and its button, and two answers at least.
_POLL_LINES, _POLL_ANSWERS, _ANSWER_CHARS = 12, 2, 24
# The numbers beside the lines of a program: so many in order.
_COUNTED = 3
_SHORT = ("scrap", "link", "outcry", "stamped", "table", "reaction", "remark")


def mark_insets(classes: list[str], texts: list[str], forms: Forms) -> list[str]:
    """Return the classes of a page's lines, what the page sets into its text marked as such."""
    found, boxes = list(classes), _boxes(classes, texts, forms)
    for row in _names_before(boxes, classes, texts, forms):
        found[row] = "remark"
    for row in _cut_leads(classes, texts, forms):
        found[row] = "sentence"
    insets = (boxes, _adverts(classes, texts, forms), _goods(classes, texts, forms), _polls(classes, texts, forms), _profiles(classes, texts, forms), _headlines(classes, texts, forms), _line_numbers(texts))
    for rows in itertools.chain.from_iterable(insets):
        found[rows.start : rows.stop] = [INSET] * len(rows)
    return found


def _boxes(classes: list[str], texts: list[str], forms: Forms) -> list[range]:
    """Return the boxes with the quotation of one company: its name or code, a price, changes with their sign. Several in a row are a table,
    unless 现价 stands in each.
    """
    boxes = []
    for row in range(1, len(texts) - 1):
        end = row + 1
        while end < len(texts) and end - row <= _BOX_CHANGES and (forms["quoted_change"].search(texts[end]) or forms["quoted_both"].search(texts[end])):
            end += 1
        is_quoted = forms["quoted_price"].search(texts[row]) and any("%" in text for text in texts[row + 1 : end])
        if forms["quoted_all"].search(texts[row]):
            is_quoted, end = True, row + 1
        if not is_quoted:
            continue
        row = _over_buttons(row, classes)
        start = row
        while row - start < _BOX_NAMES and start and classes[start - 1] in _SHORT and len(texts[start - 1]) <= _NAME_CHARS and not forms["quoted_change"].search(texts[start - 1]):
            start -= 1
        if start + 1 < row and texts[start + 1].startswith(texts[start]):
            # 卫屿石化 / 卫屿石化 603888 / 18.93 / +3.61%: the name above the box is the article's
            start += 1
        if _goes_on(end, classes, texts, forms):
            # 乐汇餐饮(00526.HK) / 3.310 / +0.120 (+3.762%) / 公布中期业绩: the name is the paragraph's, and only its quotation the page's
            boxes.append(range(row, end))
        elif start < row or forms["named_with_code"].search(texts[row - 1]):
            boxes.append(range(start, end))
    starts, stops = {box.start for box in boxes}, {box.stop for box in boxes}
    return [box for box in boxes if (box.start not in stops and box.stop not in starts) or any(forms["price_label"].search(texts[row]) for row in box)]


def _over_buttons(row: int, classes: list[str]) -> int:
    """Return the row of the buttons that stand between a name and its price (股吧, 实时行情), that of the price where there are none."""
    start = row
    while row - start < _BOX_BUTTONS and classes[start - 1] in _BUTTONS:
        start -= 1
    return start if start > 0 and classes[start - 1] in _SHORT else row


def _names_before(boxes: list[range], classes: list[str], texts: list[str], forms: Forms) -> list[int]:
    """Return the lines with the name of a company whose paragraph goes on below its quotation."""
    return [box.start - 1 for box in boxes if classes[box.start - 1] in _SHORT and _goes_on(box.stop, classes, texts, forms)]


def _cut_leads(classes: list[str], texts: list[str], forms: Forms) -> list[int]:
    """Return the lines of a lead that a link cuts: its place and day, the company, its code, above 今日晚间披露三季报."""
    cut: list[int] = []
    for row, text in enumerate(texts):
        if forms["opens_lead"].search(text):
            below = next((at for at in range(row + 1, min(row + 2 + _BELOW_BOX, len(texts))) if classes[at] in SENTENCES), row)
            if all(len(line) <= _NAME_CHARS for line in texts[row + 1 : below]):
                cut += range(row, below)
    return cut


def _goes_on(end: int, classes: list[str], texts: list[str], forms: Forms) -> bool:
    """Return whether the first sentence below a quotation lacks a subject: 发布2025年三季报."""
    below = next((row for row in range(end, min(end + _BELOW_BOX, len(texts))) if classes[row] in SENTENCES), None)
    return below is not None and forms["goes_on"].search(texts[below]) is not None


def _adverts(classes: list[str], texts: list[str], forms: Forms) -> list[range]:
    """Return what stands between 广告 and a call: 不会看财报?9.9元学会三张表 / 了解详情."""
    adverts = []
    for row, text in enumerate(texts):
        if not forms["advert_head"].search(text):
            continue
        call = next((at for at in range(row + 2, min(row + 2 + _ADVERT_LINES, len(texts))) if forms["advert_call"].search(texts[at])), None)
        if call and all(len(line) <= _ADVERT_CHARS for line in texts[row + 1 : call]) and "title" not in classes[row + 1 : call]:
            adverts.append(range(row + 1, call + 1))
    return adverts


def _goods(classes: list[str], texts: list[str], forms: Forms) -> list[range]:
    """Return what a shop sets into its text, down to the button that sells it: 店长推介 / 胃乐宁咀嚼片 60片 / $68 / 原价 $82 / 加入购物篮."""
    goods = []
    for row, text in enumerate(texts):
        if not forms["goods_button"].search(text):
            continue
        start = row
        while start and row - start < _GOODS_LINES and classes[start - 1] in _SHORT and len(texts[start - 1]) <= _ADVERT_CHARS:
            start -= 1
        price = next((at for at in range(start, row) if forms["goods_price"].search(texts[at])), None)
        named = next((at for at in range(start, row) if forms["goods_named"].search(texts[at])), None)
        first = named if price is None else price - 1 if price > start else None
        if first is not None:
            goods.append(range(first - 1 if first - 1 >= start and forms["goods_head"].search(texts[first - 1]) else first, row + 1))
    return goods


def _polls(classes: list[str], texts: list[str], forms: Forms) -> list[range]:
    """Return what a site asks its readers, with the answers and the button: 您认为李嘉俊能进四强吗? / 能 / 不能 / 投票."""
    polls = []
    for row, text in enumerate(texts):
        if not forms["poll_button"].search(text):
            continue
        asked = next((at for at in range(row - 1, max(row - 1 - _POLL_LINES, -1), -1) if forms["poll_question"].search(texts[at])), None)
        answers = range(row if asked is None else asked + 1, row)
        if len(answers) >= _POLL_ANSWERS and all(len(texts[at]) <= _ANSWER_CHARS and classes[at] not in (*SENTENCES, "title") for at in answers):
            polls.append(range(asked - 1 if asked and forms["poll_head"].search(texts[asked - 1]) else asked, row + 1))
    return polls


def _profiles(classes: list[str], texts: list[str], forms: Forms) -> list[range]:
    """Return the cards of the authors below the text: who is named beside the title, with what he has done (许蔓,执业12年,…), on one line or below his name."""
    first = next((row for row, name in enumerate(classes) if name in SENTENCES), 0)
    end = next((row for row in range(first, len(classes)) if classes[row] in ("section", "comments")), len(classes))
    spoken = [row for row in range(first, end) if classes[row] in SENTENCES]
    if len(spoken) < _TOLD or "title" not in classes:
        return []
    title = classes.index("title")
    head = texts[max(0, title - 1) : min(spoken[0] if spoken[0] > title else title + 1, title + _HEADER_LINES)]
    authors = {match[match.lastindex] for line in head for match in forms["author"].finditer(line)}
    profiles, last = [], spoken[-max(1, len(spoken) // 3)]
    for row in range(last, len(texts)):
        name = next((name for name in authors if texts[row].startswith(name)), None)
        if name is None or classes[row] in ("title", "section", "comments"):
            continue
        below = range(row, min(row + _PROFILE_LINES, len(texts))) if len(texts[row]) <= len(name) + _ROLE_CHARS else range(row, row + 1)
        told = next((at for at in below if forms["biography"].search(texts[at]) and len(texts[at]) > _NAME_CHARS), None)
        if told is not None:
            profiles.append(range(row, told + 1))
    return profiles


def _headlines(classes: list[str], texts: list[str], forms: Forms) -> list[range]:
    """Return headlines of other articles between two paragraphs: 〈焦點股〉…, in the form that those of the page's lists have."""
    tags = [match and match[0][0] for match in map(forms["tagged_headline"].search, texts)]
    last = max((row for row, name in enumerate(classes) if name in SENTENCES), default=0)
    listed = {tag for row, tag in enumerate(tags) if tag and row > last}
    found, start = [], 0
    for is_tagged, lines in groupby(zip(tags, classes, strict=True), key=lambda line: line[0] in listed and line[1] in _SHORT):
        rows = range(start, start + len(list(lines)))
        start = rows.stop
        follows_text = rows.start > 0 and classes[rows.start - 1] in SENTENCES
        if is_tagged and len(rows) <= _HEADLINES and follows_text and rows.stop < len(classes) and classes[rows.stop] not in ("title", "header"):
            found.append(rows)
    return found


def _line_numbers(texts: list[str]) -> list[range]:
    """Return the numbers of a program's lines, which stand in a column of their own: 1, 2, 3, 4 above the lines themselves."""
    found, start = [], 0
    for row in range(1, len(texts) + 1):
        if row == len(texts) or texts[row] != str(row - start + 1):
            if row - start >= _COUNTED and texts[start] == "1":
                found.append(range(start, row))
            start = row
    return found
