"""What a run has to tell, read from the database it is about to publish: for the terminal and for the report."""

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from flows.findings import FINDINGS
from warehouse.parts import Plan

_QUERIES = {
    "blocks": "SELECT is_kept, kind, count(*) AS blocks FROM blocks {this_run} GROUP BY ALL ORDER BY is_kept DESC, blocks DESC, kind",
    "quantities": 'SELECT "class", count(*) AS found FROM quantities {this_run} GROUP BY ALL ORDER BY found DESC, "class"',
    "modalities": "SELECT modality, count(*) AS found FROM metrics {this_run} GROUP BY ALL ORDER BY found DESC, modality",
    # three of each company, whole-company levels first: a first look should not be twelve revenues
    "metrics": """
        SELECT entity, period, metric, basis, value, low, high, unit, quote, modality, metric_id FROM (
            SELECT *, row_number() OVER (PARTITION BY entity ORDER BY segment IS NOT NULL, starts_with(metric, 'x:'), basis <> 'level', metric_id) AS rank
            FROM (FROM facts {this_run})
            WHERE entity IS NOT NULL AND period IS NOT NULL
            QUALIFY row_number() OVER (PARTITION BY entity, period, metric, basis ORDER BY segment IS NOT NULL, confidence DESC, metric_id) = 1
        )
        WHERE rank <= 3 ORDER BY entity, rank LIMIT 12
    """,
    "refused": "SELECT source_path, stage, \"check\", reason FROM rejected_documents ORDER BY rejected_at DESC, source_path LIMIT 200",
    "refused_rows": 'SELECT doc_id, "table", "check", reason FROM rejected_rows {this_run} ORDER BY ALL LIMIT 200',
    "checks": "FROM (SELECT * EXCLUDE (run_id) FROM checks WHERE run_id = $run_id) LEFT JOIN failing_since USING (check_name, scope) ORDER BY status = 'passed', severity, since DESC, check_name, scope",
    "totals": """
        SELECT (SELECT count(*) FROM documents) AS documents, (SELECT count(*) FROM blocks) AS blocks,
            (SELECT count(*) FROM quantities) AS quantities, (SELECT count(*) FROM metrics) AS metrics,
            (SELECT count(*) FROM rejected_rows) AS rejected_rows, (SELECT count(*) FROM rejected_documents) AS rejected_documents
    """,
}  # fmt: skip


# Of checks that fail, the run from which on they have done so without a break.
_FAILING_SINCE = """
    CREATE OR REPLACE TEMP TABLE failing_since AS
    WITH last_passed AS (SELECT check_name, scope, max(run_id) FILTER (status <> 'failed') AS passed FROM checks GROUP BY ALL)
    SELECT check_name, scope, min(run_id) AS since
    FROM checks JOIN last_passed USING (check_name, scope)
    WHERE status = 'failed' AND (passed IS NULL OR run_id > passed)
    GROUP BY ALL
"""


@dataclass(frozen=True)
class Summary:
    """One run in numbers. The frames speak of this run's documents; `totals` of the whole warehouse."""

    root: Path
    run: dict
    frames: dict[str, pl.DataFrame]
    skipped: int
    copies: int
    passed_over: int
    refused: int  # inputs among those asked for that could not be read, now or before
    is_news: bool  # whether the tables may say something that they did not say before

    @property
    def counts(self) -> dict[str, int]:
        """Return rows per table that this run added."""
        return json.loads(self.run["counts"])

    @property
    def totals(self) -> dict[str, int]:
        """Return rows per table in the warehouse."""
        return self.frames["totals"].row(0, named=True)

    @property
    def failed_checks(self) -> pl.DataFrame:
        """Return the checks that did not pass, worst first."""
        return self.frames["checks"].filter(pl.col("status") == "failed")

    @property
    def new_failures(self) -> int:
        """Return how many of the failing checks passed, or were not looked at, in the run before."""
        return self.failed_checks.filter(pl.col("since") == self.run["run_id"]).height

    @property
    def read(self) -> int:
        """Return how many documents this run judged."""
        return self.counts.get("documents", 0)

    @property
    def state(self) -> str:
        """Return the run's verdict: Quarantined where inputs or rows were set aside, else Completed."""
        return "Quarantined" if self.refused or self.counts.get("rejected_rows") else "Completed"


def summarise(con: duckdb.DuckDBPyConnection, root: Path, run: dict, batch_ids: list[str], plan: Plan, refused: int, is_news: bool = True) -> Summary:
    """Return what to tell about `run`, whose batches are `batch_ids`; without batches the frames speak of the whole warehouse."""
    con.register("this_batches", pl.DataFrame({"batch_id": batch_ids}, schema={"batch_id": pl.String}))
    con.execute("CREATE OR REPLACE TEMP TABLE this_documents AS SELECT doc_id FROM documents SEMI JOIN this_batches USING (batch_id)")
    this_run = "WHERE doc_id IN (SELECT doc_id FROM this_documents)" if batch_ids else ""
    con.execute(_FAILING_SINCE)
    frames = {}
    for name, query in (_QUERIES | FINDINGS).items():
        values = {key: run[key] for key in ("run_id",) if f"${key}" in query}
        frames[name] = con.sql(query.format(this_run=this_run), params=values or None).pl()
    return Summary(root, run, frames, plan.skipped, len(plan.copies), plan.passed_over, refused, is_news)
