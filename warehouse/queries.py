"""The SQL files of the warehouse by name: views that are published, checks that every run evaluates, comparisons."""

from pathlib import Path

_HERE = Path(__file__).parent


def read_view(name: str) -> str:
    """Return the SELECT of a view."""
    return (_HERE / "views" / f"{name}.sql").read_text(encoding="utf-8")


def read_query(name: str) -> str:
    """Return the statements of a step of building the database."""
    return (_HERE / f"{name}.sql").read_text(encoding="utf-8")


def read_check(name: str) -> str:
    """Return the SELECT of a check: scope, observed, example."""
    return (_HERE / "checks" / f"{name}.sql").read_text(encoding="utf-8")


def read_diff(name: str) -> str:
    """Return the SELECT that compares a table of the attached databases old and new."""
    return (_HERE / "diff" / f"{name}.sql").read_text(encoding="utf-8")


def list_checks() -> list[str]:
    """Return the names of the checks that have a query."""
    return sorted(path.stem for path in (_HERE / "checks").glob("*.sql"))
