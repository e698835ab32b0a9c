"""Tables written as text: | EPS | 15.49 | 10.29 | under | 项目 | 2024年 | 2023年 |, one row to a line."""

import re
from dataclasses import replace

from transforms.metrics.frames import Statement
from transforms.metrics.governing import Governing, read_periods
from transforms.metrics.labels import LabelUse
from transforms.metrics.tokens import Token
from transforms.metrics.vocabulary import Forms, Label

_BAR = "|"
_RULE = re.compile(r"[|\s:+-]+")
_LONGEST_HEADING = 30


class Table:
    """What a table's heading and its head row say about the figures in the rows below.

    columns: period of each cell by its number; uses: labels of the line over the table (市场预估EPS), for rows that are named after a
    statistic (中位数) and not after a metric.
    """

    def __init__(self, forms: Forms):
        self.forms = forms
        self.columns: dict[int, Governing] = {}
        self.uses: list[LabelUse] = []
        self.is_expected = False

    def settle(self, text: str, tokens: list[Token], statements: list[Statement], offset: int) -> list[Statement]:
        """Return the statements of a line with the periods of their columns; lines outside tables come back as they are."""
        if not text.lstrip().startswith(_BAR):
            self._read_heading(text, tokens)
            return statements
        if _RULE.fullmatch(text):
            return statements
        periods = {self._cell(text, token.start): found[0] for token in tokens if token.kind == "period" and (found := read_periods(token, offset))}
        if periods and not any(token.kind == "figure" for token in tokens):
            self.columns = periods
            return statements
        return [self._in_column(text, statement) for statement in statements]

    def _read_heading(self, text: str, tokens: list[Token]) -> None:
        """Take the label of a short line without figures; any other line ends the table."""
        is_heading = len(text) <= _LONGEST_HEADING and not any(token.kind == "figure" for token in tokens)
        self.columns = {}
        self.uses = [LabelUse(token.data, token.start, token.end) for token in tokens if isinstance(token.data, Label)] if is_heading else []
        self.is_expected = is_heading and bool(self.forms["expected_heading"].search(text))

    def _cell(self, text: str, at: int) -> int:
        """Return the number of the cell around a code point."""
        return text.count(_BAR, 0, at)

    def _in_column(self, text: str, statement: Statement) -> Statement:
        """Return a statement with its column's period, and with the label of the heading where its row is named after a statistic."""
        cell = self._cell(text, statement.figure.start)
        if (period := self.columns.get(cell)) is not None:
            statement = replace(statement, period=period, is_period_carried=True, segment=None, basis="level")
        if self.uses and self.forms["statistic"].search(text.lstrip(" |").partition(_BAR)[0]):
            statement = replace(statement, use=self.uses[0], segment=None, is_label_carried=True, rule="metrics.table")
        return replace(statement, modality="estimate") if self.is_expected else statement
