"""Whether a sentence negates what its quotes state, or the reverse.

A negation counts where the word that it stands at is in the quotes too: then it should be negated there as well, or be
said by a word that negates by itself (lack, refuse, отсутствовать).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.text.words import STOP, Word, words

NEAR = 4  # words between a negation and the word that it is of
_NEGATION = frozenset("not no never nor none neither cannot without не ни нет никогда без нельзя".split())
_CONTRACTED = re.compile(r"n['’]t$")
# Not about whether: «не только», "no longer than", «не менее», "no. 5", "No, …".
_NO_NEGATION = re.compile(
    r"^\W*(?:no|нет|neither|none)(?=\s?[,:;.—–!])|"
    r"\b(?:not (?:only|just|merely|least|less than|more than)|no (?:less|fewer|more|later|longer) than|no\. ?\d|"
    r"не (?:только|менее|более|меньше|больше|позднее|позже|ранее|раньше|просто|столько)|"
    r"(?:тем|едва ли|чуть ли) не|ни один из|пока не|как ни)\b",
    re.I,
)
_BY_ITSELF = re.compile(
    r"(?:lack|fail|refus|deny|denied|reject|absen|unable|unlike|unsucc|unknown|uncert|prevent|avoid|hardly|rare|except|nobody|"
    r"nothing|instead|prohibit|bans?$|banned|forbid|forbade|stop|ceas|inab|insuff|impossib|"
    r"отсутств|отказ|отриц|отверг|лиш[аеи]|невозмож|неспособ|недостат|неудач|неизв|запре|прекра|избе[гж]|редк|едва|кроме|"
    r"вместо|помимо|беспо|безу)"
)


def negations(text: str) -> list[list[Word]]:
    """For each negation of `text`, the content words that it may be of, nearest first."""
    blank = _NO_NEGATION.sub(lambda m: " " * len(m.group()), text)
    own = words(blank)
    return [_of(i, own) for i, w in enumerate(own) if w.lower in _NEGATION or _CONTRACTED.search(w.lower)]


def negated_otherwise(sentence: str, quotes: Sequence[str], met: Callable[[str, str], bool]) -> str | None:
    """The negated words that only the sentence, or only its quotes, negate; None where they agree.

    `met` says whether a word of the sentence and one of a quote mean the same.
    """
    text = "\n".join(quotes)
    if words_ := _only(sentence, text, met):
        return words_
    return _only(text, sentence, lambda a, b: met(b, a))


def _only(one: str, other: str, met: Callable[[str, str], bool]) -> str | None:
    there = words(other)
    for of in negations(one):
        if not of:
            continue
        focus = of[0]
        places = [i for i, w in enumerate(there) if w.lower not in STOP and met(focus.surface, w.surface)]
        if places and not any(_negative(i, there) for i in places):
            return focus.surface
    return None


def _of(i: int, own: Sequence[Word]) -> list[Word]:
    return [w for w in own[i + 1 : i + 1 + NEAR] if w.lower not in STOP]


def _negative(i: int, there: Sequence[Word]) -> bool:
    """Whether anything negative stands around the word."""
    around = there[max(0, i - NEAR - 1) : i + NEAR]
    return any(w.lower in _NEGATION or _CONTRACTED.search(w.lower) or _BY_ITSELF.match(w.lower) for w in around)
