"""`caibao sql` at a terminal: what Tab offers, statements over lines, errors that do not end it, a real terminal."""

import io
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console
from typer.testing import CliRunner

from flows import cli
from flows.shell import Completer, run_shell
from flows.steps import Settings, run_directly
from warehouse import publish


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("warehouse")
    run_directly(Settings(("seeds/documents/portal_moutai_2023.txt",), root))
    return root


@pytest.mark.parametrize(
    ("before", "word", "first"),
    [
        ("SELECT * FROM ", "fin", ["financials"]), ("FROM facts SELECT ", "modal", ["modality"]), ("", "sel", ["SELECT"]), ("", ".ta", [".tables"]),
        ("SELECT ", "facts.per", ["facts.period", "facts.period_start", "facts.period_end"]), ("FROM facts WHERE metric = '", "gross_m", ["gross_margin"]),
        ("FROM facts WHERE entity = '", "贵州", ["贵州茅台"]), ("FROM ", "nowhere.", []), ("FROM facts WHERE metric = 'eps' AND ", "enti", ["entity"]),
    ],
)  # fmt: skip
def test_tab_offers_the_names_of_the_warehouse(root, before, word, first):
    with publish.connect(root) as con:
        assert Completer(con).offer(word, before)[: len(first) or None] == first


def talk(root: Path, *lines: str) -> tuple[str, list]:
    """Return what the shell says to these lines, and what it was asked to save."""
    said, saved, left = io.StringIO(), [], list(lines)

    def read(_: str) -> str:
        if not left:
            raise EOFError
        line = left.pop(0)
        if line == "^C":
            raise KeyboardInterrupt
        return line

    run_shell(root, root / ".sql_history", Console(file=said, width=200), lambda frame, path: saved.append((frame, path)), read)
    return said.getvalue(), saved


def test_statements_take_lines_and_errors_do_not_end_the_shell(root):
    said, _ = talk(root, "SELEKT 1;", "SELECT 6", "^C", "SELECT 40 + 2", "AS answer;", "CREATE TABLE t (i INT);", ".what", "DROP VIEW facts;")
    assert "Parser Error" in said
    assert "answer\n42" in "\n".join(line.strip() for line in said.splitlines())
    assert said.count("read-only") >= 2
    assert ".what is no command" in said


def test_commands(root):
    said, saved = talk(root, ".columns financials", "SELECT 1 AS one;", ".save rows.csv", ".tables", ".help", ".quit", "SELECT 'nachher';")
    assert "Year-on-year" in said or "revenue_yoy" in said
    assert [(frame.rows(), path) for frame, path in saved] == [([(1,)], Path("rows.csv"))]
    assert "nachher" not in said


def test_a_file_takes_the_format_of_its_name(root, tmp_path):
    for name, read in (("a.csv", pl.read_csv), ("a.json", pl.read_json), ("a.parquet", pl.read_parquet)):
        result = CliRunner().invoke(cli.app, ["sql", "SELECT 7 AS seven", "-o", str(tmp_path / name), "-w", str(root)])
        assert result.exit_code == 0, result.output
        assert read(tmp_path / name).rows() == [(7,)]
    assert CliRunner().invoke(cli.app, ["sql", "SELECT 7", "-o", "rows.xls", "-w", str(root)]).exit_code == 2


def test_at_a_real_terminal_tab_completes_and_the_history_stays(root):
    ours, theirs = pty.openpty()
    command = [Path(sys.executable).with_name("caibao"), "sql", "-w", str(root)]
    shell = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=os.environ | {"TERM": "xterm", "COLUMNS": "100"}, close_fds=True)
    os.close(theirs)
    said = ""

    def wait_for(text: str) -> None:
        nonlocal said
        deadline = time.monotonic() + 60
        while text not in said:
            assert time.monotonic() < deadline, said
            if select.select([ours], [], [], 1)[0]:
                said += os.read(ours, 65536).decode(errors="replace")

    wait_for("caibao> ")
    said = ""
    os.write(ours, b"SELECT count(*) * 0 + 777 AS n FROM repeated_p\t;\n")
    wait_for("repeated_paragraphs")
    wait_for("777")
    os.write(ours, b".quit\n")
    assert shell.wait(30) == 0
    os.close(ours)
    assert "repeated_paragraphs" in (root / ".sql_history").read_text(encoding="utf-8")
