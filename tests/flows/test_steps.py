"""The whole run without Prefect: what is published, what a second run adds, what a kill leaves."""

import json
import shutil
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import schemas
from flows import steps
from flows.steps import RejectedError, Settings, run_directly
from warehouse import parts, publish

# what tells one run from another: everything else has to be equal
TIMES = {"seen_at", "rejected_at"}
CONTENT = [model for model in schemas.TABLES if model.table_name() not in ("runs", "checks", "batches")]


def settings(root: Path, *places: Path, **more) -> Settings:
    return Settings(tuple(map(str, places)), root, **more)


def read_tables(root: Path) -> dict[str, pl.DataFrame]:
    with publish.connect(root) as con:
        return {
            model.table_name(): con.sql(f'FROM "{model.table_name()}" ORDER BY ALL').pl().drop(TIMES, strict=False)
            for model in CONTENT
        }  # fmt: skip


def assert_same_tables(left: dict[str, pl.DataFrame], right: dict[str, pl.DataFrame]) -> None:
    for name, frame in left.items():
        assert_frame_equal(frame, right[name])


@pytest.fixture
def small_batches(monkeypatch):
    """Every document a batch of its own."""
    monkeypatch.setattr(steps, "plan_batches", lambda *args: parts.plan_batches(*args, target_bytes=1))


def test_a_run_publishes_every_table_with_comments(articles, tmp_path):
    summary = run_directly(settings(tmp_path / "w", articles))
    assert (summary.state, summary.read) == ("Completed", 2)
    with publish.connect(tmp_path / "w") as con:
        assert con.execute("SELECT count(*) FROM documents").fetchone() == (2,)
        uncommented = con.execute("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND comment IS NULL").fetchall()
        assert uncommented == []
        assert con.execute("SELECT count(*) FROM duckdb_tables() WHERE NOT internal AND comment IS NULL").fetchone() == (0,)
        assert con.execute("SELECT count(*) FROM duckdb_views() WHERE NOT internal AND comment IS NULL").fetchone() == (0,)
        assert con.execute("SELECT count(*) FROM runs").fetchone() == (1,)
        assert con.execute("SELECT count(*) > 5 FROM checks").fetchone() == (True,)
        assert con.execute("SELECT raw_text FROM documents WHERE ends_with(source_path, 'bei_feng.txt')").fetchone()[0].count("\r\n") == 2


def test_the_file_opens_in_older_clients(articles, tmp_path):
    run_directly(settings(tmp_path / "w", articles))
    # bytes 8-11 are DUCK, then the storage version as a little-endian number: 64 is that of 1.0
    header = (tmp_path / "w" / "caibao.duckdb").read_bytes()[8:20]
    assert header[:4] == b"DUCK"
    assert int.from_bytes(header[4:12], "little") == 64


def test_running_twice_adds_nothing(articles, tmp_path):
    root = tmp_path / "w"
    run_directly(settings(root, articles))
    before = read_tables(root)
    again = run_directly(settings(root, articles))
    assert (again.read, again.skipped) == (0, 2)
    assert_same_tables(before, read_tables(root))


def test_a_run_without_news_builds_nothing_and_says_the_same(articles, tmp_path, monkeypatch):
    root = tmp_path / "w"
    (articles / "empty.txt").write_bytes(b"")
    first = run_directly(settings(root, articles))
    with monkeypatch.context() as patch:
        patch.setattr(publish, "build", die)
        again = run_directly(settings(root, articles))
        assert (again.state, again.skipped, again.totals) == (first.state, 3, first.totals)
        assert_frame_equal(first.frames["checks"], again.frames["checks"])
        with publish.connect(root) as con:
            assert con.execute("SELECT count(*), count(DISTINCT run_id) FROM runs").fetchone() == (2, 2)
            assert con.execute("SELECT count(DISTINCT run_id) FROM checks").fetchone() == (2,)
        patch.setattr(publish, "code_version", lambda: "another")
        with pytest.raises(Killed):
            run_directly(settings(root, articles))
    # a batch that was committed and not published is news
    (articles / "third.txt").write_text("南屿汽车2024年交付汽车12万辆。", encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(publish, "build", die)
        with pytest.raises(Killed):
            run_directly(settings(root, articles))
    assert run_directly(settings(root, articles)).totals["documents"] == 3


class Killed(BaseException):
    """Stands for a SIGKILL: nothing catches it."""


def die(*_):
    raise Killed


def test_a_kill_at_any_write_gives_the_same_tables_after_the_next_run(articles, tmp_path, small_batches, monkeypatch):
    undisturbed = tmp_path / "undisturbed"
    run_directly(settings(undisturbed, articles))
    expected = read_tables(undisturbed)
    write = parts._write_then_rename
    for moment in range(0, 100, 2):  # every other write: the ones between differ in the table only
        root = tmp_path / f"killed_{moment}"
        calls = iter(range(1000))

        def write_or_die(path, content, moment=moment, calls=calls):
            if next(calls) == moment:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.with_name(path.name + ".tmp").write_bytes(b"half a file")
                raise Killed
            write(path, content)

        monkeypatch.setattr(parts, "_write_then_rename", write_or_die)
        try:
            run_directly(settings(root, articles))
        except Killed:
            monkeypatch.setattr(parts, "_write_then_rename", write)
            run_directly(settings(root, articles))
            assert_same_tables(expected, read_tables(root))
            assert not list(root.rglob("*.tmp"))
        else:
            assert moment > 5  # there is no such moment any more: every one before it was tried
            return
        shutil.rmtree(root)
    pytest.fail("a run of two articles does not write a hundred files")


def test_a_kill_while_publishing_leaves_the_published_file(articles, tmp_path, monkeypatch):
    root = tmp_path / "w"
    run_directly(settings(root, articles))
    before = read_tables(root)
    (articles / "third.txt").write_text("南屿汽车2024年交付汽车12万辆。", encoding="utf-8")
    monkeypatch.setattr(steps, "evaluate_checks", die)
    with pytest.raises(Killed):
        run_directly(settings(root, articles))
    monkeypatch.undo()
    assert_same_tables(before, read_tables(root))
    assert run_directly(settings(root, articles)).totals["documents"] == 3
    assert not list(root.rglob("*.tmp*"))


def test_readers_are_not_blocked_and_keep_what_they_see(articles, tmp_path):
    root = tmp_path / "w"
    run_directly(settings(root, articles))
    with duckdb.connect(str(root / "caibao.duckdb"), read_only=True) as reader:
        (articles / "third.txt").write_text("南屿汽车2024年交付汽车12万辆。", encoding="utf-8")
        run_directly(settings(root, articles))
        assert reader.execute("SELECT count(*) FROM documents").fetchone() == (2,)
    with publish.connect(root) as con:
        assert con.execute("SELECT count(*) FROM documents").fetchone() == (3,)


def test_bad_input_costs_only_itself(articles, tmp_path):
    (articles / "empty.txt").write_bytes(b"")
    (articles / "picture.txt").write_bytes(bytes(range(256)) * 4)
    (articles / "japanese.txt").write_bytes("売上高は前年同期に比べて増加し、営業利益も拡大しました。".encode("shift_jis"))
    (articles / "chat.txt").write_text("今天天气不错，我们聊聊读书。", encoding="utf-8")
    root = tmp_path / "w"
    summary = run_directly(settings(root, articles, tmp_path / "nowhere"))
    assert (summary.state, summary.read, summary.refused) == ("Quarantined", 3, 4)
    with publish.connect(root) as con:
        refused = dict(con.execute('SELECT parse_filename(source_path), "check" FROM rejected_documents').fetchall())
    assert refused == {"empty.txt": "empty_file", "picture.txt": "binary_file", "japanese.txt": "unknown_encoding", "nowhere": "missing_path"}
    before = read_tables(root)
    assert run_directly(settings(root, articles, tmp_path / "nowhere")).refused == 4
    assert_same_tables(before, read_tables(root))


def test_a_refused_file_that_was_mended_leaves_the_list(articles, tmp_path):
    (articles / "late.txt").write_bytes(b"")
    root = tmp_path / "w"
    run_directly(settings(root, articles))
    (articles / "late.txt").write_text("南屿汽车2024年交付汽车12万辆。", encoding="utf-8")
    assert run_directly(settings(root, articles)).refused == 0
    with publish.connect(root) as con:
        assert con.execute("SELECT count(*) FROM rejected_documents").fetchone() == (0,)


def test_too_many_refusals_publish_nothing(articles, tmp_path):
    root = tmp_path / "w"
    run_directly(settings(root, articles))
    before = read_tables(root)
    for number in range(10):
        (articles / f"bad_{number}.txt").write_bytes(bytes([0, number + 1]) * 100)
    for _ in range(2):  # a second try does not slip through
        with pytest.raises(RejectedError, match=r"10 of 12 inputs were refused.*--max-rejected"):
            run_directly(settings(root, articles))
    assert_same_tables(before, read_tables(root))
    assert run_directly(settings(root, articles, max_rejected=1.0)).refused == 10


def test_a_changed_file_supersedes_its_earlier_text(articles, tmp_path):
    root = tmp_path / "w"
    run_directly(settings(root, articles))
    (articles / "hai_lan.txt").write_text("海岚科技2024年营收更正为52.9亿元。", encoding="utf-8")
    run_directly(settings(root, articles))
    with publish.connect(root) as con:
        old, new = con.execute("SELECT superseded_by, doc_id FROM documents WHERE ends_with(source_path, 'hai_lan.txt') ORDER BY superseded_by NULLS LAST").fetchall()
        assert old[0] == new[1]
        assert new[0] is None
        assert con.execute("SELECT count(*) FROM facts WHERE doc_id = ?", [old[1]]).fetchone() == (0,)


def test_a_copy_of_a_changed_file_keeps_the_text_current(articles, tmp_path):
    root = tmp_path / "w"
    shutil.copy(articles / "hai_lan.txt", articles / "copy.txt")
    run_directly(settings(root, articles))
    (articles / "hai_lan.txt").write_text("海岚科技2024年营收更正为52.9亿元。", encoding="utf-8")
    run_directly(settings(root, articles))
    with publish.connect(root) as con:
        assert con.execute("SELECT count(*) FROM documents WHERE superseded_by IS NOT NULL").fetchone() == (0,)


def test_reposts_point_to_the_earliest(articles, tmp_path):
    text = "海嵐科技2024年營收52.6億元，同比增長12%。"
    (articles / "hant.txt").write_text(text, encoding="utf-8")
    (articles / "hans.txt").write_text("海岚科技2024年营收52.6亿元，同比增长12%。\n", encoding="utf-8")
    run_directly(settings(tmp_path / "w", articles))
    with publish.connect(tmp_path / "w") as con:
        copies = con.execute("SELECT d.doc_id, d.duplicate_of FROM documents AS d WHERE duplicate_of IS NOT NULL").fetchall()
        assert len(copies) == 1
        assert con.execute("SELECT count(*) FROM facts WHERE doc_id = ?", [copies[0][0]]).fetchone() == (0,)


def test_a_defect_of_a_stage_costs_the_text_that_shows_it(articles, tmp_path, monkeypatch):
    process = steps.process

    def process_or_fail(inputs, lexicon, batch_id):
        if inputs["raw_text"].str.contains("北峰").any():
            raise KeyError("unit")
        return process(inputs, lexicon, batch_id)

    monkeypatch.setattr(steps, "process", process_or_fail)
    shutil.copy(articles / "bei_feng.txt", articles / "copy.txt")
    summary = run_directly(settings(tmp_path / "w", articles))
    assert (summary.read, summary.refused) == (1, 2)
    refusal = summary.frames["refused"].row(0, named=True)
    assert (refusal["stage"], refusal["check"]) == ("process", "KeyError")
    assert "defect of caibao" in refusal["reason"]
    with publish.connect(tmp_path / "w") as con:
        assert con.execute("SELECT DISTINCT length(bytes_hash) FROM rejected_documents").fetchall() == [(64,)]
        assert con.execute("SELECT count(*) FROM sources WHERE doc_id IS NULL").fetchone() == (2,)


def test_batches_on_processes_give_the_same_tables(articles, tmp_path, small_batches):
    run_directly(settings(tmp_path / "one", articles))
    run_directly(settings(tmp_path / "two", articles, workers=2))
    assert_same_tables(read_tables(tmp_path / "one"), read_tables(tmp_path / "two"))


def test_rows_of_a_table_file_in_several_batches(tmp_path, small_batches):
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps({"id": f"r{number}", "text": f"第{number}家公司2024年营收{number}亿元。"}, ensure_ascii=False) + "\n" for number in range(1, 5)), encoding="utf-8")
    summary = run_directly(settings(tmp_path / "w", rows))
    assert summary.read == 4
    again = run_directly(settings(tmp_path / "w", rows))
    assert (again.read, again.skipped) == (0, 4)
