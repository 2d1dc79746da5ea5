"""Charts as inline SVG: geometry in attributes and colours by class, so that they live under a strict policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evals.escaping import escape

_GAP = 3  # of 1000, between the parts of a stacked bar


def bar(mean: float, low: float, high: float) -> str:
    """A value between 0 and 1 with its interval. It fills whatever width it is given."""
    fill = f'<rect class="fill" width="{100 * mean:.2f}" height="12"/>'
    lines = [(low, low, 3.5, 8.5), (high, high, 3.5, 8.5), (low, high, 6, 6)] if low < high else []
    whisker = "".join(
        f'<line class="whisker" x1="{100 * a:.2f}" x2="{100 * b:.2f}" y1="{top}" y2="{bottom}"/>'
        for a, b, top, bottom in lines
    )
    return (
        '<svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="track" width="100" height="12"/>{fill}{whisker}</svg>'
    )


def stacked(counts: Mapping[str, int], names: Mapping[str, str], order: Sequence[str]) -> str:
    """One bar cut into parts, each as wide as its count; the class of a part is its key."""
    total = sum(counts.values())
    there = [(key, f"{names[key]}: {counts[key]}") for key in order if counts.get(key)]
    parts, at = [], 0.0
    for key, label in there:
        width = 1000 * counts[key] / total
        gap = _GAP if key != there[-1][0] else 0
        parts.append(
            f'<rect class="part {key}" x="{at:.1f}" width="{max(width - gap, 1):.1f}" height="28">'
            f"<title>{escape(label)}</title></rect>"
        )
        at += width
    summary = escape("; ".join(label for _, label in there))
    return (
        f'<svg class="stacked" viewBox="0 0 1000 28" preserveAspectRatio="none" role="img" aria-label="{summary}">'
        f"{''.join(parts)}</svg>"
    )
