"""Holds every table against its model: what fails is set aside with a reason, the rest goes on."""

import functools
import json

import pandera.errors
import pandera.polars as pa
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
        if not is_sound(frame, model) and (failures := _failures(frame, model)).height:
            rejected.append(_describe(frame, failures, model, rules_version))
            frame = frame.with_row_index("index").join(failures, on="index", how="anti").drop("index")
        tables[model.table_name()] = frame
    return tables | {RejectedRows.table_name(): pl.concat(rejected)}


def is_sound(frame: pl.DataFrame, model: type[Table]) -> bool:
    """Return whether every row holds, all conditions asked in one query; what fails, and why, pandera tells.

    pandera asks for each column and check on its own: 90 ms for the tables of a batch that has nothing wrong, instead of 7.
    """
    return frame.schema == model.polars_schema() and all(frame.select(_conditions(model)).row(0))


@functools.cache
def _conditions(model: type[Table]) -> list[pl.Expr]:
    """Return what holds of a frame whose rows are all valid, one boolean each."""
    schema = model.to_schema()
    holds = [_condition(pl.col(name), check).all() for name, column in schema.columns.items() for check in column.checks]
    holds += [_is_given(name, dtype).all() for name, dtype in model.polars_schema().items() if not schema.columns[name].nullable]
    keys = [[name] for name, column in schema.columns.items() if column.unique] + ([model.key()] if model.key() else [])
    holds += [pl.struct(key).n_unique() == pl.len() for key in keys]
    return [condition.alias(str(number)) for number, condition in enumerate(holds)]


def _condition(column: pl.Expr, check: pa.Check) -> pl.Expr:
    """Return a pandera check as an expression; null passes, as in pandera."""
    limits = check.statistics
    match check.name:
        case "isin":
            return column.is_in(limits["allowed_values"])
        case "greater_than_or_equal_to":
            return column >= limits["min_value"]
        case "less_than_or_equal_to":
            return column <= limits["max_value"]
        case "str_matches":
            return column.str.contains(f"^(?:{limits['pattern']})")
    raise ValueError(f"no expression is known for the check {check.name}; add it to transforms.validate._condition")


def _is_given(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return whether a value is there; to pandera, no number (NaN) is none."""
    return pl.col(name).is_not_null() & (pl.col(name).is_not_nan() if dtype == pl.Float64 else True)


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
