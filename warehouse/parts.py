"""Parquet parts and their commit markers: what is in a warehouse, and how a batch gets in whole or not at all.

    parts/<table>/<batch_id>.parquet   immutable, sorted by key, described by field metadata
    commits/<batch_id>.json            written last: a part without its marker does not exist
    caibao.duckdb                      built from them by warehouse.publish
    stdin/                             what came by standard input, named by its bytes
    lock                               who writes
    parts_at                           address of the object store of which parts/ and commits/ are a mirror, if there is one
"""

import contextlib
import errno
import getpass
import hashlib
import io
import json
import os
import shutil
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from schemas import PART_TABLES, RUN_TABLES, Table
from schemas.render import to_arrow
from schemas.runs import Sources
from warehouse import mirror
from warehouse.decoding import Unreadable, describe_defect
from warehouse.places import Rejection, list_files, reject
from warehouse.readers import Source, find_sources

# Some 8 s of work on one core, and 650 MB of memory; automata and regexes made anew for each batch cost 0.3 s of it, Prefect 20-30 ms.
BATCH_BYTES = 4_000_000
_STORED = {model.table_name(): model for model in PART_TABLES + RUN_TABLES}
# Parts of another shape cannot be published together with those of today; a reworded description makes no other shape.
SHAPE = hashlib.sha256(repr([(name, model.polars_schema()) for name, model in _STORED.items()]).encode()).hexdigest()[:12]


class WarehouseError(RuntimeError):
    """The warehouse cannot be used as asked; the message says what is wrong and what to do."""


@dataclass(frozen=True)
class Batch:
    """Inputs that are judged together; the id is a hash of them and of the rules, so the same work has the same name."""

    batch_id: str
    sources: tuple[Source, ...]

    @property
    def byte_count(self) -> int:
        """Return the bytes that are to be judged."""
        return sum(source.byte_count for source in self.sources)


@dataclass(frozen=True)
class Plan:
    """What a run is to do: batches to judge, places that hold known texts, inputs that cannot be read."""

    batches: tuple[Batch, ...]
    copies: tuple[tuple[Source, str], ...]
    rejected: tuple[Rejection, ...]
    files: frozenset[str]
    skipped: int
    passed_over: int


def plan_batches(places: Iterable[str], root: Path, rules_version: str, text_column: str | None = None, target_bytes: int = BATCH_BYTES) -> Plan:
    """Return the plan: what is already in with the same bytes and rules is skipped, the rest grouped by bytes.

    A batch closes as soon as it reaches `target_bytes`, so that what remains after a kill falls into the same batches.
    """
    files, rejected, passed_over = list_files(places, root / "stdin")
    known, done = _known_sources(root, rules_version), set(committed(root))
    texts = {bytes_hash: doc_id for bytes_hash, doc_id in known.values() if doc_id}
    fresh, ranges, copies, skipped = {}, [], [], 0
    for file in files:
        try:
            sources = find_sources(file, target_bytes, text_column)
        except Unreadable as error:
            rejected.append(reject(file, error))
            continue
        except (Exception, pl.exceptions.PanicException) as error:  # noqa: BLE001 - whatever a library did not expect costs this file and no other
            rejected.append(Rejection(file, None, "read", *describe_defect(error)))
            continue
        for source in sources:
            is_known = known.get(source.path, (None, None))[0] == source.bytes_hash
            if source.rows:
                # rows of a large file come in several batches, of which a kill may have left some undone
                batch = name_batch([source], rules_version)
                skipped += is_known and batch.batch_id in done
                ranges += [] if is_known and batch.batch_id in done else [batch]
            elif is_known:
                skipped += 1
            elif source.bytes_hash in texts:
                copies.append((source, texts[source.bytes_hash]))
            elif first := fresh.get(source.bytes_hash):
                fresh[source.bytes_hash] = replace(first, copies=(*first.copies, source.path))
            else:
                fresh[source.bytes_hash] = source
    batches = [name_batch(group, rules_version) for group in group_sources(fresh.values(), target_bytes)]
    return Plan((*batches, *ranges), tuple(copies), tuple(rejected), frozenset(files), skipped, passed_over)


def write_parts(place: Path | str, part_id: str, tables: dict[str, pl.DataFrame]) -> dict[str, int]:
    """Write one part per table and then the commit marker; return rows per table. Doing it again changes nothing.

    `place` is the folder of a warehouse or the address of an object store.
    """
    rows = {name: frame.height for name, frame in tables.items()}
    for name, frame in tables.items():
        if frame.height:
            write_part(place, part_id, _STORED[name], frame)
    _write_file(place, _marker(part_id), json.dumps({"shape": SHAPE, "rows": rows}, indent=1).encode())
    return rows


def write_part(place: Path | str, part_id: str, model: type[Table], frame: pl.DataFrame) -> None:
    """Write the part of one table, in place of the one of this name if there is one; without its commit marker it does not exist."""
    packed = io.BytesIO()
    pq.write_table(to_arrow(model.select(frame), model), packed, compression="zstd")
    _write_file(place, f"parts/{model.table_name()}/{part_id}.parquet", packed.getvalue())


def recount(root: Path, place: Path | str, part_id: str, rows: dict[str, int]) -> None:
    """Say in the marker of a batch how many rows its parts are about to keep: whoever mirrors a store fetches those that hold any."""
    marker = json.loads((root / _marker(part_id)).read_text(encoding="utf-8"))
    marker["rows"] |= rows
    _write_file(place, _marker(part_id), json.dumps(marker, indent=1).encode())


def find_store(root: Path, asked: str | None = None) -> str | None:
    """Return the address of the object store that holds the warehouse's parts; None where they lie in its folder alone.

    An address that is given for the first time is kept, and what the folder holds so far is copied there. Only under the lock.
    Raises WarehouseError if the warehouse has another one.
    """
    kept = root / "parts_at"
    known = kept.read_text(encoding="utf-8") if kept.exists() else None
    asked = asked and asked.rstrip("/")
    if asked is None or asked == known:
        return known
    if known:
        raise WarehouseError(f"The parts of {root} lie at {known}, not at {asked}. Leave --parts out, or name another folder with --warehouse.")
    for part_id in committed(root):
        tables = (part.parent.name for part in root.glob(f"parts/*/{part_id}.parquet"))
        mirror.push(root, asked, [*(f"parts/{table}/{part_id}.parquet" for table in tables), _marker(part_id)])
    _write_then_rename(kept, asked.encode())
    return asked


def list_parts(root: Path, table: str) -> list[Path]:
    """Return the committed parts of a table, sorted by name."""
    parts = ((root / "parts" / table / f"{part_id}.parquet") for part_id in committed(root))
    return [part for part in parts if part.exists()]


def committed(root: Path, is_filled: bool = False) -> list[str]:
    """Return the ids whose marker stands and whose parts have today's shape, sorted; `is_filled` leaves out those without a row."""
    markers = ((path.stem, json.loads(path.read_text(encoding="utf-8"))) for path in (root / "commits").glob("*.json"))
    return sorted(part_id for part_id, marker in markers if marker["shape"] == SHAPE and (any(marker["rows"].values()) or not is_filled))


def read_parts(root: Path, model: type[Table]) -> pl.DataFrame:
    """Return all committed rows of a table."""
    parts = list_parts(root, model.table_name())
    return pl.read_parquet(parts) if parts else model.empty()


def sweep(root: Path) -> int:
    """Delete what an interrupted run left unfinished; return how many files went. Only under the lock."""
    left = list_leftovers(root)
    for path in left:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return len(left)


def list_leftovers(root: Path) -> list[Path]:
    """Return what an interrupted run left and no later one finishes: temporary files, and what a run had to say of itself without a marker."""
    temporary = [*root.glob("parts/*/*.tmp"), *root.glob("commits/*.tmp"), *root.glob("stdin/*.tmp"), *root.glob("*.tmp"), *root.glob("*.tmp.wal")]
    return temporary + [part for part in root.glob("parts/*/run-*.parquet") if not (root / _marker(part.stem)).exists()]


@contextlib.contextmanager
def writing(root: Path, wait_seconds: float = 0) -> Iterator[None]:
    """Hold the warehouse's only writer's place; WarehouseError names the owner if it is still taken after `wait_seconds`.

    The lock goes with its process: nobody has to clean up after a crash.
    """
    owner = root / "lock.owner"
    try:
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / "lock", timeout=wait_seconds):
            owner.write_text(f"{getpass.getuser()}@{socket.gethostname()}, process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC", encoding="utf-8")
            try:
                sweep(root)
                yield
            finally:
                owner.unlink(missing_ok=True)
    except Timeout as error:
        name = owner.read_text(encoding="utf-8") if owner.exists() else "another process"
        raise WarehouseError(f"The warehouse {root} is being written by {name}. Wait for its end (--wait 600), or name another with --warehouse.") from error
    except (OSError, duckdb.Error) as error:
        if reason := _explain_disk(root, error):
            raise WarehouseError(reason) from error
        raise


def _explain_disk(root: Path, error: Exception) -> str | None:
    """Return what is wrong with the disk that the warehouse lies on, if that is what the error says."""
    code, said = getattr(error, "errno", None), str(error)
    if code in (errno.ENOSPC, errno.EDQUOT) or "No space left" in said or "not enough disk space" in said:
        return f"The disk that holds the warehouse {root} is full. Free some space and run again: what is done is kept, what is published stays."
    if code in (errno.EACCES, errno.EROFS, errno.EPERM):
        return f"The warehouse {root} may not be written ({error.filename}). Choose another with --warehouse, or change its permissions."
    return None


def _known_sources(root: Path, rules_version: str) -> dict[str, tuple[str, str | None]]:
    """Return source file -> (bytes_hash, doc_id) of its latest content, where that was judged by the same rules."""
    sources = read_parts(root, Sources).with_columns(file_of(pl.col("source_path")))
    latest = sources.sort("seen_at", maintain_order=True).unique("source_path", keep="last", maintain_order=True)
    same = latest.filter(pl.col("rules_version") == rules_version)
    return {path: (bytes_hash, doc_id) for path, bytes_hash, doc_id in same.select("source_path", "bytes_hash", "doc_id").iter_rows()}


def file_of(source_path: pl.Expr) -> pl.Expr:
    """Return the file of a source path, without the row of a table file: only their names carry a #."""
    return source_path.str.replace(r"(\.(?:jsonl|ndjson|csv|parquet)(?:\.(?:gz|zst|bz2))?)#.*$", "$1")


def group_sources(sources: Iterable[Source], target_bytes: int) -> Iterator[list[Source]]:
    """Yield runs of sources that reach `target_bytes`."""
    group, size = [], 0
    for source in sources:
        group.append(source)
        size += source.byte_count
        if size >= target_bytes:
            yield group
            group, size = [], 0
    if group:
        yield group


def name_batch(sources: list[Source], rules_version: str) -> Batch:
    """Return the batch of these sources."""
    key = json.dumps([rules_version, *([source.path, *source.copies, source.bytes_hash, source.rows] for source in sources)])
    return Batch(hashlib.sha256(key.encode()).hexdigest()[:16], tuple(sources))


def _marker(part_id: str) -> str:
    return f"commits/{part_id}.json"


def _write_file(place: Path | str, name: str, content: bytes) -> None:
    """Write a file of the warehouse whole or not at all."""
    if isinstance(place, Path):
        _write_then_rename(place / name, content)
    else:
        mirror.put(place, name, content)


def _write_then_rename(path: Path, content: bytes) -> None:
    """Write a temporary file, make it durable, and give it its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
