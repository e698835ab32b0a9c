"""What every model of a table shares, and what can be asked of one."""

import pandera.polars as pa
import polars as pl


class Table(pa.DataFrameModel):
    """A table of the contract: the docstring is its comment, `unique` its key, each description a column comment."""

    class Config:
        strict = True

    @classmethod
    def table_name(cls) -> str:
        """Return the table's name as published."""
        return cls.to_schema().name

    @classmethod
    def key(cls) -> list[str]:
        """Return the key columns in order; rows are sorted by them before they are written."""
        return list(cls.to_schema().unique or [])

    @classmethod
    def column_names(cls) -> list[str]:
        """Return the column names in the order they are published."""
        return list(cls.to_schema().columns)

    @classmethod
    def polars_schema(cls) -> dict[str, pl.DataType]:
        """Return column name -> polars type, for building frames that may be empty."""
        return {name: column.dtype.type for name, column in cls.to_schema().columns.items()}

    @classmethod
    def empty(cls) -> pl.DataFrame:
        """Return the table with no rows."""
        return pl.DataFrame(schema=cls.polars_schema())

    @classmethod
    def frame(cls, rows: list[dict]) -> pl.DataFrame:
        """Return the table with `rows`; a missing key is null, an unknown one an error."""
        unknown = set().union(*rows) - set(cls.column_names())
        if unknown:
            raise ValueError(f"{cls.table_name()} has no column {', '.join(sorted(unknown))}")
        return pl.DataFrame(rows, schema=cls.polars_schema(), infer_schema_length=None)

    @classmethod
    def select(cls, frame: pl.DataFrame) -> pl.DataFrame:
        """Return `frame` with exactly the table's columns and types, sorted by key; a missing column is null."""
        types = cls.polars_schema()
        columns = [
            (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name) for name, dtype in types.items()
        ]
        return frame.select(columns).sort(cls.key(), maintain_order=True) if cls.key() else frame.select(columns)
