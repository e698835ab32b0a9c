"""Finds and fetches bytes: files, folders, globs, members of zip archives, URLs, standard input.

A place is written as a path. The member of an archive stands behind the archive's own path (news.zip/2025/a.txt) and is read
from it in memory: nothing is unpacked to disk, so that a name such as ../../a.txt in an archive is a label and no path.
"""

import bz2
import gzip
import hashlib
import io
import lzma
import os
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import fsspec
import zstandard

from warehouse.decoding import Unreadable
from warehouse.mirror import request_errors

FORMATS = {
    ".txt": "txt", ".text": "txt", "": "txt", ".md": "md", ".markdown": "md", ".html": "html", ".htm": "html", ".shtml": "html",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet",
}  # fmt: skip
TABLE_FORMATS = {"jsonl", "csv", "parquet"}
_PACKED = {".gz", ".zst", ".bz2"}
_LARGEST = 500_000_000  # bytes of a table file after unpacking: a bomb stops here and not at the end of memory
LARGEST_TEXT = 6_000_000  # bytes of one article; the longest annual reports have a third of that. 3.6 MB of short lines took 2.7 GB to judge
_MOST_MEMBERS = 200_000  # files of an archive
_DENSEST = 200  # times a member may be smaller than what it unpacks to; articles reach 10, pages 30
# What zipfile raises where an archive is damaged, locked or packed in a way that it does not know.
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, IndexError, OverflowError, RuntimeError, ValueError)
_URL = re.compile(r"^[a-z][a-z0-9+.-]+://", re.IGNORECASE)


@dataclass(frozen=True)
class Rejection:
    """An input that could not be read: what failed, why, and what to do."""

    source_path: str
    bytes_hash: str | None
    stage: str
    check: str
    reason: str


def reject(path: Path | str, error: Unreadable, bytes_hash: str | None = None) -> Rejection:
    """Return the rejection that an Unreadable stands for."""
    return Rejection(str(path), bytes_hash, "read", error.check, str(error))


def list_files(places: Iterable[str], spool: Path | None = None) -> tuple[list[str], list[Rejection], int]:
    """Return the paths that `places` name, sorted and once each; what is missing; how many other files were passed over.

    Places are files, folders, globs, zip archives, URLs and - for standard input, which is kept in `spool` to be judged again.
    Within a folder or archive hidden files, READMEs and formats that are not read are passed over; a file that is named itself is always read.
    """
    files, rejected, passed_over = [], [], 0
    for place in places:
        closed: list[str] = []
        try:
            found, is_inside = _find(place, spool, closed)
        except Unreadable as error:
            rejected.append(reject(place, error))
            continue
        rejected += [Rejection(folder, None, "read", "permission", "The folder may not be listed. Change its permissions (chmod +rx), or leave it out.") for folder in closed]
        for file, name in found:
            if _is_zip(file):
                try:
                    members = _list_members(file)
                except Unreadable as error:
                    rejected.append(reject(file, error))
                    continue
                wanted = [f"{file}/{member}" for member in members if _is_article(member) and not _is_zip(member)]
                passed_over += len(members) - len(wanted)
                files += wanted
            elif not is_inside or _is_article(name):
                files.append(file)
            else:
                passed_over += 1
    unnameable = {file for file in files if not is_text(file)}
    rejected += [Rejection(repr(file), None, "read", "file_name", "The file's name is not UTF-8. Rename it (convmv -f gbk -t utf8).") for file in sorted(unnameable)]
    return [file for file in dict.fromkeys(files) if file not in unnameable], rejected, passed_over


def source_format(path: str) -> str | None:
    """Return the format that the name tells, compression aside; None if it is not one that is read. A web address without a known ending is a page."""
    name = urlsplit(path).path if _URL.match(path) else path
    last = _file_name(name).lower()
    suffixes = [] if last.endswith(".") else [f".{suffix}" for suffix in last.lstrip(".").split(".")[1:]]
    if suffixes and suffixes[-1] in _PACKED:
        suffixes.pop()
    known = FORMATS.get(suffixes[-1] if suffixes else "")
    return "html" if path.lower().startswith(("http://", "https://")) and known in (None, "txt") and not name.endswith(".txt") else known


def read_bytes(path: str) -> bytes:
    """Return the bytes of a file, an archive's member or a URL as they lie there. Raises Unreadable."""
    limit = _LARGEST if source_format(path) in TABLE_FORMATS else LARGEST_TEXT
    try:
        with _open(path) as file:
            content = file.read(limit + 1)
    except PermissionError as error:
        raise Unreadable("permission", "The file may not be read. Change its permissions (chmod +r), or leave it out.") from error
    except FileNotFoundError as error:
        gone = "Nothing is at this address, or its server does not answer. Try it in a browser." if _URL.match(path) else "The file is gone, or is a link that leads nowhere."
        raise Unreadable("missing_path", gone) from error
    except _DAMAGE as error:
        raise Unreadable("broken_archive", f"The archive's member cannot be unpacked ({error}). Unpack it by hand.") from error
    except ImportError as error:
        raise Unreadable("missing_library", f"{error}. Install it beside caibao.") from error
    except request_errors() as error:
        raise Unreadable("read_error", f"The file cannot be read: {getattr(error, 'strerror', None) or error}. Check the disk, the path or the network.") from error
    _hold_limit(content, limit)
    return content


def unpack(path: str, content: bytes) -> bytes:
    """Return the bytes without the compression that the name tells, up to a limit. Raises Unreadable."""
    openers = {".gz": gzip.open, ".bz2": bz2.open, ".zst": zstandard.open}
    opener = openers.get(PurePosixPath(urlsplit(path).path if _URL.match(path) else path).suffix.lower())
    if opener is None:
        return content
    limit = _LARGEST if source_format(path) in TABLE_FORMATS else LARGEST_TEXT
    try:
        with opener(io.BytesIO(content), "rb") as unpacked:
            plain = unpacked.read(limit + 1)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        raise Unreadable("broken_archive", f"The compressed file is damaged ({error}). Fetch it again.") from error
    _hold_limit(plain, limit)
    return plain


def is_text(text: str) -> bool:
    """Return whether the string can be written as UTF-8: a lone surrogate cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _find(place: str, spool: Path | None, closed: list[str]) -> tuple[list[tuple[str, str]], bool]:
    """Return (path, path within the place) of what a place holds, and whether the place is one that holds several files.

    Folders that may not be listed are added to `closed`. Raises Unreadable.
    """
    if place == "-":
        return [(_keep_input(sys.stdin.buffer.read(_LARGEST + 1), spool), "-")], False
    try:
        return _look_up(place, closed)
    except OSError as error:
        # a name longer than the file system allows, a loop of links
        raise Unreadable("missing_path", f"The path cannot be looked up: {error.strerror or error}. Check it.") from error


def _look_up(place: str, closed: list[str]) -> tuple[list[tuple[str, str]], bool]:
    """Return what _find does, with the errors of the file system as they are."""
    if _URL.match(place):
        return _find_remote(place)
    path = Path(place)
    if path.is_dir():
        root = "" if path == Path() else f"{path}/".replace("//", "/")
        return [(root + name, name) for name in sorted(_walk(str(path), closed), key=lambda name: name.split("/"))], True
    if path.is_file() or path.is_symlink() or _split_zip(place):
        return [(str(path), path.name)], False
    if matches := [file for file in _glob(place) if file.is_file()]:
        return [(str(file), file.name) for file in matches], False
    raise Unreadable("missing_path", "There is no such file or folder. Check the path; a pattern needs quotes: 'news/*.txt'.")


def _walk(folder: str, closed: list[str]) -> Iterator[str]:
    """Yield the files below a folder, by their paths within it. Links to folders are not followed, what may not be listed is added to `closed`."""
    inner = [""]
    while inner:
        within = inner.pop()
        place = os.path.join(folder, within)
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        inner.append(f"{within}{entry.name}/")
                    elif entry.is_file():
                        yield within + entry.name
        except PermissionError:
            closed.append(place.rstrip("/"))


def _find_remote(url: str) -> tuple[list[tuple[str, str]], bool]:
    """Return what a URL holds: itself, the files of a folder (s3://bucket/news/), or what a pattern matches. Raises Unreadable."""
    if url.lower().startswith(("http://", "https://")):
        return [(url, url)], False
    try:
        files, path = fsspec.core.url_to_fs(url)
        is_folder = files.isdir(path)
        names = files.find(path) if is_folder else files.glob(path) if re.search(r"[*?\[]", path) else [path]
        return [(files.unstrip_protocol(name), name.removeprefix(path).lstrip("/")) for name in sorted(names)], is_folder
    except (ImportError, ValueError) as error:
        raise Unreadable("missing_library", f"{url.split(':')[0]}:// cannot be read: {error}. Install the library it names, or copy the files.") from error
    except request_errors() as error:
        raise Unreadable("read_error", f"The address cannot be listed: {error}. Check it and the network.") from error


def _keep_input(content: bytes, spool: Path | None) -> str:
    """Write what came by standard input to a file named by its bytes, and return its path."""
    head = content[:2000].lstrip().lower()
    suffix = "html" if head.startswith((b"<!doctype", b"<html", b"<?xml")) else "jsonl" if re.match(rb'\{\s*"', head) else "txt"
    path = (spool or Path(".")) / f"{hashlib.sha256(content).hexdigest()[:16]}.{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_bytes(content)
    temporary.replace(path)
    return str(path)


def _is_article(name: str) -> bool:
    """Return whether a file found in a folder is likely one to read; README.md tells about the folder and is not."""
    is_hidden = any(part.startswith((".", "__MACOSX")) and part != ".." for part in name.split("/"))
    is_about = re.fullmatch(r"readme(?:\.[^.]*)?", _file_name(name), re.IGNORECASE)
    return not is_hidden and not is_about and (source_format(name) is not None or _is_zip(name))


def _file_name(path: str) -> str:
    """Return the last part of a path. pathlib takes 20 times as long, which shows in a folder of 100,000 files."""
    return path.rstrip("/").rpartition("/")[2]


def _is_zip(path: str) -> bool:
    return path.lower().endswith(".zip")


def _split_zip(path: str) -> tuple[str, str] | None:
    """Return archive and member of a path such as news.zip/2025/a.txt; None if it is no member's."""
    for match in re.finditer(r"\.zip/", path, re.IGNORECASE):
        archive = path[: match.end() - 1]
        if _URL.match(path) or Path(archive).is_file():
            return archive, path[match.end() :]
    return None


def _list_members(archive: str) -> list[str]:
    """Return the names of an archive's files, sorted. Raises Unreadable."""
    try:
        with _open_whole(archive) as file, zipfile.ZipFile(file) as opened:
            names = sorted(member.filename for member in opened.infolist() if member.filename and not member.is_dir())
    except _DAMAGE as error:
        raise Unreadable("broken_archive", f"The archive is damaged ({error}). Fetch it again.") from error
    except OSError as error:
        raise Unreadable("read_error", f"The archive cannot be read: {error.strerror or error}. Check the disk or the path.") from error
    if len(names) > _MOST_MEMBERS:
        raise Unreadable("too_large", f"The archive holds {len(names)} files, more than {_MOST_MEMBERS}. Split it.")
    return names


def _open_whole(path: str):
    """Return an open binary file, local or remote."""
    return fsspec.open(path, "rb").open() if _URL.match(path) else open(path, "rb")


def _open(path: str):
    """Return an open binary file: a file, a URL, or the member of an archive that does not look like a bomb."""
    split = _split_zip(path)
    if split is None:
        return _open_whole(path)
    archive, name = split
    with _open_whole(archive) as file, zipfile.ZipFile(file) as opened:
        try:
            member = opened.getinfo(name)
        except KeyError as error:
            raise FileNotFoundError(name) from error
        if member.file_size > 1_000_000 and member.file_size > _DENSEST * max(1, member.compress_size):
            raise Unreadable("too_large", f"The member unpacks to {member.file_size // max(1, member.compress_size)} times its size, as no article does. Leave it out.")
        limit = _LARGEST if source_format(name) in TABLE_FORMATS else LARGEST_TEXT
        with opened.open(member) as unpacked:
            return io.BytesIO(unpacked.read(limit + 1))


def _hold_limit(content: bytes, limit: int) -> None:
    """Raise Unreadable if there are more bytes than the limit."""
    if len(content) > limit:
        raise Unreadable("too_large", f"There are more than {limit // 1_000_000} MB, after unpacking: hardly one article. Split it, or leave it out.")


def _glob(pattern: str) -> Iterator[Path]:
    """Return the files that a pattern matches, sorted; ** means folders of any depth."""
    if not re.search(r"[*?\[]", pattern):
        return iter(())
    path = Path(pattern)
    anchor = Path(path.anchor) if path.is_absolute() else Path()
    return iter(sorted(anchor.glob(str(path.relative_to(anchor)) if path.is_absolute() else pattern)))
