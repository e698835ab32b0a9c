"""Numerals in every writing, against tables of our own and against cn2an."""

from decimal import Decimal

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.numbers import read_numeral, step_of


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("两千三", "2300"), ("两千零三", "2003"), ("一万五", "15000"), ("十五", "15"), ("廿五", "25"), ("二〇二四", "2024"), ("一百二", "120"),
        ("三千万亿", "3000000000000000"), ("10万万", "1000000000"), ("25万6千", "256000"), ("1万600", "10600"), ("3.2万亿", "3200000000000"), ("5千3百万", "53000000"),
        ("三十四点五", "34.5"), ("两千万点五五四四", "20000000.5544"), ("16.4亿", "1640000000.0"), ("1,234.50", "1234.50"), ("一二三点", None), ("", None),
    ],
)  # fmt: skip
def test_numerals(numeral, value):
    assert read_numeral(numeral) == (None if value is None else Decimal(value))


@given(st.integers(min_value=0, max_value=10**15))
def test_round_trip_of_hanzi_numerals(number):
    assert read_numeral(cn2an.an2cn(str(number))) == number
    assert read_numeral(cn2an.an2cn(str(number), "up")) == number


@given(st.integers(min_value=0, max_value=10**9), st.sampled_from("十百千万亿兆"))
def test_scales_multiply_exactly(number, scale):
    factor = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8, "兆": 10**12}[scale]
    assert read_numeral(f"{number / 100:.2f}{scale}") == Decimal(f"{number / 100:.2f}") * factor or number < 100


@pytest.mark.parametrize(("value", "step"), [("1200", "100"), ("0.5", "0.1"), ("0", "1"), ("40", "10"), ("11000000000", "1000000000")])
def test_step_of(value, step):
    assert step_of(Decimal(value)) == Decimal(step)
