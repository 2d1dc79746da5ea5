"""Vectors in a real Chroma, and what the record does for them."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import sys
import threading
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from rag import Assistant, Document, Settings
from rag.chroma import Server
from rag.doctor import examine, rebuild
from rag.errors import BadLibrary, OtherEmbedding
from rag.store import VectorStore
from rag.types import Passage

ROOT = Path(__file__).resolve().parent.parent
EYE = np.eye(8, dtype=np.float32)


def passages(document: str, n: int) -> list[Passage]:
    return [Passage(f"{document}-00000000-{i:05d}", document, i, i + 1, "x", "en") for i in range(n)]


Opener = Callable[[str], VectorStore]


@pytest.fixture(params=["embedded", "server"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens one and the same store, for vectors of the embedding that is named."""
    opened: list[VectorStore] = []
    collection = f"suroo-{secrets.randbits(60)}"

    def open_(name: str) -> VectorStore:
        home: Path | Server = tmp_path / "chroma"
        if request.param == "server":
            home = Server(request.getfixturevalue("chroma_server").url, collection)
        opened.append(VectorStore(home, name, 1))
        return opened[-1]

    yield open_
    for store in opened:
        store.close()


@pytest.fixture
def store(opener: Opener) -> VectorStore:
    return opener("test-8")


def test_the_nearest_comes_first(store: VectorStore) -> None:
    assert store.query(EYE[0], 3) == []
    store.write(1, [], passages("a", 3), EYE[:3])
    found = store.query(EYE[1] + 0.1 * EYE[2], 2)
    assert [id for id, _ in found] == ["a-00000000-00001", "a-00000000-00002"]
    assert found[0][1] == pytest.approx(0.995, abs=1e-3)
    assert store.query(np.zeros(8, dtype=np.float32), 2) == []


def test_a_document_is_replaced_and_removed(store: VectorStore) -> None:
    store.write(1, [], passages("a", 5) + passages("b", 1), EYE[:6])
    store.write(2, ["a"], passages("a", 1), EYE[7:])
    assert len(store.ids()) == 2
    store.write(3, ["a", "b", "never there"], [], EYE[:0])
    assert len(store.ids()) == 0
    assert store.revision == 3


def test_it_remembers(store: VectorStore, opener: Opener) -> None:
    store.write(7, [], passages("a", 2), EYE[:2])
    store.close()
    again = opener("test-8")
    assert (again.revision, len(again.ids())) == (7, 2)


def test_a_reader_sees_what_was_written_since(store: VectorStore, opener: Opener) -> None:
    reader = opener("test-8")
    for n in range(3):
        store.write(n + 1, [], passages(f"d{n}", 1), EYE[n : n + 1])
        assert [id for id, s in reader.query(EYE[n], 3) if s > 0.5] == [f"d{n}-00000000-00000"]


@pytest.mark.parametrize("opener", ["server"], indirect=True)
def test_a_store_made_anew_is_found_again(store: VectorStore, opener: Opener) -> None:
    store.write(1, [], passages("a", 2), EYE[:2])
    reader = opener("test-8")
    assert len(reader.query(EYE[0], 2)) == 2
    store.clear()
    store.write(1, [], passages("b", 1), EYE[:1])
    store.write(2, [], passages("c", 1), EYE[1:2])
    assert {id for id, _ in reader.query(EYE[0], 5)} == {"b-00000000-00000", "c-00000000-00000"}


def test_it_is_asked_while_it_is_written(store: VectorStore) -> None:
    store.write(1, [], passages("a", 8), EYE)
    stop = threading.Event()
    answers: list[int] = []

    def ask() -> None:
        while not stop.is_set():
            answers.append(len(store.query(EYE[0], 8)))

    thread = threading.Thread(target=ask)
    thread.start()
    rows = np.tile(EYE, (100, 1))
    for n in range(2, 5):
        store.write(n, [f"b{n - 1}"], passages(f"b{n}", 800), rows)
    stop.set()
    thread.join()
    assert set(answers) == {8}
    assert store.usable


def test_vectors_of_another_model_are_not_used(store: VectorStore, opener: Opener) -> None:
    store.write(7, [], passages("a", 2), EYE[:2])
    store.close()
    other = opener("other-8")
    assert (other.revision, other.query(EYE[0], 2)) == (0, [])
    other.recover()
    other.write(1, [], passages("b", 1), EYE[:1])
    assert [id for id, _ in other.query(EYE[0], 2)] == ["b-00000000-00000"]


def test_vectors_of_another_model_are_refused_by_name(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with Assistant.open(settings) as suroo:
        suroo.add(Document(id="a", text="The trade agreement was signed in Bishkek."))
    stamp = tmp_path / "chroma.json"
    stamp.write_text(stamp.read_text().replace("suroo-table-", "older-table-"))
    with pytest.raises(OtherEmbedding, match=r"older-table-.* suroo-table-.* suroo doctor --rebuild"):
        Assistant.open(settings)
    rebuild(settings)
    with Assistant.open(settings) as suroo:
        assert suroo.search("trade agreement")[0].parts["vector"] == 1.0


def test_vectors_of_another_bundled_table_are_made_anew(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with Assistant.open(settings) as suroo:
        suroo.add(Document(id="a", text="The trade agreement was signed in Bishkek."))
    stamp = tmp_path / "chroma.json"
    stamp.write_text(stamp.read_text().replace("suroo-table-", "suroo-table-0"))
    with Assistant.open(settings) as suroo:
        assert suroo.search("trade agreement")[0].parts["vector"] == 1.0


def damage(folder: Path, how: str) -> None:
    """Do to a library's Chroma what kills, disks and people do."""
    chroma = folder / "chroma"
    match how:
        case "marked":
            (folder / "chroma.writing").touch()
        case "deleted":
            shutil.rmtree(chroma)
        case "stamp gone":
            (folder / "chroma.json").unlink()
        case "database truncated":
            data = (chroma / "chroma.sqlite3").read_bytes()
            (chroma / "chroma.sqlite3").write_bytes(data[: len(data) // 2])
        case "database garbage":
            (chroma / "chroma.sqlite3").write_bytes(b"garbage" * 100_000)
        case "index gone":
            for path in chroma.glob("*/*"):
                path.unlink()
        case "index truncated":
            for path in chroma.glob("*/*.bin"):
                path.write_bytes(path.read_bytes()[:17])
        case "foreign":
            shutil.rmtree(chroma)
            other = VectorStore(folder / "chroma", "foreign-8", 1)
            other.write(99, [], passages("zzz", 3), EYE[:3])
            other.close()
            (folder / "chroma.json").unlink()


@pytest.mark.parametrize(
    "how",
    [
        "marked",
        "deleted",
        "stamp gone",
        "database truncated",
        "database garbage",
        "index gone",
        "index truncated",
        "foreign",
    ],
)
def test_a_damaged_store_is_noticed_and_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    monkeypatch.setattr("rag.chroma.SYNC_THRESHOLD", 10)  # so that there are files of an index to damage
    settings = Settings(data=tmp_path)
    with Assistant.open(settings) as suroo:
        suroo.add(
            [Document(id=f"d{i}", text=f"Agreement number {i} on trade was signed in Bishkek.") for i in range(30)]
        )
        before = suroo.search("trade agreement 7", k=5)
    assert list(tmp_path.glob("chroma/*/*.bin"))
    damage(tmp_path, how)
    with Assistant.open(settings) as suroo:
        assert suroo.search("trade agreement 7", k=5) == before
    assert examine(settings).problems == []


@pytest.mark.parametrize(
    ("how", "named"),
    [("marked", "vectors_unusable"), ("deleted", "vectors_unusable"), ("foreign", "vectors_unusable")],
)
def test_the_doctor_names_what_is_wrong_with_the_vectors(tmp_path: Path, how: str, named: str) -> None:
    settings = Settings(data=tmp_path)
    with Assistant.open(settings) as suroo:
        suroo.add([Document(id=f"d{i}", text=f"Agreement number {i} was signed in Bishkek.") for i in range(3)])
    assert examine(settings).problems == []
    damage(tmp_path, how)
    assert [code for code, _ in examine(settings).problems] == [named]
    rebuild(settings)
    assert examine(settings).problems == []


def test_the_doctor_names_what_is_wrong_with_the_words_and_the_record(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with Assistant.open(settings) as suroo:
        suroo.add(Document(id="a", text="The trade agreement was signed in Bishkek."))
    shutil.rmtree(tmp_path / "lexical")
    assert examine(settings).problems == [("words_missing", {"n": 1})]
    rebuild(settings)
    assert examine(settings).problems == []
    database = tmp_path / "library.db"
    data = bytearray(database.read_bytes())
    data[4096 : 4096 * 3] = b"\xa5" * (4096 * 2)
    database.write_bytes(data)
    try:
        problems = [code for code, _ in examine(settings).problems]
    except BadLibrary:
        problems = ["record"]
    assert problems[:1] == ["record"]


def test_a_store_that_fails_when_asked_leaves_the_words(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with Assistant.open(settings) as suroo:
        suroo.add(Document(id="a", text="The trade agreement was signed in Bishkek."))

        def fail(**_: object) -> None:
            raise RuntimeError("no such index")

        suroo._indexing.vectors._collection = types.SimpleNamespace(count=lambda: 1, query=fail)
        answer = suroo.ask("Where was the trade agreement signed?")
        assert answer.status == "answered"
        assert [notice.code for notice in answer.notices] == ["vectors_missing"]
    with Assistant.open(settings) as again:
        assert again.search("trade agreement")[0].parts["vector"] == 1.0


def test_a_reader_sees_what_another_process_adds(tmp_path: Path) -> None:
    """The reader is opened first; the writer is a process of its own; the next question has the new document."""
    with Assistant.open(Settings(data=tmp_path / "data")) as reader:
        assert reader.search("трубопровод") == []
        (tmp_path / "new.txt").write_text("Новый трубопровод построят к 2027 году.", "utf-8")
        command = [sys.executable, "-m", "rag.cli", "add", str(tmp_path / "new.txt"), "--data", str(tmp_path / "data")]
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
        [hit] = reader.search("pipeline трубопровод")
        assert hit.text == "Новый трубопровод построят к 2027 году."
        assert hit.parts == {"lexical": 1.0, "vector": 1.0}
