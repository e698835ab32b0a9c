"""Distinct rows that come back from batch to batch, built once and named by a number."""

import polars as pl


class NumberedRows:
    """Rows of one schema; a row keeps its number, and the frame of all of them grows with the new ones."""

    def __init__(self, schema: dict[str, pl.DataType]):
        self._numbers: dict[tuple, int] = {}
        self._frame = pl.DataFrame(schema=schema)

    def number_of(self, row: tuple) -> int:
        """Return the number of a row, which is where it stands in `frame`."""
        return self._numbers.setdefault(row, len(self._numbers))

    def frame(self) -> pl.DataFrame:
        """Return all rows in the order of their numbers."""
        new = list(self._numbers)[len(self._frame) :]
        if new:
            self._frame = pl.concat([self._frame, pl.DataFrame(new, schema=self._frame.schema, orient="row")], rechunk=True)
        return self._frame
