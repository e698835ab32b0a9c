"""Judges again what was refused, after a fix, and tells what came back."""

from collections.abc import Callable

import polars as pl

from flows.steps import Settings, carry_out, start_run
from flows.summary import Summary
from warehouse.parts import writing
from warehouse.quarantine import plan_replay, read_quarantine


def count_quarantine(refused: pl.DataFrame) -> pl.DataFrame:
    """Return how many inputs and rows stand refused, by stage, table and check, with an example each."""
    return (
        refused.group_by("stage", "table", "check").agg(refused=pl.len(), example=pl.col("source_path").min())
        .sort("refused", "stage", "table", "check", descending=[True, False, False, False], nulls_last=True)
    )  # fmt: skip


def replay(settings: Settings, check: str | None, tell: Callable[[str, int, int], None] = lambda *_: None) -> tuple[Summary | None, pl.DataFrame]:
    """Judge what stands refused again and publish; return the run (None if nothing stood) and per check what came back.

    A refusal came back if its source no longer has one; one that is refused for another reason now stands under `now`.
    """
    with writing(settings.root, settings.wait_seconds):
        before = read_quarantine(settings.root, check)
        if before.is_empty():
            return None, _compare(before, before)
        run = start_run(settings)
        tell("plan", 0, 0)
        summary = carry_out(run, plan_replay(before, run.rules_version, run.run_id, settings.text_column), tell)
        return summary, _compare(before, read_quarantine(settings.root))


def _compare(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return per check: refusals before, how many came back, how many still stand, and for what."""
    still = after.group_by("source_path").agg(now=pl.col("check").unique().sort().str.join(", "))
    joined = before.join(still, on="source_path", how="left")
    return joined.group_by("check").agg(
        refused=pl.len(), came_back=pl.col("now").null_count(), still_refused=pl.col("now").count(), now=pl.col("now").drop_nulls().unique().sort().str.join(", ")
    ).sort("check")  # fmt: skip
