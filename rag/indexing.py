"""Keeps what is derived from the record in step with it: the lexical index and the vectors.

Both carry the revision of the record that they were made from and are brought forward by asking the record what has
changed since. A reader brings forward a lexical index of its own in memory, so that it answers from the record as it is
now, whoever writes; the vectors may lag, and then passages are found by words alone.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rag.analysis import Analysis, analyse
from rag.analysis_process import AnalysisProcess
from rag.bilingual.table import BUNDLED, TranslationTable
from rag.disk import disk_full
from rag.embedding import Embedding
from rag.errors import DiskFull, OtherEmbedding, StoreUnreachable, SurooError
from rag.lexical import FORMAT, LexicalIndex
from rag.library import Record
from rag.steps import reached
from rag.store import VectorStore
from rag.traffic import Traffic
from rag.types import Document

BATCH_DOCUMENTS = 200  # brought forward at a time,
BATCH_CHARACTERS = 4_000_000  # or fewer, where they are long
ANALYSER = 6  # part of both stamps: raise it when words, values, names or passages are made in another way


class Indexing:
    """The derived side of one library. `lexical` is a value: take it once for a question and keep it."""

    def __init__(
        self, folder: Path, record: Record, table: TranslationTable, embedding: Embedding, vectors: VectorStore
    ) -> None:
        """Opens what was saved in `folder`; raises `OtherEmbedding` where the vectors were made by another model."""
        self._folder = folder
        self._record = record
        self._lock = threading.Lock()
        self._writers = 0
        self.traffic = Traffic()
        self.table = table
        self.embedding = embedding
        self.vectors = vectors
        self._refuse_others()
        self.lexical = LexicalIndex.open(folder / "lexical", lexical_stamp(table))
        if self.lexical.revision > record.revision():  # an older copy of the record was put in its place
            self.lexical = LexicalIndex(lexical_stamp(table))

    def refresh(self) -> LexicalIndex:
        """The lexical index brought to the record's present revision, in memory.

        While this process adds documents it is the writer's to bring forward, a batch at a time: a question does not do
        the writer's work.
        """
        if not self._writers:
            self._bring_words()
        return self.lexical

    def _bring_words(self) -> None:
        while self.lexical.revision < self._record.revision():
            with self._lock:
                batch = self.after(self.lexical.revision)
                if batch is None:
                    break
                self._advance_lexical(batch, analyse(batch.documents, None))

    def catch_up(self) -> None:
        """Bring both forward and save them. For the holder of the writer's lock; questions go on meanwhile.

        Raises `DiskFull`, `StoreFailed`, `ModelFault`; the record is whole then, and the next call goes on from there.
        """
        with self.following() as follow:
            follow()

    @contextlib.contextmanager
    def following(self) -> Iterator[Callable[[], bool]]:
        """Bring both forward while documents are recorded, a batch at each call; at the end, the rest, and save.

        Vectors are written by a thread of their own while the next documents are read: Chroma works outside of Python.
        Raises, at the end, as `catch_up` does; until then documents are recorded whatever becomes of the vectors.
        """
        forward = _Forward(self)
        self._writers += 1
        try:
            with self.traffic.working():
                yield forward.step
                forward.finish()
        finally:
            self._writers -= 1
            forward.close()

    def begin(self) -> int:
        """Throw away what can't be used; give the revision that both have. Raises as `catch_up`."""
        try:
            self.vectors.recover()
        except StoreUnreachable:
            self._bring_words()
            self._save_lexical()
            raise
        self._refuse_others()
        if self.vectors.revision > self._record.revision():
            self.vectors.clear()
        return min(self.lexical.revision, self.vectors.revision)

    def after(self, revision: int) -> Batch | None:
        """The next documents that changed after `revision`; None where there are none."""
        changed: list[str] = []
        documents: list[Document] = []
        characters = 0
        changes = self._record.changes(revision, BATCH_DOCUMENTS)
        there = self._record.documents([c.document_id for c in changes if not c.removed])
        ahead: dict[str, Document] = {}
        for change in changes:
            document = None if change.removed else _found(change.document_id, ahead, there)
            if document is not None:
                characters += len(document.text)
                if changed and characters > BATCH_CHARACTERS:
                    break
                documents.append(document)
            changed.append(change.document_id)
            revision = change.revision
        return Batch(revision, changed, documents) if changed else None

    def is_last(self, batch: Batch) -> bool:
        """Whether nothing has changed after what is in `batch`."""
        return batch.revision >= self._record.revision()

    def work(self, batch: Batch, made: Analysis | None) -> Callable[[], None]:
        """Put the documents of `batch`, `made` by another process or here, in the word index; give what writes their
        vectors.
        """
        made = made or analyse(batch.documents, self.embedding, self.traffic.give_way)
        vectors = made.vectors
        if vectors is None:
            reached("embed")
            vectors = self.embedding.passages([p.text for p in made.passages])
        reached("index")
        with self._lock:
            if batch.revision > self.lexical.revision:
                self._advance_lexical(batch, made)
        return partial(self.vectors.write, batch.revision, batch.changed, made.passages, vectors, self.traffic)

    def save(self) -> None:
        self._save_lexical()
        self._record.keep_reserve()
        reached("swap")

    def close(self) -> None:
        self.vectors.close()
        self.embedding.close()

    def _refuse_others(self) -> None:
        """Another model's vectors were paid for, or are wanted again; those of another bundled table are made anew."""
        other = self.vectors.other_name
        if other and not (other.startswith(BUNDLED) and self.embedding.name.startswith(BUNDLED)):
            raise OtherEmbedding(path=self.vectors.where, have=other, want=self.embedding.name)

    def _save_lexical(self) -> None:
        try:
            self.lexical.save(self._folder / "lexical")
        except OSError as error:
            if disk_full(error, self._folder):
                raise DiskFull(path=str(self._folder)) from error
            raise

    def _advance_lexical(self, batch: Batch, made: Analysis) -> None:
        segment = made.segment if made.passages else None
        self.lexical = self.lexical.with_segment(batch.revision, segment, batch.changed)


class _Forward:
    """One writer's way from what is saved to what is recorded.

    Where more comes than a batch, the text work is done by a process of its own, a batch ahead of what is indexed.
    """

    def __init__(self, indexing: Indexing) -> None:
        self._indexing = indexing
        self._revision: int | None = None
        self._writer = ThreadPoolExecutor(1, "suroo-vectors")
        self._writing: Future[None] | None = None
        self._trouble: SurooError | None = None
        self._helper: AnalysisProcess | None = None
        self._ahead: Batch | None = None  # what the helper is at

    def step(self) -> bool:
        """Take the next batch, if there is one; False at the end, or after a fault, which `finish` raises."""
        if self._trouble is not None:
            return False
        try:
            if self._revision is None:
                self._revision = self._indexing.begin()
            batch = self._indexing.after(self._revision)
            if batch is not None:
                self._revision = batch.revision
            ahead, self._ahead = self._ahead, None
            if batch is not None and self._helper is not None:
                reached("analyse")
                self._helper.send(batch.documents)
                self._ahead = batch
            elif batch is not None:
                if not self._indexing.is_last(batch):
                    self._helper = AnalysisProcess(self._indexing.embedding.name)  # is ready when this batch is done
                self._take(batch, None)
            if ahead is not None and self._helper is not None:
                self._take(ahead, self._helper.receive(ahead.documents))
            if batch is None and ahead is None:
                self._wait()
                return False
        except SurooError as error:
            self._trouble = error
        return self._trouble is None

    def finish(self) -> None:
        while self.step():
            pass
        self._wait()
        if self._trouble is not None:
            raise self._trouble
        self._indexing.save()

    def close(self) -> None:
        if self._helper is not None:
            self._helper.close()
        self._writer.shutdown()

    def _take(self, batch: Batch, made: Analysis | None) -> None:
        write = self._indexing.work(batch, made)
        self._wait()
        if batch.revision > self._indexing.vectors.revision:
            self._writing = self._writer.submit(write)

    def _wait(self) -> None:
        writing, self._writing = self._writing, None
        if writing is not None:
            reached("await vectors")
            writing.result()


@dataclass(frozen=True)
class Batch:
    """What changed up to `revision`: the ids of documents, and those of them that are there now."""

    revision: int
    changed: list[str]
    documents: list[Document]


def _found(id: str, ahead: dict[str, Document], coming: Iterator[Document]) -> Document | None:
    """Document `id` out of those `coming`, in whatever order; None where it was removed meanwhile."""
    while id not in ahead:
        document = next(coming, None)
        if document is None:
            return None
        ahead[document.id] = document
    return ahead.pop(id)


def lexical_stamp(table: TranslationTable) -> str:
    """What an index made with `table` is stamped with."""
    return f"{table.name}-{ANALYSER}-{FORMAT}"


def discard(folder: Path, vectors: VectorStore) -> None:
    """Delete everything in a library's folder that is derived from its record."""
    vectors.clear()
    shutil.rmtree(folder / "lexical", ignore_errors=True)
