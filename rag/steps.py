"""Named steps of the work on documents. Whoever wants to follow it, time it, or cut it short at a point, listens.

    read → parse → write record → analyse → embed → index → write vectors → await vectors → save index → swap
    remove → analyse → …

Vectors are written by a thread of their own, while the next documents are read; the rest happens in one thread. Where
many documents are added, "analyse" is the waiting for the process that does it (rag/analysis_process.py).

Nothing in the product depends on a listener; the drills and the benchmarks do.
"""

from __future__ import annotations

from collections.abc import Callable

NAMES = (
    "read", "parse", "write record", "remove", "analyse", "embed", "index", "write vectors", "await vectors",
    "save index", "swap",
)  # fmt: skip
listeners: list[Callable[[str], None]] = []


def reached(name: str) -> None:
    """Say that the step `name` begins."""
    for listener in listeners:
        listener(name)
