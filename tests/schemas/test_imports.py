"""Imports point one way: schemas <- transforms <- flows, schemas <- warehouse <- flows."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"schemas", "transforms", "warehouse", "flows", "training", "bench"}
ALLOWED = {
    "schemas": {"schemas"},
    "transforms": {"schemas", "transforms"},
    # the Lexicon is what warehouse.lexicon hands to the transforms: its shape is theirs
    "warehouse": {"schemas", "warehouse", "transforms.lexicon"},
    "flows": {"schemas", "transforms", "warehouse", "flows"},
}
IMPURE = {"os", "pathlib", "time", "logging", "prefect", "duckdb", "subprocess", "socket", "urllib", "random", "shutil", "tempfile"}


def imported(path: Path) -> set[str]:
    modules = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module)
    return modules


@pytest.mark.parametrize("package", ALLOWED)
def test_imports_point_one_way(package):
    for path in sorted((ROOT / package).rglob("*.py")):
        for module in imported(path):
            if module.split(".")[0] in PACKAGES:
                assert module in ALLOWED[package] or module.split(".")[0] in ALLOWED[package], f"{path.relative_to(ROOT)} imports {module}"


def test_transforms_know_no_disk_clock_log_or_prefect():
    for path in sorted((ROOT / "transforms").rglob("*.py")):
        impure = {module for module in imported(path) if module.split(".")[0] in IMPURE}
        assert not impure, f"{path.relative_to(ROOT)} imports {', '.join(sorted(impure))}"


def test_only_flows_knows_prefect():
    for package in ("schemas", "transforms", "warehouse"):
        for path in sorted((ROOT / package).rglob("*.py")):
            assert not any(module.split(".")[0] == "prefect" for module in imported(path)), path
