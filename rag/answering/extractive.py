"""The answer in the documents' own words: the sentences that carry the question best, each with its source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.answering import Draft, Task
from rag.answering.candidates import Candidate
from rag.answering.evidence import Evidence
from rag.bilingual.concepts import index_terms
from rag.messages import say
from rag.text.sentences import sentences
from rag.types import Hit

MOST = 4  # sentences
BEHIND = 3.5  # a further sentence scores at most so much less than the best,
TOLD = 0.9  # or, where this share of the question is told,
BEHIND_TOLD = 1.0  # so much less
NEW = 16.0  # what it gains for telling all of the question for the first time,
ELSEWHERE = 0.5  # or as a share of that, in another document than the best,
BESIDE = 0.8  # and for standing beside the best: the two are read as one
REPEATS = 0.6  # a sentence that shares this share of its words with one that is said already is left out
MOST_ITEMS = 15  # of a list that a sentence opens
_ITEM = re.compile(r"\s*(?:[•‣▪◦*·–—-]|\(?\d{1,2}[.)])\s")


class ExtractiveWriter:
    """Quotes. Needs no model; given the evidence, it takes no time to speak of."""

    model = None

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence

    def write(self, task: Task) -> Iterator[Draft]:
        drafts = quotations(self._evidence, task.hits)
        languages = {task.hits[draft.quoted[0]].language for draft in drafts if draft.quoted}
        foreign = languages - {task.language}
        code = f"lead.in.{min(foreign)}" if len(languages) == len(foreign) == 1 else "lead"
        yield Draft(say(code, task.language), claims=False)
        yield from drafts

    def correct(self, draft: Draft, why: str) -> Iterator[Draft]:
        return iter(())  # what is quoted needs no correction


def quotations(evidence: Evidence, hits: Sequence[Hit]) -> list[Draft]:
    """What is quoted of the passages, the best first."""
    quoted = [with_items(run, hits) for run in runs(choose(evidence.candidates, hits), hits)]
    return [Draft(hits[hit].text[start:end], quoted=(hit, start, end)) for hit, start, end in quoted]


def choose(candidates: Sequence[Candidate], hits: Sequence[Hit]) -> list[Candidate]:
    """The best few sentences that do not repeat each other: the best, then those that add most to what is told.

    A further sentence counts for more by what it tells of the question that those before it do not, so that each part
    of a question finds its sentence (the greedy choice for a coverage objective; Nemhauser, Wolsey & Fisher 1978).
    """
    chosen: list[Candidate] = []
    said: list[set[str]] = []
    told: tuple[float, ...] = ()
    left = list(candidates)
    while left and len(chosen) < MOST:
        worth = [c.score + (_adds(c, told, chosen[0], hits) if chosen else 0.0) for c in left]
        best = max(worth)
        behind = BEHIND_TOLD if sum(told) >= TOLD else BEHIND
        if chosen and best < chosen[0].score - behind:
            break
        candidate = left.pop(worth.index(best))
        terms = set(index_terms(candidate.text))
        if terms and all(len(terms & other) < REPEATS * min(len(terms), len(other)) for other in said):
            chosen.append(candidate)
            said.append(terms)
            told = tuple(map(max, told, candidate.told)) if told else candidate.told
    return chosen


def _adds(candidate: Candidate, told: Sequence[float], best: Candidate, hits: Sequence[Hit]) -> float:
    """What a sentence adds to an answer that tells `told` of the question, in points of its score."""
    anew = sum(max(0.0, more - before) for more, before in zip(candidate.told, told, strict=True))
    elsewhere = hits[candidate.hit].document_id != hits[best.hit].document_id
    return NEW * anew * (ELSEWHERE if elsewhere else 1.0) + BESIDE * _beside(candidate, best)


def runs(chosen: Sequence[Candidate], hits: Sequence[Hit]) -> list[tuple[int, int, int]]:
    """(hit, start, end) of what is quoted, the best first: sentences side by side in a paragraph are quoted as one."""
    joined: list[list[Candidate]] = []
    for candidate in chosen:
        beside = [run for run in joined if any(_side_by_side(candidate, other, hits) for other in run)]
        if beside:
            beside[0] += [candidate, *(other for run in beside[1:] for other in run)]
            joined = [run for run in joined if run not in beside[1:]]
        else:
            joined.append([candidate])
    return [(run[0].hit, min(c.start for c in run), max(c.end for c in run)) for run in joined]


def with_items(quoted: tuple[int, int, int], hits: Sequence[Hit]) -> tuple[int, int, int]:
    """A quotation that opens a list (it ends with a colon), with the list's items as far as the passage has them."""
    hit, start, end = quoted
    text = hits[hit].text
    if not text[start:end].endswith(":"):
        return quoted
    for n, (a, b) in enumerate(s for s in sentences(text) if s[0] >= end):
        if n == MOST_ITEMS or not _ITEM.match(text, a):
            break
        end = b
    return hit, start, end


def _beside(one: Candidate, other: Candidate) -> bool:
    return one.hit == other.hit and abs(one.order - other.order) == 1


def _side_by_side(one: Candidate, other: Candidate, hits: Sequence[Hit]) -> bool:
    if not _beside(one, other):
        return False
    first, second = sorted((one, other), key=lambda c: c.start)
    return "\n" not in hits[one.hit].text[first.end : second.start]
