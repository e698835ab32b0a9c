"""What a page sets into its text: the quotation of a company, advertisements, headlines of other articles."""

import itertools
from itertools import groupby

from transforms.page_classes import SENTENCES
from transforms.page_forms import Forms

INSET = "set_in"
# Of a box: 牧歌乳业 / 600***.SH / 5.83 / +0.20 / +3.55%
_NAME_CHARS, _BOX_NAMES, _BOX_CHANGES = 12, 2, 2
_BELOW_BOX = 3  # lines within which a paragraph goes on below a box: 沽空 $182.40万, 诊股
# So many lines of an advertisement stand between what says that it is one and what asks for a click.
_ADVERT_LINES, _ADVERT_CHARS = 3, 60
_HEADLINES = 3
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
    insets = (boxes, _adverts(classes, texts, forms), _headlines(classes, texts, forms), _line_numbers(texts))
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
        start = row
        while row - start < _BOX_NAMES and start and classes[start - 1] in _SHORT and len(texts[start - 1]) <= _NAME_CHARS and not forms["quoted_change"].search(texts[start - 1]):
            start -= 1
        if _goes_on(end, classes, texts, forms):
            # 乐汇餐饮(00526.HK) / 3.310 / +0.120 (+3.762%) / 公布中期业绩: the name is the paragraph's, and only its quotation the page's
            boxes.append(range(row, end))
        elif start < row or forms["named_with_code"].search(texts[row - 1]):
            boxes.append(range(start, end))
    starts, stops = {box.start for box in boxes}, {box.stop for box in boxes}
    return [box for box in boxes if (box.start not in stops and box.stop not in starts) or any(forms["price_label"].search(texts[row]) for row in box)]


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
