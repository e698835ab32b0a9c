"""Holds two warehouses against each other, and drops from one what nothing current rests on."""

from pathlib import Path

import duckdb
import polars as pl

from schemas import PART_TABLES
from schemas.documents import Documents
from schemas.runs import RejectedRows, Sources
from warehouse.mirror import remove
from warehouse.parts import committed, find_store, list_parts, read_parts
from warehouse.publish import connect, quote_path
from warehouse.queries import read_diff


def diff_warehouses(old: Path, new: Path) -> pl.DataFrame:
    """Return metrics and blocks gained, lost and changed between two warehouses, with the rules of both sides.

    Only documents that both hold are compared: the same bytes, judged by other rules. A block is gained when it is kept now and was not.
    """
    for root in (old, new):
        connect(root).close()  # says what is wrong with a warehouse that cannot be opened
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{quote_path(old / 'caibao.duckdb')}' AS old (READ_ONLY)")
        con.execute(f"ATTACH '{quote_path(new / 'caibao.duckdb')}' AS new (READ_ONLY)")
        return pl.concat([con.sql(read_diff(name)).pl() for name in ("metrics", "blocks")])


def count_differences(differences: pl.DataFrame) -> pl.DataFrame:
    """Return how many metrics and blocks each rule gained, lost or changed; the rule is the new one, of what was lost the old one."""
    rule = pl.when((pl.col("change") == "lost") & (pl.col("kind") == "metric")).then("old_rule").otherwise(pl.coalesce("new_rule", "old_rule"))
    counted = differences.group_by("kind", "change", rule.alias("rule")).agg(count=pl.len(), example=pl.col("quote").first())
    return counted.sort("kind", "count", "change", "rule", descending=[True, True, False, False], nulls_last=True)


def vacuum_parts(root: Path) -> tuple[int, int]:
    """Delete the parts that nothing current rests on; return how many files and bytes went. Only under the lock.

    These are batches of which every text was judged again later, parts without a marker, and those of an older shape. Where
    and when texts were read stays.
    """
    standing, current = set(committed(root)), _current_batches(root)
    dropped = [
        part for model in PART_TABLES for part in sorted((root / "parts" / model.table_name()).glob("*.parquet"))
        if part.stem not in standing or part.stem not in current
    ]  # fmt: skip
    size = sum(part.stat().st_size for part in dropped)
    if store := find_store(root):
        remove(store, [part.relative_to(root).as_posix() for part in dropped])
    for part in dropped:
        part.unlink()
    return len(dropped), size


def _current_batches(root: Path) -> set[str]:
    """Return the batches that hold the current judgement of at least one text: the latest, of several at once the first by path."""
    parts = [part for model in (Documents, RejectedRows) for part in list_parts(root, model.table_name())]
    if not parts:
        return set()
    judged = pl.concat([pl.read_parquet(part, columns=["doc_id"]).with_columns(batch_id=pl.lit(part.stem)) for part in parts]).unique()
    sources = read_parts(root, Sources).group_by("doc_id", "batch_id").agg(pl.col("seen_at").max(), pl.col("source_path").min())
    latest = judged.join(sources, on=["doc_id", "batch_id"]).sort("seen_at", "source_path", "batch_id", descending=[True, False, False])
    return set(latest.unique("doc_id", keep="first", maintain_order=True)["batch_id"])
