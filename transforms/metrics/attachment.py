"""Attaches figures to labels, subjects, segments, periods and bases, clause by clause, the way Chinese leaves things unsaid."""

from collections.abc import Sequence
from dataclasses import replace

from transforms.calendars import CALENDAR
from transforms.metrics.choosing import Choosing
from transforms.metrics.clauses import join_runs, split_clauses, split_sentences
from transforms.metrics.frames import MARKET, NOTHING, Clause, Frame, Statement, Subject, Waiting
from transforms.metrics.governing import Governing, a_year_earlier, is_of_prospectus, months_of, quarters_of, year_to
from transforms.metrics.labels import LabelUse, split_names
from transforms.metrics.signs import signed, widened
from transforms.metrics.tokens import Token
from transforms.metrics.vocabulary import OBSERVED, POINT_UNITS

# 下, 口径下: what may stand between an accounting basis and the end of its clause.
_LAST_CHARS = 3
# What exchanges tell day by day of who holds a share
_DAILY = frozenset({"shares_held", "shares_reduced", "shares_increased"})
# What shops, stations and cinemas tell of a day
_COUNTED_DAILY = frozenset({"visitors", "passengers_carried", "box_office", "retail_sales", "gmv", "order_volume", "ticket_volume", "traffic_flow", "occupancy_rate", "daily_active_users"})
# How far behind a day its sentence may go on
_DAY_CHARS = 160
# What was bought less what was sold: its sign is its own
_NET_TRADES = frozenset({"fund_flow", "net_buy_volume", "net_margin_purchases"})
# What a market has as well as a share
_MARKET_FLOWS = frozenset({"fund_flow", "turnover_value"})
_TURNOVERS = frozenset({"turnover_value", "turnover_volume"})
# What a company sells at
_PRICES = frozenset({"average_selling_price", "unit_price"})
# What a session settles, and periods that companies report on
_SESSION = frozenset({"share_price", "turnover_value", "turnover_volume", "fund_flow", "net_buy_volume", "index_points", "market_cap"})
_REPORTED = frozenset({"month", "quarter", "half", "nine_months", "year"})
# 由目前的: what may stand between 由 and its figure.
_FROM_CHARS = 12
# 与上年同期相比看: what may stand between a comparison that waits for its figure and the end of its clause
_WAITS_CHARS = 2

# 报告期各期,…: how far before a list of figures its periods may be called
_LIST_CHARS = 120
# How long a sentence may be that only says what the next one is about
_TOPIC_CHARS = 14
# Kinds of what a share is valued by
_OF_SHARES = ("multiple", "price", "per_share")


class Attachment(Choosing):
    """Reads the blocks of one document in order and makes a statement of each figure that has a label."""

    def read_block(self, text: str, starts: list[int], tokens: list[Token], others: list[tuple[int, int]], markets: list[int], offset: int) -> list[Statement]:
        """Return the statements of one block.

        `starts` are where its clauses begin, `others` where it speaks of a market or of several companies, `markets` where it turns to a
        market, `offset` is its first code point in the document.
        """
        self.text, self.starts, self.others, self.markets, self.offset, self.statements, self.sentence_from = text, starts, others, markets, offset, [], 0
        self.frame = Frame(subjects=[self.subject], periods=[self.report] if self.report else [])
        self._take_question()
        for sentence in split_sentences(tokens):
            self._read_clauses(sentence, is_nested=False)
            # 第二个数,毛利率。本季45.7%: a few words that name a metric and no figure ask for the one in the next sentence
            is_topic = len(self.statements) == self.sentence_from and self.frame.label_sentence == self.frame.sentence_no and sentence[-1].end - self._sentence_start(sentence[0].start, _TOPIC_CHARS) <= _TOPIC_CHARS and self._may_wait(self.frame.labels)
            self.frame.sentence_no += 1
            self.frame.label_sentence = self.frame.sentence_no if is_topic else self.frame.label_sentence
            self.sentence_from = len(self.statements)
            self.frame.topic = None
            self.frame.may_leave_inner = True
        if not self.statements and text.rstrip("*”」 \n").endswith("?"):
            self.asked = self.frame
        return self.statements

    def _take_question(self) -> None:
        """Let the block behind a question begin with what it asks about: 聯詠為什麼被剔除? / 毛利率滑到36.2%. 毛利率怎么看? / 三季度是18.9%."""
        asked, self.asked = self.asked, None
        if asked is None:
            return
        if len(asked.labels) == 1 and self._may_wait(asked.labels):
            self.frame.labels, self.frame.label_sentence = asked.labels, 0
        if len(asked.subjects) == 1 and asked.subjects[0].at is not None and self.forms["outsider"].search(asked.subjects[0].entity or "") is None:
            self.frame.subjects = asked.subjects

    @staticmethod
    def _may_wait(labels: list[LabelUse]) -> bool:
        """Return whether a label may wait for a figure in the next sentence: numbers of things say themselves what they count."""
        return labels[0].is_known and labels[0].label.unit_kind not in ("count", "physical")

    def _read_clauses(self, tokens: Sequence[Token], is_nested: bool) -> None:
        """Read the clauses of a sentence or of a parenthesis."""
        waiting = NOTHING
        for tokens_of_clause, mark in split_clauses(tokens):
            if not tokens_of_clause:
                if mark is not None:
                    start = self._clause_start(mark.start)
                    self._turn_to_market(start, mark.start)
                    self._close(Clause(start=start, left=start), mark)
                continue
            start = self._clause_start(tokens_of_clause[0].start)
            self._turn_to_market(start, tokens_of_clause[-1].end)
            clause = waiting.begin(start, is_nested, is_list=tokens_of_clause[0].kind == "respectively")
            items = join_runs(tokens_of_clause, self.text)
            for index, item in enumerate(items):
                if handler := _HANDLERS.get(item.kind):
                    handler(self, item, index, items, clause)
            waiting = self._wait(clause, items[-1], mark)
            self._close(clause, mark)
            if mark is not None and mark.kind == ";":
                self.frame.may_leave_inner = True

    def _wait(self, clause: Clause, last: Token, mark: Token | None) -> Waiting:
        """Return what a clause, of which a token is the last, says of the next one."""
        is_bare, ends_with = not clause.labels and not clause.figure_count, mark.kind if mark else None
        if is_bare and ends_with == ":":
            return Waiting(is_prior=clause.is_prior, prior_period=clause.prior_period)
        if ends_with != ",":
            return NOTHING
        is_pair = last.kind != "basis" and len(clause.bases) > 1 and not clause.figure_count
        # 净利润同比扭亏,盈利1.2亿元 has said what came of it
        is_waiting = mark.start - last.end <= _WAITS_CHARS and self.forms["came_of"].match(self.text, last.end) is None
        bases = clause.bases if (is_pair or last.kind == "basis") and is_waiting else ()
        fills = is_bare and clause.accounting is not None and mark.start - clause.accounting[1] <= _LAST_CHARS
        return Waiting(
            bases, clause.basis_at if bases else None, clause.change if len(bases) > 1 else None, is_pair,
            accounting=clause.accounting[0] if fills else None,
        )  # fmt: skip

    def _read_aside(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Read a parenthesis that explains no figure; it needs labels of its own, or a time to compare: 持平(2017年为22.7%)."""
        if len(item.inner) == 1 and item.inner[0].kind == "label" and not clause.labels and self._leads_to_figure(index, items):
            # 家族日活跃人数(DAP)35.4亿: the name of a metric may stand in brackets behind a longer one
            self._read_label(item.inner[0], index, items, clause)
            self.frame.segments = []
            clause.begin_phrase(item.end)
            return
        is_comparing = any(token.kind in ("period", "basis", "prior", "respectively") for token in item.inner)
        # 营业收入(12.3亿元)同比增长8%: what follows its label at once is its value
        is_value = bool(clause.labels) and 0 <= item.start - clause.labels[-1].end <= 1 and len(item.inner) > 0 and item.inner[0].kind == "figure"
        labels = self.frame.labels if is_comparing or is_value else []
        sentence = self.frame.sentence_no if is_value else self.frame.label_sentence
        self._read_inner(item.inner, replace_labels=labels, label_sentence=sentence)

    @staticmethod
    def _leads_to_figure(index: int, items: list[Token]) -> bool:
        """Return whether a figure follows, with at most a verb or a comparison before it."""
        following = next((token for token in items[index + 1 :] if token.kind not in ("reach", "respectively", "basis", "change")), None)
        return following is not None and following.kind == "figure"

    def _read_inner(self, tokens: Sequence[Token], replace_labels: list[LabelUse], **changes) -> None:
        """Read a parenthesis in a frame of its own."""
        if not tokens:
            return
        outer = self.frame
        self.frame = outer.copy()
        self.frame.labels = replace_labels
        for name, value in changes.items():
            setattr(self.frame, name, value)
        self._read_clauses(tokens, is_nested=True)
        self.frame = outer

    def _read_figures(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Make a statement of each figure of a run, with the label, period, segment and basis that it takes in its list."""
        kind = item.members[-1].data.kind
        if kind == "percent" and self.statements and self.forms["band"].search(self.text[clause.start : item.start]):
            self.statements[-1] = widened(self.statements[-1], item.members[0].data.value)
            return
        uses, rule = self._choose_labels(item, index, items, clause, kind)
        if uses:
            self._state(item, clause, uses, rule, kind)
        else:
            for member in item.members:
                self._read_inner(member.inner, replace_labels=[])
        clause.figure_count += len(item.members)
        self._forget(item, items, index, clause)

    def _forget(self, item: Token, items: list[Token], index: int, clause: Clause) -> None:
        """Drop what was said for this figure only; 同比-90.1%/减少46.9亿元 keeps its basis over the stroke."""
        # 环比Q1+6.35pcts至34.01%: a signed figure is the change itself
        is_baseline = clause.is_prior and not clause.change and self.text[item.start] not in "+-"
        is_start = bool(self.forms["from"].search(self.text[max(0, item.start - _FROM_CHARS) : item.start]))
        if self.text[item.end : item.end + 1] not in "/、" and not is_baseline:
            clause.bases, clause.basis_at = (), None
        # 营收增速由12%提升至15% goes on to speak of a growth
        clause.change, clause.is_change_noun, clause.is_change_before_label, clause.change_at = None, clause.is_change_noun and is_start, False, None
        clause.has_start = is_start
        # 占比由8.9%提升至10.0% goes on to speak of a share
        clause.is_share, clause.is_prior = clause.is_share and is_start, False
        clause.denominator, clause.prior_period, clause.prior_periods = (), None, ()
        clause.begin_phrase(item.end)

    def _state(self, item: Token, clause: Clause, uses: list[LabelUse], rule: str, kind: str | None) -> None:
        """Append one statement per figure of the run, then read the parentheses behind each."""
        count = len(item.members)
        self._leave_inner_period(uses[0], clause)
        if count == len(self.listed_periods) != len(self.frame.periods) and self.forms["each_period"].search(self.text, max(0, self.text.rfind("。", 0, item.start) + 1, item.start - _LIST_CHARS), item.start):
            # 报告期各期,公司研发费用分别为3.1亿元、4.4亿元、5.2亿元
            self.frame.periods = self.listed_periods
        segments = self._segments(uses, clause, count)
        for number, member in enumerate(item.members):
            use = _of_list(uses, number, count)
            basis = self._basis(member, use, clause, number, item.members)
            period = self._period(use, clause, basis, member, number, count, len(uses))
            subject = self._subject(use, clause, item, number, count)
            if subject is MARKET and use.label.metric in _PRICES:
                # 全国生猪均价为11.9元/公斤: what nobody in particular sells at is the price of the good
                use = replace(use, label=self.vocabulary.labels["市场均价"])
            segment = segments[number] if len(segments) == count > 1 else segments[-1] if segments else self.frame.heading
            is_of_session = use.label.metric not in OBSERVED and segment is not None and self.forms["of_session"].fullmatch(segment)
            if segment is not None and (is_of_session or self.forms["no_segment"].search(segment)):
                segment = None
            is_turned = number > 0 and clause.is_respective and member.data.direction is not None
            change = self._direction(use, clause) if basis != "level" and not is_turned else None
            change = change or (member.data.direction if basis not in ("level", "share") else None)
            if clause.has_start and clause.is_change_noun and self.statements and self._reaches(member):
                # 增速预测从4%下调到1.5%: a growth that falls is still one
                change = "down" if (self.statements[-1].value or 0) < 0 else None
            value, low, high = signed(member.data, use.label, basis, change)
            if basis == "share" and (use.label.metric, "percent") in self.vocabulary.variants:
                use, basis = use.as_variant("percent", self.vocabulary), "level"
            self.statements.append(
                Statement(
                    figure=member, use=use, basis=basis, value=value, low=low, high=high, period=period, subject=subject,
                    segment=segment, accounting=clause.accountings[number] if len(clause.accountings) == count > 1 else use.label.accounting, rule=rule,
                    is_label_carried=not (clause.start <= use.start), is_period_carried=not self._is_within(period, clause),
                    is_subject_carried=not self._is_within(subject, clause),
                    basis_at=self._basis_at(basis, member, clause), is_passed=is_of_prospectus(self.frame.periods),
                )
            )
            if number == count - 1 > 0 and 1 < sum(token.kind == "figure" for token in member.inner) <= count:
                # 1,529.7/1,855.4/2,232.4亿元(与上次预测-10%/-11%/-11%): a list that explains a list
                self._read_inner(member.inner, replace_labels=uses, segments=segments, label_sentence=self.frame.sentence_no)
                continue
            self._read_inner(
                member.inner, replace_labels=[use], periods=[period] if period else [], subjects=[subject],
                segments=[segment] if segment else [], label_sentence=self.frame.sentence_no,
            )  # fmt: skip

    def _leave_inner_period(self, use: LabelUse, clause: Clause) -> None:
        """Let the whole period govern again, where the sentence has gone on from a part of it to what was not told of the whole.

        上半年营收10亿元,其中二季度6亿元;净利润2亿元 is of the half; had its profit been told before, it would be that of the quarter.
        """
        outer = self.frame.outer_periods
        if not outer or not self.frame.may_leave_inner or "qoq" in clause.bases:
            return
        of_metric = (told for told in self.statements if told.use.label.metric == use.label.metric and told.segment in (self.frame.segments or [None]))
        is_told = any(told.period is not None and told.period.label == outer[0].label for told in of_metric)
        if not is_told:
            self.frame.periods = outer
        self.frame.outer_periods = []

    def _segments(self, uses: list[LabelUse], clause: Clause, count: int) -> list[str]:
        """Return the segments of a run: the carried ones, or those its noun phrase lists where nothing else is listed."""
        lists = (uses, self.frame.periods, self.frame.subjects, clause.bases, self.frame.segments)
        if count > 1 and not any(len(listed) == count for listed in lists):
            for phrase in (clause.phrase, self.text[clause.left : clause.phrase_end or clause.left]):
                if names := split_names(phrase, count, self.vocabulary):
                    self.frame.segments = names
                    self.frame.listed = (self.frame.sentence_no, names)
                    break
            else:
                sentence, names = self.frame.listed
                if len(names) == count and sentence == self.frame.sentence_no and not clause.is_nested:
                    # 基建/设备/地产收入20/4/1亿元,毛利3/1/0.2亿元: the list goes on under the next label
                    self.frame.segments = names
        return self.frame.segments

    def _basis(self, figure: Token, use: LabelUse, clause: Clause, number: int, members: list[Token]) -> str:
        """Return what the figure, one of `members`, is: a level, a share, or a change and from when."""
        kind, count = figure.data.kind, len(members)
        written_sign = self.text[figure.start] in "+-－"
        if kind == "percent" and (behind := self.forms["basis_behind"].match(self.text, figure.end)):
            return "qoq" if behind["basis"].lower() in ("qoq", "q/q", "mom", "m/m") else "yoy"
        if clause.is_share and figure.data.unit in POINT_UNITS:
            # 占比同比提升1.8pct, 占比下降4.5ppts
            return _of_list(clause.bases, number, count) if clause.bases else "yoy"
        if clause.is_share:
            return "share" if kind in ("percent", "multiple") else "level"
        if clause.is_prior and not clause.change and not clause.is_change_noun and not written_sign:
            # 占收入68.5%,较2022年的41%提高: what a share is compared with is one
            is_of_share = kind == "percent" and not clause.labels and bool(self.statements) and self.statements[-1].basis == "share" and self.statements[-1].use.label is use.label
            last = self.statements[-1] if self.statements else None
            if kind == "percent" and use.label.unit_kind == "money" and last is not None and last.use.label is use.label and last.basis in ("yoy", "qoq"):
                # 营收同比增速25.3%,较2023年Q4的18.1%提升: what a growth is compared with is one
                return last.basis
            return "share" if is_of_share else "level"
        # PPI同比降幅收窄至2.3% is still a change
        if clause.bases and not (self._lands(figure) and kind == use.label.unit_kind and not clause.is_change_noun):
            return _of_list(clause.bases, number, count)
        if kind == "percent" and figure.data.unit in POINT_UNITS:
            return "yoy" if not clause.is_change_noun else "change"
        # 大、中、小型企业PMI分别为48.3%、46.4%和44.7%: what the first of a list reaches the others do
        if (self._reaches(figure) or self._reaches(members[0])) and not clause.is_change_noun:
            return "level"
        if kind in ("percent", "multiple"):
            if use.label.unit_kind == kind and not clause.change and not (clause.is_nested and self.text[figure.start] == "+"):
                return "level"
            is_price = (use.label.unit_kind == "price" and use.label.period_type == "instant") or use.label.metric == "index_points"
            return "change" if is_price or clause.is_change_before_label else "yoy"
        if written_sign and use.label.metric in _NET_TRADES:
            # 外资买卖超:-98张
            return "level"
        if written_sign and self._is_aside(figure, clause) and all(self.text[member.start] in "+-－" for member in members):
            # 1.74/2.37/-0.15/0.55亿元 are four levels; 融资增减:-21张 is of a day
            return "change" if use.label.metric in OBSERVED else "yoy"
        # 股数减少100万股 is a change, 新增订单100亿元 a level
        return "change" if clause.change and not clause.is_change_before_label else "level"

    def _basis_at(self, basis: str, figure: Token, clause: Clause) -> tuple[int, int] | None:
        """Return the words that tell the basis of a figure, its own sign or direction (+12%, 翻番) among them; None for levels and what is only implied."""
        if basis == "level":
            return None
        said = clause.share_at if basis == "share" else (clause.basis_at if clause.bases else None) or clause.change_at
        is_signed = basis != "share" and (figure.data.direction is not None or self.text[figure.start] in "+-－")
        return said or ((figure.start, figure.end) if is_signed else None)

    def _period(
        self, use: LabelUse, clause: Clause, basis: str, figure: Token, number: int, count: int, labels: int
    ) -> Governing | None:
        """Return the period of a figure; 较上年同期的A and 从A增至B put A a year back."""
        governing = self.frame.periods
        if clause.horizon is not None:
            return clause.horizon
        if clause.since is not None and basis == "change" and not use.is_known:
            # 生态系统比两年前复杂了10倍 is about the two years, not about what the company reports on
            return clause.since
        if len(governing) == 1 and count > 1 and count not in (labels, len(self.frame.segments), len(self.frame.subjects)):
            written = self._written(governing[0])
            quarters = quarters_of(governing[0], count) if self.forms["quarter_range"].search(written) else []
            governing = quarters or months_of(governing[0], written, count) or governing
        current = None
        if len(governing) == count > 1 and labels != count:
            current = governing[number]
        elif clause.is_nested and 1 < count < len(governing):
            # 2024/2025/2026年归母净利润7.2/9.1/11.3亿元(原预测6.8/8.5亿元)
            current = governing[number]
        elif len(governing) > 1:
            current = replace(governing[0], label=f"{governing[0].label}/{governing[-1].label}", end=governing[-1].end)
        elif governing:
            current = governing[-1]
        is_of_day = use.label.period_type == "instant" or use.label.metric in OBSERVED or use.label.metric in _DAILY
        if self.frame.day and use.label.metric in OBSERVED and self.forms["of_week"].search(self.text, clause.start, figure.start):
            # 8月6日盘中最低价为3.12元。本周主力资金净流出980万元
            current = None
        elif self.frame.day and is_of_day:
            current = self.frame.day
        elif use.label.metric in _SESSION and current is not None and current.granularity in _REPORTED and not self._is_told_with(current, use, figure, clause):
            # 料第三季收入增13%。友邦抽高3.8%: nor has it that of what was told before
            current = None
        elif use.label.metric in OBSERVED and current is not None and current.at is None:
            # a share has its price of the day, not of the period that its company reports on
            current = None
        elif self.frame.day and not self._is_within(current, clause) and (self._is_within(self.frame.day, clause) or self._is_of_new_day(use, current)):
            # 本财年末毛利率达到75%, 截至2022年末实现营收: a flow has the year or the quarters that end on the day
            current = self._up_to_day() or current
        elif self.frame.day and current is None:
            # 2024年末贷款6.8万亿元,成本收入比31.5%
            current = self._up_to_day() or self._on_day(use, figure)
        is_start = basis in ("level", "share") and self.forms["from"].search(self.text[max(0, figure.start - _FROM_CHARS) : figure.start]) is not None
        if not use.is_known and self.statements and self.frame.among_sentence == self.frame.sentence_no and len(self.statements) > self.sentence_from and current is not None and current.at is None:
            # 一季度末货币资金4102万元,其中受限资金1890万元
            current = self.statements[-1].period or current
        if len(clause.prior_periods) == count > 1 and clause.is_prior:
            # 2019年、2020年同期的增幅分别为24.7%和20.8%
            return clause.prior_periods[number]
        if len(governing) > 1 == count and (clause.has_start or is_start) and (is_start or self._reaches(figure)):
            # 报告期各期,占营收的比例从25.2%降至7.7%: from the first of the periods to the last
            return governing[0] if is_start else governing[-1]
        is_prior_growth = basis in ("yoy", "qoq") and not (clause.change or clause.is_change_noun) and clause.prior_period is not None and self.text[figure.start] not in "+-－"
        if clause.is_prior and (basis in ("level", "share") or is_prior_growth or (clause.is_change_noun and not clause.bases)):
            return clause.prior_period or a_year_earlier(current)
        # EPS预估由7.94元下修至7.78元: both are of the year that is forecast
        if is_start and basis == "level" and not self.forms["revised"].match(self.text, figure.end):
            # 由40.8%升至42.7% does not say when it was 40.8%, but beside 自2018年的7.30%下降到4.63%
            return self._start_beside(use, current)
        return current

    def _start_beside(self, use: LabelUse, current: Governing | None) -> Governing | None:
        """Return from when the sentence told the last move of a ratio like this one: 销售费用率自2018年的7.30%下降到4.63%,管理费用率从15.07%下降到11.31%."""
        told = self.statements[self.sentence_from :][-2:]
        if len(told) < 2 or use.label.unit_kind != "percent" or any(one.use.label.unit_kind != "percent" or one.basis != "level" for one in told):
            return None
        start, end = told
        return start.period if start.use is end.use and end.period == current and start.period != current else None

    def _up_to_day(self) -> Governing | None:
        """Return the year or the quarters that end on the day that governs; the day itself where it ends none and a flow is counted up to it.

        截至2019年1月31日,公司累计回购股份128万股: 1月31日,公司公告中标3亿元 is news of that day.
        """
        day = self.frame.day
        until = year_to(day, self.vocabulary.calendars.get(self.frame.subjects[-1].entity, CALENDAR))
        return until or (day if day.at and self.forms["counted_to"].search(self.text, 0, day.at[0] - self.offset) else None)

    def _on_day(self, use: LabelUse, figure: Token) -> Governing | None:
        """Return the day that governs for what is counted day by day, and for what its sentence goes on with: 2月15日,住宿交易额增长32.7%,租车订单量增长54%."""
        day = self.frame.day
        is_in_sentence = day.at is not None and day.at[0] - self.offset >= self._sentence_start(figure.start, _DAY_CHARS)
        last = self.statements[-1] if len(self.statements) > self.sentence_from else None
        is_counted = use.label.metric in _COUNTED_DAILY or (last is not None and last.period == day and last.basis == "yoy" and last.use.label.metric in _COUNTED_DAILY | OBSERVED)
        return day if is_in_sentence and is_counted else None

    def _is_of_new_day(self, use: LabelUse, current: Governing | None) -> bool:
        """Return whether a name that only the text gives is told of a day named after the period: 截至6月末,公司未弥补亏损为3亿元."""
        return not use.is_known and current is not None and current.at is not None and self.frame.day.at is not None and self.frame.day.at > current.at

    def _is_told_with(self, period: Governing, use: LabelUse, figure: Token, clause: Clause) -> bool:
        """Return whether a period is named in the clause of a price, or in the sentence of what is traded."""
        if use.label.metric == "share_price" and period.granularity != "month":
            return self._is_within(period, clause)
        return period.at is not None and period.at[0] - self.offset > self.text.rfind("。", 0, figure.start)

    def _subject(self, use: LabelUse, clause: Clause, item: Token, number: int, count: int) -> Subject:
        """Return whom a figure describes: the subject at hand, nobody where the clause speaks of a market or of others and names no company."""
        subject = _of_list(self.frame.subjects, number, count)
        if subject is MARKET and use.label.metric == "market_share":
            # IDC数据显示,市场份额为12%: a share is somebody's
            return self.subject
        if self._is_within(subject, clause) or clause.is_of_company:
            return subject
        if (group := self._group(use, clause)) is not None:
            return group
        is_held_against = use.label.metric != "market_share" and any(clause.start <= at < item.start for at, _ in self.others)
        is_named_since = subject.at is not None and bool(self.statements) and subject.at[0] - self.offset > self.statements[-1].figure.start
        if use.start < clause.start and self.statements and self.statements[-1].use.label is use.label and not is_held_against and not is_named_since:
            # the change of what the clause before told is of the same
            return self.statements[-1].subject if len(self.frame.subjects) == 1 else subject
        last = self.statements[-1] if len(self.statements) > self.sentence_from else None
        if last is not None and last.use.label.metric == "index_points" and use.label.metric in _TURNOVERS and not is_named_since:
            # 指数收在23383点,成交量3687亿元
            return MARKET
        if last is not None and self._is_nobodys(last) and (subject.at is None or subject.at[0] < last.figure.start + self.offset) and use.label.metric != "market_share" and use.label.unit_kind not in _OF_SHARES:
            # 20家公司合计营收100亿元,净利润3亿元: the sentence goes on with them; 可比公司PE为19倍,给予20倍 turns to the one that is valued
            return last.subject
        # 乘联会推算,10月零售220万辆,渗透率达60%: what penetrates a market is told of it a clause before
        start = self.text.rfind("。", 0, item.start) + 1 if use.label.metric == "penetration_rate" else clause.start
        is_of_others = self.others and use.label.metric != "market_share" and any(start <= at < item.start for at, _ in self.others)
        # 三大法人今日合计卖超402亿元: what is traded in a market is no company's unless one is named
        is_of_market = use.label.is_of_market or (use.label.metric in _MARKET_FLOWS and self.forms["whole_market"].search(self.text, min(clause.start, use.start), max(use.end, item.start)) is not None)
        return MARKET if is_of_market or is_of_others else subject

    def _group(self, use: LabelUse, clause: Clause) -> Subject | None:
        """Return the companies together that the clause of a label or of its figure speaks of."""
        if self.frame.group is None or self.frame.group[1] != self.frame.sentence_no:
            return None
        group = self.frame.group[0]
        begins = group.at[0] - self.offset
        is_of_label = begins <= use.start < clause.start and self._clause_start(use.start) <= begins
        return group if begins >= clause.start or is_of_label else None

    @staticmethod
    def _is_nobodys(statement: Statement) -> bool:
        """Return whether a figure was told of a market or of several companies, though a company could have it."""
        return statement.subject.entity is None and not statement.use.label.is_of_market

    def _written(self, period: Governing) -> str:
        """Return the words a period stands in; empty if they are in another block."""
        start, end = period.at or (self.offset, self.offset)
        return self.text[max(0, start - self.offset) : max(0, end - self.offset)]


def _of_list(listed: list, number: int, count: int):
    """Return the member of a list that a figure takes: its own where the lists are as long, else the last."""
    return listed[number] if len(listed) == count else listed[-1]


# What reads a token of each kind; kept here, because methods kept in the object would be a cycle that only the collector of garbage ends.
_HANDLERS = {
    "label": Attachment._read_label, "figure": Attachment._read_figures, "period": Attachment._read_period, "mention": Attachment._read_mention,
    "basis": Attachment._read_basis, "change": Attachment._read_change, "growth": Attachment._read_change_noun,
    "decline": Attachment._read_change_noun, "reach": Attachment._read_verb, "respectively": Attachment._read_verb, "share": Attachment._read_share,
    "among": Attachment._read_boundary, "company": Attachment._read_boundary, "accounting": Attachment._read_accounting,
    "better": Attachment._read_better, "prior": Attachment._read_prior, "paren": Attachment._read_aside, "time_horizon": Attachment._read_horizon, "days": Attachment._read_days,
}  # fmt: skip
