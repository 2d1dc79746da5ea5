"""Line charts over a logarithmic x-axis as SVG, small enough to need no library."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 360, 240
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 30, 62
COLOURS = ("#1b6ca8", "#8a8a8a", "#c2571a", "#3b8f5a")  # apart in grey and to colour-blind eyes too

Lines = Mapping[str, Sequence[tuple[float, float]]]  # name → points


def charts(panels: Sequence[tuple[str, Lines]]) -> str:
    """An SVG of panels side by side; each has a title and lines whose y-axis begins at 0."""
    body = "".join(
        f'<g transform="translate({i * WIDTH} 0)">{_panel(title, lines)}</g>' for i, (title, lines) in enumerate(panels)
    )
    width = WIDTH * len(panels)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}" '
        f'font-family="system-ui, sans-serif" font-size="11">'
        f'<rect width="{width}" height="{HEIGHT}" fill="#ffffff"/>{body}</svg>\n'
    )


def _panel(title: str, lines: Lines) -> str:
    xs = sorted({x for points in lines.values() for x, _ in points})
    top = _round_up(max((y for points in lines.values() for _, y in points), default=1.0))
    low, high = math.log10(xs[0]), math.log10(xs[-1])

    def x(value: float) -> float:
        share = (math.log10(value) - low) / (high - low) if high > low else 0.5
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return TOP + (1 - value / top) * (HEIGHT - TOP - BOTTOM)

    parts = [f'<text x="{LEFT}" y="18" font-weight="600">{escape(title)}</text>']
    for n in range(5):
        value = top * n / 4
        parts.append(f'<path d="M{LEFT} {y(value):.1f}H{WIDTH - RIGHT}" stroke="#dddddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:g}</text>')
    for value in xs:
        parts.append(f'<text x="{x(value):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{value:,.0f}</text>')
    for i, (name, points) in enumerate(lines.items()):
        colour = COLOURS[i % len(COLOURS)]
        path = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="3" fill="{colour}"/>' for a, b in points]
        at = LEFT + (i % 2) * 150
        row = HEIGHT - 26 + (i // 2) * 16
        parts.append(f'<rect x="{at}" y="{row - 9}" width="10" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{at + 15}" y="{row}">{escape(name)}</text>')
    return "".join(parts)


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 8 times a power of ten.

    >>> _round_up(3.1), _round_up(90), _round_up(1200)
    (4.0, 100.0, 2000.0)
    """
    power = 10 ** math.floor(math.log10(value)) if value > 0 else 1.0
    return float(next(step * power for step in (1, 2, 4, 8, 10) if step * power >= value))
