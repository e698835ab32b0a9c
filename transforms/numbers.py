"""Exact reading of numerals: Arabic, hanzi and mixed, as Decimal."""

import re
from decimal import Decimal

# Everyday, positional and financial digits in Simplified; 两 counts as 2.
_DIGITS = {
    char: value
    for value, chars in enumerate(("〇零○", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for char in chars
}
_TENS = {"廿": 20, "卅": 30}
_SMALL_SCALES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE_SCALES = {"万": 10**4, "亿": 10**8, "兆": 10**12}
SCALES = _SMALL_SCALES | _LARGE_SCALES
HANZI_DIGITS = "".join(_DIGITS)
HANZI_NUMERALS = HANZI_DIGITS + "".join(_TENS) + "".join(SCALES)

# 25万6千 has four tokens, 二〇二四 one, 三十四点五 four
_TOKEN = re.compile(rf"(?P<arabic>\d[\d,]*(?:\.\d+)?)|(?P<digits>[{HANZI_DIGITS}]+)|(?P<other>[^ ])")


def read_arabic(digits: str) -> Decimal:
    """Return the value of an Arabic numeral with thousands separators and decimals."""
    return Decimal(digits.replace(",", ""))


def read_numeral(numeral: str) -> Decimal | None:
    """Return the value of a numeral in any writing: 1,234.5, 一百零二亿, 两千三, 25万6千, 三十四点五, 二〇二四; None if it is none."""
    whole, point, decimals = numeral.partition("点")
    value = _read_whole(whole)
    if not point or value is None:
        return value
    digits = decimals.replace(" ", "")
    if not digits or any(char not in _DIGITS for char in digits):
        return None
    return value + Decimal("0." + "".join(str(_DIGITS[char]) for char in digits))


def _read_whole(numeral: str) -> Decimal | None:
    """Return the value of a numeral before its 点, or None.

    `total` holds what large scales (万 and up) have closed, `section` what small ones have, `digit` what waits for a scale.
    """
    total, section, digit, last_scale, after_zero, one = Decimal(0), Decimal(0), None, 1, False, 1
    for token in _TOKEN.finditer(numeral):
        text = token[0]
        if token["arabic"] or token["digits"]:
            if digit:
                return None
            after_zero = digit == 0 or (text[0] in "零〇○" and len(text) > 1)
            digit = read_arabic(text) if token["arabic"] else _read_positions(text)
            # 一千零十 and 万 count their scale once, 0.0万 not at all
            one = 0 if token["arabic"] and digit == 0 else 1
        elif text in _TENS:
            section, digit, last_scale = section + _TENS[text], None, 10
        elif text in _SMALL_SCALES:
            # 十二 is 12: a scale without a digit counts once
            last_scale = _SMALL_SCALES[text]
            section, digit = section + (digit or one) * last_scale, None
        elif text in _LARGE_SCALES:
            last_scale = _LARGE_SCALES[text]
            closed = section + (digit or 0)
            total = _close(total, closed if closed or total else Decimal(one), last_scale)
            section, digit = Decimal(0), None
        else:
            return None
    if digit is None:
        return total + section if numeral else None
    # 两千三 is 2,300 and 一万五 15,000, but 两千零三 is 2,003, 十五 fifteen and 1万600 10,600
    is_shortened = last_scale >= 100 and not after_zero and 0 < digit < 10 and digit == int(digit)
    return total + section + digit * (last_scale // 10 if is_shortened else 1)


def _read_positions(digits: str) -> Decimal:
    """Return hanzi digits read by position: 二〇二四 is 2,024, 零五 is 5."""
    return Decimal("".join(str(_DIGITS[char]) for char in digits))


def _close(total: Decimal, section: Decimal, scale: int) -> Decimal:
    """Return the total after a large scale: 一亿二千万 adds, 三万亿 and 四千万零三亿 multiply what stands before."""
    if section == 0 or 0 < total < scale:
        return (total + section) * scale
    return total + section * scale


def step_of(value: Decimal) -> Decimal:
    """Return one unit of the last non-zero digit: 100 for 1,200, 0.1 for 0.5; 1 for zero."""
    if value == 0:
        return Decimal(1)
    return Decimal(1).scaleb(value.normalize().as_tuple().exponent)
