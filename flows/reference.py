"""The reference of the command line as Markdown, read from the functions behind the commands."""

import inspect
import re
import typing
from collections.abc import Callable, Iterator
from enum import Enum

import typer
from typer.models import ArgumentInfo, ParameterInfo


def render_commands(app: typer.Typer, name: str) -> str:
    """Return a page with every command: what it does, its usage, arguments, options and examples."""
    parts = [f"# The command line\n\nRendered from the code by `{name} dictionary --write`."]
    parts += [_render_command(path, function) for path, function in _list_commands(app, name)]
    return "\n\n".join(parts) + "\n"


def list_options(app: typer.Typer, name: str) -> dict[str, set[str]]:
    """Return command -> the options it knows."""
    return {path: {option for option, *_ in _list_parameters(function) for option in option.split(", ")} | {"--help"} for path, function in _list_commands(app, name)}


def _list_commands(app: typer.Typer, prefix: str) -> Iterator[tuple[str, Callable]]:
    """Yield the commands with their whole names, those of a group after the group's."""
    for command in app.registered_commands:
        yield f"{prefix} {command.name or command.callback.__name__}", command.callback
    for group in app.registered_groups:
        yield from _list_commands(group.typer_instance, f"{prefix} {group.name}")


def _list_parameters(function: Callable) -> list[tuple[str, str, str, bool]]:
    """Return name, value, meaning, and whether it is an argument, for each parameter of a command."""
    hints, found = typing.get_type_hints(function, include_extras=True), []
    for name, parameter in inspect.signature(function).parameters.items():
        kind, info = hints[name].__origin__, next(one for one in hints[name].__metadata__ if isinstance(one, ParameterInfo))
        meaning = (info.help or "").strip()
        default = getattr(parameter.default, "value", parameter.default)
        if default not in (None, False, inspect.Parameter.empty):
            meaning += f" Default: `{default}`."
        if isinstance(info, ArgumentInfo):
            found.append((info.metavar or name.upper(), "", meaning, True))
        else:
            # within Annotated the first name arrives as the default
            names = [one for one in (info.default, *(info.param_decls or ())) if isinstance(one, str) and one.startswith("-")]
            found.append((", ".join(names or [f"--{name.replace('_', '-')}"]), _name_value(kind, info), meaning, False))
    return found


def _render_command(name: str, function: Callable) -> str:
    parameters = _list_parameters(function)
    usage = " ".join([name, *(["[OPTIONS]"] if not all(is_argument for *_, is_argument in parameters) else []), *(one for one, *_, is_argument in parameters if is_argument)])
    rows = [f"| {_code(option)}{' ' * bool(value)}{_code(value)} | {meaning.replace('|', chr(92) + '|')} |" for option, value, meaning, _ in parameters]
    table = "\n".join(["| argument or option | meaning |", "| --- | --- |", *rows])
    return "\n\n".join([f"## {name}", f"    {usage}", _show_help(function), *([table] if rows else [])])


def _name_value(kind: type, info: ParameterInfo) -> str:
    """Return what stands for an option's value: its metavar, its choices, or its type; nothing for a flag."""
    if info.metavar or kind is bool:
        return info.metavar or ""
    types = [one for one in (typing.get_args(kind) or (kind,)) if one is not type(None)]
    if issubclass(types[0], Enum):
        return "|".join(one.value for one in types[0])
    return {"int": "N", "float": "NUMBER"}.get(types[0].__name__, "TEXT")


def _code(text: str) -> str:
    """Return the words as code that a table cell can hold."""
    return f"`{text}`".replace("|", "\\|") if text else ""


def _show_help(function: Callable) -> str:
    """Return the docstring; the examples, indented in it, become one block of code."""
    text = re.sub(r"\n\n( {2,})", r"\n\1", inspect.getdoc(function) or "")
    return re.sub(r"((?:^ +.*\n?)+)", lambda lines: f"\n```\n{inspect.cleandoc(lines[1].rstrip())}\n```\n", text, flags=re.MULTILINE).strip()
