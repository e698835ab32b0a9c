"""Parts, publishing and queries on a generated warehouse of 10 million metrics.

    python -m bench.storage [--metrics 10] [--keep FOLDER]

A batch of real articles is judged once. Its rows are then written again and again as the rows of other articles: other
doc_ids, other digits in every text, as many companies as a market has, every fiftieth figure contradicting its fellows.
"""

import argparse
import hashlib
import random
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import polars as pl

from bench.corpus import make_batch, read_corpus
from bench.results import keep, read_peak
from flows.quality import evaluate_checks
from schemas import PART_TABLES
from schemas.runs import Sources
from transforms.lexicon import Lexicon
from transforms.pipeline import Tables, process
from warehouse import publish
from warehouse.lexicon import read_lexicon
from warehouse.parts import write_parts

_COMPANIES = 20  # for each one that the real batch names
_BATCH = 2_000_000  # bytes of raw text
QUERIES = {
    "one company's history": "SELECT period, value, unit, sentence, published_at FROM facts WHERE entity = $entity AND metric = 'revenue' AND basis = 'level' ORDER BY period_end",
    "one company's financials": "FROM financials WHERE entity = $entity ORDER BY period_end",
    "one period across companies": "SELECT entity, value, unit FROM facts WHERE period = $period AND metric = 'revenue' AND basis = 'level' ORDER BY value DESC LIMIT 50",
    "one period's financials": "SELECT entity, revenue, revenue_yoy, net_income FROM financials WHERE period = $period ORDER BY revenue DESC LIMIT 50",
    "top conflicts": "SELECT entity, metric, period, quote, other_quote, difference_percent FROM conflicts ORDER BY difference_percent DESC LIMIT 20",
    "conflicts of one company": "FROM conflicts WHERE entity = $entity ORDER BY difference_percent DESC LIMIT 20",
    "figures of one document": "FROM facts WHERE doc_id = $doc_id ORDER BY start_char",
}


def clone(tables: Tables, number: int, documents: pl.DataFrame) -> Tables:
    """Return the rows as those of other articles, numbered `number`; their offsets stay true."""
    order = random.Random(number)
    digits = dict(zip("123456789", map(str, order.sample(range(1, 10), 9)), strict=True))
    names = {old: hashlib.sha256(f"{number} {old}".encode()).hexdigest()[:16] for old in documents["doc_id"]}
    renamed = {}
    for name, frame in tables.items():
        changes = [pl.col("doc_id").replace_strict(names, return_dtype=pl.String)] if "doc_id" in frame.columns and frame.height else []
        changes += [pl.col(column).str.replace_many(list(digits), list(digits.values())) for column in ("raw_text", "text", "quote", "title") if column in frame.columns]
        if name == "documents":
            changes += [pl.concat_str(pl.lit(f"bench/{number}/"), pl.col("doc_id")).alias("source_path"), pl.lit(f"batch{number:05}").alias("batch_id")]
        if name == "fingerprints":
            drawn = [f"{order.getrandbits(2048):0512x}" for _ in range(frame.height)]
            changes.append(pl.when(pl.col("signature").is_not_null()).then(pl.Series("signature", drawn)).alias("signature"))
            if "text_hash" in frame.columns:
                changes.append(pl.concat_str(pl.lit(f"{number:05}"), pl.col("text_hash").str.slice(5)).alias("text_hash"))
        if name == "metrics":
            company = pl.concat_str(pl.col("entity"), pl.lit(str(number % _COMPANIES)))
            wrong = (pl.int_range(pl.len()) + number) % 50 == 0
            changes += [
                pl.concat_str(pl.col("doc_id").replace_strict(names), pl.col("metric_id").str.slice(16)).alias("metric_id"),
                pl.when(pl.col("entity") == "公司").then(pl.col("entity")).otherwise(company).alias("entity"),
                pl.when(wrong).then(pl.col("value") * (1 + order.random())).otherwise(pl.col("value")).alias("value"),
            ]
        renamed[name] = frame.with_columns(changes)
    return renamed


def make_warehouse(root: Path, lexicon: Lexicon, wanted: int) -> dict:
    """Write the parts of `wanted` metrics; return what writing took."""
    tables = process(make_batch(read_corpus("finance"), _BATCH), lexicon, "bench")
    made, number, seconds = 0, 0, 0.0
    while made < wanted:
        cloned = clone(tables, number, tables["documents"])
        documents = cloned["documents"]
        seen = pl.lit("2026-01-01").str.to_datetime()
        sources = Sources.select(documents.select("source_path", "doc_id", "rules_version", "batch_id", bytes_hash=pl.col("doc_id"), seen_at=seen))
        began = time.process_time()
        write_parts(root, f"batch{number:05}", {**cloned, "sources": sources})
        seconds += time.process_time() - began
        made, number = made + cloned["metrics"].height, number + 1
    sizes = {model.table_name(): sum(path.stat().st_size for path in (root / "parts" / model.table_name()).glob("*.parquet")) for model in PART_TABLES}
    return {
        "metrics": made, "batches": number, "documents": number * tables["documents"].height, "raw_bytes": number * int(tables["documents"]["byte_count"].sum()),
        "write_cpu_seconds": seconds, "part_bytes": sizes,
    }  # fmt: skip


def time_queries(root: Path, repeat: int = 7) -> dict[str, dict]:
    """Return per query its rows and the median of several runs in ms, each on a new connection, as a user's first question."""
    with publish.connect(root) as con:
        # companies of the middle of the list, neither the rarest nor the one everybody writes about
        entities = [row[0] for row in con.execute("SELECT entity FROM metrics WHERE entity IS NOT NULL GROUP BY entity ORDER BY count(*) DESC, entity LIMIT 2000").fetchall()]
        periods = [row[0] for row in con.execute("SELECT period FROM metrics WHERE metric = 'revenue' AND period IS NOT NULL GROUP BY period ORDER BY count(*) DESC, period LIMIT 3").fetchall()]
        doc_ids = [row[0] for row in con.execute("SELECT doc_id FROM documents USING SAMPLE 20 ROWS (reservoir, 1)").fetchall()]
    order, timed = random.Random(0), {}
    for name, query in QUERIES.items():
        wall, cpu, rows = [], [], 0
        for _ in range(repeat):
            values = {"entity": order.choice(entities), "period": order.choice(periods), "doc_id": order.choice(doc_ids)}
            with publish.connect(root) as con:
                began, spent = time.perf_counter(), time.process_time()
                rows = len(con.execute(query, {key: value for key, value in values.items() if f"${key}" in query}).fetchall())
                wall.append(1000 * (time.perf_counter() - began))
                cpu.append(1000 * (time.process_time() - spent))
        timed[name] = {"rows": rows, "median_ms": statistics.median(wall), "cpu_ms": statistics.median(cpu)}
    return timed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--metrics", type=float, default=10.0, help="millions")
    parser.add_argument("--keep", type=Path, help="use this folder, and leave the warehouse there; parts that it holds are not made again")
    parser.add_argument("--no-checks", action="store_true", help="leave out the quality checks")
    options = parser.parse_args()
    root = options.keep or Path(tempfile.mkdtemp(prefix="caibao-storage-"))
    lexicon = read_lexicon()
    try:
        figures = make_warehouse(root, lexicon, int(options.metrics * 1e6)) if not (root / "commits").exists() else {}
        began, spent = time.perf_counter(), time.process_time()
        steps = {}
        with publish.build(root, lexicon) as con:
            steps["build"] = time.process_time() - spent
            if not options.no_checks:
                spent_checks = time.process_time()
                evaluate_checks(con, lexicon["quality_checks"], "bench")
                steps["checks"] = time.process_time() - spent_checks
            limit = con.execute("SELECT current_setting('memory_limit')").fetchone()[0]
        publishing = {"cpu_seconds": time.process_time() - spent, "seconds": time.perf_counter() - began, "steps": steps, "peak_mb": read_peak(), "memory_limit": limit,
                      "database_bytes": (root / "caibao.duckdb").stat().st_size}  # fmt: skip
        figures |= {"publish": publishing, "queries": time_queries(root)}
        with publish.connect(root) as con:
            figures["rows"] = {name: con.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in ("documents", "blocks", "quantities", "mentions", "metrics", "facts", "conflicts", "financials")}
        print(figures)
        keep(f"storage_{options.metrics:g}", figures)
    finally:
        if not options.keep:
            shutil.rmtree(root)


if __name__ == "__main__":
    main()
