"""Holds two warehouses against each other, or what two versions of the rules made of the texts of one."""

from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

from warehouse.publish import connect, quote_path, write_version
from warehouse.queries import read_diff


def diff_warehouses(old: Path, new: Path) -> pl.DataFrame:
    """Return metrics and blocks gained, lost and changed between two warehouses, with the rules of both sides.

    Only documents that both hold are compared: the same bytes, judged by other rules. A block is gained when it is kept now and was not.
    """
    for root in (old, new):
        connect(root).close()  # says what is wrong with a warehouse that cannot be opened
    return _diff_files(old / "caibao.duckdb", new / "caibao.duckdb")


def diff_versions(root: Path, old: str, new: str) -> pl.DataFrame:
    """Return the same between what the rules versions `old` and `new` made of the texts of one warehouse.

    Only texts that both judged are compared.
    """
    with TemporaryDirectory() as folder:
        files = [Path(folder) / f"{name}.duckdb" for name in ("old", "new")]
        for version, file in zip((old, new), files, strict=True):
            write_version(root, version, file)
        return _diff_files(*files)


def _diff_files(old: Path, new: Path) -> pl.DataFrame:
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{quote_path(old)}' AS old (READ_ONLY)")
        con.execute(f"ATTACH '{quote_path(new)}' AS new (READ_ONLY)")
        return pl.concat([con.sql(read_diff(name)).pl() for name in ("metrics", "blocks")])


def count_differences(differences: pl.DataFrame) -> pl.DataFrame:
    """Return how many metrics and blocks each rule gained, lost or changed; the rule is the new one, of what was lost the old one."""
    rule = pl.when((pl.col("change") == "lost") & (pl.col("kind") == "metric")).then("old_rule").otherwise(pl.coalesce("new_rule", "old_rule"))
    counted = differences.group_by("kind", "change", rule.alias("rule")).agg(count=pl.len(), example=pl.col("quote").first())
    return counted.sort("kind", "count", "change", "rule", descending=[True, True, False, False], nulls_last=True)
