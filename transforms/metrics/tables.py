"""Tables written as text, one row to a line: | EPS | 15.49 | 10.29 | under | 项目 | 2024年 | 2023年 |.

What a figure states is put together from its row, its column, and the line over the table: either may name the metric, the period,
the company or that it is a change; | 2024年 | 52.6亿元 | 12% | under | 年份 | 营业收入 | 同比 | has all of them crosswise.
"""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from transforms.calendars import month_of, period_of
from transforms.metrics.frames import Statement, Subject
from transforms.metrics.governing import Governing, a_year_earlier, read_periods
from transforms.metrics.labels import LabelUse, clean_phrase
from transforms.metrics.signs import signed
from transforms.metrics.tokens import Figure, Token
from transforms.metrics.vocabulary import Label, Vocabulary, fits

_BAR = "|"
_RULE = re.compile(r"[|\s:+-]+")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}[AEFP]?")
# 25/9, 2025.09 and Taiwan's 114/09 head a row of one month; 9/25 is a day
_MONTH = re.compile(r"(?P<year>20[0-9]{2}|1[01][0-9]|[1-4][0-9])[/.-](?P<month>1[0-2]|0?[1-9])")
# What may stand in a cell beside its figure: 52.6(+12%), 约10, 3.1*
_BESIDE = re.compile(r"[\s()+*%~约-]*")
_MODALITIES = {"A": "actual", "E": "estimate", "F": "estimate", "P": "estimate"}
_LONGEST_HEADING = 30
_LONGEST_NAME = 14


@dataclass(slots=True)
class _Axis:
    """What the head of a column, or the beginning of a row, says of the figures that stand in it.

    has_period: it names one, though perhaps one that nothing resolves (上年同期 of an undated text). uses: places in the document.
    has_former: a figure in brackets is the same as it was expected before, 31.33(33.23) under 2025年(前值).
    """

    use: LabelUse | None = None
    basis: str | None = None
    basis_at: tuple[int, int] | None = None
    period: Governing | None = None
    has_period: bool = False
    modality: str | None = None
    subject: Subject | None = None
    segment: str | None = None
    has_former: bool = False

    @property
    def says_something(self) -> bool:
        """Whether figures in its column state something."""
        return bool(self.use or self.basis or self.has_period)


class Table:
    """Keeps what the line over a table and its head say, and puts the statements of its rows together.

    subject, report: the company and the period the document is about, for tables that name none.
    """

    def __init__(self, vocabulary: Vocabulary, subject: Subject, report: Governing | None):
        self.vocabulary = vocabulary
        self.forms = vocabulary.forms
        self.subject, self.report = subject, report
        self.columns: dict[int, _Axis] = {}
        self.heading = _Axis()
        self.is_expected = self.is_after_head = self.names_companies = False
        self.last: LabelUse | None = None

    def settle(self, text: str, tokens: list[Token], statements: list[Statement], offset: int) -> list[Statement]:
        """Return the statements of a line: those that its table makes of a row, or `statements`, which its words make, where it makes none.

        offset: where the line begins in the document. Lines outside tables come back as they are.
        """
        if not text.lstrip().startswith(_BAR):
            self._read_heading(text, tokens, offset)
            return statements
        if _RULE.fullmatch(text):
            return statements
        cells = _split_cells(text, tokens)
        if (columns := self._read_head(text, cells, offset)) is not None:
            merged = self.columns if self.is_after_head else {}
            self.columns = {cell: axis if axis.says_something else merged.get(cell, axis) for cell, axis in (merged | columns).items()}
            self._settle_columns()
            self.is_after_head = True
            return []
        self.is_after_head = False
        if len(cells) != len(self.columns):
            # | 股票代码 | 688123 | under a table of five columns is of another
            self.columns = {}
        if not any(axis.says_something for axis in self.columns.values()):
            return statements
        row = self._read_row(text, cells, offset)
        by_figure = {id(statement.figure): statement for statement in statements}
        settled: list[Statement] = []
        for cell, (_, _, found) in cells.items():
            column = self.columns.get(cell)
            figures = [token for token in found if token.kind == "figure"]
            if column is None or not column.says_something or not figures:
                continue
            outer = _outside_brackets(found)
            for figure in figures:
                written = by_figure.get(id(figure))
                is_told = (figure in outer or column.has_former) and _is_alone(text, cells[cell])
                stated = self._state(figure, row, column, written, offset) if is_told else written
                settled += [stated] if stated is not None else []
        return settled

    def _read_heading(self, text: str, tokens: list[Token], offset: int) -> None:
        """Take label and period of a short line without figures; any other line ends the table."""
        self.columns, self.heading, self.last = {}, _Axis(), None
        self.is_expected = self.is_after_head = self.names_companies = False
        if len(text) <= _LONGEST_HEADING and not any(token.kind == "figure" for token in tokens):
            self.heading = self._read_axis(text, tokens, offset)
            self.is_expected = bool(self.forms["expected_heading"].search(text))

    def _read_head(self, text: str, cells: dict[int, tuple[int, int, list[Token]]], offset: int) -> dict[int, _Axis] | None:
        """Return what the cells of a head row say; None for a row with figures, or one that says nothing of its columns."""
        figures = [token for _, _, found in cells.values() for token in found if token.kind == "figure"]
        if any(not _YEAR.fullmatch(text[token.start : token.end]) for token in figures) or len(cells) < 2:
            return None
        axes = {cell: self._read_axis(text[start:end], found, offset, start) for cell, (start, end, found) in cells.items()}
        saying = [cell for cell, axis in axes.items() if axis.says_something]
        if not saying or saying == [min(cells)]:
            return None
        first = text[cells[min(cells)][0] : cells[min(cells)][1]]
        if min(cells) not in saying or axes[min(cells)].use is None:
            # | 会计年度 | 2024A | and | 年份 | 营业收入 |: the corner names the rows
            axes[min(cells)] = _Axis()
        self.names_companies = bool(self.forms["company_column"].search(first)) or any(
            self.forms["company_column"].search(text[start:end]) for cell, (start, end, _) in cells.items() if not axes[cell].says_something
        )
        return axes

    def _settle_columns(self) -> None:
        """Give columns of changes and shares the label of the one before them, and all of them the period where there is but one."""
        periods = {axis.period.label: axis.period for axis in self.columns.values() if axis.period}
        use = None
        years = [axis.period for axis in self.columns.values() if axis.period]
        is_pair = len(years) == 2 and (earlier := a_year_earlier(years[0])) is not None and earlier.label == years[1].label
        for _, axis in sorted(self.columns.items()):
            use = axis.use or (use if axis.basis else None)
            axis.use = use
            if axis.basis == "change" and is_pair:
                # 本期 | 上年同期 | 增减: the change is from one to the other
                axis.basis = "yoy"
            if not axis.has_period and axis.basis and years:
                axis.period = years[0]
            elif not axis.has_period and len(periods) == 1:
                axis.period = next(iter(periods.values()))

    def _read_axis(self, text: str, tokens: Iterable[Token], offset: int, start: int = 0) -> _Axis:
        """Return what a cell says; `start` is where it begins in its line."""
        axis = _Axis(has_former=self.forms["former_column"].search(text) is not None)
        for token in tokens:
            if token.kind == "label" and axis.use is None:
                use = _use_of(token, self.vocabulary)
                axis.use = replace(use, start=use.start + offset, end=use.end + offset)
            elif token.kind == "period":
                axis.has_period = True
                axis.period = next(iter(read_periods(token, offset)), axis.period)
                axis.modality = _MODALITIES.get(text[token.end - start - 1 : token.end - start])
            elif token.kind == "figure" and _YEAR.fullmatch(year := text[token.start - start : token.end - start]):
                period = period_of(int(year[:4]), "")
                axis.has_period, axis.modality = True, _MODALITIES.get(year[4:])
                axis.period = Governing(period.label, period.start, period.end, period.granularity, (token.start + offset, token.end + offset))
            elif token.kind == "basis" and axis.basis is None:
                axis.basis, axis.basis_at = token.data.value, (token.start + offset, token.end + offset)
            elif token.kind == "prior":
                axis.has_period = True
            elif token.kind == "mention" and token.data.type == "company":
                axis.subject = Subject(token.data.entity, (token.start + offset, token.end + offset))
        if axis.basis is None and (change := self.forms["change_column"].search(text)):
            axis.basis, axis.basis_at = "change", (change.start() + start + offset, change.end() + start + offset)
        elif axis.basis is None and (share := self.forms["share_column"].search(text)):
            axis.basis, axis.use, axis.basis_at = "share", None, (share.start() + start + offset, share.end() + start + offset)
        return axis

    def _read_row(self, text: str, cells: dict[int, tuple[int, int, list[Token]]], offset: int) -> _Axis:
        """Return what the cells that head a row say: its metric, period, company, or the part of the business it is about."""
        row = _Axis()
        for cell, (start, end, found) in cells.items():
            if cell in self.columns and self.columns[cell].says_something:
                continue
            axis = self._read_axis(text[start:end], [token for token in found if token.kind != "figure"], offset, start)
            name = text[start:end].strip()
            at = text.find(name, start) + offset
            if _YEAR.fullmatch(name):
                axis = self._read_axis(text[start:end], found, offset, start)
            elif (month := _MONTH.fullmatch(name)) is not None:
                axis.has_period, axis.period = True, _month_of(month, at)
            row = _Axis(*(getattr(row, name) or getattr(axis, name) for name in _Axis.__dataclass_fields__))
            if self.names_companies and row.subject is None and not axis.says_something and 1 < len(name) <= _LONGEST_NAME and not any(map(str.isdigit, name)):
                row.subject = Subject(name, (at, at + len(name)))
            elif not axis.says_something and axis.subject is None and not self.forms["statistic"].search(name) and not self.forms["total_row"].search(name):
                part = clean_phrase(name, self.vocabulary)
                row.segment = row.segment or (part if 1 < len(part) <= _LONGEST_NAME and not any(map(str.isdigit, part)) else None)
            if self.forms["statistic"].search(name) and self.heading.use is not None:
                row.use = self.heading.use
        if row.use is not None:
            self.last = row.use
        return row

    def _state(self, figure: Token, row: _Axis, column: _Axis, written: Statement | None, offset: int) -> Statement | None:
        """Return the statement of a figure that is alone in its cell; None where neither row nor column names a metric that it fits."""
        teller = column if column.basis else row
        basis = teller.basis or "level"
        use = row.use or column.use or (self.last if row.basis else None) or (self.heading.use if row.has_period or column.has_period else None)
        if use is None or not _may_state(use.label, figure.data, basis):
            return None
        period = row.period or column.period
        if period is None and not (row.has_period or column.has_period):
            period = self.heading.period or self.report
        subject = row.subject or column.subject or self.subject
        placed = replace(use, start=use.start - offset, end=use.end - offset)
        is_of_row = written is not None and row.use is not None and basis == "level" and written.use.label.metric == use.label.metric
        if is_of_row:
            # 归母净利润(百万元): the words of the row know its accounting and sign
            stated = replace(written, period=period, is_period_carried=True, segment=None, basis="level", subject=subject)
        else:
            value, low, high = signed(figure.data, use.label, basis, None)
            stated = Statement(
                figure=figure, use=placed, basis=basis, value=value, low=low, high=high, period=period, subject=subject,
                segment=None if row.use else row.segment, accounting=use.label.accounting, rule="metrics.table", is_label_carried=row.use is None,
                is_period_carried=True, is_subject_carried=row.subject is None,
                basis_at=(teller.basis_at[0] - offset, teller.basis_at[1] - offset) if teller.basis_at else None,
            )
        modality = column.modality or row.modality or ("estimate" if self.is_expected else None)
        return replace(stated, modality=modality) if modality else stated


def _month_of(match: re.Match, at: int) -> Governing | None:
    """Return the month that the head of a row names, at its place; None for days such as 12/25, which are no months."""
    year, month = int(match["year"]), int(match["month"])
    if year < 13:
        return None
    year += 2000 if year < 100 else 1911 if year < 1000 else 0
    period = month_of(year, month)
    return Governing(period.label, period.start, period.end, period.granularity, (at, at + match.end()))


def _split_cells(text: str, tokens: list[Token]) -> dict[int, tuple[int, int, list[Token]]]:
    """Return the cells of a row by number: where each begins and ends in the line, and its tokens."""
    bars = [at for at, char in enumerate(text) if char == _BAR]
    bars += [len(text)] if text[bars[-1] + 1 :].strip() else []
    cells: dict[int, tuple[int, int, list[Token]]] = {}
    remaining = iter(tokens)
    token = next(remaining, None)
    for cell, (start, end) in enumerate(itertools.pairwise(bars)):
        found: list[Token] = []
        while token is not None and token.start < end:
            found.append(token)
            token = next(remaining, None)
        cells[cell] = (start + 1, end, found)
    return cells


def _outside_brackets(tokens: Iterable[Token]) -> list[Token]:
    """Return the figures outside brackets, which hold another: 15.49(15.2), 52.6(+12%)."""
    outer, is_inner = [], False
    for token in tokens:
        is_inner = token.kind == "(" or (is_inner and token.kind != ")")
        if token.kind == "figure" and not is_inner:
            outer.append(token)
    return outer


def _is_alone(text: str, cell: tuple[int, int, list[Token]]) -> bool:
    """Return whether a cell holds nothing but figures: 净利润6.1亿元,同比增长8% is a sentence."""
    start, end, found = cell
    at, rest = start, ""
    for token in found:
        if token.kind == "figure":
            rest, at = rest + text[at : token.start], token.end
    return _BESIDE.fullmatch(rest + text[at:end]) is not None


def _use_of(token: Token, vocabulary: Vocabulary) -> LabelUse:
    """Return the label of a token, the last one of several."""
    member = token.members[-1]
    return LabelUse(member.data, member.start, member.end)


def _may_state(label: Label, figure: Figure, basis: str) -> bool:
    """Return whether a figure of a cell may be of a label: a level in its unit, a change or share in percent or times."""
    if basis == "level":
        return fits(label, figure.kind) if figure.kind else label.unit_kind in ("multiple", "per_share", "any")
    return figure.kind in ("percent", "multiple")
