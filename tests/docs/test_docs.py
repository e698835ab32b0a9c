"""Documentation that cannot lie: every query runs, every link leads somewhere, every command exists, the CLI page is rendered."""

import re
import shlex
from pathlib import Path

import pytest

from flows import cli
from flows.reference import list_options
from flows.steps import Settings, run_directly
from warehouse import publish

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "seeds").glob("*.md")])
QUERIES = re.findall(r"### (\d+\. [^\n]+)\n\n```sql\n(.*?)```", (ROOT / "docs" / "queries.md").read_text(encoding="utf-8"), re.DOTALL)
# What the samples happen to hold none of.
MAY_BE_EMPTY = {"5", "9", "13", "16"}


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    root = tmp_path_factory.mktemp("warehouse")
    run_directly(Settings(("seeds/documents",), root))
    with publish.connect(root) as con:
        yield con


def list_commands() -> dict[str, set[str]]:
    """Return the options of every command, groups' commands as 'group command'."""
    return {name.removeprefix("caibao "): options for name, options in list_options(cli.app, "caibao").items()}


def test_there_are_twenty_questions():
    assert [int(title.split(".")[0]) for title, _ in QUERIES] == list(range(1, 21))


@pytest.mark.parametrize(("title", "query"), QUERIES, ids=[title.split(".")[0] for title, _ in QUERIES])
def test_every_query_of_the_docs_runs_and_finds_something(con, title, query):
    rows = con.sql(query).fetchall()
    assert rows or title.split(".")[0] in MAY_BE_EMPTY


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_to_files_and_headings(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}, f"{page.name}: {link}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_of_a_page_exist_with_their_options(page):
    commands = list_commands()
    lines = re.findall(r"^(?:\.venv/bin/)?caibao (?!turns).*$|`caibao [^`]+`", page.read_text(encoding="utf-8"), re.MULTILINE)
    for line in lines:
        words = shlex.split(line.strip("`").replace("…", "").replace("'", ""), comments=True) if line.count('"') % 2 == 0 else line.strip("`").split()
        words = [word for word in words if word not in ("|", "·")]
        name = " ".join(words[1:3]) if " ".join(words[1:3]) in commands else words[1] if len(words) > 1 else ""
        assert name in commands or any(one.startswith(f"{name} ") for one in commands), f"{page.name}: {line}"
        for word in words[2:]:
            if word.startswith("-") and name in commands:
                assert word.split("=")[0] in commands[name], f"{page.name}: {line}"


def test_make_targets_of_the_docs_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        for target in re.findall(r"`make ([a-z]+)|^make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE):
            assert (target[0] or target[1]) in targets, f"{page.name}: make {target}"


def test_the_command_line_reference_is_what_the_code_says():
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == cli.reference_text(), "Render it anew: caibao dictionary --write"
