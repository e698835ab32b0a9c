"""`caibao sql` at a terminal: statements over several lines, names completed with Tab, a history that stays."""

import contextlib
import readline
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import duckdb
import polars as pl
from rich.console import Console

from flows.terminal import list_tables, show_rows
from warehouse import publish

_HELP = """Write a SELECT and end it with ; (it may take several lines). Tab completes tables, views, columns (facts.⇥), and within quotes metrics and companies.
.tables         what there is
.columns NAME   the columns of a table or view, with their meaning
.save FILE      the rows of the last answer, as .csv, .json or .parquet
.quit           or Ctrl-D
"""
_COMMANDS = (".columns", ".help", ".quit", ".save", ".tables")
_WORDS = (
    "SELECT", "FROM", "WHERE", "GROUP BY", "ORDER BY", "LIMIT", "JOIN", "LEFT JOIN", "USING", "ON", "AND", "OR", "NOT", "IN", "LIKE", "BETWEEN",
    "IS NULL", "IS NOT NULL", "DISTINCT", "count(*)", "sum(", "avg(", "median(", "max(", "min(", "round(", "FILTER", "HAVING", "QUALIFY", "WITH", "DESC", "CASE WHEN",
)  # fmt: skip
_DELIMITERS = " \t\n,()=<>;*+/\"'"


class Completer:
    """The names of a warehouse, offered as readline asks for them."""

    def __init__(self, con: duckdb.DuckDBPyConnection):
        columns: dict[str, list[str]] = {}
        for table, column in con.execute("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal ORDER BY table_name, column_index").fetchall():
            columns.setdefault(table, []).append(column)
        self._columns = columns
        self._values = [value for (value,) in con.execute("SELECT metric FROM metric_codes UNION SELECT DISTINCT entity FROM metrics WHERE entity IS NOT NULL ORDER BY ALL").fetchall()]

    def offer(self, word: str, before: str) -> list[str]:
        """Return what `word` may become; `before` is the statement up to it."""
        if before.count("'") % 2:
            return _match(word, self._values)
        if word.startswith("."):
            return _match(word, _COMMANDS)
        table, dot, column = word.rpartition(".")
        if dot:
            return [f"{table}.{name}" for name in _match(column, self._columns.get(table, ()))]
        words = before.replace(",", " ").split()
        if words and words[-1].upper() in ("FROM", "JOIN"):
            return _match(word, self._columns)
        # the columns of the tables that are named already come first
        named = [name for table in words if table in self._columns for name in self._columns[table]]
        every = [name for names in self._columns.values() for name in names]
        return list(dict.fromkeys([*_match(word, named or every), *_match(word, self._columns), *_match(word, _WORDS)]))

    def __call__(self, word: str, state: int) -> str | None:
        """Answer readline: the offer number `state`, None after the last."""
        offers = self.offer(word, readline.get_line_buffer()[: readline.get_begidx()])
        return offers[state] if state < len(offers) else None


def run_shell(root: Path, history: Path, console: Console, save: Callable[[pl.DataFrame, Path], None], read: Callable[[str], str] = input) -> None:
    """Answer statements until the user leaves; each sees what is published at that moment. Raises WarehouseError if there is nothing."""
    with publish.connect(root) as con:
        console.print(list_tables(con))
        completer = Completer(con)
    console.print("End a statement with ;   .help tells more, Tab completes, Ctrl-D ends.", style="dim")
    last = pl.DataFrame()
    with _with_readline(completer, history):
        for statement in _read_statements(read, console):
            try:
                command, _, rest = statement.partition(" ")
                if command == ".save":
                    save(last, Path(rest.strip()))
                elif command == ".help":
                    console.print(_HELP, end="", markup=False)
                else:
                    with publish.connect(root) as con:
                        answer = _answer(con, command, rest, statement)
                        last = last if answer is None else answer
                        console.print(list_tables(con) if answer is None else show_rows(answer, console.width))
            except (duckdb.Error, OSError, ValueError) as error:
                console.print(str(error).splitlines()[0], style="red", markup=False)
            except KeyboardInterrupt:
                console.print("Stopped.", style="dim")


def _answer(con: duckdb.DuckDBPyConnection, command: str, rest: str, statement: str) -> pl.DataFrame | None:
    """Return the rows of a statement; None for a list of what there is."""
    if command == ".tables":
        return None
    if command == ".columns":
        names = "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index"
        return con.sql(names, params=[rest.strip()]).pl()
    if command.startswith("."):
        raise ValueError(f"{command} is no command. There are: {', '.join(_COMMANDS)}")
    relation = con.sql(statement)
    if relation is None:
        raise ValueError("That statement gives no rows; the warehouse is opened for reading only. Write a SELECT.")
    return relation.pl()


def _read_statements(read: Callable[[str], str], console: Console) -> Iterator[str]:
    """Yield statements up to their semicolon and commands by the line, until Ctrl-D or .quit; Ctrl-C drops what was begun."""
    lines: list[str] = []
    while True:
        try:
            line = read("     > " if lines else "caibao> ").strip()
        except KeyboardInterrupt:
            lines = []
            console.print()
            continue
        except EOFError:
            console.print()
            return
        if not lines and line in (".quit", ".exit", "quit", "exit"):
            return
        lines += [line] if line else []
        if lines and (line.endswith(";") or lines[0].startswith(".")):
            yield "\n".join(lines).rstrip(";")
            lines = []


@contextlib.contextmanager
def _with_readline(completer: Completer, history: Path) -> Iterator[None]:
    """Let readline complete and remember while the block lasts."""
    before = readline.get_completer(), readline.get_completer_delims()
    readline.set_completer(completer)
    readline.set_completer_delims(_DELIMITERS)
    # the readline of macOS is libedit, which names its keys otherwise
    readline.parse_and_bind("bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete")
    with contextlib.suppress(OSError):
        readline.read_history_file(history)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # a warehouse that may only be read keeps no history
            readline.write_history_file(history)
        readline.set_completer(before[0])
        readline.set_completer_delims(before[1])


def _match(word: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.lower().startswith(word.lower())]
