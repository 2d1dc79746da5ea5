"""The text work on documents: their passages as a segment of the word index, and as vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.bilingual.vectors import Matrix
from rag.embedding import Embedding
from rag.passages import split
from rag.segments import Analysed, Segment
from rag.steps import reached
from rag.types import Document, Passage


@dataclass(frozen=True)
class Analysis:
    """What was made of some documents: `passages` are those of `segment`, and `vectors` has a row for each."""

    passages: Sequence[Passage]
    segment: Segment
    vectors: Matrix | None  # where there was nothing to embed with


def analyse(
    documents: Sequence[Document], embedding: Embedding | None, between: Callable[[], None] = lambda: None
) -> Analysis:
    """The passages of `documents`, in order; `between` is called after each few steps of the work.

    Raises `ModelFault` where `embedding` asks a model.
    """
    reached("analyse")
    passages: list[Analysed] = []
    dates: list[str | None] = []
    for document in documents:
        for passage in split(document):
            passages.append(Analysed.of(passage))
            dates.append(document.date)
            between()
    reached("embed")
    vectors = embedding.analysed(passages, between) if embedding else None
    return Analysis(passages, Segment.build(passages, dates), vectors)
