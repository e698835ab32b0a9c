"""Exact reading of numerals: Arabic, hanzi and mixed, as Decimal."""

import functools
from decimal import Decimal

# Simplified, financial and positional digits; 两 and 俩 are 2, 廿 and 卅 are tens and read apart.
_DIGITS = {char: value for value, chars in enumerate(("〇零○", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")) for char in chars}
_TENS = {"廿": 20, "卅": 30}
_SMALL_SCALES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE_SCALES = {"万": 10**4, "亿": 10**8, "兆": 10**12}
SCALES = _SMALL_SCALES | _LARGE_SCALES
HANZI_DIGITS = "".join(_DIGITS) + "".join(_TENS)
HANZI_NUMERALS = HANZI_DIGITS + "".join(SCALES)


def read_arabic(digits: str) -> Decimal:
    """Return the value of an Arabic numeral with optional sign, thousands separators and decimals."""
    return Decimal(digits.replace(",", "").replace(" ", "").replace("−", "-").replace("±", ""))


@functools.lru_cache(maxsize=65536)
def read_hanzi(numeral: str) -> Decimal | None:
    """Return the value of a hanzi numeral such as 一百零二亿, 两千三百, 三十四点五, 二〇二四; None if it is none."""
    whole, point, decimals = numeral.partition("点")
    if point:
        value = _read_whole(whole)
        if value is None or not decimals or any(char not in _DIGITS for char in decimals):
            return None
        return Decimal(value) + Decimal("0." + "".join(str(_DIGITS[char]) for char in decimals))
    value = _read_whole(whole)
    return None if value is None else Decimal(value)


def _read_whole(numeral: str) -> int | None:
    """Return the value of a hanzi integer, or None."""
    if not numeral:
        return None
    if all(char in _DIGITS for char in numeral):
        # digits in a row are positions: 二〇二四; one digit is itself
        return int("".join(str(_DIGITS[char]) for char in numeral))
    total, section, digit, last_scale, zero = 0, 0, None, 1, False
    for char in numeral:
        if char in _DIGITS:
            if digit is not None and digit != 0:
                return None
            digit = _DIGITS[char]
            zero = zero or digit == 0
        elif char in _TENS:
            section += _TENS[char]
            digit, last_scale = None, 10
        elif char in _SMALL_SCALES:
            # 十二 is 1×10+2: a scale without digit counts once
            section += (1 if digit is None or digit == 0 else digit) * _SMALL_SCALES[char]
            digit, last_scale, zero = None, _SMALL_SCALES[char], False
        elif char in _LARGE_SCALES:
            section += digit or 0
            if section == 0 and total == 0:
                section = 1
            scale = _LARGE_SCALES[char]
            # 一万亿 and 三千万亿: what stands before multiplies as a whole
            total = (total + section) * scale if total and total % scale and total < scale else total + section * scale if section else total * scale
            section, digit, last_scale, zero = 0, None, scale, False
        else:
            return None
    if digit:
        # 两千三 is 2,300 and 一万五 15,000, but 两千零三 is 2,003 and 十五 fifteen
        section += digit * (last_scale // 10 if last_scale >= 100 and not zero else 1)
    return total + section


def step_of(value: Decimal) -> Decimal:
    """Return one unit of the last non-zero digit: 100 for 1,200, 0.1 for 0.5; 1 for zero."""
    if value == 0:
        return Decimal(1)
    return Decimal(1).scaleb(value.normalize().as_tuple().exponent)
