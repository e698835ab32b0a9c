"""Writes docs/performance.md and docs/scale.md from what the benchmarks found last: python -m bench.document

A benchmark that has not been run, or not since its figures' shape changed, is named with the command that runs it.
"""

from collections.abc import Iterator
from pathlib import Path

from bench.layers import describe_frames, tabulate
from bench.peers import OPPONENTS
from bench.pipeline import FLAMES
from bench.results import recall
from warehouse.parts import BATCH_BYTES

DOCS = Path(__file__).resolve().parent.parent / "docs"
# A day of Chinese financial news on the web, as assumed, and two that fit on no machine.
CORPORA = {"a day of web news": 200_000, "10 M documents": 10_000_000, "1 B documents": 1_000_000_000}
# MB per CPU second that process() is to reach, and its stages whose work is done figure by figure.
_TARGET = 2
_BY_FIGURE = ("find_mentions", "find_quantities", "resolve_periods", "resolve_metrics")
_CORES = (2, 64, 1024)


def main() -> None:
    (DOCS / "performance.md").write_text("\n".join(describe_performance()) + "\n", encoding="utf-8")
    (DOCS / "scale.md").write_text("\n".join(describe_scale()) + "\n", encoding="utf-8")


def describe_performance() -> Iterator[str]:
    """Yield the lines of docs/performance.md."""
    yield from (
        "# Performance", "",
        "Rendered by `python -m bench.document` from `bench/results/`; `make bench` measures and renders. CPU seconds and ratios of one run are",
        "comparable on one machine; wall time is given where nothing else can be, and says something on an idle machine only.", "",
    )  # fmt: skip
    yield from _describe_stages()
    yield from _describe_layers()
    yield from _describe_peers()
    yield from _describe_runs()
    yield from _describe_storage()
    yield from _describe_paragraphs()
    yield from (
        "## In CI", "",
        "`tests/bench` holds process() and its cleaning stages against fixed pure-Python work in the same process, as ratios, and fails above the stored limits",
        "(`tests/bench/floor.json`, 40 % of slack). `python -m tests.bench.test_speed` prints today's ratios: lower a limit when they have fallen.",
    )  # fmt: skip


def _describe_stages() -> Iterator[str]:
    yield from ("## process(), stage by stage", "")
    figures = recall("stages_finance")
    if not figures:
        yield _missing("bench.pipeline finance --keep")
        return
    megabytes, total = figures["bytes"] / 1e6, figures["cpu_seconds"]
    yield _name_machine(figures)
    yield from _tabulate(("stage", "CPU s", "share", "MB per CPU s"), [
        *((name, f"{seconds:.2f}", f"{seconds / total:.0%}", f"{megabytes / seconds:.1f}" if seconds > 0.01 else "-") for name, seconds in figures["stages"].items()),
        ("**all**", f"{total:.2f}", "100%", f"**{megabytes / total:.2f}**"),
    ])  # fmt: skip
    yield (
        f"{figures['documents']:,} documents, {megabytes:.1f} MB of UTF-8, {figures['metrics']:,} metrics, in batches of {figures['batch_bytes'] / 1e6:g} MB; "
        f"{figures['documents'] / total:.0f} documents per CPU second; peak memory {figures['peak_mb']:,.0f} MB. Each paragraph is unique (`bench/corpus.py`)."
    )
    yield from ("", _bound(figures))
    if FLAMES.exists():
        yield from ("", f"Where the time goes, by a sampler of stacks: [flame graph](images/{FLAMES.name}).")
    yield from ("", "Again: `python -m bench.pipeline finance --megabytes 8 --keep`", "")


def _bound(figures: dict) -> str:
    """Return what keeps process() from the speed it is to have: what Python does for each figure."""
    megabytes, stages = figures["bytes"] / 1e6, figures["stages"]
    density = figures["metrics"] / megabytes
    share = sum(stages[name] for name in _BY_FIGURE) / figures["cpu_seconds"]
    return (
        f"The target is {_TARGET} MB. A megabyte of this text states {density:,.0f} metrics: at {_TARGET} MB a second a core has {1e6 / density / _TARGET:.0f} µs for each, from raw bytes to a "
        f"validated row, and resolve_metrics alone takes {stages['resolve_metrics'] / figures['metrics'] * 1e6:.0f} µs to find its label, company, period, basis and modality. What Python does for each "
        f"figure and name ({', '.join(_BY_FIGURE)}) is {share:.0%} of the whole and spread evenly over some hundred functions; compiled with mypyc those ran 1.27 times as fast, which is not worth a compiler "
        "on every machine. The rest runs in the regexes and automata of polars. Texts with fewer figures are faster: see the layers below."
    )


def _describe_layers() -> Iterator[str]:
    yield from ("## Layers, on real articles", "")
    figures = recall("layers")
    if not figures:
        yield from (_missing("bench.layers --keep"), "")
        return
    yield _name_machine(figures)
    corpora = figures["corpora"]
    yield from _tabulate(("MB per CPU s", *(f"{name} ({corpus['bytes'] / 1e6:.1f} MB)" for name, corpus in corpora.items()), "together"), tabulate(corpora))
    yield "Each article once, in batches as a run makes them. Again: `python -m bench.layers --keep`"
    yield from ("", f"find_quantities (numbers, dates and periods) over each corpus as one frame: {describe_frames(figures['frames'])}.")
    yield ""


def _describe_peers() -> Iterator[str]:
    yield from ("## Beside peers, in one run", "")
    figures = recall("peers")
    if not figures:
        yield _missing("bench.peers --python PEERS/bin/python --keep")
        return
    yield _name_machine(figures)
    programs, size = figures["programs"], figures["bytes"] / 1e6
    rows = []
    for ours, theirs in OPPONENTS.items():
        fast = {name: size / programs[name]["cpu_seconds"] for name in (ours, theirs) if "cpu_seconds" in programs[name]}
        said = {name: f"{fast[name]:.2f}" if name in fast else f"not measured: {programs[name]['missing']}" for name in (ours, theirs)}
        rows.append((ours, said[ours], f"{theirs} ({programs[theirs].get('name', 'not installed')})", said[theirs], f"{fast[ours] / fast[theirs]:.1f}" if len(fast) == 2 else "-"))
    yield from _tabulate(("ours", "MB per CPU s", "peer", "MB per CPU s", "times as fast"), rows)
    yield (
        "The work is not the same: data-juicer's recipe cleans, converts, filters and deduplicates, which caibao's stages do beside extracting metrics; JioNLP finds amounts of money, "
        "find_quantities every figure with its unit, range, hedge and class; the package converts what simplify converts, without folding widths."
    )
    yield ""


def _describe_runs() -> Iterator[str]:
    yield from ("## Whole runs", "")
    figures = recall("runs")
    if not figures:
        yield _missing("bench.runs --keep")
        return
    yield _name_machine(figures)
    rows = []
    if known := figures.get("known"):
        rows += [
            (f"publish {known['files']:,} judged short articles, nothing else", f"{known['publish']['cpu_seconds']:.1f} CPU s", ""),
            (f"a run without news over {known['files']:,} known files", f"{known['no_news']['cpu_seconds']:.1f} CPU s", "10 s"),
        ]
    if prefect := figures.get("prefect"):
        # both are differences of whole runs: where Prefect costs less than the runs vary, nothing
        client, fixed = max(prefect["client_ms"], 0), max(prefect["fixed_seconds"], 0)
        cost = (client + prefect["server_ms"]) / 1000
        batches = 600 / _batch_seconds()
        rows += [
            ("Prefect, for each batch", f"{client:.0f} ms in the run, {prefect['server_ms']:.0f} ms in its server", ""),
            (f"Prefect's share of 10 minutes of one core ({batches:.0f} batches), its server and start of a run included", f"{(cost * batches + fixed) / 600:.1%}", "5 %"),
        ]
    if growth := figures.get("growth"):
        (few, cheap), (many, dear) = growth.items()
        rows.append((f"CPU for each short document at {int(many):,}, against {int(few):,}", f"{dear:.2f} ms, {cheap:.2f} ms: {dear / cheap:.2f}", "1.1"))
    if workers := figures.get("workers"):
        one, two, dask = (workers[name] for name in ("one", "two", "dask"))
        rows.append((f"{workers['megabytes']:g} MB on two processes instead of one", f"{one['seconds'] / two['seconds']:.2f} of the speed; CPU {one['cpu_seconds']:.1f} s, {two['cpu_seconds']:.1f} s", "1.7"))
        if dask:
            rows.append(("the same on Dask's LocalCluster of two workers, its start included", f"{one['seconds'] / dask['seconds']:.2f} of the speed; CPU {dask['cpu_seconds']:.1f} s", ""))
    yield from _tabulate(("", "measured", "target"), rows)
    yield "Local batches run on a pool of processes: a LocalCluster starts a scheduler and nannies beside the same workers. Again: `python -m bench.runs --keep`"
    yield ""


def _describe_storage() -> Iterator[str]:
    yield from ("## Storage and queries", "")
    found = [figures for size in ("1", "10") if (figures := recall(f"storage_{size}"))]
    if not recall("storage_10"):
        yield from (_missing("bench.storage --metrics 10"), "")
    for figures in found:
        yield _name_machine(figures)
        millions, publish = figures["rows"]["metrics"] / 1e6, figures["publish"]
        if "raw_bytes" in figures:
            yield (
                f"{millions:.1f} M metrics of {figures['documents']:,} generated documents ({figures['raw_bytes'] / 1e6:,.0f} MB of text). For each million: parts {sum(figures['part_bytes'].values()) / 1e6 / millions:,.0f} MB "
                f"(of metrics {figures['part_bytes']['metrics'] / 1e6 / millions:.0f} MB), written in {figures['write_cpu_seconds'] / millions:.1f} CPU s; database {publish['database_bytes'] / 1e6 / millions:,.0f} MB, "
                f"built in {publish['steps']['build'] / millions:.0f} CPU s" + (f", checked in {publish['steps']['checks'] / millions:.0f} CPU s" if "checks" in publish["steps"] else "")
                + f". Memory: peak {publish['peak_mb']:,.0f} MB with the generator, DuckDB's limit {publish['memory_limit']}."
            )
        yield ""
        yield from _tabulate(("question", "rows", "median ms (wall)", "median ms (CPU)"), [(name, str(one["rows"]), f"{one['median_ms']:.0f}", f"{one['cpu_ms']:.0f}") for name, one in figures["queries"].items()])
    yield from (
        "Parts are zstd-compressed Parquet with dictionaries, a row group each (a batch's rows), sorted by key. In the database `facts` lies in the order of company and metric, so that a company's history reads",
        "a few row groups; `financials`, `conflicts`, `arithmetic` and `guidance_vs_actual` are worked out once, when they are published.", "",
    )  # fmt: skip


def _describe_paragraphs() -> Iterator[str]:
    yield from ("## Across the corpus", "")
    figures = recall("paragraphs")
    if not figures:
        yield from (_missing("bench.paragraphs --keep"), "")
        return
    yield _name_machine(figures)
    yield from _tabulate(("step", "found", "CPU s", "peak MB of the process so far"), [
        ("generating them", "", "", f"{figures['peak_mb_before']:,.0f}"),
        *((name, f"{step['found']:,}", f"{step['cpu_seconds']:.1f}", f"{step['peak_mb']:,.0f}") for name, step in figures["steps"].items()),
    ])  # fmt: skip
    yield f"{figures['paragraphs']:,} paragraphs of {figures['documents']:,} documents, DuckDB's limit {figures['memory_limit']}. Again: `python -m bench.paragraphs --keep`"
    yield ""


def describe_scale() -> Iterator[str]:
    """Yield the lines of docs/scale.md."""
    yield from (
        "# Scale", "",
        "How many cores, hours and bytes a corpus takes. Rendered by `python -m bench.document` from measured unit costs (see [performance](performance.md)): measure on your machine and render again.", "",
        "## On more than one machine", "",
        "```",
        "pip install '.[cluster]'                                         # in a checkout, here and on the workers: the same version",
        "dask scheduler                                                  # on one machine: tcp://10.0.0.5:8786",
        "dask worker tcp://10.0.0.5:8786 --nworkers 16 --nthreads 1 --memory-limit 2GB    # on the others, a process for each core",
        'caibao run "s3://bucket/news/*.jsonl" --parts s3://bucket/caibao --dask tcp://10.0.0.5:8786',
        "```", "",
        "Workers read the sources and write the parts; both have to lie where all of them reach: an object store, or a disk in common. The machine that runs the command plans, keeps a copy of the parts in its",
        "`--warehouse`, builds `caibao.duckdb` there and remembers the store. Stores are told by fsspec's URLs; S3's address and keys come from the usual variables (`AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`…), which the",
        "workers need too. A worker that dies costs the batch it had in hand, which another one judges again. Workers whose rules differ from the planner's stop the run. `--lexicon DIR` has to exist on the workers.", "",
        'In the flow the cluster is that of prefect-dask\'s task runner: `--dask` names its scheduler, and a flow of your own may give it one of another kind: `refresh.with_options(task_runner=DaskTaskRunner(cluster_class="dask_kubernetes.operator.KubeCluster"))`. Batches go to it as plain functions, and their task runs stay with the flow: as tasks on the workers they would cost 0.2-0.3 s each, and every worker would have to reach the Prefect server.', "",
        "## How much", "",
    )  # fmt: skip
    costs = _unit_costs()
    if costs is None:
        yield _missing("bench.pipeline finance --keep and bench.storage --metrics 1")
        return
    yield (
        f"Measured: {costs['speed']:.2f} MB per core second in process(), {costs['document_bytes']:,.0f} bytes a document, {costs['metrics']:.0f} metrics a document, {costs['publish'] * 1000:.2f} CPU ms a document to publish and check, "
        f"parts {costs['parts']:.1f} and database {costs['database']:.1f} bytes for each byte of text."
    )
    yield from ("", *_tabulate(("", "text", "core hours", *(f"hours on {cores:,} cores" for cores in _CORES), "parts", "database", "publish, hours of a core", "batches"), [
        _size(name, count, costs) for name, count in CORPORA.items()
    ]))  # fmt: skip
    yield from (
        "Hours on many cores are core hours divided by cores and 0.85, for what two workers lose on one machine at most (target 1.7 of 2); publishing comes on top and uses the cores of one machine.", "",
        "## What breaks first", "",
        "1. **Publishing** looks at the whole warehouse: a run that adds one article to ten million builds the database again (a run without news does not). From some ten million documents on publish by day or week, or into",
        "   warehouses of a year each, and `ATTACH` them in one query.",
        "2. **Planning** reads each source once in one process to know its bytes, and holds a path and two hashes for each known file (estimated, not measured: 0.5 GB a million files). Past a few million documents deliver `.jsonl`/`.parquet`",
        "   files, not a file each; a table file may have 500 MB.",
        "3. **Files**: eleven parts a batch. At a billion documents that is tens of millions of objects: a warehouse of its own for each month keeps the lists short.",
        "4. **Prefect** keeps a row and a few log lines for each batch in SQLite; past ten thousand batches a run, use `--direct` or a Postgres server.",
        "5. **Reposts** are found within one warehouse. Across warehouses of a month each, the fingerprints (520 bytes a document) are what has to be brought together.",
    )  # fmt: skip


def _unit_costs() -> dict[str, float] | None:
    """Return what a byte and a document cost; None before they were measured."""
    stages, storage = recall("stages_finance"), recall("storage_1")
    if not stages or not storage:
        return None
    raw = storage["raw_bytes"]
    return {
        "speed": stages["bytes"] / 1e6 / stages["cpu_seconds"], "document_bytes": stages["bytes"] / stages["documents"], "metrics": stages["metrics"] / stages["documents"],
        "publish": sum(storage["publish"]["steps"].values()) / storage["documents"], "parts": sum(storage["part_bytes"].values()) / raw,
        "database": storage["publish"]["database_bytes"] / raw,
    }  # fmt: skip


def _size(name: str, documents: int, costs: dict[str, float]) -> tuple[str, ...]:
    text = documents * costs["document_bytes"]
    hours = text / 1e6 / costs["speed"] / 3600
    return (
        f"{name} ({documents:,})", _bytes(text), f"{hours:,.0f}", *(f"{hours / cores / 0.85:,.1f}" for cores in _CORES),
        _bytes(text * costs["parts"]), _bytes(text * costs["database"]), f"{documents * costs['publish'] / 3600:,.1f}", f"{text / BATCH_BYTES:,.0f}",
    )  # fmt: skip


def _batch_seconds() -> float:
    """Return the CPU seconds of a batch as measured, else one."""
    figures = recall("stages_finance")
    return figures["cpu_seconds"] * figures["batch_bytes"] / figures["bytes"] if figures else 1.0


def _bytes(count: float) -> str:
    return next(f"{count / size:,.1f} {unit}" for size, unit in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1, "B")) if count >= size)


def _name_machine(figures: dict) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in figures["versions"].items())
    return f"*{figures['machine']}; {versions}.*\n"


def _missing(command: str) -> str:
    return f"Not measured yet: `python -m {command}`"


def _tabulate(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield "|" + "---|" * len(header)
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


if __name__ == "__main__":
    main()
