"""A question as concepts: each word with all the index terms that may stand for it, in either language.

This is the probabilistic structured query of Darwish & Oard (2003): a concept is one synonym set whose members carry
weights, and is counted as one word by the index. Names meet across scripts by their phonetic key, numbers and dates by
value (rag/text), words by the translation table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from rag.bilingual.table import TranslationTable
from rag.text.names import name_keys
from rag.text.values import find_values
from rag.text.words import STOP, WORD, fold, is_cyrillic, stem, words

NAME_WEIGHT = 0.7
PIVOT_WEIGHT = 0.5  # of a word of the same language that shares translations: lifts questions in other words
VAGUER_DATE = 0.5  # weight of the month for a day, and of the year for a month, squared for two steps


@dataclass(frozen=True, slots=True)
class Concept:
    """One content word, number or date of a question.

    `terms` maps each index term that means the same to its weight in (0, 1]; the word itself weighs 1. `related` has
    those that only go with it, where they weigh more than as a translation: they help to find, and prove nothing.
    `rarity` in [0, 1] is how much the word tells (1: never seen in the training texts), `name` whether it looks like a
    name or is a value.
    """

    surface: str
    start: int
    end: int
    terms: dict[str, float]
    rarity: float
    name: bool
    related: dict[str, float] = field(default_factory=dict)


def name_terms(word: str) -> list[str]:
    """Index terms of a word's phonetic keys."""
    return [f"~{key}" for key in name_keys(word)]


def index_terms(text: str) -> list[str]:
    """What index and embedding know of a text: stems, values, and the phonetic keys of its capitalised words."""
    return [term for term, _ in placed_terms(text)]


def placed_terms(text: str) -> list[tuple[str, int]]:
    """`index_terms`, each with where in the text it begins."""
    terms = [(term, m.start()) for m in WORD.finditer(text) for term in _word_terms(m.group())]
    for value in find_values(text):
        terms += [(term, value.start) for term in value.terms()]
    return terms


@lru_cache(maxsize=100_000)
def _word_terms(surface: str) -> tuple[str, ...]:
    lower = fold(surface)
    if lower in STOP:
        return ()
    return (stem(lower), *(name_terms(surface) if surface[0].isupper() else ()))


def concepts(question: str, table: TranslationTable) -> list[Concept]:
    """The concepts of `question` in order; a word that comes twice is one concept."""
    found: dict[str, Concept] = {}
    values = find_values(question)
    covered = [(v.start, v.end) for v in values if v.kind == "date" and v.key.count("-")]
    for value in values:
        terms = _vaguer(value.key) if value.kind == "date" else dict.fromkeys(value.terms(), 1.0)
        found.setdefault(
            value.key, Concept(question[value.start : value.end], value.start, value.end, terms, 0.6, name=True)
        )
    seen_lower = {w.lower for w in words(question) if not w.capitalised}
    for i, word in enumerate(words(question)):
        if word.lower in STOP or any(a <= word.start < b for a, b in covered):
            continue
        own = stem(word.lower)
        if own in found:
            continue
        terms = {own: 1.0}
        for other, weight in table.translations(own):
            terms[other] = weight if is_cyrillic(other) == is_cyrillic(own) else weight**0.5
        for other, weight in table.pivots(own):
            terms[other] = max(terms.get(other, 0.0), PIVOT_WEIGHT * weight**0.5)
        is_name = word.capitalised and (i > 0 or table.rarity(own) > 0.9) and word.lower not in seen_lower
        if is_name or word.capitalised or own not in table.ids:
            for term in name_terms(word.surface):
                terms.setdefault(term, NAME_WEIGHT)
        related = {term: weight for term, weight in table.related(own) if weight > terms.get(term, 0.0)}
        found[own] = Concept(word.surface, word.start, word.end, terms, table.rarity(own), is_name, related)
    return sorted(found.values(), key=lambda c: c.start)


def _vaguer(key: str) -> dict[str, float]:
    """A date's own term and, for less, the terms of its month and year.

    >>> _vaguer("@2025-02-07")
    {'@2025-02-07': 1.0, '@-02-07': 0.5, '@2025-02': 0.5, '@2025': 0.25}
    """
    year, _, rest = key[1:].partition("-")
    terms = {key: 1.0}
    if len(rest) == 5:
        terms |= {f"@-{rest}": VAGUER_DATE, f"@{year}-{rest[:2]}": VAGUER_DATE}
    if rest and year:
        terms[f"@{year}"] = VAGUER_DATE ** (2 if len(rest) == 5 else 1)
    return terms
