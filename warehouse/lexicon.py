"""Reads seeds/lexicon, and a user's folder of the same shape on top of it."""

import hashlib
import importlib.resources
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pandera.errors
import polars as pl

from schemas import REFERENCE_TABLES, Table
from schemas.reference import QualityChecks
from transforms.lexicon import Lexicon

SEEDS = Path(__file__).resolve().parent.parent / "seeds"


class LexiconError(ValueError):
    """A lexicon file that cannot be used; the message names the file, the row and what is allowed."""


def read_lexicon(extra: Path | None = None) -> Lexicon:
    """Return the built-in lexicon, with the cards of folder `extra` added or, under the same key, put in their place.

    A table is a file `<table>.csv` or `<table>.toml`, or a folder `<table>/` of such files. Raises LexiconError.
    """
    folders = [SEEDS / "lexicon", *([extra] if extra else [])]
    if extra and not extra.is_dir():
        raise LexiconError(f"--lexicon {extra}: not a folder. It should hold files named after lexicon tables, such as rules.toml.")
    tables, digest = {}, hashlib.sha256()
    for path in _code_files():
        digest.update(path.read_bytes())
    for model in REFERENCE_TABLES:
        frames = []
        for folder in folders:
            for path in _table_files(folder, model.table_name()):
                frames.append(_read_table(path, model))
                if model is not QualityChecks:  # no transform reads them: another limit is no reason to judge every text again
                    digest.update(path.read_bytes())
        tables[model.table_name()] = _stack(frames, model)
    models = {path.name: path.read_bytes() for path in sorted((SEEDS / "models").glob("*")) if path.is_file()}
    for name, content in models.items():
        digest.update(name.encode() + content)
    return Lexicon(tables=tables, rules_version=digest.hexdigest()[:12], models=models)


def _code_files() -> list[Path]:
    """Return the source files whose behaviour the rules version stands for: how texts are judged, and how they are read."""
    transforms = sorted(Path(str(importlib.resources.files("transforms"))).glob("**/*.py"))
    return [*transforms, *(Path(__file__).with_name(name) for name in ("decoding.py", "readers.py"))]


def _table_files(folder: Path, name: str) -> Iterator[Path]:
    """Yield the files of table `name` in `folder`, in a fixed order."""
    for suffix in (".csv", ".toml"):
        if (folder / f"{name}{suffix}").is_file():
            yield folder / f"{name}{suffix}"
    yield from sorted(path for path in (folder / name).glob("*") if path.suffix in (".csv", ".toml"))


def _read_table(path: Path, model: type[Table]) -> pl.DataFrame:
    """Return one file as a validated frame of `model`."""
    try:
        if path.suffix == ".csv":
            frame = pl.read_csv(path, infer_schema=False, comment_prefix="#")
            frame = frame.select(_parse_column(frame, name, dtype) for name, dtype in model.polars_schema().items() if name in frame.columns)
            frame = model.select(frame)
        else:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
            frame = model.frame([row for rows in content.values() for row in rows])
        return model.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        first = error.failure_cases.row(0, named=True)
        row = f", row {first['index'] + 1}" if first["index"] is not None else ""
        raise LexiconError(f"{path}{row}: column {first['column']} fails {first['check']} (found {first['failure_case']!r})") from error
    except (pl.exceptions.PolarsError, tomllib.TOMLDecodeError, ValueError, TypeError) as error:
        raise LexiconError(f"{path}: {error}") from error


def _parse_column(frame: pl.DataFrame, name: str, dtype: pl.DataType) -> pl.Expr:
    """Return the CSV column `name` in its type: lists are separated by '|', booleans are true or false."""
    column = pl.col(name)
    if dtype == pl.Boolean:
        return (column == "true").alias(name)
    if dtype == pl.Date:
        return column.str.to_date()
    return column.str.split("|") if dtype == pl.List(pl.String) else column.cast(dtype)


def _stack(frames: list[pl.DataFrame], model: type[Table]) -> pl.DataFrame:
    """Return all rows in key order; where a key repeats, the later file wins."""
    rows = pl.concat([model.empty(), *frames])
    return rows.unique(model.key(), keep="last", maintain_order=True).sort(model.key())
