"""Whole runs: what one costs beside process(), a run without news over 100,000 files, Prefect's share, two workers.

    python -m bench.runs [known prefect growth workers] [--files 100000] [--documents 20000] [--batches 60] [--megabytes 20] [--keep]

CPU seconds of this process and all that it started, so that other users of the machine hardly matter; the speed of two workers
is wall time and says something on an idle machine only.
"""

import argparse
import hashlib
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

from bench.corpus import make_inputs, read_corpus
from bench.results import keep, read_peak, recall
from bench.storage import clone
from flows import steps
from flows.prefect_home import SETTINGS
from flows.steps import Settings, run_directly
from schemas.documents import Inputs
from schemas.runs import Sources
from transforms.lexicon import Lexicon
from transforms.pipeline import process
from warehouse import parts
from warehouse.lexicon import read_lexicon
from warehouse.parts import write_parts

_PER_BATCH = 2000  # short documents


def measure(work: Callable[[], object]) -> dict[str, float]:
    """Return the CPU and wall seconds of `work`, its child processes included."""
    before, began = _cpu(), time.perf_counter()
    work()
    return {"cpu_seconds": _cpu() - before, "seconds": time.perf_counter() - began}


def _cpu() -> float:
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def describe(number: int) -> str:
    """Return a short article, unlike any other."""
    return f"第{number}号公司2024年营收{number + 1}.5亿元，同比增长{number % 40}%。\n2025年3月{number % 28 + 1}日 财经快讯\n净利润{number % 9 + 1}亿元，毛利率{number % 40 + 10}.4%。\n"


def make_known(folder: Path, root: Path, lexicon: Lexicon, files: int) -> None:
    """Write `files` short articles, and the parts of a warehouse in which they are judged already."""
    folder.mkdir(parents=True)
    inputs = Inputs.frame([_describe_input(number) for number in range(_PER_BATCH)])
    tables = process(inputs, lexicon, "bench")
    for start in range(0, files, _PER_BATCH):
        for number in range(start, start + _PER_BATCH):
            (folder / f"{number:06}.txt").write_text(describe(number), encoding="utf-8")
        cloned = clone(tables, start, tables["documents"])
        batch_id = cloned["documents"]["batch_id"][0]
        paths = [str(folder / f"{number:06}.txt") for number in range(start, start + _PER_BATCH)]
        hashes = [hashlib.sha256(describe(number).encode()).hexdigest() for number in range(start, start + _PER_BATCH)]
        sources = cloned["documents"].select("doc_id", "rules_version", source_path=pl.Series(paths), bytes_hash=pl.Series(hashes), batch_id=pl.lit(batch_id), seen_at=pl.lit("2026-01-01").str.to_datetime())
        documents = cloned["documents"].with_columns(source_path=pl.Series(paths))
        write_parts(root, batch_id, {**cloned, "documents": documents, "sources": Sources.select(sources)})


def _describe_input(number: int) -> dict:
    content = describe(number).encode()
    return {
        "doc_id": hashlib.sha256(content).hexdigest()[:16], "source_path": f"{number:06}.txt", "byte_count": len(content), "encoding": "utf-8",
        "source_format": "txt", "raw_text": content.decode(),
    }  # fmt: skip


def measure_known(work: Path, lexicon: Lexicon, files: int) -> dict:
    """Return what a run costs that builds a warehouse of `files` judged articles, and what the next one without news."""
    folder, root = work / "known", work / "known_warehouse"
    make_known(folder, root, lexicon, files)
    settings = Settings((str(folder),), root, workers=1)
    built = measure(lambda: run_directly(settings))
    return {"files": files, "publish": built, "no_news": measure(lambda: run_directly(settings)), "peak_mb": read_peak()}


def measure_growth(work: Path, documents: int) -> dict:
    """Return CPU milliseconds per document of whole runs over 2,000 short articles, and over `documents` of them."""
    figures = {}
    for count in (min(2_000, documents // 10), documents):
        folder = work / f"growth_{count}"
        folder.mkdir()
        for number in range(count):
            (folder / f"{number:06}.txt").write_text(describe(number), encoding="utf-8")
        spent = measure(lambda folder=folder: run_directly(Settings((str(folder),), folder.with_suffix(".w"), workers=1)))
        figures[str(count)] = 1000 * spent["cpu_seconds"] / count
    return figures


def write_corpus(folder: Path, megabytes: float) -> Path:
    """Write articles of the usual length."""
    folder.mkdir(parents=True)
    for number, row in enumerate(make_inputs(read_corpus("finance"), int(megabytes * 1e6))):
        (folder / f"{number:06}.txt").write_text(row["raw_text"], encoding="utf-8")
    return folder


def measure_workers(work: Path, megabytes: float) -> dict:
    """Return the same run on one process, on two, and on two workers of Dask's LocalCluster where that is installed."""
    folder, small = write_corpus(work / "workers", megabytes), 200_000
    steps.plan_batches = lambda *words: parts.plan_batches(*words, target_bytes=small)
    figures = {"megabytes": megabytes}
    try:
        for name, more in (("one", {"workers": 1}), ("two", {"workers": 2})):
            figures[name] = measure(lambda name=name, more=more: run_directly(Settings((str(folder),), work / f"workers_{name}", **more)))
        figures["dask"] = measure(lambda: _run_on_local_cluster(folder, work / "workers_dask"))
    except ImportError:
        figures["dask"] = None
    finally:
        steps.plan_batches = parts.plan_batches
    return figures


def _run_on_local_cluster(folder: Path, root: Path) -> None:
    from distributed import LocalCluster

    with LocalCluster(2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as cluster:
        run_directly(Settings((str(folder),), root, dask=cluster.scheduler_address))


def measure_prefect(work: Path, batches: int) -> dict:
    """Return CPU milliseconds a batch that the flow costs more than a direct run, here and in Prefect's server, and what a run costs once."""
    os.environ.update(SETTINGS)
    from prefect.testing.utilities import prefect_test_harness

    folder = work / "prefect"
    folder.mkdir()
    for number in range(batches):
        (folder / f"{number:06}.txt").write_text(describe(number), encoding="utf-8")
    steps.plan_batches = lambda *words: parts.plan_batches(*words, target_bytes=1)
    try:
        with prefect_test_harness(server_startup_timeout=180):
            from flows.refresh import refresh

            refresh([str(folder / "000000.txt")], work / "warm")
            client, server = zip(*(_compare_flow(work, folder, count) for count in (batches // 5, batches)), strict=True)
    finally:
        steps.plan_batches = parts.plan_batches
    more = batches - batches // 5
    return {
        "batches": batches, "client_ms": 1000 * (client[1] - client[0]) / more, "server_ms": 1000 * (server[1] - server[0]) / more,
        "fixed_seconds": client[0] + server[0] - (client[1] + server[1] - client[0] - server[0]) / more * (batches // 5),
    }  # fmt: skip


def _compare_flow(work: Path, folder: Path, batches: int) -> tuple[float, float]:
    """Return the CPU seconds that the flow costs more than a direct run over `batches` batches, here and in the server."""
    from flows.refresh import refresh

    places = [str(folder / f"{number:06}.txt") for number in range(batches)]
    run_directly(Settings(tuple(places), work / f"direct_warm_{batches}", workers=1))
    direct = measure(lambda: run_directly(Settings(tuple(places), work / f"direct_{batches}", workers=1)))
    server = _server_cpu()
    flow = measure(lambda: refresh(places, work / f"flow_{batches}", workers=1))
    return flow["cpu_seconds"] - direct["cpu_seconds"], _server_cpu() - server


def _server_cpu() -> float:
    """Return the CPU seconds of this process's children, Prefect's server among them."""
    spent = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        if int(fields[1]) == os.getpid():
            spent += int(fields[11]) + int(fields[12])
    return spent / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("measures", nargs="*", help="known, prefect, growth or workers; all of them where none is named")
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--batches", type=int, default=60)
    parser.add_argument("--megabytes", type=float, default=20.0)
    parser.add_argument("--keep", action="store_true", help="write the figures for docs/performance.md")
    options = parser.parse_args()
    work, lexicon = Path(tempfile.mkdtemp(prefix="caibao-runs-")), read_lexicon()
    measures = {
        "known": lambda: measure_known(work, lexicon, options.files), "prefect": lambda: measure_prefect(work, options.batches),
        "growth": lambda: measure_growth(work, options.documents), "workers": lambda: measure_workers(work, options.megabytes),
    }  # fmt: skip
    if unknown := set(options.measures) - set(measures):
        parser.error(f"there is no measure {', '.join(sorted(unknown))}, but {', '.join(measures)}")
    # what is not measured again stays as it was
    figures = {name: found for name, found in (recall("runs") or {}).items() if name in measures}
    try:
        for name in options.measures or measures:
            figures[name] = measures[name]()
            print(name, figures[name], flush=True)
            if options.keep:
                keep("runs", figures)
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
