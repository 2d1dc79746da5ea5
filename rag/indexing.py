"""Keeps what is derived from the record in step with it: the lexical index and the vectors.

Both carry the revision of the record that they were made from and are brought forward by asking the record what has
changed since. A reader brings forward a lexical index of its own in memory, so that it answers from the record as it is
now, whoever writes; the vectors may lag, and then passages are found by words alone.
"""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

from rag.bilingual.table import TranslationTable
from rag.disk import disk_full
from rag.embedding import Embedding
from rag.errors import DiskFull, OtherEmbedding, StoreUnreachable
from rag.lexical import FORMAT, LexicalIndex
from rag.library import Record
from rag.passages import split
from rag.steps import reached
from rag.store import VectorStore
from rag.types import Passage

BATCH_DOCUMENTS = 200  # brought forward at a time,
BATCH_CHARACTERS = 4_000_000  # or fewer, where they are long
ANALYSER = 3  # part of both stamps: raise it when words, values, names or passages are made in another way


class Indexing:
    """The derived side of one library. `lexical` is a value: take it once for a question and keep it."""

    def __init__(
        self, folder: Path, record: Record, table: TranslationTable, embedding: Embedding, vectors: VectorStore
    ) -> None:
        """Opens what was saved in `folder`; raises `OtherEmbedding` where the vectors were made by another model."""
        self._folder = folder
        self._record = record
        self._lock = threading.Lock()
        self.table = table
        self.embedding = embedding
        self.vectors = vectors
        self._refuse_others()
        self.lexical = LexicalIndex.open(folder / "lexical", lexical_stamp(table))
        if self.lexical.revision > record.revision():  # an older copy of the record was put in its place
            self.lexical = LexicalIndex(lexical_stamp(table))

    def refresh(self) -> LexicalIndex:
        """The lexical index brought to the record's present revision, in memory."""
        while self.lexical.revision < self._record.revision():
            with self._lock:
                batch = self._after(self.lexical.revision)
                if batch is None:
                    break
                self._advance_lexical(batch)
        return self.lexical

    def catch_up(self) -> None:
        """Bring both forward and save them. For the holder of the writer's lock; questions go on meanwhile.

        Raises `DiskFull`, `StoreFailed`, `ModelFault`; the record is whole then, and the next call goes on from there.
        """
        try:
            self.vectors.recover()
        except StoreUnreachable:
            self.refresh()
            self._save_lexical()
            raise
        self._refuse_others()
        if self.vectors.revision > self._record.revision():
            self.vectors.clear()
        while batch := self._after(min(self.lexical.revision, self.vectors.revision)):
            if batch.revision > self.vectors.revision:
                reached("embed")
                rows = self.embedding.passages([p.text for p in batch.passages])
                self.vectors.write(batch.revision, batch.changed, batch.passages, rows)
            with self._lock:
                if batch.revision > self.lexical.revision:
                    self._advance_lexical(batch)
        self._save_lexical()
        self._record.keep_reserve()
        reached("swap")

    def close(self) -> None:
        self.vectors.close()
        self.embedding.close()

    def _refuse_others(self) -> None:
        if other := self.vectors.other_name:
            raise OtherEmbedding(path=self.vectors.where, have=other, want=self.embedding.name)

    def _save_lexical(self) -> None:
        try:
            self.lexical.save(self._folder / "lexical")
        except OSError as error:
            if disk_full(error, self._folder):
                raise DiskFull(path=str(self._folder)) from error
            raise

    def _after(self, revision: int) -> _Batch | None:
        """The next documents that changed after `revision`, cut into passages; None where there are none."""
        changed: list[str] = []
        passages: list[Passage] = []
        dates: dict[str, str | None] = {}
        characters = 0
        for change in self._record.changes(revision, BATCH_DOCUMENTS):
            document = None if change.removed else self._record.get(change.document_id)
            if document is not None:
                characters += len(document.text)
                if changed and characters > BATCH_CHARACTERS:
                    break
                passages += split(document)
                dates[document.id] = document.date
            changed.append(change.document_id)
            revision = change.revision
        return _Batch(revision, changed, passages, dates) if changed else None

    def _advance_lexical(self, batch: _Batch) -> None:
        added = [(p, batch.dates[p.document_id]) for p in batch.passages]
        self.lexical = self.lexical.with_changes(batch.revision, added, batch.changed)


@dataclass(frozen=True)
class _Batch:
    """Documents that changed up to `revision`: their ids, and what is in them now."""

    revision: int
    changed: list[str]
    passages: list[Passage]
    dates: dict[str, str | None]


def lexical_stamp(table: TranslationTable) -> str:
    """What an index made with `table` is stamped with."""
    return f"{table.name}-{ANALYSER}-{FORMAT}"


def discard(folder: Path, vectors: VectorStore) -> None:
    """Delete everything in a library's folder that is derived from its record."""
    vectors.clear()
    shutil.rmtree(folder / "lexical", ignore_errors=True)
