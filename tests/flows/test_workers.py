"""The processes that judge batches."""

import gc
import multiprocessing
import os
import time
from pathlib import Path

import polars as pl

from flows.workers import start_pool
from schemas.documents import Inputs
from transforms.pipeline import process
from warehouse.lexicon import read_lexicon


def test_a_worker_computes_with_one_thread(monkeypatch):
    monkeypatch.delenv("POLARS_MAX_THREADS", raising=False)
    with start_pool(1) as executor:
        worker, threads = executor.submit(os.getpid).result(), executor.submit(pl.thread_pool_size).result()
    assert worker != os.getpid()
    assert threads == 1


def test_the_garbage_collector_runs_again_after_a_batch():
    assert gc.isenabled()
    process(Inputs.frame([]), read_lexicon(), "empty")
    assert gc.isenabled()


def take_long(folder: Path) -> None:
    (folder / str(os.getpid())).touch()
    time.sleep(300)


def ask(folder: Path) -> None:
    with start_pool(2) as pool:
        list(pool.map(take_long, [folder, folder]))


def is_running(process_id: int) -> bool:
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(is_so, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        time.sleep(0.01)


def test_workers_end_at_once_with_a_killed_run(tmp_path):
    run = multiprocessing.get_context("spawn").Process(target=ask, args=(tmp_path,))
    run.start()
    wait_until(lambda: len(os.listdir(tmp_path)) == 2, 60)
    workers = [int(name) for name in os.listdir(tmp_path)]
    assert [is_running(worker) for worker in workers] == [True, True]
    run.kill()
    run.join()
    wait_until(lambda: not any(map(is_running, workers)), 0.5)
    assert [is_running(worker) for worker in workers] == [False, False]
