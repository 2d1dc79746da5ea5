"""The words of the page, in English and Russian."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources

from rag.messages import LANGUAGES, plural_form


@lru_cache(maxsize=len(LANGUAGES))
def words(language: str) -> dict[str, str]:
    """All words of the page in "en" or "ru"."""
    return dict(json.loads(resources.files("ui").joinpath("locales", f"{language}.json").read_text("utf-8")))


def word(code: str, language: str, **values: object) -> str:
    return words(language)[code].format(**values)


def count(code: str, n: int, language: str) -> str:
    """`n` of something, in the form that the language has for that number."""
    return word(f"{code}.{plural_form(n, language)}", language, n=n)


def preferred(accept_language: str | None) -> str:
    """The page's language for a browser's Accept-Language header: the first of ours that it names, else English."""
    for part in (accept_language or "").split(","):
        tag = part.split(";")[0].strip().lower()[:2]
        if tag in LANGUAGES:
            return tag
    return "en"
