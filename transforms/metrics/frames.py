"""What one clause hands on to the next, and the row a figure becomes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from transforms.metrics.governing import Governing
from transforms.metrics.labels import LabelUse
from transforms.metrics.tokens import Token

# Stands for a company that its text never names.
UNNAMED = "公司"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom figures describe, and where the text says so; no place means it is the document's subject."""

    entity: str | None
    at: tuple[int, int] | None = None


# Nobody: what a text tells of a market, a country or a commodity
MARKET = Subject(None)


@dataclass(slots=True)
class Frame:
    """What is understood without being said again: labels, subject, segment and period of the clauses before.

    lists: several labels, periods, subjects or segments stand for a list that 分别 distributes figures over.
    listed: the sentence in which several segments were listed last, and these. among_sentence: the sentence in which 其中 was said last. part_sentence: the one that begins to list
    products or regions (分产品看,). is_by_part: the text has begun to list shares by product or region.
    outer_periods: what the periods are only a part of (上半年营收10亿元,其中二季度6亿元); may_leave_inner: a semicolon or stop has followed.
    group: companies together that a clause speaks of (四家云厂商资本开支…), and the sentence they are named in.
    topic: the business that the sentence speaks of, for labels that name none: 手机业务收入10亿元,毛利率12%.
    """

    labels: list[LabelUse] = field(default_factory=list)
    subjects: list[Subject] = field(default_factory=list)
    segments: list[str] = field(default_factory=list)
    listed: tuple[int, list[str]] = (-1, [])
    group: tuple[Subject, int] | None = None
    heading: str | None = None
    topic: str | None = None
    periods: list[Governing] = field(default_factory=list)
    outer_periods: list[Governing] = field(default_factory=list)
    may_leave_inner: bool = False
    day: Governing | None = None
    sentence_no: int = 0
    label_sentence: int = -1
    among_sentence: int = -1
    part_sentence: int = -1
    is_by_part: bool = False
    is_by_share: bool = False

    def copy(self) -> "Frame":
        """Return a frame for a parenthesis, which hands nothing back."""
        return Frame(
            list(self.labels), list(self.subjects), list(self.segments), self.listed, self.group, self.heading, self.topic, list(self.periods), list(self.outer_periods), self.may_leave_inner, self.day,
            self.sentence_no, self.label_sentence, self.among_sentence, self.part_sentence, self.is_by_part, self.is_by_share,
        )  # fmt: skip


@dataclass(slots=True)
class Clause:
    """What the words of one clause have said so far.

    left: where the noun phrase before the next label or figure begins. part: what is said to be a share of something.
    basis_at, change_at, share_at: the words of the clause that tell the basis: 同比, 增长, 占.
    """

    start: int
    left: int
    bases: Sequence[str] = ()
    basis_end: int | None = None
    basis_at: tuple[int, int] | None = None
    change_at: tuple[int, int] | None = None
    share_at: tuple[int, int] | None = None
    change: str | None = None
    change_word: str = ""
    is_change_noun: bool = False
    is_change_before_label: bool = False
    is_share: bool = False
    part: str | None = None
    is_prior: bool = False
    is_nested: bool = False
    is_inner_part: bool = False
    has_start: bool = False
    is_respective: bool = False
    is_of_company: bool = False
    phrase_end: int | None = None
    labels: Sequence[LabelUse] = ()
    earlier_labels: Sequence[LabelUse] = ()
    denominator: Sequence[LabelUse] = ()
    accounting: tuple[str, int] | None = None
    accountings: Sequence[str] = ()
    prior_period: Governing | None = None
    prior_periods: Sequence[Governing] = ()
    horizon: Governing | None = None
    since: Governing | None = None
    used_labels: frozenset[int] = frozenset()
    figure_count: int = 0
    phrase: str = ""

    def end_phrase(self, at: int) -> None:
        """Remember where the noun phrase of the clause ended, the first time something else follows it."""
        if self.phrase_end is None:
            self.phrase_end = at

    def begin_phrase(self, at: int) -> None:
        """Begin a new noun phrase."""
        self.left = at
        self.phrase_end = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a clause says of the next one.

    bases, basis_at, change: a comparison that ends its clause (与上年同期相比,将增加40%到50%; 同比扭亏为盈,盈利1.2亿元 has said what came of it).
    is_pair: two of them without a figure wait for a list (同环比双升,分别+42.69%/+0.49%). accounting: a basis that fills its clause holds for the
    next (非国际财务报告准则下,…). is_prior, prior_period: what stands before a colon says when (20.6%(2024年同期:19.8%)).
    """

    bases: Sequence[str] = ()
    basis_at: tuple[int, int] | None = None
    change: str | None = None
    is_pair: bool = False
    accounting: str | None = None
    is_prior: bool = False
    prior_period: Governing | None = None

    def begin(self, start: int, is_nested: bool, is_list: bool) -> Clause:
        """Return the next clause with what waits for it; is_list: it begins with 分别."""
        clause = Clause(start, start, is_nested=is_nested, is_prior=self.is_prior, prior_period=self.prior_period)
        clause.accounting = (self.accounting, start) if self.accounting else None
        if is_list or not self.is_pair:
            clause.bases, clause.basis_at, clause.change = self.bases, self.basis_at, self.change
        return clause


# What most clauses say of the next one
NOTHING = Waiting()


@dataclass(slots=True)
class Statement:
    """A figure with everything it states; modality where a table's heading tells it (市场预估EPS); is_passed: of the periods of a prospectus; basis_at: what tells the basis, in the block."""

    figure: Token
    use: LabelUse
    basis: str
    value: float | None
    low: float | None
    high: float | None
    period: Governing | None
    subject: Subject
    segment: str | None
    accounting: str | None
    rule: str
    is_label_carried: bool
    is_period_carried: bool
    is_subject_carried: bool
    modality: str | None = None
    basis_at: tuple[int, int] | None = None
    is_passed: bool = False
