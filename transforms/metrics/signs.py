"""The sign of a figure, and the bounds around it: declines and losses are negative."""

from dataclasses import replace
from decimal import Decimal

from transforms.metrics.frames import Statement
from transforms.metrics.tokens import Figure
from transforms.metrics.vocabulary import Label


def signed(figure: Figure, label: Label, basis: str, change: str | None) -> tuple[float | None, float | None, float | None]:
    """Return value, low and high of a figure with the sign that its label and change word give it.

    A written sign stays: 同比增长-16.7%, 同比下降2.6%(国内-9.0%、国际+21.5%). A loss that grows is a decline, one that narrows a rise: 亏损扩大30% is -30.
    """
    value, low, high = figure.value, figure.low, figure.high
    if (value or 0) < 0 or (low or 0) < 0 or (high or 0) < 0 or (basis != "level" and figure.quote[0] in "+＋"):
        return value, low, high
    falls = label.is_loss if basis == "level" else (change == "down") != (label.is_loss and change is not None)
    if not falls or basis == "share":
        return value, low, high
    return _negative(value), _negative(high), _negative(low)


def widened(statement: Statement, percent: float | None) -> Statement:
    """Return a statement with the bounds that 上下浮动2% puts around its point."""
    if statement.value is None or percent is None:
        return statement
    point, share = Decimal(str(statement.value)), abs(Decimal(str(percent))) / 100
    low, high = sorted((point * (1 - share), point * (1 + share)))
    return replace(statement, low=float(low), high=float(high))


def _negative(number: float | None) -> float | None:
    """Return the number below zero; zero stays zero."""
    return number if number is None or number == 0 else -number
