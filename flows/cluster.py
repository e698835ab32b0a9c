"""Batches on a Dask cluster (the extra `cluster`).

Batches are sent by the client alone, not as tasks of prefect-dask: each of those costs 0.2-0.3 s, and every worker would have
to reach the Prefect server. This way the history of a run is the same, and costs the same, wherever the work is done.
"""

import contextlib
import os
from collections.abc import Iterator
from concurrent.futures import Executor

from distributed import Client, KilledWorker, WorkerPlugin

from flows.workers import ClusterError


@contextlib.contextmanager
def join_cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """Give the workers of a Dask cluster and how many batches they judge at once. Raises ClusterError.

    What a lost worker had in hand goes to another one: a batch that is judged twice writes the same parts twice.
    """
    try:
        client = Client(address, timeout="20s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(f"No Dask scheduler answers at {address} ({error}). Start one: dask scheduler; then workers: dask worker {address} --nthreads 1") from error
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise ClusterError(f"The Dask scheduler at {address} has no workers. Start some where caibao is installed: dask worker {address} --nthreads 1")
        client.register_plugin(_SameFolder(os.getcwd()), name="caibao-folder")
        try:
            yield client.get_executor(pure=False), threads
        except KilledWorker as error:
            raise ClusterError(f"{error} Look at their logs; most often they had too little memory (--memory-limit 2GB is enough).") from error


class _SameFolder(WorkerPlugin):
    """Every worker, also one that joins later, reads relative paths as the planner does, where it has such a folder."""

    def __init__(self, folder: str):
        self.folder = folder

    def setup(self, worker: object) -> None:
        with contextlib.suppress(FileNotFoundError, PermissionError):
            os.chdir(self.folder)
