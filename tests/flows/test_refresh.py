"""The flow on Prefect's test server: states, task runs, artifacts. Everything else is tested as plain functions."""

import asyncio
import functools
import json

import pytest
from prefect.artifacts import update_progress_artifact

from warehouse import publish
from warehouse.parts import plan_batches

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("server")]


@pytest.fixture(autouse=True)
def server(prefect_server):
    return prefect_server


def ask(question):
    """Return what the API says; `question` is given a client."""
    from prefect.client.orchestration import get_client

    async def answer():
        async with get_client() as client:
            return await question(client)

    return asyncio.run(answer())


def test_a_run_with_a_refused_input_ends_quarantined_and_leaves_its_report(articles, tmp_path):
    from flows.refresh import refresh

    (articles / "empty.txt").write_bytes(b"")
    state = refresh([str(articles)], tmp_path / "w", return_state=True)
    assert (state.type.value, state.name, state.message) == ("COMPLETED", "Quarantined", "1 inputs, 0 rows set aside, 1 check to look at")
    run_id = state.state_details.flow_run_id
    tasks = [run.name.split(" ")[0] for run in ask(lambda client: client.read_task_runs()) if run.flow_run_id == run_id]
    assert sorted(task.split("-")[0] for task in tasks) == ["batch", "plan", "publish", "report"]
    artifacts = {artifact.key: artifact for artifact in ask(lambda client: client.read_artifacts()) if artifact.flow_run_id == run_id}
    assert artifacts["report"].data.startswith("# Quarantined: 2 documents read")
    with publish.connect(tmp_path / "w") as con:
        assert con.execute("SELECT flow_run_id FROM runs").fetchone() == (str(run_id),)
    assert len(list((tmp_path / "w" / "reports").glob("*.md"))) == 1
    again = refresh([str(articles / "hai_lan.txt")], tmp_path / "w", return_state=True)
    assert (again.name, again.message) == ("Completed", "0 documents, 1 check to look at, not new")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_of_many_batches_shows_its_progress(tmp_path, monkeypatch, workers):
    from flows import refresh as flow
    from flows import steps

    monkeypatch.setattr(steps, "plan_batches", functools.partial(plan_batches, target_bytes=1))
    told = []
    monkeypatch.setattr(flow, "update_progress_artifact", lambda artifact, share: told.append(share) or update_progress_artifact(artifact, share))
    state = flow.refresh(["seeds/documents"], tmp_path / "w", workers=workers, return_state=True)
    progress = [one for one in ask(lambda client: client.read_artifacts()) if one.key == "progress" and one.flow_run_id == state.state_details.flow_run_id]
    assert [(one.type, one.data, one.description) for one in progress] == [("progress", 100.0, "Batches judged, of 10.")]
    assert told == [10.0 * done for done in range(1, 11)]


def test_the_artifacts_lead_to_the_evidence(articles, tmp_path, monkeypatch):
    from flows.refresh import refresh

    monkeypatch.setenv("CAIBAO_PAGES", "http://127.0.0.1:4999/caibao")
    (articles / "twice.txt").write_text("海岚科技2024年营收52.6亿元。\n海岚科技2024年营收62.6亿元。\n", encoding="utf-8")
    state = refresh([str(articles)], tmp_path / "w", return_state=True)
    artifacts = {one.key: one for one in ask(lambda client: client.read_artifacts()) if one.flow_run_id == state.state_details.flow_run_id}
    assert set(artifacts) == {"report", "failing-checks"}  # a handful of batches needs no progress
    row = next(row for row in json.loads(artifacts["failing-checks"].data) if row["check"].startswith("articles"))
    assert "](http://127.0.0.1:4999/caibao/evidence/" in row["example"]
    assert "](http://127.0.0.1:4999/caibao/reports/run-" in artifacts["report"].data


def test_too_many_refusals_fail_the_run(tmp_path):
    from flows.refresh import refresh

    folder = tmp_path / "bad"
    folder.mkdir()
    for number in range(12):
        (folder / f"{number}.txt").write_bytes(bytes([0, number + 1]) * 50)
    state = refresh([str(folder)], tmp_path / "w", return_state=True)
    assert state.is_failed()
    assert "12 of 12 inputs were refused" in state.message
    assert not (tmp_path / "w" / "caibao.duckdb").exists()


def test_the_deployments_name_what_exists():
    import importlib
    from pathlib import Path

    import yaml

    for deployment in yaml.safe_load(Path("prefect.yaml").read_text(encoding="utf-8"))["deployments"]:
        module, _, name = deployment["entrypoint"].rpartition(".")
        flow = getattr(importlib.import_module(module), name)
        assert set(deployment["parameters"]) <= set(flow.parameters.properties)


def test_batches_on_processes_are_task_runs_of_the_flow(articles, tmp_path, monkeypatch):
    from flows import steps
    from flows.refresh import refresh
    from warehouse import parts

    monkeypatch.setattr(steps, "plan_batches", lambda *words: parts.plan_batches(*words, target_bytes=1))
    state = refresh([str(articles)], tmp_path / "w", workers=2, return_state=True)
    assert (state.name, state.message) == ("Completed", "2 documents, all checks pass")
    names = [run.name for run in ask(lambda client: client.read_task_runs()) if run.flow_run_id == state.state_details.flow_run_id]
    assert sum(name.startswith("batch ") for name in names) == 2


@pytest.mark.parametrize("is_given", [True, False], ids=["cluster of the flow's task runner", "scheduler at an address"])
def test_the_flow_judges_on_the_cluster_of_prefect_dask(articles, tmp_path, monkeypatch, is_given):
    from distributed import LocalCluster
    from prefect_dask import DaskTaskRunner

    from flows import steps
    from flows.refresh import refresh
    from warehouse import parts

    monkeypatch.setattr(steps, "plan_batches", lambda *words: parts.plan_batches(*words, target_bytes=1))
    monkeypatch.setattr(steps, "process", None)  # not here: the workers are processes of their own
    with LocalCluster(n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster:
        given = refresh.with_options(task_runner=DaskTaskRunner(cluster=cluster)) if is_given else refresh
        state = given([str(articles)], tmp_path / "w", dask=None if is_given else cluster.scheduler_address, return_state=True)
    assert (state.name, state.message) == ("Completed", "2 documents, all checks pass")
    names = [run.name for run in ask(lambda client: client.read_task_runs()) if run.flow_run_id == state.state_details.flow_run_id]
    assert sum(name.startswith("batch ") for name in names) == 2


def test_a_task_runner_of_another_kind_is_refused(articles, tmp_path):
    from prefect.task_runners import ProcessPoolTaskRunner

    from flows.refresh import refresh

    state = refresh.with_options(task_runner=ProcessPoolTaskRunner())([str(articles)], tmp_path / "w", return_state=True)
    assert "give it prefect_dask.DaskTaskRunner" in state.message
