"""What a text says of its own publication, where it says it: a dateline, a line of its own, a sign-off, a source line.

A date that is merely mentioned is never taken, nor one without a year.
"""

from __future__ import annotations

import re
from dataclasses import replace

from rag.documents.content import Content
from rag.text.values import Value, find_values

_LABEL = (
    r"(?:date|published(?:\s+on)?|posted(?:\s+on)?|updated|дата(?:\s+публикации)?|опубликовано|размещено|обновлено)"
)
_WEEKDAY = (
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье)"
)
_TIME = r"\d{1,2}:\d\d(?::\d\d)?(?:\s?[ap]m)?"
_LABELLED = re.compile(rf"\s*{_LABEL}\s*[:\s]\s*(?={_WEEKDAY}|\d|[A-ZА-ЯЁ][a-zа-яё]+ \d)", re.I)
_AROUND_DATE = re.compile(rf"(?:{_LABEL}|{_WEEKDAY}|{_TIME}|г\.|года?|год|at|в|[\s,.:;|/•·—–()-])*", re.I)
# BISHKEK, 7 February 2025 (Kabar) — …   Бишкек, 7 февраля 2025 года. /Кабар/. …   (24.kg, 7.02.2025) …
_PLACE = re.compile(r"\s*[(/]?(?:[A-ZА-ЯЁ][\w.\s-]{1,40}|\d{1,3}\.[a-z]{2,3})[,.]\s*$")
_AFTER_DATELINE = re.compile(r"\s*(?:г\.|года?)?[,.]?\s*(?:[(/][^()/\n]{2,40}[)/])?\s*[.—–:/)-]")
_SIGN_OFF = re.compile(r"/{2,3}\s*[\w .]{2,30},\s*$")
_SOURCE = re.compile(r"\s*(?:source|источник)\s*[:—–-]\s*(?P<source>\S.{1,200}?)\s*$", re.I)
HEAD_LINES = 4
TAIL_LINES = 4


def with_dateline(content: Content) -> Content:
    """`content` with the date and the source that its text states of itself, where they are not known yet.

    Lines that hold nothing else are taken out of the text.
    """
    lines = content.text.split("\n")
    filled = [i for i, line in enumerate(lines) if line.strip()]
    date = source = None
    for i in dict.fromkeys(filled[-TAIL_LINES:]):
        if len(filled) > 1 and (m := _SOURCE.fullmatch(lines[i])):
            source, lines[i] = m.group("source"), ""
    for i in filled[:HEAD_LINES]:
        found = _of_line(lines[i])
        if found:
            date, rest = found
            lines[i] = rest
            break
    if date is None and filled:
        date = _signed(lines[filled[-1]])
    text = "\n".join(lines)
    if text != content.text:
        text = re.sub(r"\n{3,}", "\n\n", text).strip("\n")
    return replace(content, text=text, date=content.date or date, source=content.source or source)


def _of_line(line: str) -> tuple[str, str] | None:
    """The date that a line gives, and what is left of the line: nothing where the date was all."""
    dates = [v for v in find_values(line[:300]) if v.kind == "date" and _whole(v)]
    if not dates:
        return None
    first = dates[0]
    before, after = line[: first.start], line[first.end :]
    if len(dates) == 1 and len(line) < 90 and _AROUND_DATE.fullmatch(before) and _AROUND_DATE.fullmatch(after):
        return first.key[1:], ""
    label = _LABELLED.match(line)
    if label and label.end() >= first.start - len("Wednesday, "):
        return first.key[1:], after.lstrip(" ,.;:—–-")
    is_range = len(dates) > 1 and dates[1].start < first.end
    if not is_range and _PLACE.fullmatch(before) and _AFTER_DATELINE.match(after):
        return first.key[1:], line
    return None


def _signed(line: str) -> str | None:
    """The date of a sign-off such as "///nCa, 7 February 2025" in the last line."""
    tail = line[-200:]
    for value in find_values(tail):
        if value.kind == "date" and _whole(value) and _SIGN_OFF.search(tail[: value.start]):
            return value.key[1:]
    return None


def _whole(value: Value) -> bool:
    return re.fullmatch(r"@\d{4}-\d\d-\d\d", value.key) is not None
