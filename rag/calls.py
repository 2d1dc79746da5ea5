"""Calls to a server that may be slow, busy or broken: how long they may take, and how often they are made again.

This is the one retry policy; every layer below retries nothing. Calls run on an event loop of its own thread, so that
one that is given up (the reader stopped, time ran out) ends at once, whatever the server is doing. Nothing here knows
what a model is, nor which library speaks to it: rag/models.py does.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

TRIES = 3  # requests for one reply, all within the time to its first token
BACKOFF_S = 0.5  # before the second try, twice that before the third, unless the server says how long
T = TypeVar("T")


class Fault(Exception):
    """What went wrong: a key under `fault.` in the locales, and its values.

    `again_s`: when it is worth trying again, in seconds (`BACKOFF` where the server did not say); None: it is not.
    """

    def __init__(self, name: str, again_s: float | None = None, **values: object) -> None:
        super().__init__(name)
        self.name, self.again_s, self.values = name, again_s, values


BACKOFF = -1.0


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to the first token of a reply, all tries within them, and between tokens."""

    first_token_s: float = 60
    next_token_s: float = 30


@dataclass
class Clock:
    """The time that a call has; the call tells it of each token."""

    limit: asyncio.Timeout
    next_token_s: float
    ticking: bool = field(default=False)

    def token(self) -> None:
        self.ticking = True
        self.limit.reschedule(asyncio.get_running_loop().time() + self.next_token_s)


async def attempt(
    call: Callable[[Clock], Awaitable[T]],
    patience: Patience,
    diagnose: Callable[[Exception, bool], Fault | None],
    retrying: Callable[[int], None] = lambda tries: None,
) -> T:
    """What `call` gives, made up to `TRIES` times as long as no token has come. Raises `Fault`.

    `diagnose` names what `call` raised, told whether a token had come, or gives None for what is no fault of a server;
    that is raised as it is.
    `retrying` is told the number of the next try before it waits for it.
    """
    loop = asyncio.get_running_loop()
    first_by = loop.time() + patience.first_token_s
    tries = 1
    while True:
        clock = Clock(asyncio.timeout_at(first_by), patience.next_token_s)
        try:
            async with clock.limit:
                return await call(clock)
        except TimeoutError:
            if clock.ticking:
                raise Fault("stalled", seconds=round(patience.next_token_s, 1)) from None
            raise Fault("slow", seconds=round(patience.first_token_s, 1)) from None
        except Exception as error:
            fault = error if isinstance(error, Fault) else diagnose(error, clock.ticking)
            if fault is None:
                raise
        wait = BACKOFF_S * 2 ** (tries - 1) if fault.again_s == BACKOFF else fault.again_s
        if clock.ticking or wait is None or tries == TRIES or loop.time() + wait >= first_by:
            raise fault
        tries += 1
        retrying(tries)
        await asyncio.sleep(wait)


def start(work: Coroutine[Any, Any, T]) -> Future[T]:
    """Begin `work` on the thread of calls. Cancelling what this gives ends the work at its next wait."""
    return asyncio.run_coroutine_threadsafe(work, _loop())


@lru_cache(maxsize=1)
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="suroo-calls", daemon=True).start()
    return loop
