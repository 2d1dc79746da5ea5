"""References: what a note says of where a quotation stands."""

from __future__ import annotations

from collections.abc import Sequence

from rag.messages import in_quotation_marks
from rag.types import Citation, Document, Entry, Hit, Sentence
from ui.text import is_web
from ui.words import day, word

Source = Citation | Document | Entry | Hit


def name(source: Source) -> str:
    """What a document is called: its title, or the name that it goes by."""
    return source.title or source.path or ""


def about(source: Citation | Document | Entry, language: str) -> list[str]:
    """Date, outlet and language of a document, as far as they are known."""
    known = source.language if source.language in ("en", "ru") else "other"
    return [part for part in (day(source.date, language), source.source, word(f"language.{known}", language)) if part]


def reference(citation: Citation, language: str) -> str:
    """Title, outlet or file, date: "Trade grows. Outlet, 7 Feb 2025."."""
    where = citation.source or citation.path
    rest = ", ".join(
        part for part in (where if where != citation.title else None, day(citation.date, language)) if part
    )
    title = name(citation).rstrip(".")
    return f"{title}. {rest}" if rest else title


def note(citation: Citation, sentences: Sequence[Sentence], language: str) -> str:
    """A citation ready for a note: the sentences that lean on it, its words, its reference."""
    said = [s.text for s in sentences if citation.number in s.citations and not s.quoted]
    return "\n".join(
        [*said, in_quotation_marks(citation.quote, citation.language), f"— {reference(citation, language)}"]
    )


def address(citation: Citation) -> str | None:
    """Where the original stands on the web, where that is known."""
    return next((place for place in (citation.source, citation.path) if is_web(place)), None)
