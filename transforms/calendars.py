"""Calendar and fiscal years, and the periods they are divided into: pure date arithmetic."""

import calendar
import functools
import re
from dataclasses import dataclass
from datetime import date, timedelta

from transforms.lexicon import Lexicon

_WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
# What a year is divided into: part of a label -> (first quarter, last quarter).
_QUARTERS = {
    "": (1, 4), "Q1": (1, 1), "Q2": (2, 2), "Q3": (3, 3), "Q4": (4, 4), "H1": (1, 2), "H2": (3, 4), "Q1-Q3": (1, 3),
    "Q2-Q3": (2, 3), "Q2-Q4": (2, 4),
}  # fmt: skip
_PARTS_OF_MONTHS = {
    ("01", "03"): "Q1", ("04", "06"): "Q2", ("07", "09"): "Q3", ("10", "12"): "Q4", ("01", "06"): "H1", ("07", "12"): "H2", ("01", "09"): "Q1-Q3",
}  # fmt: skip
_CUMULATED = {"H1", "Q1-Q3"}
# The year up to the end of a quarter.
SO_FAR = {"Q1": "Q1", "Q2": "H1", "Q3": "Q1-Q3", "Q4": ""}
_GRANULARITIES = {"": "year", "H1": "half", "H2": "half", "Q2-Q3": "half", "Q1-Q3": "nine_months", "Q2-Q4": "nine_months"}
_MOST_ITEMS = 40  # a longer list is no list of figures
_LABEL = re.compile(r"(?P<fiscal>FY)?(?P<year>[0-9]{4})?(?P<part>Q[1-4](?:-Q[1-4])?|H[12])?")
_MONTH_LABEL = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})")


@dataclass(frozen=True)
class FiscalCalendar:
    """When a company's years and quarters begin and end; without an entity, the calendar's own year."""

    entity: str | None = None
    year_end_month: int = 12
    year_end_rule: str = "month_end"
    year_offset: int = 0
    quarter_weeks: tuple[int, ...] = (13, 13, 13, 13)
    long_quarter: int = 4

    @property
    def is_fiscal(self) -> bool:
        """Whether labels of this calendar carry FY."""
        return self.entity is not None

    def year_end(self, year: int) -> date:
        """Return the last day of the year that the company calls `year`."""
        return _year_end(self.year_end_month, self.year_end_rule, year - self.year_offset)

    def quarter_bounds(self, year: int, quarter: int) -> tuple[date, date]:
        """Return first and last day of a quarter; in a year of 53 weeks the long quarter has one more."""
        start, end = self.year_end(year - 1) + timedelta(days=1), self.year_end(year)
        if self.year_end_rule == "month_end":
            first = _add_months(start, 3 * (quarter - 1))
            return first, _add_months(first, 3) - timedelta(days=1)
        weeks = list(self.quarter_weeks)
        weeks[self.long_quarter - 1] += ((end - start).days + 1) // 7 - sum(weeks)
        first = start + timedelta(weeks=sum(weeks[: quarter - 1]))
        return first, first + timedelta(weeks=weeks[quarter - 1]) - timedelta(days=1)

    def locate(self, day: date) -> tuple[int, int]:
        """Return year and quarter in which a day lies."""
        return _locate(self, day)


CALENDAR = FiscalCalendar()


@dataclass(frozen=True)
class Period:
    """A period as tables carry it. `start` and `end` are null where the text names no year."""

    label: str
    start: date | None
    end: date | None
    granularity: str | None
    is_cumulated: bool

    @functools.cached_property
    def year(self) -> int | None:
        """Year the label is counted in; null for a label without one."""
        match = re.match(r"(?:FY)?([0-9]{4})", self.label)
        return int(match[1]) if match else None

    @functools.cached_property
    def part(self) -> str | None:
        """Q3, H1, Q1-Q3, or the empty string for a whole year; null for months and days."""
        match = _LABEL.fullmatch(self.label)
        return (match["part"] or "") if match else None

    @property
    def is_fiscal(self) -> bool:
        """Whether the label is counted in a company's own year."""
        return self.label.startswith("FY")


@functools.lru_cache(maxsize=1 << 14)
def _locate(fiscal: FiscalCalendar, day: date) -> tuple[int, int]:
    """Return year and quarter of a calendar in which a day lies."""
    year = day.year + fiscal.year_offset - 1
    while fiscal.year_end(year) < day:
        year += 1
    quarter = next(quarter for quarter in (1, 2, 3, 4) if day <= fiscal.quarter_bounds(year, quarter)[1])
    return year, quarter


@functools.lru_cache(maxsize=1 << 14)
def period_of(year: int | None, part: str, fiscal: FiscalCalendar = CALENDAR) -> Period:
    """Return the period of a part of a year: period_of(2025, "Q4", nvidia) is FY2025Q4."""
    first, last = _QUARTERS[part]
    prefix = "FY" if fiscal.is_fiscal and year else ""
    label = f"{prefix}{year or ''}{part}"
    start, end = (fiscal.quarter_bounds(year, first)[0], fiscal.quarter_bounds(year, last)[1]) if year else (None, None)
    return Period(label, start, end, _GRANULARITIES.get(part, "quarter"), part in _CUMULATED)


def undated_fiscal(year: int, part: str) -> Period:
    """Return a fiscal period of a company whose calendar is not known: a label without dates."""
    return Period(f"FY{year}{part}", None, None, _GRANULARITIES.get(part, "quarter"), part in _CUMULATED)


@functools.lru_cache(maxsize=1 << 14)
def month_of(year: int | None, month: int) -> Period:
    """Return a calendar month: 2024-09, or 09 without a year."""
    if year is None:
        return Period(f"{month:02d}", None, None, "month", False)
    start = date(year, month, 1)
    return Period(f"{year}-{month:02d}", start, _add_months(start, 1) - timedelta(days=1), "month", False)


@functools.lru_cache(maxsize=1 << 14)
def day_of(year: int | None, month: int, day: int) -> Period | None:
    """Return a day: 2025-02-26, or 02-26 without a year; None if there is no such day."""
    if day < 1 or not 1 <= month <= 12 or day > calendar.monthrange(year or 2024, month)[1]:
        return None
    if year is None:
        return Period(f"{month:02d}-{day:02d}", None, None, "day", False)
    return Period(date(year, month, day).isoformat(), date(year, month, day), date(year, month, day), "day", False)


@functools.lru_cache(maxsize=1 << 14)
def span_of(first: Period, last: Period) -> Period:
    """Return the period from one to another, under its own name if it has one: 2023-01 to 2023-09 is 2023Q1-Q3."""
    if first == last:
        return first
    if first.label == "Q1" and last.label in ("Q2", "Q3"):
        # Q1-3 of a text that names no year
        return period_of(None, SO_FAR[last.label])
    if first.start is None or last.end is None:
        # 今年1-6月 where nothing tells the year
        part = _PARTS_OF_MONTHS.get((first.label, last.label))
        return period_of(None, part) if part else Period(f"{first.label}/{last.label}", None, None, None, False)
    for part in ("Q1", "Q2", "Q3", "Q4", "H1", "H2", "Q1-Q3", "Q2-Q3", "Q2-Q4", ""):
        whole = period_of(first.start.year, part)
        if (whole.start, whole.end) == (first.start, last.end) and not first.is_fiscal:
            return whole
    if first.is_fiscal and first.part and last.part and first.year == last.year:
        label = f"{first.part[:2]}-{last.part[-2:]}"
        part = {"Q1-Q4": "", "Q1-Q2": "H1", "Q3-Q4": "H2"}.get(label, label)
        return Period(f"FY{first.year}{part}", first.start, last.end, _GRANULARITIES.get(part, "quarter"), part in _CUMULATED)
    months = (last.end.year - first.start.year) * 12 + last.end.month - first.start.month + 1
    granularity = "multi_year" if months > 12 else "nine_months" if months == 9 else "duration"
    is_cumulated = months < 12 and (first.start.month, first.start.day) == (1, 1)
    return Period(f"{first.label}/{last.label}", first.start, last.end, granularity, is_cumulated)


def list_of(periods: list[Period], fiscal: FiscalCalendar = CALENDAR) -> Period:
    """Return the period that several make up: the span of them, or where some between are left out 2018,2019,2021."""
    span = span_of(periods[0], periods[-1])
    if len(periods) < 3 or span.start is None or "/" not in span.label or expand_period(span, fiscal) == periods:
        return span
    return Period(",".join(period.label for period in periods), span.start, span.end, span.granularity, False)


def ending_on(day: Period, fiscal: FiscalCalendar = CALENDAR) -> Period | None:
    """Return the year to date that ends on a day: figures of a flow 截至2022年末 are those of 2022; None for other days."""
    if day.end is None:
        return None
    year, quarter = fiscal.locate(day.end)
    if fiscal.quarter_bounds(year, quarter)[1] != day.end:
        return None
    return period_of(year, ("Q1", "H1", "Q1-Q3", "")[quarter - 1], fiscal)


def expand_period(period: Period, fiscal: FiscalCalendar = CALENDAR) -> list[Period]:
    """Return the years, quarters or months that a range or a list runs over: 2023/2025 is 2023, 2024, 2025.

    What 分别为 distributes its figures over. A period that is neither is returned alone.
    """
    if "," in period.label:
        return [parse_label(label, fiscal) for label in period.label.split(",")]
    if "/" not in period.label:
        return [period]
    first, last = (parse_label(label, fiscal) for label in period.label.split("/"))
    if not first or not last or not first.start or not last.end or first.granularity != last.granularity:
        return [period]
    items = [first]
    while items[-1].start < last.start and len(items) < _MOST_ITEMS:
        items.append(_next_period(items[-1], fiscal))
    return items if items[-1] == last else [period]


def _next_period(period: Period, fiscal: FiscalCalendar) -> Period:
    """Return the period of the same size just after."""
    if period.granularity == "month":
        after = period.end + timedelta(days=1)
        return month_of(after.year, after.month)
    if period.granularity == "day":
        after = period.end + timedelta(days=1)
        return day_of(after.year, after.month, after.day)
    if period.part in ("H1", "H2"):
        year = period.year + (period.part == "H2")
        return _rebuild(period, year, "H2" if period.part == "H1" else "H1", fiscal)
    if period.part in ("", "Q1-Q3"):
        return shift_year(period, 1, fiscal)
    return shift_quarter(period, 1, fiscal)


def shift_year(period: Period, years: int, fiscal: FiscalCalendar = CALENDAR) -> Period:
    """Return the same period `years` later: -1 is 上年同期. A label without a year stays as it is."""
    if period.year is None:
        return period
    if period.part is not None:
        if period.is_fiscal and not fiscal.is_fiscal:
            return undated_fiscal(period.year + years, period.part)
        return period_of(period.year + years, period.part, fiscal if period.is_fiscal else CALENDAR)
    if "/" in period.label:
        first, last = (shift_year(parse_label(label, fiscal), years, fiscal) for label in period.label.split("/"))
        return span_of(first, last)
    if period.granularity == "month":
        return month_of(period.year + years, period.start.month)
    # 29 February has no counterpart: the last day of the month stands for it
    return day_of(period.year + years, period.start.month, min(period.start.day, calendar.monthrange(period.year + years, period.start.month)[1]))


def shift_quarter(period: Period, quarters: int, fiscal: FiscalCalendar = CALENDAR) -> Period:
    """Return the quarter `quarters` after the one in which `period` ends: -1 is 上个季度. Without a year, only Q1-Q4 turn."""
    last = _QUARTERS[period.part][1] if period.part is not None else None
    if last is None:
        if period.end is None:
            return period
        year, last = CALENDAR.locate(period.end)
    else:
        year = period.year
    turns, quarter = divmod(last - 1 + quarters, 4)
    return _rebuild(period, None if year is None else year + turns, f"Q{quarter + 1}", fiscal)


def _rebuild(period: Period, year: int | None, part: str, fiscal: FiscalCalendar) -> Period:
    """Return part of year in the way `period` is counted."""
    if period.is_fiscal and not fiscal.is_fiscal:
        return undated_fiscal(year, part)
    return period_of(year, part, fiscal if period.is_fiscal else CALENDAR)


def previous_period(period: Period, fiscal: FiscalCalendar = CALENDAR) -> Period:
    """Return the period of the same size just before: what 环比 compares with."""
    if period.granularity == "month" and period.start:
        before = period.start - timedelta(days=1)
        return month_of(before.year, before.month)
    if period.part in ("H1", "H2"):
        year = period.year if period.part == "H2" or period.year is None else period.year - 1
        return _rebuild(period, year, "H1" if period.part == "H2" else "H2", fiscal)
    if period.part in ("", "Q1-Q3"):
        return shift_year(period, -1, fiscal)
    return shift_quarter(period, -1, fiscal)


@functools.lru_cache(maxsize=4096)
def parse_label(label: str, fiscal: FiscalCalendar = CALENDAR) -> Period | None:
    """Return the period a label names; None for a duration or an unknown form."""
    if "," in label:
        items = [parse_label(item, fiscal) for item in label.split(",")]
        return list_of(items, fiscal) if all(items) else None
    if "/" in label:
        first, last = (parse_label(part, fiscal) for part in label.split("/", 1))
        return span_of(first, last) if first and last else None
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", label):
        return day_of(*(int(part) for part in label.split("-")))
    if match := _MONTH_LABEL.fullmatch(label):
        return month_of(int(match["year"]), int(match["month"]))
    match = _LABEL.fullmatch(label)
    if not label or not match:
        return None
    year, part = int(match["year"]) if match["year"] else None, match["part"] or ""
    if match["fiscal"] and not fiscal.is_fiscal:
        return undated_fiscal(year, part)
    return period_of(year, part, fiscal if match["fiscal"] else CALENDAR)


@functools.lru_cache(maxsize=8)
def read_calendars(lexicon: Lexicon) -> dict[str, FiscalCalendar]:
    """Return the fiscal calendar of each company that has one of its own."""
    return {
        row["entity"]: FiscalCalendar(
            row["entity"], row["year_end_month"], row["year_end_rule"], row["year_offset"],
            tuple(int(weeks) for weeks in row["quarter_weeks"] or ("13", "13", "13", "13")), row["long_quarter"] or 4,
        )
        for row in lexicon["fiscal_calendars"].iter_rows(named=True)
    }  # fmt: skip


@functools.lru_cache(maxsize=4096)
def _year_end(month: int, rule: str, year: int) -> date:
    """Return the day that ends a company's year in (or nearest to the end of) a month."""
    month_end = date(year, month, calendar.monthrange(year, month)[1])
    if rule == "month_end":
        return month_end
    kind, weekday = rule.split("_")
    back = (month_end.weekday() - _WEEKDAYS[weekday]) % 7
    last = month_end - timedelta(days=back)
    return last + timedelta(days=7) if kind == "nearest" and back > 3 else last


def _add_months(day: date, months: int) -> date:
    """Return the first of the month, `months` later."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)
