"""A follow-up made to stand alone, without a model: it inherits the names of the turns before."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.bilingual.concepts import concepts
from rag.bilingual.table import TranslationTable
from rag.text.words import fold
from rag.types import Turn

LOOK_BACK = 2  # questions
_LEANS = re.compile(
    r"^(?:and|but|what about|how about|also|а|и|но|ну а|а что|как насчет|что насчет)\b"
    r"|\b(?:it|its|they|them|their|he|him|his|she|her|this|that|these|those|there|then|"
    r"он|его|ему|им|нем|она|ее|ей|они|их|это|этого|этом|этот|эта|эти|этих|там|тогда|тот|та|те)\b"
)


def leans(question: str) -> bool:
    """Whether a question has a pronoun or opens with a conjunction, so that it may not stand alone."""
    return _LEANS.search(fold(question)) is not None


def stand_alone(question: str, history: Sequence[Turn], table: TranslationTable) -> str:
    """`question`, with the names of the last questions added where it leans on them; a complete one is untouched.

    It leans on them when it has a pronoun or opens with a conjunction, and names nothing itself.
    """
    asked = [turn.text for turn in history if turn.role == "user"][-LOOK_BACK:]
    if not asked or not leans(question) or any(c.name for c in concepts(question, table)):
        return question
    named = [c.surface for text in reversed(asked) for c in concepts(text, table) if c.name]
    inherited = [name for name in dict.fromkeys(named) if fold(name) not in fold(question)]
    return f"{question} ({', '.join(inherited)})" if inherited else question
