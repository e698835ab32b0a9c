"""Where Prefect keeps its history, and how it starts: settings that must stand before Prefect is imported."""

import os
from pathlib import Path

# A temporary server takes 20 s on a slow machine and its default limit is 20 s; nothing is reported to anyone.
SETTINGS = {
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_CLI_PROMPT": "false",
    "DO_NOT_TRACK": "1",
}


DEFAULT_PORT = 4210
PAGES_PATH = "/caibao"


def pages_address() -> str:
    """Return where links to reports and evidence lead: CAIBAO_PAGES, else where `caibao ui` serves them.

    A page of the Prefect UI cannot open files of this machine, so that its links need an address.
    """
    return os.environ.get("CAIBAO_PAGES") or f"http://127.0.0.1:{DEFAULT_PORT}{PAGES_PATH}"


def prepare(root: Path, is_quiet: bool = True) -> bool:
    """Set what the user has not set; return whether a server is given (PREFECT_API_URL) and none has to be started.

    The history lies beside the warehouse, so that a server started later with the same PREFECT_HOME shows it.
    """
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    home = Path(os.environ.setdefault("PREFECT_HOME", str((root / ".prefect").resolve())))
    home.mkdir(parents=True, exist_ok=True)  # the temporary server does not start without it
    if is_quiet:
        # the terminal gets a progress bar and one sentence for an error; the server gets every line all the same
        os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    return bool(os.environ.get("PREFECT_API_URL"))
