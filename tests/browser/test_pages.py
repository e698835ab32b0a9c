"""The pages in a real browser: what is rendered, that the search works, and that no request leaves this machine."""

import functools
import json
import os
import re
import shutil
import subprocess
import threading
import urllib.request
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from flows.server import find_port, run_server
from flows.steps import Settings, run_directly
from warehouse import publish

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars")
# CAIBAO_SCREENSHOTS=docs/images writes the pictures of the docs anew
PICTURES = os.environ.get("CAIBAO_SCREENSHOTS")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("server"),
    pytest.mark.skipif(CHROMIUM is None, reason="NO BROWSER: pages were not looked at; install it with apt-get install chromium fonts-noto-cjk"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The warehouse of the samples, made in two runs, served on loopback; gives its folder and its address."""
    root = tmp_path_factory.mktemp("site")
    run_directly(Settings(("seeds/documents/call_tencent_2024q4.txt", "seeds/documents/portal_moutai_2023.txt"), root))
    run_directly(Settings(("seeds/documents",), root))

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=root))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield root, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def browse(tmp_path):
    """Open a page; return its DOM after scripts have run, and the hosts that were asked."""

    def open_page(url: str, seconds: int = 3) -> tuple[str, set[str]]:
        log = tmp_path / "net.json"
        command = [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", f"--log-net-log={log}", f"--virtual-time-budget={seconds * 1000}", "--dump-dom", url]
        page = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
        requests = [event["params"] for event in json.loads(log.read_text(encoding="utf-8"))["events"] if "url" in event.get("params", {})]
        # the browser calls its maker whatever is open; what a page asks for names the page as its initiator
        asked = [one["url"] for one in requests if str(one.get("initiator")).startswith("http") or one["url"].startswith(url)]
        return page, {urlsplit(one).hostname for one in asked}

    return open_page


def take_picture(url: str, name: str, folder: Path, size: str, seconds: int = 3) -> None:
    """Write a screenshot for the docs, if asked for."""
    if PICTURES:
        command = [CHROMIUM, *FLAGS, f"--user-data-dir={folder / 'pictures'}", f"--virtual-time-budget={seconds * 1000}", f"--window-size={size}"]
        subprocess.run([*command, f"--screenshot={Path(PICTURES).resolve() / name}", url], capture_output=True, timeout=120, check=True)


def test_the_report_is_rendered_and_asks_nobody(site, browse, tmp_path):
    _, address = site
    page, hosts = browse(f"{address}/report.html")
    assert hosts == {"127.0.0.1"}
    assert re.search(r"<h1>.*documents read", page)
    assert page.count("<svg") >= 6
    assert "Against the runs before" in page
    take_picture(f"{address}/report.html", "report.png", tmp_path, "1200,1500")


def test_the_evidence_page_is_rendered_and_searched(site, browse, tmp_path):
    root, address = site
    with publish.connect(root) as con:
        doc_id, metrics = con.execute(
            "SELECT doc_id, count(*) FROM metrics JOIN documents USING (doc_id) WHERE ends_with(source_path, 'call_tencent_2024q4.txt') GROUP BY doc_id"
        ).fetchone()
    original = (root / "evidence" / f"{doc_id}.html").read_text(encoding="utf-8")
    # what a reader would type, typed by a line added to the page's own script
    typed = original.replace("</script>", 'search.value = "没有这样的词"; look();</script>')
    (root / "typed.html").write_text(typed, encoding="utf-8")
    page, hosts = browse(f"{address}/evidence/{doc_id}.html")
    assert hosts == {"127.0.0.1"}
    assert f"<h2>{metrics} metrics</h2>" in page
    assert "hidden=" not in page
    searched, _ = browse(f"{address}/typed.html")
    assert searched.count('hidden=""') == metrics
    assert "0 paragraphs, 0 metrics" in searched
    take_picture(f"{address}/evidence/{doc_id}.html", "evidence.png", tmp_path, "1400,900")


@pytest.mark.server
def test_the_prefect_ui_shows_the_run_and_its_report(browse, tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    warehouse = tmp_path / "w"
    port = find_port(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_HOME", str(warehouse / ".prefect"))
        with run_server(warehouse, port) as address:
            command = [Path(os.sys.executable).with_name("caibao"), "run", "seeds/documents", "-w", warehouse]
            subprocess.run(command, env=environment | {"PREFECT_API_URL": f"{address}/api"}, check=True, capture_output=True, timeout=240)
            artifacts = ask(f"{address}/api/artifacts/filter")
            report = next(one for one in artifacts if one["key"] == "report")
            assert "data:image/svg+xml;base64" in report["data"]
            failing = next((one for one in artifacts if one["key"] == "failing-checks"), None)
            assert failing is None or len(json.loads(failing["data"])) <= 200
            for path, said in ((f"runs/flow-run/{report['flow_run_id']}", "seeds/documents"), (f"artifacts/artifact/{report['id']}", "From documents to metrics")):
                page, hosts = browse(f"{address}/{path}", 12)
                assert hosts == {"127.0.0.1"}, path
                assert said in page, path
            take_picture(f"{address}/artifacts/artifact/{report['id']}", "prefect.png", tmp_path, "1400,1000", 12)


def ask(url: str) -> list[dict]:
    """Return what the API answers to an empty filter."""
    request = urllib.request.Request(url, b"{}", {"Content-Type": "application/json"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        return json.load(answer)
