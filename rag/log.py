"""What happens, as JSON lines on stderr, for whoever runs Suroo for others: `SUROO_LOG=info`, or `debug` for more.

A line has `time`, `level`, `event`, and what belongs to the event: ids, counts, milliseconds, codes. `request` joins
the lines of one call. No text of a document or a question, no title, path or key is in a line at either level. They
go through the standard logger "suroo", so a program of one's own may take them elsewhere.
"""

from __future__ import annotations

import contextlib
import json
import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime

from rag.errors import SurooError
from rag.types import Answer, Outcome, Stage

LOGGER = logging.getLogger("suroo")
_request: ContextVar[str | None] = ContextVar("request", default=None)


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": when, "level": record.levelname.lower(), "event": record.msg, **getattr(record, "fields", {})}
        return json.dumps(line, ensure_ascii=False)


def start(level: str | None) -> None:
    """Write lines of `level` ("info", "debug") and above to stderr; None writes nothing. Calling again is no harm."""
    if level is not None:
        LOGGER.setLevel(level.upper())
        if not LOGGER.handlers:
            handler = logging.StreamHandler()
            handler.setFormatter(_Lines())
            LOGGER.addHandler(handler)
            LOGGER.propagate = False


def event(name: str, level: int = logging.INFO, **fields: object) -> None:
    """Log that `name` happened. `fields` are ids, counts, times and codes."""
    if LOGGER.isEnabledFor(level):
        request = _request.get()
        LOGGER.log(level, name, extra={"fields": ({"request": request} if request else {}) | fields})


def new_request() -> str:
    return secrets.token_hex(6)


@contextlib.contextmanager
def within(request: str) -> Iterator[None]:
    """Lines that are logged meanwhile belong to `request`."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def answered(answer: Answer) -> None:
    """A question was answered, or could not be."""
    event(
        "ask",
        status=answer.status,
        language=answer.language,
        characters=len(answer.question),
        hits=len(answer.hits),
        sentences=len(answer.sentences),
        citations=len(answer.citations),
        notices=[notice.code for notice in answer.notices],
        model=answer.model,
        tokens=answer.tokens,
        ms=answer.timings,
    )


def stage(reached: Stage) -> None:
    event("stage", logging.DEBUG, stage=reached.name, count=reached.count)


def since(began: float) -> float:
    """Milliseconds since `began` on `time.perf_counter`."""
    return round(1000 * (time.perf_counter() - began), 1)


@contextlib.contextmanager
def counted(call: str) -> Iterator[Callable[[Outcome], None]]:
    """Outcomes of `call`: each is logged at debug, at the end their counts, and the code of the error that ended it."""
    began, request = time.perf_counter(), new_request()
    counts: Counter[str] = Counter()

    def count(outcome: Outcome) -> None:
        counts[outcome.status] += 1
        with within(request):
            event("document", logging.DEBUG, document=outcome.document_id, status=outcome.status)

    fault: str | None = None
    try:
        yield count
    except SurooError as error:
        fault = error.code
        raise
    finally:
        with within(request):
            event(call, counts=dict(counts), fault=fault, ms=since(began))
