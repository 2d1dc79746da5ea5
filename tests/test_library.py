"""The record: what is in it, what has changed, who may write."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from rag import Assistant, Settings
from rag.database import writer_lock
from rag.doctor import examine
from rag.documents import complete
from rag.errors import BadLibrary, BadSettings, DatabaseUnreachable, LibraryBusy, UnknownDocument
from rag.library import Change, Record
from rag.types import Document
from tests.servers import PostgresServer, free_port


def document(name: str, text: str = "Some text.") -> Document:
    return complete(Document(id=name, text=text))


Opener = Callable[[], Record]


@pytest.fixture(params=["sqlite", "postgres"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens one and the same record."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else None
    opened: list[Record] = []

    def open_() -> Record:
        opened.append(Record.of(Settings(data=tmp_path, database_url=url)))
        return opened[-1]

    yield open_
    for record in opened:
        record.close()


@pytest.fixture
def record(opener: Opener) -> Record:
    return opener()


@pytest.fixture
def sqlite(tmp_path: Path) -> Record:
    return Record(tmp_path)


def test_a_document_comes_back_as_it_was(record: Record, opener: Opener) -> None:
    written = document("/a/talks.txt", "Переговоры.\nВторая строка 😀")
    record.put(written)
    assert opener().get(written.id) == written
    assert record.get("nothing") is None
    [entry] = record.entries()
    assert (entry.path, entry.characters) == ("/a/talks.txt", len(written.text))
    assert record.hashes([written.id, "nothing"]) == {written.id: written.sha256}


def test_changes_are_told_once_and_in_order(record: Record) -> None:
    a, b = document("a"), document("b")
    record.put(a)
    record.put(b)
    assert record.changes(0, 10) == [Change(1, a.id, False), Change(2, b.id, False)]
    record.put(replace(a, text="new"))
    record.remove(b.id)
    assert record.changes(0, 10) == [Change(3, a.id, False), Change(4, b.id, True)]
    assert record.changes(3, 10) == [Change(4, b.id, True)]
    assert record.changes(0, 1) == [Change(3, a.id, False)]
    record.put(b)
    assert record.changes(3, 10) == [Change(5, b.id, False)]
    assert record.revision() == 5


def test_excerpts_are_of_one_version(record: Record) -> None:
    written = document("a", "Объём вырос. Ещё 😀 текст.")
    record.put(written)
    version = (written.sha256 or "")[:8]
    excerpt = record.excerpt(written.id, version, 13, 18)
    assert excerpt is not None
    assert excerpt[1] == written.text[13:18] == "Ещё 😀"
    assert record.excerpt(written.id, "00000000", 0, 5) is None
    record.remove(written.id)
    assert record.excerpt(written.id, version, 0, 5) is None


def test_documents_go_by_several_names(record: Record) -> None:
    first, second = document("/a/one/talks.txt"), document("/a/two/talks.txt")
    own = document("my-id")
    for written in (first, second, own):
        record.put(written)
    assert record.find(first.id) == first.id
    assert record.find("one/talks.txt") == first.id
    assert record.find("my-id") == own.id
    for name, count in (("talks.txt", 2), ("alks.txt", 0), ("nothing", 0), ("", 0)):
        with pytest.raises(UnknownDocument) as caught:
            record.find(name)
        assert caught.value.values["count"] == count


def test_a_record_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "library.db").write_bytes(b"not a database" * 100)
    with pytest.raises(BadLibrary, match=r"library\.db"):
        Record(tmp_path)


def test_a_record_of_a_newer_schema_is_refused(sqlite: Record, tmp_path: Path) -> None:
    with sa.create_engine(f"sqlite:///{tmp_path}/library.db").begin() as connection:
        connection.execute(sa.text("update meta set value = 99 where key = 'schema'"))
    with pytest.raises(BadLibrary, match="schema 99, newer"):
        Record(tmp_path)


def test_a_record_of_schema_1_is_brought_forward(tmp_path: Path) -> None:
    shutil.copy(Path(__file__).parent / "data" / "library-v1.db", tmp_path / "library.db")
    record = Record(tmp_path)
    assert [entry.path for entry in record.entries()] == ["reports/bridge.txt", "reports/most.txt"]
    assert record.revision() == 4
    record.keep_bought({"k": b"1234"})
    assert Record(tmp_path).bought(["k", "other"]) == {"k": b"1234"}
    with Assistant.open(Settings(data=tmp_path)) as suroo:
        answer = suroo.ask("When did the Naryn bridge open?")
        assert answer.citations[0].quote.endswith("3 May 2019.")


def test_a_library_has_a_number_of_its_own(record: Record, opener: Opener, tmp_path: Path) -> None:
    assert record.number() == opener().number()
    assert Record(tmp_path / "other").number() != record.number()


def test_bought_vectors_and_spent_tokens(record: Record) -> None:
    record.keep_bought({"k": b"\0\xff", "l": b"2"})
    record.keep_bought({"k": b"3"})
    assert record.bought(["k", "l", "m"]) == {"k": b"3", "l": b"2"}
    assert record.spend("2025-02-07", 60, most=100)
    assert not record.spend("2025-02-07", 60, most=100)
    assert record.spend("2025-02-08", 60, most=100)


def test_tokens_are_counted_once_by_many_at_a_time(record: Record, opener: Opener) -> None:
    others = [opener() for _ in range(3)]
    with ThreadPoolExecutor(4) as pool:
        counted = list(pool.map(lambda r: [r.spend("2025-02-07", 1, most=25) for _ in range(10)], [record, *others]))
    assert sum(map(sum, counted)) == 25


def test_titles_are_sorted_alike(record: Record) -> None:
    for title in ("b", "Ё", "a", "Б", "B", None):
        record.put(replace(document(f"t{title}"), title=title))
    assert [e.title for e in record.entries()] == [None, "B", "a", "b", "Ё", "Б"]


def test_one_writes_at_a_time(record: Record, opener: Opener) -> None:
    other = opener()
    with record.lock():
        record.put(document("a"))
        with pytest.raises(LibraryBusy, match=str(os.getpid())), other.lock(wait_s=0.1):
            pass
        assert [e.path for e in other.entries()] == ["a"]
    with other.lock(wait_s=0.1):
        other.put(document("b"))
    assert len(record.entries()) == 2


def test_a_writer_that_lost_its_lock_writes_no_more(postgres_url: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, database_url=postgres_url)
    record, other = Record.of(settings), Record.of(settings)
    with record.lock():
        with other._writing() as connection:
            gone = "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted"
            connection.execute(sa.text(gone))
        with other.lock():
            other.put(document("b"))
        with pytest.raises(DatabaseUnreachable):
            record.put(document("a"))
    assert [e.path for e in record.entries()] == ["b"]
    for opened in (record, other):
        opened.close()


def test_no_password_is_shown(postgres_server: PostgresServer, tmp_path: Path) -> None:
    wrong = "wr0ng/канарейка"
    for url in (
        postgres_server.url(password=wrong),
        postgres_server.url(password=wrong).replace(str(postgres_server.port), str(free_port())),
        postgres_server.url(database="nowhere", password=wrong),
    ):
        settings = Settings(data=tmp_path, database_url=url)
        with pytest.raises(DatabaseUnreachable, match="SUROO_DATABASE_URL") as caught:
            Record.of(settings)
        said = "".join(traceback.format_exception(caught.value)) + repr(settings) + caught.value.text("ru")
        assert "127.0.0.1" in said
        assert "wr0ng" not in said
    for bad in ("postgresql://u:wr0ng@host:port/db", "mysql://u:wr0ng@host/db", "wr0ng"):
        with pytest.raises(BadSettings, match="SUROO_DATABASE_URL") as refused:
            Settings(database_url=bad)
        assert "wr0ng" not in "".join(traceback.format_exception(refused.value)) + refused.value.text("ru")


def test_a_database_goes_away_and_comes_back(
    postgres_server: PostgresServer, postgres_url: str, tmp_path: Path
) -> None:
    with Assistant.open(Settings(data=tmp_path, database_url=postgres_url)) as suroo:
        suroo.add(Document(id="a", text="The trade agreement was signed in Bishkek."))
        postgres_server.stop()
        with pytest.raises(DatabaseUnreachable, match="Start it"):
            suroo.ask("Where was the trade agreement signed?")
        with pytest.raises(DatabaseUnreachable, match="Start it"):
            suroo.add(Document(id="b", text="The bridge in Osh opened in 2019."))
        postgres_server.start()
        assert suroo.ask("Where was the trade agreement signed?").status == "answered"
        suroo.add(Document(id="b", text="The bridge in Osh opened in 2019."))
        assert suroo.ask("When did the bridge in Osh open?").citations[0].quote == "The bridge in Osh opened in 2019."


def test_an_older_copy_of_the_record_is_put_back(tmp_path: Path) -> None:
    """What was derived from the newer one is not mistaken for the older one's."""
    settings = Settings(data=tmp_path / "data")
    with Assistant.open(settings) as suroo:
        suroo.add(Document(id="a", text="The trade agreement was signed in Bishkek."))
    shutil.copytree(tmp_path / "data", tmp_path / "copy")
    with Assistant.open(settings) as suroo:
        for name in "bcd":
            suroo.add(Document(id=name, text=f"The bridge {name} in Osh opened in 2019."))
    for path in (tmp_path / "data").glob("library.db*"):
        path.unlink()
    shutil.copy(tmp_path / "copy" / "library.db", tmp_path / "data")
    with Assistant.open(settings) as suroo:
        suroo.add(Document(id="e", text="The road to Naryn was closed in January."))
        assert {h.path for h in suroo.search("road bridge agreement")} == {"e", "a"}
    assert examine(settings).problems == []


def test_a_second_writer_is_told_who_writes(tmp_path: Path) -> None:
    code = (
        "import pathlib; from rag.database import writer_lock\n"
        f"with writer_lock(pathlib.Path({str(tmp_path)!r})): print('held', flush=True); input()"
    )
    root = Path(__file__).resolve().parent.parent
    holder = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LibraryBusy, match=str(holder.pid)), writer_lock(tmp_path, wait_s=0.1):
            pass
        holder.kill()
    with writer_lock(tmp_path, wait_s=0.1):
        assert (tmp_path / "writer.pid").read_text() == str(os.getpid())
    assert not (tmp_path / "writer.pid").exists()
