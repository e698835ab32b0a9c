"""The Prefect server and its UI on this machine: on a free loopback port, with the history of the runs made here."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from flows.prefect_home import DEFAULT_PORT, prepare

_STARTUP_SECONDS = 180
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SHORTEST = 60  # seconds: a scheduled run is a process of its own, which takes 10-20 s to start


class ServerError(RuntimeError):
    """The server did not start; the message says where its log is."""


def find_port(wanted: int = DEFAULT_PORT) -> int:
    """Return `wanted` if nothing listens there, else a free port."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            # as the server itself binds: a connection that was just closed does not hold the port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise ServerError("No port is free on 127.0.0.1.")


def parse_interval(text: str) -> timedelta:
    """Return the time that 15m, 2h or 1d means. Raises ValueError."""
    match = re.fullmatch(r"(\d+)\s*([smhd])", text.strip().lower())
    seconds = int(match[1]) * _SECONDS[match[2]] if match else 0
    if seconds < _SHORTEST:
        raise ValueError(f"{text} is no interval of a minute or more. Write 15m, 2h or 1d.")
    return timedelta(seconds=seconds)


@contextlib.contextmanager
def run_server(root: Path, port: int) -> Iterator[str]:
    """Start server, UI and the warehouse's pages, give their address, and stop both when the block ends. Raises ServerError."""
    address = f"http://127.0.0.1:{port}"
    prepare(root)
    # the UI asks the API at the port it was told of, not at the one it is served from
    told = {"PREFECT_API_URL": f"{address}/api", "PREFECT_UI_API_URL": f"{address}/api", "PREFECT_SERVER_API_PORT": str(port), "PREFECT_SERVER_UI_API_URL": f"{address}/api", "CAIBAO_WAREHOUSE": str(root.resolve())}
    log = Path(os.environ["PREFECT_HOME"]) / "server.log"
    with log.open("wb") as file:
        command = [sys.executable, "-m", "uvicorn", "--factory", "flows.site:create_site", "--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
        # a session of its own: Ctrl-C reaches this process, which ends the server in order
        server = subprocess.Popen(command, env=os.environ | told, stdout=file, stderr=subprocess.STDOUT, start_new_session=True)
    # a terminated process has to end its server too
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        _await(server, f"{address}/api/health", log)
        yield address
    finally:
        signal.signal(signal.SIGTERM, before)
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _await(server: subprocess.Popen, url: str, log: Path) -> None:
    """Return when the server answers. Raises ServerError."""
    deadline = time.monotonic() + _STARTUP_SECONDS
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy does not know our loopback
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(urllib.error.URLError, OSError), opener.open(url, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.3)
    raise ServerError(f"The Prefect server did not start. Its log: {log}")
