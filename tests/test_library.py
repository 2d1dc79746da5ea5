"""The record: what is in it, what has changed, who may write."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from rag import Assistant, Settings
from rag.documents import complete
from rag.errors import BadLibrary, LibraryBusy, UnknownDocument
from rag.library import Change, Record, writer_lock
from rag.types import Document


def document(name: str, text: str = "Some text.") -> Document:
    return complete(Document(id=name, text=text))


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return Record(tmp_path)


def test_a_document_comes_back_as_it_was(record: Record, tmp_path: Path) -> None:
    written = document("/a/talks.txt", "Переговоры.\nВторая строка")
    record.put(written)
    assert Record(tmp_path).get(written.id) == written
    assert record.get("nothing") is None
    [entry] = record.entries()
    assert (entry.path, entry.characters) == ("/a/talks.txt", len(written.text))
    assert record.sha256(written.id) == written.sha256


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


def test_a_record_of_a_newer_schema_is_refused(record: Record, tmp_path: Path) -> None:
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


def test_a_second_writer_is_told_who_writes(tmp_path: Path) -> None:
    code = (
        "import pathlib; from rag.library import writer_lock\n"
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
