"""The words of the evaluation, on the terminal and in its reports, in English and Russian."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib import resources

from rag.messages import LANGUAGES, plural_form

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


@lru_cache(maxsize=len(LANGUAGES))
def words(language: str) -> dict[str, str]:
    """All words of the evaluation in "en" or "ru"."""
    return dict(json.loads(resources.files("evals").joinpath("locales", f"{language}.json").read_text("utf-8")))


def word(code: str, language: str, **values: object) -> str:
    return words(language)[code].format(**values)


def count(code: str, n: int, language: str) -> str:
    """`n` of something, in the form that the language has for that number."""
    return word(f"{code}.{plural_form(n, language)}", language, n=n)


def one_line(text: str) -> str:
    """`text` without line breaks and whatever else steers a terminal or turns the direction of writing.

    >>> one_line("a\\x1b[2Jb")
    'a [2Jb'
    """
    return _CONTROL.sub(" ", text)
