"""Where batches are judged: in this process, on processes of this machine, or on the workers of a Dask cluster."""

import contextlib
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing.connection import wait

_AHEAD = 2  # batches in hand for each worker: one being judged, one waiting, so that none waits for the next to be sent


class ClusterError(RuntimeError):
    """The Dask cluster cannot be used; the message says what is wrong and what to do."""


@dataclass(frozen=True)
class Pool:
    """Workers that take jobs, and how many jobs keep all of them busy."""

    executor: Executor
    busy: int

    @classmethod
    def of(cls, executor: Executor, workers: int) -> "Pool":
        """Return a pool of so many workers."""
        return cls(executor, _AHEAD * workers)


@contextlib.contextmanager
def needing_cluster() -> Iterator[None]:
    """Say what to install where the libraries of the extra `cluster` are imported and missing."""
    try:
        yield
    except ImportError as error:
        raise ClusterError(f"--dask: {error}. Install caibao's extra `cluster` here and on the workers.") from error


def count_workers(batches: int, wanted: int | None = None) -> int:
    """Return how many processes pay: each takes seconds to start, so that few batches are done in this one."""
    return wanted or max(1, min(os.cpu_count() or 1, batches // 2))


def run_jobs(jobs: Sequence[Callable[[], dict]], pool: Pool | None) -> Iterator[dict]:
    """Yield the jobs' results as they come."""
    if pool is None:
        yield from (job() for job in jobs)
        return
    futures = [pool.executor.submit(job) for job in jobs]
    for future in as_completed(futures):
        yield future.result()


@contextlib.contextmanager
def open_pool(workers: int, dask: str | None = None) -> Iterator[Pool | None]:
    """Give the workers of the Dask scheduler at `dask`, else `workers` processes, else None: this process does the work."""
    if dask:
        with needing_cluster():
            from flows.cluster import join_cluster
        with join_cluster(dask) as pool:
            yield pool
    elif workers <= 1:
        yield None
    else:
        executor = start_pool(workers)
        try:
            yield Pool.of(executor, workers)
            executor.shutdown()
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            raise


def start_pool(workers: int) -> ProcessPoolExecutor:
    """Return a pool of fresh processes (a fork of one that runs polars' threads may hang) which end when this one does."""
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=_prepare_worker)


def _prepare_worker() -> None:
    """Set this process up for one batch at a time.

    Polars gets one thread (it looks when it first computes): with one process for each core, more of them wait for each other.
    """
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    _follow_parent()


def _follow_parent() -> None:
    """End this process at once when its parent has ended, even if that was killed: the next run may write the same files already."""

    def watch() -> None:
        wait([multiprocessing.parent_process().sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
