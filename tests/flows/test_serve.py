"""Schedules: what a deployment names can be loaded, its parameters are checked, and its runs do not overlap."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from flows import cli
from flows.server import find_port, parse_interval

ROOT = Path(__file__).parents[2]
DEPLOYMENTS = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda deployment: deployment["name"])
def test_deployments_name_a_flow_and_parameters_that_it_takes(deployment):
    from prefect.flows import load_flow_from_entrypoint

    flow = load_flow_from_entrypoint(deployment["entrypoint"])
    templated = {name: text for trigger in deployment.get("triggers", []) for name, text in trigger["parameters"].items()}
    flow.validate_parameters(deployment["parameters"] | templated)
    assert flow.retries
    assert flow.timeout_seconds


def test_scheduled_runs_do_not_overlap():
    for deployment in DEPLOYMENTS:
        if "schedules" in deployment:
            assert deployment["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}


@pytest.mark.parametrize("wrong", [{}, {"inbox": ""}, {"inbox": "a", "max_rejected": 2}, {"inbox": "a", "workers": 0}])
def test_wrong_parameters_are_refused_before_a_run(wrong):
    from prefect.exceptions import ParameterBindError, ParameterTypeError, SignatureMismatchError

    from flows.serve import refresh_inbox

    with pytest.raises((ParameterBindError, ParameterTypeError, SignatureMismatchError, TypeError)):
        refresh_inbox.validate_parameters(refresh_inbox_parameters(refresh_inbox, wrong))


def refresh_inbox_parameters(flow, given):
    """Bind as the server does, so that a missing parameter shows."""
    from prefect.utilities.callables import get_call_parameters

    return get_call_parameters(flow.fn, (), given)


@pytest.mark.parametrize(("text", "minutes"), [("15m", 15), ("2h", 120), ("1d", 1440), ("90s", 1.5), (" 5M ", 5)])
def test_intervals(text, minutes):
    assert parse_interval(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "15", "m", "30s", "-5m", "0m", "1.5h", "every day"])
def test_intervals_that_are_none(text):
    with pytest.raises(ValueError, match="no interval"):
        parse_interval(text)


def test_a_taken_port_gives_way_to_a_free_one():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert find_port(port) != port
    assert find_port(port) == port


def test_serve_refuses_two_schedules_and_bad_ones():
    for words, said in ((["--every", "5m", "--cron", "* * * * *"], "not both"), (["--every", "often"], "no interval"), (["--webhook", "ftp://x"], "begins with http")):
        result = CliRunner().invoke(cli.app, ["serve", "--inbox", "x", *words], env={"COLUMNS": "200"})
        assert result.exit_code == 2
        assert said in result.output


@pytest.mark.server
@pytest.mark.xdist_group("server")
def test_the_deployment_keeps_its_schedule_limits_and_schema(prefect_server):
    from prefect.client.orchestration import get_client

    from flows.serve import ONE_AT_A_TIME, refresh_inbox

    deployment = refresh_inbox.to_deployment("inbox", interval=timedelta(minutes=15), concurrency_limit=ONE_AT_A_TIME, parameters={"inbox": "a"})
    with get_client(sync_client=True) as client:
        stored = client.read_deployment(deployment.apply())
    assert stored.schedules[0].schedule.interval == timedelta(minutes=15)
    assert stored.global_concurrency_limit.limit == 1
    assert stored.concurrency_options.collision_strategy == "CANCEL_NEW"
    assert stored.enforce_parameter_schema
    assert "description" in stored.parameter_openapi_schema["properties"]["inbox"]


@pytest.mark.server
@pytest.mark.xdist_group("server")
def test_the_server_refuses_wrong_parameters_of_a_run(prefect_server):
    from prefect.client.orchestration import get_client
    from prefect.exceptions import PrefectHTTPStatusError

    from flows.serve import describe_deployments

    deployment_id = describe_deployments({"inbox": "a"}, None, "0 7 * * *", None)[0].apply()
    with get_client(sync_client=True) as client:
        schema = client.read_deployment(deployment_id).parameter_openapi_schema
        for wrong, said in (({"inbox": ""}, "non-empty"), ({"workers": 0}, "minimum"), ({"max_rejected": 7}, "maximum"), ({"workers": "many"}, "many")):
            with pytest.raises(PrefectHTTPStatusError, match="409") as refused:
                client.create_flow_run_from_deployment(deployment_id, parameters=wrong)
            assert said in refused.value.response.text
        assert client.create_flow_run_from_deployment(deployment_id, parameters={"workers": 2}).parameters == {"inbox": "a", "workers": 2}
    assert all(entry["description"] and entry["position"] == number for number, entry in enumerate(schema["properties"].values()))


@pytest.mark.server
@pytest.mark.xdist_group("server")
def test_a_webhook_is_a_second_deployment_with_its_trigger(prefect_server):
    from flows.serve import describe_deployments

    inbox, alert = describe_deployments({"inbox": "a"}, timedelta(hours=1), None, "http://127.0.0.1:9/x")
    written = next(one for one in DEPLOYMENTS if one["name"] == "alert")
    (trigger,) = alert.triggers
    assert (inbox.name, alert.name, alert.parameters) == ("inbox", "alert", {"webhook": "http://127.0.0.1:9/x"})
    assert {"expect": sorted(trigger.expect), "match": trigger.match.root, "parameters": trigger.parameters} == {name: written["triggers"][0][name] for name in ("expect", "match", "parameters")}
    assert alert.entrypoint == written["entrypoint"]
    assert alert.apply()


@pytest.mark.server
@pytest.mark.xdist_group("server")
def test_the_scheduler_creates_runs(prefect_server):
    # with SQLAlchemy 2.1 Prefect's scheduler fails on every loop and says so in its log alone
    from prefect.client.orchestration import get_client
    from prefect.server.services.scheduler import schedule_deployments

    from flows.serve import refresh_inbox

    deployment_id = refresh_inbox.to_deployment("scheduled", cron="0 7 * * *", parameters={"inbox": "a"}).apply()
    asyncio.run(schedule_deployments())
    with get_client(sync_client=True) as client:
        assert [run for run in client.read_flow_runs() if run.deployment_id == deployment_id and run.state_name == "Scheduled"]


@pytest.mark.server
@pytest.mark.xdist_group("server")
def test_the_ui_starts_and_stops_with_its_command(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name not in ("PREFECT_API_URL", "PREFECT_HOME")}
    command = [Path(sys.executable).with_name("caibao"), "ui", "--warehouse", str(tmp_path / "w"), "--port", str(find_port(0))]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment | {"COLUMNS": "200", "PYTHONUNBUFFERED": "1"}, text=True, cwd=ROOT)
    address = process.stdout.readline().split("reports: ")[1].split()[0]
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    assert address.startswith("http://127.0.0.1:")
    assert b"<title>" in opener.open(address, timeout=20).read()
    process.send_signal(signal.SIGTERM)
    assert process.wait(40) == 0
    port = int(address.rpartition(":")[2])
    time.sleep(0.2)
    assert find_port(port) == port
