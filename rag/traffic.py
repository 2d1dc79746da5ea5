"""Who goes first: work on documents gives way to questions in the same process.

Both are Python, and one thread of Python runs at a time. So a writer asks between small pieces of work whether somebody
waits for an answer, and lets them finish; never for long, so that it gets on under any load.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator

LONGEST_S = 0.02  # a writer waits at one point
SWITCH_S = 0.0005  # how soon a thread gets its turn while documents are worked on
RECENT_S = 2.0  # after a question others are likely


class Traffic:
    """The questions that are being answered now."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._asking = 0
        self._last = float("-inf")

    @contextlib.contextmanager
    def asking(self) -> Iterator[None]:
        """Held while a question needs the processor."""
        with self._changed:
            self._asking += 1
        try:
            yield
        finally:
            with self._changed:
                self._asking -= 1
                self._last = time.monotonic()
                self._changed.notify_all()

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Held while documents are worked on.

        A thread that waits for its turn in Python gets it after this process's switch interval, 5 ms by default, and a
        question waits for some tens of turns: whenever it comes back from numpy, SQLite or Chroma.
        """
        before = sys.getswitchinterval()
        sys.setswitchinterval(min(SWITCH_S, before))
        try:
            yield
        finally:
            sys.setswitchinterval(before)

    def give_way(self) -> None:
        """Wait while a question is being answered, for `LONGEST_S` at most."""
        if self._asking:
            with self._changed:
                self._changed.wait_for(lambda: not self._asking, LONGEST_S)

    @property
    def busy(self) -> bool:
        """Whether somebody asks, or just did."""
        return self._asking > 0 or time.monotonic() - self._last < RECENT_S
