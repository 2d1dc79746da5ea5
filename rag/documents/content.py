"""What a reader gives."""

from __future__ import annotations

from dataclasses import dataclass

MOST_CHARACTERS = 8_000_000  # of text, about 4,000 pages: more is a heap of documents


@dataclass(frozen=True, slots=True)
class Content:
    """The text of a file and what it says of itself.

    `problem` is a key under `reason.` in the locales where it can't be read. `notes` are remarks on how it was read:
    keys under `note.` with what fills them in.
    """

    text: str
    title: str | None = None
    date: str | None = None
    source: str | None = None
    problem: str | None = None
    notes: tuple[tuple[str, str], ...] = ()
