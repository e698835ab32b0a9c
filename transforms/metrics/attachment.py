"""Attaches figures to labels, subjects, segments, periods and bases, clause by clause, the way Chinese leaves things unsaid."""

import re
from bisect import bisect_right
from dataclasses import replace

from transforms.metrics.clauses import join_runs, nest, split_clauses, split_sentences
from transforms.metrics.frames import Clause, Frame, Statement, Subject
from transforms.metrics.governing import Governing, a_year_earlier, comparison_basis, quarters_of, read_periods
from transforms.metrics.labels import LabelUse, clean_phrase, is_label_like, read_labels, split_names, unknown_label
from transforms.metrics.signs import signed, widened
from transforms.metrics.tokens import Token
from transforms.metrics.vocabulary import POINT_UNITS, Label, Vocabulary, fits, unit_kind

_CLAUSE_MARK = re.compile("[,。;:!?()]")
# 至100亿元, 达到约23.87%: what stands there is a level, whatever changed on the way
_REACH = re.compile("(?:至|到|达|为|报|于)(?:约|近|超|逾|了|大约|超过|接近|不到)?$")
_BASELINE = re.compile("(?:相较于?|较之|较|相比于?|比|对比|相对于?)$")
_COMPANION = re.compile("(?:与|和|同|跟)$")
_COMPARED = re.compile("(?:年?同期|末|底|年末)?(?:数据|水平)?(?:相比|比较|相较|基本持平|持平)")
# 在19年高基数的背景下: a year that only explains
_BASE_EFFECT = re.compile("的?同?期?的?[高低]?基数")
# 是实施管制之前的(一半), 达到去年的(三倍)
_TIMES_BASELINE = re.compile("(?:大约|约)?(?:是|为|相当于|仅为|达到)[^,是为]{1,16}的$|(?:已经|已|要|还|都)*(?:比|较).{1,40}$")
# 650亿美元,上下浮动2%
_BAND = re.compile("(?:上下浮动|上下波动|正负|加减|上下|±)(?:约|不超过)?$")
_DIGIT = re.compile("[0-9]")
# 收入中有77%, 收入的77%
_PART = re.compile("(?:中|里|当中)(?:,)?(?:有|约有|约|近|超过|超)*$")
_PRICE_MOVES = frozenset({"涨", "跌", "上涨", "下跌", "大涨", "大跌", "升", "涨幅", "跌幅"})
_OF = re.compile(r"\s*的")
_FROM = re.compile("(?:由|从|自)$")
# 与宁德合资, 据上海钢联: named, but not whom the figures describe
_PREPOSITION = re.compile("(?:[与向对给被据跟同]|根据|来自|按照|包括|加上|授予|供应|为)$")
_FOLLOWING = re.compile(r"\s*(?:左右|上下|以上|多|余)?的?")
_TOPIC = re.compile("(?:方面|端|来看|而言|上看|市场上)$")
_DIGITS_ONLY = re.compile("[0-9]+")
_LONGEST_SEGMENT = 14
# How far a noun after a figure may be from it: 10款产品储备, 150万个组件
_AFTER_FIGURE = re.compile("的?([0-9A-Za-z\u4e00-\u9fff]{2,8})")


class Attachment:
    """Reads the blocks of one document in order and makes a statement of each figure that has a label.

    subject, report: the company and the period the document is about, for figures whose surroundings name none.
    """

    def __init__(self, vocabulary: Vocabulary, subject: Subject, report: Governing | None):
        self.vocabulary = vocabulary
        self.subject = subject
        self.report = report
        self.frame = Frame()
        self.text = ""
        self.starts = [0]
        self.offset = 0
        self.statements: list[Statement] = []
        self._handlers = {
            "label": self._read_label, "figure": self._read_figures, "period": self._read_period, "mention": self._read_mention,
            "basis": self._read_basis, "change": self._read_change, "growth": self._read_change_noun,
            "decline": self._read_change_noun, "reach": self._read_verb, "respectively": self._read_verb, "share": self._read_share,
            "among": self._read_boundary, "company": self._read_boundary, "accounting": self._read_accounting,
            "prior": self._read_prior, "paren": self._read_aside, "time_horizon": self._read_horizon,
        }  # fmt: skip

    def read_block(self, text: str, tokens: list[Token], offset: int) -> list[Statement]:
        """Return the statements of one block; `offset` is its first code point in the document."""
        self.text, self.offset, self.statements = text, offset, []
        self.starts = [0, *(match.end() for match in _CLAUSE_MARK.finditer(text))]
        self.frame = Frame(subjects=[self.subject], periods=[self.report] if self.report else [])
        for sentence in split_sentences(tokens):
            self._read_clauses(nest(sentence), is_nested=False)
            self.frame.sentence_no += 1
        return self.statements

    def _read_clauses(self, tokens: list[Token], is_nested: bool) -> None:
        """Read the clauses of a sentence or of a parenthesis."""
        bases: list[str] = []
        for tokens_of_clause, mark in split_clauses(tokens):
            if not tokens_of_clause:
                if mark is not None:
                    self._close(Clause(start=(start := self._clause_start(mark.start)), left=start), mark.start, mark)
                continue
            start = self._clause_start(tokens_of_clause[0].start)
            clause = Clause(start=start, left=start, bases=bases, is_nested=is_nested)
            items = join_runs(tokens_of_clause, self.text)
            for index, item in enumerate(items):
                if handler := self._handlers.get(item.kind):
                    handler(item, index, items, clause)
            # 与上年同期相比,将增加40%到50%: a comparison that ends its clause waits for its figure
            bases = clause.bases if items[-1].kind == "basis" and mark is not None and mark.kind == "," else []
            self._close(clause, items[-1].end, mark)

    def _clause_start(self, at: int) -> int:
        """Return where the clause of the token at `at` begins: after the punctuation before it."""
        return self.starts[bisect_right(self.starts, at) - 1]

    def _close(self, clause: Clause, end: int, mark: Token | None) -> None:
        """Take a heading out of a clause without figures: 印染业务: or 住宿方面,."""
        if clause.figure_count or clause.labels or clause.is_nested or mark is None:
            return
        phrase = self.text[clause.left : mark.start]
        if mark.kind == ":" or _TOPIC.search(phrase):
            name = clean_phrase(_TOPIC.sub("", phrase), self.vocabulary)
            is_part = _TOPIC.search(phrase) or self.vocabulary.businesses.search(name)
            if is_part and 2 <= len(name) <= _LONGEST_SEGMENT:
                self.frame.heading, self.frame.segments = name, []

    # ── what is not a figure ────────────────────────────────────────────────────────────────────────────────────────

    def _read_mention(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Make a company the subject, unless it is only cited, compared with or a partner."""
        if item.members[0].data["type"] != "company":
            return
        after = self.text[item.end : item.end + 12]
        before = self.text[clause.start : item.start]
        if self.vocabulary.sources.match(after) or (_PREPOSITION.search(before) and before):
            clause.begin_phrase(item.end)
            return
        says_something = after[:1] == ":" or any(later.kind == "figure" for later in items[index + 1 :])
        if before.strip() and not says_something:
            clause.begin_phrase(item.end)
            return
        subjects = [Subject(member.data["entity"], self._place(member)) for member in item.members]
        if [subject.entity for subject in subjects] != [subject.entity for subject in self.frame.subjects]:
            self.frame.heading, self.frame.segments = None, []
        self.frame.subjects = subjects
        clause.begin_phrase(item.end)

    def _read_period(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Let a period govern what follows, or be what the next change is measured from."""
        periods = read_periods(item, self.offset)
        before, after = self.text[clause.left : item.start], self.text[item.end : item.end + 6]
        baseline = _BASELINE.search(before) or (_COMPANION.search(before) if _COMPARED.match(after) else None)
        if _BASE_EFFECT.match(after):
            clause.begin_phrase(item.end)
            return
        # 环比23Q1的47.6%提升4.3pct
        is_compared = baseline or clause.basis_end == item.start
        if is_compared or _FROM.search(before) or "同期" in self.text[item.start : item.end]:
            clause.prior_period = periods[0] if periods else None
            clause.is_prior = True
            if is_compared:
                governing = self.frame.periods[-1] if self.frame.periods else None
                clause.bases = [comparison_basis(periods[0], governing) if periods else "change"]
            clause.end_phrase(item.start - len(baseline[0]) if baseline else item.start)
            return
        if periods and all(period.is_day for period in periods):
            self.frame.day = periods[-1]
        elif periods:
            self.frame.periods, self.frame.day = periods, None
        clause.begin_phrase(item.end)

    def _read_basis(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Note what the next change is measured from; 较上年同期的A states A of that earlier period."""
        clause.bases, clause.basis_end = [member.data.value for member in item.members], item.end
        clause.change = item.members[-1].data.direction or clause.change
        clause.is_prior = self.text[item.end : item.end + 1] == "的" and clause.bases == ["yoy"]
        clause.end_phrase(item.start)

    def _read_change(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Note which way the figure goes."""
        clause.change, clause.is_change_before_label = item.data.value, False
        clause.change_word = self.text[item.start : item.start + 2].strip("超逾近约0123456789 ")
        clause.is_prior = False
        clause.end_phrase(item.start)

    def _read_change_noun(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Note that the figure is a change: 收入增速, 降幅."""
        clause.is_change_noun = True
        clause.change = "down" if item.kind == "decline" else clause.change
        clause.end_phrase(item.start)

    def _read_verb(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """End the noun phrase before a verb such as 达到 or 分别."""
        clause.end_phrase(item.start)

    def _read_share(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Note that the figure is a part of something: 占总收入的48%."""
        clause.is_share = True
        clause.end_phrase(item.start)

    def _read_boundary(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Begin a new noun phrase after 其中 or 公司."""
        if item.kind == "among":
            self.frame.segments = []
        clause.begin_phrase(item.end)

    def _read_horizon(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Let 一年内 or 10年后 say when; 比两年前 is what a change is measured from."""
        baseline = _BASELINE.search(self.text[clause.left : item.start])
        if baseline is not None:
            clause.bases = ["change"]
            clause.end_phrase(item.start - len(baseline[0]))
            return
        norm = item.data["norm"]
        if norm and norm.startswith("P") and self.text[item.end - 1] in "内后":
            clause.horizon = Governing(norm, at=self._place(item))
        clause.begin_phrase(item.end)

    def _read_accounting(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Note the accounting basis of the label that follows: 经调整, Non-IFRS."""
        clause.accounting = (item.data.value, item.end)
        clause.begin_phrase(item.end)

    def _read_prior(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Let 去年同期 govern the figure that follows it."""
        clause.is_prior = True
        clause.end_phrase(item.start)

    def _read_aside(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Read a parenthesis that explains no figure; it needs labels of its own, or a time to compare: 持平(2017年为22.7%)."""
        is_comparing = any(token.kind in ("period", "basis", "prior", "respectively") for token in item.inner)
        self._read_inner(item.inner, replace_labels=self.frame.labels if is_comparing else [])

    def _read_inner(self, tokens: list[Token], replace_labels: list[LabelUse], **changes) -> None:
        """Read a parenthesis in a frame of its own."""
        outer = self.frame
        self.frame = outer.copy()
        self.frame.labels = replace_labels
        for name, value in changes.items():
            setattr(self.frame, name, value)
        self._read_clauses(tokens, is_nested=True)
        self.frame = outer

    def _read_label(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Take a label, and the noun phrase before it as the segment it is limited to."""
        if id(item) in clause.used_labels:
            clause.begin_phrase(item.end)
            return
        uses = read_labels(item, self.text, clause.start, self.vocabulary)
        if clause.is_share:
            clause.denominator = uses
            return
        if clause.accounting and uses[0].start - clause.accounting[1] <= 4:
            uses = [replace(use, label=replace(use.label, accounting=clause.accounting[0])) for use in uses]
        uses = [self._with_accounting(use, clause) for use in uses]
        phrase = self.text[clause.left : min(uses[0].start, clause.phrase_end or len(self.text))]
        clause.phrase = phrase
        clause.earlier_labels += clause.labels
        clause.labels = self.frame.labels = uses
        clause.is_change_before_label = clause.change is not None
        self.frame.label_sentence = self.frame.sentence_no
        segment = self._segment(phrase)
        if segment or not clause.is_nested:
            self.frame.segments = [segment] if segment else []
        clause.begin_phrase(item.end)

    def _with_accounting(self, use: LabelUse, clause: Clause) -> LabelUse:
        """Return the label with the accounting of the same metric just before it: 扣非净利润亏损6.3亿元."""
        last = clause.labels[-1].label if clause.labels else None
        if last is None or last.metric != use.label.metric or use.label.accounting or use.start != clause.labels[-1].end:
            return use
        return replace(use, label=replace(use.label, accounting=last.accounting))

    def _segment(self, phrase: str) -> str | None:
        """Return the segment a noun phrase names, or None if it names nothing that short."""
        name = clean_phrase(phrase, self.vocabulary)
        return name if 1 < len(name) <= _LONGEST_SEGMENT and not _DIGITS_ONLY.fullmatch(name) else None

    # ── figures ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _read_figures(self, item: Token, index: int, items: list[Token], clause: Clause) -> None:
        """Make a statement of each figure of a run, with the label, period, segment and basis that it takes in its list."""
        kind = _kind(item.members[-1].data)
        if kind == "percent" and self.statements and _BAND.search(self.text[clause.start : item.start]):
            self.statements[-1] = widened(self.statements[-1], item.members[0].data["value"])
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
        is_baseline = clause.is_prior and not clause.change
        is_start = bool(_FROM.search(self.text[max(0, item.start - 3) : item.start]))
        if self.text[item.end : item.end + 1] not in "/、" and not is_baseline:
            clause.bases = []
        clause.change, clause.is_change_noun, clause.is_change_before_label = None, False, False
        # 占比由8.9%提升至10.0% goes on to speak of a share
        clause.is_share, clause.is_prior = clause.is_share and is_start, False
        clause.denominator, clause.prior_period = [], None
        clause.begin_phrase(item.end)

    def _choose_labels(
        self, item: Token, index: int, items: list[Token], clause: Clause, kind: str | None
    ) -> tuple[list[LabelUse], str]:
        """Return the labels a run of figures may take, and the rule that found them; none where the text gives no label."""
        if kind is None:
            return self._choose_for_bare(item, clause)
        if clause.is_share and kind in ("percent", "multiple"):
            return self._choose_for_share(item, clause)
        following, gap = self._following_label(items, index)
        if kind == "percent" and self._is_part_of_label(item, clause):
            clause.is_share = True
            return clause.labels, "metrics.share"
        if following and kind == "percent" and self._is_part_of(following[0], item, clause):
            clause.is_share = True
            self._take_following(following, items, index, clause)
            self._take_segment(item, clause)
            return following, "metrics.share"
        self._read_change_after(item, items, index, clause)
        is_growth = kind in ("percent", "multiple") and self._is_growth(item, clause)
        if following and gap <= 2 and fits(following[0].label, kind) and (not is_growth or kind == "multiple"):
            self._take_following(following, items, index, clause)
            return following, "metrics.following"
        for uses in (clause.labels, clause.earlier_labels[-1:]):
            if uses and (is_growth or fits(uses[0].label, kind)):
                return uses, "metrics.clause"
            if uses and (variants := [use.as_variant(kind, self.vocabulary) for use in uses]) != uses and fits(variants[0].label, kind):
                return variants, "metrics.variant"
        if following and not is_growth and fits(following[0].label, kind):
            self._take_following(following, items, index, clause)
            return following, "metrics.following"
        return self._choose_unsaid(item, clause, kind, is_growth)

    def _take_following(self, following: list[LabelUse], items: list[Token], index: int, clause: Clause) -> None:
        """Use the label behind a figure, so that it is not read again for the next one; a period between governs (26.7倍2022年PE)."""
        label = next(later for later in items[index + 1 :] if later.kind == "label")
        clause.used_labels.add(id(label))
        clause.is_change_before_label = True
        if items[index + 1].kind == "period" and (periods := read_periods(items[index + 1], self.offset)):
            self.frame.periods = periods
        self.frame.labels, self.frame.label_sentence, self.frame.segments = following, self.frame.sentence_no, []

    def _is_part_of_label(self, item: Token, clause: Clause) -> bool:
        """Return whether a percentage is a part of the label before it: 主营收入中有77%来自非洲."""
        if not clause.labels or clause.labels[0].label.unit_kind not in ("money", "count", "physical"):
            return False
        return bool(_PART.match(self.text[clause.labels[-1].end : item.start]))

    def _is_part_of(self, use: LabelUse, item: Token, clause: Clause) -> bool:
        """Return whether a percentage is a part of the label after it: 驱动了约40%的收入."""
        is_amount = use.label.unit_kind in ("money", "count", "physical")
        is_plain = not (clause.bases or clause.change or clause.is_change_noun or item.members[0].data["direction"])
        return is_amount and is_plain and _OF.match(self.text, item.end) is not None and not clause.labels

    def _take_segment(self, item: Token, clause: Clause) -> None:
        """Make the noun phrase before a figure the segment of what follows."""
        segment = self._segment(self.text[clause.left : min(clause.phrase_end or item.start, item.start)])
        self.frame.segments = [segment] if segment else []

    def _read_change_after(self, item: Token, items: list[Token], index: int, clause: Clause) -> None:
        """Let a change told after the figure speak for it: 20%的增长, 40%以上下滑."""
        later = items[index + 1] if index + 1 < len(items) else None
        if later is None or later.kind not in ("change", "growth", "decline"):
            return
        between = _FOLLOWING.fullmatch(self.text, item.end, later.start)
        if between is not None and (between[0] or index + 2 == len(items)):
            clause.is_change_noun = True
            clause.change = later.data.value if later.kind == "change" else "down" if later.kind == "decline" else clause.change

    def _choose_for_bare(self, item: Token, clause: Clause) -> tuple[list[LabelUse], str]:
        """Return the label of a number without unit or scale: only one right before it that needs no unit (PE为20)."""
        labels = clause.labels
        if labels and item.members[0].data["value"] == 0 and labels[0].label.unit_kind == "money":
            return labels, "metrics.clause"
        if labels and labels[0].label.unit_kind in ("multiple", "per_share", "any"):
            return labels, "metrics.bare"
        return [], ""

    def _choose_for_share(self, item: Token, clause: Clause) -> tuple[list[LabelUse], str]:
        """Return the label a share is taken of: 海外市场占收入的40% is revenue, with 海外市场 as the segment."""
        if clause.labels:
            return clause.labels, "metrics.share"
        phrase = self._segment(self.text[clause.left : clause.phrase_end or clause.left])
        if phrase and clause.denominator:
            self.frame.labels, self.frame.segments = clause.denominator, [phrase]
            return clause.denominator, "metrics.share"
        if self.frame.labels and not phrase:
            return self.frame.labels, "metrics.share"
        if clause.denominator:
            return clause.denominator, "metrics.share"
        whole = clean_phrase(self.text[clause.phrase_end or clause.left : item.start], self.vocabulary)
        if phrase and self.vocabulary.businesses.search(whole):
            # 云服务商占总业务的一半: a business is its revenue
            self.frame.segments = [phrase]
            return [LabelUse(self.vocabulary.labels["收入"], clause.phrase_end, item.start)], "metrics.implied"
        if phrase and self.frame.labels:
            self.frame.segments = [phrase]
            return self.frame.labels, "metrics.share"
        start, end = clause.left, clause.phrase_end or clause.left
        if phrase and is_label_like(phrase, self.vocabulary):
            return [LabelUse(unknown_label(phrase, "percent"), start, end, is_known=False)], "metrics.share"
        self.frame.segments = [phrase] if phrase else []
        return [LabelUse(unknown_label("占比", "percent"), start, end, is_known=False)], "metrics.share"

    def _following_label(self, items: list[Token], index: int) -> tuple[list[LabelUse], int]:
        """Return the labels right after a figure (28.7亿元的收入) and how many characters lie between."""
        later = items[index + 1 : index + 3]
        start = items[index].end
        if len(later) == 2 and later[0].kind == "period" and later[1].kind == "label":
            start, later = later[0].end, later[1:]
        if not later or later[0].kind != "label":
            return [], 0
        label = later[0]
        between = self.text[start : label.start]
        between = between[_FOLLOWING.match(between).end() :].strip()
        if len(between) > 8 or (index + 2 < len(items) and items[index + 2].kind == "figure" and len(between) > 0):
            return [], 0
        return [LabelUse(member.data, member.start, member.end) for member in label.members], len(between)

    def _choose_unsaid(self, item: Token, clause: Clause, kind: str, is_growth: bool) -> tuple[list[LabelUse], str]:
        """Return a label the lexicon does not know, or the one that the clauses before still lend."""
        start, end = clause.left, min(clause.phrase_end or item.start, item.start)
        written = self.text[start:end]
        if kind in ("percent", "multiple") and (baseline := _TIMES_BASELINE.search(written)):
            # 比两年前复杂了10倍, 是管制之前的一半: what it is compared with is no part of its name
            written, clause.bases = written[: baseline.start()], clause.bases or ["change"]
            is_growth = True
        phrase = clean_phrase(written, self.vocabulary)
        topic = "" if phrase else self._topic(clause)
        if name := self._name_of(phrase):
            return self._take_unknown(name, phrase, kind, start, end), "metrics.unknown"
        if (implied := self._implied_label(phrase or topic, kind, is_growth, clause)) is not None:
            self.frame.segments = [name for name in [phrase or topic] if len(name) <= _LONGEST_SEGMENT]
            self.frame.labels, self.frame.label_sentence = [LabelUse(implied, start, end)], self.frame.sentence_no
            return self.frame.labels, "metrics.implied"
        carried = self.frame.labels
        if carried and (is_growth or (fits(carried[0].label, kind) and self._may_carry(clause))):
            if 1 < len(phrase) <= _LONGEST_SEGMENT:
                self.frame.segments = [phrase]
            return carried, "metrics.carried"
        if kind in ("count", "physical") and (noun := self._noun_after(item)):
            return [LabelUse(unknown_label(noun, kind), item.end, item.end + len(noun), is_known=False)], "metrics.counted"
        if (kind in ("count", "physical") or is_growth) and (name := self._name_of(topic)):
            return self._take_unknown(name, topic, kind, clause.start - 1 - len(topic), clause.start - 1), "metrics.topic"
        return [], ""

    def _topic(self, clause: Clause) -> str:
        """Return the noun phrase of the clause before, for one that says nothing but its figure: AI初创企业,大约有2万家."""
        if self.text[clause.start - 1 : clause.start] != ",":
            return ""
        start = self._clause_start(clause.start - 1)
        topic = self.text[start : clause.start - 1]
        return "" if _DIGIT.search(topic) else clean_phrase(topic, self.vocabulary)

    def _name_of(self, phrase: str) -> str:
        """Return the part of a noun phrase that can name a metric: all of it, or what follows the last 的; else nothing."""
        for name in (phrase, phrase.rpartition("的")[2]):
            if is_label_like(name, self.vocabulary):
                return name
        return ""

    def _take_unknown(self, name: str, phrase: str, kind: str, start: int, end: int) -> list[LabelUse]:
        """Return an unknown label; what limits it in its phrase becomes the segment."""
        use = LabelUse(unknown_label(name, kind), start, end, is_known=False)
        segment = self._segment(phrase.removesuffix(name))
        self.frame.labels, self.frame.segments = [use], [segment] if segment else []
        self.frame.label_sentence = self.frame.sentence_no
        return [use]

    def _implied_label(self, phrase: str, kind: str, is_growth: bool, clause: Clause) -> Label | None:
        """Return the label a noun stands for without saying it.

        企业业务同比增长了两倍, 组件业务121.89亿元: a business is its revenue. 港股周大福涨超4%: a company that rises is its share.
        """
        labels = self.vocabulary.labels
        if kind == "percent" and clause.change_word in _PRICE_MOVES and not clause.bases and self._names_company(clause):
            return labels["股价"]
        if not phrase or not self.vocabulary.businesses.search(phrase):
            return None
        return labels["收入"] if (is_growth and clause.bases) or kind == "money" else None

    def _names_company(self, clause: Clause) -> bool:
        """Return whether the clause itself names the company."""
        return bool(self.frame.subjects) and self._is_within(self.frame.subjects[-1], clause)

    def _may_carry(self, clause: Clause) -> bool:
        """Return whether a level may take the label of an earlier clause: in the same sentence, or as a change."""
        return self.frame.label_sentence == self.frame.sentence_no or clause.is_nested or bool(clause.bases)

    def _noun_after(self, item: Token) -> str | None:
        """Return the noun that a count counts: 350家工厂."""
        match = _AFTER_FIGURE.match(self.text, item.end)
        noun = clean_phrase(match[1], self.vocabulary) if match else ""
        return noun if is_label_like(noun, self.vocabulary) else None

    def _is_growth(self, item: Token, clause: Clause) -> bool:
        """Return whether a percentage or multiple says how something changed."""
        first = item.members[0]
        if self._reaches(first) and not clause.bases and not clause.is_change_noun:
            return False
        signed_in_text = self.text[first.start] in "+-－"
        if first.data["unit"] == "multiple" and not (clause.labels and clause.labels[0].label.unit_kind == "multiple"):
            return bool(clause.bases or clause.change or first.data["direction"]) or not self.frame.labels
        return bool(
            clause.bases or clause.change or clause.is_change_noun or first.data["unit"] in POINT_UNITS
            or first.data["direction"] or (self._is_aside(first, clause) and (signed_in_text or self._is_money_label()))
        )  # fmt: skip

    def _is_aside(self, figure: Token, clause: Clause) -> bool:
        """Return whether a figure only explains the one before it: 10亿元(+5%), 10亿元/+5%, 10亿元,+5%."""
        return clause.is_nested or self.text[figure.start - 1 : figure.start] == "/" or not self.text[clause.start : figure.start].strip()

    def _is_money_label(self) -> bool:
        """Return whether the label at hand is measured in something that a percentage can only be a change of."""
        return bool(self.frame.labels) and self.frame.labels[0].label.unit_kind not in ("percent", "multiple", "any")

    def _reaches(self, figure: Token) -> bool:
        """Return whether 至, 达 or 为 stands before the figure."""
        return bool(_REACH.search(self.text[max(0, figure.start - 6) : figure.start]))

    def _state(self, item: Token, clause: Clause, uses: list[LabelUse], rule: str, kind: str | None) -> None:
        """Append one statement per figure of the run, then read the parentheses behind each."""
        count = len(item.members)
        segments = self._segments(uses, clause, count)
        for number, member in enumerate(item.members):
            use = _of_list(uses, number, count)
            basis = self._basis(member, use, clause, number, count)
            period = self._period(use, clause, basis, member, number, count, len(uses))
            subject = _of_list(self.frame.subjects, number, count)
            segment = segments[number] if len(segments) == count > 1 else segments[-1] if segments else self.frame.heading
            change = clause.change if basis != "level" else None
            change = change or (member.data["direction"] if basis not in ("level", "share") else None)
            value, low, high = signed(member.data, use.label, basis, change)
            if basis == "share" and (use.label.metric, "percent") in self.vocabulary.variants:
                use, basis = use.as_variant("percent", self.vocabulary), "level"
            self.statements.append(
                Statement(
                    figure=member, use=use, basis=basis, value=value, low=low, high=high, period=period, subject=subject,
                    segment=segment, accounting=use.label.accounting, rule=rule,
                    is_label_carried=not (clause.start <= use.start), is_period_carried=not self._is_within(period, clause),
                    is_subject_carried=not self._is_within(subject, clause),
                )
            )
            if number == count - 1 > 0 and sum(token.kind == "figure" for token in member.inner) == count:
                # 1,529.7/1,855.4/2,232.4亿元(与上次预测-10%/-11%/-11%): a list that explains a list
                self._read_inner(member.inner, replace_labels=uses, segments=segments, label_sentence=self.frame.sentence_no)
                continue
            self._read_inner(
                member.inner, replace_labels=[use], periods=[period] if period else [], subjects=[subject],
                segments=[segment] if segment else [], label_sentence=self.frame.sentence_no,
            )  # fmt: skip

    def _is_within(self, part: Governing | Subject | None, clause: Clause) -> bool:
        """Return whether a period or subject is named in this clause."""
        return part is not None and part.at is not None and part.at[0] >= clause.start + self.offset

    def _segments(self, uses: list[LabelUse], clause: Clause, count: int) -> list[str]:
        """Return the segments of a run: the carried ones, or those its noun phrase lists where nothing else is listed."""
        lists = (uses, self.frame.periods, self.frame.subjects, clause.bases, self.frame.segments)
        if count > 1 and not any(len(listed) == count for listed in lists):
            for phrase in (clause.phrase, self.text[clause.left : clause.phrase_end or clause.left]):
                if names := split_names(phrase, count, self.vocabulary):
                    self.frame.segments = names
                    break
        return self.frame.segments

    def _basis(self, figure: Token, use: LabelUse, clause: Clause, number: int, count: int) -> str:
        """Return what the figure is: a level, a share, or a change and from when."""
        row, kind = figure.data, _kind(figure.data)
        written_sign = self.text[figure.start] in "+-－"
        if clause.is_share:
            return "share" if kind in ("percent", "multiple") else "level"
        if clause.is_prior and not clause.change and not written_sign:
            return "level"
        if clause.bases:
            return _of_list(clause.bases, number, count)
        if kind == "percent" and row["unit"] in POINT_UNITS:
            return "yoy" if not clause.is_change_noun else "change"
        if self._reaches(figure) and not clause.is_change_noun:
            return "level"
        if kind in ("percent", "multiple"):
            if use.label.unit_kind == kind and not clause.change and not (clause.is_nested and self.text[figure.start] == "+"):
                return "level"
            is_price = use.label.unit_kind == "price" and use.label.period_type == "instant"
            return "change" if is_price or clause.is_change_before_label else "yoy"
        if written_sign and self._is_aside(figure, clause):
            return "yoy"
        # 股数减少100万股 is a change, 新增订单100亿元 a level
        return "change" if clause.change and not clause.is_change_before_label else "level"

    def _period(
        self, use: LabelUse, clause: Clause, basis: str, figure: Token, number: int, count: int, labels: int
    ) -> Governing | None:
        """Return the period of a figure; 较上年同期的A and 从A增至B put A a year back."""
        governing = self.frame.periods
        if clause.horizon is not None:
            return clause.horizon
        if len(governing) == 1 and count > 1 and count not in (labels, len(self.frame.segments), len(self.frame.subjects)):
            governing = quarters_of(governing[0], self._written(governing[0]), count) or governing
        current = None
        if len(governing) == count > 1 and labels != count:
            current = governing[number]
        elif len(governing) > 1:
            current = replace(governing[0], label=f"{governing[0].label}/{governing[-1].label}", end=governing[-1].end)
        elif governing:
            current = governing[-1]
        if self.frame.day and use.label.period_type == "instant":
            current = self.frame.day
        if clause.is_prior and basis == "level":
            return clause.prior_period or a_year_earlier(current)
        if basis == "level" and _FROM.search(self.text[max(0, figure.start - 3) : figure.start]):
            # 由40.8%升至42.7% does not say when it was 40.8%
            return None
        return current

    def _written(self, period: Governing) -> str:
        """Return the words a period stands in; empty if they are in another block."""
        start, end = period.at or (self.offset, self.offset)
        return self.text[max(0, start - self.offset) : max(0, end - self.offset)]

    def _place(self, token: Token) -> tuple[int, int]:
        """Return the span of a token in the document."""
        return token.start + self.offset, token.end + self.offset


def _kind(row: dict) -> str | None:
    """Return the unit kind of a quantity; None for a bare number."""
    if row["unit"] is None:
        return "scaled" if re.search("[万亿千百兆萬億]", row["quote"]) else None
    return unit_kind(row["unit"], row["per"])


def _of_list(listed: list, number: int, count: int):
    """Return the member of a list that a figure takes: its own where the lists are as long, else the last."""
    return listed[number] if len(listed) == count else listed[-1]
