"""Runs batches on this machine: one after the other, or on processes of their own."""

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed


def count_workers(batches: int, wanted: int | None = None) -> int:
    """Return how many processes pay: each takes seconds to start, so that few batches are done in this one."""
    return wanted or max(1, min(os.cpu_count() or 1, batches // 3))


def run_jobs(jobs: Sequence[Callable[[], dict]], workers: int) -> Iterator[dict]:
    """Yield the jobs' results as they come."""
    if workers <= 1:
        yield from (job() for job in jobs)
        return
    with start_pool(workers) as pool:
        futures = [pool.submit(job) for job in jobs]
        try:
            for future in as_completed(futures):
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def start_pool(workers: int) -> ProcessPoolExecutor:
    """Return a pool of fresh processes (a fork of one that runs polars' threads may hang) which end when this one does."""
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=_follow_parent, initargs=(os.getpid(),))


def _follow_parent(parent: int) -> None:
    """End this process soon after its parent has, even if the parent was killed."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
