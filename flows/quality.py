"""The data-quality checks of a run: each a card of the lexicon and a query of warehouse/checks."""

import duckdb
import polars as pl

from schemas.runs import Checks
from warehouse.queries import read_check


class QualityError(RuntimeError):
    """A check of severity fail did not pass, and nothing was published; the message names it and where to look."""

    def __init__(self, message: str, failing: pl.DataFrame):
        super().__init__(message)
        self.failing = failing  # all checks that did not pass


def evaluate_checks(con: duckdb.DuckDBPyConnection, cards: pl.DataFrame, run_id: str) -> pl.DataFrame:
    """checks: one row per card and scope that its query gives."""
    rows = []
    for card in cards.iter_rows(named=True):
        for scope, observed, example in con.execute(read_check(card["check_name"])).fetchall():
            status = _judge(observed, card["comparison"], card["limit"])
            rows.append({
                "run_id": run_id, "check_name": card["check_name"], "scope": scope, "severity": card["severity"], "status": status,
                "observed": observed, "expected": f"{card['comparison']} {card['limit']:g}",
                "message": card["message"], "example": example if status == "failed" else None, "owner": card["owner"],
            })  # fmt: skip
    return Checks.frame(rows)


def repeat_checks(con: duckdb.DuckDBPyConnection, run_id: str) -> pl.DataFrame:
    """checks: what the latest run found, for a run that looks at the same tables."""
    latest = "SELECT * FROM checks WHERE run_id = (SELECT run_id FROM runs ORDER BY started_at DESC LIMIT 1)"
    return con.sql(latest).pl().with_columns(run_id=pl.lit(run_id))


def stop_on_failure(checks: pl.DataFrame) -> None:
    """Raise QualityError if a check of severity fail did not pass."""
    stopping = checks.filter((pl.col("status") == "failed") & (pl.col("severity") == "fail"))
    if stopping.height:
        worst = stopping.row(0, named=True)
        more = f" ({stopping.height - 1} more fail)" if stopping.height > 1 else ""
        raise QualityError(f"{worst['check_name']} on {worst['scope']}: found {worst['observed']:g}, wanted {worst['expected']}{more}. {worst['message']} Example: {worst['example']}", checks.filter(pl.col("status") == "failed"))


def _judge(observed: float | None, comparison: str, limit: float) -> str:
    """Return passed, failed, or skipped where there was nothing to look at."""
    if observed is None:
        return "skipped"
    return "passed" if (observed <= limit if comparison == "<=" else observed >= limit) else "failed"
