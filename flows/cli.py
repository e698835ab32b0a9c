"""The command line: caibao run · sql · explain · clean · render · serve · ui · eval · dictionary · doctor."""

import atexit
import contextlib
import json
import os
import sys
import threading
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import duckdb
import polars as pl
import typer
from rich.console import Console

from flows.doctor import diagnose
from flows.evaluate import evaluate, hold_floors, list_misses, show_misses, show_scores
from flows.evidence import render_evidence
from flows.explain import explain as explain_name
from flows.explain import find_document
from flows.prefect_home import DEFAULT_PORT, PAGES_PATH, prepare
from flows.quality import QualityError
from flows.quarantine import count_quarantine, replay
from flows.reference import render_commands
from flows.server import ServerError, find_port, parse_interval, run_server
from flows.steps import RejectedError, Settings, judge_inputs, run_directly
from flows.summary import Summary
from flows.terminal import RunProgress, list_tables, next_commands, show_rows, show_summary, silence_teardown
from flows.workers import ClusterError
from schemas import PART_TABLES, REFERENCE_TABLES, RUN_TABLES, VIEWS
from schemas.render import render_dictionary
from transforms.render import render_texts
from transforms.texts import write_texts
from warehouse import publish
from warehouse.compare import count_differences, diff_versions, diff_warehouses
from warehouse.history import EARLIER, count_waste, drop_waste, find_version, find_waste, list_versions
from warehouse.lexicon import LexiconError, read_lexicon
from warehouse.mirror import StoreError
from warehouse.parts import WarehouseError, plan_batches, writing
from warehouse.quarantine import read_quarantine
from warehouse.readers import read_sources

DEFAULT_WAREHOUSE = Path("warehouse/data")
DICTIONARY = Path(__file__).parent.parent / "docs" / "data-dictionary.md"
REFERENCE = DICTIONARY.with_name("cli.md")

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Chinese articles about company results, cleaned and turned into tables that can be queried and trusted.\n\n"
    "Start with:  [bold]caibao run YOUR_FOLDER[/bold]",
)
quarantine = typer.Typer(no_args_is_help=True, help="What was refused, why, and whether it comes back after a fix.")
app.add_typer(quarantine, name="quarantine")
out, err = Console(highlight=False), Console(stderr=True, highlight=False)

Warehouse = Annotated[Path, typer.Option("--warehouse", "-w", metavar="DIR", envvar="CAIBAO_WAREHOUSE", help="Folder of the warehouse.")]
LexiconFolder = Annotated[Path | None, typer.Option("--lexicon", metavar="DIR", help="Folder of your own rules, names and labels, laid over the built-in ones.")]
TextColumn = Annotated[str | None, typer.Option("--text-column", metavar="NAME", help="Column of .jsonl, .csv and .parquet files that holds the text.")]


Check = Annotated[str | None, typer.Option("--check", metavar="NAME", help="Only what this check refused.")]
Port = Annotated[int, typer.Option("--port", min=1, max=65535, metavar="N", help="Port of the Prefect UI on 127.0.0.1; a free one where it is taken.")]
Wait = Annotated[float, typer.Option("--wait", min=0, metavar="SECONDS", help="How long to wait where another run is writing; without it the message names that run and this one ends.")]


Parts = Annotated[
    str | None,
    typer.Option("--parts", metavar="URL", help="Object store for the Parquet parts (s3://bucket/folder), which workers on other machines reach; the warehouse keeps a copy, and remembers the address."),
]


def _parse_limits(text: str) -> float | dict[str, float]:
    """Return the limit for all stages, or stage -> limit: 0.1, or read=0.1,decode=0.02."""
    try:
        limits = {stage: float(share) for stage, _, share in (part.rpartition("=") for part in text.split(","))}
    except ValueError as error:
        raise typer.BadParameter("Write a share, or shares by stage: 0.1, or read=0.1,decode=0.02") from error
    if not set(limits) <= {"", "read", "decode", "process"} or not all(0 <= share <= 1 for share in limits.values()):
        raise typer.BadParameter("Shares lie between 0 and 1; the stages are read, decode and process.")
    return limits.pop("") if "" in limits else limits


MaxRejected = Annotated[
    float | None,
    typer.Option(parser=_parse_limits, metavar="SHARE", help="Share of inputs that a stage may refuse before the run fails and publishes nothing, for all stages (0.1) or by stage (read=0.1,decode=0.02); 0.05 from ten refusals on if not given."),
]


class SqlFormat(StrEnum):
    """How `caibao sql` writes its rows."""

    table = "table"
    csv = "csv"
    json = "json"
    parquet = "parquet"


class TextFormat(StrEnum):
    """How `caibao clean` writes its texts."""

    plain = "plain"
    markdown = "markdown"
    jsonl = "jsonl"


class Script(StrEnum):
    """Characters that `caibao render` writes."""

    hans = "hans"
    hant_tw = "hant-tw"
    hant_hk = "hant-hk"


@app.command()
def run(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Files, folders, quoted globs, URLs, - for standard input: .txt .md .html .jsonl .csv .parquet, also .gz .zst .zip.")],
    warehouse: Warehouse = DEFAULT_WAREHOUSE,
    lexicon: LexiconFolder = None,
    direct: Annotated[bool, typer.Option("--direct", help="Without Prefect: starts at once, leaves no run history.")] = False,
    text_column: TextColumn = None,
    max_rejected: MaxRejected = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that judge batches; chosen by the amount of work if not given.")] = None,
    wait: Wait = 0,
    parts: Parts = None,
    dask: Annotated[str | None, typer.Option("--dask", metavar="tcp://HOST:PORT", help="Judge on the workers of this Dask scheduler (needs the extra `cluster`).")] = None,
) -> None:
    """Read SOURCE..., judge what is new, publish the tables.

    What is already in with the same bytes and rules is skipped. An input that cannot be read is set aside with its reason, and the rest is published.

    Examples:

      caibao run articles/

      caibao run "news/2025-*.html" export.jsonl.gz --text-column body

      caibao run "s3://bucket/news/*.jsonl" --parts s3://bucket/caibao --dask tcp://10.0.0.5:8786
    """
    with _TellingErrors():
        settings = Settings(tuple(sources), warehouse, lexicon, text_column, max_rejected, workers, wait, parts, dask)
        summary = _run_directly(settings) if direct else _run_with_prefect(settings)
        out.print(show_summary(summary))
        for command in next_commands(summary, DEFAULT_WAREHOUSE):
            out.print(f"  {command}", soft_wrap=True, markup=False)
        if summary.refused and not (summary.read or summary.skipped or summary.copies):
            raise typer.Exit(1)


@app.command()
def sql(
    query: Annotated[str | None, typer.Argument(metavar='"SELECT ..."', help="One query; without it the tables and views are listed, and at a terminal queries are asked for.")] = None,
    warehouse: Warehouse = DEFAULT_WAREHOUSE,
    rules: Annotated[str | None, typer.Option("--rules", metavar="VERSION", help="Ask what an earlier version of the rules made of the texts; its first digits do. Those there are: caibao diff --rules")] = None,
    form: Annotated[SqlFormat, typer.Option("--format", "-f", help="table for reading; csv, json or parquet for the next program; by FILE's ending if not given.")] = SqlFormat.table,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to FILE instead of the terminal.")] = None,
) -> None:
    """Ask the warehouse, read-only.

    At a terminal, without a query: names are completed with Tab, statements end with a semicolon, the history stays.

    Examples:

      caibao sql

      caibao sql "SELECT entity, period, revenue, revenue_yoy FROM financials"

      caibao sql "FROM facts WHERE metric = 'gross_margin'" -o margins.parquet
    """
    with _TellingErrors(), _folder_of(warehouse, rules) as folder:
        if query is None and sys.stdin.isatty() and sys.stdout.isatty():
            from flows.shell import run_shell  # needs readline, which a single query does not

            run_shell(folder, warehouse / ".sql_history", out, lambda frame, path: _write_rows(frame, _format_of(path), path))
            return
        if output and form is SqlFormat.table:
            try:
                form = _format_of(output)
            except ValueError as error:
                raise typer.BadParameter(str(error)) from error
        with publish.connect(folder) as con:
            if query is None:
                out.print(list_tables(con))
                return
            if form is SqlFormat.parquet and output is None:
                raise typer.BadParameter("Parquet is not for the terminal. Name a file: --output rows.parquet")
            relation = con.sql(query)
            if relation is None:
                raise WarehouseError("That statement gives no rows; the warehouse is opened for reading only. Write a SELECT.")
            if form is SqlFormat.table and output is None:
                out.print(show_rows(relation.pl(), out.width))
                return
            _write_rows(relation.pl(), form, output)


@app.command()
def explain(
    name: Annotated[str, typer.Argument(metavar="METRIC_ID|DOC_ID|PATH", help="A metric, a document, or the end of its path.")],
    warehouse: Warehouse = DEFAULT_WAREHOUSE,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the document as one offline page for the browser instead.")] = None,
) -> None:
    """Show where a figure or a document's rows come from.

    A document: its raw text with every span highlighted, what was removed, and which rule did it.

    A metric: its row, the characters each part of it was read from, and the paragraph around them.

    Examples:

      caibao explain 22951d8940c5d40e

      caibao explain 22951d8940c5d40e.153.0

      caibao explain article.html --html article_evidence.html
    """
    with _TellingErrors(), publish.connect(warehouse) as con:
        if html:
            html.write_text(render_evidence(con, name), encoding="utf-8")
            out.print(f"Wrote {html}", soft_wrap=True, markup=False)
        else:
            out.print(explain_name(con, name), soft_wrap=False)


@app.command()
def clean(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Files, folders, quoted globs, URLs, or - for standard input.")],
    form: Annotated[TextFormat, typer.Option("--format", "-f", help="plain, markdown, or jsonl with each paragraph's offsets in the raw text.")] = TextFormat.plain,
    keep_script: Annotated[bool, typer.Option("--keep-script", help="Leave Traditional characters as they are (wrong ones are still repaired).")] = False,
    lexicon: LexiconFolder = None,
    text_column: TextColumn = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to FILE instead of the terminal.")] = None,
) -> None:
    """Write the cleaned text: without site furniture and foreign paragraphs, repaired, in Simplified characters.

    No warehouse is read or written.

    Examples:

      caibao clean article.html

      caibao clean articles/ --format jsonl -o cleaned.jsonl
    """
    with _TellingErrors(), TemporaryDirectory() as nowhere:
        knowledge = read_lexicon(lexicon)
        plan = plan_batches(sources, Path(nowhere), knowledge.rules_version, text_column)
        refused, lines = list(plan.rejected), []
        for batch in plan.batches:
            reading = read_sources(batch.sources)
            tables, defects = judge_inputs(reading.inputs, knowledge, batch.batch_id)
            refused += [*reading.rejected, *defects]
            lines += _format_texts(tables, form, keep_script) if tables else []
        for rejection in refused:
            err.print(f"[yellow]{rejection.source_path}[/]: {rejection.reason}")
        text = "".join(line + "\n" for line in lines)
        output.write_text(text, encoding="utf-8") if output else sys.stdout.write(text)
        if refused and not lines:
            raise typer.Exit(1)


@app.command()
def render(
    name: Annotated[str, typer.Argument(metavar="DOC_ID|PATH", help="A document of the warehouse, or the end of its path.")],
    script: Annotated[Script, typer.Option("--script", "-s", help="hans for Simplified; hant-tw and hant-hk for Taiwan's and Hong Kong's characters.")] = Script.hans,
    vocabulary: Annotated[bool, typer.Option("--vocabulary", help="Change words too where the two sides differ: 软件, 軟體. Not for hant-hk.")] = False,
    warehouse: Warehouse = DEFAULT_WAREHOUSE,
) -> None:
    """Write a document's kept text, repaired, in the script you choose. What is stored stays as it is.

    Examples:

      caibao render 22951d8940c5d40e --script hant-tw

      caibao render 22951d8940c5d40e --script hant-tw --vocabulary
    """
    with _TellingErrors(), publish.connect(warehouse) as con:
        if vocabulary and script is Script.hant_hk:
            raise typer.BadParameter("No table of Hong Kong's words is known. Leave --vocabulary out, or ask for hant-tw.")
        doc_id = find_document(con, name)
        tables = (con.sql(f"FROM {table} WHERE doc_id = ?", params=[doc_id]).pl() for table in ("documents", "blocks", "repairs"))
        paragraphs = render_texts(*tables, script.value, vocabulary)
        sys.stdout.write("".join(f"{text}\n" for text in paragraphs["text"]))


@app.command("eval")
def evaluate_command(
    gold: Annotated[Path, typer.Argument(metavar="GOLD_DIR", exists=True, file_okay=False, help="Folder of labels: blocks*.jsonl, metrics*.jsonl, turns*.jsonl, script*.jsonl, repairs*.jsonl.")],
    warehouse: Warehouse = DEFAULT_WAREHOUSE,
    floors: Annotated[Path | None, typer.Option(metavar="FILE", help="JSON: name of the label folder -> scores that must be reached; exit code 1 if one is not.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Scores as JSON.")] = False,
    misses: Annotated[bool, typer.Option("--misses", help="Also list each metric that disagrees with its label, and in which field.")] = False,
) -> None:
    """Score a warehouse against labelled documents: precision, recall and F1 per table.

    Labels name their document by the stem of its file and a half-open span of code points.

    Example:

      caibao eval my_labels/ --floors tests/eval/floors.json
    """
    with _TellingErrors(), publish.connect(warehouse) as con:
        scores = evaluate(con, gold)
        missed = list_misses(con, gold) if misses else []
        if as_json:
            sys.stdout.write(json.dumps(scores | ({"misses": missed} if misses else {}), indent=1, ensure_ascii=False) + "\n")
        else:
            out.print(show_scores(scores))
            if missed:
                out.print(show_misses(missed))
        below = hold_floors(scores, json.loads(floors.read_text(encoding="utf-8")).get(gold.resolve().name, {})) if floors else []
        for line in below:
            err.print(f"[red]below its floor:[/] {line}")
        if below:
            raise typer.Exit(1)


@quarantine.command("list")
def list_quarantine(warehouse: Warehouse = DEFAULT_WAREHOUSE, check: Check = None) -> None:
    """Count what stands refused, by stage and check, with an example each.

    Example:

      caibao quarantine list
    """
    with _TellingErrors():
        out.print(show_rows(count_quarantine(read_quarantine(warehouse, check)), out.width))


@quarantine.command("show")
def show_quarantine(
    name: Annotated[str | None, typer.Argument(metavar="PATH|DOC_ID", help="The end of a path, or a document; without it everything.")] = None,
    warehouse: Warehouse = DEFAULT_WAREHOUSE,
    check: Check = None,
) -> None:
    """Show each refusal whole: source, hash of the bytes, stage, check, reason, the row as it was made, version of the rules.

    Example:

      caibao quarantine show --check unknown_encoding
    """
    with _TellingErrors():
        refused = read_quarantine(warehouse, check)
        if name:
            refused = refused.filter(pl.col("source_path").str.ends_with(name) | (pl.col("doc_id") == name))
        out.print(show_rows(refused, out.width))


@quarantine.command("replay")
def replay_quarantine(
    warehouse: Warehouse = DEFAULT_WAREHOUSE,
    check: Check = None,
    lexicon: LexiconFolder = None,
    text_column: TextColumn = None,
    wait: Wait = 0,
) -> None:
    """Judge what stands refused again, after a file, a rule or caibao was mended; publish, and tell what came back.

    Examples:

      caibao quarantine replay

      caibao quarantine replay --check unknown_encoding
    """
    with _TellingErrors(), RunProgress(err) as progress:
        settings = Settings((), warehouse, lexicon, text_column, max_rejected=1.0, wait_seconds=wait)
        summary, outcome = replay(settings, check, progress.tell)
        out.print(show_rows(outcome, out.width) if summary else "Nothing stands refused.")


@app.command()
def serve(
    inbox: Annotated[str, typer.Option("--inbox", metavar="DIR", help="Folder, file or quoted glob that is looked through.")],
    every: Annotated[str | None, typer.Option("--every", metavar="TIME", help="15m, 2h, 1d; 15m if neither this nor --cron is given.")] = None,
    cron: Annotated[str | None, typer.Option("--cron", metavar='"…"', help="Five fields, UTC: '0 7 * * 1-5'.")] = None,
    warehouse: Warehouse = DEFAULT_WAREHOUSE,
    lexicon: LexiconFolder = None,
    text_column: TextColumn = None,
    webhook: Annotated[str | None, typer.Option("--webhook", metavar="URL", help="Address that is sent each check that begins to fail, as JSON.")] = None,
    port: Port = DEFAULT_PORT,
) -> None:
    """Judge what is new in an inbox again and again, until Ctrl-C.

    Starts the Prefect server and its UI unless PREFECT_API_URL names one. A run that is due while another is going is left out.

    Examples:

      caibao serve --inbox inbox/ --every 15m

      caibao serve --inbox inbox/ --cron "0 7 * * 1-5" --webhook http://127.0.0.1:9000/caibao
    """
    with _TellingErrors():
        if every and cron:
            raise typer.BadParameter("Give --every or --cron, not both.")
        if webhook and not webhook.startswith(("http://", "https://")):
            raise typer.BadParameter("A webhook is an address that begins with http:// or https://.")
        try:
            interval = None if cron else parse_interval(every or "15m")
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
        # a scheduled run is a process of its own, started who knows where
        places = {"inbox": os.path.abspath(inbox), "warehouse": warehouse.resolve(), "lexicon": lexicon and lexicon.resolve()}
        given = os.environ.get("PREFECT_API_URL")
        with contextlib.nullcontext(given) if given else run_server(warehouse, find_port(port)) as address:
            out.print(f"Looking into {inbox} {f'at {cron}' if cron else f'every {interval}'}. Runs and reports: {address}   (Ctrl-C ends it)", soft_wrap=True, markup=False)
            os.environ["PREFECT_API_URL"] = given or f"{address}/api"
            if not given:
                os.environ.setdefault("CAIBAO_PAGES", address + PAGES_PATH)  # where the runs' links lead
            prepare(warehouse)
            from flows.serve import serve_inbox  # Prefect reads its settings when it is imported

            serve_inbox(places | {"text_column": text_column}, interval, cron, webhook)


@app.command()
def ui(warehouse: Warehouse = DEFAULT_WAREHOUSE, port: Port = DEFAULT_PORT) -> None:
    """Start the Prefect UI with the history of the runs made here, until Ctrl-C.

    Where the port is taken, a free one is used. Nothing outside this machine can reach it, and nothing is reported to anyone.
    """
    with _TellingErrors():
        err.print("Starting the Prefect server: 20 s or so.", style="dim")
        with run_server(warehouse, find_port(port)) as address:
            out.print(f"Runs and reports: {address}   (Ctrl-C ends it)", soft_wrap=True, markup=False)
            with contextlib.suppress(KeyboardInterrupt):
                threading.Event().wait()


@app.command()
def diff(
    old: Annotated[str | None, typer.Argument(metavar="OLD", help="Folder of the earlier warehouse; with --rules the earlier version of the rules, or its first digits.")] = None,
    new: Annotated[str | None, typer.Argument(metavar="NEW", help="Folder of the later warehouse; with --rules the later version, the latest if not given.")] = None,
    rules: Annotated[bool, typer.Option("--rules", help="Compare two versions of the rules in one warehouse; without OLD the versions are listed.")] = False,
    warehouse: Warehouse = DEFAULT_WAREHOUSE,
    form: Annotated[SqlFormat, typer.Option("--format", "-f", help="table counts by rule; csv and json list every difference.")] = SqlFormat.table,
) -> None:
    """List the metrics and blocks gained, lost and changed, with the rule responsible: between two warehouses, or two versions of the rules.

    Texts that both sides judged are compared: judge the same articles before and after a change of the rules to see what it does.

    Examples:

      caibao diff before/ after/

      caibao diff --rules

      caibao diff --rules 3f2a --format csv > differences.csv
    """
    with _TellingErrors():
        if rules and old is None:
            out.print(show_rows(list_versions(warehouse), out.width))
            return
        if old is None or (new is None and not rules):
            raise typer.BadParameter("Name two folders, or compare versions of the rules in one: caibao diff --rules")
        differences = _diff_versions(warehouse, old, new) if rules else diff_warehouses(Path(old), Path(new))
        if form is SqlFormat.table:
            out.print(show_rows(count_differences(differences), out.width) if differences.height else "No differences.")
        elif form is SqlFormat.json:
            sys.stdout.write(json.dumps(differences.to_dicts(), ensure_ascii=False, indent=1) + "\n")
        elif form is SqlFormat.csv:
            sys.stdout.write(differences.write_csv())
        else:
            raise typer.BadParameter("Differences are written as table, csv or json.")


@app.command()
def vacuum(
    warehouse: Warehouse = DEFAULT_WAREHOUSE,
    delete: Annotated[bool, typer.Option("--delete", help="Delete it; without this it is only told what would go.")] = False,
    texts: Annotated[bool, typer.Option("--texts", help="Also the earlier texts of files whose content has changed, and all that was found in them.")] = False,
    wait: Wait = 0,
) -> None:
    """Tell what no current table rests on, and with --delete free its space.

    These are judgements that other versions of the rules have replaced, and what kills and older versions of caibao left. Without
    them `caibao diff --rules` and `caibao sql --rules` know the present alone. Where and when texts were read stays in `sources`.

    Examples:

      caibao vacuum

      caibao vacuum --texts --delete
    """
    with _TellingErrors(), writing(warehouse, wait):
        waste = find_waste(warehouse, with_texts=True)
        asked = waste if texts else waste.filter(pl.col("reason") != EARLIER)
        out.print(show_rows(count_waste(asked), out.width) if asked.height else "Nothing is left over: every stored row counts.")
        if not texts and waste.height > asked.height:
            earlier = waste.filter(pl.col("reason") == EARLIER)
            out.print(f"{earlier['doc_id'].n_unique()} earlier texts of changed files ({earlier['byte_count'].sum() / 1e6:.2f} MB) stay; --texts drops them too.")
        if asked.is_empty():
            return
        if not delete:
            out.print("Nothing was deleted. To delete it: the same with --delete")
            return
        freed = drop_waste(warehouse, asked)
        out.print(f"Deleted: {freed / 1e6:.2f} MB are free.")


@app.command()
def dictionary(write: Annotated[bool, typer.Option("--write", help="Write docs/data-dictionary.md and docs/cli.md instead of printing.")] = False) -> None:
    """Print the data dictionary: every table, view and column with its meaning."""
    text = dictionary_text()
    if write:
        DICTIONARY.write_text(text, encoding="utf-8")
        REFERENCE.write_text(reference_text(), encoding="utf-8")
        out.print(f"Wrote {DICTIONARY} and {REFERENCE}")
    else:
        sys.stdout.write(text)


@app.command()
def doctor(warehouse: Warehouse = DEFAULT_WAREHOUSE) -> None:
    """Look at versions, the Prefect server and the warehouse, and say what is wrong and how to mend it."""
    with _TellingErrors():
        table, is_well = diagnose(warehouse)
        out.print(table)
        if not is_well:
            raise typer.Exit(1)


def dictionary_text() -> str:
    """Return the data dictionary in Markdown."""
    groups = {"Views, to start with": VIEWS, "Tables made from documents": PART_TABLES, "Tables of the runs": RUN_TABLES, "Reference: the lexicon": REFERENCE_TABLES}
    return render_dictionary(groups)


def reference_text() -> str:
    """Return the reference of the command line in Markdown."""
    return render_commands(app, "caibao")


def _folder_of(warehouse: Path, rules: str | None) -> contextlib.AbstractContextManager[Path]:
    """Give the folder of the database to ask: what is published, or what a version of the rules made of the texts."""
    return publish.build_version(warehouse, find_version(warehouse, rules)) if rules else contextlib.nullcontext(warehouse)


def _diff_versions(warehouse: Path, old: str, new: str | None) -> pl.DataFrame:
    """Return the differences between two versions of the rules, named by their first digits; `new` is the latest if not given."""
    latest = list_versions(warehouse)["rules_version"]
    sides = find_version(warehouse, old), find_version(warehouse, latest[0] if new is None and len(latest) else new or "")
    if sides[0] == sides[1]:
        raise WarehouseError(f"{sides[0]} is the only version named. Those there are: caibao diff --rules")
    return diff_versions(warehouse, *sides)


class _TellingErrors:
    """Turn errors that a user can mend into one sentence and exit code 1."""

    _MENDABLE = (WarehouseError, StoreError, ClusterError, LexiconError, RejectedError, QualityError, ServerError, duckdb.Error, OSError)

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, BrokenPipeError):
            # `caibao … | head` is content with what it got
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from error
        if isinstance(error, self._MENDABLE):
            message = str(error)
            if isinstance(error, duckdb.Error):
                message = f"{message.splitlines()[0]}\nTables and views: caibao sql; their columns: caibao dictionary"
            err.print(f"[red]Error:[/] {message}", markup=True)
            raise typer.Exit(1) from error


def _run_directly(settings: Settings) -> Summary:
    with RunProgress(err) as progress:
        return run_directly(settings, progress.tell)


def _run_with_prefect(settings: Settings) -> Summary:
    """Run the flow on the server of PREFECT_API_URL, else on a temporary one."""
    has_server = prepare(settings.root)
    atexit.register(silence_teardown)
    if not has_server:
        err.print("Prefect keeps the history of runs; its temporary server takes 20 s or so to start. --direct goes without.", style="dim")
    with RunProgress(err) as progress:
        progress.tell("server", 0, 0)
        from flows.refresh import refresh  # Prefect reads its settings when it is imported

        state = refresh(
            list(settings.places), settings.root, settings.lexicon_folder, settings.text_column, settings.max_rejected,
            settings.workers, settings.wait_seconds, settings.parts, settings.dask, return_state=True,
        )  # fmt: skip
        return state.result()


def _format_of(path: Path) -> SqlFormat:
    """Return the format that a file's ending names. Raises ValueError."""
    if path.suffix not in (".csv", ".json", ".parquet"):
        raise ValueError(f"{path} does not end in .csv, .json or .parquet: name one of them, or give --format.")
    return SqlFormat(path.suffix[1:])


def _write_rows(frame: pl.DataFrame, form: SqlFormat, output: Path | None) -> None:
    """Write the rows of a query to a file or the terminal."""
    target = output or sys.stdout
    if form is SqlFormat.parquet:
        frame.write_parquet(target)
    elif form is SqlFormat.json:
        text = json.dumps(frame.to_dicts(), ensure_ascii=False, indent=1, default=str) + "\n"
        output.write_text(text, encoding="utf-8") if output else sys.stdout.write(text)
    else:
        frame.write_csv(target)
    if output:
        err.print(f"{frame.height} rows in {output}", style="dim")


def _format_texts(tables: dict, form: TextFormat, keep_script: bool) -> list[str]:
    """Return the lines of the cleaned documents of a batch, in the order of their paths."""
    paragraphs = write_texts(tables["documents"], tables["blocks"], tables["repairs"], not keep_script)
    lines: list[str] = []
    for document in tables["documents"].sort("source_path").iter_rows(named=True):
        own = paragraphs.filter(paragraphs["doc_id"] == document["doc_id"]).drop("doc_id")
        if form is TextFormat.jsonl:
            meta = {name: document[name] for name in ("doc_id", "source_path", "title", "publisher", "author", "url", "published_at")}
            lines.append(json.dumps({**meta, "text": "\n".join(own["text"]), "paragraphs": own.to_dicts()}, ensure_ascii=False, default=str))
        elif form is TextFormat.markdown:
            marks = {"title": "# ", "heading": "## ", "quote": "> "}
            lines += [marks.get(kind, "") + text + "\n" for kind, text in own.select("kind", "text").iter_rows()]
        else:
            lines += [*own["text"], ""]
    return lines
