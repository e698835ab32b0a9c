"""Looks at what caibao needs, and says what is missing and how to get it."""

import json
import os
import sys
import urllib.error
import urllib.request
from importlib.metadata import version
from pathlib import Path

import duckdb
from rich.table import Table

from flows.steps import versions
from warehouse import publish
from warehouse.lexicon import read_lexicon
from warehouse.parts import WarehouseError, committed, list_leftovers

_GOOD, _NOTE, _BAD = "[green]ok[/]", "[yellow]note[/]", "[red]missing[/]"


def diagnose(root: Path) -> tuple[Table, bool]:
    """Return the findings as a table, and whether caibao can work."""
    rules_version = read_lexicon().rules_version
    findings = [_check_python(), *_check_versions(rules_version), _check_lightgbm(), _check_server(), *_check_warehouse(root, rules_version)]
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        table.add_row(*finding)
    return table, all(verdict != _BAD for verdict, _, _ in findings)


def _check_python() -> tuple[str, str, str]:
    is_new_enough = sys.version_info >= (3, 11)
    return (_GOOD if is_new_enough else _BAD, "python", f"{sys.version.split()[0]} at {sys.executable}" + ("" if is_new_enough else "; 3.11 or newer is needed"))


def _check_versions(rules_version: str) -> list[tuple[str, str, str]]:
    said = versions(rules_version)
    libraries = ", ".join(f"{name} {version(name)}" for name in ("polars", "duckdb", "pandera", "prefect", "pyarrow"))
    return [(_GOOD, "caibao", f"{said['caibao']}, rules {said['rules_version']}"), (_GOOD, "libraries", libraries)]


def _check_lightgbm() -> tuple[str, str, str]:
    try:
        import lightgbm
    except OSError as error:
        return _BAD, "lightgbm", f"its library does not load ({error}). Install OpenMP: apt-get install libgomp1, dnf install libgomp, or brew install libomp."
    return _GOOD, "lightgbm", lightgbm.__version__


def _check_server() -> tuple[str, str, str]:
    url = os.environ.get("PREFECT_API_URL")
    if not url:
        return _NOTE, "prefect server", "none given: `caibao run` starts a temporary one. For one that stays: make ui, then export PREFECT_API_URL."
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
            return _GOOD, "prefect server", f"{url} answers {answer.status}"
    except (urllib.error.URLError, OSError, ValueError) as error:
        return _BAD, "prefect server", f"{url} does not answer ({error}). Start it (make ui), or unset PREFECT_API_URL."


def _check_warehouse(root: Path, rules_version: str) -> list[tuple[str, str, str]]:
    if not (root / "caibao.duckdb").exists():
        return [(_NOTE, "warehouse", f"there is none at {root} yet. Make one: caibao run seeds/documents")]
    try:
        with publish.connect(root) as con:
            counts = dict(con.execute("SELECT table_name, estimated_size FROM duckdb_tables() WHERE NOT internal").fetchall())
            older = con.execute("SELECT count(*) FROM documents WHERE rules_version <> ?", [rules_version]).fetchone()[0]
            last = con.execute("SELECT run_id, seconds, versions FROM runs ORDER BY started_at DESC LIMIT 1").fetchone()
    except (WarehouseError, duckdb.Error) as error:
        return [(_BAD, "warehouse", str(error))]
    size = (root / "caibao.duckdb").stat().st_size / 1e6
    named = ", ".join(f"{counts[name]} {name}" for name in ("documents", "blocks", "quantities", "metrics"))
    findings = [(_GOOD, "warehouse", f"{root / 'caibao.duckdb'}, {size:.1f} MB: {named}"), (_GOOD, "parts", f"{len(committed(root))} committed")]
    if last:
        findings.append((_GOOD, "last run", f"{last[0]}, {last[1]:.1f} s, rules {json.loads(last[2])['rules_version']}"))
    if older:
        findings.append((_NOTE, "rules", f"{older} documents were judged by other rules than today's. Run their sources again to judge them anew."))
    if left := list_leftovers(root):
        findings.append((_NOTE, "leftovers", f"{len(left)} unfinished files of an interrupted run; the next run sweeps them."))
    return findings
