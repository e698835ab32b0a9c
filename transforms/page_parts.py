"""What on a page looks like its furniture and is part of the text: tables, numbers of parts, headings that a contents names, further answers."""

import functools
import re
from itertools import islice, pairwise

import polars as pl

from transforms.lexicon import Lexicon
from transforms.page_classes import SCRAPS, SENTENCES
from transforms.page_forms import Forms, read_forms
from transforms.page_insets import mark_insets

# A results table with a cell a line has so many numbers and names so many items of a company's statements.
_TABLE_ROWS, _TABLE_COLUMNS = 3, 8
_CELL_CHARS, _TABLE_NUMBERS, _TABLE_ITEMS, _TABLE_HEADS = 24, 4, 2, 6
# Revenue 收入: a cell in two languages
_GLOSS = re.compile(r"^[A-Za-z][A-Za-z &/.\-]+ (?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff]) [A-Za-z][A-Za-z &/.\-]+$")
_CELL_NUMBER = re.compile(r"[(+\-]?\d[\d,]*(?:\.\d+)?%?[)]?")
_FORECAST_YEAR = re.compile("(?:20)?[0-9]{2}[EFef]")
_NO_FIGURE = ("-", "--", "–", "—", "——")  # in a cell without one
# How many lines below the number of a part (02, PART 3) its text begins: so many with the buttons beside it.
_PART_LINES, _PARTS = 2, 2
_LINES_BELOW = 6
_PART_NUMBERS = "一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾"
# What stands beside a heading: 编辑, 播报, a bracket.
_BESIDE = ("button", "menu", "inset", "credit")
# Marks between the cells of a row that stands in a line, and how often they come at least; with blanks first, since a cell may hold the bare mark (km/h).
_CELL_MARKS, _CELL_DIVISIONS = (" / ", " | ", "/", "|", "\t"), 2
# What is no part of an answer.
_APART = ("menu", "button", "reaction", "furniture", "comments", "section", "answer", "header", "stamped")
_DIGITS = re.compile("[0-9]+")
_BRACKETED = re.compile(r"(?<=.)[(][^()]*[)]$")
# A transcript has at least so many lines with their time.
_TIMED = 4
_CAPTIONS, _CAPTION_LINES, _CAPTION_SECONDS = 6, 3, 60  # so many times alone in their lines, with so many lines between two of them, the first three within so many seconds
_CHAPTERS = 3  # so many lines with their time from 0:00 on are a list of chapters
# So many replies are told without a line that opens them, each with a button within so many lines.
_REPLIES, _REPLY_LINES = 3, 6
# What a line with a single cell looks like.
_CELLS = ("scrap", "link", "stamped", "header", "table", "reaction")


@functools.lru_cache(maxsize=8)
def statement_items(lexicon: Lexicon) -> frozenset[str]:
    """Return the labels of what stands in a company's statements; a quotation's (总市值, 换手率) are none."""
    metrics = lexicon["metric_codes"].filter(pl.col("concept").str.starts_with("ifrs"))["metric"]
    return frozenset(lexicon["metric_labels"].filter(pl.col("metric").is_in(metrics.implode()))["label"])


def mark_parts(classes: list[str], texts: list[str], lexicon: Lexicon) -> list[str]:
    """Return the classes of a page's lines, `cell` for the rows of tables and `part` for what numbers and heads the parts of the text."""
    forms = read_forms(lexicon)
    classes = _chaptered(_captioned(_timed(classes, texts, forms), texts, forms), texts, forms)
    cells = _barred(_priced(_tabled(classes, texts, statement_items(lexicon), forms), texts, forms), texts, forms)
    cells = _counted(mark_insets(cells, texts, forms), texts, forms)
    return _replied(_answered(_headed(_parted(cells, texts, forms), texts, forms), texts, forms), texts, forms)


def _timed(classes: list[str], texts: list[str], forms: Forms) -> list[str]:
    """Return the classes, the short lines of a transcript with times as sentences: [02:15] 大鹏:那为什么还做? beside others that are long."""
    rows = [row for row, text in enumerate(texts) if forms["timed"].search(text)]
    if len(rows) < _TIMED or 2 * sum(classes[row] in SENTENCES for row in rows) < len(rows):
        return classes
    spoken = {row for row in rows if classes[row] in ("stamped", "link", "remark")}
    return ["sentence" if row in spoken else name for row, name in enumerate(classes)]


def _captioned(classes: list[str], texts: list[str], forms: Forms) -> list[str]:
    """Return the classes, the captions of a recording as sentences: 0:04 / 24小时开着 / 0:09, times that go up from the first seconds on."""
    times = [(row, _seconds(match[1])) for row, match in enumerate(map(forms["time_alone"].search, texts)) if match]
    run = []
    for row, seconds in times:
        if run and not (seconds > run[-1][1] and row - run[-1][0] <= _CAPTION_LINES + 1):
            if len(run) >= _CAPTIONS:
                break
            run = []
        run.append((row, seconds))
    if len(run) < _CAPTIONS or run[2][1] > _CAPTION_SECONDS:
        return classes
    spoken = range(run[0][0], run[-1][0] + 2)  # and the line below the last time
    return ["sentence" if row in spoken and name not in SENTENCES else name for row, name in enumerate(classes)]


def _seconds(time: str) -> int:
    """Return the seconds of 1:12 or 1:02:03."""
    return sum(int(part) * 60**power for power, part in enumerate(reversed(time.split(":"))))


def _chaptered(classes: list[str], texts: list[str], forms: Forms) -> list[str]:
    """Return the classes, the chapters of a video or a podcast as cells: lines one below the other whose times go up from 0:00 (0:00 开场 / 1:12 煸姜)."""
    found, start, last = list(classes), 0, -1
    times = [match and _seconds(match[1]) for match in map(forms["chapter"].search, texts)]
    for row in range(len(texts) + 1):
        seconds = -1 if row == len(texts) or times[row] is None else times[row]
        if seconds > last >= 0 and row:
            last = seconds
            continue
        if row - start >= _CHAPTERS and times[start] == 0:
            found[start:row] = ["cell"] * (row - start)
        start, last = row, seconds
    return found


def _tabled(classes: list[str], texts: list[str], items: frozenset[str], forms: Forms) -> list[str]:
    """Return the classes, the lines of a results table that has a cell a line marked as cells: counters and menus have no such items."""
    found, start = list(classes), 0
    plain = [text in _NO_FIGURE or (len(_GLOSS.sub("", text)) <= _CELL_CHARS and name in _CELLS) for name, text in zip(classes, texts, strict=True)]
    for row in range(len(texts) + 1):
        if row < len(texts) and plain[row]:
            continue
        numbers = [at for at in range(start, row) if _CELL_NUMBER.fullmatch(texts[at])] if row - start >= _TABLE_NUMBERS else []
        if len(numbers) >= _TABLE_NUMBERS:
            named = [at for at in range(start, row) if forms["cell_unit"].sub("", _GLOSS.sub("", texts[at])) in items]
            # 2025E / 2026E / 2027E / 归母净利(亿) / 3.2 / 4.1 / 5.0: under years marked as a forecast's one item will do
            is_forecast = sum(_FORECAST_YEAR.fullmatch(texts[at]) is not None for at in range(start, row)) >= _TABLE_ITEMS
            if len(named) >= (1 if is_forecast else _TABLE_ITEMS):
                cells = range(max(start, named[0] - _TABLE_HEADS), max(named[-1], numbers[-1]) + 1)
            else:
                cells = _rows_between(classes, texts, numbers, range(start, row), forms)
            for at in cells:
                found[at] = "cell"
        start = row + 1
    return found


def _priced(classes: list[str], texts: list[str], forms: Forms) -> list[str]:
    """Return the classes, the rows below a head that gives their unit marked as cells: 地区 外三元(元/公斤) 涨跌, then 山东 21.02 +0.02.

    Such rows are quotations by their shape; those of a quotation box have a head without units, or none.
    """
    found = list(classes)
    for head, text in enumerate(texts):
        if not forms["unit_head"].search(text) or not any(name in SENTENCES for name in classes[:head]):
            continue
        columns, end = len(text.split()), head + 1
        while end < len(texts) and len(cells := texts[end].split()) == columns and all(map(_CELL_NUMBER.fullmatch, cells[1:])):
            end += 1
        if columns > 1 and end - head > _TABLE_ROWS:
            found[head:end] = ["cell"] * (end - head)
    return found


def _barred(classes: list[str], texts: list[str], forms: Forms) -> list[str]:
    """Return the classes, rows below a sentence that the same mark divides into as many cells marked as such: 禾晴 HD-12A / 12L / 38dB / $8,990.

    Their figures have a unit or a decimal: a list of dated links has days and counts, a quotation box stands above the text or says 涨跌幅.
    """
    found, end = list(classes), 0
    divisions = [[text.count(mark) for text in texts] for mark in _CELL_MARKS]
    for row in sorted({row for counts in divisions for row, count in enumerate(counts) if count >= _CELL_DIVISIONS}):
        if row < end:
            continue
        divided = (_divided_by(counts, row) for counts in divisions)
        end = max((until for until in divided if until - row >= _TABLE_ROWS), default=row)
        rows = range(row, end)
        told = sum(forms["cell_figure"].search(texts[at]) is not None for at in rows)
        is_own = any(name in SENTENCES for name in classes[:row]) and forms["quotation_head"].search(texts[row]) is None
        if rows and is_own and told >= len(rows) - 1 and all(classes[at] in (*_CELLS, "furniture", "menu") for at in rows):
            found[row:end] = ["cell"] * len(rows)
    return found


def _divided_by(counts: list[int], row: int) -> int:
    """Return behind which line the rows end that a mark, which stands so often in each line, divides into as many cells as the line at `row`."""
    end = row
    while counts[row] >= _CELL_DIVISIONS and end < len(counts) and counts[end] == counts[row]:
        end += 1
    return end


def _rows_between(classes: list[str], texts: list[str], numbers: list[int], run: range, forms: Forms) -> range:
    """Return the lines of a run that are rows of cells, a cell a line, all with their numbers in the same columns; else none.

    Only between two sentences of the article, of which the first may lead on to it (有一张表:), or where its source or a note stands below it: quotations
    and lists of shares have such rows too, and stand outside or say 涨跌幅.
    """
    steps = [after - before for before, after in pairwise(numbers)]
    for columns in range(2, _TABLE_COLUMNS + 1):
        # numbers in the same columns: their steps come again with each row
        width = next((size for size in range(1, columns) if sum(steps[:size]) == columns), None)
        if width is None or len(numbers) < _TABLE_ROWS * width or len(numbers) % width or any(step != steps[at % width] for at, step in enumerate(steps)):
            continue
        first = max(numbers[-1] - columns * (len(numbers) // width) + 1, run.start)
        head = max(first - columns, run.start)
        # 禾昌近六季营收 may head the table
        is_told = numbers[-1] + 1 < len(texts) and forms["below_table"].search(texts[numbers[-1] + 1]) is not None
        is_opened = head - run.start <= 1 and run.start and classes[run.start - 1] in (*SENTENCES, "label")
        is_between = run.start and run.stop < len(texts) and (is_told or (is_opened and classes[run.stop] in SENTENCES))
        is_quoted = any(forms["quotation_head"].search(text) for text in texts[head:first]) and not (is_told and any(name in SENTENCES for name in classes[run.stop :]))
        return range(head, numbers[-1] + 1) if is_between and not is_quoted else range(0)
    return range(0)


def _parted(classes: list[str], texts: list[str], forms: Forms) -> list[str]:
    """Return the classes, what numbers the parts of the text in their order marked as such, each above its part: 01, 02, 03 by themselves, or headings
    with their numbers, 一、概况 and 二、毛利率. Counters, ranks and the points of a list of links are in no such order, or above no text.
    """
    found = list(classes)
    for form in ("part_number", "part_heading"):
        rows, wanted = [], 1
        for row, text in enumerate(texts):
            match = forms[form].search(text) if classes[row] in ("scrap", "link") else None
            number = match and (int(match[1]) if match[1] else _PART_NUMBERS.index(match[2]) % 10 + 1)
            if number == wanted and _stands_above_text(classes, row):
                rows, wanted = [*rows, row], wanted + 1
        for row in rows if len(rows) >= _PARTS else ():
            found[row] = "part"
    return _ornamented(found, texts, forms)


def _ornamented(classes: list[str], texts: list[str], forms: Forms) -> list[str]:
    """Return the classes, headings set off by the same ornament marked as parts: ▍住宿, ▍吃什么. Two stand above text; below others a list may come first."""
    headings: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        if classes[row] in ("scrap", "link") and len(text) <= _CELL_CHARS and (match := forms["ornamented"].search(text)):
            headings.setdefault(match[0], []).append(row)
    found = list(classes)
    for rows in headings.values():
        above = [row for row in rows if _stands_above_text(classes, row)]
        for row in rows:
            if len(above) >= _PARTS and row >= above[0] and any(name in SENTENCES for name in classes[row + 1 : row + 1 + _LINES_BELOW]):
                found[row] = "part"
    return found


def _stands_above_text(classes: list[str], row: int) -> bool:
    """Return whether a sentence follows a line, at most a heading, buttons (播报, 编辑) and short sentences between them."""
    below = (name for name in classes[row + 1 : row + 1 + _LINES_BELOW] if name not in (*_BESIDE, "remark"))
    return any(name in (*SENTENCES, "label") for name in islice(below, _PART_LINES))


def _headed(classes: list[str], texts: list[str], forms: Forms) -> list[str]:
    """Return the classes, short lines that the table of contents names marked as what they head."""
    contents = find_contents(texts, forms)
    if not contents:
        return classes
    names = [forms["entry_number"].sub("", text) for text in texts]
    entries, end = {names[row] for row in contents}, max(contents)
    found, is_heading = list(classes), False
    for row in reversed(range(end + 1, len(texts))):
        if classes[row] in _BESIDE and names[row] not in entries:
            continue
        # a heading may stand above that of its first part: 历史 [编辑] / 重建 [编辑]
        is_heading = names[row] in entries and classes[row] in (*SCRAPS, "menu") and (is_heading or _stands_above_text(classes, row))
        if is_heading:
            found[row] = "part"
    return found


def _answered(classes: list[str], texts: list[str], forms: Forms) -> list[str]:
    """Return the classes, the line above each further answer on a page of questions marked as such.

    Each site closes its answers in its own way (▲ 赞同 346, 👍 有帮助 31): as the first answer is closed, so are the others. What readers
    say of an answer is closed otherwise.
    """
    if not any(forms["asks"].search(text) for text in texts):
        return classes
    found, closing = list(classes), None
    if "answer" in classes:
        # 2 条评论 below the question opens nothing above the first answer
        first = classes.index("answer")
        found[:first] = ["menu" if name == "comments" else name for name in classes[:first]]
    for row, text in enumerate(texts):
        approval = forms["approval"].search(text)
        if approval is None or (closing is not None and closing != _DIGITS.sub("0", approval[0])):
            continue
        # between an answer and what closes it stands at most when it was edited
        end = row if row and classes[row - 1] in SENTENCES else row - 1
        start = max(end, 0)
        while start and classes[start - 1] not in _APART:
            start -= 1
        if any(name in SENTENCES for name in classes[start:end]):
            closing = _DIGITS.sub("0", approval[0])
            if start:
                found[start - 1] = "answer"
    return found


def _counted(classes: list[str], texts: list[str], forms: Forms) -> list[str]:
    """Return the classes, the number of comments above their tabs marked as what opens them: 评论 618 / 最热 / 最新. In a bar of buttons it opens nothing."""
    return [
        "comments" if forms["comment_count"].search(text) and forms["comment_order"].search(below) else name
        for name, text, below in zip(classes, texts, [*texts[1:], ""], strict=True)
    ]  # fmt: skip


def _replied(classes: list[str], texts: list[str], forms: Forms) -> list[str]:
    """Return the classes, the first of several replies below the text marked as what opens them, where no line says so.

    A reply has its time in a line, and says what it is (发表于 2024-3-18 23:04) or has a button to reply to it: 小静 / 2022-03-13 21:40 /
    请问可以用过滤水吗? / 回覆.
    """
    first = next((row for row, name in enumerate(classes) if name in SENTENCES), len(classes))
    times = [row for row in range(first + 1, len(texts)) if forms["posted"].search(texts[row])]
    is_closed = (any(forms["reply_button"].search(text) for text in texts[row + 1 : min(end, row + _REPLY_LINES)]) for row, end in pairwise([*times, len(texts)]))
    replies = [row for row, closed in zip(times, is_closed, strict=True) if closed or not texts[row][0].isdigit()]
    if len(replies) < _REPLIES or any(forms["asks"].search(text) for text in texts):
        return classes
    # who replies stands above the time, or below his button
    opening = replies[0] - 1 if classes[replies[0] - 1] in SCRAPS else replies[0]
    return [*classes[:opening], "comments", *classes[opening + 1 :]]


def find_contents(texts: list[str], forms: Forms) -> set[int]:
    """Return the rows of a table of contents: 目录 and the lines below it that stand again further down.

    An entry's number may have a line of its own, and a tab stand between (文章目录 / 站点概览 / 1. 现象).
    """
    found: set[int] = set()
    heads = [row for row, text in enumerate(texts) if forms["contents"].search(text)]
    if not heads:
        return found
    # 食材, above 食材(2人份)
    names = [_BRACKETED.sub("", forms["entry_number"].sub("", text)) for text in texts]
    last = {name: row for row, name in enumerate(names)}
    for start in heads:
        entries, row = [], start + 1
        while row < len(texts) and (last[names[row]] > row or _DIGITS.fullmatch(texts[row]) or row == start + 1):
            if last[names[row]] > row and not _DIGITS.fullmatch(texts[row]):
                entries.append(row)
            row += 1
        if len(entries) > 1:
            found.update(range(start, entries[-1] + 1))
    return found
