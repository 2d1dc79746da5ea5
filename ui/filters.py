"""Which documents may answer: from what was chosen to a `Filter`, and what that leaves out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rag.types import Entry, Filter
from ui.citing import name
from ui.text import button, escape
from ui.words import count, word

SHOWN = 50  # titles of what is left out
OFFERED = 500  # documents to choose from in the list; the library's search finds the others
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Documents that a filter leaves out, by the first reason that does: "document", "language", "undated", "date"."""

    reason: str
    titles: tuple[str, ...]


def chosen(languages: Sequence[str], since: str | None, until: str | None, documents: Sequence[str]) -> Filter | None:
    """The filter of what was chosen; None for none. A date that is not one is not a limit."""
    found = Filter(list(languages) or None, _date(since), _date(until), list(documents) or None)
    return None if found == Filter() else found


def left_out(entries: Sequence[Entry], wanted: Filter | None) -> list[LeftOut]:
    """What `wanted` leaves out of `entries`."""
    titles: dict[str, list[str]] = {}
    for entry in entries if wanted else ():
        if reason := _reason(entry, wanted or Filter()):
            titles.setdefault(reason, []).append(name(entry))
    return [LeftOut(reason, tuple(titles[reason])) for reason in titles]


def filter_html(entries: Sequence[Entry], wanted: Filter | None, language: str) -> str:
    """A line on how many documents are asked, and which are left out."""
    left = left_out(entries, wanted)
    gone = sum(len(each.titles) for each in left)
    if not gone:
        line = word("asked_all", language, count=count("documents", len(entries), language))
        return f'<p class="small">{escape(line)}</p>'
    why = ", ".join(f"{word(f'left.{each.reason}', language)}: {len(each.titles)}" for each in left)
    titles = [title for each in left for title in each.titles]
    listed = "".join(f"<li>{escape(title)}</li>" for title in titles[:SHOWN])
    more = f"<li>{escape(word('and_more', language, n=len(titles) - SHOWN))}</li>" if len(titles) > SHOWN else ""
    line = word("asked_some", language, n=len(entries) - gone, count=count("of_documents", len(entries), language))
    return (
        f'<details class="left-out"><summary>{escape(line)} {escape(word("left_out", language, why=why))}</summary>'
        f"<ul>{listed}{more}</ul></details>{button(word('clear_filters', language), 'clear')}"
    )


def languages_of(entries: Sequence[Entry], language: str) -> list[tuple[str, str]]:
    """Labels and values of the languages that the documents are in."""
    found = Counter(e.language or "other" for e in entries)
    return [
        (f"{word(f'language.{code}', language)} ({found[code]})", code) for code in ("en", "ru", "other") if found[code]
    ]


def documents_of(entries: Sequence[Entry], also: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Labels and values of documents to choose from, those that are chosen already first."""
    first = sorted(entries, key=lambda e: e.id not in also)
    return [(f"{name(e)} — {e.date}" if e.date else name(e), e.id) for e in first[:OFFERED]]


def _reason(entry: Entry, wanted: Filter) -> str | None:
    if wanted.documents and entry.id not in wanted.documents:
        return "document"
    if wanted.languages and (entry.language or "other") not in wanted.languages:
        return "language"
    if not (wanted.since or wanted.until):
        return None
    if not entry.date:
        return "undated"
    return "date" if entry.date < (wanted.since or "") or entry.date[:10] > (wanted.until or "9999") else None


def _date(text: str | None) -> str | None:
    return text[:10] if text and _DATE.match(text) else None
