"""What Suroo says of itself and of its library: short, helpful, without a search and without a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.answering.addresses import without_addresses
from rag.answering.guard import without_markup
from rag.messages import in_quotation_marks, plural, say
from rag.text.values import MONTHS_EN, MONTHS_RU
from rag.types import Entry

NAMED = 3  # titles, beside a greeting
LISTED = 10  # titles, where the documents are asked for
LONGEST = 120  # characters of a title


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a library holds: the number of documents in each language ("en", "ru", "other"), its first and last date
    (ISO, None where no document has one), the number without a date, and titles, the latest first.
    """

    languages: dict[str, int]
    since: str | None
    until: str | None
    undated: int
    titles: list[str]

    @property
    def documents(self) -> int:
        return sum(self.languages.values())

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> Holdings:
        dates = sorted(entry.date for entry in entries if entry.date)
        latest = sorted(entries, key=lambda e: (e.date or "", e.added or "", e.title or ""), reverse=True)
        return cls(
            dict(Counter(entry.language or "other" for entry in entries)),
            dates[0] if dates else None,
            dates[-1] if dates else None,
            sum(not entry.date for entry in entries),
            list(dict.fromkeys(entry.title or entry.path or entry.id for entry in latest)),
        )


def reply(kind: str, language: str, holdings: Holdings | None) -> Iterator[str]:
    """Sentences in `language` for what `asked_about` recognised; None for a library that nothing is known of."""
    match kind:
        case "hello":
            yield say("about.hello", language)
        case "thanks":
            yield say("about.thanks", language)
        case "bye":
            yield say("about.bye", language)
        case "who" | "can_do":
            yield say("about.who", language)
    if kind in ("thanks", "bye"):
        return
    if holdings is not None:
        yield from _told(holdings, LISTED if kind == "documents" else NAMED, language)
    if holdings is None or holdings.documents:
        yield say("about.ask", language)


def _told(holdings: Holdings, most: int, language: str) -> Iterator[str]:
    if not holdings.documents:
        yield say("about.empty", language)
        return
    yield plural("about.documents", holdings.documents, language, languages=_languages(holdings, language))
    if holdings.since and holdings.until:
        since, until = _day(holdings.since, language), _day(holdings.until, language)
        one = since == until
        yield say("about.date", language, date=since) if one else say("about.dates", language, since=since, until=until)
        if holdings.undated:
            yield plural("about.undated", holdings.undated, language)
    titles = [_title(title) for title in holdings.titles[:most]]
    code = "about.titles" if len(titles) == len(holdings.titles) else "about.some_titles"
    yield say(code, language, titles=", ".join(in_quotation_marks(t, language) for t in titles))


def _languages(holdings: Holdings, language: str) -> str:
    there = [name for name in ("en", "ru", "other") if holdings.languages.get(name)]
    if len(there) == 1:
        return say(f"about.in.{there[0]}", language)
    return ", ".join(
        say("about.count", language, where=say(f"about.in.{name}", language), n=holdings.languages[name])
        for name in there
    )


def _title(title: str) -> str:
    """A title as it may be shown: it is a document's, and no more trusted than its text."""
    clean = " ".join(without_addresses(without_markup(title), ())[0].split())
    return clean if len(clean) <= LONGEST else clean[:LONGEST].rsplit(" ", 1)[0] + "…"


def _day(date: str, language: str) -> str:
    """An ISO date, which may lack its day or month, in words.

    >>> _day("2025-02-07", "en"), _day("2025-02", "ru")
    ('7 February 2025', 'февраль 2025 года')
    """
    year, month, day = (*date[:10].split("-"), "", "")[:3]
    if not month:
        return year
    if language == "ru":
        return f"{int(day)} {MONTHS_RU[int(month) - 1][1]} {year} года" if day else (
            f"{MONTHS_RU[int(month) - 1][0]} {year} года"
        )  # fmt: skip
    name = MONTHS_EN[int(month) - 1].capitalize()
    return f"{int(day)} {name} {year}" if day else f"{name} {year}"
