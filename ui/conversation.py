"""A conversation: questions with their answers, as the page shows it and as the browser keeps it."""

from __future__ import annotations

import datetime
import secrets
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from rag.types import Answer, Turn

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question of a conversation and its answer, numbered from 1 in the page.

    `verdict` is the reader's: "good", "bad" or None; `gold` says that it has been kept as a gold question.
    """

    number: int
    question: str
    answer: Answer
    verdict: str | None = None
    gold: bool = False


@dataclass(frozen=True, slots=True)
class Conversation:
    """`id` is the browser's key for it, `started` an ISO time."""

    id: str
    started: str
    exchanges: tuple[Exchange, ...] = ()

    def turns(self) -> list[Turn]:
        """What was said so far, for the next question to lean on."""
        return [t for e in self.exchanges for t in (Turn("user", e.question), Turn("assistant", e.answer.text))]

    def until(self, number: int) -> Conversation:
        """The conversation before exchange `number`."""
        return replace(self, exchanges=self.exchanges[: max(0, number - 1)])

    def exchange(self, number: int) -> Exchange | None:
        return self.exchanges[number - 1] if 1 <= number <= len(self.exchanges) else None

    def having(self, exchange: Exchange) -> Conversation:
        """With `exchange` in its place, or after the last."""
        before, after = self.exchanges[: exchange.number - 1], self.exchanges[exchange.number :]
        return replace(self, exchanges=(*before, exchange, *after))

    def stored(self) -> str:
        """As JSON for the browser to keep, no tag in it; passages that were found and not cited are left out."""
        lean = [replace(e, answer=replace(e.answer, hits=[], tokens=None, timings={})) for e in self.exchanges]
        return _adapter().dump_json(replace(self, exchanges=tuple(lean))).decode().replace("<", "\\u003c")


def begun() -> Conversation:
    """A new, empty conversation."""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return Conversation(secrets.token_hex(8), now)


def restored(text: object) -> Conversation | None:
    """The conversation that the browser kept as `text`; None where it is none."""
    from pydantic import ValidationError

    if not isinstance(text, str) or not text:
        return None
    try:
        found = _adapter().validate_json(text)
    except ValidationError:
        return None
    if not all(e.number == n for n, e in enumerate(found.exchanges, 1)):
        return None
    return found


def unfinished(question: str, language: str, status: str = "incomplete") -> Answer:
    """An answer of which nothing is there yet."""
    return Answer(question, language, status, "", [], [], [], [], None, None, {})


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Conversation]:
    from pydantic import TypeAdapter

    return TypeAdapter(Conversation)
