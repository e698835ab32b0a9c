"""The period that a document reports on: the one that it names early, often and beside the name of a report."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from transforms.article_dates import last_day_named, month_reported
from transforms.calendars import (
    CALENDAR,
    SO_FAR,
    FiscalCalendar,
    Period,
    day_of,
    period_of,
    shift_quarter,
    undated_fiscal,
)
from transforms.period_meaning import SINCE_JANUARY, Moment, Surroundings, resolve_ended, span_months
from transforms.period_places import HEAD, SENTENCE_END, Article, Place, named_years

_REPORT_KINDS = frozenset({"quarterly_report", "half_report", "annual_report"})
_REPEAT, _MOST_REPEATS = 0.25, 6
_COVERED_BY = {"Q4": "", "Q3": "Q1-Q3", "Q2": "H1"}
_SURE, _MUCH_SURER = 4.0, 3.0
_REPORT_NAMED = 3.0  # what the word 业绩 or 财报 beside a period adds to its claim
_REPORTED_WITHIN = timedelta(days=180)  # nobody waits longer to speak of a quarter or a half
_RECALLED_DAYS = 730  # so long before a day that the text names nothing is reported on
_YEARS_EXPECTED = 3  # analysts look so many years ahead
_LONG_HELD_AGAINST = 2019


def settle_report_period(article: Article) -> Period | None:
    """Return the period that the document reports on; None where it only recalls it: 2014年度至2016年度的净利润, in a text that tells of 2018年4月28日."""
    report = _settle_report_period(article)
    last = last_day_named(article)
    return None if report and report.end and last and article.published is None and (last - report.end).days > _RECALLED_DAYS else report


def _settle_report_period(article: Article) -> Period | None:
    """Return the period that a document names early, often, and beside 财报, 业绩, 预告.

    The part of the year is settled first, then its year: texts say 前三季度 throughout and 2023年前三季度 once.
    """
    published, fiscal = article.published, article.fiscal
    claims = _claims([place for place in article.places if place.fiscal == fiscal], article)
    if (month := month_reported(article)) is not None and not any(claim.is_head for claim in claims):
        return month
    if not claims or (fiscal.is_fiscal and published and not any(claim.is_firm for claim in claims)):
        return _last_quarter(published, fiscal)
    scores: dict[str, float] = {}
    for claim in claims:
        # the strongest mention counts in full, further ones a little
        scores[claim.part] = max(scores.get(claim.part, 0.0), claim.score)
    repeats = Counter(claim.part for claim in claims)
    part = max(scores, key=lambda part: scores[part] + min(repeats[part], _MOST_REPEATS) * _REPEAT)
    # a report on the year speaks of its fourth quarter as well, and more often
    # 2025年第四季法说会…2026年营收: a year ahead covers no quarter
    years = {claim.year for claim in claims if claim.part == part and claim.year}
    covering = max((claim.score for claim in claims if claim.part == _COVERED_BY.get(part) and (not years or claim.year is None or claim.year in years)), default=0.0)
    # 公布第四季度业绩 is about the quarter, though it goes on to the year
    is_quarterly = part == "Q4" and scores[part] - covering >= _MUCH_SURER and not any(claim.names_report for claim in claims if claim.part == "")
    if covering >= _SURE and not is_quarterly:
        part = _COVERED_BY[part]
    year, is_fiscal = _settle_year(part, claims, published, fiscal)
    annual = max((claim.year for claim in claims if claim.is_annual and claim.year and not claim.is_fiscal), default=None)
    if part and year and annual and year < annual and not is_fiscal:
        # 2022年年报及2021年一季报: one of the two years is a slip, and a report on a year comes before those on the next
        part, year = "", annual
    if year is None and published is None and part and (held := _held_against(article)) is not None:
        year = held + 1
    if year is None and published is None and (first := _first_expected(article)) is not None:
        # 前三季度…,预计2024-2026年…: the first year that analysts expect has begun, and after its last quarter it is the next one
        year = first - (part in ("", "Q4"))
    if year is None and part and len(named_years(article).get(part, ())) == 1:
        # 预计2025年上半年净利润102亿元, and 上半年 from then on
        named = (place.moments[0] for place in article.places if not place.groups.keys() & _REPORT_KINDS)
        year = next((moment.year for moment in named if moment.part == part), None)
    if year is None:
        return period_of(None, part) if part else None
    if is_fiscal and not fiscal.is_fiscal:
        return undated_fiscal(year, part)
    return _as_company_counts(period_of(year, part, fiscal if is_fiscal else CALENDAR), fiscal)


def _held_against(article: Article) -> int | None:
    """Return the year whose same part a text holds its figures against: 较18年同期; None where it names none, or several, or the last one before
    the pandemic, which years of recovery are held against.
    """
    years = set()
    for place in article.places:
        moment = place.moments[0]
        if "same" in place.groups and moment.year and article.cues.comparison.search(place.before):
            years.add(moment.year)
    return years.pop() if len(years) == 1 and years != {_LONG_HELD_AGAINST} else None


def _first_expected(article: Article) -> int | None:
    """Return the first of the years that a text expects one after the other: 预计2024-2026年归母净利润…, 24/25/26年EPS…; None where it expects none, or others too."""
    firsts = set()
    for place in article.places:
        years = [moment.year for moment in place.moments if moment.year and not moment.part and not moment.month]
        is_row = 1 < len(years) == len(place.moments) and years[0] < years[-1] <= years[0] + _YEARS_EXPECTED
        if is_row and article.cues.forecast.search(place.before) and not article.cues.comparison.search(place.before):
            firsts.add(years[0])
    return firsts.pop() if len(firsts) == 1 else None


def _as_company_counts(period: Period, fiscal: FiscalCalendar) -> Period:
    """Return a calendar quarter as the company's own: for NVIDIA 2024年四季度财报 is about FY2025Q4, which it mostly covers."""
    if period.is_fiscal or not fiscal.is_fiscal or not (period.part or "").startswith("Q") or "-" in period.part:
        return period
    year, quarter = fiscal.locate(period.start + (period.end - period.start) / 2)
    return period_of(year, f"Q{quarter}", fiscal)


@dataclass(frozen=True)
class _Claim:
    """A period that may be what the document reports on."""

    year: int | None
    part: str
    is_fiscal: bool
    score: float
    is_firm: bool  # stands beside the name of a report, or with its year at the head
    names_report: bool
    is_head: bool = False
    is_annual: bool = False  # 2022年年报


def _claims(places: list[Place], article: Article) -> list[_Claim]:
    """Return what the places claim; 今年前三季度…,2022年前三季度… compares, so the dated one of the two is left out."""
    claims, current, last = [], set(), None
    for place in places:
        if last is None or last.block_no != place.block_no or SENTENCE_END.search(place.text[last.offset : place.offset]):
            current = set()
        last = place
        claim = _claim(place, places[0].start_char, article)
        if claim and not (claim.year and claim.part in current):
            claims.append(claim)
            current |= {claim.part} if place.moments[0].year_from == "today" else set()
    return claims


def _claim(place: Place, first_start: int, article: Article) -> _Claim | None:
    """Return what a place claims about the reported period; None for comparisons, forecasts and other words."""
    cues = article.cues
    named = _reported(place, article)
    if named is None or cues.comparison.search(place.before) or cues.forms["held_against"].search(place.before) or cues.forms["to_come"].search(place.after) or cues.forms["since"].search(place.after):
        return None
    year, part, is_fiscal = named
    names_report = bool(place.groups.keys() & _REPORT_KINDS or cues.report.search(place.after))
    follows_report = bool(cues.report.search(cues.forms["results_move"].sub("", place.before[-24:])))
    is_head = place.start_char - first_start < HEAD and place.start_char < 2 * HEAD
    score = (3.0 if part else 1.5) + _REPORT_NAMED * names_report + 1.5 * follows_report + 2.0 * is_head + 1.0 * (year is not None)
    if cues.forecast.search(place.before):
        if not follows_report:
            return None
        score -= 1.0
    return _Claim(year, part, is_fiscal, score, names_report or follows_report or (is_head and year is not None), names_report, is_head, "annual_report" in place.groups)


def _reported(place: Place, article: Article) -> tuple[int | None, str, bool] | None:
    """Return year, part and whether fiscal of a place that may name what is reported; None for others."""
    published, fiscal = article.published, article.fiscal
    if "count" in place.groups or place.groups.get("mark", "A") not in "Aa":
        return None
    if span_months(place.groups):
        ended = resolve_ended(place.moments[0], place.groups, Surroundings(published=published, fiscal=fiscal, today=published))
        return (ended.year, ended.part, ended.is_fiscal) if ended and ended.year and ended.part is not None else None
    if not fiscal.is_fiscal and len(place.moments) == 1 and (ended := _ended(place, place.moments[0], article)):
        return ended
    if len(place.moments) != 1:
        return _since_january(place.moments)
    moment = place.moments[0]
    if moment.day and moment.year and moment.month and fiscal.is_fiscal:
        return _quarter_ending(moment, fiscal)
    if moment.part is None or moment.pointer or moment.year_from in ("report", "governing"):
        return None
    if "interim" in place.groups and not article.cues.result.match(place.after):
        # 2024年中期投产
        return None
    if moment.edge and not (moment.edge == "end" and moment.year and article.cues.up_to.search(place.before)):
        return None
    if moment.year_from:
        if moment.shift or moment.part == "":
            return None
        return published.year if published else None, moment.part, False
    if moment.year is None and moment.part == "" and "annual_report" not in place.groups:
        return None
    if moment.year and published and moment.year > published.year + (1 if moment.is_fiscal else 0):
        return None
    return moment.year, moment.part, moment.is_fiscal


def _ended(place: Place, moment: Moment, article: Article) -> tuple[int, str, bool] | None:
    """Return the period that ends with a month where the words behind it tell its length: 截至去年底止年度, 2024年12月31日的第四季度."""
    today = article.published
    year = moment.year or (today.year + moment.shift if today and moment.year_from == "today" else None)
    month = moment.month or (12 if moment.edge == "end" and moment.part == "" else None)
    named = article.cues.forms["ended_span"].search(place.after) if article.cues.up_to.search(place.before) else None
    if year is None or month is None or month % 3 or named is None:
        return None
    span = named["span"]
    if "季" in span or "三个月" in span:
        return year, f"Q{month // 3}", False
    if "月" in span or "半" in span or "中" in span:
        return year, SINCE_JANUARY[month], False
    return (year, "", False) if month == 12 else None


def _since_january(moments: list[Moment]) -> tuple[int | None, str, bool] | None:
    """Return 1-9月 and Q1-3 as Q1-Q3; None for other ranges and for lists."""
    if len(moments) == 2 and moments[0].part == "Q1" and moments[1].part in ("Q2", "Q3") and moments[0].year is None:
        return moments[0].year, SO_FAR[moments[1].part], False
    if len(moments) == 2 and moments[0].month == 1 and moments[1].month in SINCE_JANUARY and not moments[0].day:
        return moments[0].year, SINCE_JANUARY[moments[1].month], False
    return None


def _quarter_ending(moment: Moment, fiscal: FiscalCalendar) -> tuple[int, str, bool] | None:
    """Return the company's quarter that ends on a date: 截至2025年1月26日 is FY2025Q4."""
    day = day_of(moment.year, moment.month, moment.day)
    if day is None:
        return None
    year, quarter = fiscal.locate(day.end)
    return (year, f"Q{quarter}", True) if fiscal.quarter_bounds(year, quarter)[1] == day.end else None


def _settle_year(part: str, claims: list[_Claim], published: date | None, fiscal: FiscalCalendar) -> tuple[int | None, bool]:
    """Return the year of the reported part and whether it is fiscal.

    The year that firm claims give for the part, else for another part, else the last one that was over when published.
    """
    firm = [claim for claim in claims if claim.year and claim.is_firm]
    for candidates in ([claim for claim in firm if claim.part == part], [claim for claim in firm if claim.part and part]):
        if candidates:
            best = max(candidates, key=lambda claim: (claim.is_fiscal or not fiscal.is_fiscal, claim.score))
            return best.year, best.is_fiscal or (fiscal.is_fiscal and best.part != part)
    if published is None:
        return None, False
    year = fiscal.locate(published)[0]
    period = period_of(year, part, fiscal)
    is_told = period.end <= published
    if part and not is_told and period.start <= published:
        # in October 第四季 is the one that has begun: the last one was reported half a year ago
        is_told = published - period_of(year - 1, part, fiscal).end > _REPORTED_WITHIN
    return (year if is_told else year - 1), fiscal.is_fiscal


def _last_quarter(published: date | None, fiscal: FiscalCalendar) -> Period | None:
    """Return the last quarter that had ended; only for a company with quarters of its own, else nothing says so."""
    if published is None or not fiscal.is_fiscal:
        return None
    year, quarter = fiscal.locate(published)
    return shift_quarter(period_of(year, f"Q{quarter}", fiscal), -1, fiscal)
