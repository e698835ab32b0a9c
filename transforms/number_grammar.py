"""The grammar of figures, compiled from the lexicon: how they are found in a text, and what a surface says."""

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

import polars as pl

from transforms.lexicon import Lexicon
from transforms.numbers import HANZI_DIGITS, HANZI_NUMERALS, SCALES, read_arabic, read_numeral, step_of
from transforms.word_trees import EDGE, match_all, match_words

# ISO 4217 for "no currency": plain 元 until the document says whose.
LOCAL_CURRENCY = "XXX"
HOME_CURRENCY = "CNY"
# Longer digit strings are no amounts; they keep their row, without a value.
_LONGEST_NUMERAL = 40

# 每股5分钟 is no price, 国窖1573批价 no batches, 双位数成长 and 三成本 are no tenths, 近半股东 no shares, $30升至$35 no volume; ten or a hundred may be the 大 of something, 10亿大关 and 60万大增 are not
_UNIT_ENDS = {
    "分": "(?![钟之析部别数店]|公司)", "股": "(?![东价市民指])", "成": "(?![长立为本功员果交绩熟品就型因])", "升": "(?![至到穿破值级幅降])",
    **dict.fromkeys(("x", "X"), f"(?:{EDGE}|(?=P/?[EBS]|EV/))"),  # 40xPE
    "列": "(?![入为出举车])", "班": "(?![组级子制])", "厘": "(?![米优票债永可担清])", "字": "(?<!数字)(?![节段母面数])", "批": "(?![价发])", "期": "(?![货权])", "大": "(?<![万亿兆]大)(?![关学单增减涨跌幅盘赚缩跳])",
}  # fmt: skip
# 单位数增长 is a single digit, 法人单位数 a number of units
_VAGUE_ENDS = {"单位数": "(?=[^0-9,。;]{0,4}?(?:增|成长|升|涨|跌|降|减|下滑|百分)|$)"}
# What a letter means behind an amount of money: $12.5B, US$300m; elsewhere B names a model and m is a metre.
_MONEY_LETTERS = {"k": 10**3, "K": 10**3, "m": 10**6, "M": 10**6, "mm": 10**6, "b": 10**9, "B": 10**9, "t": 10**12, "T": 10**12}
_MONEY_SIGNS = (r"[$€£¥₩₹￥]", r"[$€£¥₩₹￥] ", "RMB", "RMB ", "USD", "USD ", "HKD", "CNY")
_PARTS_OF_RANGE = ("low", "mid", "high")  # hedges that name a part of a range: 低段, 中段, 高段
# $300-350m: the letter holds for what a dash joins to the amount
_MONEY_RANGES = tuple(rf"[$€£¥₩₹￥][\d.,]{{{size}}}{letter}[-~–]" for size in range(1, 8) for letter in ("", "[kKmMbBtT]"))
# (the look ahead is bounded: it is taken at every digit of a long number)
_BEHIND_MONEY = r"(?=[\d.,]{1,15} ?[kKmMbBtT])(?:" + "|".join(rf"(?<={sign})" for sign in (*_MONEY_SIGNS, *_MONEY_RANGES)) + ")"
_LATIN_SCALE = re.compile("[A-Za-z]+$")
# 占1/3, 近3/4的市场: irreducible, so that lists (24/25) and days (4/30) are none
_FRACTIONS = r"1/(?:[2-9]|[1-4]\d|50|100)|2/(?:[3579]|1[135])|3/(?:[4578]|1[01])|4/[579]|5/[6-9]|6/7|7/(?:[89]|10)|8/9|9/10"
_FINANCIAL_DIGITS = "壹贰叁肆伍陆柒捌玖"
_LARGE_SCALE = re.compile("[万亿兆]+$")
_ANY_SCALE = re.compile(f"[{''.join(SCALES)}]+$")
# 减少12亿元至35亿元 is a change and a level; 预计增加1000万元至3000万元 is a range, 增加27家至604家 is none even there
_FAR_ABOVE = {"amount": Decimal("2.5"), "expected": Decimal(5)}
_EXPECTED = re.compile("预|拟|将|或|估|目标|计划|同比")
# 三五年, 两三百, 八九亿; 七八十亿 and 十七八万: two neighbouring digits are the ends of a range
_PAIR = re.compile(r"(?P<head>(?:[一二三四五六七八九]?十)?)(?P<low>[一二两三四五六七八])(?P<high>[二三四五六七八九])(?P<tail>[十百千万亿]*)")

# 12.5亿元, -1,234.5: a number whose words hold no further numeral, so that its value is the digits times a scale
_DIGITS_AND_WORDS = re.compile(rf"([+\-−]?)(\d{{1,3}}(?:,\d{{3}})+(?:\.\d{{1,9}})?|\d{{1,9}}(?:\.\d{{1,9}})?)([^\d半几数{''.join(sorted(set(HANZI_NUMERALS) - set('百千万亿兆')))}]{{0,12}})")
_MOST_TEMPLATES = 4096


@dataclass(frozen=True)
class Hedge:
    """A row of the hedges table, with its band as exact numbers."""

    hedge: str
    measure: str
    low: Decimal | None
    high: Decimal | None
    low_inclusive: bool
    high_inclusive: bool
    is_point: bool


@dataclass(slots=True)
class Figure:
    """One number while it is read: where it stands in its surface, and what it says."""

    start: int
    end: int
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    low_inclusive: bool = True
    high_inclusive: bool = True
    hedge: str | None = None
    # what a hedge has opened its band around
    base: Decimal | None = None
    unit: str | None = None
    kind: str | None = None
    # what value has been multiplied by, and the scale that may spread to a number before it (1.5-2万)
    scale: Decimal = Decimal(1)
    tail: Decimal = Decimal(1)
    large_tail: Decimal = Decimal(1)
    per: str | None = None
    direction: str | None = None
    norm: str | None = None
    is_hanzi: bool = False
    # US$3.2-3.4bn: the currency stands before the number, so that its scale may stand behind the next
    is_prefixed: bool = False
    # 万, 百亿: a scale without digits, which may as well be a unit in a heading
    is_scale_only: bool = False
    # 三八, 十一: too short to be an amount without a unit
    is_positional: bool = False
    # false for a level that a change leads to: 增长12%至50亿元
    is_governed: bool = True
    rule_id: str = "quantities.figure"

    @property
    def is_plain(self) -> bool:
        """Whether nothing but digits stands there, so that scale and unit may come from elsewhere."""
        return self.unit is None and self.tail == 1 and self.hedge in (None, "several")

    def ends(self) -> list[Decimal]:
        """Return the bounds that a range over this figure takes from it."""
        return [end for end in (self.low, self.value, self.high) if end is not None]


class Grammar:
    """One Rust regex that finds candidates, one Python regex that reads them, and the tables behind both."""

    def __init__(self, lexicon: Lexicon):
        units = lexicon["units"].filter(pl.col("kind") != "scale")
        self._units = {(row["surface"], row["is_prefix"]): row for row in units.iter_rows(named=True)}
        scales = lexicon["units"].filter(pl.col("kind") == "scale")
        self._scales = {surface: Decimal(factor) for surface, factor in scales.select("surface", "factor").iter_rows()}
        self._per = dict(lexicon["denominators"].select("surface", "per").iter_rows())
        self._vague = {row["surface"]: row for row in lexicon["vague_numerals"].iter_rows(named=True)}
        self._words = {row["surface"]: row for row in lexicon["number_words"].iter_rows(named=True)}
        self._hedges = {(row["position"], row["surface"]): _hedge(row) for row in lexicon["hedges"].iter_rows(named=True)}
        self._compile_cards(lexicon["number_cards"].sort("rank", "rule_id"))
        self._compile_joins(lexicon["number_joins"])
        # 6-7亿 is a range and -7亿 a loss: a sign stands first, or after a word that joins
        self._item = re.compile(self._item_pattern(sign=r"(?:^|(?<=[A-Za-z ~～/、至到和与及或:=])(?<!\d[kKMwBbTm])(?<!\d[bmt]n))"))
        priced = [surface for (surface, _), row in self._units.items() if row["is_priced"]]
        price = f"(?:{match_words(priced, _UNIT_ENDS)})"
        # 每股12.3分至15.6分: the end of a range is a price too
        self._priced = re.compile(rf"{price}(?:{self._joins['range']}[\d.]{{1,9}}{price})?")
        # elsewhere 分 is a cent only in 4.5分/千瓦时
        is_price = rf"(?= ?/ ?(?:{match_words(self._per)}))"
        item = self._item_pattern(sign=r"(?<!\d)", ends=_UNIT_ENDS | dict.fromkeys(priced, is_price))
        self._false_numbers = frozenset(lexicon["false_numbers"]["surface"])
        self.scan = re.compile(self._scan_pattern(item, self._false_numbers), re.MULTILINE)  # texts are read as one
        self.seed = self._seed_pattern()
        self._compile_context(lexicon["change_words"]["surface"].to_list(), lexicon["number_joins"])
        self._templates: dict[tuple[str, str], tuple[Figure, Decimal, int] | None] = {}
        self._joined: dict[str, str | None] = {}

    def read_card(self, surface: str) -> tuple[str, str] | None:
        """Return rule and class of the card that takes a surface which `scan` found by one; None for a word that is no number."""
        if surface in self._false_numbers:
            return None
        card = self._early_cards.fullmatch(surface) or self._late_cards.fullmatch(surface)
        return self._card_ids[card.lastgroup]

    def read(self, surface: str, before: str | None = None, after: str | None = None, moved: str | None = None) -> list[Figure]:
        """Return the figures of a surface, hedged by the words around it.

        moved: "rate" after 费用率提升, where 3.8%至19.7% are a change and a level and no range; "amount" behind any other change,
        where 减少27家至604家 are; "expected" where the change is only expected, and ranges are likelier.
        """
        if surface in self._false_numbers:
            return []
        whole = self._fill(surface, 0)
        figures = [whole] if whole else self._combine(surface, self._figures(surface), moved, is_between=after == "之间")
        if figures:
            if figures[0].hedge is None or figures[0].value is None:
                self._hedge_by(figures[0], "before", before)
            self._hedge_by(figures[-1], "after", after)
        return [figure for figure in figures if _is_meant(figure)]

    # -- compiling

    def _compile_cards(self, cards: pl.DataFrame) -> None:
        """Keep the cards in two alternations: those tried before figures and those tried after them."""
        self._card_ids = {f"card{index}": (row["rule_id"], row["label"]) for index, row in enumerate(cards.iter_rows(named=True))}
        named = [(f"(?P<card{index}>{row['pattern']})", row["rank"], row["pattern"]) for index, row in enumerate(cards.iter_rows(named=True))]
        self._early_patterns = [pattern for _, rank, pattern in named if rank < 100]
        self._late_patterns = [pattern for _, rank, pattern in named if rank >= 100]
        self._early_cards = re.compile("|".join(group for group, rank, _ in named if rank < 100))
        self._late_cards = re.compile("|".join(group for group, rank, _ in named if rank >= 100))

    def _compile_joins(self, joins: pl.DataFrame) -> None:
        """Keep what stands between numbers, by kind."""
        words = {kind: joins.filter(pl.col("kind") == kind)["surface"].to_list() for kind in ("range", "list", "enumeration", "filler", "label", "rate")}
        # no word's end behind these: the number follows at once, EPS0.52元
        self._rates = tuple(words["rate"])
        self._labels = "|".join(re.escape(word) for word in sorted(words["label"], key=lambda word: (-len(word), word)))
        self._labelled = re.compile(rf"(?:{self._labels}) ?[:=]? ?[+\-−]?\d")
        self._joins = {kind: rf" ?(?:{match_words(words[kind])}) ?" for kind in ("range", "list", "enumeration")}
        self._join = {kind: re.compile(pattern) for kind, pattern in self._joins.items()}

    def _compile_context(self, change_words: list[str], joins: pl.DataFrame) -> None:
        """Keep what may stand before a number, by word: (kind, word) with the stronger kind where a word has two."""
        fillers = joins.filter(pl.col("kind") == "filler")["surface"]
        hedges = {position: [word for place, word in self._hedges if place == position] for position in ("before", "after")}
        self._before = {word: "filler" for word in fillers} | {word: "change" for word in change_words} | {word: "hedge" for word in hedges["before"]}
        # the lengths of the words that end in a letter, longest first: most texts end in none of them
        self._before_sizes = {word[-1]: () for word in self._before}
        for size in sorted({len(word) for word in self._before}, reverse=True):
            for end in {word[-1] for word in self._before if len(word) == size}:
                self._before_sizes[end] += (size,)
        self.can_precede = frozenset(self._before_sizes) | {" "}
        self.can_follow = frozenset(word[0] for word in hedges["after"]) | {" "}
        self._after = re.compile(rf" ?({match_words(hedges['after'])})")

    def _seed_pattern(self) -> str:
        """Return the Rust pattern of the characters that a number cannot do without.

        It has to miss nothing and stay a small automaton, which runs 20 times faster than the grammar; what stands around
        a seed is left to the grammar.
        """
        units = {surface[0] for surface, is_prefix in self._units if not is_prefix and not surface[0].isascii()}
        inside = {word[0] for position, word in self._hedges if position == "inside"}
        follows = "".join(sorted(units | inside | set("点分个半开番到至" + HANZI_NUMERALS + "几数")))
        numerals = f"{HANZI_NUMERALS}几数"
        others = "".join(char for char in numerals if char != "一")
        words = "|".join(sorted({*self._vague, *self._words}))
        halves = "".join(sorted({word[-1] for position, word in self._hedges if position == "before"}))
        # 一个, 一家 are articles; 一个百分点, 一倍, 一半 are not
        return (
            rf"[0-9]+|[{others}] ?[{follows}~\-%]|一(?:[{numerals}成倍半分折到至~\-]|个[百亿基点]|块[钱{numerals}])|[{halves}][半倍]|半数|第[{numerals}]"
            rf"|{words}|[(][{numerals}]+[)]|[的为是至到于]零[,。;、)]"
        )

    def _item_pattern(self, sign: str, ends: Mapping[str, str] = MappingProxyType(_UNIT_ENDS)) -> str:
        """Return the pattern of one number with currency, scale, unit and denominator; `sign` is where a sign may stand, `ends` has
        what has to follow units.
        """
        arabic = r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
        # 兆 is 10^12, but mega in 兆瓦; 百 of 百分点 and 千 of 千克 are no scales either
        mega = rf"(?!{match_words(surface for surface, is_prefix in self._units if surface[0] in SCALES and len(surface) > 1)})"
        numeral = rf"(?:{mega}[{HANZI_NUMERALS}几数])"
        hanzi = rf"{match_all(numeral)}(?:点[{HANZI_DIGITS}]+)?"
        latin = match_words(surface for surface in self._scales if surface.isascii())
        scales = match_all(f"{mega}[{''.join(SCALES)}]")
        scale = rf"(?: ?(?:{scales}|个(?:万?亿)|{latin}))"
        # 25万6千, 3亿5000万, 1万600, 5万8,214
        more = rf"(?: ?零?(?:\d[\d,]*(?:\.\d+)?|[{HANZI_DIGITS}]){scale})*(?:零\d+|\d{{3,4}}(?![\d.年,])|(?<=[万亿])\d,\d{{3}}(?![\d.,]))?"
        prefix = match_words(surface for surface, is_prefix in self._units if is_prefix)
        unit = match_words((surface for surface, is_prefix in self._units if not is_prefix), ends)
        money = match_words(surface for (surface, is_prefix), row in self._units.items() if row["kind"] == "currency" and not is_prefix and len(surface) > 1)
        minor = rf"零?[\d{HANZI_DIGITS}](?:角|毛)(?:零?[\d{HANZI_DIGITS}]分?)?|零?[\d{HANZI_DIGITS}]分"
        # 20+亿元, 3000+家; 10+5家 and 3+2 are none
        counted = {surface[0] for surface, is_prefix in self._units if not is_prefix and not surface[0].isascii()} | set(SCALES)
        inside = match_words((word for position, word in self._hedges if position == "inside"), {"+": f"(?=[{''.join(sorted(counted))}])"})
        suffix = match_words(word for (position, word), hedge in self._hedges.items() if position == "after" and hedge and not hedge.is_point)
        half = match_words(word for position, word in self._hedges if position == "before")
        # 人民币12.3分: behind a currency it is a hundredth of it, elsewhere a score
        cents = rf"(?P<cent_prefix>{prefix}) ?(?P<cents>{arabic}) ?分(?![钟之析部别数])"
        letters = rf"{_BEHIND_MONEY}(?P<letters>{arabic} ?(?:{match_words(_MONEY_LETTERS)}))"
        return (
            rf"(?P<sign>{sign}[+\-−±负])?(?:{cents}|(?:(?P<prefix>{prefix}) ?(?P<inner_sign>[+\-−])?)?"
            rf"(?:百分之? ?(?P<hundredths>{hanzi}|{arabic})"
            rf"|(?P<below>{match_all(numeral)})分之(?P<above>{hanzi}|{arabic})"
            rf"|(?<![\d.,/])(?P<fraction>{_FRACTIONS})(?![\d.,/:%]|[年月日季号期]|[~-]\d{{1,2}}/| ?{unit}|{scale})"
            rf"|(?P<half>[一1]半|半数)|(?P<half_hedge>{half})(?:半数?|(?P<once>倍)(?![数率增速]))"
            rf"|(?P<vague>{match_words(self._vague, _VAGUE_ENDS)})|(?P<word>{match_words(self._words)})|(?P<zero>[的为是至到于]零[,。;、)])"
            rf"|{letters}|(?P<arabic>{arabic}(?:{scale}{more})?)|(?P<hanzi>{hanzi}(?:{scale})?))"
            rf"(?P<scale>{scale}*(?!{scale}))(?:(?P<inside>{inside})(?P<scale_inside>{scale}?))?"
            rf"(?: ?(?:[元块圆](?P<minor>{minor})|(?P<tens>成|块)(?P<tenth>[一二三四五六七八九1-9]|半(?![导年数日天夜]))|元 ?(?P<money>{money})|(?P<unit>{unit})))?"
            rf"(?: ?/ ?(?P<per>{match_words(self._per)}))?(?P<suffix>{suffix})?)"
        )

    def _scan_pattern(self, item: str, false_numbers: Iterable[str]) -> str:
        """Return the pattern of one surface: a card, a word that is no number, or figures with what joins them."""
        item = re.sub(r"\(\?P<\w+>", "(?:", item)
        more = rf"(?:(?:{'|'.join(self._joins.values())}){item})*"
        latin = rf"(?:{self._labels}) ?[:=]? ?{item}{more}|(?<![A-Za-z])[A-Za-z]+ ?(?=[+\-−]?\d[\d,.]*(?:[%倍元]|pct|[万亿])){item}{more}"
        false = rf"(?=[{HANZI_NUMERALS}几数半(单])(?:{match_words(false_numbers)})"
        # most characters of a window start nothing: look at one before trying everything
        first = "".join(sorted({word[0] for word in [*self._vague, *self._words]}))
        hedges = "".join(sorted({word[0] for position, word in self._hedges if position == "before"} - set("<>≤≥")))
        prefix = "".join(sorted({surface[0] for surface, is_prefix in self._units if is_prefix and not surface[0].isascii()}))
        cards = "".join(sorted(set("第沪深中上科创国标纳日富恒罗道〔[(单下凌清早晚傍夜午今昨歼运轰直苏图米伊东长巨红鹰安")))
        can_start = (
            rf"(?=[0-9A-Za-z+\-−±负$€£¥₩₹￥{re.escape(cards)}{HANZI_NUMERALS}几数半{first}]"
            rf"|[{prefix}][^\n]{{1,5}}[\d{HANZI_NUMERALS}几数]|[的为是至到于]零|[{hedges}].{{0,4}}[半倍])"
        )
        return can_start + f"(?:(?P<card>{'|'.join(self._early_patterns)})|{false}|{latin}|{item}{more}|(?P<late_card>{'|'.join(self._late_patterns)}))"

    # -- reading

    def peel(self, before: str) -> tuple[str | None, str | None, str | None]:
        """Return hedge and change word that the words before a number end with, and whether a rate or an amount is what changes.

        Words are taken off the end, longest first, until one is neither hedge nor filler: 费用率 | 提升 | 了 | 约.
        """
        text = before.rstrip(" ")
        hedge = None
        while text:
            for size in self._before_sizes.get(text[-1], ()):
                word = text[-size:]
                if word in self._before:
                    break
            else:
                break
            kind = self._before[word]
            text = text[: -len(word)].rstrip(" ")
            if kind == "change":
                moved = "rate" if any(rate in text[-6:] for rate in self._rates) else "expected" if _EXPECTED.search(text) else "amount"
                return hedge, word, moved
            if kind == "hedge":
                if hedge is None:
                    hedge = word
                if self._hedges["before", word] is None:
                    break
        return hedge, None, None

    def unit_price(self, before: str) -> str | None:
        """Return the denominator that 每 names shortly before a number: 每股收益0.52元; None across a clause or another number."""
        _, mark, text = before.rpartition("每")
        if not mark:
            return None
        surface = next((text[:size] for size in range(min(4, len(text)), 0, -1) if text[:size] in self._per), None)
        if surface is None or any(char in ",。;" or char.isdigit() for char in text[len(surface) :]):
            return None
        return self._per[surface]

    def end_priced(self, text: str, end: int) -> int:
        """Return where a number before `end` ends that is a price: the 分 of 每股5.6分 belongs to it."""
        match = self._priced.match(text, end)
        return match.end() if match else end

    def follow(self, text: str, end: int) -> str | None:
        """Return the hedge that the words after a number begin with, which ends at `end`."""
        match = self._after.match(text, end)
        return match and match[1]

    def _figures(self, surface: str) -> list[Figure]:
        """Return the single numbers of a surface, left to right."""
        figures = []
        for match in self._item.finditer(surface):
            # what m means depends on the amount before it
            figure = (not match["letters"] and self._fill(match[0], match.start())) or self._figure(match)
            if figure:
                figures.append(figure)
        return figures

    def _fill(self, text: str, start: int) -> Figure | None:
        """Return the number that a text at `start` of a surface is, as read_plain has it."""
        plain = self.read_plain(text)
        if plain is None:
            return None
        figure, value, size = plain
        return _with_value(figure, start, start + size, value)

    def read_plain(self, text: str) -> tuple[Figure, Decimal, int] | None:
        """Return an example of the number that a text is, its own value and its length; None where it is more than digits and a unit.

        Most numbers are Arabic digits with a unit: 12.5亿元 and 39.08亿元 differ in their digits only, and the same words are read once.
        """
        match = _DIGITS_AND_WORDS.fullmatch(text)
        if not match:
            return None
        sign, digits, words = match.groups()
        if (sign, words) not in self._templates:
            if len(self._templates) > _MOST_TEMPLATES:
                self._templates.clear()
            self._templates[sign, words] = self._template(sign, words)
        template = self._templates[sign, words]
        if template is None:
            return None
        figure, scale, rest = template
        return figure, read_arabic(digits) * scale, len(text) - rest

    def _template(self, sign: str, words: str) -> tuple[Figure, Decimal, int] | None:
        """Return the figure that a single digit makes with a sign and the words behind it, what it multiplies the digit by, and
        how many characters it leaves over; None where the words are more than a unit.
        """
        text = f"{sign}1{words}"
        figures = [self._figure(match) for match in self._item.finditer(text)]
        if len(figures) != 1 or figures[0] is None or figures[0].value is None or figures[0].hedge or figures[0].start:
            return None
        return figures[0], figures[0].value, len(text) - figures[0].end

    def _figure(self, match: re.Match) -> Figure | None:
        """Return one matched number with its unit, or None where hanzi only look like one."""
        part = match.groupdict()
        surface = part["money"] or part["unit"] or part["tens"] or (part["minor"] and "元")
        row = self._units.get((surface, False))
        named = self._units.get((part["prefix"] or part["cent_prefix"], True)) or row
        figure = Figure(match.start(), match.end(), is_prefixed=part["prefix"] is not None)
        if named:
            figure.unit, figure.kind = named["unit"], named["kind"]
        if part["per"]:
            self._divide(figure, self._per[part["per"]])
        if not self._read_amount(figure, part, Decimal(row["factor"]) if row else Decimal(1)):
            return None
        if part["inside"]:
            _apply(figure, self._hedges["inside", part["inside"]])
        if part["suffix"] and figure.kind != "time":
            # 70%中期, but 7世纪中期
            _apply(figure, self._hedges["after", part["suffix"]])
        return figure

    def _divide(self, figure: Figure, per: str) -> None:
        """Note the denominator: 元/吨 is a price, 万吨/年 a rate with a unit of its own."""
        if figure.kind == "physical":
            figure.unit = f"{figure.unit}_per_{per}"
        else:
            figure.per = per

    def _read_amount(self, figure: Figure, part: dict, factor: Decimal) -> bool:
        """Fill in value or bounds; False if the match is no number."""
        if part["cents"]:
            figure.value = _signed(read_arabic(part["cents"]) / 100, part)
            return True
        if part["letters"]:
            letters = _LATIN_SCALE.search(part["letters"])
            figure.scale = figure.tail = figure.large_tail = Decimal(_MONEY_LETTERS[letters[0]])
            figure.value = _signed(read_arabic(part["letters"][: letters.start()].rstrip(" ")) * figure.scale, part)
            return True
        if part["hundredths"]:
            value = read_numeral(part["hundredths"])
            figure.value, figure.unit, figure.kind = value and _signed(value, part), "percent", "ratio"
            return value is not None
        if part["above"]:
            above, below = read_numeral(part["above"]), read_numeral(part["below"])
            if above is None or not below:
                return False
            figure.value, figure.unit, figure.kind = above / below, "multiple", "ratio"
            return True
        if part["fraction"]:
            above, below = part["fraction"].split("/")
            figure.value, figure.unit, figure.kind = Decimal(above) / Decimal(below), "multiple", "ratio"
            return True
        if part["half"] or part["half_hedge"]:
            # 近半: the hedge stays outside the span
            figure.start += len(part["half_hedge"] or "")
            if part["half_hedge"] and figure.unit and figure.kind != "ratio":
                # 近半小时 and 逾半桶 are half of a unit, 近半 and 一半人 half of a whole
                figure.value = Decimal("0.5") * factor
            else:
                figure.value, figure.unit, figure.kind = (Decimal(1), "multiple", "ratio") if part["once"] else (Decimal(50), "percent", "ratio")
            self._hedge_by(figure, "before", part["half_hedge"])
            return True
        if part["word"]:
            row = self._words[part["word"]]
            figure.value, figure.unit, figure.kind = Decimal(row["value"]), row["unit"], "ratio"
            figure.direction, figure.norm = row["direction"], row["norm"]
            # 翻倍 台湾: a word takes no unit, but 翻了一倍多 a hedge
            figure.end = figure.start + len(part["word"] + (part["inside"] or ""))
            return True
        if part["zero"]:
            # 从去年的零, : the words around it show that it is meant as an amount
            figure.start, figure.end, figure.value = figure.start + 1, figure.end - 1, Decimal(0)
            return True
        figure.scale = self._scale(part["scale"]) * self._scale(part["scale_inside"]) * factor
        if part["vague"]:
            row = self._vague[part["vague"]]
            figure.low, figure.high = Decimal(row["low"]) * figure.scale, Decimal(row["high"]) * figure.scale
            figure.high_inclusive, figure.hedge, figure.rule_id = row["high_inclusive"], row["hedge"], "quantities.vague"
            return True
        return self._read_number(figure, part)

    def _read_number(self, figure: Figure, part: dict) -> bool:
        """Fill in what the digits say; False if they are no number."""
        numeral = part["arabic"] or part["hanzi"]
        figure.is_hanzi = part["hanzi"] is not None
        if len(numeral) > _LONGEST_NUMERAL:
            figure.rule_id = "quantities.unclassed"
            return not figure.is_hanzi
        numeral = numeral.replace("个", "").replace(" ", "")
        if not numeral[-1].isdigit():
            numeral = self._note_scale(figure, numeral)
        else:
            figure.tail = figure.large_tail = figure.scale
        figure.is_positional = figure.is_hanzi and figure.scale == 1 and not set(numeral) & set("百千万亿兆佰仟") and numeral[-1] not in "十拾"
        if figure.is_hanzi and len(numeral) == 1 and figure.scale == 1 and numeral in _FINANCIAL_DIGITS:
            # 陆 and 伍 alone are words and names
            return False
        if "几" in numeral or "数" in numeral:
            return _read_vague(figure, numeral)
        pair = _PAIR.fullmatch(numeral) if figure.is_hanzi else None
        if pair:
            low, high = (read_numeral(pair["head"] + pair[end] + pair["tail"]) for end in ("low", "high"))
            if low < high:
                figure.low, figure.high, figure.hedge = low * figure.scale, high * figure.scale, "range"
                return True
        value = read_numeral(numeral)
        if value is None:
            return False
        value *= figure.scale
        if part["minor"]:
            value += _read_minor(part["minor"])
        if part["tenth"]:
            # 七成五 is 75 percent, 九块九 9.9, 一成半 15
            value += (5 if part["tenth"] == "半" else read_numeral(part["tenth"])) * (1 if part["tens"] == "成" else Decimal("0.1"))
        figure.value = _signed(value, part)
        return True

    def _note_scale(self, figure: Figure, numeral: str) -> str:
        """Note the scales that a numeral ends with, which may spread to a number before it; return it without Latin ones."""
        latin = _LATIN_SCALE.search(numeral)
        if latin:
            figure.scale *= self._scales[latin[0]]
            numeral = numeral[: latin.start()]
        tail, large = _ANY_SCALE.search(numeral), _LARGE_SCALE.search(numeral)
        if tail and "点" in numeral:
            # 三十四点五亿: the scale holds for the decimals too
            figure.scale *= self._scale(tail[0])
            numeral, tail, large = numeral[: tail.start()], None, None
        figure.tail = figure.scale * (self._scale(tail[0]) if tail else 1)
        figure.large_tail = figure.scale * (self._scale(large[0]) if large else 1)
        figure.is_scale_only = len(numeral) == 1 and numeral in "百千万亿兆佰仟"
        return numeral

    def _scale(self, text: str | None) -> Decimal:
        """Return the product of scale characters: 百万 is a million."""
        product = Decimal(1)
        if text and text[-1].isascii():
            return self._scales[text.strip(" ")]
        for char in text or "":
            product *= self._scales.get(char, 1)
        return product

    def _hedge_by(self, figure: Figure, position: str, word: str | None) -> None:
        """Open the band of a hedge that stands before or after the figure; what is hedged already keeps its band."""
        hedge = self._hedges.get((position, word))
        if hedge and not (position == "after" and figure.hedge):
            _apply(figure, hedge)

    # -- combining

    def _combine(self, surface: str, figures: list[Figure], moved: str | None, is_between: bool) -> list[Figure]:
        """Return the figures with ranges and enumerations joined, and units spread over lists."""
        joined: list[Figure] = []
        for figure in figures:
            kind = self._join_kind(surface[joined[-1].end : figure.start]) if joined else None
            if kind == "list" and is_between and figure is figures[-1]:
                # 介于5亿元和6亿元之间
                kind = "range"
            moves = moved is not None and joined and _moves(joined[-1], figure, moved, surface[joined[-1].end : figure.start])
            if kind == "range" and _is_fall(joined[-1], figure) and surface[figure.start - 1] == "-":
                # 28707.13-0.36%: a level and its change, which has a sign
                figure.start, figure.value, figure.is_governed = figure.start - 1, -figure.value, False
                joined.append(figure)
            elif kind == "range" and _is_range(joined[-1], figure) and not moves:
                joined[-1] = _range(joined[-1], figure)
            elif kind == "enumeration" and _is_range(joined[-1], figure):
                first = len(joined) - 1
                # 2倍、4倍甚至8倍 is one statement
                while first and surface[joined[first - 1].end : joined[first].start] == "、" and joined[first - 1].unit == figure.unit:
                    first -= 1
                joined[first:] = [_range(joined[first], figure)]
            else:
                figure.is_governed = kind != "range"
                joined.append(figure)
        for index in range(len(joined) - 2, -1, -1):
            left, right = joined[index], joined[index + 1]
            if left.is_plain and not left.is_hanzi and self._join_kind(surface[left.end : right.start]) == "list":
                # 11.0/7.8/-3.3亿: the unit stands once, at the end
                _multiply(left, right.tail)
                left.unit, left.kind, left.per = right.unit, right.kind, right.per
        return joined

    def _join_kind(self, between: str) -> str | None:
        """Return how the text between two numbers joins them."""
        if between not in self._joined:
            if len(self._joined) > _MOST_TEMPLATES:
                self._joined.clear()
            self._joined[between] = next((kind for kind, pattern in self._join.items() if pattern.fullmatch(between)), None)
        return self._joined[between]


def _with_value(figure: Figure, start: int, end: int, value: Decimal) -> Figure:
    """Return an unhedged figure of Arabic digits at another place, with another value."""
    return Figure(
        start, end, value, unit=figure.unit, kind=figure.kind, scale=figure.scale, tail=figure.tail, large_tail=figure.large_tail, per=figure.per
    )


@functools.lru_cache(maxsize=4)
def compile_grammar(lexicon: Lexicon) -> Grammar:
    """Return the compiled grammar of a lexicon."""
    return Grammar(lexicon)


def _hedge(row: dict) -> Hedge | None:
    """Return a row of the hedges table as exact numbers; None for a word that only looks like a hedge."""
    if row["hedge"] is None:
        return None
    low, high = (None if row[end] is None else Decimal(row[end]) for end in ("low", "high"))
    return Hedge(row["hedge"], row["measure"], low, high, row["low_inclusive"], row["high_inclusive"], row["is_point"])


def _signed(value: Decimal, part: dict) -> Decimal:
    """Return the value with the sign that is written before it."""
    signs = (part["sign"] or "") + (part["inner_sign"] or "")
    return -value if any(sign in signs for sign in "-−负") else value


def _apply(figure: Figure, hedge: Hedge) -> None:
    """Open the band of the hedge around the figure's value."""
    base = figure.value
    if base is None:
        figure.hedge = figure.hedge or hedge.hedge
        return
    step = step_of(base) if hedge.measure == "step" else None
    low, high = (None if end is None else base + end * step if step else base * end for end in (hedge.low, hedge.high))
    if base < 0 and not step and None not in (low, high):
        low, high = high, low
    figure.value, figure.base = (base if hedge.is_point else None), base
    figure.low, figure.high, figure.hedge = low, high, hedge.hedge
    figure.low_inclusive, figure.high_inclusive = hedge.low_inclusive, hedge.high_inclusive


def _read_vague(figure: Figure, numeral: str) -> bool:
    """Fill in the bounds of a numeral with 几 or 数 as a digit: 几十亿 is [20亿, 100亿), 十几万 [11万, 20万)."""
    head, _, rest = numeral.partition("几" if "几" in numeral else "数")
    unit = read_numeral("一" + rest)
    whole = read_numeral(head) if head else Decimal(0)
    if unit is None or whole is None or (figure.unit is None and unit == 1 and not head):
        return False
    if head and _LARGE_SCALE.search(rest):
        # 十几万: the scale behind holds for both digits
        low, high = (whole + 1) * unit, (whole + step_of(whole)) * unit
    elif head:
        low, high = whole + unit, whole + 10 * unit
    else:
        low, high = 2 * unit, 10 * unit
    figure.low, figure.high, figure.high_inclusive, figure.hedge = low * figure.scale, high * figure.scale, False, "several"
    return True


def _read_minor(minor: str) -> Decimal:
    """Return 角 and 分 behind 元 in 元: 六角七分 is 0.67."""
    value = Decimal(0)
    for digit, unit in re.findall(rf"([\d{HANZI_DIGITS}])(角|毛|分|$)", minor):
        value += read_numeral(digit) * (Decimal("0.1") if unit in ("角", "毛") else Decimal("0.01"))
    return value


def _is_range(left: Figure, right: Figure) -> bool:
    """Return whether two neighbours with a range word between them are one range: 增长12%至50亿元 is not."""
    if left.kind == right.kind == "currency":
        same_unit = left.unit == right.unit or LOCAL_CURRENCY in (left.unit, right.unit)
    else:
        # 百分之三十到四十: the unit may stand at the front
        is_shared = left.is_prefixed and left.kind == "currency" and right.unit is None and not right.is_hanzi
        same_unit = is_shared or left.unit in (None, right.unit) or (left.unit == "percent" and right.unit is None and right.is_hanzi and right.tail == 1)
    # 下降18.93%至-8.95% moves to a level
    turns = any(end < 0 for end in right.ends()) and not any(end < 0 for end in left.ends())
    return same_unit and not turns and bool(left.ends()) and bool(right.ends())


def _moves(left: Figure, right: Figure, moved: str, between: str) -> bool:
    """Return whether a change and the level it leads to stand around 至; an amount leads to one far above it: 减少27家至604家."""
    if left.unit is None or "-" in between:
        return False
    return moved == "rate" or (left.kind != "ratio" and bool(left.ends()) and bool(right.ends()) and min(right.ends()) >= _FAR_ABOVE[moved] * max(left.ends()))


def _is_fall(left: Figure, right: Figure) -> bool:
    """Return whether a plain number before a percentage is far too large to be the lower end of a range with it."""
    return left.is_plain and right.unit == "percent" and left.value is not None and right.value is not None and left.value > 10 * right.value > 0


def _range(left: Figure, right: Figure) -> Figure:
    """Return the second of two figures as the range over both; scale and unit that stand only at the end hold for both: 1.5-2万家."""
    if (left.unit is None or left.is_prefixed) and left.large_tail == 1:
        # 三到五百万 is 3 to 5 million, 一千到两千万 10 to 20 million
        shared = right.tail if left.tail == 1 and (not left.is_hanzi or max(left.ends()) < 10) else right.large_tail
        if shared != 1 and min(left.ends()) <= max(right.ends()) / shared:
            _multiply(left, shared)
    hedge, band = "range", _band(left, right)
    if band:
        (low, high), hedge = band, right.hedge
    else:
        ends = left.ends() + right.ends()
        low, high = min(ends), max(ends)
        right.high_inclusive = right.high_inclusive or right.high != high
    right.start, right.value, right.low, right.high, right.low_inclusive, right.hedge = left.start, None, low, high, True, hedge
    right.unit, right.kind, right.per = right.unit or left.unit, right.kind or left.kind, right.per or left.per
    return right


def _band(left: Figure, right: Figure) -> tuple[Decimal, Decimal] | None:
    """Return the part of a range that the word behind it names: 20%-30%低段 is 20 to 23 percent, 高段 27 to 29; None where none does."""
    start, end = left.value, right.base
    if right.hedge not in _PARTS_OF_RANGE or None in (start, end, right.low, right.high) or start >= end:
        return None
    low, high = (start + (bound - end) / step_of(end) * (end - start) for bound in (right.low, right.high))
    return low, high


def _multiply(figure: Figure, scale: Decimal) -> None:
    """Multiply the figure by a scale that stands further on."""
    figure.value, figure.low, figure.high = (None if end is None else end * scale for end in (figure.value, figure.low, figure.high))
    figure.tail = scale


def _is_meant(figure: Figure) -> bool:
    """Return whether hanzi that can be read as a number are meant as one: 一个, 万元 and 统一 are not."""
    if not figure.is_hanzi:
        return True
    # 零部件 is no count of zero
    if figure.value in (0, 1) and figure.kind != "ratio":
        return False
    if figure.unit is None:
        return figure.end - figure.start > 1 and not figure.is_positional
    # 万元 and 亿股 are units in a heading, 百家 and 千元 half words; 近百家 and 百倍 state amounts
    return not figure.is_scale_only or figure.hedge is not None or figure.kind == "ratio"
