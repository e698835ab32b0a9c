"""What stands refused in a warehouse: inputs that could not be read, rows that failed their schema."""

from collections import Counter
from pathlib import Path

import polars as pl

from schemas.documents import Documents
from schemas.runs import RejectedDocuments, RejectedRows, Sources
from warehouse.decoding import Unreadable
from warehouse.parts import BATCH_BYTES, Plan, file_of, group_sources, list_parts, name_batch, read_parts
from warehouse.places import reject
from warehouse.readers import find_rows, find_sources

_REFUSAL = ["source_path", "stage", "check"]


def standing_documents(rejected: pl.DataFrame, sources: pl.DataFrame) -> pl.DataFrame:
    """rejected_documents: what stands refused, not read well since, as first refused with these bytes under these rules.

    Of a path that was refused for one reason and later for another, the later counts.
    """
    last_good = sources.filter(pl.col("doc_id").is_not_null()).group_by("source_path").agg(pl.col("seen_at").max().alias("read_at"))
    return (
        rejected.join(last_good, on="source_path", how="left")
        .filter(pl.col("read_at").is_null() | (pl.col("rejected_at") > pl.col("read_at")))
        .with_columns(last_at=pl.col("rejected_at").max().over(*_REFUSAL, "bytes_hash", "rules_version"))
        .filter(pl.col("last_at") == pl.col("last_at").max().over("source_path"))
        .sort("rejected_at", "batch_id")
        .unique(_REFUSAL, keep="first", maintain_order=True)
        .select(RejectedDocuments.column_names())
        .sort(_REFUSAL)
    )


def read_quarantine(root: Path, check: str | None = None) -> pl.DataFrame:
    """Return all refusals that stand, of inputs and of rows, with where they were read; `check` names one kind."""
    sources = read_parts(root, Sources)
    documents = standing_documents(read_parts(root, RejectedDocuments), sources).with_columns(
        doc_id=pl.lit(None, pl.String), table=pl.lit(None, pl.String), row=pl.lit(None, pl.String)
    )
    columns = ["source_path", "bytes_hash", "doc_id", "table", "stage", "check", "reason", "row", "rules_version", "batch_id", "rejected_at"]
    refused = pl.concat([documents.select(columns), _standing_rows(root, sources).select(columns)])
    return refused.filter(pl.col("check") == check) if check else refused


def count_refused(root: Path, plan: Plan) -> tuple[int, dict[str, int]]:
    """Return how many places the plan's files hold, and how many of them each stage refused, in this run or an earlier one."""
    sources = read_parts(root, Sources)
    latest = sources.sort("seen_at", maintain_order=True).unique("source_path", keep="last", maintain_order=True)
    asked = latest.filter(file_of(pl.col("source_path")).is_in(plan.files))
    standing = standing_documents(read_parts(root, RejectedDocuments), sources).unique("source_path", keep="first")
    refused = asked.filter(pl.col("doc_id").is_null()).join(standing, on="source_path", how="left")["stage"].fill_null("decode").to_list()
    stages = Counter(refused) + Counter(rejection.stage for rejection in plan.rejected)
    return asked.height + len(plan.rejected), dict(sorted(stages.items()))


def plan_replay(refused: pl.DataFrame, rules_version: str, name: str, text_column: str | None = None) -> Plan:
    """Return the plan that judges the sources of `refused` again, and of a table file only the rows refused.

    `name` goes into the batches' ids: what was judged before stays beside what is judged now.
    """
    sources, rejected = [], []
    paths = refused.select(file_of(pl.col("source_path")).alias("file"), "source_path").unique().sort("file", "source_path")
    for (file,), group in paths.group_by("file", maintain_order=True):
        try:
            rows = set(group["source_path"]) - {file}
            sources += find_rows(file, rows, text_column) if rows else find_sources(file, BATCH_BYTES, text_column)
        except Unreadable as error:
            rejected.append(reject(file, error))
    batches = [name_batch(group, f"{rules_version} {name}") for group in group_sources(sources, BATCH_BYTES)]
    return Plan(tuple(batches), (), tuple(rejected), frozenset(paths["file"]), 0, 0)


def _standing_rows(root: Path, sources: pl.DataFrame) -> pl.DataFrame:
    """Return the rows refused by the current judgement of each document, with where it was read."""
    judged = {part.stem for model in (Documents, RejectedRows) for part in list_parts(root, model.table_name())}
    latest = (
        sources.filter(pl.col("doc_id").is_not_null() & pl.col("batch_id").is_in(judged))
        .sort(pl.col("seen_at"), pl.col("source_path"), descending=[True, False])
        .unique("doc_id", keep="first", maintain_order=True)
        .select("doc_id", "source_path", "bytes_hash", "batch_id", rejected_at="seen_at")
    )
    rows = [pl.read_parquet(part).with_columns(batch_id=pl.lit(part.stem)) for part in list_parts(root, RejectedRows.table_name())]
    made = pl.concat(rows) if rows else RejectedRows.empty().with_columns(batch_id=pl.lit(None, pl.String))
    return made.join(latest, on=["doc_id", "batch_id"]).sort("source_path", "table", "check", "row")
