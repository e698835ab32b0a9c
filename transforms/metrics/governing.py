"""Which period a figure is about: the one that governs its clause, and those that lists and comparisons point to."""

from dataclasses import dataclass
from datetime import date

from transforms.calendars import FiscalCalendar, Period, ending_on, parse_label, period_of, shift_quarter, shift_year
from transforms.metrics.tokens import Token

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
        """Whether it is a single day, which governs prices and balances but no flows."""
        return self.granularity == "day"

    @property
    def year(self) -> int | None:
        """The year it is counted in, where it has one."""
        digits = self.label.removeprefix("FY")[:4]
        return int(digits) if len(digits) == 4 and digits.isdigit() else None


# From short to long, for periods whose year nothing tells.
_LENGTHS = ("month", "quarter", "half", "nine_months", "year")


def is_within(part: Governing, whole: list[Governing]) -> bool:
    """Return whether a period is a part of the single one that governs: 2023Q2 of 2023H1."""
    if len(whole) != 1 or part.granularity not in _LENGTHS or whole[0].granularity not in _LENGTHS:
        return False
    outer = whole[0]
    if None not in (part.start, part.end, outer.start, outer.end):
        return outer.start <= part.start and part.end <= outer.end and part.label != outer.label
    return part.start is None and outer.start is None and _LENGTHS.index(part.granularity) < _LENGTHS.index(outer.granularity)


def read_periods(run: Token, offset: int) -> list[Governing]:
    """Return the periods a run of period tokens names, one by one: 2021-2023年 are three, 2022年Q3至2023年Q2 four."""
    periods = [period for member in run.members if (period := _from_token(member, offset))]
    if len(periods) == 2 and run.is_range:
        return _between(*periods)
    if len(periods) == 1 and "/" in periods[0].label:
        first, _, last = periods[0].label.partition("/")
        ends = parse_label(first), parse_label(last)
        if all(ends):
            return _between(*(_from_period(end, periods[0].at) for end in ends))
    return periods


def quarters_of(period: Governing, count: int) -> list[Governing]:
    """Return the quarters of a range that a list is distributed over: Q1~Q4分别为 are four; none for other counts."""
    parsed = parse_label(period.label)
    if parsed is None or parsed.is_fiscal or parsed.part not in _QUARTER_COUNTS or _QUARTER_COUNTS[parsed.part] != count:
        return []
    return [_from_period(period_of(parsed.year, f"Q{number}"), period.at) for number in range(1, count + 1)]


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


def comparison_basis(baseline: Governing, period: Governing | None) -> str:
    """Return the basis of a change against `baseline` (较2019年, 环比23Q1): yoy, qoq, else change."""
    if period is None or baseline.year is None or period.year is None or baseline.is_day:
        return "change"
    if baseline.label == _label(a_year_earlier(period)):
        return "yoy"
    if period.granularity == baseline.granularity == "quarter" and (parsed := parse_label(period.label)):
        return "qoq" if shift_quarter(parsed, -1).label == baseline.label else "change"
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
    """Return the years or quarters from one period to another, both included; the two alone where they differ in kind."""
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
