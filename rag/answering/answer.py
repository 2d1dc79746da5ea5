"""An answer while it is being made: its sentences, the numbers of its citations, its notices, its times."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field

from rag.answering.addresses import without_addresses
from rag.answering.guard import without_markup
from rag.budget import Usage
from rag.errors import ModelFault
from rag.messages import in_quotation_marks, say
from rag.spelling import Reading
from rag.text.words import stem, words
from rag.types import Answer, Citation, Hit, Notice, Sentence

NEAREST = 3  # passages shown where the documents are silent


@dataclass
class AnswerDraft:
    """An answer while it is being made."""

    question: str
    language: str
    status: str = "answered"
    model: str | None = None
    hits: list[Hit] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    told: int = 0  # how many of them have been given
    used: Usage = field(default_factory=Usage)
    fault: ModelFault | None = None  # of a call before the writing
    rewritten: bool = False  # the model made the question stand alone
    left_out: bool = False  # a sentence in another language was not shown
    timings: dict[str, float] = field(default_factory=dict)

    def timed(self, stage: str) -> Timer:
        return Timer(self.timings, stage)

    def notice(self, notice: Notice) -> None:
        if notice not in self.notices:
            self.notices.append(notice)

    def text(self) -> str:
        return " ".join(with_markers(s) for s in self.sentences)

    def cite(self, hit: Hit, start: int, end: int) -> int:
        """The number of the citation of `start:end` of the hit's text, a new one where it was not cited yet."""
        a, b = hit.start + start, hit.start + end
        for known in self.citations:
            if (known.document_id, known.start, known.end) == (hit.document_id, a, b):
                return known.number
        number = len(self.citations) + 1
        quote = hit.text[start:end]
        self.citations.append(
            Citation(
                number, hit.document_id, hit.title, hit.path, hit.date, hit.language, hit.source, a, b, quote
            )
        )  # fmt: skip
        return number

    def done(self) -> Answer:
        return Answer(
            question=self.question,
            language=self.language,
            status=self.status,
            text=self.text(),
            sentences=self.sentences,
            citations=self.citations,
            hits=self.hits,
            notices=self.notices,
            model=self.model,
            tokens=asdict(self.used) if self.model else None,
            timings={stage: round(ms, 1) for stage, ms in self.timings.items()},
        )


class Timer:
    """Adds the milliseconds between entering and leaving to `timings[stage]`."""

    def __init__(self, timings: dict[str, float], stage: str) -> None:
        self._timings, self._stage = timings, stage

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._timings[self._stage] = (time.perf_counter() - self._start) * 1000


def with_markers(sentence: Sentence) -> str:
    """A sentence with its citations as markers: quoted words in their quotation marks, the markers after."""
    marks = "".join(f"[{n}]" for n in sentence.citations)
    text = sentence.text
    if sentence.quoted:
        text = in_quotation_marks(text, sentence.language)
    return f"{text} {marks}" if marks else text


def nearest(hits: Sequence[Hit], language: str) -> Notice:
    """Where the nearest passages are from. A title is a document's, and no more trusted than its text."""
    titles = dict.fromkeys(without_addresses(without_markup(h.title or h.path or h.id), ())[0] for h in hits[:NEAREST])
    return Notice(
        "nearest",
        say("notice.nearest", language, what=", ".join(in_quotation_marks(title, language) for title in titles)),
    )


def as_read(reading: Reading, hits: Sequence[Hit], language: str) -> Iterator[Notice]:
    """How misspelt words were read, in the documents' spelling; nothing of one that stands in no hit."""
    for surface, term in reading.words.items():
        there = (word.surface for hit in hits for word in words(hit.text) if stem(word.lower) == term)
        if found := next(there, None):
            yield Notice("respelled", say("notice.respelled", language, asked=surface, read=found))
