"""The daily budget of tokens: reserved before a call, settled after it, kept in the record."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from rag.calls import Fault


class Ledger(Protocol):
    """Where what was spent is kept."""

    def spend(self, day: str, tokens: int, most: int | None = None) -> bool:
        """Count `tokens` on `day`; False, and nothing is counted, where the day's sum would pass `most`."""
        ...


@dataclass
class Usage:
    """Tokens that calls used: the server's count where it gives one, else an estimate."""

    prompt: int = 0
    completion: int = 0


@dataclass(frozen=True)
class Budget:
    """At most `daily` tokens a day, by this machine's calendar; `daily` None is no limit, and nothing is counted."""

    ledger: Ledger | None = None
    daily: int | None = None

    @contextlib.contextmanager
    def call(self, reserve: int) -> Iterator[Usage]:
        """A call that may use `reserve` tokens; the block fills in what it did use.

        Raises `Fault` before the call where the day's budget does not have room for it. A process that is killed
        midway has spent its reserve.
        """
        usage = Usage()
        if self.daily is None or self.ledger is None:
            yield usage
            return
        day = date.today().isoformat()
        if not self.ledger.spend(day, reserve, self.daily):
            raise Fault("budget", most=self.daily)
        try:
            yield usage
        finally:
            self.ledger.spend(day, usage.prompt + usage.completion - reserve)
