"""Runs on a schedule: the flow of an inbox, for `caibao serve` and for the deployments of prefect.yaml."""

import atexit
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from prefect import flow
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import EntrypointType
from prefect.states import State
from pydantic import Field

from flows.refresh import refresh
from flows.terminal import silence_teardown

# Two runs would wait for one warehouse: what comes while one is going is dropped, the next one sees the same files.
ONE_AT_A_TIME = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)


@flow(name="inbox", retries=1, retry_delay_seconds=60, timeout_seconds=6 * 3600)
def refresh_inbox(
    inbox: Annotated[str, Field(min_length=1)],
    warehouse: Path = Path("warehouse/data"),
    lexicon: Path | None = None,
    text_column: Annotated[str | None, Field(min_length=1)] = None,
    max_rejected: Annotated[float | None, Field(ge=0, le=1)] = None,
    workers: Annotated[int | None, Field(ge=1, le=64)] = None,
) -> State:
    """Judge what is new in an inbox and publish the tables; ends as the refresh ends: Completed, Quarantined or failed.

    Args:
        inbox: Folder, file or glob that is looked through.
        warehouse: Folder of the warehouse.
        lexicon: Folder of your own rules, laid over the built-in ones.
        text_column: Column of table files that holds the text.
        max_rejected: Share of inputs that may be refused before the run fails and publishes nothing.
        workers: Processes that judge batches; chosen by the amount of work if not given.
    """
    atexit.register(silence_teardown)  # each run is a process of its own
    return refresh([inbox], warehouse, lexicon, text_column, max_rejected, workers, return_state=True)


def serve_inbox(parameters: dict, every: timedelta | None, cron: str | None) -> None:
    """Run the flow on the schedule until the process is ended; needs PREFECT_API_URL."""
    refresh_inbox.serve(
        name="inbox", parameters=parameters, interval=every, cron=cron, global_limit=ONE_AT_A_TIME, limit=1,
        description="Judge what is new in the inbox and publish the tables.", entrypoint_type=EntrypointType.MODULE_PATH, print_starting_message=False,
    )  # fmt: skip
