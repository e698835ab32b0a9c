"""Renders the models: DuckDB DDL with comments, Parquet field metadata, and the data dictionary."""

import inspect

import polars as pl
import pyarrow as pa

from schemas.base import Table

_SQL_TYPES = {pl.String: "VARCHAR", pl.Int64: "BIGINT", pl.Float64: "DOUBLE", pl.Boolean: "BOOLEAN", pl.Date: "DATE", pl.Datetime: "TIMESTAMP"}

_DICTIONARY_HEAD = """
Every table and view of a warehouse, rendered from the models in `schemas/` (`caibao dictionary --write`; a test compares them).
Spans are half-open offsets in code points of `documents.raw_text`: Python `raw_text[a:b]`, SQL `raw_text[a+1:b]`.
The same texts are comments in the database: `SELECT column_name, comment FROM duckdb_columns()`.
"""


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
    comments = [f"COMMENT ON {kind} {table} IS {_quote_text(_comment(model))};"]
    for name, column in model.to_schema().columns.items():
        comments.append(f"COMMENT ON COLUMN {table}.{_quote_name(name)} IS {_quote_text(column.description)};")
    return "\n".join(comments)


def to_arrow(frame: pl.DataFrame, model: type[Table]) -> pa.Table:
    """Return the frame as an Arrow table that carries the model's comments as schema and field metadata."""
    table = frame.to_arrow()
    columns = model.to_schema().columns
    described = [field.with_metadata({"description": columns[field.name].description}) for field in table.schema]
    return table.cast(pa.schema(described, metadata={"table": model.table_name(), "description": _comment(model)}))


def render_dictionary(groups: dict[str, tuple[type[Table], ...]]) -> str:
    """Return the data dictionary in Markdown: per group its tables, per table its comment, key and columns."""
    sections = ["# Data dictionary", _DICTIONARY_HEAD]
    for title, models in groups.items():
        names = ", ".join(f"[{model.table_name()}](#{model.table_name()})" for model in models)
        sections.append(f"- {title}: {names}")
    for title, models in groups.items():
        sections += [f"\n## {title}", *(_render_table(model) for model in models)]
    return "\n".join(sections) + "\n"


def _render_table(model: type[Table]) -> str:
    """Return one table of the dictionary."""
    key = f"\n\nKey: {', '.join(f'`{column}`' for column in model.key())}." if model.key() else ""
    lines = ["| column | type | | meaning |", "|---|---|---|---|"]
    for name, column in model.to_schema().columns.items():
        allowed = next((check.statistics["allowed_values"] for check in column.checks if check.name == "isin"), ())
        # a description that names the values already says more than the bare list
        values = f" One of {', '.join(allowed)}." if allowed and not all(value in column.description for value in allowed) else ""
        lines.append(f"| `{name}` | {_sql_type(column.dtype.type)} | {'' if column.nullable else 'required'} | {_escape_cell(column.description + values)} |")
    return f"\n### {model.table_name()}\n\n{_comment(model)}{key}\n\n" + "\n".join(lines)


def _escape_cell(text: str) -> str:
    return text.replace("|", "\\|")


def _comment(model: type[Table]) -> str:
    """Return the model's docstring as running text, its paragraphs joined."""
    return " ".join(inspect.cleandoc(model.__doc__).split())


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
