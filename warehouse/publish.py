"""Builds caibao.duckdb from the committed parts beside the published one, and swaps the two."""

import contextlib
import hashlib
import os
import shutil
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
from warehouse.parts import WarehouseError, committed, list_parts, read_parts
from warehouse.quarantine import standing_documents
from warehouse.queries import read_query, read_view

# What building the database may hold at once, unless CAIBAO_PUBLISH_MEMORY says otherwise.
_MEMORY = "1.5GB"

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

# The same kept text, whatever its script, width and blanks. The earliest is the original.
_DUPLICATES = """
UPDATE documents SET duplicate_of = twins.original
FROM (
    SELECT doc_id, first_value(doc_id) OVER (PARTITION BY text_hash ORDER BY published_at NULLS LAST, doc_id) AS original
    FROM fingerprints JOIN documents USING (doc_id) WHERE superseded_by IS NULL AND text_hash IS NOT NULL
) AS twins
WHERE documents.doc_id = twins.doc_id AND twins.original <> twins.doc_id
"""

# A copy of a copy points to what that points to; each pass halves the chain.
_FOLLOW = """
UPDATE documents SET duplicate_of = originals.duplicate_of
FROM documents AS originals
WHERE originals.doc_id = documents.duplicate_of AND originals.duplicate_of IS NOT NULL
"""

# Views that compare statements with each other are worked out once, when they are published, and read in the order of
# their first columns: over ten million metrics they would take seconds each time they are asked.
_STORED_VIEWS = {"facts": "entity, metric, period_end, metric_id", "financials": "", "conflicts": "", "arithmetic": "", "guidance_vs_actual": ""}


@contextlib.contextmanager
def build(root: Path, reference: Lexicon | Mapping[str, pl.DataFrame]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection to the new database with all tables and views; when the block ends well it takes the old one's place.

    `reference` holds the tables of the lexicon. Readers of the old file keep what they see. An error leaves the published file
    as it was.
    """
    with _replacing(root) as con:
        con.execute("BEGIN")  # one transaction: a thousand small statements need not reach the disk one by one
        _load(con, root, reference)
        yield con
        con.execute("COMMIT")


@contextlib.contextmanager
def reopen(root: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection to a copy of the published database, which takes its place when the block ends well: for a run without news."""
    with _replacing(root, is_copy=True) as con:
        yield con


def holds_all(root: Path, versions: str, quality_checks: pl.DataFrame) -> bool:
    """Return whether the published database was made by these versions, holds every committed batch and was held against these checks.

    Building it again would change nothing.
    """
    try:
        con = connect(root)
    except WarehouseError:
        return False
    with con:
        last = con.execute("SELECT versions FROM runs ORDER BY started_at DESC LIMIT 1").fetchone()
        held = {row[0] for row in con.execute("SELECT batch_id FROM sources UNION SELECT run_id FROM runs").fetchall()}
        cards = con.sql("FROM quality_checks ORDER BY check_name").pl()
    return cards.rows() == quality_checks.sort("check_name").select(cards.columns).rows() and last == (versions,) and held.issuperset(committed(root, is_filled=True))


def code_version() -> str:
    """Return a hash of what the database is made by, rules aside: the models, this folder's code and its SQL."""
    here = Path(__file__).parent
    files = [*here.glob("*.py"), *here.glob("**/*.sql"), *(here.parent / "schemas").glob("*.py")]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(files))).hexdigest()[:12]


@contextlib.contextmanager
def _replacing(root: Path, is_copy: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection to a new database, empty or a copy of the published one, and put it in that one's place."""
    target, beside = root / "caibao.duckdb", root / "caibao.duckdb.tmp"
    beside.unlink(missing_ok=True)
    if is_copy:
        shutil.copyfile(target, beside)
    con = duckdb.connect()
    try:
        _bound_memory(con, root)
        con.execute(f"ATTACH '{quote_path(beside)}' AS caibao (STORAGE_VERSION '{_STORAGE_VERSION}')")
        con.execute("USE caibao")
        yield con
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
        con = duckdb.connect()
        con.execute(f"ATTACH '{quote_path(path)}' AS caibao (READ_ONLY)")
        con.execute("USE caibao")
        return con
    except duckdb.Error as error:
        raise WarehouseError(f"{path} cannot be opened: {str(error).splitlines()[0]} Build it again: caibao run SOURCE --warehouse {root}") from error


@contextlib.contextmanager
def build_version(root: Path, rules_version: str) -> Iterator[Path]:
    """Give a folder with what write_version writes as its published database; it goes when the block ends."""
    with TemporaryDirectory() as folder:
        write_version(root, rules_version, Path(folder) / "caibao.duckdb")
        yield Path(folder)


def write_version(root: Path, rules_version: str, path: Path) -> None:
    """Write to `path` the database of a warehouse as the rules `rules_version` judged its texts, with all tables and views.

    Texts that these rules never saw are not in it; `runs`, `checks` and the lexicon's tables are those of today.
    """
    reference = read_reference(root)
    with duckdb.connect() as con:
        _bound_memory(con, path.parent)
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


def _bound_memory(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Keep what building needs within the limit; what does not fit goes to a file in a folder of its own, which a warehouse's sweep takes."""
    limit = os.environ.get("CAIBAO_PUBLISH_MEMORY", _MEMORY)
    con.execute(f"SET temp_directory = '{quote_path(folder / 'spill.tmp')}'")
    con.execute("SET memory_limit = ?", [limit])


def _load(con: duckdb.DuckDBPyConnection, root: Path, reference: Lexicon | Mapping[str, pl.DataFrame], rules_version: str | None = None) -> None:
    """Create all tables and views in the database in use."""
    _load_parts(con, root, rules_version)
    for model in REFERENCE_TABLES:
        con.execute(render_ddl(model))
        append(con, model, reference[model.table_name()])
    for model in VIEWS:
        _create_view(con, model)


def _create_view(con: duckdb.DuckDBPyConnection, model: type[Table]) -> None:
    name = model.table_name()
    if name in _STORED_VIEWS:
        order = f"ORDER BY {_STORED_VIEWS[name]}" if _STORED_VIEWS[name] else ""
        con.execute(f'CREATE TABLE "{name}" AS FROM ({read_view(name)}) {order}')
        con.execute(render_comments(model, "TABLE"))
    else:
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
    con.execute(read_query("reposts"))
    con.execute("UPDATE documents SET duplicate_of = reposts.original FROM reposts WHERE documents.doc_id = reposts.copy")
    while con.execute(_FOLLOW).fetchone()[0]:
        pass


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
