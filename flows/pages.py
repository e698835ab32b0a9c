"""Pages and Markdown from the templates of flows/assets: everything that comes from a text is escaped."""

import functools
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from flows.charts import write_data_uri

ASSETS = Path(__file__).parent / "assets"
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
    environment.filters["picture"] = Markup  # our own SVG, whose labels are escaped by flows.charts
    return environment


def escape_markdown(value: object) -> str:
    """Return a value as one line of Markdown that shows exactly its characters: no links, pictures or tags of an article's making."""
    if value is None:
        return ""
    text = f"{value:,}" if isinstance(value, int) else str(getattr(value, "text", value))
    return re.sub(r"\s+", " ", _MARKDOWN.sub(r"\\\1", text)).replace("://", ":\u200b//")
