"""Who is signed in, and how long somebody who guesses must wait."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable

LASTS_S = 12 * 3600.0
MOST = 10_000  # sessions, and names and addresses that are counted
LONGEST_WAIT_S = 60.0
# Wrong tries that cost nothing: of one address for one name, for one name from anywhere, of one address for any name
# (behind a proxy that is everybody).
FREE = {"both": 3, "name": 20, "address": 50}


class Sessions:
    """Tokens of those who signed in; they are forgotten when the process ends."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._found: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def begin(self, name: str) -> str:
        """A new token for `name`."""
        token = secrets.token_urlsafe(32)
        self._found[token] = (name, self._now() + LASTS_S)
        while len(self._found) > MOST:
            self._found.popitem(last=False)
        return token

    def name(self, token: str | None) -> str | None:
        """Whose token it is, None for nobody's."""
        name, until = self._found.get(token or "", (None, 0.0))
        return name if self._now() < until else None

    def end(self, token: str | None) -> None:
        self._found.pop(token or "", None)


class Throttle:
    """Makes guessing slow: after some wrong tries each further one costs twice the wait of the one before."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._wrong: OrderedDict[tuple[str, ...], tuple[int, float]] = OrderedDict()

    def wait_s(self, address: str, name: str) -> float:
        """Seconds until `address` may try `name` again; 0 for at once."""
        until = max(self._wrong.get(key, (0, 0.0))[1] for key in _keys(address, name))
        return max(0.0, until - self._now())

    def wrong(self, address: str, name: str) -> None:
        """Count a wrong try."""
        for key in _keys(address, name):
            count = self._wrong.pop(key, (0, 0.0))[0] + 1
            beyond = count - FREE[key[0]]
            wait = min(LONGEST_WAIT_S, 2.0 ** min(beyond, 10)) if beyond >= 0 else 0.0
            self._wrong[key] = (count, self._now() + wait)
        while len(self._wrong) > MOST:
            self._wrong.popitem(last=False)

    def right(self, address: str, name: str) -> None:
        """Forget the wrong tries of `address` for `name`."""
        self._wrong.pop(_keys(address, name)[0], None)


def _keys(address: str, name: str) -> list[tuple[str, ...]]:
    return [("both", address, name), ("name", name), ("address", address)]
