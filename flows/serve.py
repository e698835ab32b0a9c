"""Runs on a schedule: the flow of an inbox, for `caibao serve` and for the deployments of prefect.yaml."""

import atexit
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from prefect import flow, serve
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import EntrypointType, RunnerDeployment
from prefect.events import DeploymentEventTrigger
from prefect.states import State
from pydantic import Field

from flows.alerts import CHECK_FAILED, alert
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
    ended = refresh([inbox], warehouse, lexicon, text_column, max_rejected, workers, return_state=True)
    # a state that belongs to another run would count as Completed or Failed alone, its name and message lost
    return State(type=ended.type, name=ended.name, message=ended.message)


def serve_inbox(parameters: dict, every: timedelta | None, cron: str | None, webhook: str | None = None) -> None:
    """Run the flow on the schedule until the process is ended, and tell the webhook of checks; needs PREFECT_API_URL."""
    serve(*describe_deployments(parameters, every, cron, webhook), limit=2, print_starting_message=False)


def describe_deployments(parameters: dict, every: timedelta | None, cron: str | None, webhook: str | None) -> list[RunnerDeployment]:
    """Return the inbox on its schedule, and with a webhook the flow that an event of a failing check starts."""
    inbox = refresh_inbox.to_deployment(
        "inbox", parameters=parameters, interval=every, cron=cron, concurrency_limit=ONE_AT_A_TIME,
        description="Judge what is new in the inbox and publish the tables.", entrypoint_type=EntrypointType.MODULE_PATH,
    )  # fmt: skip
    if webhook is None:
        return [inbox]
    trigger = DeploymentEventTrigger(
        expect={CHECK_FAILED}, match={"prefect.resource.id": "caibao.check.*"},
        parameters={name: "{{ event.payload." + name + " }}" for name in ("check_name", "message", "run_id")},
    )  # fmt: skip
    description = "Tell a webhook of a check that did not pass."
    return [inbox, alert.to_deployment("alert", parameters={"webhook": webhook}, triggers=[trigger], description=description, entrypoint_type=EntrypointType.MODULE_PATH)]
