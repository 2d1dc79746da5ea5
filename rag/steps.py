"""Named steps of the work on documents. Whoever wants to follow it, time it, or cut it short at a point, listens.

    read → parse → write record → embed → write vectors → save index → swap        remove → write vectors → …

Nothing in the product depends on a listener; the drills and the benchmarks do.
"""

from __future__ import annotations

from collections.abc import Callable

NAMES = ("read", "parse", "write record", "remove", "embed", "write vectors", "save index", "swap")
listeners: list[Callable[[str], None]] = []


def reached(name: str) -> None:
    """Say that the step `name` begins."""
    for listener in listeners:
        listener(name)
