"""Small charts as SVG: they take the colours of the page they stand in, and light ones where they stand alone."""

import base64
import math
import unicodedata
from collections.abc import Sequence
from html import escape

_WIDTH, _ROW, _SIZE = 560, 26, 13
_PAD = 12
_HEIGHT = 190
_LONGEST = 22  # characters of a label before it is cut
# var(--x, light): an <img> knows no page, so that it falls back to dark ink on white paper
_STYLE = (
    'text{font:13px system-ui,-apple-system,"Segoe UI","PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC",sans-serif;fill:var(--ink,#1f2328)}'
    ".dim{fill:var(--dim,#59636e)}.paper{fill:var(--paper,#ffffff)}.grid{stroke:var(--line,#d1d9e0)}.bar{fill:var(--accent,#2f6fd0)}"
    ".line{fill:none;stroke-width:2}.s0{stroke:var(--accent,#2f6fd0)}.s1{stroke:var(--second,#b35900)}.s2{stroke:var(--third,#2d7d46)}.s3{stroke:var(--fourth,#8250df)}"
    ".f0{fill:var(--accent,#2f6fd0)}.f1{fill:var(--second,#b35900)}.f2{fill:var(--third,#2d7d46)}.f3{fill:var(--fourth,#8250df)}"
)


def draw_bars(rows: Sequence[tuple[str, float, str]], title: str, largest: float | None = None) -> str:
    """Return horizontal bars, one per (label, value, value as written); `largest` fills the width."""
    left = _PAD + max((_measure(_cut(label)) for label, _, _ in rows), default=0) + 10
    right = max((_measure(written) for _, _, written in rows), default=0) + 2 * _PAD
    scale = (_WIDTH - left - right) / (largest or max((value for _, value, _ in rows), default=0) or 1)
    parts = []
    for number, (label, value, written) in enumerate(rows):
        top = _PAD + number * _ROW
        length = max(value * scale, 1.5)
        parts.append(
            f'<text x="{left - 10:.1f}" y="{top + 17}" text-anchor="end">{escape(_cut(label))}</text>'
            f'<rect class="bar" x="{left:.1f}" y="{top + 4}" width="{length:.1f}" height="{_ROW - 8}" rx="2"/>'
            f'<text class="dim" x="{left + length + 6:.1f}" y="{top + 17}">{escape(written)}</text>'
        )
    return _frame(parts, title, 2 * _PAD + _ROW * len(rows))


def draw_lines(series: dict[str, Sequence[float | None]], labels: Sequence[str], title: str, is_share: bool = False) -> str:
    """Return up to four lines over the same points; None leaves a gap. The scale starts at 0 and a share's ends at 100 %."""
    values = [value for line in series.values() for value in line if value is not None]
    top = 1.0 if is_share else _round_up(max(values, default=1))
    left, bottom, right = 64, _HEIGHT - 28, _WIDTH - _PAD
    head = _PAD + 22
    step = (right - left) / max(len(labels) - 1, 1)
    parts = []
    for share in (0, 0.5, 1):
        y = bottom - share * (bottom - head)
        written = f"{share:.0%}" if is_share else f"{share * top:,.4g}"
        parts.append(f'<line class="grid" x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/><text class="dim" x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{written}</text>')
    ends = [(0, "start")] if len(labels) == 1 else [(0, "start"), (len(labels) - 1, "end")]
    for at, anchor in ends:
        parts.append(f'<text class="dim" x="{left + at * step:.1f}" y="{_HEIGHT - 8}" text-anchor="{anchor}">{escape(labels[at])}</text>')
    x = left
    for number, (name, line) in enumerate(series.items()):
        points = [(left + at * step, bottom - min(value / top, 1) * (bottom - head)) if value is not None else None for at, value in enumerate(line)]
        parts += [f'<polyline class="line s{number}" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in run)}"/>' for run in _split_runs(points)]
        parts += [f'<circle class="f{number}" cx="{point[0]:.1f}" cy="{point[1]:.1f}" r="2.5"/>' for point in points if point]
        parts.append(f'<rect class="f{number}" x="{x:.1f}" y="{_PAD - 1}" width="10" height="10" rx="2"/><text x="{x + 15:.1f}" y="{_PAD + 9}">{escape(name)}</text>')
        x += _measure(name) + 34
    return _frame(parts, title, _HEIGHT)


def write_data_uri(svg: str) -> str:
    """Return the SVG as an address that an <img> can show without fetching anything."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")


def _frame(parts: Sequence[str], title: str, height: int) -> str:
    """Return the whole SVG: a picture with a name for those who cannot see it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-label="{escape(title)}" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}">'
        f'<title>{escape(title)}</title><style>{_STYLE}</style><rect class="paper" width="100%" height="100%"/>{"".join(parts)}</svg>'
    )


def _measure(text: str) -> float:
    """Return about how wide the text is drawn: 中 takes an em, Latin letters a little over half of one."""
    return sum(_SIZE if unicodedata.east_asian_width(char) in "WF" else 0.58 * _SIZE for char in text)


def _cut(label: str) -> str:
    return label if len(label) <= _LONGEST else label[: _LONGEST - 1] + "…"


def _round_up(value: float) -> float:
    """Return the next of 1, 2, 5, 10, 20… at or above the value."""
    size = 10 ** math.floor(math.log10(value)) if value > 0 else 1
    return next(step * size for step in (1, 2, 5, 10) if step * size >= value) if value > 0 else 1


def _split_runs(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """Return the points between gaps; a point alone makes no line."""
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if len(run) > 1]
