"""Why a passage was found: which words of the question met which of its words, and through what."""

from __future__ import annotations

from dataclasses import dataclass

from rag.bilingual.concepts import concepts, name_terms
from rag.bilingual.table import TranslationTable
from rag.text.values import find_values
from rag.text.words import STOP, WORD, fold, is_cyrillic, stem


@dataclass(frozen=True, slots=True)
class Match:
    """`word` of the question met `met` in the passage, by the index term `term`, which weighs `weight` in (0, 1].

    `how` is "same", "synonym", "translation", "name" (alike in sound), "value" (the same number or date), "related" (it
    only goes with the word), or "none":
    then the passage has nothing for the word, `met` and `term` are empty, and `weight` is 0.
    """

    word: str
    met: tuple[str, ...]
    term: str
    weight: float
    how: str


def explain(question: str, text: str, table: TranslationTable) -> list[Match]:
    """The matches of `question` with the passage `text`: words in their order, for each the heavier match first."""
    there = _words_by_term(text)
    matches = []
    for concept in concepts(question, table):
        own = next(iter(concept.terms))
        met = [
            Match(concept.surface, tuple(there[term]), term, weight, how)
            for term, weight, how in [
                *(
                    (term, weight, _how(own, term))
                    for term, weight in concept.terms.items()
                    if term not in concept.related
                ),
                *((term, weight, "related") for term, weight in concept.related.items()),
            ]
            if term in there
        ]
        matches += sorted(met, key=lambda m: (-m.weight, m.term)) or [Match(concept.surface, (), "", 0.0, "none")]
    return matches


def _words_by_term(text: str) -> dict[str, dict[str, None]]:
    """Index term → the words of `text` that give it, each once, in order."""
    found: dict[str, dict[str, None]] = {}
    for m in WORD.finditer(text):
        surface = m.group()
        if fold(surface) not in STOP:
            for term in [stem(fold(surface)), *(name_terms(surface) if surface[0].isupper() else [])]:
                found.setdefault(term, {})[surface] = None
    for value in find_values(text):
        for term in value.terms():
            found.setdefault(term, {})[text[value.start : value.end]] = None
    return found


def _how(own: str, term: str) -> str:
    if term[0] in "#@":
        return "value"
    if term[0] == "~":
        return "name"
    if term == own:
        return "same"
    return "synonym" if is_cyrillic(term) == is_cyrillic(own) else "translation"
