"""What kind of answer a question asks for, and whether a sentence holds one."""

from __future__ import annotations

import re

from rag.text.values import find_values
from rag.text.words import fold

_KINDS: list[tuple[str, str]] = [
    (
        "date",
        r"when|(?:what|which) (?:year|date|day|month|century)|когда|како(?:м|го|й|е) (?:год|месяц|числ|день|дат|век)\w*"
        r"|дата",
    ),
    (
        "number",
        r"how (?:many|much|long|old|far|big|large|tall|high)|what (?:percent\w*|share|amount|number|capacity|size|sum)"
        r"|сколько|како(?:й|е|ва) (?:\w+ )?(?:процент|дол|сумм|количеств|числ|объем|мощност|размер|товарооборот)\w*"
        r"|на какую сумму|какая (?:\w+ )?(?:сумма|доля|мощность)",
    ),
    ("name", r"who|whom|whose|кто|кого|кому|кем|чей|чья|чье|чьи|where|где|куда|откуда"),
]
_ASKS = [(kind, re.compile(rf"\b(?:{pattern})\b")) for kind, pattern in _KINDS]
_NAME_INSIDE = re.compile(r"(?<=[\w,;:—–-] )[«\"“(]?[A-ZА-ЯЁ]")


def asks_for(question: str) -> str | None:
    """What is asked for: "date", "number", "name" (a person, body or place), or None where the words do not tell.

    >>> asks_for("When did the minister visit?"), asks_for("На какую сумму подписаны договоры?")
    ('date', 'number')
    """
    folded = fold(question)
    return next((kind for kind, pattern in _ASKS if pattern.search(folded)), None)


def holds(kind: str | None, sentence: str) -> bool:
    """Whether `sentence` holds a value of the kind that is asked for."""
    if kind == "name":
        return _NAME_INSIDE.search(sentence) is not None
    return kind is not None and any(value.kind == kind for value in find_values(sentence))
