"""A question as what is looked for in texts: how well each of its words is met, and what they tell together."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rag.answering.cues import Cue, asks_for_latest, counted_from
from rag.answering.guard import speaks_to_software
from rag.bilingual.concepts import Concept, placed_terms
from rag.citations import matched
from rag.text.sentences import sentences
from rag.text.words import is_cyrillic

LEAST_FOCUS = 0.12  # a sentence that carries a smaller share of what is no name has the names only
LEAST_MET = 0.3  # what is met with less is not met
LEAST_LIBRARY = 1000  # passages: a smaller library knows too little of what is rare
RELATED = 0.6  # what a word that only goes with a concept's counts for

Vector = NDArray[np.float64]


class Asked:
    """A question as what is looked for: concepts, the share of each in the whole, and the kind of answer."""

    def __init__(self, question: str, wanted: Sequence[Concept], shares: Vector) -> None:
        self.wanted = wanted
        self.shares = shares
        self.cue = Cue.of(question)
        self.latest = asks_for_latest(question)
        start = counted_from(question)
        self.counted = next((c for c in wanted if start is not None and c.start >= start), None)
        self._attainable = np.array([_attainable(c) for c in wanted])

    def share(self, carried: Vector) -> float:
        """How much of the question is carried, in [0, 1]."""
        return float(self.shares @ carried)

    def met(self, *texts: str) -> Vector:
        """How well each concept is met in any of `texts`, in [0, 1]."""
        return self.met_by(frozenset().union(*(s.terms for text in texts for s in read(text))))

    def met_by(self, terms: Collection[str]) -> Vector:
        return np.array([met_weight(c, terms) for c in self.wanted])

    def only_names(self, carried: Vector) -> bool:
        """Whether of what the question says beside names and values next to nothing is carried."""
        other = np.array([not c.name for c in self.wanted])
        share = float(self.shares[other].sum())
        return share > 0 and float(self.shares[other] @ carried[other]) < LEAST_FOCUS * share

    def denied(self, anywhere: Vector, in_document: Vector, sentence: str) -> list[str]:
        """The numbers that nothing has, and the years that the document has not, where `sentence` has another."""
        there = self.cue.values_in(sentence)
        numbers = any(v.kind == "number" for v in there)
        years = any(v.kind == "date" and not v.key.startswith("@-") for v in there)
        denied = []
        for concept, met, near in zip(self.wanted, anywhere, in_document, strict=True):
            own = next(iter(concept.terms))
            number = own[0] == "#" and numbers and met < LEAST_MET
            year = own[0] == "@" and own[1] != "-" and years and near < LEAST_MET
            if number or year:
                denied.append(concept.surface)
        return denied

    def not_met(self, carried: Vector, names: bool) -> bool:
        """Whether a number or date of the question is not met, or, where `names`, a name is not."""
        wanted = [(names and is_telling(c)) or is_value(c) for c in self.wanted]
        return any(hard and met < LEAST_MET for hard, met in zip(wanted, carried, strict=True))

    def attained(self, carried: Vector) -> Vector:
        """What is carried as a share of what a passage in the other language could carry."""
        shares: Vector = np.minimum(1.0, carried / np.maximum(self._attainable, 1e-9)) * (self._attainable > 0)
        return shares

    def across(self, carried: Vector) -> Vector:
        """What is carried by a passage in the other language, to be set beside one in the question's own.

        Half of it as a share of what could be: a translation weighs less than the word itself, however right it is.
        """
        halves: Vector = (carried + self.attained(carried)) / 2
        return halves


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """`start:end` of a text, with its index terms and where in the sentence each begins.

    `orders`: it speaks to the software that reads it.
    """

    start: int
    end: int
    text: str
    placed: tuple[tuple[str, int], ...]
    terms: frozenset[str]
    orders: bool


@lru_cache(maxsize=4_000)
def read(text: str) -> tuple[ReadSentence, ...]:
    """The sentences of a passage; passages that are found often are read once."""
    found = []
    for a, b in sentences(text):
        own = text[a:b]
        placed = tuple(placed_terms(own))
        found.append(ReadSentence(a, b, own, placed, frozenset(t for t, _ in placed), speaks_to_software(own)))
    return tuple(found)


def met_weight(concept: Concept, terms: Collection[str]) -> float:
    related = max((weight for term, weight in concept.related.items() if term in terms), default=0.0)
    return max(matched(concept, terms), RELATED * related)


def _attainable(concept: Concept) -> float:
    """The weight with which a passage in the other language could meet a concept; 0 where no translation is known."""
    own = next(iter(concept.terms))
    if own[0] in "#@":
        return 1.0
    return max(
        (
            w
            for t, w in concept.terms.items()
            if t[0] == "~" or (t[0] not in "#@" and is_cyrillic(t) != is_cyrillic(own))
        ),
        default=0.0,
    )


def shares_of(wanted: Sequence[Concept], counted: Sequence[tuple[int, int]]) -> Vector:
    """What each concept tells, as a share of what all tell together."""
    tells = np.array([0.5 * c.rarity + 0.5 * _idf(df, n) for c, (df, n) in zip(wanted, counted, strict=True)])
    return tells / (tells.sum() or 1.0)


def is_value(concept: Concept) -> bool:
    return concept.name and next(iter(concept.terms))[0] in "#@"


def is_telling(concept: Concept) -> bool:
    """Whether a concept is a name long enough to be met by its sound in the other script; Wu and «У» are not."""
    return concept.name and len(concept.surface) > 2


def _idf(df: int, n: int) -> float:
    """BM25's idf as a share of the largest one that a library of `n` passages can give."""
    n = max(n, LEAST_LIBRARY) if n else 0
    return math.log(1 + (n - df + 0.5) / (df + 0.5)) / math.log(1 + (n + 0.5) / 0.5) if n else 0.0
