"""From a failing check to a webhook: the event, and the flow that an automation starts with it."""

from pathlib import Path

import polars as pl
import yaml

from flows import alerts

FAILING = pl.DataFrame([{"check_name": "kept_share", "scope": "documents", "severity": "warn", "observed": 0.4, "expected": "<= 0.1", "message": "规则太严。", "example": None, "owner": "x"}])


def test_every_failing_check_is_an_event(monkeypatch):
    events = []
    monkeypatch.setattr(alerts, "emit_event", lambda event, resource, payload: events.append((event, resource, payload)))
    alerts.announce_failing(FAILING, "run-1")
    event, resource, payload = events[0]
    assert (len(events), event, resource["prefect.resource.id"]) == (1, "caibao.check.failed", "caibao.check.kept_share")
    assert (payload["run_id"], payload["observed"], payload["scope"]) == ("run-1", 0.4, "documents")


def test_what_failed_before_is_another_event(monkeypatch):
    events = []
    monkeypatch.setattr(alerts, "emit_event", lambda event, resource, payload: events.append(event))
    failing = pl.concat([FAILING.with_columns(since=pl.lit(since)) for since in ("run-1", "run-2")])
    alerts.announce_failing(failing, "run-2")
    assert events == ["caibao.check.still_failing", "caibao.check.failed"]


def test_the_deployment_waits_for_this_event():
    deployments = yaml.safe_load((Path(__file__).parents[2] / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    trigger = next(deployment for deployment in deployments if deployment["name"] == "alert")["triggers"][0]
    assert trigger["expect"] == [alerts.CHECK_FAILED]
    assert all(text == "{{ event.payload." + name + " }}" for name, text in trigger["parameters"].items())


def test_the_flow_posts_the_check(webhook):
    address, received = webhook
    assert alerts.alert.fn(address, "kept_share", "规则太严。", "run-1") == 204
    assert received == [{"check_name": "kept_share", "message": "规则太严。", "run_id": "run-1"}]
