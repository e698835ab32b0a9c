"""What a warehouse keeps beside the present: judgements by other rules, and texts that later ones have replaced."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq

from schemas import PART_TABLES
from schemas.documents import Documents
from schemas.runs import RejectedRows, Sources
from warehouse import mirror
from warehouse.parts import WarehouseError, committed, find_store, list_parts, read_parts, recount, write_part
from warehouse.publish import build, read_reference
from warehouse.queries import read_query

# Of a batch that loses rows the refused ones go first and the documents next: a kill in between leaves rows without a
# document, which are never published, and the next vacuum finds them.
_ORDER = (RejectedRows, *(model for model in PART_TABLES if model is not RejectedRows))
_WASTE = {"table": pl.String, "batch_id": pl.String, "doc_id": pl.String, "reason": pl.String, "row_count": pl.Int64, "byte_count": pl.Float64}
REPLACED, EARLIER, UNFINISHED, OLDER_SHAPE = "replaced judgements", "earlier texts", "unfinished parts", "parts of an older caibao"


def list_judgements(root: Path) -> pl.DataFrame:
    """Return one row per text and batch that judged it: doc_id, batch_id, rules_version, judged_at, is_current.

    Current is the latest, of several at once the first by path: as warehouse.publish chooses.
    """
    parts = [part for model in (Documents, RejectedRows) for part in list_parts(root, model.table_name())]
    stored = [pl.read_parquet(part, columns=["doc_id"]).with_columns(batch_id=pl.lit(part.stem)) for part in parts]
    held = pl.concat(stored).unique() if stored else pl.DataFrame(schema={"doc_id": pl.String, "batch_id": pl.String})
    seen = read_parts(root, Sources).group_by("doc_id", "batch_id").agg(pl.col("rules_version").first(), judged_at=pl.col("seen_at").max(), source_path=pl.col("source_path").min())
    judged = held.join(seen, on=["doc_id", "batch_id"]).sort("judged_at", "source_path", "batch_id", descending=[True, False, False])
    return judged.with_columns(is_current=pl.col("batch_id") == pl.col("batch_id").first().over("doc_id")).drop("source_path")


def list_versions(root: Path) -> pl.DataFrame:
    """Return the rules that judged what a warehouse still holds, the latest first, with how many texts and for how many they count."""
    return list_judgements(root).group_by("rules_version").agg(
        first_run=pl.col("judged_at").min().dt.truncate("1s"), last_run=pl.col("judged_at").max().dt.truncate("1s"),
        texts=pl.col("doc_id").n_unique(), current=pl.col("doc_id").filter("is_current").n_unique(),
    ).sort("last_run", "first_run", descending=True)  # fmt: skip


def find_version(root: Path, name: str) -> str:
    """Return the rules version that begins with `name`. Raises WarehouseError with those there are."""
    versions = list_versions(root)["rules_version"].to_list()
    found = [version for version in versions if version.startswith(name)]
    if len(found) == 1:
        return found[0]
    there = f"There are, latest first: {', '.join(versions)}." if versions else "It holds no judgements."
    raise WarehouseError(f"{'Several rules versions begin' if found else 'No rules version begins'} with {name!r} in {root}. {there}")


def find_superseded(root: Path) -> set[str]:
    """Return the texts that later contents of their files have replaced."""
    with duckdb.connect() as con:
        con.register("sources", read_parts(root, Sources))
        return {doc_id for doc_id, _ in con.sql(read_query("superseded")).fetchall()}


def find_waste(root: Path, with_texts: bool) -> pl.DataFrame:
    """Return what of the parts nothing current rests on: table, batch_id, doc_id, reason, row_count, byte_count; null doc_id: the whole part.

    These are judgements that later ones have replaced, parts without a marker, those of an older shape and, `with_texts`, the
    texts that later contents of their files have replaced. The bytes of a part that keeps rows are divided by rows. What the
    object store holds is fetched first, so that nothing is taken for unfinished that is not. Only under the lock.
    """
    if store := find_store(root):
        mirror.pull(store, root)
    judged = list_judgements(root).select("doc_id", "batch_id", "is_current")
    earlier = find_superseded(root)
    standing, markers = set(committed(root)), {marker.stem for marker in (root / "commits").glob("*.json")}
    found = [pl.DataFrame(schema=_WASTE)]
    for model in PART_TABLES:
        for path in sorted((root / "parts" / model.table_name()).glob("*.parquet")):
            rows = pl.read_parquet(path, columns=["doc_id"]) if path.stem in standing else pl.DataFrame({"doc_id": [None] * pq.read_metadata(path).num_rows})
            dead = OLDER_SHAPE if path.stem in markers else UNFINISHED
            held = rows.select(pl.col("doc_id").cast(pl.String), table=pl.lit(model.table_name()), batch_id=pl.lit(path.stem), row_count=pl.lit(1), byte_count=path.stat().st_size / pl.len())
            reason = (
                pl.when(pl.col("doc_id").is_null()).then(pl.lit(dead)).when(~pl.col("is_current").fill_null(False)).then(pl.lit(REPLACED))
                .when(pl.col("doc_id").is_in(earlier)).then(pl.lit(EARLIER))
            )  # fmt: skip
            counted = held.group_by("table", "batch_id", "doc_id").agg(pl.col("row_count", "byte_count").sum())
            found.append(counted.join(judged, on=["doc_id", "batch_id"], how="left").with_columns(reason=reason).filter(pl.col("reason").is_not_null()).select(pl.col(name).cast(dtype) for name, dtype in _WASTE.items()))
    waste = pl.concat(found)
    return waste if with_texts else waste.filter(pl.col("reason") != EARLIER)


def count_waste(waste: pl.DataFrame) -> pl.DataFrame:
    """Return per reason how many texts, files, rows and megabytes go."""
    return waste.group_by("reason").agg(
        texts=pl.col("doc_id").n_unique() - pl.col("doc_id").is_null().any(), files=pl.struct("table", "batch_id").n_unique(),
        rows=pl.col("row_count").sum(), MB=(pl.col("byte_count").sum() / 1e6).round(2),
    ).sort("MB", "reason", descending=[True, False]).rename({"reason": "what goes"})  # fmt: skip


def drop_waste(root: Path, waste: pl.DataFrame) -> int:
    """Delete what find_waste names and, if texts go, build the published database without them; return the bytes freed. Only under the lock."""
    freed = _delete_rows(root, waste)
    published = root / "caibao.duckdb"
    if EARLIER not in waste["reason"] or not published.exists():
        return freed
    before = published.stat().st_size
    with build(root, read_reference(root)):
        pass
    return freed + before - published.stat().st_size


def _delete_rows(root: Path, waste: pl.DataFrame) -> int:
    """Delete rows and parts, in the object store first if there is one; return the bytes freed in the folder.

    A part that keeps rows is written beside itself and swapped in. After a kill the folder still shows what is to go.
    """
    store, freed = find_store(root), 0
    places = (store, root) if store else (root,)
    kept_rows = _recount_batches(root, places, waste)
    for model in _ORDER:
        name, emptied = model.table_name(), []
        own = waste.filter(pl.col("table") == name).group_by("batch_id", maintain_order=True).agg("doc_id")
        for batch_id, doc_ids in own.iter_rows():
            path = root / "parts" / name / f"{batch_id}.parquet"
            freed += path.stat().st_size
            if kept_rows[batch_id][name]:
                kept = pl.read_parquet(path).filter(~pl.col("doc_id").is_in(doc_ids))
                for place in places:
                    write_part(place, batch_id, model, kept)
                freed -= path.stat().st_size
            else:
                emptied.append(path)
        if store:
            mirror.remove(store, [path.relative_to(root).as_posix() for path in emptied])
        for path in emptied:
            path.unlink()
    return freed


def _recount_batches(root: Path, places: Sequence[Path | str], waste: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Return batch_id -> table -> rows that stay of the parts that lose some, and say so in the batches' markers."""
    kept_rows: dict[str, dict[str, int]] = {}
    for name, batch_id, lost in waste.group_by("table", "batch_id").agg(pl.col("row_count").sum()).iter_rows():
        kept_rows.setdefault(batch_id, {})[name] = pq.read_metadata(root / "parts" / name / f"{batch_id}.parquet").num_rows - lost
    for batch_id, rows in kept_rows.items():
        if (root / "commits" / f"{batch_id}.json").exists():
            for place in places:
                recount(root, place, batch_id, rows)
    return kept_rows
