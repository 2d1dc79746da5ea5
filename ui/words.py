"""The words of the page, in English and Russian; numbers and dates as each language writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

from rag.messages import LANGUAGES, plural_form

COOKIE = "suroo_language"  # the reader's choice, where there is one


@lru_cache(maxsize=len(LANGUAGES))
def words(language: str) -> dict[str, str]:
    """All words of the page in "en" or "ru"."""
    return dict(json.loads(resources.files("ui").joinpath("locales", f"{language}.json").read_text("utf-8")))


def word(code: str, language: str, **values: object) -> str:
    return words(language)[code].format(**values)


def count(code: str, n: int, language: str) -> str:
    """`n` of something, in the form that the language has for that number."""
    return word(f"{code}.{plural_form(n, language)}", language, n=number(n, language))


def number(n: int, language: str) -> str:
    """`n` with its thousands parted as the language does it.

    >>> number(12345, "en"), number(12345, "ru")
    ('12,345', '12\\xa0345')
    """
    return f"{n:,}".replace(",", "\u00a0") if language == "ru" else f"{n:,}"


def day(date: str | None, language: str) -> str:
    """An ISO date, or as much of one as is known, as a person writes it; what is no date is left as it is.

    >>> day("2025-02-07", "en"), day("2025-02", "ru")
    ('7 Feb 2025', 'февр. 2025')
    """
    parts = (date or "")[:10].split("-")
    months = word("months" if len(parts) == 3 else "months_alone", language).split()
    if not all(p.isdigit() for p in parts) or (len(parts) > 1 and not 1 <= int(parts[1]) <= len(months)):
        return date or ""
    year, month, of_month = (*parts, "", "")[:3]
    named = [str(int(of_month))] if of_month else []
    return " ".join([*named, *([months[int(month) - 1]] if month else []), year])


def preferred(accept_language: str | None) -> str:
    """The page's language for a browser's Accept-Language header: the first of ours that it names, else English."""
    for part in (accept_language or "").split(","):
        tag = part.split(";")[0].strip().lower()[:2]
        if tag in LANGUAGES:
            return tag
    return "en"


def language_of(request: Any) -> str:
    """The language of who sent a request: the one that they chose, else their browser's."""
    cookies: Mapping[str, str] = request.cookies
    chosen = cookies.get(COOKIE)
    return chosen if chosen in LANGUAGES else preferred(request.headers.get("accept-language"))
