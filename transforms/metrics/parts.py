"""Figures that are parts of others: shares, the members of a list, what each segment of a sentence has."""

import re

from transforms.metrics.changes import Changes
from transforms.metrics.frames import Clause
from transforms.metrics.labels import LabelUse, clean_phrase, is_label_like, name_part, split_names, unknown_label
from transforms.metrics.reading import LONGEST_SEGMENT
from transforms.metrics.tokens import Token
from transforms.metrics.vocabulary import fits

# Kinds of what a percentage may be a part of
_AMOUNTS = ("money", "count", "physical")
# How far before a figure 恢复至2019年同期的 may begin
_BASELINE_CHARS = 32
# 港元中,: how far 中 may be from its clause
_OUT_OF_CHARS = 6
_OF = re.compile(r"\s*的")
_PART_OF = re.compile("的(?:约|近|逾|超过|接近)?")
# How far back, and among how many figures, the part before of a sentence is looked for
_PARTS_CHARS, _PARTS_FIGURES = 240, 24
# How far behind its bracket a part of a sum may stand
_SUM_CHARS = 80


class Parts(Changes):
    """Finds the labels of parts."""

    def _of_last(self, item: Token, index: int, items: list[Token], clause: Clause, kind: str | None) -> list[LabelUse]:
        """Return the label of the figure before, for one that a list gives another part of: 通讯占41%、消费电子29%, 北美增长5%、欧洲3%."""
        if kind is None or len(item.members) > 1 or not self.statements:
            return []
        stated = self.statements[-1]
        is_beside = index > 0 and items[index - 1].members[-1] is stated.figure
        if not is_beside and (index or stated.basis != "share" or stated.figure.inner):
            return []
        between = self.forms["listed_part"].fullmatch(self.text, stated.figure.end, item.start)
        name = clean_phrase(between["name"], self.vocabulary) if between else ""
        if stated.basis == "share" and self._told_after(item, items, index):
            # 直销占四成;批发渠道只有个位数增长
            return []
        if kind != stated.figure.data.kind or not 2 <= len(name) <= LONGEST_SEGMENT or is_label_like(name, self.vocabulary):
            return []
        if stated.basis == "share":
            clause.is_share = True
        elif stated.basis != "level":
            clause.bases = [stated.basis]
            clause.change = item.members[0].data.direction or ("down" if (stated.value or stated.low or 0) < 0 else None)
        elif kind == "percent" and not stated.segment:
            return []
        self.frame.segments = [name]
        return [stated.use]

    def _of_sum(self, item: Token, clause: Clause, kind: str | None) -> list[LabelUse]:
        """Return the label of the amount before a bracket that adds up its parts: 9.0亿净利润(水泥5.5亿+骨料2.3亿+环保1.2亿)."""
        opening = self.text.rfind("(", max(0, item.start - _SUM_CHARS), item.start) if clause.is_nested and kind in ("money", "scaled") else -1
        if opening < 0 or not self.statements or not self.forms["sum_of_parts"].match(self.text, opening):
            return []
        amounts = [said for said in self.statements[-_PARTS_FIGURES:] if said.basis == "level" and said.figure.start < opening]
        if not amounts or self.text.find("。", amounts[-1].figure.end, opening) >= 0:
            return []
        self.frame.segments = [clean_phrase(self.text[max(opening, self.text.rfind("+", opening, item.start)) + 1 : item.start], self.vocabulary)]
        return [amounts[-1].use]

    def _of_part_before(self, item: Token, clause: Clause, kind: str) -> list[LabelUse]:
        """Return the label that a figure's place has in the part before it, where a sentence tells segment after segment.

        调制食品收入19.5亿元,贡献利润1200万元;面米制品5.1亿元. 云存储部门收入53亿美元,毛利率66%;移动端43亿美元,54%.
        """
        figure = item.members[0].data
        is_change = clause.bases or clause.change or clause.is_change_noun or figure.direction or self.text[item.start] in "+-"
        sentence = self._sentence_start(item.start, _PARTS_CHARS)
        cut = self.text.rfind(";", sentence, item.start)
        if cut < 0 or clause.is_nested or is_change:
            return []
        start = max(self.text.rfind(";", sentence, cut), sentence)
        levels = [statement for statement in self.statements[-_PARTS_FIGURES:] if statement.basis == "level"]
        before, since = ([statement for statement in levels if begin <= statement.figure.start < end] for begin, end in ((start, cut), (cut, item.start)))
        if len(since) >= len(before) or not before[0].segment:
            return []
        peer = before[len(since)]
        phrase = clean_phrase(self.text[clause.left : min(clause.phrase_end or item.start, item.start)], self.vocabulary)
        is_alike = peer.use.is_known and peer.figure.data.kind == figure.kind and peer.figure.data.unit == figure.unit and fits(peer.use.label, kind)
        if not is_alike or (bool(phrase) if since else not 1 < len(phrase) <= LONGEST_SEGMENT):
            return []
        self.frame.segments = [phrase or since[0].segment]
        self.frame.labels, self.frame.label_sentence = [peer.use], self.frame.sentence_no
        return self.frame.labels

    def _of_parts_listed(self, item: Token, clause: Clause, kind: str, is_growth: bool) -> list[LabelUse]:
        """Return the revenue of the products or regions that a sentence lists: 分产品看,醋12.3亿元,料酒2.5亿元; 分区域,东部、南部分别-8%、-3%."""
        if self.frame.part_sentence != self.frame.sentence_no or clause.is_nested or clause.is_share:
            return []
        is_signed = kind == "percent" and self.text[item.start] in "+-"
        is_level = kind in ("money", "scaled") and not is_growth and not clause.bases
        if not (is_level or is_growth or is_signed) or not self._may_be_revenue():
            return []
        names = self._parts_before(len(item.members), clause, item)
        if names is None or any(len(name) > LONGEST_SEGMENT or is_label_like(name, self.vocabulary) for name in names):
            return []
        if not is_level:
            clause.bases = clause.bases or ["yoy"]
        self.frame.segments = names
        self.frame.labels, self.frame.label_sentence = [LabelUse(self.vocabulary.labels["收入"], clause.left, item.start)], self.frame.sentence_no
        return self.frame.labels

    def _may_be_revenue(self) -> bool:
        """Return whether what a company's products or regions have may be revenue: the sentence has named nothing else."""
        told = self.frame.labels[0].label if self.frame.labels and self.frame.label_sentence == self.frame.sentence_no else None
        return bool(self.frame.subjects[-1].entity) and (told is None or told.metric == "revenue")

    def _of_fastest(self, item: Token, clause: Clause, kind: str) -> list[LabelUse]:
        """Return the revenue of the parts that the clause before calls the fastest: 华中、华南增速最快,分别为18.4%、16.0%."""
        led = self.forms["fastest"].search(self.text, self._clause_start(clause.start - 1), clause.start) if kind == "percent" and clause.start else None
        if led is None or clause.labels or not self._may_be_revenue() or self.text[clause.start : item.start].strip("分别各为达约+ "):
            return []
        names = split_names(led["names"], len(item.members), self.vocabulary)
        if names is None or any(len(name) > LONGEST_SEGMENT for name in names):
            return []
        clause.bases, self.frame.segments = clause.bases or ["yoy"], names
        self.frame.labels, self.frame.label_sentence = [LabelUse(self.vocabulary.labels["收入"], led.start("names"), led.end("names"))], self.frame.sentence_no
        return self.frame.labels

    def _parts_before(self, count: int, clause: Clause, item: Token) -> list[str] | None:
        """Return the `count` names before a list of figures; one that begins with the company's own keeps it: 茅台酒."""
        left, subject = clause.left, self.frame.subjects[-1]
        if subject.at is not None and subject.at[1] - self.offset == left:
            left = max(clause.start, subject.at[0] - self.offset)
        written = self.text[left : max(left, min(clause.phrase_end or item.start, item.start))]
        if count > 1:
            return split_names(written, count, self.vocabulary)
        name = name_part(written, self.vocabulary)
        return [name] if name else None

    def _stated(self, count: int, at: int, clause: Clause) -> list[LabelUse]:
        """Return the labels of the last figures of the sentence, as many as a list changes: 贷款1.4万亿元,存款1.7万亿元,分别增长9%和10%."""
        levels = [statement for statement in self.statements[self.sentence_from :] if statement.basis == "level"][-count:]
        is_of_both = levels and self.forms["both_bases"].search(self.text, levels[-1].figure.end, at)
        if clause.labels or count < 2 or len(clause.bases) == count or is_of_both or len(levels) < count or len(self.frame.labels) == count or len(self.frame.segments) == count:
            return []
        segments = [statement.segment for statement in levels]
        if len({(statement.use.label.metric, statement.use.label.accounting) for statement in levels}) == count:
            # 快递业务收入185亿元,单票收入14.68元,同比分别增长10%和下降9%: each of its own part
            self.frame.segments = segments if any(segments) else []
            return [statement.use for statement in levels]
        if len(set(segments)) == count and all(segments):
            self.frame.segments = segments
            return [levels[-1].use]
        return []

    def _lists_all(self, count: int, clause: Clause) -> bool:
        """Return whether a list of changes has one for each level of the sentence: 营收52亿、净利6亿,同比+11%、+15%."""
        levels = [statement for statement in self.statements[self.sentence_from :] if statement.basis == "level"]
        return count > 1 and len(clause.bases) == 1 and len(levels) == count == len(self.statements) - self.sentence_from

    def _repeats_list(self, count: int, clause: Clause) -> list[LabelUse]:
        """Return the labels of the list of changes right before one as long: 分别同比+8%、+12%,环比-2%、+5%."""
        told = self.statements[-count:]
        is_list = count > 1 and len(told) == count and all(statement.rule == "metrics.respectively" for statement in told)
        if not is_list or clause.labels or len(clause.bases) != 1 or len({id(statement.use) for statement in told}) < count:
            return []
        return [statement.use for statement in told] if self.text[told[-1].figure.end : clause.start].strip(" ()") == "," else []

    def _is_share_of_last(self, item: Token, clause: Clause, kind: str | None) -> bool:
        """Return whether a percentage is a part of the amount just before it, and note it: 完成全年目标160亿元的60.3%."""
        if kind != "percent" or not self.statements or clause.change or clause.bases:
            return False
        last = self.statements[-1]
        if last.figure.data.kind not in _AMOUNTS or _PART_OF.fullmatch(self.text, last.figure.end, item.start) is None:
            return False
        clause.is_share = True
        return True

    def _is_of_baseline(self, item: Token, clause: Clause) -> bool:
        """Return whether a percentage tells how much of an earlier amount something is: 旅客吞吐量恢复至2019年同期的103.6%."""
        labels = clause.labels or (self.frame.labels if self.frame.label_sentence == self.frame.sentence_no else ())
        is_amount = bool(labels) and labels[0].label.unit_kind not in ("percent", "multiple", "any")
        return is_amount and self.forms["of_baseline"].search(self.text, max(clause.start, item.start - _BASELINE_CHARS), item.start) is not None

    def _is_part_of_label(self, item: Token, clause: Clause) -> bool:
        """Return whether a percentage is a part of the label before it: 主营收入中有77%来自非洲."""
        labels = clause.labels or self.frame.labels
        if not labels or labels[0].label.unit_kind not in _AMOUNTS:
            return False
        if not clause.labels:
            # 资本支出220亿元,其中六成用于封装
            is_among = self.frame.among_sentence == self.frame.sentence_no or self.forms["out_of"].search(self.text, max(0, clause.start - _OUT_OF_CHARS), clause.start) is not None
            # 有息负债中,74.0%为长期负债
            is_among = is_among or self.forms["part"].match(self.text[labels[-1].end : item.start]) is not None
            if not is_among and self.statements and self.frame.sentence_no == self.frame.label_sentence:
                # 其中45%用于扩产,25%投入研发
                last = self.statements[-1]
                is_among = last.basis == "share" and self.forms["put_to"].match(self.text, last.figure.end) is not None
            is_part = is_among and self.frame.sentence_no == self.frame.label_sentence and not self.text[clause.left : item.start].strip(",约近 ")
            clause.labels = labels if is_part and self.forms["put_to"].match(self.text, item.end) else ()
            return bool(clause.labels)
        if self.forms["contributed"].search(self.text, clause.start, item.start):
            # 会员贡献营收逾七成
            return True
        return bool(self.forms["part"].match(self.text[clause.labels[-1].end : item.start]))

    def _is_part_of(self, use: LabelUse, item: Token, clause: Clause) -> bool:
        """Return whether a percentage is a part of the label after it: 驱动了约40%的收入."""
        is_amount = use.label.unit_kind in _AMOUNTS
        is_plain = not (clause.bases or clause.change or clause.is_change_noun or item.members[0].data.direction)
        return is_amount and is_plain and _OF.match(self.text, item.end) is not None and not clause.labels

    def _is_part_named(self, phrase: str, kind: str, unit: str | None) -> bool:
        """Return whether a noun names a part of what the label at hand measures: 其中计算芯片430亿美元, 其中加盟店200家.

        A thing has no amount of money of its own; a count of things is one, unless 其中 says that they are among those counted.
        """
        if not self.frame.labels or not 1 < len(phrase) <= LONGEST_SEGMENT or not fits(self.frame.labels[0].label, kind) or not self.frame.labels[0].is_known:
            return False
        is_among = self.frame.among_sentence == self.frame.sentence_no
        if kind == "money":
            return phrase.endswith(self.vocabulary.things) and self.frame.labels[0].label.is_by_segment and (is_among or self.frame.label_sentence == self.frame.sentence_no)
        if kind == "physical":
            # 销量475GWh,其中动力电池381GWh: the same unit, the same thing
            return is_among and bool(self.statements) and self.statements[-1].figure.data.unit == unit
        return kind == "count" and is_among and self.frame.labels[0].label.unit_kind == "count"

    def _choose_for_share(self, item: Token, clause: Clause) -> tuple[list[LabelUse], str]:
        """Return the label a share is taken of: 海外市场占收入的40% is revenue, with 海外市场 as the segment."""
        if clause.labels:
            return clause.labels, "metrics.share"
        phrase = clause.part or self._segment(self.text[clause.left : clause.phrase_end or clause.left])
        if phrase and clause.denominator:
            self.frame.labels, self.frame.segments = clause.denominator, [phrase]
            return clause.denominator, "metrics.share"
        if phrase and self.frame.is_by_part and not is_label_like(phrase, self.vocabulary):
            self.frame.segments = [phrase]
            self.frame.labels = [LabelUse(self.vocabulary.labels["收入"], clause.left, clause.phrase_end or clause.left)]
            return self.frame.labels, "metrics.implied"
        if self.frame.labels and not phrase:
            return self.frame.labels, "metrics.share"
        if clause.denominator:
            return clause.denominator, "metrics.share"
        whole = clean_phrase(self.text[clause.phrase_end or clause.left : item.start], self.vocabulary)
        if phrase and whole.endswith(self.vocabulary.businesses):
            # 云服务商占总业务的一半: a business is its revenue
            self.frame.segments = [phrase]
            return [LabelUse(self.vocabulary.labels["收入"], clause.phrase_end, item.start)], "metrics.implied"
        is_rate = bool(self.frame.labels) and self.frame.labels[0].label.unit_kind == "percent" and self.frame.labels[0].label.is_by_segment
        if phrase and is_rate and self.frame.subjects[-1].entity and not is_label_like(phrase, self.vocabulary):
            # 净利率不低于10%,海外占比提升至35%: nothing is a share of a margin
            self.frame.segments = [phrase]
            return [LabelUse(self.vocabulary.labels["收入"], clause.left, clause.phrase_end or clause.left)], "metrics.implied"
        if phrase and self.frame.labels:
            self.frame.segments = [phrase]
            return self.frame.labels, "metrics.share"
        start, end = clause.left, clause.phrase_end or clause.left
        if phrase and is_label_like(phrase, self.vocabulary):
            return [LabelUse(unknown_label(phrase, "percent"), start, end, is_known=False)], "metrics.share"
        self.frame.segments = [phrase] if phrase else []
        return [LabelUse(unknown_label("占比", "percent"), start, end, is_known=False)], "metrics.share"

    def _take_segment(self, item: Token, clause: Clause) -> None:
        """Make the noun phrase before a figure the segment of what follows."""
        segment = self._segment(self.text[clause.left : min(clause.phrase_end or item.start, item.start)])
        self.frame.segments = [segment] if segment else []
