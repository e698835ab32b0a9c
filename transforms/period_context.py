"""A document's periods in the order in which it names them, and what each word leans on."""

from datetime import date, timedelta

from transforms.article_dates import last_day_named, month_told_of
from transforms.calendars import Period, day_of, list_of, shift_quarter, span_of
from transforms.period_grammar import Cues
from transforms.period_meaning import (
    Moment,
    Surroundings,
    read_counts,
    read_span,
    resolve_ended,
    resolve_moments,
    span_months,
)
from transforms.period_places import SENTENCE_END, Article, Place, named_years

_REPORTING_DELAY = timedelta(days=45)  # companies report about six weeks after a period ends
_MONTHLY_DELAY = timedelta(days=10)
_NEAR = 14  # characters before a period in which something is said to be expected


def resolve_article(article: Article, report: Period | None) -> list[Period | None]:
    """Return the period of each place, in order, in an article that reports on `report`; None where nothing tells."""
    told = article.published or (month_told_of(article) if report is None or report.year is None else None)
    around = Surroundings(
        published=told, fiscal=article.fiscal, report=report, today=_writing_day(article, report), named_years=named_years(article)
    )
    # a Hong Kong paper's 年內 is the year that the company reports on, and so is it where nothing says when a text was written
    around.is_year_reported = bool(report and report.part == "") and (article.is_hong_kong or article.published is None)
    resolved, last = [], None
    for place in article.places:
        _move_on(around, last, place)
        # another company's quarter is not the one this document reports on, unless both count by the calendar
        around.report = report if place.fiscal == article.fiscal else None
        around.fiscal, around.block_no = place.fiscal, place.block_no
        period = _resolve_place(place, around, article.cues)
        if period and not article.cues.comparison.search(place.before) and not _is_held_against(period, place, around, article.cues):
            # 较19H1增长37%,上半年亏损: what is compared with governs nothing
            _remember(around, place, period, is_limit=article.cues.up_to.search(place.before) is not None)
        resolved.append(period)
        last = place
    return resolved


def _is_held_against(period: Period, place: Place, around: Surroundings, cues: Cues) -> bool:
    """Return whether a period is an earlier one that only stands against the one at hand: 2025年将亏损,而截至2024年12月31日止年度则为溢利。年内…."""
    governing = around.governing
    is_earlier = governing is not None and None not in (period.end, governing.start) and period.end < governing.start
    return is_earlier and cues.forms["held_against"].search(place.before) is not None


def _writing_day(article: Article, report: Period | None) -> date | None:
    """Return when a text was written: its own date, else some weeks after the period it reports on."""
    if article.published or report is None or report.end is None:
        return article.published or month_told_of(article)
    # Taiwan tells the sales of a month by the tenth of the next
    told = report.end + (_MONTHLY_DELAY if report.granularity == "month" else _REPORTING_DELAY)
    # 2023年7月21日…,截至2021年末…,今年上半年…: no text was written before a day that it tells of
    return max(told, last_day_named(article) or told)


def _move_on(around: Surroundings, last: Place | None, place: Place) -> None:
    """Forget what was said in an earlier sentence or paragraph."""
    if last is None or last.block_no != place.block_no:
        around.sentence = around.sentence_date = around.paragraph = None
    elif SENTENCE_END.search(place.text[last.offset : place.offset]):
        around.sentence = around.sentence_date = None


def _remember(around: Surroundings, place: Place, period: Period, is_limit: bool) -> None:
    """Keep a period that later words may continue; comparisons, forecasts and lists are not continued.

    is_limit: whether it is up to which day something is told. 19日收涨 is no day of the month in which a quarter ended.
    """
    if len(place.moments) != 1 or "count" in place.groups:
        return
    moment = place.moments[0]
    if period.granularity == "day":
        if not moment.edge and not moment.pointer:
            around.sentence_date = period
            around.last_date = around.last_date if is_limit and around.last_date else period
        return
    if moment.pointer == "same_period" or period.granularity == "duration":
        return
    around.sentence = around.paragraph = period
    if moment.year_from == "today" and moment.shift >= 0 and period.part:
        # 订单看到明年Q2…第2季毛利率41%: of a year ahead only the same paragraph goes on to speak, and only of what is expected
        around.by_part[period.part] = (period, place.block_no if moment.shift else None)


def _resolve_place(place: Place, around: Surroundings, cues: Cues) -> Period | None:
    """Return the period of one place."""
    if "count" in place.groups:
        return _resolve_span(place, around, cues)
    if span_months(place.groups):
        return resolve_ended(place.moments[0], place.groups, around)
    around.is_ahead = any(cues.forms["expected"].search(text) for text in (place.before[-_NEAR:], place.after))
    moment, told = place.moments[0], around.governing
    ends_year = told is not None and (told.part == "" or (told.part in ("Q4", "H2") and moment.edge == "end" and cues.up_to.search(place.before)))
    if _is_bare_edge(moment) and ends_year and told.year and told.end and told.start and _is_of_report(moment, place, around, cues):
        # 2019年营收848亿元…截止年底门店911家
        day = told.end if moment.edge == "end" else told.start
        return day_of(day.year, day.month, day.day)
    if moment.pointer == "relative_quarter" and moment.shift < 0 and told and told.granularity == "quarter" and cues.comparison.search(place.before):
        # 产能利用率82%,高于前一季的78%: the quarter before the one at hand, whenever the text was written
        return shift_quarter(told, moment.shift, around.fiscal)
    periods = resolve_moments(place.moments, around)
    if not periods:
        return None
    return periods[0] if len(periods) == 1 else list_of(periods, place.fiscal)


def _is_bare_edge(moment: Moment) -> bool:
    """Return whether a place says 年末 or 年初 and nothing of which year."""
    return moment.edge is not None and not moment.has_year and not moment.is_fiscal and moment.part is None and moment.month is None and not moment.pointer


def _is_of_report(moment: Moment, place: Place, around: Surroundings, cues: Cues) -> bool:
    """Return whether a bare 年末 or 年初 is that of the year at hand: 截止年底, 年末应收账款余额 in a report on a year; not 预计年底投产."""
    if moment.edge == "end" and cues.up_to.search(place.before):
        return True
    is_annual = around.report is not None and around.report.part == "" and around.governing == around.report
    if moment.edge == "start" and not cues.comparison.search(place.before):
        return False
    return is_annual and not cues.forecast.search(place.before) and not cues.forms["still_ahead"].search(place.after)


def _resolve_span(place: Place, around: Surroundings, cues: Cues) -> Period | None:
    """Return a duration, negative for the past; 过去四个季度 are the four up to the one reported on."""
    is_past = bool(cues.past.search(place.before))
    report = around.report
    if is_past and "季" in place.groups["unit"] and report and report.year and report.part is not None:
        counts = read_counts(place.groups["count"])
        if len(counts) == 1 and counts[0].isdecimal():
            last = shift_quarter(report, 0, around.fiscal)
            return span_of(shift_quarter(last, 1 - int(counts[0]), around.fiscal), last)
    return read_span(place.groups, is_past)
