"""Everything that Suroo says to a person outside the page, in English and in Russian: `locales/en.json`, `ru.json`.

The two files have the same keys and the same placeholders; a test compares them.
"""

from __future__ import annotations

import json
import os
from functools import lru_cache
from importlib import resources

LANGUAGES = ("en", "ru")


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(language: str) -> dict[str, str]:
    text = resources.files("rag").joinpath("locales", f"{language}.json").read_text("utf-8")
    return dict(json.loads(text))


def say(code: str, language: str, **values: object) -> str:
    """The message `code` in `language` ("en", "ru"; any other gives English). A missing code or value is a KeyError."""
    return catalogue(language if language in LANGUAGES else "en")[code].format(**values)


def in_quotation_marks(text: str, language: str) -> str:
    """
    >>> in_quotation_marks("trade", "en"), in_quotation_marks("торговля", "ru")
    ('“trade”', '«торговля»')
    """
    return f"«{text}»" if language == "ru" else f"“{text}”"


def plural(code: str, n: int, language: str, **values: object) -> str:
    """The form of `code` that fits `n`: `code.one`, `code.few` or `code.many`."""
    return say(f"{code}.{plural_form(n, language)}", language, n=n, **values)


def plural_form(n: int, language: str) -> str:
    """The form for `n`: "one", "few" or "many", by CLDR's rules for English and Russian.

    >>> [plural_form(n, "ru") for n in (1, 3, 11, 21)]
    ['one', 'few', 'many', 'one']
    """
    if language != "ru":
        return "one" if n == 1 else "many"
    ones, tens = n % 10, n % 100
    return "one" if ones == 1 and tens != 11 else "few" if 2 <= ones <= 4 and not 12 <= tens <= 14 else "many"


def system_language() -> str:
    """The language of the terminal, by POSIX's order of variables: "ru" for a Russian locale, else "en"."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return "ru" if value.lower().startswith("ru") else "en"
    return "en"
