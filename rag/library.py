"""The record: every document of a library, in one database. What is not in here was never acknowledged.

A revision counts the changes. Each document keeps the revision that wrote it and each removal leaves its own, so
whatever is derived from the record (rag/indexing.py) can ask what has changed since the revision it knows.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import filelock
import sqlalchemy as sa

from rag.disk import disk_full, write_atomically
from rag.documents import document_id
from rag.errors import BadLibrary, DiskFull, LibraryBusy, SurooError, UnknownDocument
from rag.steps import reached
from rag.types import Document, Entry

SCHEMA = 2  # 1: documents, removed, meta. 2: and embeddings
LOCK_WAIT_S = 5.0
BATCH = 500  # keys in one query
RESERVE = 256 * 1024  # bytes kept aside, so that a library can be opened and asked when the disk is full

_metadata = sa.MetaData()
_documents = sa.Table(
    "documents",
    _metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("title", sa.Text),
    sa.Column("path", sa.Text),
    sa.Column("date", sa.String),
    sa.Column("language", sa.String),
    sa.Column("source", sa.Text),
    sa.Column("sha256", sa.String, nullable=False),
    sa.Column("added", sa.String, nullable=False),
    sa.Column("sample", sa.Boolean, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False, index=True),
)
_removed = sa.Table(
    "removed",
    _metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("revision", sa.Integer, nullable=False, index=True),
)
_meta = sa.Table(
    "meta",
    _metadata,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("value", sa.Integer, nullable=False),
)
_embeddings = sa.Table(
    "embeddings",
    _metadata,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("vector", sa.LargeBinary, nullable=False),
)
_FIELDS = [
    _documents.c[name]
    for name in ("id", "text", "title", "path", "date", "language", "source", "sha256", "added", "sample")
]
_LISTED = [*(c for c in _FIELDS if c.name != "text"), sa.func.length(_documents.c.text).label("characters")]


@dataclass(frozen=True, slots=True)
class Change:
    """The latest change of one document: written (`removed` False) or removed, at `revision`."""

    revision: int
    document_id: str
    removed: bool


class Record:
    """The documents of one library. Any number of processes read; writing is for the holder of `writer_lock`."""

    def __init__(self, folder: Path) -> None:
        """Open the record in `folder`, made where there is none. Raises `BadLibrary`, `DiskFull`."""
        self.path = folder / "library.db"
        self._reserve = folder / "reserve"
        try:
            self._open(folder)
        except DiskFull:
            # SQLite needs a little room even to read.
            if not self._reserve.exists():
                raise
            self._reserve.unlink()
            self._open(folder)

    def keep_reserve(self) -> None:
        """Put aside the room that opening takes, where there is some. For the holder of the writer's lock."""
        if not self._reserve.exists():
            with contextlib.suppress(OSError):
                write_atomically(self._reserve, b"\0" * RESERVE)

    def _open(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._engine = sa.create_engine(f"sqlite:///{self.path}")
            sa.event.listen(self._engine, "connect", _configure)
            schema = self._schema()
            if schema != SCHEMA:
                if schema > SCHEMA:
                    raise BadLibrary(path=str(self.path), why=f"schema {schema}, newer than this Suroo's {SCHEMA}")
                with writer_lock(folder), self._engine.begin() as connection:
                    _migrate(connection, self._schema())
        except (sa.exc.SQLAlchemyError, OSError) as error:
            raise self._fault(error) from error

    def close(self) -> None:
        self._engine.dispose()

    def _schema(self) -> int:
        """The schema of the database, 0 for an empty one."""
        with self._engine.connect() as connection:
            if not sa.inspect(connection).has_table(_meta.name):
                return 0
            return int(
                connection.execute(sa.select(_meta.c.value).where(_meta.c.key == "schema")).scalar_one_or_none() or 0
            )

    def _fault(self, error: Exception) -> SurooError:
        why = str(getattr(error, "orig", None) or error)
        return (
            DiskFull(path=str(self.path.parent))
            if disk_full(error, self.path.parent)
            else BadLibrary(path=str(self.path), why=why)
        )

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """A transaction; what goes wrong is `DiskFull` or `BadLibrary`, and then nothing was written."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise self._fault(error) from error

    def revision(self) -> int:
        """The number of changes so far."""
        with self._engine.connect() as connection:
            return int(connection.execute(sa.select(_meta.c.value).where(_meta.c.key == "revision")).scalar_one())

    def sha256(self, id: str) -> str | None:
        """The hash that document `id` was written with, or None where there is none."""
        with self._engine.connect() as connection:
            return connection.execute(sa.select(_documents.c.sha256).where(_documents.c.id == id)).scalar()

    def get(self, id: str) -> Document | None:
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(*_FIELDS).where(_documents.c.id == id)).mappings().first()
        return Document(**row) if row else None

    def put(self, document: Document) -> None:
        """Write `document`, in place of an older version. When this returns, it is safe to pull the plug.

        Raises `DiskFull` or `BadLibrary`, and then the older version stands.
        """
        reached("write record")
        with self._writing() as connection:
            values = {c.name: getattr(document, c.name) for c in _FIELDS} | {"revision": _next_revision(connection)}
            connection.execute(_documents.delete().where(_documents.c.id == document.id))
            connection.execute(_removed.delete().where(_removed.c.id == document.id))
            connection.execute(_documents.insert(), values)

    def remove(self, id: str) -> None:
        """Remove document `id`. Raises as `put` does."""
        reached("remove")
        with self._writing() as connection:
            revision = _next_revision(connection)
            connection.execute(_documents.delete().where(_documents.c.id == id))
            connection.execute(_removed.delete().where(_removed.c.id == id))
            connection.execute(_removed.insert(), {"id": id, "revision": revision})

    def changes(self, since: int, most: int) -> list[Change]:
        """The latest changes after revision `since`, oldest first, at most `most`."""
        written = sa.select(_documents.c.revision, _documents.c.id, sa.literal(False)).where(
            _documents.c.revision > since
        )
        removed = sa.select(_removed.c.revision, _removed.c.id, sa.literal(True)).where(_removed.c.revision > since)
        query = sa.union_all(written, removed).order_by(sa.literal_column("revision")).limit(most)
        with self._engine.connect() as connection:
            return [Change(int(r), str(i), bool(gone)) for r, i, gone in connection.execute(query)]

    def entries(self) -> list[Entry]:
        """All documents without their text, by title; `passages` is 0 here, the index counts them."""
        query = sa.select(*_LISTED).order_by(_documents.c.title, _documents.c.id)
        with self._engine.connect() as connection:
            return [Entry(**row, passages=0) for row in connection.execute(query).mappings()]

    def excerpt(self, id: str, version: str, start: int, end: int) -> tuple[Entry, str] | None:
        """A document's entry and `text[start:end]`, read as one; None unless its hash still begins with `version`."""
        part = sa.func.substr(_documents.c.text, start + 1, end - start).label("part")
        query = sa.select(*_LISTED, part).where(_documents.c.id == id, _documents.c.sha256.startswith(version))
        with self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            return None
        fields = dict(row)
        text = str(fields.pop("part"))
        return Entry(**fields, passages=0), text

    def find(self, name: str) -> str:
        """The id of the document that `name` means: an id, a caller's id, or the end of one path only.

        Raises `UnknownDocument` where there is none or more than one.
        """
        rows = self._names()
        for candidate in (name, document_id(name), document_id(str(Path(name).resolve()))):
            if candidate in rows:
                return candidate
        wanted = name.replace(os.sep, "/").strip("/")
        found = [id for id, path in rows.items() if f"/{path or ''}".replace(os.sep, "/").endswith(f"/{wanted}")]
        if len(found) != 1 or not wanted:
            raise UnknownDocument(name=name, count=len(found))
        return found[0]

    def samples(self) -> list[str]:
        """Ids of the sample documents."""
        with self._engine.connect() as connection:
            return list(connection.execute(sa.select(_documents.c.id).where(_documents.c.sample)).scalars())

    def under(self, folder: str) -> dict[str, str]:
        """Id and path of the documents whose path lies in `folder`."""
        prefix = folder.rstrip(os.sep) + os.sep
        return {id: path for id, path in self._names().items() if path and path.startswith(prefix)}

    def bought(self, keys: Sequence[str]) -> dict[str, bytes]:
        """The embeddings that are kept under `keys`."""
        found: dict[str, bytes] = {}
        with self._engine.connect() as connection:
            for at in range(0, len(keys), BATCH):
                query = sa.select(_embeddings).where(_embeddings.c.key.in_(keys[at : at + BATCH]))
                found |= dict(connection.execute(query).tuples().all())
        return found

    def keep_bought(self, vectors: dict[str, bytes]) -> None:
        """Keep embeddings that were paid for. Raises as `put` does."""
        with self._writing() as connection:
            connection.execute(_embeddings.delete().where(_embeddings.c.key.in_(list(vectors))))
            connection.execute(_embeddings.insert(), [{"key": k, "vector": v} for k, v in vectors.items()])

    def spend(self, day: str, tokens: int, most: int | None = None) -> bool:
        """Count `tokens` used on `day` (ISO), and forget other days.

        False, and nothing is counted, where the day's sum would pass `most`. Safe from any number of processes, without
        the writer's lock. Raises as `put` does.
        """
        key = f"tokens {day}"
        fresh = sa.select(sa.literal(key), sa.literal(0)).where(~sa.exists().where(_meta.c.key == key))
        room = [_meta.c.value + tokens <= most] if most is not None else []
        with self._writing() as connection:
            connection.execute(_meta.delete().where(_meta.c.key.startswith("tokens "), _meta.c.key != key))
            connection.execute(_meta.insert().from_select(["key", "value"], fresh))
            counted = connection.execute(
                _meta.update().where(_meta.c.key == key, *room).values(value=_meta.c.value + tokens)
            )
        return counted.rowcount == 1

    def problems(self) -> list[str]:
        """What SQLite's own check finds wrong with the database; none where all is well."""
        try:
            with self._engine.connect() as connection:
                found = [str(row[0]) for row in connection.execute(sa.text("PRAGMA integrity_check(20)"))]
        except sa.exc.SQLAlchemyError as error:
            return [str(getattr(error, "orig", None) or error)]
        return [] if found == ["ok"] else found

    def _names(self) -> dict[str, str | None]:
        with self._engine.connect() as connection:
            return dict(connection.execute(sa.select(_documents.c.id, _documents.c.path)).tuples().all())


@contextlib.contextmanager
def writer_lock(folder: Path, wait_s: float | None = None) -> Iterator[None]:
    """Hold the right to write to the library in `folder`.

    Raises `LibraryBusy`, naming the holder, after `wait_s` seconds (`LOCK_WAIT_S` where None).

    The lock is the system's, so it goes with its process however that ends; `writer.pid` only says whose it is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    holder = folder / "writer.pid"
    lock = filelock.FileLock(folder / "writer.lock")
    try:
        lock.acquire(timeout=LOCK_WAIT_S if wait_s is None else wait_s)
    except filelock.Timeout:
        pid = holder.read_text("utf-8") if holder.exists() else "?"
        raise LibraryBusy(data=str(folder), holder=pid) from None
    try:
        with contextlib.suppress(OSError):  # it only informs, and a full disk is no reason not to go on
            holder.write_text(str(os.getpid()), "utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _configure(connection: object, _: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _migrate(connection: sa.Connection, schema: int) -> None:
    """Bring a database of an older schema, or an empty one, to the present one."""
    if schema == SCHEMA:
        return  # another process was quicker
    _metadata.create_all(connection)  # makes what is missing: all of it, or since schema 1 the embeddings
    if schema == 0:
        connection.execute(_meta.insert(), [{"key": "schema", "value": SCHEMA}, {"key": "revision", "value": 0}])
    else:
        connection.execute(_meta.update().where(_meta.c.key == "schema").values(value=SCHEMA))


def _next_revision(connection: sa.Connection) -> int:
    connection.execute(_meta.update().where(_meta.c.key == "revision").values(value=_meta.c.value + 1))
    return int(connection.execute(sa.select(_meta.c.value).where(_meta.c.key == "revision")).scalar_one())
