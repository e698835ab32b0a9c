"""What the groups of a period rule mean, and which period that is once the document is known."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from transforms.calendars import (
    CALENDAR,
    SO_FAR,
    FiscalCalendar,
    Period,
    day_of,
    month_of,
    period_of,
    shift_quarter,
    shift_year,
    span_of,
    undated_fiscal,
)

_DIGITS = {digit: number for number, digit in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_NUMERAL = re.compile(r"[0-9]+|[一二两三四五六七八九十]+")
SINCE_JANUARY = {3: "Q1", 6: "H1", 9: "Q1-Q3", 12: ""}
# groups that say how long a span is that ends on a day; 止六个月 says it itself
_SPANS = {"span_months": None, "span_quarter": 3, "span_half": 6, "span_year": 12}
# kinds of period_words that shift a year, and from where they count
_YEAR_WORDS = {
    "relative_year": "today", "fiscal_relative_year": "fiscal_today", "previous_year": "report", "governing_year": "governing",
}  # fmt: skip
_POINTERS = (
    "relative_quarter", "relative_month", "same_period", "report_period", "report_end", "report_start", "year_to_date", "reported_to_date",
)  # fmt: skip


@dataclass(frozen=True)
class Moment:
    """One period as written: what it names outright, and what it leaves to its surroundings."""

    year: int | None = None
    year_from: str | None = None  # today, fiscal_today, report or governing: where a relative year counts from
    shift: int = 0
    is_fiscal: bool = False
    part: str | None = None
    month: int | None = None
    last_month: int | None = None
    day: int | None = None
    edge: str | None = None
    pointer: str | None = None
    word: str = ""

    @property
    def has_year(self) -> bool:
        """Whether the words themselves fix the year, outright or by 去年."""
        return self.year is not None or self.year_from is not None


@dataclass
class Surroundings:
    """What a period's words may lean on, at one place of a document."""

    published: date | None = None
    today: date | None = None  # when the text was written, told or estimated
    report: Period | None = None
    fiscal: FiscalCalendar = CALENDAR
    sentence: Period | None = None  # last dated period of the same sentence
    paragraph: Period | None = None
    sentence_date: Period | None = None
    last_date: Period | None = None
    is_year_reported: bool = False  # 年内 is the year reported on, not the one the text was written in
    by_part: dict[str, tuple[Period, int | None]] = field(default_factory=dict)  # H2 -> what 今年下半年 was earlier in the text, and the only block it is so in
    named_years: Mapping[str, Mapping[int, int]] = field(default_factory=dict)  # Q1 -> {2025: number of the first block that says 2025年一季度}
    block_no: int = 0
    is_ahead: bool = False  # something is expected beside the period at hand

    @property
    def governing(self) -> Period | None:
        """The period that the words at hand continue."""
        return self.sentence or self.paragraph or self.report


def read_moments(groups: dict[str, str], words: dict[str, str]) -> list[Moment]:
    """Return the periods that the groups name: one, the two ends of a range, or the items of a list."""
    if "years" in groups:
        years = re.findall(r"[0-9]{2,4}|[一二][〇零一二三四五六七八九]{3}", groups["years"])
        return [Moment(year=read_year(year), is_fiscal="is_fiscal" in groups, part="") for year in years]
    if "quarters" in groups:
        numbers = [_number(digit) for digit in re.findall("[1-4一二三四]", groups["quarters"])]
        is_range = len(numbers) == 2 and not re.search("[、/,和及与]", groups["quarters"])
        first = _read_moment(groups, words)
        quarters = range(numbers[0], numbers[1] + 1) if is_range else numbers
        return [replace(first, part=f"Q{quarter}") for quarter in quarters]
    if "months_list" in groups:
        first = _read_moment(groups, words)
        return [replace(first, month=int(month)) for month in re.findall("[0-9]+", groups["months_list"])]
    first = _read_moment(groups, words)
    if "fiscal_end" in groups:
        last = replace(first, year=read_year(groups["fiscal_end"]))
        # 2024/25财年 is the year that ends in 2025, 2023-25财年 three years
        return [last] if last.year == first.year + 1 else [first, last]
    rest = {name.removeprefix("to_"): text for name, text in groups.items() if name.startswith("to_")}
    if not rest:
        return [first]
    last = _read_moment(rest, words)
    # 5月1日至5日, 2022年Q3至Q4, 23-25年: the end takes from the beginning what it does not say
    last = replace(
        last,
        year=last.year if last.has_year else first.year, year_from=last.year_from if last.has_year else first.year_from,
        shift=last.shift if last.has_year else first.shift, is_fiscal=last.is_fiscal or first.is_fiscal,
        month=last.month or first.month if last.day else last.month,
    )  # fmt: skip
    if first.part is None and first.month is None and first.year and last.year:
        first, last = replace(first, part="", is_fiscal="is_fiscal" in groups), replace(last, part="", is_fiscal="is_fiscal" in groups)
    return [replace(first, is_fiscal=last.is_fiscal), last]


def _read_moment(groups: dict[str, str], words: dict[str, str]) -> Moment:
    """Return one period from its groups."""
    said: dict = {}
    for kind, source in _YEAR_WORDS.items():
        if kind in groups:
            said |= {"year_from": source, "shift": int(words[groups[kind]]), "is_fiscal": source == "fiscal_today", "part": ""}
    if "year" in groups or "fiscal_year" in groups:
        text = groups.get("year") or groups["fiscal_year"]
        said |= {"year": read_year(text), "is_fiscal": "fiscal_year" in groups, "part": ""}
    if "roc_year" in groups:
        said |= {"year": int(_NUMERAL.search(groups["roc_year"])[0]) + 1911, "part": ""}
    for pointer in _POINTERS:
        if pointer in groups:
            said |= {"pointer": pointer, "shift": int(words[groups[pointer]]), "word": groups[pointer]}
    if "same" in groups:
        said |= {"pointer": "same_part", "part": None}
    _read_part(said, groups, words)
    if "month" in groups:
        said |= {"month": _number(groups["month"]), "part": None}
    if "containing" in groups:
        said["pointer"] = "containing_quarter"
    if "day" in groups:
        said |= {"day": _number(groups["day"]), "part": None}
    said |= {"is_fiscal": True} if "of_fiscal" in groups else {}
    return Moment(**said, edge="end" if "end" in groups else "start" if "start" in groups else None)


def _read_part(said: dict, groups: dict[str, str], words: dict[str, str]) -> None:
    """Add the part of the year that the groups name to the fields of a moment."""
    for kind in ("quarter", "short_quarter", "fiscal_quarter"):
        if kind in groups:
            said |= {"part": f"Q{_value(groups[kind], words)}", "is_fiscal": said.get("is_fiscal", False) or kind == "fiscal_quarter"}
    for kind in ("half", "fiscal_half", "half_report", "interim"):
        if kind in groups:
            said |= {"part": f"H{_value(groups[kind], words)}", "is_fiscal": said.get("is_fiscal", False) or kind == "fiscal_half"}
    for kind in ("cumulated", "quarterly_report"):
        if kind in groups:
            number = _value(groups[kind], words)
            # 二季报 is about the quarter, 三季报 about the nine months that A-shares report
            said["part"] = "Q2" if kind == "quarterly_report" and number == 2 else SO_FAR[f"Q{number}"]
    if groups.keys() & {"whole", "annual_report", "final"}:
        said["part"] = ""
    if "months" in groups:
        number = _value(groups["months"], words)
        part = SINCE_JANUARY.get(number)
        said |= {"part": part} if part is not None else {"part": None, "month": 1, "last_month": number}


def _value(text: str, words: dict[str, str]) -> int:
    """Return the number of a part: what the word stands for, else the numeral in it."""
    return int(words[text]) if text in words else _number(_NUMERAL.search(text)[0])


def _number(text: str) -> int:
    """Return a numeral up to 99: 12, 十二, 二十六."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    return (10 * (_DIGITS[tens] if tens else 1) if ten else 0) + (_DIGITS[ones] if ones else 0)


def read_year(text: str) -> int:
    """Return a year in full: 24 is 2024, 98 is 1998, 二〇二四 is 2024."""
    digits = "".join(character if character.isdecimal() else str(_DIGITS[character]) for character in text)
    return int(digits) if len(digits) == 4 else int(digits) + (2000 if int(digits) <= 50 else 1900)


def resolve_moments(moments: Sequence[Moment], around: Surroundings) -> list[Period]:
    """Return the periods meant, in order; those that cannot be told are left out."""
    if len(moments) == 2 and all(moment.month and not moment.day and not moment.has_year for moment in moments) and moments[0].month < moments[1].month:
        # 1-11月: the first month lies in the year of the last
        year, part = _infer_month_year(moments[1].month, 1, around), SINCE_JANUARY.get(moments[1].month)
        if year is None and moments[0].month == 1 and part:
            return [period_of(None, part)]
        moments = [replace(moment, year=year) for moment in moments]
    return [period for moment in moments if (period := resolve_moment(moment, around))]


def resolve_moment(moment: Moment, around: Surroundings) -> Period | None:
    """Return the period meant, or None where nothing tells."""
    if moment.pointer:
        period = _follow_pointer(moment, around)
    elif moment.day is not None:
        period = _resolve_day(moment, around)
    elif moment.month is not None:
        # 前11月 ended in November: the last month tells the year
        year = _year_of(moment, around) if moment.has_year else _infer_month_year(moment.last_month or moment.month, 1, around)
        period = month_of(year, moment.month)
        if moment.last_month:
            period = span_of(period, month_of(year, moment.last_month))
    elif moment.part is not None:
        period = _resolve_part(moment, around)
    elif moment.edge and moment.is_fiscal and around.fiscal.is_fiscal and around.today:
        # 财年末 in a report on a year is the end of that one
        is_reported = around.report and around.report.part == ""
        period = around.report if is_reported else period_of(around.fiscal.locate(around.today)[0], "", around.fiscal)
    elif moment.edge:
        year = around.today.year if around.today else None
        period = period_of(year, "")
    else:
        return None
    return _at_edge(period, moment.edge) if period and moment.edge else period


def _resolve_part(moment: Moment, around: Surroundings) -> Period | None:
    """Return a year or a part of one."""
    if not moment.has_year and moment.part and not around.sentence and moment.part in around.by_part:
        said, block_no = around.by_part[moment.part]
        if block_no is None or (block_no == around.block_no and around.is_ahead):
            return said
    year = _year_of(moment, around) if moment.has_year else _infer_year(moment.part, around)
    if year is None:
        return period_of(None, moment.part) if moment.part else None
    is_fiscal = moment.is_fiscal or (around.fiscal.is_fiscal and not moment.has_year)
    if not is_fiscal:
        return period_of(year, moment.part)
    return period_of(year, moment.part, around.fiscal) if around.fiscal.is_fiscal else undated_fiscal(year, moment.part)


def _year_of(moment: Moment, around: Surroundings) -> int | None:
    """Return the year that the words fix."""
    if moment.year is not None:
        return moment.year
    if moment.year_from == "governing":
        base = around.governing.year if around.governing else None
    elif moment.year_from == "report" and around.report and around.report.year:
        base = around.report.year
    elif moment.year_from == "fiscal_today" and moment.shift > 0 and around.report and around.report.is_fiscal and around.report.part == "":
        # 新财年 in a report on a year is the one after it, which has begun by then
        base = around.report.year
    elif moment.year_from == "fiscal_today" and around.today:
        base = around.fiscal.locate(around.today)[0] if around.fiscal.is_fiscal else around.report.year if around.report else None
    else:
        base = around.today.year if around.today else None
    return base + moment.shift if base is not None else None


def _infer_year(part: str, around: Surroundings) -> int | None:
    """Return the year of a part that is named without one."""
    is_fiscal = around.fiscal.is_fiscal
    if around.sentence_date and (year := _year_ending_on(around.sentence_date, part, around.fiscal)):
        return year
    if around.sentence and around.sentence.year and around.sentence.is_fiscal == is_fiscal and "/" not in around.sentence.label:
        return around.sentence.year
    report = around.report
    if report is None or report.year is None:
        year = _latest_year(part, around)
        # 公司2025年走得不平顺。上半年营收14.2亿元
        return around.paragraph.year if year is None and around.paragraph and around.paragraph.part == "" and not around.paragraph.is_fiscal else year
    if is_fiscal and report.is_fiscal and report.part == "Q4" and part in ("Q1", "Q2"):
        # asked after the fourth quarter, 第一季度 is the one that has begun
        return report.year + 1
    told = around.paragraph
    if told and told.part == "" and told.year == report.year - 1 and told.is_fiscal == report.is_fiscal and report.part == "Q1" and part in ("Q3", "Q4", "H2", "Q1-Q3"):
        # 2019年营收848亿元。其中Q4营收213亿元, in a text on the year and on the quarter after it
        return told.year
    # a report on 2024 that says 2025年一季度 by now, and never 2024年一季度, means that one by 一季度 too
    named = around.named_years.get(part, {})
    is_next = part in ("Q1", "H1") and report.part in ("", "Q4") and report.year not in named
    is_told = named.get(report.year + 1, around.block_no + 1) <= around.block_no
    return report.year + 1 if is_next and (is_told or around.is_ahead) else report.year


def _year_ending_on(day: Period, part: str, fiscal: FiscalCalendar) -> int | None:
    """Return the year whose part ends on a day: 截至2023年8月31日第一财季 is in New Oriental's 2024."""
    if day.end is None:
        return None
    year, _ = fiscal.locate(day.end)
    return year if period_of(year, part, fiscal).end == day.end else None


def _latest_year(part: str, around: Surroundings) -> int | None:
    """Return the year of the last such part that had begun when the text was published."""
    if around.today is None:
        return None
    year = around.fiscal.locate(around.today)[0]
    period = period_of(year, part or "Q4", around.fiscal)
    return year if period.start <= around.today else year - 1


def _resolve_day(moment: Moment, around: Surroundings) -> Period | None:
    """Return a date; month and year are taken from what stands around it."""
    if moment.month is None:
        base = around.last_date.start if around.last_date else around.published
        if base is None:
            return None
        if base == around.published and moment.day > base.day:
            base = base.replace(day=1) - timedelta(days=1)
        return day_of(base.year, base.month, moment.day)
    year = _year_of(moment, around) if moment.has_year else _infer_month_year(moment.month, moment.day, around)
    return day_of(year, moment.month, moment.day)


def _infer_month_year(month: int, day: int, around: Surroundings) -> int | None:
    """Return the year in which a month lies nearest to the text's own time, rather past than future."""
    told = around.sentence
    # 给予2026年0.7倍PB,较10月30日收盘价: a day of trading lies in no year to come
    is_ahead = told and told.year and day > 1 and around.today and told.year > around.today.year
    if told and told.start and told.granularity in ("year", "month") and not is_ahead:
        return told.start.year
    above = around.paragraph
    is_again = above is not None and above.granularity == "month" and above.start is not None and above.start.month == month
    if is_again:
        # 发布2023年6月份销售情况。6月份,全国共销售487亿元
        return above.start.year
    if around.published:
        months_ahead = month - around.published.month
        return around.published.year - (months_ahead > 7)
    if around.report is None or around.report.end is None:
        return None
    end = around.report.end
    return min((end.year, end.year + 1, end.year - 1), key=lambda year: abs((date(year, month, min(day, 28)) - end).days))


def _follow_pointer(moment: Moment, around: Surroundings) -> Period | None:
    """Return the period that a word such as 上年同期 or 本季度 points to."""
    base = _reported_here(around) if moment.pointer.startswith("report") else around.governing
    if moment.pointer == "containing_quarter":
        year = _year_of(moment, around) if moment.has_year else _infer_month_year(moment.month, 15, around)
        if year is None:
            return None
        return period_of(*_quarter_of(date(year, moment.month, 15), around.fiscal), around.fiscal)
    if moment.pointer == "same_part":
        year = _year_of(moment, around)
        return period_of(year, base.part) if base and base.part is not None and year else None
    if moment.pointer == "reported_to_date":
        return _cumulated(around.report, around.fiscal)
    if moment.pointer == "year_to_date" and around.is_year_reported:
        return around.report
    if moment.pointer == "year_to_date":
        year = around.today.year if around.today else None
        return period_of(year, "") if year else None
    if moment.pointer == "relative_quarter":
        return _relative_quarter(moment, around)
    if moment.pointer == "relative_month":
        return _relative_month(moment, around)
    if base is None:
        return None
    if moment.pointer in ("same_period", "report_period"):
        return shift_year(base, moment.shift, around.fiscal)
    if moment.pointer in ("report_end", "report_start"):
        return _at_edge(shift_year(base, moment.shift, around.fiscal), moment.pointer.removeprefix("report_"))
    return None


# The parts that begin with the year say so themselves.
_SO_FAR = SO_FAR | {"H1": "H1", "H2": "", "Q1-Q3": "Q1-Q3", "": ""}


def _cumulated(report: Period | None, fiscal: FiscalCalendar) -> Period | None:
    """Return the year up to the end of what is reported: of a second quarter, the half year."""
    if report is None or report.year is None or report.part not in _SO_FAR:
        return None
    return period_of(report.year, _SO_FAR[report.part], fiscal)


def _reported_here(around: Surroundings) -> Period | None:
    """Return what 报告期 means in a paragraph: in April many report on the year and on the first quarter, each in its own paragraphs."""
    report, told = around.report, around.paragraph
    is_both = report and told and report.year and report.part == "Q1" and told.part == "" and told.year == report.year - 1
    return told if is_both else report


def _relative_quarter(moment: Moment, around: Surroundings) -> Period | None:
    """Return 本季度, 上个季度, 单季度: counted from now where that is known, else from the governing period; 下季 from the quarter reported on.

    下季营收指引187亿美元 in a text on a quarter is of the one after it, which has begun when the text is written.
    """
    if moment.shift > 0 and around.report is not None and around.report.granularity == "quarter":
        return shift_quarter(around.report, moment.shift, around.fiscal)
    if moment.shift == 0 or around.today is None:
        base = around.governing
        return shift_quarter(base, moment.shift, around.fiscal) if base else None
    today = period_of(*_quarter_of(around.today, around.fiscal), around.fiscal)
    return shift_quarter(today, moment.shift, around.fiscal)


def _relative_month(moment: Moment, around: Surroundings) -> Period | None:
    """Return 本月, 上月, 单月: counted from the month that governs, else from now."""
    told = around.report if around.report and around.report.granularity == "month" else None
    governing = around.governing if around.governing and around.governing.granularity == "month" else told
    base = governing.start if governing else around.published
    if base is None:
        return None
    count = base.year * 12 + base.month - 1 + moment.shift
    return month_of(count // 12, count % 12 + 1)


def _quarter_of(day: date, fiscal: FiscalCalendar) -> tuple[int, str]:
    """Return year and quarter label of a day."""
    year, quarter = fiscal.locate(day)
    return year, f"Q{quarter}"


def _at_edge(period: Period, edge: str) -> Period | None:
    """Return the last or the first day of a period: 2022年末 is 2022-12-31."""
    day = period.end if edge == "end" else period.start
    return day_of(day.year, day.month, day.day) if day else None


def span_months(groups: Mapping[str, str]) -> int | None:
    """Return the length in months of a span that ends on a date, null for other groups: 止六个月 is 6, 止年度 12."""
    named = groups.keys() & _SPANS.keys()
    if not named:
        return None
    return _SPANS[named.pop()] or _number(groups["span_months"])


def resolve_ended(moment: Moment, groups: dict[str, str], around: Surroundings) -> Period | None:
    """Return the span that ends on a date: 2023年6月30日止六个月 is 2023H1."""
    last = _resolve_day(moment, around) if moment.day else resolve_moment(moment, around)
    months = span_months(groups)
    if last is not None and last.end is None and moment.month and not around.fiscal.is_fiscal:
        # 截至6月底止六个月 of a text that tells no year is H1
        part = {9: {9: "Q1-Q3"}, 6: {6: "H1", 12: "H2"}, 3: {3: "Q1", 6: "Q2", 9: "Q3", 12: "Q4"}}.get(months, {}).get(moment.month)
        return period_of(None, part) if part else last
    if last is None or last.end is None:
        return last
    for fiscal in dict.fromkeys((around.fiscal, CALENDAR)):
        year, quarter = fiscal.locate(last.end)
        part = {12: "", 9: "Q1-Q3", 6: f"H{quarter // 2}", 3: f"Q{quarter}"}[months]
        is_whole = quarter == {12: 4, 9: 3}.get(months, quarter) and (months != 6 or quarter in (2, 4))
        if is_whole and fiscal.quarter_bounds(year, quarter)[1] == last.end:
            return period_of(year, part, fiscal)
    return _months_up_to(last.end, months)


def _months_up_to(end: date, months: int) -> Period:
    """Return the months up to a date for a company whose calendar is not known; a year is named after its end."""
    count = end.year * 12 + end.month - months
    start = date(count // 12, count % 12 + 1, 1)
    label = f"FY{end.year}" if months == 12 else f"{start}/{end}"
    granularity = {12: "year", 9: "nine_months", 6: "half", 3: "quarter"}[months]
    return Period(label, start, end, granularity, months == 9)


def read_span(groups: dict[str, str], is_past: bool) -> Period | None:
    """Return a duration in ISO 8601, negative for the past: 两年前 is -P2Y, 三五年 P3Y/P5Y, 半年 P6M; None for 几年."""
    unit = groups["unit"]
    counts = [*read_counts(groups["count"]), *read_counts(groups.get("to_count", ""))]
    if not counts:
        return None
    sign = "-" if is_past or groups.get("side") in ("前", "之前", "以前", "来", "以来", "近") else ""
    label = "/".join(f"{sign}{_iso_duration(count, unit)}" for count in counts)
    return Period(label, None, None, "duration", False)


def _iso_duration(count: str, unit: str) -> str:
    """Return one duration: 1, 年半 is P1Y6M."""
    if count == "0.5":
        return {"年": "P6M", "月": "P15D"}.get(unit[-1], "P0.5D")
    letter = next(letter for word, letter in (("季", "Q"), ("月", "M"), ("年", "Y"), ("周", "W"), ("星期", "W"), ("", "D")) if word in unit)
    if unit == "周年":
        letter = "Y"
    if letter == "Q":
        return f"P{3 * int(count)}M" if count.isdecimal() else f"P{count}Q"
    return f"P{count}{letter}" + ("6M" if unit == "年半" else "15D" if unit == "个半月" else "")


def read_counts(text: str) -> list[str]:
    """Return the numbers of a count: 三五 is 3 and 5, 半 a half; none for 几, 数十 and the like."""
    if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", text):
        return [text]
    if text == "半":
        return ["0.5"]
    if re.fullmatch("[一二两三四五六七八九]{2}", text):
        return [str(_DIGITS[digit]) for digit in text]
    if re.fullmatch("[一二两三四五六七八九]?十?[一二三四五六七八九]?", text) and text:
        return [str(_number(text))]
    return ["100"] if text == "百" else []
