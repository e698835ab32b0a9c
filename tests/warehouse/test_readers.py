import gzip
import json
import os
from datetime import datetime

import polars as pl
import pytest
import zstandard

from warehouse import parts, readers
from warehouse.decoding import Unreadable
from warehouse.parts import plan_batches
from warehouse.places import list_files
from warehouse.readers import _visible_text, find_sources, read_sources

TEXT = "海岚科技2024年营收52.6亿元，同比增长12%。\r\n净利润6.1亿元，毛利率31.4%。"
ROWS = [
    {"id": "a1", "text": "海岚科技2024年营收52.6亿元。", "title": "海岚年报", "url": "https://example.com/1", "date": "2025-03-20 08:15:00"},
    {"id": "a2", "text": "北峰电子上半年毛利率28.5%。", "title": None, "url": None, "date": "2024年8月9日"},
]


def read(path, **options):
    return read_sources(find_sources(str(path), 400_000, **options))


def test_bytes_are_decoded_and_line_ends_stay(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT.encode("gb18030"))
    row = read(path).inputs.row(0, named=True)
    assert row["raw_text"] == TEXT
    assert (row["encoding"], row["byte_count"], row["source_format"]) == ("gb18030", len(TEXT.encode("gb18030")), "txt")
    assert path.read_bytes().decode(row["encoding"]) == row["raw_text"]


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".zst", zstandard.compress)])
def test_compressed_files_are_read_and_named_by_their_own_bytes(tmp_path, suffix, pack):
    path = tmp_path / f"a.txt{suffix}"
    path.write_bytes(pack(TEXT.encode()))
    assert read(path).inputs["raw_text"][0] == TEXT


def test_a_page_gives_its_main_text_and_what_it_says_about_itself(tmp_path):
    page = """<html><head><meta charset="gb2312"><title>海岚科技年报 - 财经网</title><meta property="og:site_name" content="财经网"></head>
    <body><div class="nav"><a href="/">首页</a> <a href="/stock">股票</a></div><article><h1>海岚科技年报</h1>
    <p>海岚科技今日公布2024年业绩，全年营收52.6亿元，同比增长12%，净利润6.1亿元，同比增长9%。</p>
    <p>公司表示，海外业务收入占比提升至35%，新产品的销售情况好于预期，毛利率保持稳定。</p></article>
    <footer>版权所有 财经网</footer></body></html>"""
    path = tmp_path / "a.html"
    path.write_bytes(page.encode("gb18030"))
    row = read(path).inputs.row(0, named=True)
    assert "营收52.6亿元" in row["raw_text"]
    assert "首页" not in row["raw_text"]
    assert (row["title"], row["publisher"], row["encoding"]) == ("海岚科技年报", "财经网", "gb18030")


def test_a_page_without_a_main_text_gives_what_is_visible(tmp_path):
    path = tmp_path / "a.html"
    path.write_text("<html><head><script>var x=1</script></head><body><b>营收</b><i>52.6亿元</i></body></html>", encoding="utf-8")
    assert read(path).inputs["raw_text"][0].split() == ["营收", "52.6亿元"]


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<!-- saved --><html><body>营收52.6亿元</body></html><!-- end -->", "营收52.6亿元"),
        ("<!D`CTYPE html>\n<html><head><style>.a{c</style></head><p>营收52.6亿元</p><!-- 5 -->", "营收52.6亿元"),
        ("<script>var x</script>营收52.6亿元", "营收52.6亿元"),
        ("<?xml version='1.0'?><?php x ?><p>营收<!-- 旧 -->52.6亿元", "营收\n52.6亿元"),
    ],
)
def test_what_is_visible_of_a_broken_page(page, text):
    assert _visible_text(page) == text


def test_a_defect_of_a_reader_costs_its_file_only(tmp_path, monkeypatch):
    for name in ("a.html", "b.txt"):
        (tmp_path / name).write_text(TEXT, encoding="utf-8")
    monkeypatch.setattr(readers, "_read_html", lambda _: [][1])
    reading = read_sources([source for name in ("a.html", "b.txt") for source in find_sources(str(tmp_path / name), 1000)])
    assert reading.inputs.height == 1
    assert [(one.stage, one.check) for one in reading.rejected] == [("decode", "IndexError")]
    assert "defect of caibao" in reading.rejected[0].reason
    monkeypatch.setattr(parts, "find_sources", lambda *_: [][1])
    assert [one.check for one in plan_batches([str(tmp_path)], tmp_path / "w", "r1").rejected] == ["IndexError", "IndexError"]


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet", "jsonl.gz"])
def test_rows_of_table_files_are_documents(tmp_path, kind):
    path = tmp_path / f"rows.{kind}"
    frame = pl.DataFrame(ROWS)
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS).encode()
    writers = {"jsonl": path.write_bytes, "jsonl.gz": lambda content: path.write_bytes(gzip.compress(content))}
    if kind in writers:
        writers[kind](lines)
    else:
        getattr(frame, f"write_{kind}")(path)
    inputs = read(path).inputs
    assert inputs["raw_text"].to_list() == [row["text"] for row in ROWS]
    assert inputs["source_path"].to_list() == [f"{path}#a1", f"{path}#a2"]
    assert inputs["published_at"].to_list() == [datetime(2025, 3, 20, 8, 15), datetime(2024, 8, 9)]
    assert inputs["title"].to_list() == ["海岚年报", None]


def test_large_table_files_come_in_ranges_of_rows(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps({"text": f"第{number}家公司营收{number}亿元"}, ensure_ascii=False) for number in range(10)), encoding="utf-8")
    sources = find_sources(str(path), target_bytes=100)
    assert [source.rows for source in sources] == [(0, 4), (4, 8), (8, 10)]
    assert read_sources(sources).inputs["raw_text"].len() == 10


def test_a_broken_row_costs_only_itself(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "营收52.6亿元"}\n{"text": \n[1]\n{"text": "\\ud800"}\n{"text": null}\n{"text": "毛利率28.5%"}\n', encoding="utf-8")
    reading = read(path)
    assert reading.inputs["raw_text"].to_list() == ["营收52.6亿元", "毛利率28.5%"]
    assert [rejection.check for rejection in reading.rejected] == ["broken_row"] * 3 + ["empty_row"]


@pytest.mark.parametrize(
    ("name", "content", "check"),
    [
        ("a.jsonl", b'{"words": "x"}\n', "no_text_column"),
        ("a.csv", b"", "empty_file"),
        ("a.parquet", b"not parquet", "broken_table"),
        ("a.txt.gz", b"not gzip", "broken_archive"),
        ("a.txt.zst", b"not zstd", "broken_archive"),
        ("a.html", b"<html><body><script>render()</script></body></html>", "empty_file"),
        ("a.txt", b"\x00\x01\x02\x03" * 50, "binary_file"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path, name, content, check):
    path = tmp_path / name
    path.write_bytes(content)
    try:
        rejected = [rejection.check for rejection in read(path).rejected]
    except Unreadable as error:
        rejected = [error.check]
    assert rejected == [check]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission_says_so(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(TEXT, encoding="utf-8")
    path.chmod(0)
    with pytest.raises(Unreadable) as refusal:
        find_sources(str(path), 400_000)
    assert refusal.value.check == "permission"


def test_files_folders_and_globs_are_listed_once_and_in_order(tmp_path):
    for name in ("b.txt", "a.md", "deep/c.html", ".hidden.txt", "README.md", "picture.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    files, rejected, passed_over = list_files([str(tmp_path), f"{tmp_path}/*.txt", f"{tmp_path}/nothing.txt", f"{tmp_path}/*.pdf"])
    assert [os.path.basename(file) for file in files] == ["a.md", "b.txt", "c.html", ".hidden.txt"]
    assert passed_over == 3
    assert [rejection.check for rejection in rejected] == ["missing_path", "missing_path"]


def test_a_link_to_nowhere_and_a_name_in_another_encoding_say_so(tmp_path):
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    with pytest.raises(Unreadable) as refusal:
        find_sources(str(tmp_path / "gone.txt"), 400_000)
    assert refusal.value.check == "missing_path"
    (tmp_path / os.fsdecode("财报.txt".encode("gbk"))).write_text("x", encoding="utf-8")
    assert [rejection.check for rejection in list_files([str(tmp_path)])[1]] == ["file_name"]


def test_the_same_bytes_twice_are_one_document_in_two_places(tmp_path):
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(TEXT, encoding="utf-8")
    reading = read_sources([*find_sources(str(tmp_path / "a.txt"), 1000), *find_sources(str(tmp_path / "b.txt"), 1000)])
    assert reading.inputs.height == 1
    assert [place[0] for place in reading.places] == [str(tmp_path / "a.txt"), str(tmp_path / "b.txt")]


def test_a_stray_nul_stays_where_it_is(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(TEXT * 4 + "\x00" + TEXT * 4, encoding="utf-8", newline="")
    assert read(path).inputs["raw_text"][0] == TEXT * 4 + "\x00" + TEXT * 4
