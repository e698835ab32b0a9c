"""The cases of other projects' suites: each kind is adopted or rejected once, in the open (tests/cases/quantity_triage.toml)."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.transforms.quantity_helpers import find

CASES = Path(__file__).resolve().parents[3] / "shared" / "eval" / "quantity_cases_dev.jsonl"
KINDS = tomllib.loads((Path(__file__).resolve().parents[1] / "cases" / "quantity_triage.toml").read_text(encoding="utf-8"))["kind"]

pytestmark = pytest.mark.skipif(not CASES.is_file(), reason="the cases of other projects are not part of this repository")


def kind_of(case: dict) -> dict:
    subject = f"{case['kind']} {case['id']} {case['text']}"
    return next((kind for kind in KINDS if re.search(kind["pattern"], subject) or re.search(kind["pattern"], f"{case['kind']} {case['id']}")), None)


def near(found: float | None, expected: float) -> bool:
    return found is not None and abs(found - expected) <= 1e-9 * max(1, abs(expected))


def is_right(case: dict, rows: list[dict]) -> bool:
    """Whether the rows over the case's span say what its suite expects."""
    rows = [row for row in rows if row["start_char"] < case["end"] and case["start"] < row["end_char"]]
    expected = case["expected"]
    if case["kind"] in ("date", "period"):
        return any(row["class"] in ("date", "period", "time_horizon") for row in rows)
    if "iso" in expected and expected["iso"] and not any(row["unit"] == expected["iso"] for row in rows):
        return False
    if "low" in expected:
        ends = {end: [row[end] for row in rows] + [row["value"] for row in rows] for end in ("low", "high")}
        return all(expected[end] is None or any(near(found, expected[end]) for found in ends[end]) for end in ("low", "high"))
    if not expected:
        return any(row["value"] is not None for row in rows)
    value = expected.get("percent", expected.get("value"))
    factors = {"percent": (1, 100), "value": (1, 0.01)}["percent" if "percent" in expected else "value"]
    return any(near(row["value"], value) or (row["value"] is not None and row["unit"] in ("multiple", "percent") and near(row["value"] * factors[1], value)) for row in rows)


@pytest.fixture(scope="module")
def judged() -> list[tuple[dict, dict, bool]]:
    cases = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    found = find([case["input"] for case in cases])
    return [(case, kind_of(case), is_right(case, rows)) for case, rows in zip(cases, found, strict=True)]


def test_every_case_has_a_kind(judged):
    assert [case["id"] for case, kind, _ in judged if kind is None] == []


def test_adopted_cases_are_right(judged):
    adopted = [(case, right) for case, kind, right in judged if kind["verdict"] == "adopt"]
    wrong = [f"{case['id']} {case['text']} {case['expected']}" for case, right in adopted if not right]
    assert len(wrong) <= 0.03 * len(adopted), "\n".join(wrong)
    assert len(adopted) >= 550
