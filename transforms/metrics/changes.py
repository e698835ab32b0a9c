"""What is told behind a figure: a label, or the change it is; and whether it is a change at all."""

import re

from transforms.metrics.frames import Clause
from transforms.metrics.governing import read_periods
from transforms.metrics.labels import LabelUse
from transforms.metrics.reading import Reading
from transforms.metrics.tokens import Token, bases_of
from transforms.metrics.vocabulary import POINT_UNITS

# Kinds of tokens that name a change: 增长, 增速, 降幅
_CHANGES = ("change", "growth", "decline")
_GROWTH = re.compile("增[长速幅]|成长|升幅|[跌降]幅")


class Changes(Reading):
    """Tells changes from levels."""

    def _is_growth(self, item: Token, clause: Clause) -> bool:
        """Return whether a percentage or multiple says how something changed."""
        first = item.members[0]
        if self._reaches(first) and not clause.bases and not clause.is_change_noun:
            return False
        # 营收是-3.1%, 10亿元(+5%)
        signed_in_text, is_aside, is_of_money = self.text[first.start] in "+-－", self._is_aside(first, clause), self._is_money_label()
        if first.data.unit == "multiple" and not (clause.labels and clause.labels[0].label.unit_kind == "multiple"):
            return bool(clause.bases or clause.change or first.data.direction) or not self.frame.labels
        return bool(
            clause.bases or clause.change or clause.is_change_noun or first.data.unit in POINT_UNITS
            or first.data.direction or (is_aside and (signed_in_text or is_of_money)) or (signed_in_text and is_of_money and not clause.is_respective)
        )  # fmt: skip

    def _is_end_of_change(self, item: Token, clause: Clause) -> bool:
        """Return whether a percentage is what another, named with 由 in its clause, was moved to, and both are changes."""
        if not self.statements or not self._reaches(item.members[0]) or self.forms["from"].search(self.text, clause.start, self.statements[-1].figure.start) is None:
            return False
        last = self.statements[-1]
        is_of_growth = _GROWTH.search(self.text, clause.start, last.figure.start) is not None
        return is_of_growth and last.figure.start >= clause.start and last.figure.data.kind == "percent" and last.basis in ("yoy", "qoq", "change") and last.use.label.unit_kind != "percent"

    def _read_growth_of(self, item: Token, items: list[Token], index: int, clause: Clause) -> list[LabelUse]:
        """Return the labels of a change told after the figure: 12%的收入增长, 15%的营收年增长率; none where 贡献 makes it a part of that change."""
        told = self._told_after(item, items, index)
        label = next((token for token in told if token.kind == "label"), None)
        if label is None or self.forms["contributes"].search(self.text[clause.left : item.start]):
            return []
        uses = [LabelUse(member.data, member.start, member.end) for member in label.members]
        if any(use.label.metric == "growth_rate" for use in uses):
            return []
        self._take_following(uses, items, index, clause)
        self._take_change([token for token in told if token is not label], clause)
        clause.is_change_before_label = False
        return uses

    def _read_change_after(self, item: Token, items: list[Token], index: int, clause: Clause) -> None:
        """Let a change told after the figure speak for it: 20%的增长, 40%以上下滑, 12%的同比增幅."""
        told = self._told_after(item, items, index)
        if told and all(token.kind != "label" for token in told):
            self._take_change(told, clause)

    def _told_after(self, item: Token, items: list[Token], index: int) -> list[Token]:
        """Return the tokens behind a figure that name the change it is (的 收入 增长, 同比 增幅); none where they do not, or more follows at once."""
        told: list[Token] = []
        end = item.end
        for token in items[index + 1 : index + 4]:
            between = self.forms["following"].fullmatch(self.text, end, token.start)
            if between is None:
                return []
            # 营收11.7亿 同比增长15%: a basis or label that no 的 joins is of the next figure
            is_joined = "的" in between[0] if token.kind not in _CHANGES else between[0] or index + 2 == len(items)
            if not told and not is_joined:
                return []
            told.append(token)
            end = token.end
            # 同比增长 and 年增长率 hold their change, 同比 waits for it
            if token.kind in _CHANGES or (token.kind == "basis" and (token.members[-1].data.direction or self.text[token.end - 1] == "率")):
                return told
            if token.kind not in ("basis", "label"):
                return []
        return []

    def _take_change(self, told: list[Token], clause: Clause) -> None:
        """Note basis and direction of a change."""
        clause.is_change_noun = True
        for token in told:
            clause.change_at = token.start, token.end
            if token.kind == "basis":
                clause.bases, clause.basis_at = bases_of(token), clause.change_at
                clause.change = token.members[-1].data.direction or clause.change
            elif token.kind == "change":
                clause.change = token.data.value
            elif token.kind == "decline":
                clause.change = "down"

    def _following_label(self, items: list[Token], index: int) -> tuple[list[LabelUse], int]:
        """Return the labels right after a figure (28.7亿元的收入) and how many characters lie between."""
        later = items[index + 1 : index + 3]
        start = items[index].end
        if len(later) == 2 and later[0].kind == "period" and later[1].kind == "label":
            start, later = later[0].end, later[1:]
        if not later or later[0].kind != "label":
            return [], 0
        label = later[0]
        if self.text[label.end : label.end + 2].lstrip().startswith(":"):
            # 营收:10亿元 净利润:2亿元
            return [], 0
        between = self.text[start : label.start]
        if between.isspace() and index > 0 and items[index - 1].kind == "label" and "。" not in self.text[items[index - 1].end : items[index].start]:
            # 营收10亿元 净利润2亿元: blanks stand where others set commas
            return [], 0
        between = between[self.forms["following"].match(between).end() :].strip()
        if between.startswith("、") and items[index - 1].kind == "label" and index > 0:
            # 出租率重上九成、息差扩阔至2厘: the label before the figure is its own
            return [], 0
        if len(between) > 8 or (index + 2 < len(items) and items[index + 2].kind == "figure" and len(between) > 0):
            return [], 0
        return [LabelUse(member.data, member.start, member.end) for member in label.members], len(between)

    def _take_following(self, following: list[LabelUse], items: list[Token], index: int, clause: Clause) -> None:
        """Use the label behind a figure, so that it is not read again for the next one; a period between governs (26.7倍2022年PE)."""
        label = next(later for later in items[index + 1 :] if later.kind == "label")
        clause.used_labels |= {id(label)}
        clause.is_change_before_label = True
        if items[index + 1].kind == "period" and (periods := read_periods(items[index + 1], self.offset)):
            self.frame.periods = periods
        self.frame.labels, self.frame.label_sentence, self.frame.segments = following, self.frame.sentence_no, []
