"""Batches on a Dask cluster (the extra `cluster`).

Batches are sent as plain functions, also where the flow's task runner is prefect-dask's (flows.task_runners): as tasks on the
workers each would cost 0.2-0.3 s, and every worker would have to reach the Prefect server. This way the history of a run is the
same, and costs the same, wherever the work is done.
"""

import contextlib
import os
from collections.abc import Iterator

from distributed import Client, KilledWorker, WorkerPlugin

from flows.workers import ClusterError, Pool

PATIENCE = "20s"


@contextlib.contextmanager
def join_cluster(address: str) -> Iterator[Pool]:
    """Give the workers of the Dask scheduler at an address, without Prefect. Raises ClusterError."""
    with answering(address):
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    with client, workers_of(client) as pool:
        yield pool


@contextlib.contextmanager
def answering(address: str | None) -> Iterator[None]:
    """Say what to do where no scheduler answers."""
    try:
        yield
    except (OSError, ValueError) as error:
        where = f"at {address}" if address else "that the task runner was to start"
        raise ClusterError(f"No Dask scheduler answers {where} ({error}). Start one: dask scheduler; then workers: dask worker {address or 'ADDRESS'} --nthreads 1") from error


@contextlib.contextmanager
def workers_of(client: Client) -> Iterator[Pool]:
    """Give the workers of a client's cluster, two batches in hand for each of their threads.

    What a lost worker had in hand goes to another one: a batch that is judged twice writes the same parts twice.
    """
    address = client.scheduler.address
    threads = sum(client.nthreads().values())
    if not threads:
        raise ClusterError(f"The Dask scheduler at {address} has no workers. Start some where caibao is installed: dask worker {address} --nthreads 1")
    client.register_plugin(_SameFolder(os.getcwd()), name="caibao-folder")
    try:
        yield Pool.of(client.get_executor(pure=False), threads)
    except KilledWorker as error:
        raise ClusterError(f"{error} Look at their logs; most often they had too little memory (--memory-limit 2GB is enough).") from error


class _SameFolder(WorkerPlugin):
    """Every worker, also one that joins later, reads relative paths as the planner does, where it has such a folder."""

    def __init__(self, folder: str):
        self.folder = folder

    def setup(self, worker: object) -> None:
        with contextlib.suppress(FileNotFoundError, PermissionError):
            os.chdir(self.folder)
