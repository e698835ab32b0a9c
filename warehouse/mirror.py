"""Parts in an object store (s3://bucket/news), of which the warehouse's folder is a mirror.

Workers on other machines write to the store; whoever publishes fetches what its folder lacks. Once its marker stands a part
is fetched once (a vacuum takes rows from both sides), and everything else reads the folder as if there were no store.
"""

import contextlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path

import aiohttp
import fsspec

_AT_ONCE = 1000  # files of one request for many: bounds the memory of a fetch


class StoreError(RuntimeError):
    """The object store cannot be used; the message says what is wrong and what to do."""


def put(address: str, name: str, content: bytes) -> None:
    """Write a file of the store. It is there whole or not at all: no store shows half of an upload. Raises StoreError."""
    files, base = _open_store(address)
    try:
        files.pipe_file(f"{base}/{name}", content)
    except request_errors() as error:
        raise StoreError(f"{address}/{name} cannot be written: {error}. Check the address, the permissions and the network.") from error


def pull(address: str, root: Path, anew: Iterable[str] = ()) -> int:
    """Fetch the batches that the store holds and the folder lacks, parts before their marker; return how many. Raises StoreError.

    Those of `anew` are fetched though the folder has them: they were judged again.
    """
    files, base = _open_store(address)
    try:
        files.invalidate_cache()
        there = {Path(name).name for name in files.find(f"{base}/commits") if name.endswith(".json")}
        missing = sorted(there - {path.name for path in (root / "commits").glob("*.json")} | there & {f"{part_id}.json" for part_id in anew})
        for start in range(0, len(missing), _AT_ONCE):
            markers = [f"commits/{name}" for name in missing[start : start + _AT_ONCE]]
            contents = files.cat([f"{base}/{name}" for name in markers])
            rows = [(Path(name).stem, json.loads(content)["rows"]) for name, content in contents.items()]
            _fetch(files, base, root, [f"parts/{table}/{part_id}.parquet" for part_id, counts in rows for table, count in counts.items() if count])
            _fetch(files, base, root, markers)
    except request_errors() as error:
        raise StoreError(f"The parts at {address} cannot be read: {error}. Check the address, the permissions and the network.") from error
    return len(missing)


def push(root: Path, address: str, names: Iterable[str]) -> None:
    """Copy files of the folder into the store, in this order. Raises StoreError."""
    for name in names:
        put(address, name, (root / name).read_bytes())


def remove(address: str, names: list[str]) -> None:
    """Delete files of the store, of which some may be gone already. Raises StoreError."""
    files, base = _open_store(address)
    try:
        for start in range(0, len(names), _AT_ONCE):
            paths = [f"{base}/{name}" for name in names[start : start + _AT_ONCE]]
            try:
                files.rm(paths)
            except FileNotFoundError:
                for path in paths:
                    with contextlib.suppress(FileNotFoundError):
                        files.rm_file(path)
    except request_errors() as error:
        raise StoreError(f"Parts at {address} cannot be deleted: {error}. Check the permissions.") from error


def request_errors() -> tuple[type[Exception], ...]:
    """Return what a failed request raises: clients of object stores have errors beside OSError, known once they are loaded."""
    botocore = sys.modules.get("botocore.exceptions")
    return (OSError, aiohttp.ClientError, *([botocore.BotoCoreError] if botocore else []))


def _open_store(address: str) -> tuple[fsspec.AbstractFileSystem, str]:
    """Return the file system of an address and the path in it. Raises StoreError."""
    try:
        files, base = fsspec.core.url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise StoreError(f"{address} cannot be opened: {error}. For s3:// install caibao's extra `cluster` (pip install s3fs).") from error
    return files, base.rstrip("/")


def _fetch(files: fsspec.AbstractFileSystem, base: str, root: Path, names: list[str]) -> None:
    """Fetch files under temporary names, then give them theirs."""
    for folder in {(root / name).parent for name in names}:
        folder.mkdir(parents=True, exist_ok=True)
    if names:
        files.get([f"{base}/{name}" for name in names], [str(root / f"{name}.tmp") for name in names])
    for name in names:
        (root / f"{name}.tmp").replace(root / name)
