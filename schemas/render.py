"""Renders the models: DuckDB DDL with comments, Parquet field metadata, and the data dictionary."""

import polars as pl
import pyarrow as pa

from schemas.base import Table

_SQL_TYPES = {pl.String: "VARCHAR", pl.Int64: "BIGINT", pl.Float64: "DOUBLE", pl.Boolean: "BOOLEAN", pl.Date: "DATE", pl.Datetime: "TIMESTAMP"}


def render_ddl(model: type[Table]) -> str:
    """Return CREATE TABLE with NOT NULL and CHECK, and COMMENT ON for the table and each column."""
    schema = model.to_schema()
    lines = []
    for name, column in schema.columns.items():
        checks = [f"CHECK ({_render_check(name, check)})" for check in column.checks]
        lines.append(" ".join([_quote_name(name), _sql_type(column.dtype.type), *([] if column.nullable else ["NOT NULL"]), *checks]))
    body = ",\n    ".join(lines)
    return "\n".join([f"CREATE TABLE {_quote_name(schema.name)} (\n    {body}\n);", render_comments(model, "TABLE")])


def render_comments(model: type[Table], kind: str) -> str:
    """Return COMMENT ON for a table or view (`kind`) and each of its columns."""
    table = _quote_name(model.table_name())
    comments = [f"COMMENT ON {kind} {table} IS {_quote_text(model.__doc__)};"]
    for name, column in model.to_schema().columns.items():
        comments.append(f"COMMENT ON COLUMN {table}.{_quote_name(name)} IS {_quote_text(column.description)};")
    return "\n".join(comments)


def to_arrow(frame: pl.DataFrame, model: type[Table]) -> pa.Table:
    """Return the frame as an Arrow table that carries the model's comments as schema and field metadata."""
    table = frame.to_arrow()
    columns = model.to_schema().columns
    described = [field.with_metadata({"description": columns[field.name].description}) for field in table.schema]
    return table.cast(pa.schema(described, metadata={"table": model.table_name(), "description": model.__doc__}))


def _render_check(name: str, check) -> str:
    """Return a pandera check as a SQL condition; NULL passes, as in pandera."""
    column, limits = _quote_name(name), check.statistics
    match check.name:
        case "isin":
            return f"{column} IN ({', '.join(_quote_text(value) for value in limits['allowed_values'])})"
        case "greater_than_or_equal_to":
            return f"{column} >= {limits['min_value']}"
        case "less_than_or_equal_to":
            return f"{column} <= {limits['max_value']}"
        case "str_matches":
            return f"regexp_matches({column}, {_quote_text(limits['pattern'])})"
    raise ValueError(f"column {name}: no SQL is known for the check {check.name}; add it to schemas.render._render_check")


def _sql_type(dtype: pl.DataType) -> str:
    """Return the DuckDB type of a polars type."""
    if isinstance(dtype, pl.List):
        return f"{_sql_type(dtype.inner)}[]"
    return _SQL_TYPES[dtype if isinstance(dtype, type) else type(dtype)]


def _quote_name(name: str) -> str:
    return f'"{name}"'


def _quote_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
