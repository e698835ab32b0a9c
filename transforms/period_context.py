"""A document's periods in the order in which it names them: what it reports on, and what each word leans on."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from transforms.calendars import CALENDAR, FiscalCalendar, Period, period_of, shift_quarter, span_of, undated_fiscal
from transforms.period_meaning import Moment, Surroundings, read_moments, read_span, resolve_ended, resolve_moments

_SENTENCE_END = re.compile("[。!?;\n]")
_PAST = re.compile("(?:近|过去|过去的|最近|此前|以往|之前)[ ]?$")
_REPORT_WORD = re.compile("业绩|财报|年报|季报|中报|报告|预告|快报|公告|财务")
_FORECAST = re.compile("(?:预计|预测|预期|预估|盈利预测|展望|有望|将)[^。;]{0,6}$")
_HEAD = 300  # characters within which an article says what it is about


@dataclass(frozen=True)
class Place:
    """Where a period stands, and what the groups of its rule took."""

    block_no: int
    start_char: int
    end_char: int
    text: str
    offset: int
    groups: Mapping[str, str]
    words: Mapping[str, str]

    @functools.cached_property
    def moments(self) -> list[Moment]:
        """What the words say."""
        return read_moments(self.groups, self.words)

    @property
    def before(self) -> str:
        """The characters in front, within the block."""
        return self.text[max(0, self.offset - 24) : self.offset]

    @property
    def after(self) -> str:
        """The characters behind, within the block."""
        end = self.offset + self.end_char - self.start_char
        return self.text[end : end + 12]


def resolve_document(places: list[Place], published: date | None, fiscal: FiscalCalendar) -> list[Period | None]:
    """Return the period of each place, in order; None where nothing tells."""
    around = Surroundings(published=published, fiscal=fiscal, report=settle_report_period(places, published, fiscal))
    resolved, last = [], None
    for place in places:
        _move_on(around, last, place)
        period = _resolve_place(place, around)
        if period:
            _remember(around, place, period)
        resolved.append(period)
        last = place
    return resolved


def _move_on(around: Surroundings, last: Place | None, place: Place) -> None:
    """Forget what was said in an earlier sentence or paragraph."""
    if last is None or last.block_no != place.block_no:
        around.sentence = around.paragraph = None
    elif _SENTENCE_END.search(place.text[last.offset : place.offset]):
        around.sentence = None


def _remember(around: Surroundings, place: Place, period: Period) -> None:
    """Keep a period that later words may continue; comparisons, forecasts and lists are not continued."""
    if period.granularity == "day" and len(place.moments) == 1 and not place.moments[0].edge:
        around.last_date = period
        return
    moment = place.moments[0] if place.moments else None
    if moment is None or len(place.moments) > 1 or moment.pointer == "same_period" or period.granularity in ("day", "duration"):
        return
    around.sentence = around.paragraph = period
    if moment.has_year and period.part is not None:
        around.by_part[period.part] = period


def _resolve_place(place: Place, around: Surroundings) -> Period | None:
    """Return the period of one place."""
    if "count" in place.groups:
        return _resolve_span(place, around)
    if place.groups.keys() & {"span_months", "span_quarter", "span_year"}:
        return resolve_ended(place.moments[0], place.groups, around)
    periods = resolve_moments(place.moments, around)
    if not periods:
        return None
    return periods[0] if len(periods) == 1 else span_of(periods[0], periods[-1])


def _resolve_span(place: Place, around: Surroundings) -> Period | None:
    """Return a duration, negative for the past; 过去四个季度 are the four up to the one reported on."""
    is_past = bool(_PAST.search(place.before))
    unit, count = place.groups["unit"], place.groups["count"]
    report = around.report
    if is_past and "季" in unit and report and report.year and report.part:
        number = read_span({"count": count, "unit": "年"}, False).label.removeprefix("P").removesuffix("Y") if read_span({"count": count, "unit": "年"}, False) else ""
        if number.isdecimal() and int(number) > 1:
            last = shift_quarter(report, 0, around.fiscal)
            return span_of(shift_quarter(last, 1 - int(number), around.fiscal), last)
    return read_span(place.groups, is_past)


def settle_report_period(places: list[Place], published: date | None, fiscal: FiscalCalendar) -> Period | None:
    """Return the period that the document reports on: the one it names early, often, and beside 财报, 业绩, 预告."""
    names_report = False
    scores: dict[tuple[int | None, str, bool], float] = {}
    first_start = places[0].start_char if places else 0
    for place in places:
        key = _reported(place, published, fiscal)
        if key is None:
            continue
        names_report |= _names_report(place)
        score = 3.0 if key[1] else 1.0
        score += 3.0 if _names_report(place) else 0.0
        score += 2.0 if place.start_char - first_start < _HEAD and place.start_char < 2 * _HEAD else 0.0
        # a first mention counts in full, each further one a little
        scores[key] = max(scores.get(key, 0.0), score) + (0.5 if key in scores else 0.0)
    if not scores:
        return _last_quarter(published, fiscal)
    year, part, is_fiscal = max(scores, key=lambda key: scores[key])
    if year is None:
        if fiscal.is_fiscal and published and not names_report:
            return _last_quarter(published, fiscal)
        year = _year_of_part(part, scores, published, fiscal)
        is_fiscal = fiscal.is_fiscal
    calendar = fiscal if is_fiscal else CALENDAR
    if is_fiscal and not fiscal.is_fiscal:
        return undated_fiscal(year, part)
    return period_of(year, part, calendar) if year or part else None


def _names_report(place: Place) -> bool:
    """Whether the place is, or stands before, the name of a report."""
    return bool(place.groups.keys() & {"quarterly_report", "half_report", "annual_report"} or _REPORT_WORD.search(place.after))


def _reported(place: Place, published: date | None, fiscal: FiscalCalendar) -> tuple[int | None, str, bool] | None:
    """Return year, part and whether fiscal of a place that may name what is reported; None for others."""
    if len(place.moments) != 1 or "count" in place.groups or place.groups.get("mark", "A") not in "Aa":
        return None
    moment = place.moments[0]
    if moment.day and moment.year and moment.month and fiscal.is_fiscal:
        return _quarter_ending(moment, fiscal)
    if moment.part is None or moment.pointer or moment.edge or moment.year_from in ("report", "governing"):
        return None
    if _FORECAST.search(place.before) and moment.year:
        return None
    if moment.year_from:
        year = published.year + moment.shift if published else None
        if moment.part == "" or (moment.shift and year is None):
            return None
        return year, moment.part, False
    if moment.year is None and moment.part == "" and "annual_report" not in place.groups:
        return None
    if moment.year and published and moment.year > published.year + (1 if moment.is_fiscal else 0):
        return None
    return moment.year, moment.part, moment.is_fiscal


def _quarter_ending(moment: Moment, fiscal: FiscalCalendar) -> tuple[int, str, bool] | None:
    """Return the company's quarter that ends on a date: 截至2025年1月26日 is FY2025Q4."""
    try:
        day = date(moment.year, moment.month, moment.day)
    except ValueError:
        return None
    year, quarter = fiscal.locate(day)
    return (year, f"Q{quarter}", True) if fiscal.quarter_bounds(year, quarter)[1] == day else None


def _year_of_part(part: str, scores: Mapping, published: date | None, fiscal: FiscalCalendar) -> int | None:
    """Return the year of the reported part: one that the text gives for it, else the last that was over when published."""
    named = [year for year, named_part, is_fiscal in scores if year and named_part == part and is_fiscal == fiscal.is_fiscal]
    if named:
        return max(named)
    if published is None:
        return None
    year = fiscal.locate(published)[0]
    return year if period_of(year, part, fiscal).end <= published else year - 1


def _last_quarter(published: date | None, fiscal: FiscalCalendar) -> Period | None:
    """Return the last quarter that had ended; only for a company with quarters of its own, else nothing says so."""
    if published is None or not fiscal.is_fiscal:
        return None
    year, quarter = fiscal.locate(published)
    return shift_quarter(period_of(year, f"Q{quarter}", fiscal), -1, fiscal)
