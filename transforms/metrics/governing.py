"""Which period a figure is about: the one that governs its clause, and those that lists and comparisons point to."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from transforms.calendars import (
    FiscalCalendar,
    Period,
    ending_on,
    month_of,
    parse_label,
    period_of,
    shift_quarter,
    shift_year,
)
from transforms.metrics.tokens import Token

# How many days lie between the ends of two quarters, and of two years.
_QUARTER_DAYS, _YEAR_DAYS = (89, 93), (364, 367)
_PARTS = frozenset({"H1", "Q1", "Q1-Q3", "Q3"})
# 7-9月, 2021年7月至9月
_MONTHS = re.compile("(?:20[0-9]{2}年|[今去]年)?(?P<first>[1-9]|1[0-2])月? ?[-—~～至到]{1,2} ?(?P<last>[1-9]|1[0-2])月(?:份)?")
_QUARTER_COUNTS = {"H1": 2, "Q1-Q3": 3, "": 4}


@dataclass(frozen=True, slots=True)
class Governing:
    """A period with the place where it is named; no place means it is the document's report period."""

    label: str
    start: date | None = None
    end: date | None = None
    granularity: str | None = None
    at: tuple[int, int] | None = None

    @property
    def is_day(self) -> bool:
        """Whether it is a single day, which governs prices and balances but no flows; 10月1-19日 governs flows as well."""
        return self.granularity == "day" and "/" not in self.label

    @property
    def year(self) -> int | None:
        """The year it is counted in, where it has one."""
        digits = self.label.removeprefix("FY")[:4]
        return int(digits) if len(digits) == 4 and digits.isdigit() else None


# Parts of a year that companies report on. From short to long, for periods whose year nothing tells.
PARTS_OF_YEAR = ("quarter", "half", "nine_months")
_LENGTHS = ("month", *PARTS_OF_YEAR, "year")


def is_within(part: Governing, whole: list[Governing]) -> bool:
    """Return whether a period is a part of the single one that governs: 2023Q2 of 2023H1."""
    if len(whole) != 1 or part.granularity not in _LENGTHS or whole[0].granularity not in _LENGTHS:
        return False
    outer = whole[0]
    if None not in (part.start, part.end, outer.start, outer.end):
        return outer.start <= part.start and part.end <= outer.end and part.label != outer.label
    return part.start is None and outer.start is None and _LENGTHS.index(part.granularity) < _LENGTHS.index(outer.granularity)


def runs_to(whole: list[Governing], part: list[Governing]) -> bool:
    """Return whether periods are the time from earlier on to the end of the single one that governs: 1-7月 where 7月 does."""
    if len(part) != 1 or part[0].granularity not in _LENGTHS or part[0].granularity == "year":
        return False
    first, last = whole[0], whole[-1]
    if None not in (part[0].start, part[0].end, first.start, last.end):
        return last.end == part[0].end and first.start < part[0].start
    return (len(whole) > 1 and last.label == part[0].label) or last.label.endswith("/" + part[0].label)


def read_periods(run: Token, offset: int) -> list[Governing]:
    """Return the periods a run of period tokens names, one by one.

    2021-2023年 are three, 2022年Q3至2023年Q2 four; 2022年至2024年及2025年上半年 are four as well, and so is 2017年至2020年上半年.
    """
    periods: list[Governing] = []
    for member, joint in zip(run.members, run.joints, strict=True):
        period = _from_token(member, offset)
        if period is None:
            continue
        if joint == "range" and periods:
            periods[-1:] = _between(periods[-1], period)
        elif joint == "part" and periods and (part := _of_year(period, periods[-1])):
            periods[-1] = part
        else:
            periods += _spread(period)
    return periods


def _spread(period: Governing) -> list[Governing]:
    """Return the years or quarters of a range that is written as one: 2021-2023年."""
    first, _, last = period.label.partition("/")
    ends = [_from_label(label, period) for label in (first, last)] if last else [None]
    return _between(*ends) if all(ends) and not ends[0].is_day else [period]


def _from_label(label: str, whole: Governing) -> Governing | None:
    """Return an end of a range; None for a label that is neither a part of a year nor the last day of the range."""
    if (parsed := parse_label(label)) is not None:
        return _from_period(parsed, whole.at)
    return Governing(label, whole.end, whole.end, "day", whole.at) if whole.end and label == whole.end.isoformat() else None


def _of_year(part: Governing, year: Governing) -> Governing | None:
    """Return 上半年 as that of a year, None where it is no part of one."""
    label = part.label if part.year is None else part.label.removeprefix(str(part.year))
    if year.granularity != "year" or not year.label.isdigit() or label not in _PARTS:
        return None
    return _from_period(period_of(int(year.label), label), part.at)


def quarters_of(period: Governing, count: int) -> list[Governing]:
    """Return the quarters of a range that a list is distributed over: Q1~Q4分别为 are four; none for other counts."""
    parsed = parse_label(period.label)
    if parsed is None or parsed.is_fiscal or parsed.part not in _QUARTER_COUNTS or _QUARTER_COUNTS[parsed.part] != count:
        return []
    return [_from_period(period_of(parsed.year, f"Q{number}"), period.at) for number in range(1, count + 1)]


def months_of(period: Governing, surface: str, count: int) -> list[Governing]:
    """Return the months of a range that a list is distributed over: 7-9月分别为 are three; none for other counts and other words."""
    named = _MONTHS.fullmatch(surface)
    if named is None or int(named["last"]) - int(named["first"]) != count - 1:
        return []
    return [_from_period(month_of(period.year, int(named["first"]) + number), period.at) for number in range(count)]


def a_year_earlier(period: Governing | None) -> Governing | None:
    """Return 上年同期 of a period; None where the label has no year to count from."""
    if period is None or period.year is None:
        return None
    parsed = parse_label(period.label)
    return _from_period(shift_year(parsed, -1), period.at) if parsed else None


def year_to(day: Governing, fiscal: FiscalCalendar) -> Governing | None:
    """Return the year or the quarters that end on a day; None where the day ends no quarter."""
    period = ending_on(Period(day.label, day.start, day.end, "day", False), fiscal)
    return _from_period(period, day.at) if period else None


def is_of_prospectus(periods: list[Governing]) -> bool:
    """Return whether a list of periods is one of years and the part of the year that has passed since: 2022年至2024年及2025年上半年."""
    return len(periods) > 1 and periods[0].granularity == "year" and periods[-1].granularity not in ("year", "day") and None not in (periods[-1].end, periods[0].end) and periods[0].end < periods[-1].end


def comparison_basis(baseline: Governing, period: Governing | None) -> str:
    """Return the basis of a change against `baseline` (较2019年, 环比23Q1): yoy, qoq, else change."""
    if period is None or baseline.year is None or period.year is None:
        return "change"
    if baseline.is_day:
        days = (period.end - baseline.end).days if period.end and baseline.end else 0
        # 6月末拨备覆盖率较一季度末下降; 较年初 is a change of the year so far
        is_quarter_before = _QUARTER_DAYS[0] <= days <= _QUARTER_DAYS[1] and (baseline.end.month, baseline.end.day) not in ((12, 31), (1, 1))
        return "yoy" if _YEAR_DAYS[0] <= days <= _YEAR_DAYS[1] else "qoq" if is_quarter_before else "change"
    if baseline.label == _label(a_year_earlier(period)):
        return "yoy"
    if period.granularity == baseline.granularity == "quarter" and (parsed := parse_label(period.label)):
        return "qoq" if shift_quarter(parsed, -1).label == baseline.label else "change"
    if period.granularity == baseline.granularity == "month" and period.start and baseline.end and baseline.end + timedelta(days=1) == period.start:
        # 10月营收较9月的1,769亿元下滑: from month to month
        return "qoq"
    return "change"


def _label(period: Governing | None) -> str | None:
    """Return the label of a period that may be missing."""
    return period.label if period else None


def _from_token(token: Token, offset: int) -> Governing | None:
    """Return the period of one token; None where stage periods could not resolve it or it is a length of time."""
    norm = token.data.norm
    if not norm or norm.startswith(("P", "-P")):
        return None
    return Governing(*token.data, (token.start + offset, token.end + offset))


def _from_period(period: Period, at: tuple[int, int] | None) -> Governing:
    """Return a computed period as if it stood at `at`."""
    return Governing(period.label, period.start, period.end, period.granularity, at)


def _between(first: Governing, last: Governing) -> list[Governing]:
    """Return the years or quarters from one period to another, both included; the two alone where they differ in kind.

    2022年至2025年上半年 are three years and a half.
    """
    if first.granularity == "year" and first.label.isdigit() and last.year and 0 < last.year - first.year < 10 and last.label.removeprefix(str(last.year)) in _PARTS:
        return [*(_from_period(period_of(year, ""), first.at) for year in range(first.year, last.year)), last]
    if first.granularity == "year" and first.label.isdigit() and last.year and 0 < last.year - first.year < 10 and last.label == f"{last.year}-12-31":
        # 2017年至2019年末: the last days of three years
        days = [date(year, 12, 31) for year in range(first.year, last.year + 1)]
        return [Governing(day.isoformat(), day, day, "day", last.at) for day in days]
    if first.granularity != last.granularity or first.year is None or last.year is None:
        return [first, last]
    if first.granularity == "year" and first.label.isdigit() and 0 <= last.year - first.year < 10:
        return [_from_period(period_of(year, ""), first.at) for year in range(first.year, last.year + 1)]
    if first.granularity == "quarter" and not first.label.startswith("FY"):
        quarters, turn = [], parse_label(first.label)
        while turn and turn.label != last.label and len(quarters) < 12:
            quarters.append(_from_period(turn, first.at))
            turn = shift_quarter(turn, 1)
        return [*quarters, last]
    return [first, last]
