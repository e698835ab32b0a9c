"""What other rules said and what files held before stays to be asked, until a vacuum drops it."""

import shutil

import fsspec
import polars as pl
import pytest
from typer.testing import CliRunner

from flows import cli, steps
from flows.steps import Settings, run_directly
from tests.conftest import ARTICLES
from transforms.lexicon import Lexicon
from warehouse import history, mirror, parts, publish
from warehouse.compare import count_differences, diff_versions
from warehouse.history import (
    OLDER_SHAPE,
    REPLACED,
    UNFINISHED,
    count_waste,
    drop_waste,
    find_version,
    find_waste,
    list_versions,
)
from warehouse.lexicon import read_lexicon
from warehouse.parts import WarehouseError


def settings(root, *places):
    return Settings(tuple(map(str, places)), root)


def ask(root, query, rules=None):
    with cli._folder_of(root, rules) as folder, publish.connect(folder) as con:
        return con.execute(query).fetchall()


@pytest.fixture
def judge_with(monkeypatch):
    """Make the next runs judge with another lexicon."""
    return lambda lexicon: monkeypatch.setattr(steps, "_load_lexicon", lambda *_: lexicon)


@pytest.fixture
def later(lexicon: Lexicon) -> Lexicon:
    """Rules that do not know what 净利润 is."""
    labels = lexicon["metric_labels"].filter(pl.col("metric") != "net_income")
    return Lexicon({**lexicon.tables, "metric_labels": labels}, "later0000000", lexicon.models)


@pytest.fixture
def two_versions(articles, tmp_path, judge_with, lexicon, later):
    """A warehouse whose two articles were judged by two versions of the rules; it is the later one's."""
    root = tmp_path / "w"
    run_directly(settings(root, articles))
    judge_with(later)
    assert run_directly(settings(root, articles)).read == 2
    return root


def test_two_versions_of_the_rules_are_compared_in_one_warehouse(two_versions, lexicon):
    versions = list_versions(two_versions)
    assert versions.select("rules_version", "texts", "current").rows() == [("later0000000", 2, 2), (lexicon.rules_version, 2, 0)]
    told = diff_versions(two_versions, lexicon.rules_version, "later0000000")
    lost = told.filter(pl.col("quote") == "6.1亿元").row(0, named=True)
    assert (lost["kind"], lost["change"]) in {("metric", "changed"), ("metric", "lost")}
    assert "net_income" in lost["difference"]
    assert lost["old_rule"]
    assert count_differences(told)["count"].sum() == told.height
    assert diff_versions(two_versions, "later0000000", lexicon.rules_version).height == told.height


def test_what_earlier_rules_found_is_asked_by_sql(two_versions, lexicon):
    query = "SELECT count(*) FROM facts WHERE metric = 'net_income'"
    assert ask(two_versions, query) == [(0,)]
    assert ask(two_versions, query, lexicon.rules_version[:6]) == [(1,)]
    assert ask(two_versions, "SELECT DISTINCT rules_version FROM documents", lexicon.rules_version) == [(lexicon.rules_version,)]


def test_the_commands_name_the_versions_there_are(two_versions, lexicon):
    invoke = lambda *words: CliRunner().invoke(cli.app, [*words, "-w", str(two_versions)])  # noqa: E731
    assert lexicon.rules_version in invoke("diff", "--rules").output
    assert "net_income" in invoke("diff", "--rules", lexicon.rules_version[:8], "--format", "csv").output
    assert "later0000000" in invoke("sql", "SELECT 1", "--rules", "zzz").output
    assert invoke("diff", "--rules", "later").exit_code == 1
    assert invoke("diff", "only_one").exit_code == 2
    with pytest.raises(WarehouseError, match="Several rules versions begin"):
        find_version(two_versions, "")


def test_vacuum_tells_first_and_drops_replaced_judgements_only_when_asked(two_versions, articles, lexicon):
    before = ask(two_versions, "SELECT * EXCLUDE (batch_id) FROM metrics JOIN documents USING (doc_id) ORDER BY ALL")
    told = CliRunner().invoke(cli.app, ["vacuum", "-w", str(two_versions)]).output
    assert "replaced judgements" in told
    assert "Nothing was deleted" in told
    assert list_versions(two_versions).height == 2
    assert "MB are free" in CliRunner().invoke(cli.app, ["vacuum", "--delete", "-w", str(two_versions)]).output
    assert list_versions(two_versions)["rules_version"].to_list() == ["later0000000"]
    assert "Nothing is left over" in CliRunner().invoke(cli.app, ["vacuum", "-w", str(two_versions)]).output
    again = run_directly(settings(two_versions, articles))
    assert (again.read, again.skipped) == (0, 2)
    assert ask(two_versions, "SELECT * EXCLUDE (batch_id) FROM metrics JOIN documents USING (doc_id) ORDER BY ALL") == before


def test_a_batch_loses_only_the_judgements_that_were_replaced(articles, tmp_path, judge_with, later):
    root = tmp_path / "w"
    run_directly(settings(root, articles))
    judge_with(later)
    run_directly(settings(root, articles / "bei_feng.txt"))
    waste = find_waste(root, with_texts=True)
    assert set(waste["reason"]) == {REPLACED}
    assert waste["doc_id"].n_unique() == 1
    freed = drop_waste(root, waste)
    assert freed > 0
    assert find_waste(root, with_texts=True).is_empty()
    assert {row["doc_id"] for part in parts.list_parts(root, "documents") for row in pl.read_parquet(part).to_dicts()} == {doc_id for doc_id, in ask(root, "SELECT doc_id FROM documents")}
    tables = ask(root, "SELECT * FROM metrics ORDER BY ALL")
    run_directly(settings(root, articles / "bei_feng.txt"))
    assert ask(root, "SELECT * FROM metrics ORDER BY ALL") == tables


def test_unfinished_parts_and_those_of_an_older_caibao_go(two_versions):
    shutil.copy(parts.list_parts(two_versions, "blocks")[0], two_versions / "parts" / "blocks" / "killed.parquet")
    run = two_versions / "commits" / "older.json"
    run.write_text('{"shape": "older", "rows": {}}', encoding="utf-8")
    shutil.copy(parts.list_parts(two_versions, "blocks")[0], two_versions / "parts" / "blocks" / "older.parquet")
    waste = find_waste(two_versions, with_texts=False)
    assert set(waste["reason"]) == {REPLACED, UNFINISHED, OLDER_SHAPE}
    assert dict(count_waste(waste).select("what goes", "texts").rows()) == {REPLACED: 2, UNFINISHED: 0, OLDER_SHAPE: 0}
    drop_waste(two_versions, waste)
    assert find_waste(two_versions, with_texts=False).is_empty()


@pytest.fixture
def store():
    """The address of an object store, empty before and after."""
    files = fsspec.filesystem("memory")
    files.store.clear()
    yield "memory://parts"
    files.store.clear()


def test_vacuum_frees_the_object_store_too_and_another_mirror_lacks_nothing(articles, tmp_path, judge_with, later, store):
    root, copy = tmp_path / "w", tmp_path / "copy"
    run_directly(Settings((str(articles),), root, parts=store))
    judge_with(later)
    run_directly(settings(root, articles / "bei_feng.txt"))  # of one batch the parts keep the rows of one text
    facts = ask(root, "SELECT * FROM facts ORDER BY ALL")
    there = lambda: {name.removeprefix("/parts/"): content.getvalue() for name, content in fsspec.filesystem("memory").store.items()}  # noqa: E731
    before = there()
    mirror.remove(store, ["parts/blocks/gone.parquet"])  # as if a vacuum had been killed before the folder's turn
    drop_waste(root, find_waste(root, with_texts=True))
    assert sum(map(len, there().values())) < sum(map(len, before.values()))
    here = {path.relative_to(root).as_posix(): path.read_bytes() for folder in ("parts", "commits") for path in (root / folder).rglob("*.*")}
    assert {name: content for name, content in here.items() if there()[name] != content} == {}
    run_directly(Settings((str(articles / "bei_feng.txt"),), copy, parts=store))
    assert ask(copy, "SELECT * FROM facts ORDER BY ALL") == facts


def test_a_text_that_goes_back_to_earlier_rules_is_fetched_anew_from_the_store(articles, tmp_path, judge_with, later, lexicon, store):
    root = tmp_path / "w"
    run_directly(Settings((str(articles),), root, parts=store))
    facts = ask(root, "SELECT * EXCLUDE (batch_id) FROM metrics JOIN documents USING (doc_id) ORDER BY ALL")
    judge_with(later)
    run_directly(settings(root, articles))
    drop_waste(root, find_waste(root, with_texts=True))
    judge_with(lexicon)
    assert run_directly(settings(root, articles)).read == 2
    assert ask(root, "SELECT * EXCLUDE (batch_id) FROM metrics JOIN documents USING (doc_id) ORDER BY ALL") == facts
    assert run_directly(settings(root, articles)).read == 0


@pytest.fixture
def changed(articles, tmp_path):
    """A warehouse of two articles of which one was changed later; the root and the earlier text's doc_id."""
    root = tmp_path / "w"
    run_directly(settings(root, articles))
    (articles / "hai_lan.txt").write_text("海岚科技2024年营收更正为52.9亿元，净利润6.2亿元。", encoding="utf-8")
    run_directly(settings(root, articles))
    return root, ask(root, "SELECT doc_id FROM documents WHERE superseded_by IS NOT NULL")[0][0]


def test_an_earlier_text_is_out_of_the_views_and_stays_to_be_asked(changed):
    root, earlier = changed
    for view in ("facts", "quality", "removed", "damage"):
        columns = [name for name, *_ in ask(root, f"DESCRIBE {view}")]
        if "doc_id" in columns:
            assert ask(root, f"SELECT count(*) FROM {view} WHERE doc_id = '{earlier}'") == [(0,)], view
    assert ask(root, f"SELECT count(*) > 0 FROM metrics WHERE doc_id = '{earlier}'") == [(True,)]
    history_of = "SELECT doc_id, superseded_by IS NULL FROM sources JOIN documents USING (doc_id) WHERE ends_with(sources.source_path, 'hai_lan.txt') ORDER BY seen_at"
    assert [is_current for _, is_current in ask(root, history_of)] == [False, True]


def test_vacuum_drops_earlier_texts_only_when_asked_for(changed, articles):
    root, earlier = changed
    assert find_waste(root, with_texts=False).is_empty()
    facts = ask(root, "SELECT * FROM facts ORDER BY ALL")
    told = CliRunner().invoke(cli.app, ["vacuum", "-w", str(root)]).output
    assert "1 earlier texts of changed files" in " ".join(told.split())
    CliRunner().invoke(cli.app, ["vacuum", "--texts", "--delete", "-w", str(root)])
    assert ask(root, f"SELECT count(*) FROM documents WHERE doc_id = '{earlier}'") == [(0,)]
    assert not any(earlier in pl.read_parquet(part)["doc_id"] for table in ("documents", "blocks", "metrics") for part in parts.list_parts(root, table))
    assert ask(root, f"SELECT count(*) FROM sources WHERE doc_id = '{earlier}'") == [(1,)]  # where and when it was read
    assert ask(root, "SELECT * FROM facts ORDER BY ALL") == facts
    assert run_directly(settings(root, articles)).read == 0
    (articles / "hai_lan.txt").write_bytes(ARTICLES["hai_lan.txt"].encode())
    assert run_directly(settings(root, articles)).read == 1  # what was dropped is judged anew when it comes back
    assert ask(root, f"SELECT superseded_by FROM documents WHERE doc_id = '{earlier}'") == [(None,)]


def test_a_kill_in_the_middle_of_a_vacuum_loses_nothing_that_counts(changed, articles, lexicon):
    root, earlier = changed
    facts = ask(root, "SELECT * FROM facts ORDER BY ALL")
    tables = [model.table_name() for model in history._ORDER]
    for table in tables:  # the power fails after each table, before the database is built anew
        waste = find_waste(root, with_texts=True)
        history._delete_rows(root, waste.filter(pl.col("table") == table))
        with publish.build(root, lexicon):
            pass
        assert ask(root, "SELECT * FROM facts ORDER BY ALL") == facts
        assert not parts.plan_batches([str(articles)], root, lexicon.rules_version).batches
    assert find_waste(root, with_texts=True).is_empty()
    assert ask(root, f"SELECT count(*) FROM blocks WHERE doc_id = '{earlier}'") == [(0,)]


def test_other_rules_judge_what_was_asked_for_and_nothing_twice(articles, tmp_path, judge_with, later, lexicon):
    root = tmp_path / "w"
    run_directly(settings(root, articles))
    judge_with(later)
    assert run_directly(settings(root, articles / "bei_feng.txt")).read == 1
    assert run_directly(settings(root, articles)).read == 1
    assert run_directly(settings(root, articles)).read == 0


def test_what_only_checks_read_does_not_change_the_rules_version(tmp_path, lexicon):
    extra = tmp_path / "lexicon"
    extra.mkdir()
    card = lexicon["quality_checks"].row(0, named=True)
    (extra / "quality_checks.toml").write_text(
        "[[quality_check]]\n" + "".join(f"{name} = {value!r}\n" for name, value in (card | {"limit": 0.5}).items() if value is not None), encoding="utf-8"
    )
    changed = read_lexicon(extra)
    assert changed["quality_checks"].filter(pl.col("check_name") == card["check_name"])["limit"].to_list() == [0.5]
    assert changed.rules_version == lexicon.rules_version
