"""What follows from a failing check: an event for every one, and a flow that tells a webhook of it."""

import json
import urllib.request
from typing import Annotated
from urllib.parse import urlsplit

import polars as pl
from prefect import flow
from prefect.events import emit_event
from pydantic import Field

CHECK_FAILED = "caibao.check.failed"
STILL_FAILING = "caibao.check.still_failing"


def announce_failing(failing: pl.DataFrame, run_id: str) -> None:
    """Emit an event per check and scope that did not pass: automations of the Prefect server can react to it.

    What failed in the run before already is an event of another name, so that nobody is told every quarter of an hour.
    """
    for row in failing.iter_rows(named=True):
        resource = {"prefect.resource.id": f"caibao.check.{row['check_name']}", "prefect.resource.name": row["check_name"], "caibao.severity": row["severity"]}
        payload = {name: row[name] for name in ("check_name", "scope", "severity", "observed", "expected", "message", "example", "owner")}
        is_new = row.get("since") in (None, run_id)
        emit_event(CHECK_FAILED if is_new else STILL_FAILING, resource=resource, payload=payload | {"run_id": run_id})


@flow(name="alert", retries=2, retry_delay_seconds=30, timeout_seconds=120)
def alert(webhook: Annotated[str, Field(pattern="^https?://")], check_name: str, message: str, run_id: str) -> int:
    """Post one failing check as JSON to a webhook; return the status it answers with.

    Args:
        webhook: Address that takes the POST.
        check_name: Name of the check, from the event.
        message: What it means and where to look, from the event.
        run_id: The run that found it, from the event.
    """
    content = json.dumps({"check_name": check_name, "message": message, "run_id": run_id}, ensure_ascii=False).encode()
    request = urllib.request.Request(webhook, content, {"Content-Type": "application/json; charset=utf-8"})
    # a proxy does not know this machine's own addresses
    is_local = urlsplit(webhook).hostname in ("127.0.0.1", "localhost", "::1")
    opener = urllib.request.build_opener(*([urllib.request.ProxyHandler({})] if is_local else []))
    with opener.open(request, timeout=30) as answer:
        return answer.status
