"""Texts that nobody writes and somebody sends: each ends in tables that keep their promises, soon, and costs nothing else."""

import time

import pytest

from flows.steps import Settings, judge_inputs, run_directly
from tests.test_invariants import check_tables
from warehouse import publish, readers
from warehouse.readers import find_sources, read_sources

TEXT = "海岚科技2024年营收52.6亿元，同比增长12%，净利润6.1亿元，公司表示新产品的销售情况好于预期。"
HOSTILE = {
    "a million empty lines": "\n" * 1_000_000 + TEXT,
    "one line of 50,000 characters": TEXT * 1_000,
    "a number of 200,000 digits": f"营收{'9' * 200_000}元，{TEXT}",
    "a line of labels with units": "营收(亿元):12," * 20_000 + TEXT,
    "numerals without end": "一亿二千" * 5_000 + TEXT,
    "nested brackets": "（" * 5_000 + TEXT + "）" * 5_000,
    "NUL, U+0001 and right-to-left marks": (TEXT * 5 + "\x01\u202e\u2067\u200f\u2069\ufeff") * 20 + "\x00",
    "combining marks and emoji": "营收" + "\u0301" * 20_000 + "52.6亿元" + "\U0001f468\u200d\U0001f469" * 5_000,
    "every separator that splits lines": "\r\n\x0b\x0c\x1c\x1d\x85\u2028\u2029".join([TEXT * 10] * 20),
    "quotes, SQL and a path": "'); DROP TABLE facts; -- \n../../etc/passwd 营收52.6亿元\n" * 200,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_texts_are_judged_and_soon(tmp_path, lexicon, kind):
    (tmp_path / "a.txt").write_bytes(HOSTILE[kind].encode())
    started = time.process_time()
    inputs = read_sources(find_sources(str(tmp_path / "a.txt"), 400_000)).inputs
    tables, defects = judge_inputs(inputs, lexicon, "hostile")
    assert not defects
    check_tables(tables, dict(inputs.select("doc_id", "raw_text").rows()))
    assert tables["documents"].height == 1
    assert time.process_time() - started < 30  # measured: 0.5 to 3


@pytest.mark.slow
def test_the_longest_line_that_is_read_is_judged(tmp_path, lexicon):
    (tmp_path / "a.txt").write_bytes(TEXT.encode() * (readers.LARGEST_TEXT // len(TEXT.encode())))
    tables, defects = judge_inputs(read_sources(find_sources(str(tmp_path / "a.txt"), 400_000)).inputs, lexicon, "hostile")
    assert not defects
    assert tables["metrics"].height > 100_000


def test_a_row_that_is_no_article_by_its_size_costs_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(readers, "LARGEST_TEXT", 1_000)
    path = tmp_path / "rows.csv"
    path.write_text(f"id,text\na,{TEXT}\nb,{TEXT * 50}\n", encoding="utf-8")
    reading = read_sources(find_sources(str(path), 400_000))
    assert reading.inputs["source_path"].to_list() == [f"{path}#a"]
    assert [(one.source_path, one.check) for one in reading.rejected] == [(f"{path}#b", "too_large")]


def test_what_a_text_says_is_never_a_command(tmp_path):
    folder = tmp_path / "it's; DROP TABLE facts"
    folder.mkdir()
    (folder / "a'b.txt").write_text(HOSTILE["quotes, SQL and a path"], encoding="utf-8")
    rows = folder / "rows.jsonl"
    rows.write_text('{"id": "../../../etc/passwd", "text": "海岚科技2024年营收52.6亿元。", "url": "file:///etc/passwd", "title": "\'; DROP TABLE facts"}\n', encoding="utf-8")
    root = tmp_path / "ware'house"
    assert run_directly(Settings((str(folder),), root)).read == 2
    with publish.connect(root) as con:
        assert con.execute("SELECT count(*) FROM facts WHERE url = 'file:///etc/passwd'").fetchone() == (1,)
