"""The known words nearest to a misspelt one: by edits, with swapped neighbours as one (optimal string alignment).

The words lie by first letter and length, so that a question is compared with a small part of a large vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

LEAST = 4  # letters of a word that may be misspelt
LONG = 8  # letters from which on two edits are allowed, else one
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюя"


def most_edits(word: str) -> int:
    return 2 if len(word) >= LONG else 1


class Spellings:
    """A vocabulary that is asked for the neighbours of a word."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._known = frozenset(word for word in vocabulary if len(word) >= LEAST - 1 and word.isalpha())
        self._buckets: dict[tuple[str, int], list[str]] = {}
        for word in self._known:
            self._buckets.setdefault((word[0], len(word)), []).append(word)

    def near(self, word: str) -> dict[str, int]:
        """Known words within `most_edits` of `word` that begin with its letter, and how many edits away.

        >>> Spellings(["railway", "always"]).near("railwey")
        {'railway': 1}
        """
        most = most_edits(word)
        found: dict[str, int] = {}
        for length in range(len(word) - most, len(word) + most + 1):
            bucket = self._buckets.get((word[0], length), ())
            for other, edits, _ in process.extract_iter(word, bucket, scorer=OSA.distance, score_cutoff=most):
                found[other] = int(edits)
        return found

    def with_another_beginning(self, word: str) -> dict[str, int]:
        """Known words that one edit of the first letter makes of `word`."""
        others = [word[1:], word[1] + word[0] + word[2:]]
        for letter in _LATIN if word.isascii() else _CYRILLIC:
            others += [letter + word, letter + word[1:]]
        return {other: 1 for other in others if other in self._known}
