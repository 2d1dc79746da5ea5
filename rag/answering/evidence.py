"""Is there enough in the passages to answer from? And which of their sentences carry the question best?

A question names what it is about and asks for something of it. What it is about stands in the title or the first lines
of a document and is seldom said again; the sentence that answers says the rest. So each word of the question counts for
a sentence by how near to it the document has it: in the sentence itself, in its title, elsewhere. Words weigh by how
much they tell: rare in the library, rare in general.

The weights were chosen on half of XQuAD's articles and on the shipped gold questions, the thresholds on XQuAD with the
gold paragraph taken out; docs/answers.md has the figures.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rag.answering.cues import Cue, counted_from, near_number
from rag.answering.guard import speaks_to_software
from rag.bilingual.concepts import Concept, concepts, placed_terms
from rag.bilingual.table import TranslationTable
from rag.citations import matched
from rag.text.sentences import sentences
from rag.text.words import is_cyrillic
from rag.types import Hit

# Least share of the question that must be carried: where passage and question are in one language, by language, and
# where they are not, of what a translation could carry. At these, 8 % of the answerable are refused.
ENOUGH = {"en": 0.42, "ru": 0.37}
ENOUGH_CROSS = 0.34
UNKNOWN_NAME = 0.6  # what is left of the evidence when the library has never heard of a name in the question,
ONLY_NAMES = 0.6  # when the sentence has the names of the question and nothing else of it,
OTHER_NAME = 0.65  # and when the document that would answer has it not, or not the year or the number
LEAST_LIBRARY = 1000  # passages: a smaller library knows too little of what is rare
NOT_OF_THE_KIND = 0.45  # when the best sentences hold no date or number where one is asked for
OF_THE_KIND = 2  # sentences that are looked at for it
VALUES = ("date", "number", "money", "percent")
LEAST_FOCUS = 0.12  # share of what is no name
LEAST_MET = 0.3  # what is met with less is not met
SURE_TRANSLATION = 0.5  # a name that has one of this weight would be found in the other language too
RELATED = 0.6  # what a word that only goes with a concept's counts for

# What makes a sentence an answer, each in [0, 1] times its weight.
IN_SENTENCE = 3.0  # how much of the question the sentence itself carries,
IN_TITLE = 7.0  # with its neighbours and the document's title,
IN_DOCUMENT = 2.5  # and with what else was found of the document
PASSAGE = 2.0  # how well the passage was found,
PASSAGE_AND_SENTENCE = 2.0  # times what the sentence carries
CUE = 2.0  # whether it holds the kind of thing that is asked for,
CUE_AND_TITLE = 2.0  # times what it carries with its title
COUNTED = 1.5  # whether a number stands beside what is counted
HEADING = -2.5
TO_SOFTWARE = -6.0  # it gives orders to the software that reads it
OPENING = -0.5  # the first lines repeat what the document is about

_ENDS = re.compile(r"[.!?…:;»”\")]$")
_HEADING_LENGTH = 110  # characters

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of hit number `hit` (from 0) at `start:end` of the hit's text, with its score as an answer.

    `order` is its number among the sentences of its hit.
    """

    hit: int
    start: int
    end: int
    text: str
    score: float
    order: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """`candidates` best first; `strength` in [0, 1] against `needed`; `missing`: names the library does not know.

    `denied`: numbers and years of the question that the documents have otherwise, though the rest of it is carried.
    """

    candidates: list[Candidate]
    strength: float
    needed: float
    missing: list[str]
    denied: list[str] = field(default_factory=list)

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
    asked = _Asked(question, wanted, _shares(wanted, counted))
    best = max((hit.score for hit in hits), default=0.0) or 1.0
    of_document: dict[str, list[str]] = {}
    for hit in hits:
        of_document.setdefault(hit.document_id, [hit.title or "", hit.date or ""]).append(hit.text)
    everywhere = {id: asked.met(*texts) for id, texts in of_document.items()}
    made = [
        pair for number, hit in enumerate(hits)
        for pair in _candidates(asked, number, hit, hit.score / best, everywhere[hit.document_id])
    ]  # fmt: skip
    made.sort(key=lambda pair: (-pair[0].score, pair[0].hit, pair[0].start))
    candidates = [candidate for candidate, _ in made]
    strength, needed = 0.0, ENOUGH[language]
    denied: list[str] = []
    if made:
        first, carried = made[0]
        hit = hits[first.hit]
        across = hit.language != language
        needed = ENOUGH_CROSS if across else ENOUGH[language]
        strength = asked.share(asked.attained(carried) if across else carried)
        if strength >= needed:
            anywhere: Vector = np.maximum.reduce(list(everywhere.values()))
            denied = asked.denied(anywhere, everywhere[hit.document_id], first.text)
        if not across and asked.only_names(carried):
            strength *= ONLY_NAMES
        if (
            not across
            and asked.cue.kind in VALUES
            and not any(asked.cue.held(c.text) for c in candidates[:OF_THE_KIND])
        ):
            strength *= NOT_OF_THE_KIND
        if asked.not_met(everywhere[hit.document_id], names=not across):
            strength *= OTHER_NAME
    unknown = [
        c for c, (df, _) in zip(wanted, counted, strict=True)
        if not df and _would_be_found(c, any(hit.language == language for hit in hits))
    ]  # fmt: skip
    if unknown:
        strength *= UNKNOWN_NAME
    return Evidence(candidates, strength, needed, [c.surface for c in unknown], denied)


class _Asked:
    """A question as what is looked for: concepts, the share of each in the whole, and the kind of answer."""

    def __init__(self, question: str, wanted: Sequence[Concept], shares: Vector) -> None:
        self.wanted = wanted
        self.shares = shares
        self.cue = Cue.of(question)
        start = counted_from(question)
        self.counted = next((c for c in wanted if start is not None and c.start >= start), None)
        self._attainable = np.array([_attainable(c) for c in wanted])

    def share(self, carried: Vector) -> float:
        """How much of the question is carried, in [0, 1]."""
        return float(self.shares @ carried)

    def met(self, *texts: str) -> Vector:
        """How well each concept is met in any of `texts`, in [0, 1]."""
        return self.met_by(frozenset().union(*(s.terms for text in texts for s in _read(text))))

    def met_by(self, terms: Collection[str]) -> Vector:
        return np.array([_met(c, terms) for c in self.wanted])

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
        wanted = [(names and _is_telling(c)) or _is_value(c) for c in self.wanted]
        return any(hard and met < LEAST_MET for hard, met in zip(wanted, carried, strict=True))

    def attained(self, carried: Vector) -> Vector:
        """What is carried as a share of what a passage in the other language could carry."""
        shares: Vector = np.minimum(1.0, carried / np.maximum(self._attainable, 1e-9)) * (self._attainable > 0)
        return shares


def _candidates(
    asked: _Asked, number: int, hit: Hit, found: float, in_document: Vector
) -> list[tuple[Candidate, Vector]]:
    """The sentences of a hit as answers, each with how well the concepts are met by it, its neighbours and title."""
    read = _read(hit.text)
    met = [asked.met_by(sentence.terms) for sentence in read]
    in_title = asked.met(hit.title or "")
    made = []
    for i, sentence in enumerate(read):
        text = sentence.text
        around = np.maximum.reduce([in_title, *met[max(0, i - 1) : i + 2]])
        own, with_title = asked.share(met[i]), asked.share(around)
        cue = asked.cue.held(text)
        score = (
            IN_SENTENCE * own
            + IN_TITLE * with_title
            + IN_DOCUMENT * asked.share(np.maximum(around, in_document))
            + (PASSAGE + PASSAGE_AND_SENTENCE * own) * found
            + (CUE + CUE_AND_TITLE * with_title) * cue
            + COUNTED * _counts(asked, sentence)
            + HEADING * _is_heading(text, hit.title)
            + TO_SOFTWARE * sentence.orders
            + OPENING * (hit.start + sentence.start < 5)
        )
        made.append((Candidate(number, sentence.start, sentence.end, text, score, i), around))
    return made


@dataclass(frozen=True, slots=True)
class _Sentence:
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
def _read(text: str) -> tuple[_Sentence, ...]:
    """The sentences of a passage; passages that are found often are read once."""
    found = []
    for a, b in sentences(text):
        own = text[a:b]
        placed = tuple(placed_terms(own))
        found.append(_Sentence(a, b, own, placed, frozenset(t for t, _ in placed), speaks_to_software(own)))
    return tuple(found)


def _counts(asked: _Asked, sentence: _Sentence) -> float:
    """How well what is counted is met beside a number that the question does not name."""
    if asked.counted is None:
        return 0.0
    numbers = [v for v in asked.cue.values_in(sentence.text) if v.kind == "number"]
    if not numbers:
        return 0.0
    near = (_met(asked.counted, {term}) for term, at in sentence.placed if near_number([at], numbers))
    return max(near, default=0.0)


def _is_heading(text: str, title: str | None) -> bool:
    text = text.strip()
    return text == (title or "").strip() or (not _ENDS.search(text) and len(text) < _HEADING_LENGTH)


def _met(concept: Concept, terms: Collection[str]) -> float:
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


def _shares(wanted: Sequence[Concept], counted: Sequence[tuple[int, int]]) -> Vector:
    """What each concept tells, as a share of what all tell together."""
    tells = np.array([0.5 * c.rarity + 0.5 * _idf(df, n) for c, (df, n) in zip(wanted, counted, strict=True)])
    return tells / (tells.sum() or 1.0)


def _would_be_found(concept: Concept, same_language: bool) -> bool:
    """Whether a name that no passage has can be called unknown: its not being found is no failure of translation."""
    own = next(iter(concept.terms))
    known = (weight for term, weight in concept.terms.items() if term != own and term[0] != "~")
    sure = same_language or max(known, default=0.0) >= SURE_TRANSLATION
    return _is_value(concept) or (_is_telling(concept) and sure)


def _is_value(concept: Concept) -> bool:
    return concept.name and next(iter(concept.terms))[0] in "#@"


def _is_telling(concept: Concept) -> bool:
    """Whether a concept is a name long enough to be met by its sound in the other script; Wu and «У» are not."""
    return concept.name and len(concept.surface) > 2


def _idf(df: int, n: int) -> float:
    """BM25's idf as a share of the largest one that a library of `n` passages can give."""
    n = max(n, LEAST_LIBRARY) if n else 0
    return math.log(1 + (n - df + 0.5) / (df + 0.5)) / math.log(1 + (n + 0.5) / 0.5) if n else 0.0
