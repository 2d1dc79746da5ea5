"""The record: every document of a library, in one database. What is not in here was never acknowledged.

A revision counts the changes. Each document keeps the revision that wrote it and each removal leaves its own, so
whatever is derived from the record (rag/indexing.py) can ask what has changed since the revision it knows.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from rag.database import Database, Postgres, SqliteFile
from rag.documents import document_id
from rag.errors import BadLibrary, DiskFull, UnknownDocument
from rag.settings import Settings
from rag.steps import reached
from rag.types import Document, Entry

SCHEMA = 3  # 1: documents, removed, meta. 2: and embeddings. 3: and a number of the library's own
BATCH = 500  # keys in one query
BATCH_TEXTS = 20  # texts in one

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
    sa.Column("value", sa.BigInteger, nullable=False),
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
# Made once: it is asked for every passage that is shown.
_PART = (_documents.c.text, sa.bindparam("first", type_=sa.Integer), sa.bindparam("length", type_=sa.Integer))
_EXCERPT = sa.select(*_LISTED, sa.func.substr(*_PART).label("part")).where(
    _documents.c.id == sa.bindparam("wanted"), _documents.c.sha256.like(sa.bindparam("version"))
)


@dataclass(frozen=True, slots=True)
class Change:
    """The latest change of one document: written (`removed` False) or removed, at `revision`."""

    revision: int
    document_id: str
    removed: bool


class Record:
    """The documents of one library. Any number of processes read; writing is for the holder of `lock`."""

    def __init__(self, place: Path | Database) -> None:
        """Open the record in `place` (a folder where a path), made where there is none.

        Raises `BadLibrary`, `DatabaseUnreachable`, `DiskFull`.
        """
        if isinstance(place, Path):
            self._folder_made(place)
        self._database: Database = SqliteFile(place) if isinstance(place, Path) else place
        self._engine = self._database.engine
        self._held: sa.Connection | None = None
        try:
            self._open()
        except DiskFull:
            if not self._database.make_room():
                raise
            self._open()

    @classmethod
    def of(cls, settings: Settings) -> Record:
        """The record that `settings` name. Raises as the constructor does, and `NoDriver`."""
        url = settings.database_url
        return cls(settings.data.resolve() if url is None else Postgres(url.get_secret_value()))

    @property
    def name(self) -> str:
        """What messages call it: a path, or an address without its password."""
        return self._database.name

    @property
    def shared(self) -> bool:
        """Whether other machines may write to it."""
        return isinstance(self._database, Postgres)

    def keep_reserve(self) -> None:
        """Put aside the room that opening takes, where there is some. For the holder of the writer's lock."""
        self._database.keep_reserve()

    @contextlib.contextmanager
    def lock(self, wait_s: float | None = None) -> Iterator[None]:
        """Hold the right to write, also against other processes and machines. Raises `LibraryBusy`.

        Documents are then written over the connection that holds the lock: a writer that has lost it writes no more.
        """
        with self._database.lock(wait_s) as connection:
            self._held = connection
            try:
                yield
            finally:
                self._held = None

    @staticmethod
    def _folder_made(folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SqliteFile(folder).fault(error) from error

    def _open(self) -> None:
        try:
            schema = self._schema()
            if schema != SCHEMA:
                if schema > SCHEMA:
                    raise BadLibrary(path=self.name, why=f"schema {schema}, newer than this Suroo's {SCHEMA}")
                with self._database.lock(), self._engine.begin() as connection:
                    _migrate(connection, self._schema())
        except (sa.exc.SQLAlchemyError, OSError) as error:
            raise self._database.fault(error) from error

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

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise self._database.fault(error) from error

    @contextlib.contextmanager
    def _writing(self, held: sa.Connection | None = None) -> Iterator[sa.Connection]:
        """A transaction; what goes wrong is `DiskFull` or `BadLibrary`, and then nothing was written."""
        try:
            if held is not None:
                with held.begin():
                    yield held
            else:
                with self._engine.begin() as connection:
                    yield connection
        except sa.exc.SQLAlchemyError as error:
            raise self._database.fault(error) from error

    def number(self) -> int:
        """A number that no other library has, for what is kept of it elsewhere."""
        with self._reading() as connection:
            return int(connection.execute(sa.select(_meta.c.value).where(_meta.c.key == "library")).scalar_one())

    def revision(self) -> int:
        """The number of changes so far."""
        with self._reading() as connection:
            return int(connection.execute(sa.select(_meta.c.value).where(_meta.c.key == "revision")).scalar_one())

    def hashes(self, ids: Sequence[str]) -> dict[str, str]:
        """Of those of `ids` that are here: the hash that each was written with."""
        found: dict[str, str] = {}
        with self._reading() as connection:
            for at in range(0, len(ids), BATCH):
                query = sa.select(_documents.c.id, _documents.c.sha256).where(_documents.c.id.in_(ids[at : at + BATCH]))
                found |= dict(connection.execute(query).tuples().all())
        return found

    def get(self, id: str) -> Document | None:
        return next(self.documents([id]), None)

    def documents(self, ids: Sequence[str]) -> Iterator[Document]:
        """Those of `ids` that are here, a few read at a time."""
        for at in range(0, len(ids), BATCH_TEXTS):
            query = sa.select(*_FIELDS).where(_documents.c.id.in_(ids[at : at + BATCH_TEXTS]))
            with self._reading() as connection:
                rows = connection.execute(query).mappings().all()
            yield from (Document(**row) for row in rows)

    def put(self, *documents: Document) -> None:
        """Write `documents`, in place of older versions. When this returns, it is safe to pull the plug.

        Each must be given once. Raises `DiskFull` or `BadLibrary`, and then all older versions stand.
        """
        reached("write record")
        ids = [document.id for document in documents]
        with self._writing(self._held) as connection:
            last = _next_revision(connection, len(documents))
            connection.execute(_documents.delete().where(_documents.c.id.in_(ids)))
            connection.execute(_removed.delete().where(_removed.c.id.in_(ids)))
            rows = [{c.name: getattr(document, c.name) for c in _FIELDS} for document in documents]
            first = last - len(rows) + 1
            connection.execute(_documents.insert(), [row | {"revision": first + i} for i, row in enumerate(rows)])

    def remove(self, id: str) -> None:
        """Remove document `id`. Raises as `put` does."""
        reached("remove")
        with self._writing(self._held) as connection:
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
        with self._reading() as connection:
            return [Change(int(r), str(i), bool(gone)) for r, i, gone in connection.execute(query)]

    def entries(self) -> list[Entry]:
        """All documents without their text, by title; `passages` is 0 here, the index counts them."""
        with self._reading() as connection:
            found = [Entry(**row, passages=0) for row in connection.execute(sa.select(*_LISTED)).mappings()]
        return sorted(found, key=lambda e: (e.title or "", e.id))  # here, since databases sort in their own ways

    def excerpt(self, id: str, version: str, start: int, end: int) -> tuple[Entry, str] | None:
        """A document's entry and `text[start:end]`, read as one; None unless its hash still begins with `version`."""
        values = {"wanted": id, "version": f"{version}%", "first": start + 1, "length": end - start}
        with self._reading() as connection:
            row = connection.execute(_EXCERPT, values).mappings().first()
        if row is None:
            return None
        fields = dict(row)
        text = str(fields.pop("part"))
        return Entry(**fields, passages=0), text

    def find(self, name: str) -> str:
        """The id of the document that `name` means: an id, a caller's id, or the end of one path only.

        Raises `UnknownDocument` where there is none or more than one.
        """
        candidates = (name, document_id(name), document_id(str(Path(name).resolve())))
        with self._reading() as connection:
            there = set(connection.execute(sa.select(_documents.c.id).where(_documents.c.id.in_(candidates))).scalars())
        for candidate in candidates:
            if candidate in there:
                return candidate
        rows = self._names()
        wanted = name.replace(os.sep, "/").strip("/")
        found = [id for id, path in rows.items() if f"/{path or ''}".replace(os.sep, "/").endswith(f"/{wanted}")]
        if len(found) != 1 or not wanted:
            raise UnknownDocument(name=name, count=len(found))
        return found[0]

    def samples(self) -> list[str]:
        """Ids of the sample documents."""
        with self._reading() as connection:
            return list(connection.execute(sa.select(_documents.c.id).where(_documents.c.sample)).scalars())

    def under(self, folder: str) -> dict[str, str]:
        """Id and path of the documents whose path lies in `folder`."""
        prefix = folder.rstrip(os.sep) + os.sep
        return {id: path for id, path in self._names().items() if path and path.startswith(prefix)}

    def bought(self, keys: Sequence[str]) -> dict[str, bytes]:
        """The embeddings that are kept under `keys`."""
        found: dict[str, bytes] = {}
        with self._reading() as connection:
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
            # One at a time: PostgreSQL locks this row, SQLite the whole file at the next line.
            connection.execute(sa.select(_meta.c.value).where(_meta.c.key == "revision").with_for_update())
            connection.execute(_meta.delete().where(_meta.c.key.startswith("tokens "), _meta.c.key != key))
            connection.execute(_meta.insert().from_select(["key", "value"], fresh))
            counted = connection.execute(
                _meta.update().where(_meta.c.key == key, *room).values(value=_meta.c.value + tokens)
            )
        return counted.rowcount == 1

    def problems(self) -> list[str]:
        """What the database's own check finds wrong; none where all is well."""
        return self._database.problems()

    def _names(self) -> dict[str, str | None]:
        with self._reading() as connection:
            return dict(connection.execute(sa.select(_documents.c.id, _documents.c.path)).tuples().all())


def _migrate(connection: sa.Connection, schema: int) -> None:
    """Bring a database of an older schema, or an empty one, to the present one."""
    if schema == SCHEMA:
        return  # another process was quicker
    _metadata.create_all(connection)  # makes what is missing: all of it, or since schema 1 the embeddings
    if schema == 0:
        connection.execute(_meta.insert(), [{"key": "schema", "value": SCHEMA}, {"key": "revision", "value": 0}])
    else:
        connection.execute(_meta.update().where(_meta.c.key == "schema").values(value=SCHEMA))
    if schema < 3:
        connection.execute(_meta.insert(), {"key": "library", "value": secrets.randbits(60)})


def _next_revision(connection: sa.Connection, changes: int = 1) -> int:
    """The revision of the last of so many changes."""
    connection.execute(_meta.update().where(_meta.c.key == "revision").values(value=_meta.c.value + changes))
    return int(connection.execute(sa.select(_meta.c.value).where(_meta.c.key == "revision")).scalar_one())
