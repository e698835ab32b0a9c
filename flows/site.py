"""The Prefect server with the warehouse's pages beside it: links in its UI lead to /caibao, rendered when they are asked for."""

import os
import re
from pathlib import Path

from prefect.server.api.server import create_app
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from flows.evidence import render_evidence
from flows.prefect_home import PAGES_PATH
from warehouse import publish
from warehouse.parts import WarehouseError

_HOSTS = ["127.0.0.1", "localhost", "[::1]"]  # no other name leads here, also where its owner points it at this machine
_RUN = re.compile(r"run-\w+")
_DOCUMENT = re.compile(r"[0-9a-f]{16}")


def create_site() -> ASGIApp:
    """Return the server for uvicorn; CAIBAO_WAREHOUSE names the warehouse whose pages it shows."""
    pages, prefect = create_pages(Path(os.environ["CAIBAO_WAREHOUSE"])), create_app()

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        # start and stop belong to Prefect, whose services run with it
        is_page = scope["type"] == "http" and (scope["path"] + "/").startswith(PAGES_PATH + "/")
        await (pages if is_page else prefect)(scope, receive, send)

    return serve


def create_pages(root: Path) -> Starlette:
    """Return the pages of a warehouse: the latest report, those of earlier runs, and the evidence of every document."""

    def show_latest(_: Request) -> Response:
        return _send_file(root / "report.html")

    def show_report(request: Request) -> Response:
        run_id = request.path_params["run_id"]
        return _send_file(root / "reports" / f"{run_id}.html") if _RUN.fullmatch(run_id) else _not_found()

    def show_evidence(request: Request) -> Response:
        doc_id = request.path_params["doc_id"]
        if not _DOCUMENT.fullmatch(doc_id):
            return _not_found()
        try:
            with publish.connect(root) as con:
                return HTMLResponse(render_evidence(con, doc_id))
        except WarehouseError as error:
            return PlainTextResponse(str(error), 404)

    routes = [
        Route("/", show_latest), Route("/report.html", show_latest), Route("/reports/{run_id}.html", show_report), Route("/evidence/{doc_id}.html", show_evidence),
    ]  # fmt: skip
    return Starlette(routes=[Mount(PAGES_PATH, routes=routes)], middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=_HOSTS)])


def _send_file(path: Path) -> Response:
    return FileResponse(path, media_type="text/html; charset=utf-8") if path.is_file() else _not_found()


def _not_found() -> Response:
    return PlainTextResponse("There is no such page in this warehouse. Reports of the newest 200 runs are kept.", 404)
