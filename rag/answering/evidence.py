"""Is there enough in the passages to answer from?

The thresholds were chosen on XQuAD with the gold paragraph taken out (`make bench-answers` prints them), what lowers
the evidence on it and on the shipped gold questions; docs/answers.md has the figures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from rag.answering.asked import Asked, Vector, is_telling, is_value, shares_of
from rag.answering.candidates import Candidate, ranked
from rag.bilingual.concepts import Concept, concepts
from rag.bilingual.table import TranslationTable
from rag.types import Hit

# Least strength: where passage and question are in one language, by language, and where they are not, where it is of
# what a translation could carry. At these, 8 % of the answerable are refused.
ENOUGH = {"en": 0.386, "ru": 0.351}
ENOUGH_CROSS = 0.339
READER = 0.6  # of it is enough where a model reads the passages: then 2 % of the answerable are refused unread

# A passage that answers stands out among those found; where none does, many are found that are much alike. A library
# of fewer than `FEW` passages has too few that could be alike for that to tell anything.
ALIKE = 0.5  # what evidence loses for each unit that the third best score, as a share of the best, is above `USUAL`
USUAL = 0.67
FEW = 50

NOT_CARRIED = 0.5  # what it loses for all of the question lying in one word that is not carried

# What is left of the evidence
UNKNOWN_NAME = 0.6  # when the library has never heard of a name in the question,
ONLY_NAMES = 0.7  # when the sentence has the names of the question and nothing else of it,
NOT_OF_THE_KIND = 0.45  # when a date or a number is asked for and the best sentences hold none,
NO_REASON = 0.6  # when a reason is, and they have no word that gives one,
NOT_COUNTED = 0.8  # when no number in them stands beside what is counted,
OTHER_NAME = 0.65  # and when the document that would answer lacks a name, a year or a number.

OF_THE_KIND = 2  # sentences that are looked at for what is asked for
OF_ITS_KIND = 0.4  # how well one of them must hold it: a number that is no money is none of it
BESIDE_NUMBER = 0.25  # of what is counted must be met beside a number
VALUES = ("date", "number", "money", "percent")
SURE_TRANSLATION = 0.5  # a name that has one of this weight would be found in the other language too


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
        """Whether to quote: what is shown answers."""
        return bool(self.candidates) and self.strength >= self.needed

    @property
    def worth_reading(self) -> bool:
        """Whether to ask a model, which understands other words, and says itself that the passages are silent."""
        return bool(self.candidates) and self.strength >= READER * self.needed


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
    asked = Asked(question, wanted, shares_of(wanted, counted))
    of_document: dict[str, list[str]] = {}
    for hit in hits:
        of_document.setdefault(hit.document_id, [hit.title or "", hit.date or ""]).append(hit.text)
    everywhere = {id: asked.met(*texts) for id, texts in of_document.items()}
    made = ranked(asked, hits, everywhere, language)
    candidates = [candidate for candidate, _ in made]
    size = max((n for _, n in counted), default=0)
    strength, needed = 0.0, ENOUGH[language]
    denied: list[str] = []
    if made:
        first, carried = made[0]
        in_document = everywhere[hits[first.hit].document_id]
        across = hits[first.hit].language != language
        needed = ENOUGH_CROSS if across else ENOUGH[language]
        strength = _carried(asked, carried, in_document, across) + _stands_out(hits, size)
        if strength >= needed:
            denied = asked.denied(np.maximum.reduce(list(everywhere.values())), in_document, first.text)
        strength *= _left(asked, candidates[:OF_THE_KIND], carried, in_document, across)
    unknown = [
        c for c, (df, _) in zip(wanted, counted, strict=True)
        if not df and _would_be_found(c, any(hit.language == language for hit in hits))
    ]  # fmt: skip
    if unknown:
        strength *= UNKNOWN_NAME
    return Evidence(candidates, min(1.0, max(0.0, strength)), needed, [c.surface for c in unknown], denied)


def _carried(asked: Asked, carried: Vector, in_document: Vector, across: bool) -> float:
    """How much of the question is carried, half by the best sentence with its neighbours, half by its document."""
    both = (carried, np.maximum(carried, in_document))
    return sum(asked.share(asked.attained(one) if across else one) for one in both) / 2


def _stands_out(hits: Sequence[Hit], size: int) -> float:
    """What evidence gains, or loses, by how the best hit stands out in a library of `size` passages."""
    if size < FEW or len(hits) < 3:
        return 0.0
    scores = sorted((hit.score for hit in hits), reverse=True)
    return ALIKE * (USUAL - scores[2] / (scores[0] or 1.0))


def _left(asked: Asked, best: Sequence[Candidate], carried: Vector, in_document: Vector, across: bool) -> float:
    """What is left of the evidence for what it lacks, in (0, 1].

    Across the languages little but numbers and dates is held against it: a word not met may be the fault of the table.
    """
    left = 1.0
    holds = any(asked.cue.held(c.text) >= OF_ITS_KIND for c in best)
    if not across:
        left -= NOT_CARRIED * float(np.max(asked.shares * (1 - carried), initial=0.0))
        if asked.only_names(carried):
            left *= ONLY_NAMES
        if asked.cue.kind in VALUES and not holds:
            left *= NOT_OF_THE_KIND
    if asked.cue.kind == "reason" and not holds:
        left *= NO_REASON
    if asked.counted is not None and all(c.counts < BESIDE_NUMBER for c in best):
        left *= NOT_COUNTED
    if asked.not_met(in_document, names=not across):
        left *= OTHER_NAME
    return left


def _would_be_found(concept: Concept, same_language: bool) -> bool:
    """Whether a name that no passage has can be called unknown: its not being found is no failure of translation."""
    own = next(iter(concept.terms))
    known = (weight for term, weight in concept.terms.items() if term != own and term[0] != "~")
    sure = same_language or max(known, default=0.0) >= SURE_TRANSLATION
    return is_value(concept) or (is_telling(concept) and sure)
