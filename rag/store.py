"""Passages with their vectors in Chroma: the only file that knows chromadb.

What lies in Chroma is derived from the record and may be thrown away. Embedded Chroma is not safe against being killed
while it writes, and opening a broken store can crash the interpreter. So:

- a marker stands beside the folder while it is written; a store whose marker stands is thrown away;
- its stamp says which record revision and which embedding it holds, and how large the files were when they were
  written; where they are otherwise, a child process opens the store first (`store_probe.py`);
- a store that fails when it is asked is marked too: questions go on without vectors, the next writer fills it again.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.disk import disk_full, write_atomically
from rag.errors import DiskFull, StoreFailed
from rag.steps import reached
from rag.types import Passage

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # onnxruntime comes with chromadb and would report home

COLLECTION = "passages"
SYNC_THRESHOLD = 1000  # vectors that Chroma gathers before it writes its index to disk; its default
DELETE_BATCH = 500  # documents taken out by one filter
PROBE_S = 120.0
# SQLite's companions come and go with who has the database open.
_FLEETING = ("-wal", "-shm", "-journal")


class VectorStore:
    """The vectors of one library. One process writes (under the record's lock), any number read."""

    def __init__(self, folder: Path, name: str, analyser: int) -> None:
        """A store in `folder` for vectors made by the embedding `name` of passages cut by version `analyser`."""
        self.folder = folder
        self.name = name
        self.analyser = analyser
        self._stamp_file = folder.with_name(folder.name + ".json")
        self._marker = folder.with_name(folder.name + ".writing")
        self._lock = threading.RLock()
        self._client: Any = None
        self._collection: Any = None
        self._seen: object = None
        self._open()

    @property
    def revision(self) -> int:
        """The revision of the record that the vectors were made from; 0 for an empty or unusable store."""
        return int(self._stamp().get("revision", 0)) if self._collection is not None else 0

    @property
    def other_name(self) -> str | None:
        """The embedding whose vectors are in the folder, where it is another than this store's."""
        found = self._stamp().get("name")
        return found if found not in (None, self.name) else None

    def recover(self) -> None:
        """Throw away what can't be trusted. For the holder of the writer's lock."""
        if self._collection is None and (self._stamp_file.exists() or self.folder.exists()):
            self.clear()

    @property
    def usable(self) -> bool:
        """Whether there are vectors to ask."""
        return self._collection is not None

    def write(
        self, revision: int, removed: Iterable[str], passages: Sequence[Passage], vectors: NDArray[np.float32]
    ) -> None:
        """Take out the documents `removed`, put in `passages` with `vectors` (a row each), stamp with `revision`.

        Raises `DiskFull` or `StoreFailed`; the store is then filled again by the next writer.
        """
        with self._lock, self._named_failure():
            self._marker.touch()
            if self._collection is None:
                self._create()
            gone = list(removed)
            for at in range(0, len(gone), DELETE_BATCH):
                self._collection.delete(where={"document_id": {"$in": gone[at : at + DELETE_BATCH]}})
            reached("write vectors")
            batch = self._client.get_max_batch_size()
            for at in range(0, len(passages), batch):
                part = passages[at : at + batch]
                self._collection.upsert(
                    ids=[p.id for p in part],
                    embeddings=vectors[at : at + batch],
                    documents=[p.text for p in part],
                    metadatas=[_metadata(p) for p in part],
                )
            self._write_stamp(revision)
            self._marker.unlink()

    def query(self, vector: NDArray[np.float32], k: int) -> list[tuple[str, float]]:
        """Ids of the `k` nearest passages and their cosine similarity, nearest first; none while there is no store."""
        with self._lock:
            if self._state() != self._seen:
                self.close()
                self._open()
            if self._collection is None or not vector.any():
                return []
            try:
                with _chroma():
                    k = min(k, self._collection.count())
                    if not k:
                        return []
                    found = self._collection.query(query_embeddings=[vector], n_results=k, include=["distances"])
            except _ChromaFault:
                self._give_up()
                return []
        return [(id, 1.0 - float(d)) for id, d in zip(found["ids"][0], found["distances"][0], strict=True)]

    def ids(self) -> set[str]:
        """The passages that are in the store. Raises `StoreFailed`."""
        with self._lock, self._named_failure():
            return set(self._collection.get(include=[])["ids"]) if self._collection is not None else set()

    def vectors(self, ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The stored vectors of `ids`, those that are there. Raises `StoreFailed`."""
        if self._collection is None or not ids:
            return {}
        with self._lock, self._named_failure():
            found = self._collection.get(ids=list(ids), include=["embeddings"])
        return dict(zip(found["ids"], np.asarray(found["embeddings"], dtype=np.float32), strict=True))

    def clear(self) -> None:
        """Throw everything away; the next `write` begins anew."""
        with self._lock:
            self.close()
            self._stamp_file.unlink(missing_ok=True)
            shutil.rmtree(self.folder, ignore_errors=True)
            self._marker.unlink(missing_ok=True)

    def close(self) -> None:
        if self._client is not None:
            with contextlib.suppress(_ChromaFault), _chroma():
                self._client.close()
        self._client = self._collection = None

    def _open(self) -> None:
        """A client never sees what another process wrote, so it is opened again when the stamp has moved."""
        self._seen = self._state()
        stamp = self._stamp()
        if self._marker.exists() or (stamp.get("name"), stamp.get("analyser")) != (self.name, self.analyser):
            return
        if not self._looks_as_written(stamp) and not self._probe():
            return
        try:
            with _chroma():
                self._client = connect(self.folder)
                self._collection = self._client.get_collection(COLLECTION, embedding_function=None)
        except _ChromaFault:
            self._give_up()

    def _give_up(self) -> None:
        """Go on without vectors; the marker tells the next writer to fill the store again."""
        self.close()
        with contextlib.suppress(OSError):
            self._marker.touch()

    @contextlib.contextmanager
    def _named_failure(self) -> Iterator[None]:
        try:
            with _chroma():
                yield
        except (_ChromaFault, OSError) as fault:
            self.close()
            if disk_full(fault, self.folder.parent):
                raise DiskFull(path=str(self.folder.parent)) from fault
            raise StoreFailed(path=str(self.folder), why=str(fault)[:300]) from fault

    def _probe(self) -> bool:
        """Whether a child process can open the store and read all of it."""
        command = [sys.executable, "-P", "-m", "rag.store_probe", str(self.folder), COLLECTION]
        path = os.pathsep.join([str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")])
        try:
            done = subprocess.run(
                command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, timeout=PROBE_S, check=False
            )
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0

    def _create(self) -> None:
        self._client = connect(self.folder)
        self._collection = self._client.get_or_create_collection(
            COLLECTION,
            embedding_function=None,
            configuration={"hnsw": {"space": "cosine", "sync_threshold": SYNC_THRESHOLD}},
        )

    def _state(self) -> object:
        """What tells that another process has written."""
        return self._stamp().get("revision"), self._stamp().get("name")

    def _stamp(self) -> dict[str, Any]:
        try:
            return dict(json.loads(self._stamp_file.read_text("utf-8")))
        except (OSError, ValueError):
            return {}

    def _write_stamp(self, revision: int) -> None:
        stamp = {"name": self.name, "analyser": self.analyser, "revision": revision, "files": self._files()}
        write_atomically(self._stamp_file, json.dumps(stamp).encode())
        self._seen = self._state()

    def _files(self) -> dict[str, int]:
        """The size of every file that stays when the store is closed; times say nothing, since opening touches them."""
        return {
            path.relative_to(self.folder).as_posix(): path.stat().st_size
            for path in self.folder.rglob("*")
            if path.is_file() and not path.name.endswith(_FLEETING)
        }

    def _looks_as_written(self, stamp: dict[str, Any]) -> bool:
        """Whether no file is missing, new, or of another size; the database may grow when it is opened."""
        then, now = dict(stamp.get("files") or {}), self._files()
        return then.keys() == now.keys() and all(
            size == then[name] or (name.endswith(".sqlite3") and size > then[name]) for name, size in now.items()
        )


class _ChromaFault(Exception):
    """Something went wrong inside chromadb."""


@contextlib.contextmanager
def _chroma() -> Iterator[None]:
    """Name whatever chromadb raises: errors of its own, plain ValueErrors, SQLite's, and panics of its Rust core.

    A panic is no Exception, hence the width; what is not chromadb's to raise goes through.
    """
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:
        raise _ChromaFault(f"{type(error).__name__}: {error}") from error


def connect(folder: Path) -> Any:
    """A client of the embedded store in `folder`."""
    import chromadb
    from chromadb.config import Settings

    def client() -> Any:
        return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))

    try:
        return client()
    except Exception:
        # chromadb keeps a client that failed to start, and gives it to the next who asks; failing once more lets it go.
        with contextlib.suppress(_ChromaFault), _chroma():
            client().close()
        raise


def _metadata(passage: Passage) -> dict[str, str | int]:
    return {
        "document_id": passage.document_id,
        "start": passage.start,
        "end": passage.end,
        "language": passage.language,
    }
