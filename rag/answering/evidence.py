"""Is there enough in the passages to answer from? And which of their sentences carry the question best?

A sentence is read with its neighbours, since what a pronoun means stands next to it. How much of the question it
covers is weighed by how much each word tells: rare in the library, rare in general. The thresholds come from measuring
XQuAD with the gold paragraph, then its whole article, taken out: at these, 5 % of the answerable are refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.answering.cues import asks_for, holds
from rag.bilingual.concepts import Concept, concepts, index_terms
from rag.bilingual.table import TranslationTable
from rag.citations import matched
from rag.text.sentences import sentences
from rag.types import Hit

ENOUGH = {"en": 0.46, "ru": 0.38}  # least coverage of the question where passage and question are in one language
ENOUGH_CROSS = 0.25
UNKNOWN_NAME = 0.5  # what is left of the evidence when the library has never heard of a name in the question
SURE_TRANSLATION = 0.5  # a name that has one of this weight would be found in the other language too
NEIGHBOURS = 0.25
PASSAGE = 0.25
CUE = 0.12


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of hit number `hit` (from 0) at `start:end` of the hit's text, with its score as an answer."""

    hit: int
    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """`candidates` best first; `strength` in [0, 1] against `needed`; `missing`: names the library does not know."""

    candidates: list[Candidate]
    strength: float
    needed: float
    missing: list[str]

    @property
    def enough(self) -> bool:
        return bool(self.candidates) and self.strength >= self.needed


def weigh(
    question: str,
    language: str,
    hits: Sequence[Hit],
    table: TranslationTable,
    frequency: Callable[[Concept], tuple[int, int]],
) -> Evidence:
    """The evidence in `hits` for `question`.

    `frequency` gives for a concept the number of the library's passages that have it, and of all its passages.
    """
    wanted = concepts(question, table)
    counted = [frequency(c) for c in wanted]
    weights = [0.5 * c.rarity + 0.5 * _idf(df, n) for c, (df, n) in zip(wanted, counted, strict=True)]
    total = sum(weights) or 1.0

    def covered(terms: set[str]) -> float:
        return sum(w * matched(c, terms) for c, w in zip(wanted, weights, strict=True)) / total

    kind = asks_for(question)
    best_score = max((h.score for h in hits), default=0.0) or 1.0
    candidates: list[Candidate] = []
    strength, needed = 0.0, ENOUGH[language]
    for number, hit in enumerate(hits):
        spans = sentences(hit.text)
        terms = [set(index_terms(hit.text[a:b])) for a, b in spans]
        title = set(index_terms(hit.title or ""))
        for i, (a, b) in enumerate(spans):
            around = covered(set().union(*terms[max(0, i - 1) : i + 2]))
            threshold = ENOUGH[language] if hit.language == language else ENOUGH_CROSS
            with_title = max(around, covered(set().union(*terms[max(0, i - 1) : i + 2], title)))
            if with_title / threshold > strength / needed:
                strength, needed = with_title, threshold
            score = (1 - NEIGHBOURS) * covered(terms[i]) + NEIGHBOURS * around + PASSAGE * hit.score / best_score
            score += CUE * holds(kind, hit.text[a:b])
            candidates.append(Candidate(number, a, b, hit.text[a:b], score))
    same_language = any(hit.language == language for hit in hits)
    unknown = [c for c, (df, _) in zip(wanted, counted, strict=True) if not df and _would_be_found(c, same_language)]
    if unknown:
        strength *= UNKNOWN_NAME
    candidates.sort(key=lambda c: (-c.score, c.hit, c.start))
    return Evidence(candidates, strength, needed, [c.surface for c in unknown])


def _would_be_found(concept: Concept, same_language: bool) -> bool:
    """Whether a name that no passage has can be called unknown: its not being found is no failure of translation."""
    own = next(iter(concept.terms))
    known = (weight for term, weight in concept.terms.items() if term != own and term[0] != "~")
    return concept.name and (same_language or own[0] in "#@" or max(known, default=0.0) >= SURE_TRANSLATION)


def _idf(df: int, n: int) -> float:
    """BM25's idf as a share of the largest one that a library of `n` passages can give."""
    return math.log(1 + (n - df + 0.5) / (df + 0.5)) / math.log(1 + (n + 0.5) / 0.5) if n else 0.0
