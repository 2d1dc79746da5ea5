"""Passages with their vectors in Chroma. What lies there is derived from the record and may be thrown away.

A store that can't be trusted or asked is no fault of a question: it goes on without vectors, and the next writer fills
the store again. Questions go on while a batch is written: it is put in by slices, and a slice waits for questions.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.chroma import ChromaFault, Folder, Home, Server, Stamp, faults
from rag.library import Record
from rag.settings import Settings
from rag.steps import reached
from rag.traffic import Traffic
from rag.types import Passage

DELETE_BATCH = 500  # documents taken out by one filter
LARGE_BATCH = 1000  # passages put in at a time,
POLITE_BATCH = 16  # and while questions come,
POLITE_PAUSE_S = 0.01  # with a pause after each


def open_store(settings: Settings, record: Record, name: str, analyser: int) -> VectorStore:
    """The store of a library: its own folder's, or the server's that `settings` name."""
    if settings.chroma_url is None:
        return VectorStore(settings.data.resolve() / "chroma", name, analyser)
    return VectorStore(Server(settings.chroma_url.get_secret_value(), f"suroo-{record.number()}"), name, analyser)


class VectorStore:
    """The vectors of one library. One process writes (under the record's lock), any number read."""

    def __init__(self, home: Home | Path, name: str, analyser: int) -> None:
        """A store in `home` (a folder where a path) for vectors of the embedding `name`, of passages cut by `analyser`.

        Where vectors can't be had just now it is opened all the same, and looks again when it is asked.
        """
        self._home: Home = Folder(home) if isinstance(home, Path) else home
        self.name = name
        self.analyser = analyser
        self._turn = threading.Condition()
        self._users = 0  # calls that use the collection now; it is not closed under them
        self._collection: Any = None
        self._seen: Stamp | None = None
        self._open()

    @property
    def where(self) -> str:
        return self._home.where

    @property
    def revision(self) -> int:
        """The revision of the record that the vectors were made from; 0 for an empty or unusable store."""
        return int(self._home.stamp().get("revision", 0)) if self._collection is not None else 0

    @property
    def other_name(self) -> str | None:
        """The embedding whose vectors are there, where it is another than this store's."""
        found = self._home.stamp().get("name")
        return found if found not in (None, self.name) else None

    @property
    def usable(self) -> bool:
        """Whether there are vectors to ask."""
        return self._collection is not None

    def reachable(self) -> None:
        """Raises `StoreUnreachable` where the vectors are on a server that does not answer."""
        self._home.leftover()

    def recover(self) -> None:
        """Throw away what can't be trusted. For the holder of the writer's lock. Raises `StoreUnreachable`."""
        leftover = self._home.leftover()
        if self._collection is None and leftover:
            with self._turn:
                self._open()
            if self._collection is None:
                self.clear()

    def write(
        self,
        revision: int,
        removed: Iterable[str],
        passages: Sequence[Passage],
        vectors: NDArray[np.float32],
        traffic: Traffic | None = None,
    ) -> None:
        """Take out the documents `removed`, put in `passages` with `vectors` (a row each), stamp with `revision`.

        Raises `DiskFull`, `StoreFailed` or `StoreUnreachable`; the next writer makes good what is missing.
        """
        traffic = traffic or Traffic()
        with self._named_failure():
            self._home.begin()
            with self._using(create=True) as collection:
                gone = list(removed)
                for at in range(0, len(gone), DELETE_BATCH):
                    collection.delete(where={"document_id": {"$in": gone[at : at + DELETE_BATCH]}})
                reached("write vectors")
                most = self._home.batch()
                at = 0
                while at < len(passages):
                    # Chroma lets no question in while it takes a batch, so batches are small while questions come.
                    end = at + (POLITE_BATCH if traffic.busy else min(most, LARGE_BATCH))
                    part = passages[at:end]
                    collection.upsert(
                        ids=[p.id for p in part],
                        embeddings=vectors[at:end],
                        documents=[p.text for p in part],
                        metadatas=[_metadata(p) for p in part],
                    )
                    at = end
                    if traffic.busy:
                        time.sleep(POLITE_PAUSE_S)
                        traffic.give_way()
                with self._turn:
                    stamp = {"name": self.name, "analyser": self.analyser, "revision": revision}
                    self._home.finish(collection, stamp)
                    self._seen = stamp

    def query(self, vector: NDArray[np.float32], k: int) -> list[tuple[str, float]]:
        """Ids of the `k` nearest passages and their cosine similarity, nearest first; none while there is no store."""
        if not vector.any():
            return []
        found = self._nearest(vector, k)
        if found is None and self._home.lasting:
            found = self._nearest(vector, k)  # the collection was made anew, or the connection was stale
        if found is None:
            with self._turn:
                self._close()
                self._home.give_up()
                self._seen = self._home.stamp() if not self._home.lasting else None
        return found or []

    def _nearest(self, vector: NDArray[np.float32], k: int) -> list[tuple[str, float]] | None:
        """As `query`; None where the store failed, which is then closed."""
        try:
            with self._using() as collection, faults():
                if collection is None:
                    return []
                found = collection.query(query_embeddings=[vector], n_results=k, include=["distances"])
        except ChromaFault:
            with self._turn:
                self._close()
                self._seen = None if self._home.lasting else self._seen
            return None
        return [(id, 1.0 - float(d)) for id, d in zip(found["ids"][0], found["distances"][0], strict=True)]

    def ids(self) -> set[str]:
        """The passages that are in the store. Raises `StoreFailed`, `StoreUnreachable`."""
        with self._named_failure(), self._using() as collection:
            return set(collection.get(include=[])["ids"]) if collection is not None else set()

    def vectors(self, ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The stored vectors of `ids`, those that are there. Raises `StoreFailed`, `StoreUnreachable`."""
        with self._named_failure(), self._using() as collection:
            if collection is None or not ids:
                return {}
            found = collection.get(ids=list(ids), include=["embeddings"])
        return dict(zip(found["ids"], np.asarray(found["embeddings"], dtype=np.float32), strict=True))

    def clear(self) -> None:
        """Throw everything away; the next `write` begins anew."""
        with self._turn, self._named_failure():
            self._close()
            self._home.clear()

    def close(self) -> None:
        with self._turn:
            self._close()

    def _open(self) -> None:
        self._seen = None if self._home.lasting else self._home.stamp()
        self._collection = self._home.open(self.name, self.analyser)
        if self._collection is not None and self._home.lasting:
            self._seen = {}

    def _close(self) -> None:
        """Close once nobody uses the collection. For the holder of the turn."""
        self._turn.wait_for(lambda: not self._users)
        self._collection = None
        self._home.close()

    @contextlib.contextmanager
    def _using(self, create: bool = False) -> Iterator[Any]:
        """The collection, as it is now; it is not closed meanwhile."""
        with self._turn:
            if self._home.moved(self._seen):
                self._close()
                self._open()
            if self._collection is None and create:
                self._collection = self._home.create()
            self._users += 1
        try:
            yield self._collection
        finally:
            with self._turn:
                self._users -= 1
                self._turn.notify_all()

    @contextlib.contextmanager
    def _named_failure(self) -> Iterator[None]:
        try:
            with faults():
                yield
        except (ChromaFault, OSError) as fault:
            self.close()
            raise self._home.fault(fault) from fault


def _metadata(passage: Passage) -> dict[str, str | int]:
    return {
        "document_id": passage.document_id,
        "start": passage.start,
        "end": passage.end,
        "language": passage.language,
    }
