"""A stack sampler and its flame graph: where the time of a block goes, seen from our own functions."""

import contextlib
import html
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

_ROOT = Path(__file__).resolve().parent.parent
_WIDTH, _ROW = 1200, 17  # pixels
_COLOURS = {"transforms": "#f0a868", "schemas": "#8fb8de", "warehouse": "#9fd19f", "flows": "#d7a9d7"}


@contextlib.contextmanager
def sampling(every: float = 0.005) -> Iterator[Counter]:
    """Count the stacks of this thread while the block lasts: a tuple of names from the outermost of our functions inward."""
    counts, stop, watched = Counter(), threading.Event(), threading.get_ident()

    def watch() -> None:
        while not stop.wait(every):
            stack = _name_stack(sys._current_frames().get(watched))
            if stack:
                counts[stack] += 1

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield counts
    finally:
        stop.set()
        watcher.join()


def _name_stack(frame: FrameType | None) -> tuple[str, ...]:
    """Return our functions from the outermost inward, and the library that the innermost one is in."""
    names, library = [], None
    while frame:
        path = Path(frame.f_code.co_filename)
        # polars' own threads and regexes have no frame: their time is that of the caller
        if path.is_relative_to(_ROOT) and path.relative_to(_ROOT).parts[0] in _COLOURS:
            names.append(f"{path.relative_to(_ROOT).with_suffix('').as_posix().replace('/', '.')}.{frame.f_code.co_name}")
        elif not names:
            parts = path.parts
            library = parts[parts.index("site-packages") + 1] if "site-packages" in parts else path.stem
        frame = frame.f_back
    return (*reversed(names), *([f"[{library.lstrip('_')}]"] if library and names else []))


def draw_flames(counts: Counter, title: str, least: float = 0.002) -> str:
    """Return the flame graph as SVG, the outermost function at the top; what takes less than `least` of the time is left out."""
    total = sum(counts.values())
    boxes: list[tuple[int, float, float, str]] = []

    def lay(stacks: Counter, depth: int, left: float) -> None:
        heads = Counter()
        for stack, count in stacks.items():
            if len(stack) > depth:
                heads[stack[depth]] += count
        for name, count in sorted(heads.items()):
            width = count / total
            if width >= least:
                boxes.append((depth, left, width, name))
                lay(Counter({stack: n for stack, n in stacks.items() if len(stack) > depth and stack[depth] == name}), depth + 1, left)
            left += width

    lay(counts, 0, 0.0)
    height = 34 + _ROW * (1 + max((depth for depth, *_ in boxes), default=0))
    drawn = [_draw_box(*box) for box in boxes]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="monospace" font-size="11">\n'
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/><text x="4" y="18" font-size="14">{html.escape(title)} ({total:,} samples)</text>\n' + "\n".join(drawn) + "\n</svg>\n"
    )


def _draw_box(depth: int, left: float, width: float, name: str) -> str:
    x, y, wide = left * _WIDTH, 28 + depth * _ROW, width * _WIDTH
    short = name.split(".", 1)[-1] if "." in name else name
    text = short[: max(0, int(wide / 6.7) - 1)]
    fill = _COLOURS.get(name.split(".")[0], "#ddd")
    label = f'<text x="{x + 2:.1f}" y="{y + 12}">{html.escape(text)}</text>' if len(text) > 2 else ""
    return f'<g><title>{html.escape(name)} {width:.1%}</title><rect x="{x:.1f}" y="{y}" width="{max(wide - 0.5, 0.5):.1f}" height="{_ROW - 1}" fill="{fill}"/>{label}</g>'
