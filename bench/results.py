"""What the benchmarks found, a JSON file each, and the machine they ran on: bench.document makes the tables of docs/ from them."""

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).with_name("results")


def keep(name: str, figures: dict) -> None:
    """Write the figures of a benchmark, with the machine, the versions and the command that made them."""
    RESULTS.mkdir(exist_ok=True)
    whole = {"machine": describe_machine(), "versions": list_versions(), **figures}
    (RESULTS / f"{name}.json").write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def recall(name: str) -> dict | None:
    """Return the figures of a benchmark; None if it has not been run."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def describe_machine() -> str:
    """Return processor, cores and memory in a line."""
    facts = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = next((line.split(":", 1)[1].strip() for line in facts.splitlines() if line.startswith("model name")), platform.processor())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def list_versions() -> dict[str, str]:
    """Return the versions that the figures depend on."""
    return {name: version(name) for name in ("polars", "duckdb", "pyarrow", "prefect")}


def read_peak() -> float:
    """Return the most memory this process has held, in MB."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
