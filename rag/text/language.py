"""The language of a question and of a document, by its letters and its commonest words.

This does not detect languages in general: it tells English and Russian from each other and from the rest ("other"),
which is all that retrieval and the choice of the answer's language need.
"""

from __future__ import annotations

import re

from rag.text.words import CYRILLIC, STOP_EN, STOP_RU, WORD, fold, letters, words

# English words that open a question or a command. A question may name things in the other script («What is ШОС?»,
# «Что такое Belt and Road?»): its own little words tell more than the share of letters.
_ENGLISH_FRAME = frozenset(
    """
    what which who whom whose when where why how is are was were do does did has have had will would can could should
    tell list name describe explain compare summarise summarize give show find the of about and in between
    """.split()
)
_RUSSIAN_FRAME = STOP_RU | frozenset("расскажи перечисли назови опиши объясни сравни покажи найди дай такое".split())
_OTHER_CYRILLIC = re.compile("[ңөүұқғһәіїєґўјљњћђџҷҳӣӯ]")


def question_language(question: str) -> str:
    """The language to answer in: "en" or "ru".

    >>> question_language("Что такое Belt and Road?"), question_language("Explain the term «многовекторность»")
    ('ru', 'en')
    """
    english = russian = 0
    for word in words(question):
        english += word.lower in _ENGLISH_FRAME
        russian += word.lower in _RUSSIAN_FRAME
    if english != russian:
        return "en" if english > russian else "ru"
    cyrillic, latin = letters(question)
    return "ru" if cyrillic >= latin and cyrillic else "en"


def text_language(text: str, sample: int = 20_000) -> str:
    """The language of a document or a passage, from its first `sample` characters: "en", "ru" or "other".

    A text is English or Russian when most of its letters are of that script and its small words are that language's;
    a text of fewer than 12 words is judged by its letters alone.
    """
    text = text[:sample]
    cyrillic, latin = letters(text)
    if cyrillic + latin == 0:
        return "other"
    russian = cyrillic >= latin
    found = WORD.findall(text)
    if cyrillic:
        found = [w for w in found if bool(CYRILLIC.search(w)) == russian]
    if russian:
        foreign = len(_OTHER_CYRILLIC.findall(text.lower()))
        if foreign > 0.01 * cyrillic:
            return "other"
    if len(found) < 12:
        return "ru" if russian else "en"
    frame = STOP_RU if russian else STOP_EN
    share = sum(w in frame for w in fold(" ".join(found)).split(" ")) / len(found)
    if share < 0.08:
        return "other"
    return "ru" if russian else "en"
