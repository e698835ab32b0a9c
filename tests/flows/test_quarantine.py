"""What was refused is listed, judged again after a fix, and comes back."""

import json

import pytest
from typer.testing import CliRunner

from flows import cli, steps
from flows.quarantine import count_quarantine, replay
from flows.steps import RejectedError, Settings, run_directly
from transforms.pipeline import process
from warehouse import publish
from warehouse.quarantine import read_quarantine
from warehouse.readers import read_sources

NOTHING_READ = bytes(range(256)) * 4


def settings(root, *places, **more):
    return Settings(tuple(map(str, places)), root, **more)


def ask(root, query):
    with publish.connect(root) as con:
        return con.execute(query).fetchall()


def test_a_refusal_tells_source_hash_stage_check_reason_and_rules(articles, tmp_path, lexicon):
    (articles / "picture.txt").write_bytes(NOTHING_READ)
    assert run_directly(settings(tmp_path / "w", articles)).state == "Quarantined"
    refusal = read_quarantine(tmp_path / "w").row(0, named=True)
    assert (refusal["source_path"], refusal["stage"], refusal["check"]) == (str(articles / "picture.txt"), "decode", "binary_file")
    assert len(refusal["bytes_hash"]) == 64
    assert refusal["rules_version"] == lexicon.rules_version
    assert "Convert it to text" in refusal["reason"]


def test_a_mended_file_comes_back_and_a_broken_one_stays(articles, tmp_path):
    (articles / "picture.txt").write_bytes(NOTHING_READ)
    (articles / "late.txt").write_bytes(b"")
    root = tmp_path / "w"
    run_directly(settings(root, articles))
    (articles / "late.txt").write_text("南屿汽车2024年交付汽车12万辆。", encoding="utf-8")
    summary, outcome = replay(settings(root, max_rejected=1.0), None)
    assert summary.read == 1
    assert outcome.select("check", "came_back", "still_refused").rows() == [("binary_file", 0, 1), ("empty_file", 1, 0)]
    assert ask(root, "SELECT parse_filename(source_path) FROM rejected_documents") == [("picture.txt",)]
    again = run_directly(settings(root, articles))
    assert (again.read, again.skipped) == (0, 4)


def test_only_the_named_check_is_judged_again(articles, tmp_path):
    for name, content in (("picture.txt", NOTHING_READ), ("late.txt", b"")):
        (articles / name).write_bytes(content)
    run_directly(settings(tmp_path / "w", articles))
    for name in ("picture.txt", "late.txt"):
        (articles / name).write_text(f"南屿汽车2024年交付汽车12万辆。{name}", encoding="utf-8")
    _, outcome = replay(settings(tmp_path / "w"), "empty_file")
    assert outcome.select("check", "came_back").rows() == [("empty_file", 1)]
    assert count_quarantine(read_quarantine(tmp_path / "w")).select("check", "refused").rows() == [("binary_file", 1)]


def test_a_text_that_a_stage_failed_on_comes_back_after_the_fix(articles, tmp_path, monkeypatch):
    def fail_on_one(inputs, lexicon, batch_id):
        if inputs["raw_text"].str.contains("北峰").any():
            raise KeyError("unit")
        return process(inputs, lexicon, batch_id)

    monkeypatch.setattr(steps, "process", fail_on_one)
    run_directly(settings(tmp_path / "w", articles))
    monkeypatch.undo()
    _, outcome = replay(settings(tmp_path / "w"), "KeyError")
    assert outcome.select("came_back", "still_refused").row(0) == (1, 0)
    assert ask(tmp_path / "w", "SELECT count(*) FROM documents") == [(2,)]


def test_rejected_rows_are_judged_again_with_their_document(articles, tmp_path, monkeypatch):
    def break_a_row(inputs, lexicon, batch_id):
        tables = process(inputs, lexicon, batch_id)
        row = tables["metrics"].row(0, named=True)
        rejected = tables["rejected_rows"].clear(1).with_columns(
            doc_id=steps.pl.lit(row["doc_id"]), table=steps.pl.lit("metrics"), stage=steps.pl.lit("process"), check=steps.pl.lit("unit: isin"),
            reason=steps.pl.lit("unit is x"), row=steps.pl.lit(json.dumps(row, default=str)), rules_version=steps.pl.lit(lexicon.rules_version),
        )  # fmt: skip
        return tables | {"metrics": tables["metrics"][1:], "rejected_rows": rejected}

    root = tmp_path / "w"
    monkeypatch.setattr(steps, "process", break_a_row)
    assert run_directly(settings(root, articles / "hai_lan.txt")).state == "Quarantined"
    monkeypatch.undo()
    assert read_quarantine(root).select("table", "check").rows() == [("metrics", "unit: isin")]
    found = ask(root, "SELECT count(*) FROM metrics")[0][0]
    _, outcome = replay(settings(root), None)
    assert outcome.select("came_back", "still_refused").row(0) == (1, 0)
    assert ask(root, "SELECT count(*) FROM metrics") == [(found + 1,)]
    assert ask(root, "SELECT count(*) FROM rejected_rows") == [(0,)]


def test_of_a_table_file_only_the_refused_rows_are_judged_again(tmp_path, monkeypatch):
    rows = tmp_path / "rows.jsonl"
    texts = {f"r{number}": f"第{number}家公司2024年营收{number}亿元。" for number in range(1, 6)}
    write = lambda: rows.write_text("".join(json.dumps({"id": name, "text": text}, ensure_ascii=False) + "\n" for name, text in texts.items()), encoding="utf-8")  # noqa: E731
    texts["r3"] = ""
    write()
    run_directly(settings(tmp_path / "w", rows))
    texts["r3"] = "第3家公司2024年营收3亿元。"
    write()
    read = []
    monkeypatch.setattr(steps, "read_sources", lambda sources: read.extend(sources) or read_sources(sources))
    _, outcome = replay(settings(tmp_path / "w"), None)
    assert [source.rows for source in read] == [(2, 3)]
    assert outcome["came_back"].to_list() == [1]


def test_every_stage_has_its_limit(articles, tmp_path):
    for number in range(10):
        (articles / f"bad_{number}.txt").write_bytes(bytes([0, number + 1]) * 100)
    with pytest.raises(RejectedError, match=r"10 of 12 inputs were refused by the stage decode.*--max-rejected decode=1"):
        run_directly(settings(tmp_path / "w", articles, max_rejected={"read": 1.0}))
    assert count_quarantine(read_quarantine(tmp_path / "w"))["refused"].to_list() == [10]  # listed, though nothing was published
    assert run_directly(settings(tmp_path / "w", articles, max_rejected={"decode": 1.0})).refused == 10


def test_the_commands_list_show_and_replay(articles, tmp_path):
    (articles / "late.txt").write_bytes(b"")
    root = str(tmp_path / "w")
    invoke = lambda *words: CliRunner().invoke(cli.app, [*words, "-w", root])  # noqa: E731
    assert "1 refused" in invoke("run", str(articles), "--direct", "--max-rejected", "read=0.5,decode=1").output
    assert "empty_file" in invoke("quarantine", "list").output
    assert "holds no text" in invoke("quarantine", "show", "late.txt").output
    (articles / "late.txt").write_text("南屿汽车2024年交付汽车12万辆。", encoding="utf-8")
    assert "came_back" in invoke("quarantine", "replay").output
    assert "Nothing stands refused" in invoke("quarantine", "replay").output
    assert invoke("run", str(articles), "--direct", "--max-rejected", "parse=1").exit_code == 2
