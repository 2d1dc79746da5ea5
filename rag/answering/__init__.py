"""Writing an answer from passages: quoted (`extractive`) or by a model (`generative`), behind one seam.

A writer is given a `Task` and yields `Draft`s, a sentence at a time. The engine checks each and makes its citations; a
writer never does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from rag.types import Hit, Notice, Stage


@dataclass(frozen=True, slots=True)
class Task:
    """A stand-alone question, the language to answer in, and the passages to answer from, best first."""

    question: str
    language: str
    hits: list[Hit]


@dataclass(frozen=True, slots=True)
class Draft:
    """One sentence as written.

    A written sentence is in the answer's language and has markers [n] that count the task's hits from 1. A quoted
    one is the text of hit `hit` (from 0) at `start:end` of that hit's text. `claims` is False for a lead or a refusal,
    which state nothing of the world.
    """

    text: str
    quoted: tuple[int, int, int] | None = None  # hit, start, end
    claims: bool = True


class Writer(Protocol):
    """`model` is what the answer says it was written by, None for the documents' own words."""

    @property
    def model(self) -> str | None: ...

    def write(self, task: Task) -> Iterator[Draft | Stage | Notice]:
        """Sentences as they are ready, and meanwhile what there is to wait for and what the reader should know.

        Raises `ModelFault` where a server fails; what was yielded stays.
        """
        ...

    def correct(self, draft: Draft, why: str) -> Iterator[Draft | Stage]:
        """A better version of a sentence of the last `write` that its sources do not carry, where there is one."""
        ...
