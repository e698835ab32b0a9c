"""The notebook reads the warehouse read-only: its queries run here, the whole of it where marimo is installed."""

import ast
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from flows.steps import Settings, run_directly

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebook.py"


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("warehouse")
    run_directly(Settings(("seeds/documents",), root))
    return root


def list_queries() -> list[str]:
    """Return the first argument of every con.sql(...) of the notebook."""
    calls = [node for node in ast.walk(ast.parse(NOTEBOOK.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    return [ast.literal_eval(call.args[0]) for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "sql"]


def test_every_query_of_the_notebook_finds_something(root):
    queries = list_queries()
    assert len(queries) == 4
    with duckdb.connect(root / "caibao.duckdb", read_only=True) as con:
        assert all(con.sql(query).fetchall() for query in queries)


def test_the_notebook_opens_the_warehouse_for_reading_only():
    assert "read_only=True" in NOTEBOOK.read_text(encoding="utf-8")


@pytest.mark.skipif(not (find_spec("marimo") and find_spec("altair")), reason="NO MARIMO: the notebook was not run, only its queries; install it with uv pip install --group notebook")
def test_the_notebook_runs(root):
    done = subprocess.run([sys.executable, NOTEBOOK], env=os.environ | {"CAIBAO_WAREHOUSE": str(root)}, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
