"""Chroma, embedded in a folder or as a server: the only file that knows chromadb. rag/store.py decides what to do.

Both keep one collection and a stamp that says what is in it. Embedded Chroma is not safe against being killed while it
writes, and opening a broken store can crash the interpreter. So, in a folder:

- a marker stands beside the folder while it is written; a store whose marker stands is thrown away;
- the stamp says how large the files were when they were written; where they are otherwise, a child process opens the
  store first (`store_probe.py`);
- a store that fails when it is asked is marked too.

A server looks after its own files. Its stamp is the collection's metadata, written last: a writer that dies leaves the
older stamp, and the next one writes the same changes again.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import httpx

from rag.disk import disk_full, write_atomically
from rag.errors import DiskFull, StoreFailed, StoreUnreachable, SurooError

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # onnxruntime comes with chromadb and would report home

COLLECTION = "passages"
SYNC_THRESHOLD = 1000  # vectors that Chroma gathers before it writes its index to disk; its default
PROBE_S = 120.0
CONNECT_S, REPLY_S = 3.0, 30.0  # a server's time to accept a connection, and to reply
RETRY_S = 3.0  # a server that did not answer is left alone for so long, since every question would wait for it
# SQLite's companions come and go with who has the database open.
_FLEETING = ("-wal", "-shm", "-journal")

Stamp = dict[str, Any]


class ChromaFault(Exception):
    """Something went wrong inside chromadb, or on the way to its server."""


class Home(Protocol):
    """Where the collection lives. `where` names it in messages; `lasting`: it can be asked again after a fault."""

    where: str
    lasting: bool

    def stamp(self) -> Stamp:
        """What the collection was stamped with; empty where there is none or it can't be read."""
        ...

    def moved(self, seen: Stamp | None) -> bool:
        """Whether the collection must be opened again: another process wrote it, or it may be back."""
        ...

    def open(self, name: str, analyser: int) -> Any | None:
        """The collection, where it is whole and its stamp has this name and analyser."""
        ...

    def create(self) -> Any: ...

    def begin(self) -> None:
        """Called before anything is written,"""
        ...

    def finish(self, collection: Any, stamp: Stamp) -> None:
        """and after."""
        ...

    def leftover(self) -> bool:
        """Whether there is something, although `open` gives nothing. Raises `StoreUnreachable`."""
        ...

    def give_up(self) -> None:
        """The collection failed when it was asked."""
        ...

    def fault(self, error: Exception) -> SurooError: ...

    def batch(self) -> int:
        """The most passages that are taken at once."""
        ...

    def clear(self) -> None: ...

    def close(self) -> None: ...


class Folder:
    """Chroma embedded in this process. One process writes, any number read."""

    lasting = False

    def __init__(self, folder: Path) -> None:
        self.where = str(folder)
        self._folder = folder
        self._stamp_file = folder.with_name(folder.name + ".json")
        self._marker = folder.with_name(folder.name + ".writing")
        self._client: Any = None

    def stamp(self) -> Stamp:
        try:
            return dict(json.loads(self._stamp_file.read_text("utf-8")))
        except (OSError, ValueError):
            return {}

    def moved(self, seen: Stamp | None) -> bool:
        """A client never sees what another process wrote, so it is opened again when the stamp has moved."""
        now = self.stamp()
        return seen is None or any(seen.get(key) != now.get(key) for key in ("revision", "name"))

    def open(self, name: str, analyser: int) -> Any | None:
        stamp = self.stamp()
        if self._marker.exists() or (stamp.get("name"), stamp.get("analyser")) != (name, analyser):
            return None
        if not self._looks_as_written(stamp) and not self._probe():
            return None
        try:
            with faults():
                self._client = connect(self._folder)
                return self._client.get_collection(COLLECTION, embedding_function=None)
        except ChromaFault:
            self.give_up()
            return None

    def create(self) -> Any:
        self._client = connect(self._folder)
        return self._client.get_or_create_collection(
            COLLECTION, embedding_function=None, configuration=_cosine(sync_threshold=SYNC_THRESHOLD)
        )

    def begin(self) -> None:
        self._marker.touch()

    def finish(self, collection: Any, stamp: Stamp) -> None:
        write_atomically(self._stamp_file, json.dumps(stamp | {"files": self._files()}).encode())
        self._marker.unlink()

    def leftover(self) -> bool:
        return self._stamp_file.exists() or self._folder.exists()

    def give_up(self) -> None:
        """The marker tells the next writer to fill the store again."""
        self.close()
        with contextlib.suppress(OSError):
            self._marker.touch()

    def fault(self, error: Exception) -> SurooError:
        if disk_full(error, self._folder.parent):
            return DiskFull(path=str(self._folder.parent))
        return StoreFailed(path=self.where, why=str(error)[:300])

    def batch(self) -> int:
        return int(self._client.get_max_batch_size())

    def clear(self) -> None:
        self.close()
        self._stamp_file.unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)
        self._marker.unlink(missing_ok=True)

    def close(self) -> None:
        if self._client is not None:
            with contextlib.suppress(ChromaFault), faults():
                self._client.close()
        self._client = None

    def _probe(self) -> bool:
        """Whether a child process can open the store and read all of it."""
        command = [sys.executable, "-P", "-m", "rag.store_probe", str(self._folder), COLLECTION]
        path = os.pathsep.join([str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")])
        try:
            done = subprocess.run(
                command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, timeout=PROBE_S, check=False
            )
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0

    def _files(self) -> dict[str, int]:
        """The size of every file that stays when the store is closed; times say nothing, since opening touches them."""
        return {
            path.relative_to(self._folder).as_posix(): path.stat().st_size
            for path in self._folder.rglob("*")
            if path.is_file() and not path.name.endswith(_FLEETING)
        }

    def _looks_as_written(self, stamp: Stamp) -> bool:
        """Whether no file is missing, new, or of another size; the database may grow when it is opened."""
        then, now = dict(stamp.get("files") or {}), self._files()
        return then.keys() == now.keys() and all(
            size == then[name] or (name.endswith(".sqlite3") and size > then[name]) for name, size in now.items()
        )


class Server:
    """Chroma's own server at `url`; any number of processes and machines read, the holder of the record's lock writes.

    `collection` names the library among those that share the server. A user and password in `url` are sent as such
    (HTTP Basic) and shown nowhere.
    """

    lasting = True

    def __init__(self, url: str, collection: str) -> None:
        parts = urlsplit(url)
        self._address = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
        self.where = self._address.rstrip("/")
        self._headers = {}
        if parts.username or parts.password:
            pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
            self._headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        self._name = collection
        self._client: Any = None
        self._silent_until = 0.0
        self._why = ""

    def stamp(self) -> Stamp:
        try:
            collection = self._found()
        except ChromaFault as fault:
            self._keep_away(fault)
            return {}
        return dict(collection.metadata or {}) if collection is not None else {}

    def moved(self, seen: Stamp | None) -> bool:
        """A server shows every client all that was written; only what was not there is looked for again."""
        return seen is None

    def open(self, name: str, analyser: int) -> Any | None:
        try:
            collection = self._found()
        except ChromaFault as fault:
            self._keep_away(fault)
            return None
        if collection is None:
            return None
        stamp = collection.metadata or {}
        return collection if (stamp.get("name"), stamp.get("analyser")) == (name, analyser) else None

    def create(self) -> Any:
        return self._connected().get_or_create_collection(self._name, embedding_function=None, configuration=_cosine())

    def begin(self) -> None:
        pass

    def finish(self, collection: Any, stamp: Stamp) -> None:
        collection.modify(metadata=stamp)

    def leftover(self) -> bool:
        self._silent_until = 0.0  # a writer wants to know now
        try:
            return self._found() is not None
        except ChromaFault as fault:
            raise self.fault(fault) from fault

    def give_up(self) -> None:
        self._keep_away(ChromaFault("it failed when it was asked"))

    def fault(self, error: Exception) -> SurooError:
        return StoreUnreachable(url=self.where, why=str(error)[:300])

    def batch(self) -> int:
        return int(self._connected().get_max_batch_size())

    def clear(self) -> None:
        with faults():
            if self._found() is not None:
                self._connected().delete_collection(self._name)

    def close(self) -> None:
        if self._client is not None:
            with contextlib.suppress(ChromaFault), faults():
                self._client._server._session.close()  # which the client itself leaves open
                self._client.close()
        self._client = None

    def _found(self) -> Any | None:
        """The collection, whatever is in it; None where the server has none. Raises `ChromaFault`."""
        from chromadb.errors import NotFoundError

        if time.monotonic() < self._silent_until:
            raise ChromaFault(self._why)
        with faults():
            try:
                return self._connected().get_collection(self._name, embedding_function=None)
            except NotFoundError:
                return None

    def _keep_away(self, fault: ChromaFault) -> None:
        self.close()
        if time.monotonic() >= self._silent_until:
            self._silent_until = time.monotonic() + RETRY_S
            self._why = str(fault)

    def _connected(self) -> Any:
        if self._client is None:
            import chromadb
            from chromadb.config import Settings

            # chromadb's client waits for ever, so the first call is made without it, and it is told its limits after.
            limits = httpx.Timeout(REPLY_S, connect=CONNECT_S)
            first = httpx.get(f"{self.where}/api/v2/heartbeat", headers=self._headers, timeout=CONNECT_S)
            if first.status_code != httpx.codes.OK:
                raise ChromaFault(f"HTTP {first.status_code}")
            self._client = chromadb.HttpClient(
                self._address, headers=dict(self._headers), settings=Settings(anonymized_telemetry=False)
            )
            self._client._server._session.timeout = limits
        return self._client


@contextlib.contextmanager
def faults() -> Iterator[None]:
    """Name whatever chromadb raises: errors of its own, plain ValueErrors, SQLite's, and panics of its Rust core.

    A panic is no Exception, hence the width; what is not chromadb's to raise goes through.
    """
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError, ChromaFault):
        raise
    except BaseException as error:
        raise ChromaFault(f"{type(error).__name__}: {error}") from error


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
        with contextlib.suppress(ChromaFault), faults():
            client().close()
        raise


def _cosine(**more: int) -> dict[str, Any]:
    return {"hnsw": {"space": "cosine", **more}}
