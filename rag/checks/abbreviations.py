"""Names that are an abbreviation on one side and spelled out on the other, in either script (США, United States)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.text.words import Word

LONGEST = 7  # words that an abbreviation stands for


def is_abbreviation(surface: str) -> bool:
    return surface.isupper() and len(surface) > 1


def abbreviated(i: int, own: Sequence[Word], there: Sequence[Word], initials: Mapping[str, str]) -> bool:
    """Whether the quotes spell out the abbreviation `own[i]`, or abbreviate a run of words that it is in.

    `initials` has, for a folded word of the sentence, the letters that its translations begin with.
    """
    if is_abbreviation(own[i].surface):
        return any(_spells(own[i].lower, there[a:], {}) for a in range(len(there)))
    runs = [(i - a, own[a : a + LONGEST]) for a in range(max(0, i - LONGEST + 2), i + 1)]
    return any(
        is_abbreviation(w.surface) and any(_spells(w.lower, run, initials) > whole for whole, run in runs)
        for w in there
    )


def _spells(letters: str, run: Sequence[Word], initials: Mapping[str, str]) -> int:
    """How many words from the first of `run` begin with `letters`, small words passed over; 0 where they do not."""
    left = letters
    for n, word in enumerate(run):
        if left[0] == word.lower[0] or left[0] in initials.get(word.lower, ""):
            left = left[1:]
        elif not n or len(word.lower) > 3:
            return 0
        if not left:
            return n + 1
    return 0
