"""Where the record lies: a SQLite file in the library's folder, or PostgreSQL. rag/library.py says what is in it.

Each gives an engine, the writer's lock, and words for what can go wrong. An address may hold a password: `name` is the
address without it, and nothing else is ever shown.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import filelock
import sqlalchemy as sa

from rag.disk import disk_full, write_atomically
from rag.errors import BadLibrary, DatabaseUnreachable, DiskFull, LibraryBusy, NoDriver, SurooError

LOCK_WAIT_S = 5.0
LOCK_POLL_S = 0.1
CONNECT_S = 5
RESERVE = 256 * 1024  # bytes kept aside, so that a library can be opened and asked when the disk is full
LOCK_SPACE = 0x5 << 24 | 0x4F4F  # the first half of the key of PostgreSQL's lock; the second is the schema's name


class Database(Protocol):
    """`name` stands for it in messages; `engine` is SQLAlchemy's."""

    name: str
    engine: sa.Engine

    def lock(self, wait_s: float | None = None) -> contextlib.AbstractContextManager[sa.Connection | None]:
        """Hold the right to write, for `LOCK_WAIT_S` at most waited for. Raises `LibraryBusy`, naming the holder.

        Gives the connection that the lock lives and dies with, where it is one that does.
        """
        ...

    def fault(self, error: Exception) -> SurooError:
        """An error of SQLAlchemy or the system in our words."""
        ...

    def make_room(self) -> bool:
        """Give up what was kept aside for a full disk; False where there is nothing."""
        ...

    def keep_reserve(self) -> None:
        """Put aside the room that opening takes, where there is some."""
        ...

    def problems(self) -> list[str]:
        """What the database's own check finds wrong."""
        ...


class SqliteFile:
    """`library.db` in a library's folder: WAL, and every commit on disk before it is acknowledged."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "library.db"
        self._reserve = folder / "reserve"
        self.name = str(self._path)
        self.engine = sa.create_engine(f"sqlite:///{self._path}")
        sa.event.listen(self.engine, "connect", _configure)

    def lock(self, wait_s: float | None = None) -> contextlib.AbstractContextManager[sa.Connection | None]:
        return writer_lock(self._folder, wait_s)

    def fault(self, error: Exception) -> SurooError:
        if disk_full(error, self._folder):
            return DiskFull(path=str(self._folder))
        return BadLibrary(path=self.name, why=str(getattr(error, "orig", None) or error))

    def make_room(self) -> bool:
        """SQLite needs a little room even to read."""
        there = self._reserve.exists()
        self._reserve.unlink(missing_ok=True)
        return there

    def keep_reserve(self) -> None:
        if not self._reserve.exists():
            with contextlib.suppress(OSError):
                write_atomically(self._reserve, b"\0" * RESERVE)

    def problems(self) -> list[str]:
        try:
            with self.engine.connect() as connection:
                found = [str(row[0]) for row in connection.execute(sa.text("PRAGMA integrity_check(20)"))]
        except sa.exc.SQLAlchemyError as error:
            return [str(getattr(error, "orig", None) or error)]
        return [] if found == ["ok"] else found


class Postgres:
    """PostgreSQL, for several machines. The writer's lock is an advisory lock of the schema, held by one connection."""

    def __init__(self, url: str) -> None:
        """`url` as SQLAlchemy takes it. Raises `NoDriver`."""
        address = sa.make_url(url).set(drivername="postgresql+psycopg")
        self.name = address.set(drivername="postgresql", query={}).render_as_string(hide_password=True)
        self._password = address.password or ""
        try:
            self.engine = sa.create_engine(
                address,
                pool_pre_ping=True,  # a server that was started anew is found again
                connect_args={"connect_timeout": CONNECT_S, "application_name": _own_name()},
                hide_parameters=True,
            )
        except ImportError as error:
            raise NoDriver(url=self.name) from error

    @contextlib.contextmanager
    def lock(self, wait_s: float | None = None) -> Iterator[sa.Connection | None]:
        deadline = time.monotonic() + (LOCK_WAIT_S if wait_s is None else wait_s)
        try:
            connection = self.engine.connect()
        except sa.exc.SQLAlchemyError as error:
            raise self.fault(error) from error
        with connection:
            try:
                while not self._one(connection, "pg_try_advisory_lock"):
                    if time.monotonic() >= deadline:
                        raise LibraryBusy(data=self.name, holder=self._holder(connection))
                    time.sleep(LOCK_POLL_S)
            except sa.exc.SQLAlchemyError as error:
                raise self.fault(error) from error
            try:
                yield connection
            finally:
                with contextlib.suppress(sa.exc.SQLAlchemyError):  # a connection that is gone has let go already
                    connection.rollback()
                    self._one(connection, "pg_advisory_unlock")

    def fault(self, error: Exception) -> SurooError:
        why = " ".join(str(getattr(error, "orig", None) or error).split())[:300]
        if self._password:
            why = why.replace(self._password, "…")
        if "no space left" in why.lower():
            return DiskFull(path=self.name)
        return DatabaseUnreachable(url=self.name, why=why)

    def make_room(self) -> bool:
        return False

    def keep_reserve(self) -> None:
        pass

    def problems(self) -> list[str]:
        """PostgreSQL checks its pages as it reads them (with data checksums), so everything is read once."""
        try:
            with self.engine.connect() as connection:
                connection.execute(sa.text("select sum(length(text)) from documents"))
        except sa.exc.SQLAlchemyError as error:
            return [str(self.fault(error))]
        return []

    def _one(self, connection: sa.Connection, function: str) -> bool:
        key = sa.func.hashtext(sa.func.current_schema())
        done = bool(connection.execute(sa.select(getattr(sa.func, function)(LOCK_SPACE, key))).scalar_one())
        connection.commit()  # the lock is the session's, and an idle transaction is in the way of others
        return done

    def _holder(self, connection: sa.Connection) -> str:
        query = sa.text(
            "select a.application_name from pg_locks l join pg_stat_activity a on a.pid = l.pid"
            " where l.locktype = 'advisory' and l.classid = :space and l.granted"
            " and l.database = (select oid from pg_database where datname = current_database())"
        )
        return str(connection.execute(query, {"space": LOCK_SPACE}).scalar() or "?").removeprefix("suroo ")


def _own_name() -> str:
    """This process, to whoever waits for it: process and machine."""
    return f"suroo {os.getpid()}@{socket.gethostname()}"


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


def _configure(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
