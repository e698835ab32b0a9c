"""The processes that judge batches."""

import gc
import os

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
