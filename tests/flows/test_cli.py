"""What a person at the terminal sees."""

import json

import polars as pl
import pytest
from typer.testing import CliRunner

from flows import cli
from flows.steps import Settings, run_directly
from warehouse import publish
from warehouse.lexicon import LexiconError

runner = CliRunner()


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    """The samples, published once for all commands that only read."""
    root = tmp_path_factory.mktemp("warehouse")
    run_directly(Settings(("seeds/documents",), root))
    return root


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch):
    for name in ("out", "err"):
        console = getattr(cli, name)
        monkeypatch.setattr(console, "_width", 80)


def invoke(*words, code=0):
    result = runner.invoke(cli.app, [str(word) for word in words], env={"COLUMNS": "80", "TERM": "dumb"})
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


@pytest.mark.parametrize("command", ["run", "sql", "explain", "clean", "eval", "dictionary", "doctor"])
def test_every_command_has_help_that_fits_eighty_columns(command):
    text = invoke(command, "--help").output
    assert max(map(len, text.splitlines())) <= 80
    assert command in invoke("--help").output


@pytest.mark.parametrize("command", ["run", "sql", "explain", "clean", "eval"])
def test_help_shows_an_example(command):
    assert f"caibao {command} " in invoke(command, "--help").output.split("Example")[1]


def test_run_ends_with_a_summary_and_two_commands_that_work(articles, tmp_path):
    text = invoke("run", articles, "--direct", "-w", tmp_path / "w").output
    for word in ("Completed", "documents", "blocks kept", "removed", "quantities", "metrics", "rows rejected", "warehouse", "Next"):
        assert word in text
    assert "w/caibao.duckdb" in "".join(text.split())
    assert text.count("caibao sql ") == 1
    assert text.count("caibao explain ") == 1


def test_run_tells_what_was_refused_and_what_to_do(articles, tmp_path):
    (articles / "empty.txt").write_bytes(b"")
    text = invoke("run", articles, "--direct", "-w", tmp_path / "w").output
    assert "Quarantined" in text
    assert "empty.txt" in "".join(text.split())
    assert "fetch the page again" in " ".join(text.split())


def test_run_on_nothing_readable_fails(tmp_path):
    text = invoke("run", tmp_path / "nowhere", "--direct", "-w", tmp_path / "w", code=1).output
    assert "There is no such file or folder" in " ".join(text.split())


def test_sql_shows_a_table_and_writes_files(warehouse, tmp_path):
    query = "SELECT source_path, encoding FROM documents ORDER BY 1"
    with publish.connect(warehouse) as con:
        expected = con.sql(query).pl()
    assert json.loads(invoke("sql", query, "-w", warehouse, "--format", "json").output) == expected.to_dicts()
    assert pl.read_csv(invoke("sql", query, "-w", warehouse, "--format", "csv").output.encode()).equals(expected)
    invoke("sql", query, "-w", warehouse, "--format", "parquet", "-o", tmp_path / "rows.parquet")
    assert pl.read_parquet(tmp_path / "rows.parquet").equals(expected)


def test_sql_without_a_query_lists_views_and_tables(warehouse):
    text = invoke("sql", "-w", warehouse).output
    for name in ("facts", "financials", "metrics", "quantities", "rules"):
        assert name in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sql", "SELECT * FROM metrcs"], "metrcs"),
        (["sql", "DROP TABLE metrics"], "read-only"),
        (["sql", "SELECT 1", "-w", "no/such/folder"], "caibao run"),
        (["explain", "nothing_like_it"], "Nothing is called nothing_like_it"),
        (["run", "seeds/documents", "--direct", "--lexicon", "no/such/lexicon"], "not a folder"),
    ],
)
def test_errors_are_a_sentence_and_a_next_step(words, said, warehouse, tmp_path):
    place = ["-w", tmp_path / "w" if words[0] == "run" else warehouse] if "-w" not in words else []
    result = invoke(*words, *place, code=1)
    assert said in result.output
    assert "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit)


def test_wrong_usage_is_code_2():
    invoke("run", code=2)
    invoke("sql", "SELECT 1", "--format", "nonsense", code=2)


def test_explain_a_document_shows_what_was_removed_and_why(warehouse):
    text = invoke("explain", "portal_moutai_2023.txt", "-w", warehouse).output
    with publish.connect(warehouse) as con:
        removed = con.execute("SELECT rule_id, kind FROM removed JOIN documents USING (doc_id) WHERE ends_with(documents.source_path, 'portal_moutai_2023.txt')").fetchall()
    for rule_id, kind in removed:
        assert f"removed as {kind} by {rule_id}" in " ".join(text.split())


def test_explain_a_metric_shows_its_row_and_its_evidence(warehouse):
    with publish.connect(warehouse) as con:
        found = con.execute("SELECT metric_id, metric, quote FROM metrics ORDER BY metric_id LIMIT 1").fetchone()
    if not found:
        pytest.skip("no metric is found in the samples yet")
    text = invoke("explain", found[0], "-w", warehouse).output
    assert found[1] in text
    assert found[2] in text


def test_clean_gives_text_without_what_was_removed(tmp_path):
    page = "seeds/documents/page_xiaomi_2024.html"
    plain = invoke("clean", page).output
    assert "全年总收入3659亿元" in plain
    row = json.loads(invoke("clean", page, "--format", "jsonl").output)
    assert row["text"] == "\n".join(paragraph["text"] for paragraph in row["paragraphs"])
    invoke("clean", page, "--format", "markdown", "-o", tmp_path / "page.md")
    assert "小米" in (tmp_path / "page.md").read_text(encoding="utf-8")
    invoke("clean", tmp_path / "nowhere.txt", code=1)


def test_clean_writes_simplified_or_leaves_the_script():
    sample = "seeds/documents/taiwan_tsmc_2024q4.txt"
    assert "台积电" in invoke("clean", sample).output
    assert "台積電" in invoke("clean", sample, "--keep-script").output


def test_doctor_knows_the_warehouse(warehouse, tmp_path, monkeypatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert "10 documents" in " ".join(invoke("doctor", "-w", warehouse).output.split())
    assert "there is none" in " ".join(invoke("doctor", "-w", tmp_path).output.split())
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert "does not answer" in " ".join(invoke("doctor", "-w", tmp_path, code=1).output.split())


def test_dictionary_is_printed():
    assert invoke("dictionary").output == cli.dictionary_text()


def test_lexicon_errors_are_told(monkeypatch, articles, tmp_path):
    def broken(_):
        raise LexiconError("rules.toml, row 3: column label fails isin")

    monkeypatch.setattr("flows.steps.read_lexicon", broken)
    monkeypatch.setattr("flows.steps._load_lexicon", lambda folder, version=None: broken(folder))
    assert "rules.toml, row 3" in invoke("run", articles, "--direct", "-w", tmp_path / "w", code=1).output
