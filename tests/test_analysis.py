"""Text work done by a process of its own: the same to the last byte, and missed by nobody when it dies."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from rag.analysis import Analysis
from rag.analysis_process import AnalysisProcess
from rag.assistant import Assistant
from rag.settings import Settings
from rag.types import Document

TEXTS = [
    "Trade between the two countries is to reach $3 billion by 2030. It was said on 5 February 2025.",
    "Переговоры прошли 1 марта 2026 года в городе Цзинань. Выступил Жапаров: «Дорогу следует строить».",
    "x",
    "\u2028 …\ttabs, \"quotes\" and 'lines'\n\nНовая строка. " * 40,
    "Ministers met in Osh. " * 300,
    "Железная дорога. " * 200,
    "Последний текст — the last one.",
]
DOCUMENTS = [Document(id=f"d{n}", text=text, date="2025-02-07" if n % 2 else None) for n, text in enumerate(TEXTS)]

Made = tuple[list[bytes], dict[str, bytes]]


class Counted(AnalysisProcess):
    """Counts what it gave."""

    given: list[Analysis | None]

    def receive(self, documents: Sequence[Document]) -> Analysis | None:
        found = super().receive(documents)
        self.given.append(found)
        return found


def library(folder: Path, process: type, monkeypatch: pytest.MonkeyPatch) -> tuple[Made, list[Analysis | None]]:
    """What is made of the documents, two at a time, and what `process` gave for it."""
    given: list[Analysis | None] = []
    monkeypatch.setattr(Counted, "given", given, raising=False)
    monkeypatch.setattr("rag.indexing.BATCH_DOCUMENTS", 2)
    monkeypatch.setattr("rag.indexing.AnalysisProcess", process)
    with Assistant.open(Settings(data=folder)) as suroo:
        assert {outcome.status for outcome in suroo.add(DOCUMENTS)} == {"added"}
        assert suroo.in_step()
        lexical, vectors = suroo._indexing.lexical, suroo._indexing.vectors
        rows = vectors.vectors(sorted(lexical.ids()))
        assert set(rows) == lexical.ids()
        return ([s.to_bytes() for s in lexical.segments], {id: row.tobytes() for id, row in rows.items()}), given


class Dead(Counted):
    """Dies before anything is asked of it."""

    def __init__(self, embedding: str) -> None:
        super().__init__(embedding)
        self._child.kill()
        self._child.wait()


class Mortal(Counted):
    """Dies before the second request."""

    sent = 0

    def send(self, documents: Sequence[Document]) -> None:
        if self.sent:
            self._child.kill()
            self._child.wait()
        self.sent += 1
        super().send(documents)


class Garbled(Counted):
    """Says something else than was agreed."""

    def __init__(self, embedding: str) -> None:
        super().__init__(embedding)
        self._child.kill()
        self._child.wait()
        assert self._child.stdout is not None
        self._child.stdout.close()
        self._child.stdout = io.BytesIO(b"[1, 2]\nwhat?")


def test_another_process_makes_the_same_to_the_last_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, given = library(tmp_path / "another", Counted, monkeypatch)
    assert len(given) == 3
    assert all(given)
    alone, none = library(tmp_path / "own", Dead, monkeypatch)
    assert none == [None, None, None]
    assert made == alone


@pytest.mark.parametrize("process", [Mortal, Garbled])
def test_a_process_that_fails_is_not_missed(process: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, given = library(tmp_path / "failing", process, monkeypatch)
    assert None in given
    assert made == library(tmp_path / "own", Dead, monkeypatch)[0]


def test_what_is_too_slow_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.analysis_process.LONGEST_S", 0.01)
    process = AnalysisProcess("suroo")
    try:
        process.send(DOCUMENTS)
        assert process.receive(DOCUMENTS) is None
    finally:
        process.close()


def test_what_takes_no_request_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.analysis_process.LONGEST_S", 0.2)
    process = AnalysisProcess("suroo")
    try:
        os.kill(process._child.pid, signal.SIGSTOP)
        long = [Document(id="long", text="Much. " * 200_000)]  # more than a pipe holds
        process.send(long)
        assert process.receive(long) is None
    finally:
        process.close()


def test_another_embedding_gets_no_vectors() -> None:
    process = AnalysisProcess("a model")
    try:
        process.send(DOCUMENTS)
        process.send(DOCUMENTS[:1])
        found = process.receive(DOCUMENTS)
        assert found is not None
        assert found.vectors is None
        assert found.passages[0].text == TEXTS[0]
        second = process.receive(DOCUMENTS[:1])
        assert second is not None
        assert [p.document_id for p in second.passages] == ["d0"]
    finally:
        process.close()
