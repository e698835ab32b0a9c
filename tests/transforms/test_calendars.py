"""Fiscal calendars against the days on which companies' years and quarters really ended, and the arithmetic of periods."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.calendars import (
    CALENDAR,
    ending_on,
    expand_period,
    parse_label,
    previous_period,
    read_calendars,
    shift_quarter,
    shift_year,
)
from warehouse.lexicon import read_lexicon

CALENDARS = read_calendars(read_lexicon())
YEAR_ENDS = """
NVIDIA 2023 2023-01-29, NVIDIA 2024 2024-01-28, NVIDIA 2025 2025-01-26, Apple 2023 2023-09-30, Apple 2024 2024-09-28,
Microsoft 2024 2024-06-30, Alibaba 2024 2024-03-31, Oracle 2024 2024-05-31, Cisco 2024 2024-07-27, Micron 2024 2024-08-29,
Micron 2025 2025-08-28, Broadcom 2024 2024-11-03, Qualcomm 2024 2024-09-29, Marvell 2025 2025-02-01, Lumentum 2024 2024-06-29,
Western Digital 2024 2024-06-28, SanDisk 2025 2025-06-27, Dell 2025 2025-01-31, Adobe 2023 2023-12-01, Adobe 2024 2024-11-29,
Costco 2023 2023-09-03, Costco 2024 2024-09-01, Target 2024 2025-02-01, Home Depot 2023 2024-01-28, Home Depot 2024 2025-02-02,
Lululemon 2024 2025-02-02, Starbucks 2023 2023-10-01, Disney 2024 2024-09-28, Medtronic 2025 2025-04-25, Deere 2024 2024-10-27,
Credo 2025 2025-05-03, TAL Education 2024 2024-02-29, New Oriental 2024 2024-05-31, Sony 2024 2025-03-31, Burberry 2025 2025-03-29,
Walmart 2025 2025-01-31, Salesforce 2025 2025-01-31, FedEx 2024 2024-05-31, Nike 2024 2024-05-31, HP 2024 2024-10-31
"""
QUARTER_ENDS = """
NVIDIA 2025 1 2024-04-28, NVIDIA 2025 3 2024-10-27, Apple 2023 1 2022-12-31, Apple 2024 1 2023-12-30, Apple 2025 2 2025-03-29,
Broadcom 2024 1 2024-02-04, Analog Devices 2024 1 2024-02-03, Micron 2025 1 2024-11-28, Micron 2025 3 2025-05-29,
Costco 2024 1 2023-11-26, Costco 2024 3 2024-05-12, Cisco 2025 1 2024-10-26, Qualcomm 2024 3 2024-06-23, Starbucks 2024 2 2024-03-31,
Dell 2025 1 2024-05-03, Adobe 2024 1 2024-03-01, Alibaba 2025 2 2024-09-30, Disney 2025 1 2024-12-28, Marvell 2025 2 2024-08-03,
Target 2024 3 2024-11-02, Lam Research 2025 2 2024-12-29, Microsoft 2025 1 2024-09-30
"""
LABELS = st.builds(
    "{}{}{}".format, st.sampled_from(["", "FY"]), st.integers(1990, 2090), st.sampled_from(["", "Q1", "Q2", "Q3", "Q4", "H1", "H2", "Q1-Q3"])
)  # fmt: skip


def test_there_are_enough_calendars():
    assert len(CALENDARS) >= 60


@pytest.mark.parametrize("fact", YEAR_ENDS.replace("\n", " ").split(","), ids=str.strip)
def test_year_ends(fact: str):
    company, year, day = fact.strip().rsplit(" ", 2)
    assert str(CALENDARS[company].year_end(int(year))) == day


@pytest.mark.parametrize("fact", QUARTER_ENDS.replace("\n", " ").split(","), ids=str.strip)
def test_quarter_ends(fact: str):
    company, year, quarter, day = fact.strip().rsplit(" ", 3)
    assert str(CALENDARS[company].quarter_bounds(int(year), int(quarter))[1]) == day


@pytest.mark.parametrize("company", sorted(CALENDARS))
def test_quarters_tile_the_years(company: str):
    fiscal = CALENDARS[company]
    bounds = [fiscal.quarter_bounds(year, quarter) for year in range(2015, 2030) for quarter in (1, 2, 3, 4)]
    assert all((after[0] - before[1]).days == 1 for before, after in itertools.pairwise(bounds))
    for year in range(2016, 2030):
        assert fiscal.quarter_bounds(year, 4)[1] == fiscal.year_end(year)
        for quarter in (1, 2, 3, 4):
            assert all(fiscal.locate(day) == (year, quarter) for day in fiscal.quarter_bounds(year, quarter))


@given(LABELS, st.sampled_from(sorted(CALENDARS)))
def test_labels_survive_parsing_and_shifting(label: str, company: str):
    fiscal = CALENDARS[company]
    period = parse_label(label, fiscal)
    assert period.label == label
    assert shift_year(shift_year(period, -1, fiscal), 1, fiscal) == period


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("2024Q3", "2024Q2"), ("2024Q1", "2023Q4"), ("2024H1", "2023H2"), ("2024H2", "2024H1"), ("2024", "2023"),
        ("2024Q1-Q3", "2023Q1-Q3"), ("2024-01", "2023-12"), ("FY2025Q1", "FY2024Q4"), ("Q3", "Q2"),
    ],
)  # fmt: skip
def test_previous_period(label: str, expected: str):
    assert previous_period(parse_label(label)).label == expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("2023/2025", ["2023", "2024", "2025"]), ("2022Q3/2023Q2", ["2022Q3", "2022Q4", "2023Q1", "2023Q2"]),
        ("2018,2019,2021", ["2018", "2019", "2021"]), ("2024-11/2025-01", ["2024-11", "2024-12", "2025-01"]),
        ("2023H1/2024H1", ["2023H1", "2023H2", "2024H1"]), ("2024Q3", ["2024Q3"]),
    ],
)  # fmt: skip
def test_expand_period(label: str, expected: list[str]):
    assert [item.label for item in expand_period(parse_label(label))] == expected


def test_what_ends_on_a_day():
    assert ending_on(parse_label("2022-12-31")).label == "2022"
    assert ending_on(parse_label("2023-06-30")).label == "2023H1"
    assert ending_on(parse_label("2023-06-29")) is None
    assert ending_on(parse_label("2025-01-26"), CALENDARS["NVIDIA"]).label == "FY2025"


def test_a_quarter_after_the_nine_months_is_the_fourth():
    assert shift_quarter(parse_label("2023Q1-Q3"), 1).label == "2023Q4"
    assert shift_quarter(parse_label("2023Q1-Q3"), 0).label == "2023Q3"


def test_the_same_day_a_year_earlier():
    assert shift_year(parse_label("2024-02-29"), -1, CALENDAR).label == "2023-02-28"
