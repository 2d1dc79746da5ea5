"""Questions to begin with, made from the dates that a document gives: they need no grammar, and no model."""

from __future__ import annotations

from collections.abc import Iterator

from rag.messages import say
from rag.text.values import MONTHS_EN, MONTHS_RU, find_values
from rag.types import Document

READ = 20_000  # characters of a document that are looked through


def example_questions(document: Document, language: str) -> Iterator[str]:
    """Questions in "en" or "ru" about the days, months and years of `document`, the most exact first."""
    keys = {v.key[1:] for v in find_values(document.text[:READ]) if v.kind == "date" and v.key[1] != "-"}
    for key in sorted(keys, key=lambda k: (-len(k), k)):
        year, month, day = (*key.split("-"), "", "")[:3]
        if day:
            named = MONTHS_RU[int(month) - 1][1] if language == "ru" else MONTHS_EN[int(month) - 1].capitalize()
            yield say("example.day", language, date=f"{int(day)} {named} {year}")
        elif month:
            named = MONTHS_RU[int(month) - 1][2] if language == "ru" else MONTHS_EN[int(month) - 1].capitalize()
            yield say("example.month", language, month=f"{named} {year}")
        else:
            yield say("example.year", language, year=year)
