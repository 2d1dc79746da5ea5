"""Names that are an abbreviation on one side and spelled out on the other, in either script (США, United States)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.text.words import Word

SHORT = 5  # letters of an abbreviation with small ones among them, at most
LONGEST = 7  # words that an abbreviation stands for


def is_abbreviation(surface: str) -> bool:
    """Whether a word is made of first letters, a plural or some small ones among them (NFL, MPs, HCoV).

    >>> is_abbreviation("MPs"), is_abbreviation("McKay"), is_abbreviation("GitHub")
    (True, False, False)
    """
    if surface.isupper():
        return len(surface) > 1
    capitals = sum(map(str.isupper, surface))
    return capitals > 1 and len(surface) <= SHORT and not surface.startswith(("Mc", "O'", "O’"))


def abbreviated(i: int, own: Sequence[Word], there: Sequence[Word], initials: Mapping[str, str]) -> bool:
    """Whether the quotes spell out the abbreviation `own[i]`, or abbreviate a run of words that it is in.

    `initials` has, for a folded word of the sentence, the letters that its translations begin with.
    """
    if is_abbreviation(own[i].surface):
        letters = own[i].lower if own[i].surface.isupper() else own[i].lower.removesuffix("s")
        return any(_spells(letters, there[a:], {}) for a in range(len(there)))
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
