"""What looks across a whole corpus, on 5 million generated paragraphs and within 2 GB: duplicates, reposts, repeated paragraphs.

    python -m bench.paragraphs [--millions 5] [--memory 1.5GB] [--keep]

A tenth of the documents repeats another one, half of these word by word; every publisher appends two lines to all it prints;
one notice goes out ten thousand times, each time with another name in it.
"""

import argparse
import tempfile
import time
from pathlib import Path

import duckdb

from bench.results import keep, read_peak
from schemas import PART_TABLES, RUN_TABLES
from schemas.render import render_ddl
from warehouse import publish
from warehouse.queries import read_view

_PER_DOCUMENT = 10

# chars that a paragraph is made of: a hash gives hex digits, mapped to Chinese ones
_TEXT = "translate(md5(seed::VARCHAR) || md5((seed + 1)::VARCHAR) || md5((seed + 2)::VARCHAR), '0123456789abcdef', '营收同比增长公司发布业绩净利润毛')"
_FILL = f"""
CREATE TEMP TABLE made AS
SELECT number, printf('%016x', hash(number)) AS doc_id,
    -- every twentieth repeats the one before it, every twentieth is nearly that; ten thousand are one notice
    CASE WHEN number % 20 IN (0, 10) THEN number - 1 WHEN number < 10000 THEN 7 ELSE number END AS original, number % 500 AS publisher
FROM range($documents) AS numbers (number);
INSERT INTO documents BY NAME
SELECT doc_id, 'bench/' || number AS source_path, 3000 AS byte_count, 'utf-8' AS encoding, 'txt' AS source_format, '' AS raw_text, 'hans' AS script,
    false AS is_misconverted, 1.0 AS kept_share, 'bench' AS rules_version, 'bench' AS batch_id, '报社' || publisher AS publisher,
    TIMESTAMP '2025-01-01' + to_hours(number::INTEGER % 9000) AS published_at FROM made;
INSERT INTO sources BY NAME
SELECT 'bench/' || number AS source_path, doc_id AS bytes_hash, doc_id, 'bench' AS rules_version, 'bench' AS batch_id, TIMESTAMP '2026-01-01' AS seen_at FROM made;
INSERT INTO blocks BY NAME
SELECT doc_id, block_no, 100 * block_no AS start_char, 100 * block_no + 96 AS end_char, 'body' AS kind, true AS is_kept,
    CASE WHEN block_no >= {_PER_DOCUMENT - 2} THEN '本文由报社' || publisher || '编辑整理' || block_no ELSE {_TEXT} END AS text
FROM (SELECT *, original * 1000 + block_no + CASE WHEN number % 20 = 10 AND block_no = 0 THEN number ELSE 0 END AS seed FROM made, (SELECT unnest(range({_PER_DOCUMENT})) AS block_no))
ORDER BY doc_id, block_no;
INSERT INTO quantities BY NAME
SELECT doc_id, 100 * block_no AS start_char, 100 * block_no + 3 AS end_char, block_no, '1亿元' AS quote, 'metric' AS "class", (original * 10 + block_no)::DOUBLE AS value,
    'CNY' AS unit, false AS is_ambiguous, 'bench' AS rule_id FROM made, (SELECT unnest(range(3)) AS block_no) ORDER BY doc_id, start_char;
INSERT INTO fingerprints BY NAME
SELECT doc_id, md5(original::VARCHAR || CASE WHEN number % 20 = 10 THEN 'near' WHEN number < 10000 THEN number::VARCHAR ELSE '' END) AS text_hash,
    array_to_string(list_transform(range(64), lambda nth: CASE WHEN number % 20 = 10 AND nth < 5 THEN printf('%08x', number * 64 + nth) ELSE left(md5((original * 64 + nth)::VARCHAR), 8) END), '') AS signature
FROM made;
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--millions", type=float, default=5.0)
    parser.add_argument("--memory", default=publish._MEMORY)
    parser.add_argument("--keep", action="store_true", help="write the figures for docs/performance.md")
    options = parser.parse_args()
    documents = int(options.millions * 1e6 / _PER_DOCUMENT)
    with tempfile.TemporaryDirectory(prefix="caibao-paragraphs-") as work, duckdb.connect() as con:
        con.execute(f"SET temp_directory = '{work}/spill'")
        con.execute(f"SET memory_limit = '{options.memory}'")
        con.execute(f"ATTACH '{Path(work) / 'bench.duckdb'}' AS bench")
        con.execute("USE bench")
        for model in PART_TABLES + RUN_TABLES:
            con.execute(render_ddl(model))
        for statement in _FILL.split(";\n"):
            if statement.strip():
                con.execute(statement, {"documents": documents} if "$documents" in statement else None)
        con.execute("CHECKPOINT bench")
        filled, figures = read_peak(), {}
        for name, work_of in {
            "exact duplicates": lambda: con.execute(publish._DUPLICATES).fetchone()[0],
            "near reposts": lambda: publish._link_reposts(con) or con.execute("SELECT count(*) FROM reposts").fetchone()[0],
            "repeated paragraphs": lambda: con.execute(f"SELECT count(*) FROM ({read_view('repeated_paragraphs')})").fetchone()[0],
        }.items():
            began, spent = time.perf_counter(), time.process_time()
            found = work_of()
            figures[name] = {"found": found, "cpu_seconds": time.process_time() - spent, "seconds": time.perf_counter() - began, "peak_mb": read_peak()}
            print(name, figures[name], flush=True)
    if options.keep:
        keep("paragraphs", {"paragraphs": documents * _PER_DOCUMENT, "documents": documents, "memory_limit": options.memory, "peak_mb_before": filled, "steps": figures})


if __name__ == "__main__":
    main()
