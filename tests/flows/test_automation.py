"""From a failing check to a webhook on a real server, as prefect.yaml and the docs say: deploy, work, run, be told."""

import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


@pytest.fixture
def webhook():
    """A server on loopback and what it was sent."""
    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", received
    server.shutdown()


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.xdist_group("server")
def test_a_failing_check_reaches_the_webhook(ui_server, webhook, tmp_path):
    warehouse, address = ui_server
    hook, received = webhook
    (tmp_path / "a.txt").write_text("海岚科技2024年营收52.6亿元。\n海岚科技2024年营收62.6亿元。\n", encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    environment |= {"PREFECT_API_URL": f"{address}/api", "PREFECT_HOME": str(warehouse / ".prefect"), "DO_NOT_TRACK": "1"}

    def prefect(*words: str) -> None:
        done = subprocess.run([BIN / "prefect", "--no-prompt", *words], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr

    prefect("work-pool", "create", "local", "--type", "process")
    prefect("deploy", "--name", "alert", "--param", f"webhook={hook}")
    with (tmp_path / "worker.log").open("wb") as log:
        worker = subprocess.Popen([BIN / "prefect", "worker", "start", "--pool", "local"], cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        subprocess.run([BIN / "caibao", "run", tmp_path / "a.txt", "-w", tmp_path / "w"], cwd=ROOT, env=environment, check=True, capture_output=True, timeout=240)
        deadline = time.monotonic() + 120
        while not received and time.monotonic() < deadline:
            time.sleep(0.5)
        told = next((one for one in received if one["check_name"] == "articles_agree_with_themselves"), None)
        assert told, (tmp_path / "worker.log").read_text(encoding="utf-8")
        assert told["message"].startswith("One article states two values for the same thing")
        assert told["run_id"].startswith("run-")
    finally:
        worker.terminate()
        worker.wait(60)
