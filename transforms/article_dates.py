"""Days and months that a text tells of itself: when it was written, whose figures of a month it brings, when a company's year ends."""

from collections.abc import Sequence
from datetime import date, timedelta

from transforms.calendars import CALENDAR, FiscalCalendar, Period, day_of, month_of
from transforms.period_grammar import Cues
from transforms.period_meaning import Surroundings, resolve_moment, span_months
from transforms.period_places import HEAD, SENTENCE_END, Article, Place

_STATED = "its own"  # stands for the company of a calendar that the text tells
_NEWS_BEHIND, _NEWS_AHEAD = 12, 40  # characters before and behind a day within which its news is told
_TERM_CHARS = 16  # before a day within which something is said to end on it
_NEAR_DAYS = 10  # between the day of the news and another that the text names with its year


def stated_calendar(places: Sequence[Place], cues: Cues) -> FiscalCalendar:
    """Return the calendar that a text itself tells: 截至3月31日止年度 ends the company's year in March, 截至9月30日止六个月 too.

    So does 2026财年第二季度 beside 截至2025年7月31日: that year ends in January 2026. The calendar's own year where it tells none, or several.
    """
    if (told := _told_by_quarter(places, cues)) is not None:
        return told
    ends = set()
    for place in places:
        months = span_months(place.groups)
        month = place.moments[0].month
        # a half that ends in June or December, or a quarter, may be anyone's
        if month and (months == 12 or (months == 6 and month not in (6, 12))):
            ends.add(month if months == 12 else (month + 5) % 12 + 1)
    return FiscalCalendar(_STATED, year_end_month=ends.pop()) if len(ends) == 1 and ends != {12} else CALENDAR


def _told_by_quarter(places: Sequence[Place], cues: Cues) -> FiscalCalendar | None:
    """Return the calendar of a text that says when a quarter of a fiscal year ended; None where it tells none, or several."""
    quarters, days = set(), set()
    for place in places:
        moment = place.moments[0]
        if len(place.moments) == 1 and moment.is_fiscal and moment.year and (moment.part or "").startswith("Q") and place.start_char < 2 * HEAD:
            quarters.add((moment.year, int(moment.part[1])))
        ends = span_months(place.groups) == 3 or (cues.up_to.search(place.before) and cues.forms["quarter_ended"].search(place.after))
        is_at_end = moment.day is not None or moment.edge == "end"
        if moment.year and moment.month and is_at_end and ends and (day := resolve_moment(moment, Surroundings())):
            days.add(day.end)
    if len(quarters) != 1 or len(days) != 1:
        return None
    (year, quarter), end = quarters.pop(), days.pop()
    count = end.year * 12 + end.month - 1 + 3 * (4 - quarter)
    is_month_end = (end + timedelta(days=1)).day == 1
    if not is_month_end or not 0 <= year - count // 12 <= 1:
        return None
    return FiscalCalendar(_STATED, year_end_month=count % 12 + 1, year_offset=year - count // 12)


def day_told(places: Sequence[Place], cues: Cues) -> date | None:
    """Return the day of the news that an undated text tells in full at its head: 2025年11月1日,多家车企公布10月交付数据."""
    if beside := _day_beside_others(places, cues):
        return beside
    for place in places:
        moment = place.moments[0]
        if place.start_char > HEAD or len(place.moments) != 1 or not (moment.year and moment.month and moment.day) or cues.comparison.search(place.before):
            continue
        if cues.up_to.search(place.before):
            # 截至2023年5月18日收盘 was written that evening, 截至2023年6月30日 weeks later
            is_news = cues.forms["closing"].search(place.after) is not None
        else:
            rest = place.text[place.offset + place.end_char - place.start_char :][:_NEWS_AHEAD]
            # 9月营收陆续公布(2025年10月9日)
            is_bracketed = place.before.endswith("(") and place.after.startswith(")") and cues.news.search(place.before) is not None
            is_news = is_bracketed or cues.forms["dated"].search(place.before) is not None or cues.news.search(SENTENCE_END.split(rest)[0]) is not None
        if is_news:
            return day.end if (day := day_of(moment.year, moment.month, moment.day)) else None
    return None


def _day_beside_others(places: Sequence[Place], cues: Cues) -> date | None:
    """Return the day with which a text begins, with the year of the day nearest to it: 8月27日,据报道,… with 自2023年8月28日起 further down."""
    first = places[0] if places and places[0].start_char <= HEAD else None
    if first is None or len(first.moments) != 1:
        return None
    rest = SENTENCE_END.split(first.text[first.offset + first.end_char - first.start_char :][:_NEWS_AHEAD])[0]
    # 据越通社报道,当地时间12月30日
    if not cues.news.search(rest) and not cues.news.search(first.before[-_NEWS_BEHIND:]):
        return None
    moment = first.moments[0]
    if moment.year or not (moment.month and moment.day) or moment.last_month:
        return None
    others = (other.moments[0] for other in places if len(other.moments) == 1)
    days = (day.end for other in others if other.year and other.month and other.day and (day := day_of(other.year, other.month, other.day)))
    near = ((abs((told.end - other).days), told.end) for other in days if (told := day_of(other.year, moment.month, moment.day)))
    distance, day = min(near, default=(_NEAR_DAYS + 1, None))
    return day if distance <= _NEAR_DAYS else None


def month_told_of(article: Article) -> date | None:
    """Return the end of the month that an undated text names with its year at its head: 公布2025年6月销售数据."""
    for place in article.places:
        moment = place.moments[0]
        if place.start_char > HEAD or len(place.moments) != 1 or article.cues.comparison.search(place.before):
            continue
        if moment.year and moment.month and not moment.day and not moment.edge and not moment.last_month:
            return month_of(moment.year, moment.month).end
    return None


def month_reported(article: Article) -> Period | None:
    """Return the month whose figures a text brings at its head: 多家车企公布10月交付数据, 11月合并营收; None for other texts."""
    for place in article.places:
        moment = place.moments[0]
        if place.start_char > HEAD or len(place.moments) != 1 or article.cues.comparison.search(place.before) or article.cues.forecast.search(place.before):
            continue
        if moment.month and not moment.day and not moment.edge and not moment.last_month and article.cues.monthly.match(place.after):
            around = Surroundings(published=article.published, today=article.published)
            return resolve_moment(moment, around)
    return None


def last_day_named(article: Article) -> date | None:
    """Return the last of the days that a text names in full and neither expects nor sets as a term: 可转债2029年1月1日到期."""
    cues = article.cues
    told = (place for place in article.places if not cues.forecast.search(place.before) and not cues.term.search(place.before[-_TERM_CHARS:] + place.after))
    moments = (place.moments[0] for place in told if len(place.moments) == 1)
    return max((day.end for moment in moments if moment.year and moment.month and moment.day and (day := day_of(moment.year, moment.month, moment.day))), default=None)
