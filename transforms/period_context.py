"""A document's periods in the order in which it names them: what it reports on, and what each word leans on."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from transforms.calendars import (
    CALENDAR,
    SO_FAR,
    FiscalCalendar,
    Period,
    day_of,
    list_of,
    month_of,
    period_of,
    shift_quarter,
    span_of,
    undated_fiscal,
)
from transforms.period_grammar import Cues
from transforms.period_meaning import (
    SINCE_JANUARY,
    Moment,
    Surroundings,
    read_counts,
    read_span,
    resolve_ended,
    resolve_moment,
    resolve_moments,
    span_months,
)

_SENTENCE_END = re.compile("[。!?;\n]")
_REPORT_KINDS = frozenset({"quarterly_report", "half_report", "annual_report"})
_REPEAT, _MOST_REPEATS = 0.25, 6
_COVERED_BY = {"Q4": "", "Q3": "Q1-Q3", "Q2": "H1"}
# 去年底止年度, 6月底止中期, 2024年12月31日的第四季度
_ENDED_SPAN = re.compile("止?的?(?:未经审计的?)?(?P<span>第?[一二三四]季|三个月|季度|六个月|九个月|十二个月|半年|中期|年度|全年|财政年度|年)")
# 截至2025年7月31日的2026财年第二季度, 截至7月31日的季度
_QUARTER_BESIDE = re.compile("止?的?(?:20[0-9]{2}(?:财年|会计年度|财政年度))?第?[一二三四1-4]?财?季|止?的?三个月")
_HELD = re.compile("而(?:截至|于|在)?$")
_SURE, _MUCH_SURER = 4.0, 3.0
_REPORT_NAMED = 3.0  # what the word 业绩 or 财报 beside a period adds to its claim
_REPORTING_DELAY = timedelta(days=45)  # companies report about six weeks after a period ends
_MONTHLY_DELAY = timedelta(days=10)
_STATED = "its own"  # stands for the company of a calendar that the text tells
_REPORTED_WITHIN = timedelta(days=180)  # nobody waits longer to speak of a quarter or a half
_LOOK_BACK, _LOOK_AHEAD = 120, 12
_CLOSING = re.compile(",?(?:A股|港股|美股|当天|当日)?(?:收盘|收市|午间?收盘)")
# 港股周五(2025年11月14日)回吐, 会议时间:2025年11月18日晚
_DATED = re.compile(r"(?:(?:周|星期)[一二三四五六日天]|[今昨]日)\($|(?:会议|调研|发布|更新)(?:时间|日期): ?$")
_RECALLED_DAYS = 730  # so long before a day that the text names nothing is reported on
_TERM_CHARS = 16  # before a day within which something is said to end on it
_NEWS_BEHIND = 12  # and before it
_NEAR_DAYS = 10  # between the day of the news and another that the text names with its year
_NEWS_AHEAD = 40  # characters behind a day within which its news is told
_TO_COME = re.compile("之?前|有望|可望|将|或|能|可|要|会|预计|投产|达产|建成")  # 年底前, 年底有望
# 2028年启用, 2026年目标, 2022年74倍PE, 2020年该领域将增厚业绩: what is to come is no report
_EXPECTED = re.compile("(?:正式|开始)?(?:启用|投产|动工|量产|完工|达产|通车|开业|建成)|(?:的|年度|全年|业绩|经营|财务)?(?:目标(?!价)|指引|展望|计划|预算|规划|怎么看|怎么走|前瞻)|[^,。;]{0,6}(?:将|有望|可望)|[0-9.]{1,6} ?(?:倍|[xX](?![0-9A-Za-z])) ?(?:的)?(?:PE|P/E|PB|P/B|PS|市盈|市净|市销|估值)")
# 18年下半年以来: since when something goes on
_SINCE = re.compile("以来|起(?!色)|开始|之前|以前|之后|以后")
# 业绩波动,2023年…: what results do is no report
_RESULTS_MOVE = re.compile("业绩(?:的|大幅|持续|短期)?(?:波动|承压|下滑|下降|增长|增速|高增|改善|提升|回升|修复|释放|弹性|拐点|预期|不及|低于|超)")
# 第一季营收预估在, 展望首季: what is expected beside a period
_AHEAD = re.compile("预[计期估测料]|展望|可望|有望|指引|财测")
_NEAR = 14
_YEARS_EXPECTED = 3  # analysts look so many years ahead
_LONG_HELD_AGAINST = 2019
_HEAD = 300  # characters within which an article says what it is about


@dataclass(frozen=True, slots=True)
class Place:
    """Where a period stands, what the groups of its rule took and say, what stands before it in its sentence, and whose calendar it follows."""

    block_no: int
    start_char: int
    end_char: int
    text: str
    offset: int
    groups: Mapping[str, str]
    moments: tuple[Moment, ...]
    before: str
    fiscal: FiscalCalendar = CALENDAR

    @property
    def after(self) -> str:
        """The next characters, within the block."""
        end = self.offset + self.end_char - self.start_char
        return self.text[end : end + _LOOK_AHEAD]


def sentence_before(text: str, offset: int) -> str:
    """Return the characters before a place, within the sentence; most of a long one is left out."""
    return _SENTENCE_END.split(text[max(0, offset - _LOOK_BACK) : offset])[-1]


def stated_calendar(places: Sequence[Place], up_to: re.Pattern[str]) -> FiscalCalendar:
    """Return the calendar that a text itself tells: 截至3月31日止年度 ends the company's year in March, 截至9月30日止六个月 too.

    So does 2026财年第二季度 beside 截至2025年7月31日: that year ends in January 2026. The calendar's own year where it tells none, or several.
    """
    if (told := _told_by_quarter(places, up_to)) is not None:
        return told
    ends = set()
    for place in places:
        months = span_months(place.groups)
        month = place.moments[0].month
        # a half that ends in June or December, or a quarter, may be anyone's
        if month and (months == 12 or (months == 6 and month not in (6, 12))):
            ends.add(month if months == 12 else (month + 5) % 12 + 1)
    return FiscalCalendar(_STATED, year_end_month=ends.pop()) if len(ends) == 1 and ends != {12} else CALENDAR


def _told_by_quarter(places: Sequence[Place], up_to: re.Pattern[str]) -> FiscalCalendar | None:
    """Return the calendar of a text that says when a quarter of a fiscal year ended; None where it tells none, or several."""
    quarters, days = set(), set()
    for place in places:
        moment = place.moments[0]
        if len(place.moments) == 1 and moment.is_fiscal and moment.year and (moment.part or "").startswith("Q") and place.start_char < 2 * _HEAD:
            quarters.add((moment.year, int(moment.part[1])))
        ends = span_months(place.groups) == 3 or (up_to.search(place.before) and _QUARTER_BESIDE.match(place.after))
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


@dataclass(frozen=True)
class Article:
    """A document's dates and periods in order, and what they lean on."""

    doc_id: str
    places: tuple[Place, ...]
    published: date | None
    fiscal: FiscalCalendar
    cues: Cues
    is_hong_kong: bool = False


def resolve_article(article: Article, report: Period | None) -> list[Period | None]:
    """Return the period of each place, in order, in an article that reports on `report`; None where nothing tells."""
    told = article.published or (_month_told_of(article) if report is None or report.year is None else None)
    around = Surroundings(
        published=told, fiscal=article.fiscal, report=report, today=_writing_day(article, report), named_years=_named_years(article)
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
        if period and not article.cues.comparison.search(place.before) and not _is_held_against(period, place, around):
            # 较19H1增长37%,上半年亏损: what is compared with governs nothing
            _remember(around, place, period, is_limit=article.cues.up_to.search(place.before) is not None)
        resolved.append(period)
        last = place
    return resolved


def _is_held_against(period: Period, place: Place, around: Surroundings) -> bool:
    """Return whether a period is an earlier one that only stands against the one at hand: 2025年将亏损,而截至2024年12月31日止年度则为溢利。年内…."""
    governing = around.governing
    is_earlier = governing is not None and None not in (period.end, governing.start) and period.end < governing.start
    return is_earlier and _HELD.search(place.before) is not None


def _named_years(article: Article) -> dict[str, dict[int, int]]:
    """Return part -> year -> the first block that names it with that year; comparisons (较2023年一季度) do not count."""
    named: dict[str, dict[int, int]] = {}
    for place in article.places:
        moment = place.moments[0]
        if moment.year and moment.part and not article.cues.comparison.search(place.before):
            named.setdefault(moment.part, {}).setdefault(moment.year, place.block_no)
    return named


def _writing_day(article: Article, report: Period | None) -> date | None:
    """Return when a text was written: its own date, else some weeks after the period it reports on."""
    if article.published or report is None or report.end is None:
        return article.published or _month_told_of(article)
    # Taiwan tells the sales of a month by the tenth of the next
    return report.end + (_MONTHLY_DELAY if report.granularity == "month" else _REPORTING_DELAY)


def day_told(places: Sequence[Place], cues: Cues) -> date | None:
    """Return the day of the news that an undated text tells in full at its head: 2025年11月1日,多家车企公布10月交付数据."""
    if beside := _day_beside_others(places, cues):
        return beside
    for place in places:
        moment = place.moments[0]
        if place.start_char > _HEAD or len(place.moments) != 1 or not (moment.year and moment.month and moment.day) or cues.comparison.search(place.before):
            continue
        if cues.up_to.search(place.before):
            # 截至2023年5月18日收盘 was written that evening, 截至2023年6月30日 weeks later
            is_news = _CLOSING.match(place.after) is not None
        else:
            rest = place.text[place.offset + place.end_char - place.start_char :][:_NEWS_AHEAD]
            # 9月营收陆续公布(2025年10月9日)
            is_bracketed = place.before.endswith("(") and place.after.startswith(")") and cues.news.search(place.before) is not None
            is_news = is_bracketed or _DATED.search(place.before) is not None or cues.news.search(_SENTENCE_END.split(rest)[0]) is not None
        if is_news:
            return day.end if (day := day_of(moment.year, moment.month, moment.day)) else None
    return None


def _day_beside_others(places: Sequence[Place], cues: Cues) -> date | None:
    """Return the day with which a text begins, with the year of the day nearest to it: 8月27日,据报道,… with 自2023年8月28日起 further down."""
    first = places[0] if places and places[0].start_char <= _HEAD else None
    if first is None or len(first.moments) != 1:
        return None
    rest = _SENTENCE_END.split(first.text[first.offset + first.end_char - first.start_char :][:_NEWS_AHEAD])[0]
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


def _month_reported(article: Article) -> Period | None:
    """Return the month whose figures a text brings at its head: 多家车企公布10月交付数据, 11月合并营收; None for other texts."""
    for place in article.places:
        moment = place.moments[0]
        if place.start_char > _HEAD or len(place.moments) != 1 or article.cues.comparison.search(place.before) or article.cues.forecast.search(place.before):
            continue
        if moment.month and not moment.day and not moment.edge and not moment.last_month and article.cues.monthly.match(place.after):
            around = Surroundings(published=article.published, today=article.published)
            return resolve_moment(moment, around)
    return None


def _month_told_of(article: Article) -> date | None:
    """Return the end of the month that an undated text names with its year at its head: 公布2025年6月销售数据."""
    for place in article.places:
        moment = place.moments[0]
        if place.start_char > _HEAD or len(place.moments) != 1 or article.cues.comparison.search(place.before):
            continue
        if moment.year and moment.month and not moment.day and not moment.edge and not moment.last_month:
            return month_of(moment.year, moment.month).end
    return None


def _move_on(around: Surroundings, last: Place | None, place: Place) -> None:
    """Forget what was said in an earlier sentence or paragraph."""
    if last is None or last.block_no != place.block_no:
        around.sentence = around.sentence_date = around.paragraph = None
    elif _SENTENCE_END.search(place.text[last.offset : place.offset]):
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
    around.is_ahead = _AHEAD.search(place.before[-_NEAR:]) is not None or _AHEAD.search(place.after) is not None
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
    return is_annual and not cues.forecast.search(place.before) and not _TO_COME.match(place.after)


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


def settle_report_period(article: Article) -> Period | None:
    """Return the period that the document reports on; None where it only recalls it: 2014年度至2016年度的净利润, in a text that tells of 2018年4月28日."""
    report = _settle_report_period(article)
    last = _last_day_named(article)
    return None if report and report.end and last and article.published is None and (last - report.end).days > _RECALLED_DAYS else report


def _last_day_named(article: Article) -> date | None:
    """Return the last of the days that a text names in full and neither expects nor sets as a term: 可转债2029年1月1日到期."""
    cues = article.cues
    told = (place for place in article.places if not cues.forecast.search(place.before) and not cues.term.search(place.before[-_TERM_CHARS:] + place.after))
    moments = (place.moments[0] for place in told if len(place.moments) == 1)
    return max((day.end for moment in moments if moment.year and moment.month and moment.day and (day := day_of(moment.year, moment.month, moment.day))), default=None)


def _settle_report_period(article: Article) -> Period | None:
    """Return the period that a document names early, often, and beside 财报, 业绩, 预告.

    The part of the year is settled first, then its year: texts say 前三季度 throughout and 2023年前三季度 once.
    """
    published, fiscal = article.published, article.fiscal
    claims = _claims([place for place in article.places if place.fiscal == fiscal], article)
    if (month := _month_reported(article)) is not None and not any(claim.is_head for claim in claims):
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
    if year is None and part and len(_named_years(article).get(part, ())) == 1:
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
        if last is None or last.block_no != place.block_no or _SENTENCE_END.search(place.text[last.offset : place.offset]):
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
    if named is None or cues.comparison.search(place.before) or _HELD.search(place.before) or _EXPECTED.match(place.after) or _SINCE.match(place.after):
        return None
    year, part, is_fiscal = named
    names_report = bool(place.groups.keys() & _REPORT_KINDS or cues.report.search(place.after))
    follows_report = bool(cues.report.search(_RESULTS_MOVE.sub("", place.before[-24:])))
    is_head = place.start_char - first_start < _HEAD and place.start_char < 2 * _HEAD
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
    named = _ENDED_SPAN.match(place.after) if article.cues.up_to.search(place.before) else None
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
