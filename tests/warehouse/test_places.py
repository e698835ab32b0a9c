"""Archives, URLs and standard input; what is hostile is refused or read, and never costs more than itself."""

import functools
import http.server
import io
import json
import struct
import threading
import time
import zipfile

import fsspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from flows import cli
from flows.steps import Settings, run_directly
from warehouse import places
from warehouse.decoding import Unreadable, decode
from warehouse.parts import plan_batches
from warehouse.places import list_files, read_bytes, source_format
from warehouse.readers import find_sources, read_sources

TEXT = "海岚科技2024年营收52.6亿元，同比增长12%，净利润6.1亿元，公司表示新产品的销售情况好于预期。"


def read(place, **options):
    files, rejected, _ = list_files([str(place)])
    assert not rejected
    return read_sources(source for file in files for source in find_sources(file, 400_000, **options))


def write_zip(path, members, **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_an_archive_is_a_folder_of_articles(tmp_path):
    rows = '{"id": "r1", "text": "北峰电子上半年毛利率28.5%。"}\n'
    members = {"2025/a.txt": TEXT.encode("gb18030"), "b.jsonl": rows, "../../c.txt": TEXT + "完", "picture.png": b"x", "__MACOSX/._a.txt": b"x", "in.zip": b"PK"}
    path = write_zip(tmp_path / "news.zip", members)
    assert list_files([str(tmp_path)])[0] == [f"{path}/../../c.txt", f"{path}/2025/a.txt", f"{path}/b.jsonl"]
    reading = read(path)
    assert reading.inputs["source_path"].to_list() == [f"{path}/../../c.txt", f"{path}/2025/a.txt", f"{path}/b.jsonl#r1"]
    assert reading.inputs["raw_text"].to_list() == [TEXT + "完", TEXT, "北峰电子上半年毛利率28.5%。"]
    assert read(f"{path}/2025/a.txt").inputs["raw_text"].to_list() == [TEXT]


def test_a_member_without_a_name_costs_no_other(tmp_path):
    path = write_zip(tmp_path / "news.zip", {"?.txt": b"x", "a.txt": TEXT})
    packed = path.read_bytes()
    header = packed.index(b"PK\x01\x02")  # the directory's entry of the first member: its name's length becomes 0
    name = header + 46
    nameless = packed[: header + 28] + b"\0\0" + packed[header + 30 : name] + packed[name + len("?.txt") :]
    end = nameless.index(b"PK\x05\x06")
    size = struct.pack("<I", struct.unpack_from("<I", nameless, end + 12)[0] - len("?.txt"))
    path.write_bytes(nameless[: end + 12] + size + nameless[end + 16 :])
    with zipfile.ZipFile(path) as archive:
        assert [member.filename for member in archive.infolist()] == ["", "a.txt"]
    assert list_files([str(path)])[0] == [f"{path}/a.txt"]
    assert read(path).inputs["raw_text"].to_list() == [TEXT]


def test_archives_that_are_bombs_damaged_or_locked_say_so(tmp_path, monkeypatch):
    bomb = write_zip(tmp_path / "bomb.zip", {"a.txt": b"0" * 5_000_000})
    with pytest.raises(Unreadable, match="times its size"):
        read_bytes(f"{bomb}/a.txt")
    liar = bytearray(bomb.read_bytes())
    at = liar.rindex(b"PK\x01\x02") + 24
    liar[at : at + 4] = struct.pack("<I", 100)  # claims to unpack to 100 bytes
    (tmp_path / "liar.zip").write_bytes(liar)
    with pytest.raises(Unreadable) as refusal:
        read_bytes(f"{tmp_path / 'liar.zip'}/a.txt")
    assert refusal.value.check == "broken_archive"
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 nothing")
    monkeypatch.setattr(places, "_MOST_MEMBERS", 2)
    write_zip(tmp_path / "many.zip", {f"{number}.txt": TEXT for number in range(3)})
    _, rejected, _ = list_files([str(tmp_path / "broken.zip"), str(tmp_path / "many.zip")])
    assert [rejection.check for rejection in rejected] == ["broken_archive", "too_large"]
    with pytest.raises(Unreadable) as refusal:
        read_bytes(f"{bomb}/gone.txt")
    assert refusal.value.check == "missing_path"


def test_urls_are_read_through_fsspec(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    assert read(f"file://{tmp_path}/a.txt").inputs["raw_text"].to_list() == [TEXT]
    with fsspec.open("memory://news/deep/b.txt", "wb") as file:
        file.write(TEXT.encode())
    with fsspec.open("memory://news/c.png", "wb") as file:
        file.write(b"x")
    for place in ("memory://news", "memory://news/deep/*.txt"):
        assert read(place).inputs["source_path"].to_list() == ["memory:///news/deep/b.txt"]
    assert list_files(["nowhere://a.txt"])[1][0].check == "missing_library"
    files, _, _ = list_files(["memory://news/gone.txt"])
    with pytest.raises(Unreadable) as refusal:
        find_sources(files[0], 1)
    assert refusal.value.check == "missing_path"


def test_web_pages_are_read(tmp_path, monkeypatch):
    (tmp_path / "a.html").write_text(f"<html><body><p>{TEXT}</p></body></html>", encoding="utf-8")
    (tmp_path / "article").write_text(f"<html><body><p>{TEXT}再版</p></body></html>", encoding="utf-8")
    monkeypatch.setattr(http.server.SimpleHTTPRequestHandler, "log_message", lambda *_: None)
    serve = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        for page, text in (("a.html", TEXT), ("article?id=3", TEXT + "再版")):
            assert read(f"{address}/{page}").inputs.select("source_path", "raw_text").rows() == [(f"{address}/{page}", text)]
        with pytest.raises(Unreadable) as refusal:
            read_bytes(f"{address}/gone.html")
        assert refusal.value.check == "missing_path"
        server.shutdown()
    with pytest.raises(Unreadable, match="does not answer"):
        read_bytes(f"{address}/a.html")


@pytest.mark.parametrize(
    ("path", "kind"),
    [("https://example.com/a", "html"), ("https://example.com/a.shtml?x=1.txt", "html"), ("https://example.com/x.jsonl.gz?y", "jsonl"), ("s3://b/a.csv", "csv"), ("news.zip/a.md", "md"), ("a.PDF", None)],
)
def test_the_name_tells_the_format(path, kind):
    assert source_format(path) == kind


@pytest.mark.parametrize(("content", "suffix"), [(TEXT.encode(), "txt"), (f"<!DOCTYPE html><p>{TEXT}</p>".encode(), "html"), (json.dumps({"text": TEXT}).encode(), "jsonl")])
def test_standard_input_is_kept_and_judged(tmp_path, monkeypatch, content, suffix):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert run_directly(Settings(("-",), tmp_path / "w")).read == 1
    assert [path.suffix for path in (tmp_path / "w" / "stdin").iterdir()] == [f".{suffix}"]


def test_clean_reads_standard_input():
    result = CliRunner().invoke(cli.app, ["clean", "-"], input=TEXT)
    assert result.output.strip() == TEXT.replace("，", ",")


@pytest.mark.parametrize(("written", "read_as"), [("utf-8", "cp1252"), ("utf-8", "latin-1"), ("gb18030", "latin-1"), ("utf-8", "gb18030"), ("big5hkscs", "gb18030")])
def test_mojibake_is_refused_with_the_way_back(written, read_as):
    text = TEXT if written != "big5hkscs" else "海嵐科技2024年營收52.6億元，公司表示新產品的銷售情況優於預期，股東應佔溢利亦有所上升。"
    damaged = text.encode(written).decode(read_as, errors="replace" if read_as != "latin-1" else "strict")
    with pytest.raises(Unreadable, match="once read as") as refusal:
        decode(damaged.encode())
    assert refusal.value.check == "mojibake"
    assert decode(text.encode())[0] == text


@pytest.mark.parametrize("text", ["café à la crème, très élégant, übermäßig größer, señor, naïve façade", "売上高は前年同期に比べて増加し、営業利益も拡大しました。", "Выручка компании выросла на двенадцать процентов", "锟斤拷是怎么来的？这是一个老问题，和编码的转换有关，下面说一说它的由来。"])
def test_what_is_sound_in_another_language_is_no_mojibake(text):
    assert decode(text.encode())[0] == text


def test_characters_lost_for_good_are_no_text():
    with pytest.raises(Unreadable, match="lost"):
        decode(("营收\ufffd\ufffd52.6" * 20).encode())


@pytest.mark.parametrize("declared", ["gb2312", "big5", "iso-8859-1", "utf-16", "shift_jis", "nonsense"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_page_that_declares_another_charset_is_read_all_the_same(tmp_path, declared, encoding):
    path = tmp_path / "a.html"
    path.write_bytes(f'<html><head><meta charset="{declared}"></head><body><p>{TEXT}</p></body></html>'.encode(encoding))
    assert read(path).inputs.select("raw_text", "encoding").rows() == [(TEXT, encoding)]


@pytest.mark.parametrize(
    "content",
    [b"\xed\xa0\x80" + TEXT.encode(), TEXT.encode() * 4 + b"\x00", ("\x01" + TEXT * 9).encode(), ("\u202e" + TEXT).encode(), b"\n" * 1_000_000 + TEXT.encode(), b"\xff\xfe\x00\xd8" + TEXT.encode("utf-16-le")],
    ids=["lone surrogate", "NUL", "U+0001", "right to left", "a million empty lines", "half a pair in UTF-16"],
)  # fmt: skip
def test_odd_bytes_are_read(content):
    text, _ = decode(content)
    assert "营收52.6亿元" in text
    text.encode()


def test_what_is_no_article_by_its_size_is_refused(tmp_path):
    path = tmp_path / "line.txt"
    path.write_bytes(TEXT.encode() * (50_000_000 // len(TEXT.encode())))
    with pytest.raises(Unreadable, match="more than 6 MB") as refusal:
        find_sources(str(path), 400_000)
    assert refusal.value.check == "too_large"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.sampled_from(["txt", "html", "jsonl", "csv", "parquet", "txt.gz", "csv.zst", "zip"]), st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_any_bytes_in_any_format_give_texts_or_a_reason(tmp_path, suffix, content):
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(content)
    files, rejected, _ = list_files([str(path)])
    for file in files:
        try:
            reading = read_sources(find_sources(file, 100))
        except Unreadable as error:
            rejected.append(error)
            continue
        assert all(text.encode() for text in reading.inputs["raw_text"])
        assert reading.inputs.height or reading.rejected or suffix in ("jsonl", "csv", "parquet", "csv.zst")
    assert files or rejected or suffix == "zip"


@pytest.mark.parametrize("depth", [100, 100_000])
def test_deep_nesting_ends_in_text_or_a_reason(tmp_path, depth):
    path = tmp_path / "a.html"
    path.write_text("<html><body>" + "<div>" * depth + f"<p>{TEXT}</p>" + "</div>" * depth, encoding="utf-8")
    reading = read(path)
    assert reading.inputs["raw_text"].to_list() == [TEXT] or [rejection.check for rejection in reading.rejected] == ["empty_file"]


def test_the_text_column_is_named_and_the_others_are_mapped(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("uid,headline,link,pub_time,story,text\nn1,海岚年报,https://example.com/1,2025-03-20 08:15,北峰电子上半年毛利率28.5%。,摘要\n", encoding="utf-8")
    row = read(path, text_column="story").inputs.row(0, named=True)
    assert (row["source_path"], row["title"], row["url"], row["published_at"].isoformat()) == (f"{path}#n1", "海岚年报", "https://example.com/1", "2025-03-20T08:15:00")
    assert row["raw_text"] == "北峰电子上半年毛利率28.5%。"


def test_planning_thousands_of_files_takes_a_moment(tmp_path):
    (tmp_path / "in").mkdir()
    for number in range(5_000):
        (tmp_path / "in" / f"{number}.txt").write_bytes(f"第{number}家公司".encode())
    started = time.process_time()
    plan = plan_batches([str(tmp_path / "in")], tmp_path, "r1")
    assert sum(len(batch.sources) for batch in plan.batches) == 5_000
    assert time.process_time() - started < 5


def test_a_path_too_long_to_look_up_costs_no_other(tmp_path):
    (tmp_path / "a.txt").write_text("营收12亿元。", encoding="utf-8")
    files, rejected, _ = list_files([str(tmp_path / ("长" * 200 + ".txt")), str(tmp_path / "a.txt")])
    assert files == [str(tmp_path / "a.txt")]
    assert [(rejection.check, "looked up" in rejection.reason) for rejection in rejected] == [("missing_path", True)]


def test_a_folder_that_may_not_be_listed_is_named(tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed" / "b.txt").write_text("净利3亿元。", encoding="utf-8")
    (tmp_path / "a.txt").write_text("营收12亿元。", encoding="utf-8")
    scandir = places.os.scandir

    def refuse(path):
        if "closed" in str(path):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(places.os, "scandir", refuse)
    files, rejected, _ = list_files([str(tmp_path)])
    assert files == [str(tmp_path / "a.txt")]
    assert [(rejection.source_path, rejection.check) for rejection in rejected] == [(str(tmp_path / "closed"), "permission")]
    assert "chmod" in rejected[0].reason
