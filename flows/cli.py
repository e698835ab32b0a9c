"""The command line: caibao run | sql."""

from pathlib import Path
from typing import Annotated

import typer

from flows.refresh import run_directly
from warehouse import publish

app = typer.Typer(no_args_is_help=True, help="Chinese articles about company results, cleaned and turned into tables.")

Warehouse = Annotated[Path, typer.Option("--warehouse", "-w", help="Folder of the warehouse.")]
DEFAULT_WAREHOUSE = Path("warehouse/data")


@app.command()
def run(
    sources: Annotated[list[str], typer.Argument(help="Files, folders or globs.")],
    warehouse: Warehouse = DEFAULT_WAREHOUSE,
    lexicon: Annotated[Path | None, typer.Option(help="Folder that adds to the lexicon.")] = None,
    direct: Annotated[bool, typer.Option("--direct", help="Without Prefect.")] = False,
) -> None:
    """Read SOURCE…, judge what is new, publish the tables."""
    done = run_directly(sources, warehouse, lexicon)
    typer.echo(f"{done.counts}\n{warehouse / 'caibao.duckdb'}")


@app.command()
def sql(query: str, warehouse: Warehouse = DEFAULT_WAREHOUSE) -> None:
    """Ask the warehouse."""
    with publish.connect(warehouse) as con:
        con.sql(query).show()
