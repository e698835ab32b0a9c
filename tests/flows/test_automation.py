"""The deployments of prefect.yaml on a real server and worker, as the docs say: deploy, work, run, be told."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from warehouse import publish

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.xdist_group("server")]


@pytest.fixture
def environment(ui_server):
    """The environment in which commands talk to the server."""
    warehouse, address = ui_server
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return kept | {"PREFECT_API_URL": f"{address}/api", "PREFECT_HOME": str(warehouse / ".prefect"), "DO_NOT_TRACK": "1"}


@pytest.fixture
def prefect(environment):
    """Run a command of Prefect's; return what it printed."""

    def run(*words: str) -> str:
        done = subprocess.run([BIN / "prefect", "--no-prompt", *words], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture
def worker(prefect, environment, tmp_path):
    """A worker of the pool that prefect.yaml names, and where it writes its log."""
    prefect("work-pool", "create", "local", "--type", "process", "--overwrite")
    log = tmp_path / "worker.log"
    with log.open("wb") as output:
        process = subprocess.Popen([BIN / "prefect", "worker", "start", "--pool", "local"], cwd=ROOT, env=environment, stdout=output, stderr=output)
    yield log
    process.terminate()
    process.wait(60)


def test_a_failing_check_reaches_the_webhook(worker, prefect, environment, webhook, tmp_path):
    hook, received = webhook
    (tmp_path / "a.txt").write_text("海岚科技2024年营收52.6亿元。\n海岚科技2024年营收62.6亿元。\n", encoding="utf-8")
    prefect("deploy", "--name", "alert", "--param", f"webhook={hook}")
    subprocess.run([BIN / "caibao", "run", tmp_path / "a.txt", "-w", tmp_path / "w"], cwd=ROOT, env=environment, check=True, capture_output=True, timeout=240)
    deadline = time.monotonic() + 120
    while not received and time.monotonic() < deadline:
        time.sleep(0.5)
    told = next((one for one in received if one["check_name"] == "articles_agree_with_themselves"), None)
    assert told, worker.read_text(encoding="utf-8")
    assert told["message"].startswith("One article states two values for the same thing")
    assert told["run_id"].startswith("run-")


def test_a_worker_judges_the_inbox(worker, prefect, articles, tmp_path):
    """And the run ends in the state, and with the message, of the work in it."""
    root = tmp_path / "w"
    (articles / "empty.txt").touch()
    prefect("deploy", "--name", "inbox", "--param", f"inbox={articles}", "--param", f"warehouse={root}")
    prefect("deployment", "schedule", "pause", "--all")  # a run at the full quarter would have this one cancelled
    said = prefect("deployment", "run", "inbox/inbox", "--watch", "--watch-timeout", "200")
    assert "finished successfully in 'Quarantined'" in " ".join(said.split()), said + worker.read_text(encoding="utf-8")
    assert "1 inputs, 0 rows set aside" in worker.read_text(encoding="utf-8")
    with publish.connect(root) as con:
        assert con.execute("SELECT count(*), count(flow_run_id) FROM runs").fetchone() == (1, 1)
        assert {Path(path).name for (path,) in con.execute("SELECT source_path FROM documents").fetchall()} == {"hai_lan.txt", "bei_feng.txt"}
