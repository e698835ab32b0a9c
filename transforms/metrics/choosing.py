"""Which labels a figure takes: those of its clause, the one behind it, or one that nothing names."""

import re
from dataclasses import replace

from transforms.metrics.frames import Clause
from transforms.metrics.labels import LabelUse, clean_phrase
from transforms.metrics.tokens import Token
from transforms.metrics.unsaid import Unsaid
from transforms.metrics.vocabulary import POINT_UNITS, fits

# What shareholders do with shares
_SHARE_MOVES = frozenset({"shares_reduced", "shares_increased", "shares_held"})
# What a figure right before it is the level of, whatever the clause says of a change
_NO_CHANGES = frozenset({"upside", "stake"})
# How far before a figure 亏了大约 may begin
_VERB_CHARS = 10
# 一个月赚5万元 is what people earn
_LEAST_EARNED = 1e7
# 是去年同期的5倍 is growth in a year, 2019年同期的八成 is none
_SAME_PERIOD, _SAME_PERIOD_CHARS = re.compile("[去上]年(?:同期)?的"), 12


class Choosing(Unsaid):
    """Chooses the labels of figures."""

    def _choose_labels(
        self, item: Token, index: int, items: list[Token], clause: Clause, kind: str | None
    ) -> tuple[list[LabelUse], str]:
        """Return the labels a run of figures may take, and the rule that found them; none where the text gives no label."""
        if parts := self._of_sum(item, clause, kind):
            return parts, "metrics.listed"
        if listed := self._of_last(item, index, items, clause, kind):
            return listed, "metrics.listed"
        if kind is None:
            return self._choose_for_bare(item, clause)
        if kind == "count" and self.text[item.end - 1] == "股" and not clause.labels and self.forms["holds_shares"].search(self.text, clause.start, item.start):
            return self._imply("持股数量", item), "metrics.implied"
        if kind == "count" and self.text[item.end - 1] == "股" and not clause.labels and self.forms["sells_shares"].search(self.text, clause.start, item.start):
            return self._imply("减持", item), "metrics.implied"
        if kind == "count" and self.text[item.start - 1 : item.start] == "每":
            # 每10股派发: what something is paid for
            return [], ""
        is_of_share = kind in ("money", "per_share") and (not clause.labels or clause.figure_count > 0) and any(word in self.text[clause.start : item.start] for word in "股派")
        if is_of_share and (paid := self.forms["dividend_each"].search(self.text, clause.start, item.start)):
            self.frame.labels, self.frame.label_sentence = [LabelUse(self.vocabulary.labels["每股派息"], *paid.span())], self.frame.sentence_no
            return self.frame.labels, "metrics.implied"
        if kind in ("money", "scaled") and (item.members[0].data.value or item.members[0].data.low or 0) >= _LEAST_EARNED and (earned := self.forms["earned"].search(self.text, max(clause.start, item.start - _VERB_CHARS), item.start)):
            return self._take_earned(earned, clause), "metrics.implied"
        if kind in ("percent", "multiple") and not clause.is_share and self._is_of_baseline(item, clause):
            is_year_before = _SAME_PERIOD.search(self.text, max(clause.start, item.start - _SAME_PERIOD_CHARS), item.start) is not None
            clause.bases, clause.basis_at, clause.is_prior, clause.is_change_noun = ["yoy" if is_year_before else "change"], None, False, True
        if kind in ("money", "per_share") and not clause.labels and (earned := self.forms["earns"].search(self.text, clause.start, item.start)):
            # 前10月赚702亿元, 去年同期则赚2,230万元, 每股赚1.47元
            label = self.vocabulary.labels["每股收益" if earned["share"] else "净利润"]
            self.frame.labels, self.frame.label_sentence = [LabelUse(replace(label, is_loss=earned["loss"] is not None), *earned.span())], self.frame.sentence_no
            self.frame.segments = []
            return self.frame.labels, "metrics.implied"
        if kind == "percent" and clause.labels and clause.labels[0].label.metric in _SHARE_MOVES and not clause.bases and self.forms["of_shares"].match(self.text, item.end):
            # 计划减持不超过2%公司股份: how many, not by how much fewer
            clause.change = None
            return [use.as_variant(kind, self.vocabulary) for use in clause.labels], "metrics.variant"
        if kind == "percent" and item.members[0].data.unit in POINT_UNITS and (held := self._held_above(item, clause)):
            return held, "metrics.carried"
        if self._is_share_of_last(item, clause, kind):
            return [self.statements[-1].use], "metrics.share"
        is_held = kind == "money" and clause.is_respective and self.forms["held_to"].search(self.text, clause.start, item.start) is not None
        # 营收10亿元,净利润2亿元,同比分别增加1亿元和0.5亿元
        is_moved = clause.change is not None and not clause.labels and bool(self.statements) and self.statements[-1].figure.data.kind == kind
        if kind == "percent" and (repeated := self._repeats_list(len(item.members), clause)):
            return repeated, "metrics.respectively"
        if kind == "percent" and self._lists_all(len(item.members), clause) and (stated := self._stated(len(item.members), item.start, clause)):
            return stated, "metrics.respectively"
        if clause.is_respective and (kind in ("percent", "multiple") or is_held or is_moved) and (stated := self._stated(len(item.members), item.start, clause)):
            return stated, "metrics.respectively"
        if item.members[0].data.unit == "inch" and self.forms["wafer"].match(self.text, item.end):
            return [], ""
        if kind == "percent" and self._is_end_of_change(item, clause):
            # 营收成长目标由18%上调到22%
            clause.bases, clause.change = [self.statements[-1].basis], None
            clause.is_change_noun = True
            return [self.statements[-1].use], "metrics.carried"
        if kind == "percent" and not clause.labels and self.frame.labels and self.frame.label_sentence == self.frame.sentence_no and self._moves_share(item, clause):
            clause.is_share = self.frame.labels[0].label.unit_kind != "percent"
            return self.frame.labels, "metrics.share"
        if kind in ("money", "scaled") and (worth := self._of_worth(item, clause)):
            return worth, "metrics.following"
        if kind == "percent" and self._moves_on(item, clause):
            clause.is_share = True
            return [self.statements[-1].use], "metrics.carried"
        if clause.is_share and kind in ("percent", "multiple"):
            return self._choose_for_share(item, clause)
        if clause.is_share and clause.denominator and not clause.labels and not clause.figure_count and fits(clause.denominator[0].label, kind):
            # 占全年净利润38.32亿元的74.5%: how large the whole is
            return clause.denominator, "metrics.clause"
        following, gap = self._following_label(items, index)
        if kind in ("percent", "multiple") and (grown := self._read_growth_of(item, items, index, clause)):
            return grown, "metrics.following"
        if kind == "percent" and self._is_part_of_label(item, clause):
            clause.is_share = True
            return clause.labels, "metrics.share"
        if following and kind == "percent" and self._is_part_of(following[0], item, clause):
            clause.is_share = True
            self._take_following(following, items, index, clause)
            self._take_segment(item, clause)
            return following, "metrics.share"
        if following and kind == "multiple" and self.forms["per_spent"].search(self.text, 0, item.start):
            self._take_following(following, items, index, clause)
            return following, "metrics.per_spent"
        if not clause.is_prior or kind in ("percent", "multiple"):
            # 较去年同期亏损2.84亿元收窄 tells how large the loss was
            self._read_change_after(item, items, index, clause)
        is_growth = kind in ("percent", "multiple") and self._is_growth(item, clause)
        # 较当前股价有7.2%的上行空间, 同比下滑主要由于18Q3出售51%股权
        is_upside = bool(following) and following[0].label.metric in _NO_CHANGES
        # 发行面值总额15.81亿元可转债: what stands right before the figure says more
        is_named = kind == "money" and bool(clause.labels) and self._stands_before(clause.labels[-1], item)
        if following and gap <= 2 and fits(following[0].label, kind) and not is_named and not self._is_of_others(item, following[0]) and (not is_growth or kind == "multiple" or is_upside):
            if is_upside:
                clause.bases, clause.change = (), None
            self._take_following(following, items, index, clause)
            return following, "metrics.following"
        said = [clause.labels, clause.earlier_labels[-1:]]
        if kind == "scaled":
            # 库存19亿 is money, 库存500万吨 is none
            said = [[use.as_variant(kind, self.vocabulary) for use in uses] for uses in said]
            if "亿" in self.text[item.start : item.end]:
                # 指数成交量3687亿 is money: shares are traded by the ten thousand lots
                said = [[use.as_variant("money", self.vocabulary) if use.label.metric == "turnover_volume" else use for use in uses] for uses in said]
        if item.members[0].data.unit in POINT_UNITS and all(said) and said[0][0].label.unit_kind == "money" and said[1][0].label.unit_kind == "percent":
            # 毛利率因原材料成本回落扩大1.1个百分点: an amount of money changes by no points
            said.reverse()
        for uses in said:
            if uses and (is_growth or (fits(uses[0].label, kind) and not self._is_total(item, uses[0]) and not self._is_of_others(item, uses[0]))):
                return uses, "metrics.clause"
            if uses and (variants := [use.as_variant(kind, self.vocabulary) for use in uses]) != uses and fits(variants[0].label, kind):
                return variants, "metrics.variant"
        if following and not is_growth and fits(following[0].label, kind):
            self._take_following(following, items, index, clause)
            return following, "metrics.following"
        return self._choose_unsaid(item, clause, kind, is_growth)

    def _held_above(self, item: Token, clause: Clause) -> list[LabelUse]:
        """Return the label at hand for the points by which it stands above or below something: 海外毛利率35%,高于国内12个百分点, 低于去年2个百分点."""
        above = self.forms["above_by"].search(self.text, clause.start, item.start) if not clause.labels and self.statements else None
        stated = self.statements[-1] if above and self.frame.label_sentence == self.frame.sentence_no else None
        if stated is None or stated.figure.data.kind != "percent":
            return []
        clause.bases, clause.basis_at = ["yoy" if self.forms["year_before"].search(above["what"]) else "change"], above.span()
        clause.change, clause.is_prior = "up" if above["up"] else "down", False
        return [stated.use]

    def _stands_before(self, use: LabelUse, item: Token) -> bool:
        """Return whether a label stands right before an amount and is no verb that has its object behind it: 汇兑收益1.57亿元, not 斥资58亿元收购."""
        return use.end == item.start and fits(use.label, "money") and not self.forms["spends"].fullmatch(self.text, use.start, use.end)

    def _of_worth(self, item: Token, clause: Clause) -> list[LabelUse]:
        """Return what an agreement or a contract is worth: 签署一项价值16亿美元的采购协议."""
        if clause.labels or not self.forms["worth"].search(self.text, clause.start, item.start):
            return []
        deal = self.forms["deal_worth"].match(self.text, item.end)
        if deal is None:
            return []
        name = "合同金额" if deal["contract"] else "交易金额"
        return [LabelUse(self.vocabulary.labels[name], deal.start("name"), deal.end("name"))]

    def _moves_on(self, item: Token, clause: Clause) -> bool:
        """Return whether a share goes on to move in a later period: 占比由18%提升至26%,一季度进一步提升至31%."""
        last = self.statements[-1] if self.statements and self.frame.label_sentence == self.frame.sentence_no else None
        if last is None or last.basis != "share" or clause.labels or clause.is_share or clause.figure_count:
            return False
        named = self.text[clause.left : min(clause.phrase_end or item.start, item.start)]
        # 占利润的比重升至128%,全国这一指标从47%升至63%
        return self.forms["this_measure"].search(named) is not None or (self._lands(item.members[0]) and not clean_phrase(named, self.vocabulary))

    def _moves_share(self, item: Token, clause: Clause) -> bool:
        """Return whether a clause that opens with 由 says from where the share moved that the clause before names: 收入占比持续提升,由20年的10.71%提升至."""
        is_start = self.forms["from"].search(self.text[clause.start : item.start]) is not None
        return is_start and self.forms["share_named"].search(self.text[self._clause_start(clause.start - 1) : max(0, clause.start - 1)]) is not None

    def _take_earned(self, earned: re.Match[str], clause: Clause) -> list[LabelUse]:
        """Return what a company is said to have made or lost in a word: 一年亏了44亿, 前三季度只赚7亿元."""
        label = self.vocabulary.labels["亏损" if earned["verb"] == "亏" else "净利润"]
        segment = self._segment(self.text[clause.left : max(clause.left, earned.start())])
        self.frame.labels, self.frame.label_sentence = [LabelUse(label, *earned.span("verb"))], self.frame.sentence_no
        self.frame.segments = [segment] if segment and segment.endswith(self.vocabulary.businesses) else []
        return self.frame.labels

    def _choose_for_bare(self, item: Token, clause: Clause) -> tuple[list[LabelUse], str]:
        """Return the label of a number without unit or scale: only one right before it that needs no unit (PE为20)."""
        labels = clause.labels
        if labels and item.members[0].data.value == 0 and labels[0].label.unit_kind == "money":
            return labels, "metrics.clause"
        is_price = labels and labels[0].label.unit_kind == "price" and self._reaches(item.members[0])
        if labels and (labels[0].label.unit_kind in ("multiple", "per_share", "any") or is_price):
            # PE为20, 机构目标均价为8.69
            return labels, "metrics.bare"
        return [], ""
