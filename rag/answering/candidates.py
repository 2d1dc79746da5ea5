"""Which sentences of the passages carry the question best?

A question names what it is about and asks for something of it. What it is about stands in the title or the first lines
of a document and is seldom said again; the sentence that answers says the rest. So each word of the question counts for
a sentence by how near to it the document has it: in the sentence itself, in its title, elsewhere. Words weigh by how
much they tell: rare in the library, rare in general.

The weights were chosen on half of XQuAD's articles and on the shipped gold questions; docs/answers.md has the figures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rag.answering.asked import Asked, ReadSentence, Vector, met_weight, read
from rag.answering.cues import near_number
from rag.types import Hit

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
LATEST = 4.0  # its document is the latest of those found, where that is what the question wants

_ENDS = re.compile(r"[.!?…:;»”\")]$")
_HEADING_LENGTH = 110  # characters


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of hit number `hit` (from 0) at `start:end` of the hit's text, with its score as an answer.

    `order` is its number among the sentences of its hit; `told` is what of the question it tells with its document's
    title, by concept, in shares of the whole, nothing where it speaks to software; `counts` is how well what is counted
    is met beside a number, in [0, 1].
    """

    hit: int
    start: int
    end: int
    text: str
    score: float
    order: int = 0
    told: tuple[float, ...] = ()
    counts: float = 0.0


def ranked(
    asked: Asked, hits: Sequence[Hit], everywhere: Mapping[str, Vector], language: str
) -> list[tuple[Candidate, Vector]]:
    """The sentences of the hits as answers to a question in `language`, best first, ties by place.

    Each comes with how well the question's concepts are met by it, its neighbours and its title. `everywhere` has for
    each document how well they are met by what was found of it.
    """
    best = max((hit.score for hit in hits), default=0.0) or 1.0
    late = _lateness(hits) if asked.latest else {}
    made = [
        pair for number, hit in enumerate(hits)
        for pair in _candidates(asked, number, hit, hit.score / best, everywhere[hit.document_id], language, late)
    ]  # fmt: skip
    return sorted(made, key=lambda pair: (-pair[0].score, pair[0].hit, pair[0].start))


def _lateness(hits: Sequence[Hit]) -> dict[str, float]:
    """Document id → 1 for the latest date among the documents found, 0 for the earliest; only those with a date."""
    dates = sorted({hit.date for hit in hits if hit.date})
    return {hit.document_id: dates.index(hit.date) / max(1, len(dates) - 1) for hit in hits if hit.date}


def _candidates(
    asked: Asked, number: int, hit: Hit, found: float, in_document: Vector, language: str, late: Mapping[str, float]
) -> list[tuple[Candidate, Vector]]:
    """The sentences of a hit as answers, each with how well the concepts are met by it, its neighbours and title."""
    own_sentences = read(hit.text)
    met = [asked.met_by(sentence.terms) for sentence in own_sentences]
    in_title = asked.met(hit.title or "")
    evened = asked.across if hit.language != language else lambda carried: carried
    made = []
    for i, sentence in enumerate(own_sentences):
        text = sentence.text
        around = np.maximum.reduce([in_title, *met[max(0, i - 1) : i + 2]])
        own, with_title = asked.share(evened(met[i])), asked.share(evened(around))
        cue = asked.cue.held(text)
        counts = _counts(asked, sentence)
        score = (
            IN_SENTENCE * own
            + IN_TITLE * with_title
            + IN_DOCUMENT * asked.share(evened(np.maximum(around, in_document)))
            + (PASSAGE + PASSAGE_AND_SENTENCE * own) * found
            + (CUE + CUE_AND_TITLE * with_title) * cue
            + COUNTED * counts
            + HEADING * _is_heading(text, hit.title)
            + TO_SOFTWARE * sentence.orders
            + OPENING * (hit.start + sentence.start < 5)
            + LATEST * late.get(hit.document_id, 0.0)
        )
        told = asked.shares * evened(np.maximum(met[i], in_title)) * (not sentence.orders)
        made.append(
            (Candidate(number, sentence.start, sentence.end, text, score, i, tuple(told.tolist()), counts), around)
        )
    return made


def _counts(asked: Asked, sentence: ReadSentence) -> float:
    """How well what is counted is met beside a number that the question does not name."""
    if asked.counted is None:
        return 0.0
    numbers = [v for v in asked.cue.values_in(sentence.text) if v.kind == "number"]
    if not numbers:
        return 0.0
    near = (met_weight(asked.counted, {term}) for term, at in sentence.placed if near_number([at], numbers))
    return max(near, default=0.0)


def _is_heading(text: str, title: str | None) -> bool:
    text = text.strip()
    return text == (title or "").strip() or (not _ENDS.search(text) and len(text) < _HEADING_LENGTH)
