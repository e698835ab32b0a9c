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

    def open_page(url: str, seconds: int = 3, *flags: str) -> tuple[str, set[str]]:
        log = tmp_path / "net.json"
        command = [CHROMIUM, *FLAGS, *flags, f"--user-data-dir={tmp_path / 'profile'}", f"--log-net-log={log}", f"--virtual-time-budget={seconds * 1000}", "--dump-dom", url]
        page = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
        requests = [event["params"] for event in json.loads(log.read_text(encoding="utf-8"))["events"] if "url" in event.get("params", {})]
        # the browser calls its maker whatever is open; what a page asks for names the page as its initiator
        asked = [one["url"] for one in requests if str(one.get("initiator")).startswith("http") or one["url"].startswith(url)]
        return page, {urlsplit(one).hostname for one in asked}

    return open_page


def take_picture(url: str, name: str, folder: Path, size: str, seconds: int = 3, *flags: str) -> None:
    """Write a screenshot for the docs, if asked for."""
    if PICTURES:
        command = [CHROMIUM, *FLAGS, *flags, f"--user-data-dir={folder / 'pictures'}", f"--virtual-time-budget={seconds * 1000}", f"--window-size={size}"]
        subprocess.run([*command, f"--screenshot={Path(PICTURES).resolve() / name}", url], capture_output=True, timeout=120, check=True)


def measure(page: Path, root: Path, script: str) -> str:
    """Write a copy of a page that runs `script` at its end, allowed by its policy, and leaves what it returns in the title; return its name."""
    text = page.read_text(encoding="utf-8").replace("default-src 'none'; style-src", "default-src 'none'; script-src 'unsafe-inline'; style-src")
    name = f"measured_{len(list(root.glob('measured_*')))}.html"
    # beside the page, so that its links stay right
    (page.parent / name).write_text(text.replace("</body>", f"<script>document.title = (() => {{ {script} }})();</script></body>"), encoding="utf-8")
    return name


def read_title(page: str) -> str:
    return re.search(r"<title>(.*?)</title>", page, re.DOTALL)[1]


@pytest.mark.parametrize("width", [500, 900, 1400])
def test_the_report_fits_the_screen(site, browse, width):
    root, address = site
    name = measure(root / "report.html", root, "return [document.documentElement.scrollWidth, innerWidth].join();")
    page, _ = browse(f"{address}/{name}", 3, f"--window-size={width},900")
    scroll, inner = map(int, read_title(page).split(","))
    assert scroll <= inner == width


@pytest.mark.parametrize(("scheme", "paper"), [("0", "rgb(20, 24, 29)"), ("1", "rgb(255, 255, 255)")], ids=["dark", "light"])
def test_pages_and_charts_follow_the_colours_of_the_system(site, browse, tmp_path, scheme, paper):
    root, address = site
    script = "const colour = (one, name) => getComputedStyle(document.querySelector(one))[name]; return [colour('body', 'backgroundColor'), colour('rect.paper', 'fill')].join(' | ');"
    name = measure(root / "report.html", root, script)
    page, _ = browse(f"{address}/{name}", 3, f"--blink-settings=preferredColorScheme={scheme}")
    assert read_title(page) == f"{paper} | {paper}"
    if scheme == "0":
        take_picture(f"{address}/report.html", "report-dark.png", tmp_path, "1200,1000", 3, "--blink-settings=preferredColorScheme=0")


def test_the_report_is_rendered_and_asks_nobody(site, browse, tmp_path):
    _, address = site
    page, hosts = browse(f"{address}/report.html")
    assert hosts == {"127.0.0.1"}
    assert re.search(r"<h1>.*documents read", page)
    assert page.count("<svg") >= 8
    assert "Against the runs before" in page
    take_picture(f"{address}/report.html", "report.png", tmp_path, "1200,1300")


def test_the_evidence_page_is_rendered_and_searched(site, browse, tmp_path):
    root, address = site
    with publish.connect(root) as con:
        doc_id, metrics = con.execute(
            "SELECT doc_id, count(*) FROM metrics JOIN documents USING (doc_id) WHERE ends_with(source_path, 'call_tencent_2024q4.txt') GROUP BY doc_id"
        ).fetchone()
    evidence = root / "evidence" / f"{doc_id}.html"
    typed = measure(evidence, root, 'search.value = "没有这样的词"; search.dispatchEvent(new Event("input")); return "typed";')
    page, hosts = browse(f"{address}/evidence/{doc_id}.html")
    assert hosts == {"127.0.0.1"}
    assert f"<h2>{metrics} metrics</h2>" in page
    assert "<tbody hidden" not in page
    searched, _ = browse(f"{address}/evidence/{typed}")
    assert searched.count('<tbody hidden="">') == metrics
    assert "0 paragraphs, 0 metrics" in searched


CHOSEN = """
    Element.prototype.scrollIntoView = () => {};
    const link = [...document.querySelectorAll("article a.metric")].find((one) => one.textContent.includes("767.6"));
    %s
    const words = (query) => [...document.querySelectorAll(query)].map((one) => one.textContent).join("/");
    return [words("article .lit"), words("tbody.open q"), why.hidden ? "" : why.textContent.replace(/\\s+/g, " ")].join(" | ");
"""


@pytest.mark.parametrize(
    ("width", "act", "said"),
    [
        (1400, "choose(link.hash.slice(1));", ""),
        # n leads on from the figure before; the hash is kept out of it, which would scroll the page
        (1400, "const links = [...document.querySelectorAll('article a.metric')]; links[links.indexOf(link) - 1].classList.add('chosen');"
         "link.onclick = (event) => { event.preventDefault(); choose(link.hash.slice(1)); }; document.dispatchEvent(new KeyboardEvent('keydown', { key: 'n' }));", ""),
        (500, "link.click();", "767.6亿元 · capex 767.6亿 CNY · Tencent 2024 · actual · Martin Lau"),
    ],
    ids=["click", "keyboard", "finger"],
)
def test_a_figure_shows_what_it_rests_on(site, browse, tmp_path, width, act, said):
    root, address = site
    with publish.connect(root) as con:
        ((doc_id,),) = con.execute("SELECT doc_id FROM documents WHERE ends_with(source_path, 'call_tencent_2024q4.txt')").fetchall()
    name = measure(root / "evidence" / f"{doc_id}.html", root, CHOSEN % act)
    page, _ = browse(f"{address}/evidence/{name}", 3, f"--window-size={width},900")
    lit, grounds, told = read_title(page).split(" | ")
    assert (set(lit.split("/")), set(grounds.split("/"))) == ({"资本开支", "2024年", "767.6亿元"}, {"资本开支", "2024年", "767.6亿元"})
    assert said in told
    assert bool(told) == bool(said)
    if width == 1400 and "keydown" not in act:
        take_picture(f"{address}/evidence/{name}", "evidence.png", tmp_path, "1400,900")


@pytest.mark.parametrize(
    ("query", "place", "first"),
    [
        ("SELECT doc_id, rule_id FROM removed ORDER BY doc_id, block_no LIMIT 1", "p.gone", "removed as"),
        ("SELECT doc_id, rule_id FROM repairs WHERE is_applied ORDER BY doc_id, start_char LIMIT 1", "span.fix", "repaired: "),
    ],
)
def test_a_removed_part_and_a_repair_say_why_without_a_mouse(site, browse, query, place, first):
    root, address = site
    with publish.connect(root) as con:
        ((doc_id, rule_id),) = con.execute(query).fetchall()
    # a headless window may not have the focus itself: that the part takes it is looked at apart from what it then says
    script = f"""
        const part = document.querySelector('{place}[tabindex="0"]');
        part.focus();
        if (document.activeElement !== part) return "the part cannot be reached";
        part.dispatchEvent(new FocusEvent("focusin", {{ bubbles: true }}));
        return why.hidden ? "" : why.textContent;
    """
    name = measure(root / "evidence" / f"{doc_id}.html", root, script)
    told = read_title(browse(f"{address}/evidence/{name}")[0])
    assert told.startswith(first)
    assert rule_id in told


@pytest.mark.server
def test_the_prefect_ui_shows_the_run_and_its_report(ui_server, browse, tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    warehouse, address = ui_server
    command = [Path(os.sys.executable).with_name("caibao"), "run", "seeds/documents", "-w", warehouse]
    subprocess.run(command, env=environment | {"PREFECT_API_URL": f"{address}/api", "CAIBAO_PAGES": f"{address}/caibao"}, check=True, capture_output=True, timeout=240)
    artifacts = ask(f"{address}/api/artifacts/filter")
    report = next(one for one in artifacts if one["key"] == "report")
    assert "data:image/svg+xml;base64" in report["data"]
    failing = next(one for one in artifacts if one["key"] == "failing-checks" and one["flow_run_id"] == report["flow_run_id"])
    assert 0 < len(json.loads(failing["data"])) <= 200
    pages = {}
    for path, said in (
        (f"runs/flow-run/{report['flow_run_id']}", "seeds/documents"),
        (f"artifacts/artifact/{report['id']}", "From documents to metrics"),
        (f"artifacts/artifact/{failing['id']}", "articles_agree_with_themselves: conflicts"),
    ):  # fmt: skip
        pages[path], hosts = browse(f"{address}/{path}", 12)
        assert hosts == {"127.0.0.1"}, path
        assert said in pages[path], path
    # what the table links to is there, and shows the figure
    link = re.search(rf'href="({address}/caibao/evidence/[0-9a-f]+\.html)#([0-9a-f.]+)"', pages[path])
    evidence, hosts = browse(link[1])
    assert hosts == {"127.0.0.1"}
    assert f'<tr id="{link[2]}"' in evidence
    take_picture(f"{address}/artifacts/artifact/{report['id']}", "prefect.png", tmp_path, "1400,1000", 12)
    take_picture(f"{address}/artifacts/artifact/{failing['id']}", "failing-checks.png", tmp_path, "1600,520", 12)


def ask(url: str) -> list[dict]:
    """Return what the API answers to an empty filter."""
    request = urllib.request.Request(url, b"{}", {"Content-Type": "application/json"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        return json.load(answer)
