"""The sign and scale of a figure: declines and losses are negative, a dividend is told per share."""

import re
from decimal import Decimal

from transforms.metrics.vocabulary import Label

# 每10股派6.2元, 10派6.2元
_PER_SHARES = re.compile("(?:每|^|[^0-9])(10|十)股?(?:派|送|分|转|股)")


def per_share(row: dict, before: str) -> dict:
    """Return a dividend that is told for ten shares (每10股派发1.5元) as what one share gets."""
    if not _PER_SHARES.search(before):
        return row
    return row | {name: None if row[name] is None else float(Decimal(str(row[name])) / 10) for name in ("value", "low", "high")}


def signed(row: dict, label: Label, basis: str, change: str | None) -> tuple[float | None, float | None, float | None]:
    """Return value, low and high of a quantity with the sign that its label and change word give it.

    A written sign stays: 同比增长-16.7%. A loss that grows is a decline, one that narrows a rise: 亏损扩大30% is -30.
    """
    value, low, high = row["value"], row["low"], row["high"]
    if any(number is not None and number < 0 for number in (value, low, high)):
        return value, low, high
    falls = label.is_loss if basis == "level" else (change == "down") != (label.is_loss and change is not None)
    if not falls or basis == "share":
        return value, low, high
    return _negative(value), _negative(high), _negative(low)


def _negative(number: float | None) -> float | None:
    """Return the number below zero; zero stays zero."""
    return number if number is None or number == 0 else -number
