"""What the words around figures say: whose, when, compared with what, and which labels stand there."""

import re
from bisect import bisect_right
from dataclasses import replace

from transforms.metrics.frames import MARKET, UNNAMED, Clause, Frame, Statement, Subject
from transforms.metrics.governing import Governing, comparison_basis, is_within, read_periods, runs_to
from transforms.metrics.labels import LabelUse, clean_phrase, name_part, read_labels
from transforms.metrics.tokens import Figure, Run, Token, bases_of
from transforms.metrics.vocabulary import POINT_UNITS, Label, Vocabulary, fits

_DIGITS_ONLY = re.compile("[0-9]+")
_POINTS = re.compile("(?:在|于|报|约|为)? ?[0-9万,.]{2,12} ?点")
_SAME_SPAN = re.compile("(?:报告)?期内|同期|上述期间|各期")
_DAYS = re.compile("P([0-9]+)D")
LISTING = re.compile(r"^\s*\(\s*(?:[A-Z]{1,5}[:.-]?)?\s?\d{0,6}(?:[.-][A-Z]{1,2})?\s*\)")
LONGEST_SEGMENT = 14
# What a developer's 销售 are, in a text on contracted sales
_SALES = frozenset({"revenue", "sales_volume"})
# What is told of a company's activities as well as of a share or a balance
_NET_FLOWS = frozenset({"fund_flow", "net_cash"})
# 非美国通用会计准则下,归属于普通股股东的净利润: how far the label may be whose accounting the clause before it tells
_LONG_LABEL = 14
# The label whose meaning any index has
_ANY_INDEX = "加权指数"
# 每股美国存托股(ADS)非公认会计准则基本及摊薄: how far 每股 may be from its label
_SHARE_CHARS = 32
# A prospectus lists at least so many periods once and calls them 报告期 from then on.
_LEAST_LISTED = 3
# 剔除公允价值变动损益: how far before a label the verb may be that leaves it out
_ASIDE_CHARS = 20
# What opens a clause about an earlier period that is only held against the one at hand
_HELD_AGAINST = ("而", "而截至", "而于", "而在")
# How far behind a period 相比 may be: 跟一季度的275亿元相比
_COMPARED_CHARS = 24
# What may stand before the company that an item of a digest begins with
_OPENING_CHARS = 10
# How long the name of a fund may be
_FUND_CHARS = 60
# What a company has earned, at any level
_PROFITS = frozenset({"operating_income", "profit_before_tax", "ebitda", "ebit", "gross_profit", "net_income"})


class Reading:
    """Keeps the frame and the clause at hand up to date with every token that is not a figure.

    subject, report: the company and the period the document is about, for figures whose surroundings name none.
    """

    def __init__(self, vocabulary: Vocabulary, subject: Subject, report: Governing | None):
        self.vocabulary = vocabulary
        self.forms = vocabulary.forms
        self.subject = subject
        self.report = report
        self.frame = Frame()
        self.text = ""
        self.starts = [0]
        self.offset = 0
        self.statements: list[Statement] = []
        self.sentence_from = 0
        self.others: list[tuple[int, int]] = []
        self.served: frozenset[str] = frozenset()
        self.owned: frozenset[str] = frozenset()
        self.markets: list[int] = []
        self.asked: Frame | None = None
        self.listed_periods: list[Governing] = []

    def _clause_start(self, at: int) -> int:
        """Return where the clause of the token at `at` begins: after the punctuation before it."""
        return self.starts[bisect_right(self.starts, at) - 1]

    def _sentence_start(self, at: int, reach: int) -> int:
        """Return where the sentence of a place begins, at most `reach` characters before it."""
        left = max(0, at - reach)
        return max(left, *(self.text.rfind(mark, left, at) + 1 for mark in "。!?"))

    def _close(self, clause: Clause, mark: Token | None) -> None:
        """Take a heading or the topic of the sentence out of a clause without figures: 印染业务:, 住宿方面, or 游戏业务继续下滑,."""
        if mark is not None and mark.kind == ";" and not clause.is_nested:
            self.frame.topic = None
        if clause.figure_count or clause.is_nested or mark is None:
            return
        if self.forms["by_part"].search(self.text[clause.start : mark.start]):
            # 以应用别来看, 分地区, 各产品营收比重来看: what follows lists the parts of the revenue
            self.frame.is_by_part, self.frame.part_sentence, self.frame.segments = True, self.frame.sentence_no, []
            if self.frame.outer_periods and self.frame.may_leave_inner:
                # 前三季度收入75亿元,其中三季度31亿元。分产品看,: the parts are of the whole again
                self.frame.periods, self.frame.outer_periods = self.frame.outer_periods, []
            self.frame.is_by_share = self.forms["by_share"].search(self.text[clause.start : mark.start]) is not None
            return
        if clause.labels:
            return
        phrase = self.text[clause.left : mark.start]
        if mark.kind == ":" or self.forms["topic"].search(phrase):
            name = clean_phrase(self.forms["topic"].sub("", phrase), self.vocabulary)
            is_part = self.forms["topic"].search(phrase) or name.endswith(self.vocabulary.businesses)
            if is_part and 2 <= len(name) <= LONGEST_SEGMENT:
                self.frame.heading, self.frame.segments = name, []
        elif business := self.forms["business_topic"].search(phrase):
            self.frame.topic = clean_phrase(business["name"], self.vocabulary) or None

    def _turn_to_market(self, start: int, end: int) -> None:
        """Let a clause that speaks of a market say that what follows is no company's: 行业层面, 卓创资讯数据显示."""
        if self.frame.subjects and any(start <= at < end for at in self.markets):
            self.frame.subjects, self.frame.topic, self.frame.heading, self.frame.segments = [MARKET], None, None, []

    def _read_mention(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Make a company the subject, unless it is only cited, compared with or a partner."""
        if item.members[0].data.type == "index":
            self._read_index(item, clause)
            return
        if item.members[0].data.type == "industry":
            self._read_group(item, index, items, clause)
            return
        if item.members[0].data.type != "company":
            return
        after = self.text[item.end : item.end + 12]
        # (4931-TW) 新盛力,盘中大涨: a listing before a name opens its clause with it
        before = self.forms["led_listing"].sub("", self.text[clause.start : item.start])
        # 大摩:予美团(03690)「与大市同步」评级,目标价110元
        before = "" if self.forms["rates"].search(before.strip()) else before
        # 赛岳微电:预计一季度净利3000万元 is an item of a digest, whose company expects it of itself
        is_item = after[:1] == ":" and item.start < _OPENING_CHARS
        # 甬岳港8月预计完成吞吐量452万标准箱 expects of itself as well, a broker of others
        cited = self.vocabulary.sources.match(after)
        is_own = is_item or (cited is not None and self.forms["expects_itself"].search(cited[0]) and not self.forms["outsider"].search(self.text[item.start : item.end]))
        if (cited is not None and not is_own) or self._is_bystander(item, before.strip()) or self.forms["broker_after"].match(after) or (self.forms["preposition"].search(before) and before):
            clause.begin_phrase(item.end)
            return
        says_something = after[:1] == ":" or any(later.kind == "figure" for later in items[index + 1 :])
        is_opening = len(item.members) == 1 and (self.forms["turns_to"].fullmatch(before.strip()) is not None or self.forms["described"].search(before.strip()) is not None)
        if not says_something and self.served.issuperset(member.data.entity for member in item.members):
            # 华为、vivo四季度也开始贡献利润: customers, of whom nothing is stated
            clause.begin_phrase(item.end)
            return
        if before.strip() and not says_something and not is_opening:
            clause.begin_phrase(item.end)
            return
        subjects = [Subject(member.data.entity, self._place(member)) for member in item.members]
        self.frame.topic = None
        if [subject.entity for subject in subjects] != [subject.entity for subject in self.frame.subjects]:
            self.frame.heading, self.frame.segments = None, []
        self.frame.subjects, self.frame.group = subjects, None
        if clause.figure_count:
            # 成交2,522张 奕力(6962)大涨7.1%: another company has labels of its own
            clause.labels, clause.earlier_labels = (), ()
        clause.begin_phrase(item.end)

    def _is_bystander(self, item: Token, before: str) -> bool:
        """Return whether a company only keeps shares for a fund, is where, or whom to, another one sells, or whose shares are dealt in. before: its clause so far.

        京东平台GMV下滑, at the beginning of a clause, is told of the platform.
        """
        after = self.text[item.end : item.end + _FUND_CHARS]
        # 雅砻江水电贡献的投资收益 is its owner's
        if self.owned.issuperset(member.data.entity for member in item.members) and self.forms["contributes_to"].match(after):
            return True
        is_place = (before and self.forms["channel"].match(after)) or (self.forms["sells_on"].match(before) and self.forms["sold_there"].match(after))
        return bool(is_place or self.forms["custodian"].match(after) or self.forms["customer"].match(after) or self.forms["stake_in"].match(after))

    def _read_group(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Note that a clause speaks of companies together (四家云厂商资本开支369亿美元), not of one of them (面板厂友达)."""
        is_apposed = any(after.kind == "mention" and after.start == item.end for after in items[index + 1 : index + 2])
        if not is_apposed and len(item.members) == 1 and self.forms["group_before"].search(self.text[clause.start : item.start]) and self.forms["group_after"].match(self.text[item.end : item.end + 12]):
            self.frame.group = Subject(item.members[0].data.entity, self._place(item)), self.frame.sentence_no
            clause.begin_phrase(item.end)

    def _read_index(self, item: Token, clause: Clause) -> None:
        """Take an index of a market as the label of what follows, and its name as the segment: 上证指数下跌0.6%, 沪指、深成指分别跌0.5%、0.8%."""
        label = self.vocabulary.labels[_ANY_INDEX]
        clause.earlier_labels = [*clause.earlier_labels, *clause.labels]
        clause.labels = self.frame.labels = [LabelUse(label, member.start, member.end) for member in item.members]
        clause.is_change_before_label = clause.change is not None
        self.frame.label_sentence = self.frame.sentence_no
        self.frame.segments = [member.data.entity for member in item.members]
        clause.begin_phrase(item.end)

    def _read_period(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Let a period govern what follows, or be what the next change is measured from."""
        periods = read_periods(item, self.offset)
        before, after = self.text[clause.left : item.start], self.text[item.end : item.end + 6]
        if self.forms["record_since"].match(self.text, item.end):
            # 为2019年10月以来单月新高: how far back a record reaches governs nothing
            clause.begin_phrase(item.end)
            return
        if self.forms["times_of"].match(self.text, item.end):
            clause.begin_phrase(item.end)
            return
        if self.forms["set_then"].match(self.text, item.end):
            # 优于年初设定的7.5亿美元: when an aim was set is not what it is for
            clause.begin_phrase(item.end)
            return
        if (above := self.forms["above"].search(before)) and clause.figure_count == 0 and periods:
            # 高于前一季的78%, 逊于Q2: what something is held against governs nothing behind its clause
            if index + 1 < len(items) and items[index + 1].kind == "figure":
                clause.prior_period, clause.is_prior = periods[0], True
                clause.end_phrase(item.start - len(above[0]))
            else:
                clause.horizon = periods[-1]
                clause.begin_phrase(item.end)
            return
        if len(self.frame.periods) > 1 and _SAME_SPAN.fullmatch(self.text, item.start, item.end) and any(len(later.members) == len(self.frame.periods) for later in items[index + 1 :] if later.kind == "figure"):
            # 2022至2024年收入分别为…,期内纯利分别为…: the list goes on over the same years
            clause.begin_phrase(item.end)
            return
        baseline = self.forms["baseline"].search(before) or (self.forms["companion"].search(before) if self.forms["compared"].match(self.text[item.end : item.end + _COMPARED_CHARS]) else None)
        if self.forms["base_effect"].match(after):
            clause.begin_phrase(item.end)
            return
        # 环比23Q1的47.6%提升4.3pct
        is_compared = baseline or clause.basis_end == item.start
        if is_compared or self.forms["from"].search(before) or "同期" in self.text[item.start : item.end]:
            clause.prior_period, clause.prior_periods = periods[0] if periods else None, periods
            clause.is_prior = True
            # 同比去年10月同期 says itself what it is
            if is_compared and not (clause.bases and "同期" in self.text[item.start : item.end + 2]):
                governing = self.frame.periods[-1] if self.frame.periods else None
                # 分别较22H1、23H1增长28%和44%
                clause.bases = [comparison_basis(period, governing) for period in periods] or [self._basis_in_year(item, governing)]
                clause.basis_at = item.start, item.end
            clause.end_phrase(item.start - len(baseline[0]) if baseline else item.start)
            return
        if periods and (self._is_contrast(periods[-1], item, before) or self._is_reason(periods[-1], item, clause)) and not any(later.kind == "period" for later in items[index + 1 :]):
            clause.horizon = periods[-1]
        elif periods and all(period.is_day for period in periods):
            # 对应9月3日PE分别为31、25、21倍: of the three years before, at that day's price
            is_of_price = len(self.frame.periods) > 1 and self.forms["priced_on"].match(self.text, item.end) is not None
            self.frame.day = None if is_of_price else periods[-1]
        elif periods:
            is_inner = self.forms["inner_period"].search(self.text[clause.start : item.start]) and is_within(periods[-1], self.frame.periods)
            is_inner = is_inner or (self.forms["cumulated"].match(self.text, item.end) and runs_to(periods, self.frame.periods))
            self.frame.outer_periods, self.frame.may_leave_inner = (self.frame.outer_periods or self.frame.periods) if is_inner else [], False
            self.frame.periods, self.frame.day = periods, None
            self.listed_periods = periods if len(periods) >= _LEAST_LISTED else self.listed_periods
        elif self.forms["relative_year"].fullmatch(self.text[item.start : item.end]):
            # 今年 of a text without a date is not the half year that it reports on
            self.frame.periods = [period for period in self.frame.periods if period.granularity == "year"]
        elif self.forms["until"].search(before) and len(self.frame.periods) == 1:
            # 按2024年零售额计排名第四。截至今年6月底,线上收入占68%: what cannot be dated is not what was told before
            self.frame.periods, self.frame.day = [self.report] if self.report else [], None
        clause.begin_phrase(item.end)

    def _is_contrast(self, period: Governing, item: Token, before: str) -> bool:
        """Return whether a period is only held against the one at hand: 2024年净流出2亿元,而2023年为净流入1亿元."""
        governing = self.frame.periods[-1] if self.frame.periods else None
        if before.strip() not in _HELD_AGAINST or governing is None or not self.forms["contrast"].match(self.text, item.end):
            return False
        return period.granularity == governing.granularity and None not in (period.end, governing.start) and period.end < governing.start

    def _is_reason(self, period: Governing, item: Token, clause: Clause) -> bool:
        """Return whether an earlier period only tells why: 净利润同比下滑主要由于18Q3确认一次性收益4.5亿元。扣非净利润7.9亿元."""
        governing = self.frame.periods[-1] if self.frame.periods else None
        if governing is None or None in (period.end, governing.start) or period.end >= governing.start:
            return False
        told = self.forms["cause"].search(self.text, clause.start, item.start)
        # 因为2002年4月…, a sentence of its own, goes on with that year
        return told is not None and (told.start() > clause.start or self.text[clause.start - 1 : clause.start] == ",")

    def _read_basis(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Note what the next change is measured from; 较上年同期的A states A of that earlier period."""
        clause.bases, clause.basis_end = bases_of(item), item.end
        clause.basis_at = item.start, item.end
        clause.change = item.members[-1].data.direction or clause.change
        if self.text[item.end - 1] == "价" and index + 1 < len(items) and items[index + 1].kind == "figure" and items[index + 1].start == item.end and items[index + 1].members[0].data.kind == "money":
            # 较招股价32元高64%
            label = self.vocabulary.labels.get(self.text[item.start + 1 : item.end])
            if label is not None:
                clause.bases, clause.labels = [], [LabelUse(label, item.start + 1, item.end)]
        # 同比降幅收窄至2.3%
        clause.is_change_noun |= self.text[item.end - 1] == "幅"
        is_level = self.text[item.end : item.end + 1] == "的" or self._names_level(items[index + 1 : index + 3]) or self._is_changed(item, items[index + 1 : index + 4])
        clause.is_prior = clause.bases == ["yoy"] and is_level
        clause.end_phrase(item.start)

    def _names_level(self, later: list[Token]) -> bool:
        """Return whether a label and its figure at once follow: 较去年同期亏损2.84亿元收窄 tells what the loss was."""
        if [token.kind for token in later] != ["label", "figure"] or not isinstance(later[0].members[0].data, Label):
            return False
        return later[1].start - later[0].end <= 1 and fits(later[0].members[0].data, later[1].members[0].data.kind or "")

    def _is_changed(self, item: Token, later: list[Token]) -> bool:
        """Return whether a percentage and a change in points follow: 较去年同期32.7%增加4.7pcts tells what the margin was."""
        if [token.kind for token in later] != ["figure", "change", "figure"] or later[0].start - item.end > 1:
            return False
        return later[0].members[0].data.unit == "percent" and later[2].members[0].data.unit in POINT_UNITS

    def _read_change(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Note which way the figure goes."""
        clause.change, clause.is_change_before_label, clause.change_at = item.data.value, False, (item.start, item.end)
        clause.change_word = self.text[item.start : item.start + 2].strip("超逾近约了0123456789 ")
        clause.is_prior = False
        clause.end_phrase(item.start)

    def _read_better(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Note that the figure goes the good or the bad way, which its label tells: 综合成本率优化0.8个百分点."""
        self._read_change(item, index, items, clause)

    def _direction(self, use: LabelUse, clause: Clause) -> str | None:
        """Return which way a figure goes: 优化 is down for a cost, up for a margin."""
        if use.label.is_loss and use.start < clause.start and self.forms["falls"].match(clause.change_word):
            # 亏损9443万元,同比下滑44.87%: it is the profit that falls
            return "up"
        if clause.change not in ("better", "worse"):
            return clause.change
        return "down" if use.label.is_better_low == (clause.change == "better") else "up"

    def _read_change_noun(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Note that the figure is a change: 收入增速, 降幅."""
        clause.is_change_noun, clause.change_at = True, (item.start, item.end)
        clause.change = "down" if item.kind == "decline" else clause.change
        clause.end_phrase(item.start)

    def _read_verb(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """End the noun phrase before a verb such as 达到 or 分别."""
        clause.is_respective |= item.kind == "respectively"
        clause.end_phrase(item.start)

    def _read_share(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Note that the figure is a part of something: 占总收入的48%."""
        clause.is_share, clause.share_at = True, (item.start, item.end)
        clause.end_phrase(item.start)
        clause.part = self._segment(self.text[clause.left : clause.phrase_end or item.start])

    def _read_boundary(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Begin a new noun phrase after 其中 or 公司."""
        if item.kind == "company" and any(start <= item.start < end for start, end in self.others):
            # 20家上市公司合计营收: the companies of a market are not the one the text is about
            clause.begin_phrase(item.end)
            return
        if item.kind == "among":
            self.frame.segments = []
            # 交付4万台,同比增长9%。其中: what follows is of the figure just before
            last = self.statements[-1].figure.end if self.statements else None
            if last is not None and not self.text[last : item.start].strip(" ,。;()元台辆家人左右以上"):
                self.frame.among_sentence = self.frame.sentence_no
        else:
            self.frame.topic, clause.is_of_company, self.frame.group = None, True, None
            if self.frame.subjects == [MARKET]:
                self.frame.subjects = [self.subject]
            # 收购京瀚禹51%股权。该公司2019年…: the one named last
            is_last_named = self.text.startswith("该", item.start)
            if not is_last_named and self.frame.subjects[-1].entity in self.owned:
                # 子公司时间互联营收12.1亿元…公司营收16亿元, 雅砻江水电为公司贡献投资收益11亿元
                self.frame.subjects = [self.subject]
            if not is_last_named and self.subject.entity == UNNAMED and self.frame.subjects[-1].entity != UNNAMED and not self._is_within(self.frame.subjects[-1], clause) and not self._opens_block(self.frame.subjects[-1]):
                # a text that never names its company means it by 公司, whomever it named in between
                self.frame.subjects = [self.subject]
        clause.begin_phrase(item.end)

    def _read_horizon(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Let 一年内 or 10年后 say when; 比两年前 is what a change is measured from."""
        if item.data.norm == "-P1Y" and self.forms["was_then"].match(self.text, item.end):
            # 每股收益4.78美元,一年前只有1.79美元
            self._read_prior(item, index, items, clause)
            return
        baseline = self.forms["baseline"].search(self.text[clause.left : item.start])
        if baseline is not None:
            clause.bases, clause.basis_at = ["change"], (item.start, item.end)
            if (norm := item.data.norm or "").startswith("-P"):
                clause.since = Governing(norm.removeprefix("-"), at=self._place(item))
            clause.end_phrase(item.start - len(baseline[0]))
            return
        if due := self.forms["falls_due"].match(self.text, item.end):
            # 一年内到期的有息负债5.36亿元 says which debt, and not when
            clause.begin_phrase(due.end())
            return
        norm = item.data.norm
        if norm and not norm.startswith(("P", "-P")):
            # 过去的四个季度 of a company that has reported are those quarters
            self.frame.periods = [Governing(*item.data, self._place(item))]
        elif norm and norm.startswith("P") and self.text[item.end - 1] in "内后":
            clause.horizon = Governing(norm, at=self._place(item))
        clause.begin_phrase(item.end)

    def _read_days(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Read a number of days as the figure of a label that is counted in them (存货周转天数86天), else as a span of time."""
        labels = clause.labels or (self.frame.labels if self.frame.label_sentence == self.frame.sentence_no else ())
        days = [_DAYS.fullmatch(member.data.norm or "") for member in item.members]
        if not labels or not labels[0].label.metric.endswith("_days") or None in days:
            self._read_horizon(item, index, items, clause)
            return
        told = [
            Token("figure", member.start, member.end, Figure(float(count[1]), None, None, "day", None, None, self.text[member.start : member.end], "physical"))
            for member, count in zip(item.members, days, strict=True)
        ]  # fmt: skip
        figures = Run(told[0])
        for figure, joint in zip(told[1:], item.joints[1:], strict=True):
            figures.add(figure, joint)
        self._read_figures(figures, index, items, clause)

    def _read_accounting(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Note the accounting basis of the label that follows: 经调整, Non-IFRS."""
        joint = self.text[clause.accounting[1] : item.start].strip() if clause.accounting else None
        clause.accountings = [*clause.accountings, item.data.value] if joint in ("和", "与", "及", "、", "/") else [item.data.value]
        clause.accounting = (item.data.value, item.end)
        clause.begin_phrase(item.end)

    def _read_prior(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Let 去年同期 govern the figure that follows it."""
        clause.is_prior = True
        clause.end_phrase(item.start)

    def _read_label(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Take a label, and the noun phrase before it as the segment it is limited to."""
        if id(item) in clause.used_labels:
            clause.begin_phrase(item.end)
            return
        if self.forms["set_aside"].search(self.text, max(clause.start, item.start - _ASIDE_CHARS), item.start) and self.forms["set_aside_end"].match(self.text, item.end):
            # 剔除公允价值变动影响后增长2%: what is left out is not what grows
            clause.begin_phrase(item.end)
            return
        if self.forms["modifies"].match(self.text, item.end):
            # 算力服务器电源3.8亿元, 贷款业务收入: the name of a metric that only tells what kind of business is meant
            return
        uses = self._of_prior_profit(self._of_opening(self._of_buyback(self._of_research(self._of_share(self._of_activity(read_labels(item, self.text, clause.start, self.vocabulary), clause)))), clause), clause)
        if clause.labels and self.forms["in_total"].match(self.text, uses[-1].end) and self.forms["list_of_names"].fullmatch(self.text, clause.labels[-1].end, uses[0].start):
            # 现金及现金等价物、受限资金和短期投资共计41亿元: the sum is of what the list begins with
            clause.begin_phrase(item.end)
            return
        if clause.labels and self.forms["cause"].search(self.text[clause.labels[-1].end : uses[0].start]) and self.forms["caused"].match(self.text[item.end : item.end + 12]):
            # 毛利率受惠原材料成本回落,上升1.1个百分点: why it rose is no label of the figure
            clause.begin_phrase(item.end)
            return
        if clause.labels and (of := self.forms["ratio_of"].match(self.text, item.end)):
            # 有息债务余额与地区GDP之比约为82%
            clause.is_share, clause.denominator = True, uses
            clause.begin_phrase(of.end())
            return
        if clause.is_share:
            clause.denominator = uses
            return
        if self.forms["counted_in"].search(self.text, clause.start, uses[0].start) and self.frame.labels and not self._names_level(items[index : index + 2]):
            # 净息差1.42%,若计及掉期收益则为1.61%
            clause.begin_phrase(item.end)
            return
        if clause.accounting and uses[0].start - clause.accounting[1] <= (_LONG_LABEL if clause.accounting[1] == clause.start else 4):
            uses = [replace(use, label=replace(use.label, accounting=clause.accounting[0])) for use in uses]
        uses = [self._with_accounting(use, clause) for use in uses]
        if uses[0].label.metric in _SALES and "销" in self.text[uses[0].start : uses[0].end] and len(uses) == 1 and any(statement.use.label.metric == "contracted_sales" for statement in self.statements):
            # 合约销售额11.8亿元…首7个月累计销售96.5亿元
            uses = [replace(uses[0], label=self.vocabulary.labels["合同销售额"])]
        if uses[0].label.metric == "new_orders" and self.text[uses[0].start : uses[0].end] == "订单" and any(statement.use.label.metric == "order_backlog" for statement in self.statements[self.sentence_from :]):
            # 在手订单超过80亿元,其中海外订单占比近三成
            uses = [replace(uses[0], label=self.vocabulary.labels["在手订单"])]
        if uses[0].label.metric == "share_price" and self._is_index(uses[-1].end):
            # 加权指数下跌691点,收在26,756点
            clause.begin_phrase(item.end)
            clause.labels = self.frame.labels
            return
        phrase = self.text[clause.left : min(uses[0].start, clause.phrase_end or len(self.text))]
        clause.phrase = phrase
        clause.earlier_labels = [*clause.earlier_labels, *clause.labels]
        clause.labels = self.frame.labels = uses
        clause.is_change_before_label = clause.change is not None
        self.frame.label_sentence = self.frame.sentence_no
        segment = self._segment(phrase) or self._named_after(phrase, clause)
        if segment and uses[0].label.is_by_segment and not clause.is_nested:
            self.frame.topic = segment
        elif not segment and uses[0].label.is_by_segment:
            segment = self.frame.topic
        if segment or not clause.is_nested:
            self.frame.segments = [segment] if segment else []
        clause.begin_phrase(item.end)

    def _named_after(self, phrase: str, clause: Clause) -> str | None:
        """Return the product that is named after its company by one more character: 茅台酒收入1011亿元."""
        subject = self.frame.subjects[-1] if self.frame.subjects else None
        if subject is None or subject.at is None or subject.at[1] - self.offset != clause.left or self.forms["product_of"].fullmatch(phrase) is None:
            return None
        return self.text[subject.at[0] - self.offset : clause.left] + phrase

    def _of_prior_profit(self, uses: list[LabelUse], clause: Clause) -> list[LabelUse]:
        """Return 亏损 or 盈利 of a year before as the profit that the sentence tells of: 新业务经营亏损收窄至10亿元,上年同期亏损51亿元."""
        at_hand = self.frame.labels[0].label if clause.is_prior and self.frame.labels and self.frame.label_sentence == self.frame.sentence_no else None
        if at_hand is None or at_hand.metric not in _PROFITS or len(uses) != 1 or self.forms["bare_profit"].fullmatch(self.text, uses[0].start, uses[0].end) is None:
            return uses
        return [replace(uses[0], label=replace(at_hand, is_loss=uses[0].label.is_loss))]

    def _is_index(self, at: int) -> bool:
        """Return whether the points of the index at hand stand at a place."""
        is_here = bool(self.frame.labels) and self.frame.labels[0].label.metric == "index_points" and self.frame.label_sentence == self.frame.sentence_no
        return is_here and _POINTS.match(self.text, at) is not None

    def _of_activity(self, uses: list[LabelUse], clause: Clause) -> list[LabelUse]:
        """Return 净流出 and 现金净额 as the cash flow of the activity named with it, or just before: 投资活动现金净流出, 筹资活动则净流入; else as it is."""
        use = uses[0]
        if len(uses) > 1 or use.label.metric not in _NET_FLOWS:
            return uses
        if named := self.forms["cash_activity"].search(self.text, clause.start, use.start):
            label, is_out = self.vocabulary.labels[f"{named['activity']}活动现金流"], bool(self.forms["cash_used"].search(named[0]))
            return [LabelUse(replace(label, is_loss=use.label.is_loss or is_out), named.start(), use.end)]
        carried = self.frame.labels[0].label if self.frame.labels and self.frame.label_sentence == self.frame.sentence_no else None
        if use.label.metric == "fund_flow" and carried is not None and carried.metric.endswith("_cash_flow"):
            return [replace(use, label=replace(carried, is_loss=use.label.is_loss))]
        return uses

    def _of_share(self, uses: list[LabelUse]) -> list[LabelUse]:
        """Return the earnings of a share where a label of earnings follows 每股 and what else may stand between: 每股美国存托股(ADS)基本及摊薄净亏损.

        Whose share of the sales is told has revenue: 海外销售占比30%.
        """
        use = uses[0]
        is_of_volume = any(statement.use.label.metric == "sales_volume" for statement in self.statements[self.sentence_from :])
        if self.text[use.end - 2 : use.end] == "销售" and self.text.startswith("占", use.end) and use.label.metric == "sales_volume" and not is_of_volume:
            return [replace(use, label=self.vocabulary.labels["收入"]), *uses[1:]]
        if use.label.metric != "net_income" or not (share := self.forms["each_share"].search(self.text, max(0, use.start - _SHARE_CHARS), use.start)):
            return uses
        label = self.vocabulary.labels["每股收益"]
        return [LabelUse(replace(label, accounting=use.label.accounting, is_loss=use.label.is_loss), share.start(), use.end), *uses[1:]]

    def _of_opening(self, uses: list[LabelUse], clause: Clause) -> list[LabelUse]:
        """Return the labels, stores as those that are opened or closed where the clause says so: 新开便利店门店160家, 关闭低效门店120家."""
        if len(uses) != 1 or uses[0].label.metric != "store_count":
            return uses
        if closing := self.forms["closes_old"].search(self.text, clause.start, uses[0].start):
            # 关闭低效门店120家
            clause.begin_phrase(closing.end())
            return [replace(uses[0], label=self.vocabulary.labels["关店"])]
        return uses if self.forms["opens_new"].search(self.text, clause.start, uses[0].start) is None else [replace(uses[0], label=self.vocabulary.labels["新开门店"])]

    def _basis_in_year(self, item: Token, governing: Governing | None) -> str:
        """Return the basis of a change against the same part of a year, which no period names: 10月收入195亿元,较2022年同期增长40%."""
        named = self.forms["same_part_of"].match(self.text, item.start, item.end)
        return "yoy" if named and governing and governing.year == int(named["year"]) + 1 else "change"

    def _of_buyback(self, uses: list[LabelUse]) -> list[LabelUse]:
        """Return what is put into the company's own shares as a buyback: 斥资3亿港元回购股份, 斥资20亿美元新建工厂."""
        if len(uses) != 1 or uses[0].label.metric != "investment_amount" or self.forms["buys_back"].match(self.text, uses[0].end) is None:
            return uses
        return [replace(uses[0], label=self.vocabulary.labels["回购金额"])]

    def _of_research(self, uses: list[LabelUse]) -> list[LabelUse]:
        """Return what is put into research as its expense, and forget the topic that said so, which is no segment: 研发方面,去年投入186亿元."""
        topic = self.frame.heading or self.frame.topic or ""
        if len(uses) > 1 or uses[0].label.metric != "investment_amount" or self.forms["research"].fullmatch(topic) is None:
            return uses
        self.frame.heading = self.frame.topic = None
        return [replace(uses[0], label=self.vocabulary.labels["研发费用"])]

    def _with_accounting(self, use: LabelUse, clause: Clause) -> LabelUse:
        """Return the label with the accounting of the same metric just before it: 扣非净利润亏损6.3亿元."""
        last = clause.labels[-1].label if clause.labels else None
        if last is None or last.metric != use.label.metric or use.label.accounting or use.start != clause.labels[-1].end:
            return use
        return replace(use, label=replace(use.label, accounting=last.accounting))

    def _segment(self, phrase: str) -> str | None:
        """Return the segment a noun phrase names, or None if it names nothing that short."""
        # 九阳股份(002242)报收于: the listing behind a name limits nothing
        name = name_part(LISTING.sub("", phrase), self.vocabulary)
        return name if 1 < len(name) <= LONGEST_SEGMENT and not _DIGITS_ONLY.fullmatch(name) else None

    def _place(self, token: Token) -> tuple[int, int]:
        """Return the span of a token in the document."""
        return token.start + self.offset, token.end + self.offset

    def _opens_block(self, subject: Subject) -> bool:
        """Return whether a block begins with a company, as the items of a digest do: 散热模组厂冠霆(3819)9月营收33亿元…公司说明."""
        return subject.at is not None and subject.at[0] - self.offset < _OPENING_CHARS

    def _is_within(self, part: Governing | Subject | None, clause: Clause) -> bool:
        """Return whether a period or subject is named in this clause."""
        return part is not None and part.at is not None and part.at[0] >= clause.start + self.offset

    def _reaches(self, figure: Token) -> bool:
        """Return whether 至, 达 or 为 stands before the figure."""
        before = self.text[max(0, figure.start - 6) : figure.start]
        if self.forms["reach"].search(before):
            return True
        return "的" in before and self.forms["reach_at"].search(self.text, max(0, figure.start - 16), figure.start) is not None

    def _lands(self, figure: Token) -> bool:
        """Return whether a figure is where a movement ends: 市场份额按季升至23.6% is the share, not its change."""
        return bool(self.forms["landing"].search(self.text[max(0, figure.start - 6) : figure.start]))

    def _is_aside(self, figure: Token, clause: Clause) -> bool:
        """Return whether a figure only explains the one before it: 10亿元(+5%), 10亿元/+5%, 10亿元,+5%."""
        return clause.is_nested or self.text[figure.start - 1 : figure.start] == "/" or not self.text[clause.start : figure.start].strip()

    def _is_money_label(self) -> bool:
        """Return whether the label at hand is measured in something that a percentage can only be a change of."""
        return bool(self.frame.labels) and self.frame.labels[0].label.unit_kind not in ("percent", "multiple", "any")
