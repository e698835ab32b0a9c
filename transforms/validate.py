"""Holds every table against its model: what fails is set aside with a reason, the rest goes on."""

import json

import pandera.errors
import polars as pl

from schemas import Table
from schemas.runs import RejectedRows


def split_valid(made: dict[str, pl.DataFrame], rules_version: str, models: tuple[type[Table], ...]) -> dict[str, pl.DataFrame]:
    """Return the tables with their valid rows only, and `rejected_rows` with one row per failing row.

    A frame may carry working columns that its model does not name; they are left out here.
    """
    tables, rejected = {}, [RejectedRows.empty()]
    for model in models:
        if model is RejectedRows:
            continue
        frame = model.select(made[model.table_name()])
        failures = _failures(frame, model)
        if failures.height:
            rejected.append(_describe(frame, failures, model, rules_version))
            frame = frame.with_row_index("index").join(failures, on="index", how="anti").drop("index")
        tables[model.table_name()] = frame
    return tables | {RejectedRows.table_name(): pl.concat(rejected)}


def _failures(frame: pl.DataFrame, model: type[Table]) -> pl.DataFrame:
    """Return index, check and reason of each failing row, one row per failing row."""
    try:
        model.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases.filter(pl.col("index").is_not_null())
        if cases.height < error.failure_cases.height:
            # a failure of the frame as a whole (wrong columns, wrong types) is a defect of caibao, not of a row
            structural = error.failure_cases.filter(pl.col("index").is_null()).row(0, named=True)
            if structural["check"] != "multiple_fields_uniqueness":
                raise ValueError(f"table {model.table_name()}: column {structural['column']} fails {structural['check']}") from error
        repeated = _repeated(frame, model)
        return pl.concat([
            cases.select(
                pl.col("index").cast(pl.UInt32),
                pl.concat_str(pl.col("column"), pl.lit(": "), pl.col("check")).alias("check"),
                pl.concat_str(pl.col("column"), pl.lit(" is "), pl.col("failure_case").fill_null("null"), pl.lit(", which fails "), pl.col("check")).alias("reason"),
            ),
            repeated,
        ]).unique("index", keep="first", maintain_order=True)
    return pl.DataFrame(schema={"index": pl.UInt32, "check": pl.String, "reason": pl.String})


def _repeated(frame: pl.DataFrame, model: type[Table]) -> pl.DataFrame:
    """Return the second and later rows of each repeated key."""
    key = ", ".join(model.key())
    return (
        frame.select(model.key()).with_row_index("index").filter(~pl.struct(model.key()).is_first_distinct())
        .select("index", pl.lit(f"unique: {key}").alias("check"), pl.lit(f"an earlier row has the same {key}").alias("reason"))
    )  # fmt: skip


def _describe(frame: pl.DataFrame, failures: pl.DataFrame, model: type[Table], rules_version: str) -> pl.DataFrame:
    """Return rejected_rows for the failing rows of one table."""
    rows = frame.with_row_index("index").join(failures, on="index", maintain_order="left")
    return RejectedRows.frame([
        {
            "doc_id": row["doc_id"] or "", "table": model.table_name(), "stage": "process", "check": row.pop("check"),
            "reason": row.pop("reason"), "row": json.dumps(row, ensure_ascii=False, default=str), "rules_version": rules_version,
        }
        for row in rows.iter_rows(named=True)
    ])  # fmt: skip
