"""The answer in the documents' own words: the sentences that carry the question best, each with its source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.answering import Draft, Task
from rag.answering.evidence import Candidate, Evidence
from rag.bilingual.concepts import index_terms
from rag.messages import say

MOST = 3  # sentences
FLOOR = 0.7  # a further sentence must score this share of the best
REPEATS = 0.6  # a sentence that shares this share of its words with one that is said already is left out


class ExtractiveWriter:
    """Quotes. Needs no model; given the evidence, it takes no time to speak of."""

    model = None

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence

    def write(self, task: Task) -> Iterator[Draft]:
        chosen = choose(self._evidence.candidates)
        languages = {task.hits[c.hit].language for c in chosen}
        foreign = languages - {task.language}
        code = f"lead.in.{min(foreign)}" if len(languages) == len(foreign) == 1 else "lead"
        yield Draft(say(code, task.language), claims=False)
        for c in chosen:
            yield Draft(c.text, quoted=(c.hit, c.start, c.end))

    def correct(self, draft: Draft, why: str) -> Iterator[Draft]:
        return iter(())  # what is quoted needs no correction


def choose(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The best few sentences that do not repeat each other, best first."""
    chosen: list[Candidate] = []
    said: list[set[str]] = []
    for candidate in candidates:
        if len(chosen) == MOST or (chosen and candidate.score < FLOOR * chosen[0].score):
            break
        terms = set(index_terms(candidate.text))
        if terms and all(len(terms & other) < REPEATS * min(len(terms), len(other)) for other in said):
            chosen.append(candidate)
            said.append(terms)
    return chosen
