"""Builds caibao.duckdb from the committed parts beside the published one, and swaps the two."""

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

from schemas import PART_TABLES, REFERENCE_TABLES, RUN_TABLES, Table
from schemas.documents import Documents
from schemas.render import render_comments, render_ddl
from schemas.runs import RejectedDocuments, RejectedRows, Sources
from schemas.views import VIEWS
from transforms.lexicon import Lexicon
from warehouse.parts import WarehouseError, list_parts, read_parts
from warehouse.quarantine import standing_documents
from warehouse.queries import read_query, read_view

# Files of this version open in DuckDB 1.x and 2.x alike, so that a user's older client reads them.
_STORAGE_VERSION = "v1.0.0"

# The judgement that counts for a document: the latest, and of several copies the first by path.
_CURRENT = """
CREATE TEMP TABLE current_documents AS
SELECT doc_id, batch_id
FROM (SELECT doc_id, batch_id, max(seen_at) AS judged_at, min(source_path) AS source_path FROM all_sources GROUP BY ALL)
WHERE (doc_id, batch_id) IN (SELECT (doc_id, part_id) FROM judged)
QUALIFY row_number() OVER (PARTITION BY doc_id ORDER BY judged_at DESC, source_path, batch_id) = 1
"""

# A text gives way when every place it was read from holds a later text.
_SUPERSEDED = f"UPDATE documents SET superseded_by = later.doc_id FROM ({read_query('superseded')}) AS later WHERE documents.doc_id = later.old"

# The same kept text, whatever its script, width and blanks: blocks.text is simplified. The earliest is the original.
_DUPLICATES = """
UPDATE documents SET duplicate_of = twins.original
FROM (
    WITH texts AS (
        SELECT doc_id, md5(regexp_replace(string_agg(text, '' ORDER BY block_no), '\\s', '', 'g')) AS fingerprint
        FROM blocks WHERE is_kept AND kind NOT IN ('source', 'dateline', 'byline', 'url') GROUP BY doc_id
    )
    SELECT doc_id, first_value(doc_id) OVER (PARTITION BY fingerprint ORDER BY published_at NULLS LAST, doc_id) AS original
    FROM texts JOIN documents USING (doc_id) WHERE superseded_by IS NULL
) AS twins
WHERE documents.doc_id = twins.doc_id AND twins.original <> twins.doc_id
"""


@contextlib.contextmanager
def build(root: Path, reference: Lexicon | Mapping[str, pl.DataFrame]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection to the new database with all tables and views; when the block ends well it takes the old one's place.

    `reference` holds the tables of the lexicon. Readers of the old file keep what they see. An error leaves the published file
    as it was.
    """
    target, beside = root / "caibao.duckdb", root / "caibao.duckdb.tmp"
    beside.unlink(missing_ok=True)
    con = duckdb.connect()
    try:
        con.execute(f"ATTACH '{quote_path(beside)}' AS caibao (STORAGE_VERSION '{_STORAGE_VERSION}')")
        con.execute("USE caibao")
        con.execute("BEGIN")  # one transaction: a thousand small statements need not reach the disk one by one
        _load(con, root, reference)
        yield con
        con.execute("COMMIT")
        con.execute("CHECKPOINT caibao")
        con.execute("USE memory")
        con.execute("DETACH caibao")
    finally:
        con.close()
    with beside.open("rb") as file:
        os.fsync(file.fileno())
    beside.replace(target)


def connect(root: Path) -> duckdb.DuckDBPyConnection:
    """Return a read-only connection to the published database; WarehouseError if there is none.

    The file is attached to a database of its own: while a connection to an earlier file of the same name is open,
    duckdb.connect would give that one again.
    """
    path = root / "caibao.duckdb"
    if not path.exists():
        raise WarehouseError(f"There is no warehouse at {root} yet. Make one: caibao run YOUR_FOLDER --warehouse {root}")
    try:
        return open_database(path)
    except duckdb.Error as error:
        raise WarehouseError(f"{path} cannot be opened: {str(error).splitlines()[0]} Build it again: caibao run SOURCE --warehouse {root}") from error


@contextlib.contextmanager
def connect_version(root: Path, rules_version: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection to what write_version writes, in a file that goes when the block ends."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "caibao.duckdb"
        write_version(root, rules_version, path)
        with open_database(path) as con:
            yield con


def open_database(path: Path) -> duckdb.DuckDBPyConnection:
    """Return a read-only connection to a database file."""
    con = duckdb.connect()
    con.execute(f"ATTACH '{quote_path(path)}' AS caibao (READ_ONLY)")
    con.execute("USE caibao")
    return con


def write_version(root: Path, rules_version: str, path: Path) -> None:
    """Write to `path` the database of a warehouse as the rules `rules_version` judged its texts, with all tables and views.

    Texts that these rules never saw are not in it; `runs`, `checks` and the lexicon's tables are those of today.
    """
    reference = read_reference(root)
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{quote_path(path)}' AS caibao")
        con.execute("USE caibao")
        con.execute("BEGIN")
        _load(con, root, reference, rules_version)
        con.execute("COMMIT")


def read_reference(root: Path) -> dict[str, pl.DataFrame]:
    """Return the lexicon's tables as they are published."""
    with connect(root) as con:
        return {model.table_name(): con.sql(f'FROM "{model.table_name()}"').pl() for model in REFERENCE_TABLES}


def quote_path(path: Path) -> str:
    """Return the path for use within single quotes of SQL."""
    return str(path).replace("'", "''")


def append(con: duckdb.DuckDBPyConnection, model: type[Table], frame: pl.DataFrame) -> None:
    """Add rows to a table under construction."""
    con.register("appended", model.select(frame))
    con.execute(f'INSERT INTO "{model.table_name()}" BY NAME SELECT * FROM appended')
    con.unregister("appended")


def _load(con: duckdb.DuckDBPyConnection, root: Path, reference: Lexicon | Mapping[str, pl.DataFrame], rules_version: str | None = None) -> None:
    """Create all tables and views in the database in use."""
    _load_parts(con, root, rules_version)
    for model in REFERENCE_TABLES:
        con.execute(render_ddl(model))
        append(con, model, reference[model.table_name()])
    for model in VIEWS:
        name = model.table_name()
        con.execute(f'CREATE VIEW "{name}" AS {read_view(name)}')
        con.execute(render_comments(model, "VIEW"))


def _load_parts(con: duckdb.DuckDBPyConnection, root: Path, rules_version: str | None = None) -> None:
    """Create and fill the tables of batches and runs: per document only what its current judgement says, or the last by `rules_version`."""
    _scan(con, root, Sources, "all_sources", rules_version)
    _scan(con, root, Documents, "all_documents")
    _scan(con, root, RejectedRows, "all_rejected")
    con.execute("CREATE TEMP VIEW judged AS SELECT doc_id, part_id FROM all_documents UNION SELECT doc_id, part_id FROM all_rejected")
    con.execute(_CURRENT)
    for model in PART_TABLES:
        name = model.table_name()
        con.execute(render_ddl(model))
        _scan(con, root, model, "scanned")
        order = ", ".join(f'"{column}"' for column in model.key() or ["doc_id"])
        # rows of a document that was itself refused stay out with it; what was refused is listed all the same
        owner = "" if model in (Documents, RejectedRows) else "AND doc_id IN (SELECT doc_id FROM documents)"
        con.execute(
            f'INSERT INTO "{name}" BY NAME SELECT * EXCLUDE (part_id) FROM scanned '
            f"WHERE (doc_id, part_id) IN (SELECT (doc_id, batch_id) FROM current_documents) {owner} ORDER BY {order}"
        )
    for model in RUN_TABLES:
        con.execute(render_ddl(model))
        if model is not RejectedDocuments:
            _scan(con, root, model, "scanned", rules_version if model is Sources else None)
            con.execute(f'INSERT INTO "{model.table_name()}" BY NAME SELECT * EXCLUDE (part_id) FROM scanned ORDER BY {", ".join(model.key())}')
    rejected, sources = (read_parts(root, model).filter(rules_version is None or pl.col("rules_version") == rules_version) for model in (RejectedDocuments, Sources))
    append(con, RejectedDocuments, standing_documents(rejected, sources))
    con.execute(_SUPERSEDED)
    con.execute(_DUPLICATES)
    _link_reposts(con)


def _link_reposts(con: duckdb.DuckDBPyConnection) -> None:
    """Point near reposts, and the copies of those, to the one text that says it all."""
    con.execute(f"CREATE TEMP TABLE reposts AS {read_query('reposts')}")
    con.execute("UPDATE documents SET duplicate_of = reposts.original FROM reposts WHERE documents.doc_id = reposts.copy")
    links = dict(con.execute("SELECT doc_id, duplicate_of FROM documents WHERE duplicate_of IS NOT NULL").fetchall())
    for doc_id, original in links.items():
        root = original
        while root in links:
            root = links[root]
        if root != original:
            con.execute("UPDATE documents SET duplicate_of = ? WHERE doc_id = ?", [root, doc_id])


def _scan(con: duckdb.DuckDBPyConnection, root: Path, model: type[Table], name: str, rules_version: str | None = None) -> None:
    """Create the view `name` over the committed parts of a table, with `part_id` beside its columns; only rows of `rules_version` if given."""
    parts = list_parts(root, model.table_name())
    if parts:
        files = ", ".join(f"'{quote_path(part)}'" for part in parts)
        content = f"SELECT * EXCLUDE (filename), parse_filename(filename, true) AS part_id FROM read_parquet([{files}], filename = true)"
    else:
        con.register(f"no_{name}", model.empty())
        content = f"SELECT *, '' AS part_id FROM no_{name}"
    if rules_version:
        content = f"SELECT * FROM ({content}) WHERE rules_version = '{rules_version}'"
    con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {content}")
