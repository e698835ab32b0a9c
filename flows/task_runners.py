"""Batches on the cluster of prefect-dask's task runner (the extra `cluster`)."""

import contextlib
from collections.abc import Iterator

from prefect.task_runners import TaskRunner
from prefect_dask import DaskTaskRunner

from flows.cluster import PATIENCE, answering, workers_of
from flows.workers import ClusterError, Pool


@contextlib.contextmanager
def join_runner(runner: TaskRunner, address: str | None) -> Iterator[Pool]:
    """Give the workers of the Dask scheduler at `address`, else those of the flow's own task runner. Raises ClusterError.

    A flow with DaskTaskRunner(cluster_class="dask_kubernetes.KubeCluster") starts a cluster for the run, and stops it.
    """
    with contextlib.ExitStack() as stack:
        if address:
            runner = stack.enter_context(DaskTaskRunner(address=address, client_kwargs={"timeout": PATIENCE}))
        if not isinstance(runner, DaskTaskRunner):
            raise ClusterError(f"caibao judges batches on processes or on Dask, not with {type(runner).__name__}. Leave the flow its task runner, or give it prefect_dask.DaskTaskRunner.")
        with answering(runner.address):
            client = runner.client
        yield stack.enter_context(workers_of(client))
