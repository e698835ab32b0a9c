"""Pages and Markdown from the templates of flows/assets: everything that comes from a text is escaped."""

import functools
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from flows.charts import write_data_uri

ASSETS = Path(__file__).parent / "assets"
# Letters and gaps of its columns in a page of Prefect's UI that is 1400 pixels wide; what is wider is cut off at the right.
_UI_LETTERS, _UI_GAP, _NARROWEST = 120, 4, 8
_MOST_LINES = 6  # of a cell; the page that the artifact links to has all of it
_MARKDOWN = re.compile(r"([\\`*_\[\]<>!|#~$])")


def render_template(name: str, **values: object) -> str:
    """Return the template filled in; .html.j2 escapes whatever is put into it."""
    return _environment().get_template(name).render(**values)


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(ASSETS), autoescape=lambda name: ".html" in (name or ""), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals["read_asset"] = lambda name: Markup((ASSETS / name).read_text(encoding="utf-8"))
    environment.filters["data_uri"] = write_data_uri
    environment.filters["markdown"] = escape_markdown
    environment.globals["fit_columns"] = fit_columns
    environment.filters["picture"] = Markup  # our own SVG, whose labels are escaped by flows.charts
    return environment


def escape_markdown(value: object, width: int | None = None) -> str:
    """Return a value as Markdown that shows exactly its characters: no links, pictures or tags of an article's making.

    One line; with a `width` as many as it takes, for a table whose cells do not break by themselves.
    """
    lines = [_write(value)] if width is None else _break(_write(value), width)
    lines = [*lines[:_MOST_LINES], "…"] if len(lines) > _MOST_LINES + 1 else lines
    return "<br>".join(_MARKDOWN.sub(r"\\\1", line).replace("://", ":\u200b//") for line in lines)


def fit_columns(header: Sequence[str], rows: Sequence[Sequence[object]]) -> list[int]:
    """Return how wide, in Latin letters, the columns of a table may be so that Prefect's UI shows all of them; it neither breaks nor scrolls."""
    widths = [max(_measure(_write(cell)) for cell in column) for column in zip(header, *rows, strict=True)]
    room = _UI_LETTERS - _UI_GAP * len(widths)
    while sum(widths) > room and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _write(value: object) -> str:
    text = f"{value:,}" if isinstance(value, int) else "" if value is None else str(getattr(value, "text", value))
    return re.sub(r"\s+", " ", text)


def _measure(text: str) -> int:
    """Return how many Latin letters wide a text is; a hanzi takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _break(text: str, width: int) -> list[str]:
    """Return the lines of a text: broken at a blank, before a hanzi or behind _ and /, else within a word."""
    lines, line = [], ""
    for piece in re.findall(r"[\u2e80-\uffef]|[^\s/_\u2e80-\uffef]*[\s/_]?", text):
        while line and _measure((line + piece).rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        while _measure(piece.rstrip()) > width:
            lines.append(piece[:width])
            piece = piece[width:]
        line += piece
    return [*lines, line.rstrip()]
