"""Checks a library's record, word index and vectors against each other, and makes anew what is derived."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import numpy as np

from rag.assistant import embedding
from rag.bilingual.table import shipped
from rag.embedding import Embedding
from rag.errors import StoreFailed, StoreUnreachable
from rag.indexing import ANALYSER, Indexing, discard, lexical_stamp
from rag.lexical import LexicalIndex
from rag.library import Record
from rag.passages import split
from rag.settings import Settings
from rag.store import VectorStore, open_store
from rag.types import Passage

Problem = tuple[str, dict[str, object]]

SAMPLE = 2_000  # passages whose vectors are made again and compared


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found: `problems` are keys under `doctor.` in the locales and what fills them in."""

    documents: int
    passages: int
    problems: list[Problem]


def examine(settings: Settings) -> Examination:
    """Look at everything in the library of `settings`; change nothing."""
    folder = settings.data.resolve()
    record = Record.of(settings)
    vectors = None
    try:
        problems: list[Problem] = [("record", {"what": p}) for p in record.problems()]
        if problems:
            return Examination(0, 0, problems)  # what is derived can't be compared with a damaged record
        expected: dict[str, Passage] = {}
        entries = record.entries()
        for entry in entries:
            document = record.get(entry.id)
            if document is not None:
                expected |= {passage.id: passage for passage in split(document)}
        saved = LexicalIndex.open(folder / "lexical", lexical_stamp(shipped()))
        problems += _differences("words", expected.keys(), saved.ids())
        embedder = embedding(settings, shipped(), record)
        vectors = open_store(settings, record, embedder.name, ANALYSER)
        if vectors.other_name:
            problems.append(("vectors_other", {"have": vectors.other_name, "want": embedder.name}))
        elif expected and not vectors.usable:
            problems.append(_why_unusable(vectors))
        elif expected:
            problems += _vector_problems(vectors, expected, embedder)
        return Examination(len(entries), len(expected), problems)
    finally:
        if vectors is not None:
            vectors.close()
        record.close()


def rebuild(settings: Settings) -> None:
    """Throw away what is derived and make it from the record. Raises `LibraryBusy`, `DiskFull`, `ModelFault`."""
    folder = settings.data.resolve()
    record = Record.of(settings)
    try:
        with record.lock():
            embedder = embedding(settings, shipped(), record)
            store = open_store(settings, record, embedder.name, ANALYSER)
            discard(folder, store)
            indexing = Indexing(folder, record, shipped(), embedder, store)
            indexing.catch_up()
            indexing.close()
    finally:
        record.close()


def _why_unusable(vectors: VectorStore) -> Problem:
    try:
        vectors.reachable()
    except StoreUnreachable as fault:
        return "vectors_unreachable", fault.values
    return "vectors_unusable", {}


def _differences(what: str, wanted: Set[str], found: Set[str]) -> list[Problem]:
    counts = {f"{what}_missing": len(wanted - found), f"{what}_extra": len(found - wanted)}
    return [(code, {"n": n}) for code, n in counts.items() if n]


def _vector_problems(vectors: VectorStore, expected: dict[str, Passage], embedder: Embedding) -> list[Problem]:
    try:
        problems = _differences("vectors", expected.keys(), vectors.ids())
        step = max(1, len(expected) // SAMPLE)
        sample = [p for i, p in enumerate(expected.values()) if i % step == 0]
        stored = vectors.vectors([p.id for p in sample])
        made = embedder.passages([p.text for p in sample])
        wrong = lost = 0
        for passage, row in zip(sample, made, strict=True):
            if passage.id not in stored or not row.any():
                continue
            wrong += not np.allclose(stored[passage.id], row, atol=1e-4)
            lost += not any(similarity > 1 - 1e-3 for _, similarity in vectors.query(row, 1))
        problems += [(code, {"n": n}) for code, n in (("vectors_wrong", wrong), ("vectors_lost", lost)) if n]
        return problems
    except StoreFailed:
        return [("vectors_unusable", {})]
