"""Labels of figures that name none: what their place tells, the noun before them, or what the clauses before still lend."""

import re
from dataclasses import dataclass

from transforms.metrics.frames import Clause
from transforms.metrics.labels import LabelUse, clean_phrase, is_label_like, name_part, unknown_label
from transforms.metrics.parts import Parts
from transforms.metrics.reading import LISTING, LONGEST_SEGMENT
from transforms.metrics.tokens import Token
from transforms.metrics.vocabulary import OBSERVED, POINT_UNITS, Label, fits

# Labels and the rule that found them
Choice = tuple[list[LabelUse], str] | None

# Metrics that count shares
_SHARES = frozenset({"total_shares", "shares_held", "shares_reduced", "shares_increased", "share_buyback_volume", "turnover_volume", "net_buy_volume"})
_STORES = frozenset({"new_stores", "store_count"})
# 万, 亿 or 兆 in an amount
_LARGE = re.compile("[万亿兆]")
_DIGIT = re.compile("[0-9]")
_GLOSS = re.compile(r"\([^()]*\)\s*$")
# How far behind an amount its share may be told
_SHARE_CHARS = 16
# How many figures back the amount may be that a new sentence goes on with
_AMOUNTS_BACK = 3
# How far a noun after a figure may be from it: 10款产品储备, 150万个组件
_AFTER_FIGURE = re.compile("的?([0-9A-Za-z\u4e00-\u9fff]{2,8})")


@dataclass(frozen=True, slots=True)
class Noun:
    """The noun phrase before a figure, from start to end: as written, and without verbs and hedges (phrase).

    topic: that of the clause before, where there is none. name: the part of it that can name a metric. is_compared: 比两年前 stood behind it.
    """

    start: int
    end: int
    written: str
    phrase: str
    topic: str
    name: str
    is_compared: bool

    @property
    def is_segment(self) -> bool:
        """Whether it is as long as the name of a segment."""
        return 1 < len(self.phrase) <= LONGEST_SEGMENT


class Unsaid(Parts):
    """Chooses the labels of figures that their clause does not name."""

    def _is_of_others(self, item: Token, use: LabelUse) -> bool:
        """Return whether a count has a counter that the label is not counted in: 10家 are no shares."""
        is_count = item.members[0].data.kind == "count" and use.label.metric in _SHARES
        return is_count and self.forms["of_others"].search(self.text[item.start : item.members[-1].end]) is not None

    def _is_total(self, item: Token, use: LabelUse) -> bool:
        """Return whether an amount of money is too large for a share: 派息合计30亿元."""
        return use.label.unit_kind == "per_share" and item.members[0].data.kind == "money" and _LARGE.search(self.text[item.start : item.members[-1].end]) is not None

    def _choose_unsaid(self, item: Token, clause: Clause, kind: str, is_growth: bool) -> tuple[list[LabelUse], str]:
        """Return a label the lexicon does not know, or the one that the clauses before still lend."""
        if told := self._of_place(item, clause, kind, is_growth):
            return told
        noun = self._noun_before(item, clause, kind)
        is_growth |= noun.is_compared
        choices = (self._of_sales, self._of_noun, self._of_context)
        return next((told for choose in choices if (told := choose(item, clause, kind, is_growth, noun))), ([], ""))

    def _of_place(self, item: Token, clause: Clause, kind: str, is_growth: bool) -> Choice:
        """Return what a figure's place in its sentence tells, whatever noun stands before it."""
        if market := self._choose_market(item, clause, kind):
            return [market], "metrics.implied"
        if kind == "percent" and self._is_traded() and not clause.bases and self.forms["moved_since"].search(self.text, clause.start, item.start):
            # 总市值86亿元,年内累计上涨32%: it is the price that moves
            clause.bases = ["change"]
            return self._imply("股价", item), "metrics.implied"
        if parallel := self._of_part_before(item, clause, kind):
            return parallel, "metrics.listed"
        if listed := self._of_fastest(item, clause, kind) or self._of_parts_listed(item, clause, kind, is_growth):
            return listed, "metrics.implied"
        stated = self.statements[-1] if clause.is_prior and self.frame.labels and self.statements[self.sentence_from :] else None
        if stated and kind == "percent" and stated.figure.data.kind == kind and stated.basis == "level" and not fits(self.frame.labels[0].label, kind):
            # 销售费用3亿元,占收入30.7%,去年同期31.6%
            return [stated.use], "metrics.carried"
        return None

    def _noun_before(self, item: Token, clause: Clause, kind: str) -> Noun:
        """Return the noun phrase before a figure; what it is compared with is no part of it, and makes the figure a change."""
        start, end = clause.left, min(clause.phrase_end or item.start, item.start)
        # 聚芯(2454)跌35元: the listing behind a name is no noun; 高端产品(主要是醋产品)增长8.6%
        written = _GLOSS.sub("", LISTING.sub("", self.text[start:end]))
        baseline = self.forms["times_baseline"].search(written) if kind in ("percent", "multiple") else None
        if baseline:
            # 比两年前复杂了10倍, 是管制之前的一半
            written, clause.bases = written[: baseline.start()], clause.bases or ["change"]
        phrase = name_part(written, self.vocabulary)
        return Noun(start, end, written, phrase, "" if phrase else self._topic(clause), self._name_of(phrase), baseline is not None)

    def _of_sales(self, item: Token, clause: Clause, kind: str, is_growth: bool, noun: Noun) -> Choice:
        """Return the revenue that a noun has by what is said of it: 境外市场贡献1103亿元, DRAM 108亿美元,占总收入79%, 高端产品增长8.6%."""
        if kind == "money" and (gives := self.forms["gives"].search(noun.phrase)):
            if gives["name"].endswith((*self.vocabulary.businesses, *self.vocabulary.things)):
                return self._take_sales(gives["name"], noun), "metrics.implied"
            if self.frame.labels and self.frame.labels[0].is_known and self._fits_here(kind):
                # 全国共销售彩票4247亿元。福利彩票机构贡献1481亿元
                self.frame.segments = [gives["name"]]
                return self.frame.labels, "metrics.carried"
        if kind == "count" and (sold := self.forms["retailed"].fullmatch(noun.phrase)):
            # 11月新能源乘用车零售126.8万辆
            name = clean_phrase(sold["name"], self.vocabulary)
            self.frame.segments, self.frame.labels, self.frame.label_sentence = [name] if name else [], [LabelUse(self.vocabulary.labels["销量"], noun.start, noun.end)], self.frame.sentence_no
            return self.frame.labels, "metrics.implied"
        if kind == "percent" and self.frame.is_by_share and not is_growth and noun.is_segment:
            # 各产品营收比重来看,授权游戏70%、网络游戏27%
            clause.is_share = True
            self.frame.segments, self.frame.labels = [noun.phrase], [LabelUse(self.vocabulary.labels["收入"], noun.start, noun.end)]
            return self.frame.labels, "metrics.implied"
        if kind == "money" and noun.is_segment and self.forms["share_follows"].search(self.text[item.end : item.end + _SHARE_CHARS]):
            return self._take_sales(noun.phrase, noun), "metrics.implied"
        return None

    def _take_sales(self, segment: str, noun: Noun) -> list[LabelUse]:
        """Return revenue as the label at hand, limited to a segment."""
        self.frame.segments, self.frame.labels, self.frame.label_sentence = [segment], [LabelUse(self.vocabulary.labels["收入"], noun.start, noun.end)], self.frame.sentence_no
        return self.frame.labels

    def _of_noun(self, item: Token, clause: Clause, kind: str, is_growth: bool, noun: Noun) -> Choice:
        """Return what a noun that names something measured says: the label at hand, of which it is a part, or one that only the text gives."""
        name, at_hand = noun.name, self.frame.labels[0] if self.frame.labels else None
        is_rate = is_growth and kind in ("percent", "multiple")
        if name and at_hand and at_hand.is_known and self.forms["whole"].match(name) and self.frame.label_sentence == self.frame.sentence_no and fits(at_hand.label, kind):
            # 融资减少31亿元,余额降为2,894亿元
            return self.frame.labels, "metrics.carried"
        if kind == "count" and at_hand and at_hand.label.metric in _STORES and self.forms["closes_stores"].match(noun.written.strip()):
            self.frame.labels, self.frame.segments = [LabelUse(self.vocabulary.labels["关店"], noun.start, noun.end)], []
            return self.frame.labels, "metrics.implied"
        if name and is_rate and at_hand and at_hand.is_known and at_hand.label.is_by_segment and self.frame.among_sentence == self.frame.sentence_no:
            # 家电收入增长22%,其中Norva净水器增长35%
            self.frame.segments = [noun.phrase]
            return self.frame.labels, "metrics.carried"
        if is_rate and noun.phrase.endswith(self.vocabulary.ranges) and self._may_be_revenue():
            # 高端产品增长8.6%, 青花系列同比+20%: what a company has of its goods is their revenue
            return self._take_sales(noun.phrase, noun), "metrics.implied"
        if name and self._is_part_named(noun.phrase, kind, item.members[0].data.unit):
            self.frame.segments = [noun.phrase]
            return self.frame.labels, "metrics.carried"
        return (self._take_unknown(name, noun.phrase, kind, noun.start, noun.end), "metrics.unknown") if name else None

    def _of_context(self, item: Token, clause: Clause, kind: str, is_growth: bool, noun: Noun) -> Choice:
        """Return what the clauses before lend to a figure whose noun names nothing measured, or what its counter counts."""
        phrase, is_amount = noun.phrase, kind in ("money", "scaled") and not is_growth
        if noun.is_segment and is_amount and self._is_among(item):
            # 在手订单26.19亿元,其中软件开发业务19.37亿元: of the orders, not of revenue
            self.frame.segments = [phrase]
            return self.frame.labels, "metrics.carried"
        is_told = bool(self.frame.labels) and self.frame.label_sentence == self.frame.sentence_no
        is_parallel = is_told and kind == "money" and self.frame.segments and self._fits_here(kind)
        if not is_parallel and (implied := self._implied_label(phrase or noun.topic, kind, is_growth, clause)) is not None:
            self.frame.segments = [name for name in [phrase or noun.topic] if 0 < len(name) <= LONGEST_SEGMENT and implied.metric != "share_price"]
            self.frame.labels, self.frame.label_sentence = [LabelUse(implied, noun.start, noun.end)], self.frame.sentence_no
            return self.frame.labels, "metrics.implied"
        if self.frame.is_by_part and self.frame.subjects[-1].entity and is_amount and not clause.bases and noun.is_segment and not is_told:
            # 分板块看,服务器电源3.8亿。通信电源2.9亿
            return self._take_sales(phrase, noun), "metrics.implied"
        if self._is_quoted(item, kind) and self._is_traded():
            # 市值蒸发1兆元;聚芯(2454)跌35元,收1,150元
            return self._take_price(item)
        if carried := self._carry(item, clause, kind, is_growth, phrase):
            return carried, "metrics.carried"
        return self._take_price(item) if self._is_quoted(item, kind) else self._counted(item, clause, kind, is_growth, noun)

    def _counted(self, item: Token, clause: Clause, kind: str, is_growth: bool, noun: Noun) -> Choice:
        """Return the label of what stands behind a figure that nothing before it tells: 350家工厂, 50亿美元的业务."""
        if kind == "money" and self.forms["worth_of"].match(self.text, item.end):
            clause.change, clause.bases = None, []
            return [LabelUse(self.vocabulary.labels["收入"], item.start, item.end)], "metrics.implied"
        if kind == "count" and self.forms["cards"].search(self.text[item.start : item.end + 1]):
            return [LabelUse(self.vocabulary.labels["GPU数量"], item.start, item.end)], "metrics.counted"
        is_of_others = kind == "count" and self.forms["beside_others"].search(self.text, 0, item.start) is not None
        if kind in ("count", "physical") and not is_of_others and (counted := self._noun_after(item)):
            return [LabelUse(unknown_label(counted, kind), item.end, item.end + len(counted), is_known=False)], "metrics.counted"
        if (kind in ("count", "physical") or is_growth) and (name := self._name_of(noun.topic)):
            return self._take_unknown(name, noun.topic, kind, clause.start - 1 - len(noun.topic), clause.start - 1), "metrics.topic"
        return None

    def _is_among(self, item: Token) -> bool:
        """Return whether an amount may be a part, behind 其中, of one that the sentence has stated: no larger than it."""
        if not self.frame.labels or {self.frame.label_sentence, self.frame.among_sentence} != {self.frame.sentence_no}:
            return False
        label, part = self.frame.labels[0].label, item.members[0].data
        stated = [said.figure.data.value for said in self.statements[self.sentence_from :] if said.basis == "level" and said.use.label.metric == label.metric and said.figure.data.kind == "money"]
        whole = max(filter(None, stated), default=None)
        return self.frame.labels[0].is_known and label.is_by_segment and whole is not None and part.value is not None and part.value <= whole

    def _carry(self, item: Token, clause: Clause, kind: str, is_growth: bool, phrase: str) -> list[LabelUse]:
        """Return the labels that the clauses before lend to a figure without one of its own; a noun before it becomes their segment."""
        carried = self.frame.labels
        variant = self.vocabulary.variants.get((carried[0].label.metric, "percent")) if carried else None
        if variant and item.members[0].data.unit in POINT_UNITS and self.statements and self.statements[-1].use.label.metric == variant.metric:
            # 期间费用占营收27%,同比减少25个百分点: what changes by points is the share
            carried = [self.statements[-1].use]
        if carried and is_growth and self.statements and (last := self.statements[-1]).figure.data.kind != "percent" and last.basis in ("level", "yoy", "qoq"):
            meant = self.vocabulary.variants.get((carried[0].label.metric, last.figure.data.kind))
            if meant is not None and meant.metric == last.use.label.metric:
                # 订单2.08亿单,同比增长19% is the growth of their number, 销售彩票4246亿元,同比增加514亿元,增长13.8% of the money
                carried = [last.use]
        if carried and clause.bases and not fits(carried[0].label, kind) and self.statements and (last := self.statements[-1]).basis == "level" and last.use.start == carried[0].start and fits(last.use.label, kind):
            # 期末库存19.2亿美元,较上季增加2.7亿美元: the money, not the pieces
            carried = [last.use]
        if carried and not carried[0].is_known and len(phrase) > 1 and self.frame.among_sentence != self.frame.sentence_no:
            # 剧院86座、展览面积3万平方米,核心温度升高8倍: a name found in the text alone says nothing of another noun
            carried = []
        if carried and kind == "count" and not is_growth and carried[0].label.metric == "fund_flow":
            # 卖超以群创居首,达5万张
            carried = [use.as_variant(kind, self.vocabulary) for use in carried]
        if carried and self._is_total(item, carried[0]):
            # 每股派息5元,合计派发30亿元
            carried = [use.as_variant(kind, self.vocabulary) for use in carried]
        if carried and carried[0].label.metric == "index_points" and kind not in ("percent", "count"):
            # 沪指跌1%,现货黄金报4350美元/盎司
            carried = []
        if carried and (is_growth or (fits(carried[0].label, kind) and self._may_carry(item, clause) and not self._is_of_others(item, carried[0]))):
            # 沪指涨2.3%,收复3100点 is still of that index
            is_index = carried[0].label.metric == "index_points" and self.forms["no_segment"].search(phrase) is not None
            if 1 < len(phrase) <= LONGEST_SEGMENT and not is_index:
                self.frame.segments = [phrase]
            return carried
        return []

    def _fits_here(self, kind: str) -> bool:
        """Return whether a level of `kind` may be of the label at hand, which companies report part by part."""
        label = self.frame.labels[0].label
        return label.is_by_segment and fits(label, kind)

    def _take_unknown(self, name: str, phrase: str, kind: str, start: int, end: int) -> list[LabelUse]:
        """Return an unknown label; what limits it in its phrase becomes the segment."""
        use = LabelUse(unknown_label(name, kind), start, end, is_known=False)
        segment = self._segment(phrase.removesuffix(name))
        self.frame.labels, self.frame.segments = [use], [segment] if segment else []
        self.frame.label_sentence = self.frame.sentence_no
        return [use]

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

    def _choose_market(self, item: Token, clause: Clause, kind: str) -> LabelUse | None:
        """Return the size of a market that is said to reach an amount or to grow at a rate: 加速器市场到2028年会超过5000亿美元, 市场以每年60%的速度增长."""
        before = self.text[clause.start : item.start]
        if kind == "money":
            named = self.forms["market_reaches"].search(before)
        elif kind == "percent" and self.forms["at_rate"].match(self.text[item.end : item.end + 12]):
            named = self.forms["market_grows"].search(before)
            clause.bases = ["yoy"] if named else clause.bases
        else:
            return None
        if not named:
            return None
        # HBM市场约350亿美元, as well as 加速器市场到2028年会超过
        name = next(group for group, found in named.groupdict().items() if found is not None)
        use = LabelUse(self.vocabulary.labels["市场规模"], clause.start + named.start(name), clause.start + named.end(name))
        self.frame.labels, self.frame.label_sentence, self.frame.segments = [use], self.frame.sentence_no, []
        return use

    def _implied_label(self, phrase: str, kind: str, is_growth: bool, clause: Clause) -> Label | None:
        """Return the label a noun stands for without saying it.

        企业业务同比增长了两倍, 组件业务121.89亿元: a business is its revenue. 港股周大福涨超4%: a company that rises is its share.
        """
        labels = self.vocabulary.labels
        if kind == "percent" and clause.is_change_noun and clause.change_at and self.forms["session_move"].search(self.text, clause.start, clause.change_at[1]) and self._is_traded():
            # 报32.25元,成交14506张,今日涨幅为0.94%
            return labels["股价"]
        if kind in ("percent", "money", "price") and self.forms["price_move"].match(clause.change_word) and not clause.bases:
            written = self.text[clause.start : clause.phrase_end or clause.left]
            if self.forms["index"].search(written):
                return None
            if self.forms["market_session"].search(written) or (self._names_company(clause) and (kind == "percent" or len(phrase) <= 2)):
                return labels["股价"]
        if is_growth and phrase.endswith(self.vocabulary.regions) and self.frame.subjects and self._may_be_revenue():
            # 苏北地区增长31%, 省外同比增长72%: what a company has in a region is its revenue
            return labels["收入"]
        if not phrase or not phrase.endswith(self.vocabulary.businesses):
            return None
        # 香港业务新业务价值17.6亿美元,升23%;内地业务升20%: what the sentence speaks of grows on
        is_told = bool(self.frame.labels) and self.frame.label_sentence == self.frame.sentence_no and self.frame.labels[0].label.is_by_segment
        grows = is_growth and (clause.bases or (phrase.endswith(self.vocabulary.divisions) and not is_told))
        return labels["收入"] if grows or kind in ("money", "scaled") else None

    def _is_quoted(self, item: Token, kind: str) -> bool:
        """Return whether a figure is what a share is quoted at: 收盘后报41.26元, (3051)收123.5元."""
        if kind not in ("money", "price", "per_share") or _LARGE.search(self.text[item.start : item.members[-1].end]):
            return False
        return self.forms["quoted"].search(self.text, max(0, item.start - 40), item.start) is not None

    def _imply(self, name: str, item: Token) -> list[LabelUse]:
        """Return the label of what a figure says without naming it, which is of no segment."""
        self.frame.labels, self.frame.label_sentence, self.frame.segments = [LabelUse(self.vocabulary.labels[name], item.start, item.end)], self.frame.sentence_no, []
        return self.frame.labels

    def _take_price(self, item: Token) -> tuple[list[LabelUse], str]:
        """Return the label of a share's price, which the clauses behind it go on with."""
        self.frame.labels, self.frame.label_sentence, self.frame.segments = [LabelUse(self.vocabulary.labels["股价"], item.start - 1, item.start)], self.frame.sentence_no, []
        return self.frame.labels, "metrics.implied"

    def _is_traded(self) -> bool:
        """Return whether the label at hand is of what a session settles: a price, a turnover."""
        return bool(self.frame.labels) and self.frame.labels[0].label.metric in OBSERVED

    def _names_company(self, clause: Clause) -> bool:
        """Return whether the clause itself names the company, or the one before it nothing else: 鸿海,上涨0.91%."""
        if not self.frame.subjects or self.frame.subjects[-1].at is None:
            return False
        between = self.text[self.frame.subjects[-1].at[1] - self.offset : clause.start]
        return self._is_within(self.frame.subjects[-1], clause) or not between.strip(" ,()")

    def _may_carry(self, item: Token, clause: Clause) -> bool:
        """Return whether a level may take the label of an earlier clause: in the same sentence, or as a change."""
        is_near = self.frame.sentence_no in (self.frame.label_sentence, self.frame.among_sentence)
        return is_near or clause.is_nested or bool(clause.bases) or self._goes_on(item, clause)

    def _goes_on(self, item: Token, clause: Clause) -> bool:
        """Return whether a sentence of nothing but a year and an expectation goes on with the amount before it: 预计到2028年将突破350亿元."""
        if not self.statements or self.forms["goes_on_to"].fullmatch(self.text, clause.start, item.start) is None:
            return False
        # 180亿元,同比增长14%。预计…: the amount, not its change
        amount = next((said for said in reversed(self.statements[-_AMOUNTS_BACK:]) if said.basis == "level"), None)
        return amount is not None and amount.figure.data.unit == item.members[0].data.unit and amount.use.label == self.frame.labels[0].label

    def _noun_after(self, item: Token) -> str | None:
        """Return the noun that a count counts: 350家工厂."""
        match = _AFTER_FIGURE.match(self.text, item.end)
        noun = clean_phrase(match[1], self.vocabulary) if match else ""
        return noun if is_label_like(noun, self.vocabulary) else None
