import multiprocessing

import polars as pl
import pyarrow.parquet as pq
import pytest

from schemas.blocks import Blocks
from schemas.runs import Sources
from warehouse.parts import WarehouseError, committed, list_parts, plan_batches, read_parts, sweep, write_parts, writing


def blocks(doc_id: str) -> pl.DataFrame:
    rows = [{"doc_id": doc_id, "block_no": number, "start_char": number, "end_char": number + 1, "text": "x", "kind": "body", "is_kept": True} for number in (1, 0)]
    return Blocks.frame(rows)


def test_a_part_without_its_marker_does_not_exist(tmp_path):
    write_parts(tmp_path, "one", {"blocks": blocks("0" * 16)})
    write_parts(tmp_path, "two", {"blocks": blocks("1" * 16)})
    (tmp_path / "commits" / "two.json").unlink()
    assert committed(tmp_path) == ["one"]
    assert [part.stem for part in list_parts(tmp_path, "blocks")] == ["one"]
    assert read_parts(tmp_path, Blocks)["doc_id"].unique().to_list() == ["0" * 16]


def test_parts_are_sorted_by_key_and_describe_themselves(tmp_path):
    write_parts(tmp_path, "one", {"blocks": blocks("0" * 16)})
    table = pq.read_table(list_parts(tmp_path, "blocks")[0])
    assert table["block_no"].to_pylist() == [0, 1]
    assert table.schema.metadata[b"table"] == b"blocks"
    assert all(field.metadata[b"description"] for field in table.schema)


def test_parts_of_another_shape_are_left_out(tmp_path):
    write_parts(tmp_path, "one", {"blocks": blocks("0" * 16)})
    marker = tmp_path / "commits" / "one.json"
    marker.write_text(marker.read_text(encoding="utf-8").replace('"shape": "', '"shape": "older'), encoding="utf-8")
    assert committed(tmp_path) == []


def test_leftovers_are_swept_and_finished_files_stay(tmp_path):
    write_parts(tmp_path, "one", {"blocks": blocks("0" * 16)})
    (tmp_path / "parts" / "blocks" / "two.parquet.tmp").write_bytes(b"half")
    (tmp_path / "caibao.duckdb.tmp").write_bytes(b"half")
    write_parts(tmp_path, "run-1", {"blocks": blocks("0" * 16)})
    write_parts(tmp_path, "run-2", {"blocks": blocks("1" * 16)})
    (tmp_path / "commits" / "run-2.json").unlink()
    assert sweep(tmp_path) == 3
    assert not list(tmp_path.rglob("*.tmp"))
    assert committed(tmp_path) == ["one", "run-1"]
    assert [part.stem for part in sorted((tmp_path / "parts" / "blocks").iterdir())] == ["one", "run-1"]


def write_texts(folder, count):
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:02}.txt").write_text(f"第{number}家公司营收{number}亿元" * 5, encoding="utf-8")


def test_batches_are_the_same_whatever_is_left_to_do(tmp_path):
    write_texts(tmp_path / "in", 20)
    plan = plan_batches([str(tmp_path / "in")], tmp_path, "r1", target_bytes=500)
    assert len(plan.batches) > 3
    done = plan.batches[1]
    rows = [
        {"source_path": source.path, "bytes_hash": source.bytes_hash, "doc_id": source.bytes_hash[:16], "rules_version": "r1", "batch_id": done.batch_id, "seen_at": pl.datetime(2025, 1, 1)}
        for source in done.sources
    ]  # fmt: skip
    sources = pl.DataFrame([{**row, "seen_at": None} for row in rows], schema=Sources.polars_schema()).with_columns(seen_at=pl.datetime(2025, 1, 1))
    write_parts(tmp_path, done.batch_id, {"sources": sources})
    again = plan_batches([str(tmp_path / "in")], tmp_path, "r1", target_bytes=500)
    assert again.skipped == len(done.sources)
    assert [batch.batch_id for batch in again.batches] == [batch.batch_id for batch in plan.batches if batch is not done]
    other_rules = plan_batches([str(tmp_path / "in")], tmp_path, "r2", target_bytes=500)
    assert other_rules.skipped == 0
    assert not {batch.batch_id for batch in other_rules.batches} & {batch.batch_id for batch in plan.batches}


def test_equal_files_are_judged_once(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "in" / name).write_text("营收52.6亿元", encoding="utf-8")
    plan = plan_batches([str(tmp_path / "in")], tmp_path, "r1")
    assert [source.copies for batch in plan.batches for source in batch.sources] == [(str(tmp_path / "in" / "b.txt"),)]


def hold(root, ready, done):
    with writing(root):
        ready.set()
        done.wait(30)


def test_a_second_writer_is_told_who_writes(tmp_path):
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    other = context.Process(target=hold, args=(tmp_path, ready, done))
    other.start()
    assert ready.wait(60)
    with pytest.raises(WarehouseError, match=f"process {other.pid}, since 20"), writing(tmp_path):
        pass
    other.kill()  # the lock of a dead writer is free
    other.join()
    with writing(tmp_path):
        pass


def test_a_folder_that_may_not_be_written_says_so(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises((WarehouseError, FileExistsError, NotADirectoryError)), writing(tmp_path / "file"):
        pass
