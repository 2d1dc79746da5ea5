"""From files to documents and passages."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.documents import complete, document_id, find_files, load, parse, printable
from rag.documents.decode import clean
from rag.documents.sandbox import Sandbox
from rag.errors import NotADocument, Unreadable
from rag.passages import LONGEST, TARGET, split
from rag.types import Document

RUSSIAN = "Переговоры прошли в Бишкеке. Стороны подписали протокол о торговле."


def read(folder: Path, name: str, data: bytes | str) -> Document:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    sandbox = Sandbox()
    try:
        return parse(path.resolve(), load(path), sandbox).document
    finally:
        sandbox.close()


def test_plain_text(tmp_path: Path) -> None:
    text = f"Переговоры в Бишкеке\n\n{RUSSIAN}\n"
    document = read(tmp_path, "talks.txt", text)
    assert document.text == text
    assert (document.title, document.language, document.date) == ("Переговоры в Бишкеке", "ru", None)
    assert document.id == document_id(str((tmp_path / "talks.txt").resolve()))
    assert document.path == str((tmp_path / "talks.txt").resolve())


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_front_matter(tmp_path: Path, name: str) -> None:
    document = read(tmp_path, name, f"---\ntitle: Встреча\ndate: 2025-02-07\nsource: nCa\n---\n{RUSSIAN}\n")
    assert (document.title, document.date, document.source) == ("Встреча", "2025-02-07", "nCa")
    assert document.text.strip() == RUSSIAN


@pytest.mark.parametrize("matter", ["title: [unclosed", "- just\n- a list", "date: 31 February", "title: {a: 1}"])
def test_odd_front_matter_stops_nothing(tmp_path: Path, matter: str) -> None:
    document = read(tmp_path, "a.md", f"---\n{matter}\n---\n{RUSSIAN}\n")
    assert RUSSIAN in document.text
    assert document.date is None


def test_markdown_is_read_as_what_a_reader_sees(tmp_path: Path) -> None:
    source = """# A **visit**

The president [visited](https://example.org) *Beijing*
and Shanghai.

- one
- two `code`

| city | people |
|------|--------|
| Osh  | 300,000 |

<script>alert(1)</script>
"""
    document = read(tmp_path, "visit.md", source)
    assert document.title == "A visit"
    assert document.text == (
        "A visit\n\nThe president visited Beijing and Shanghai.\n\n• one\n• two code\n\n"
        "city | people\nOsh | 300,000\n\n<script>alert(1)</script>"
    )


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("empty.txt", b"", "empty"),
        ("spaces.md", b" \n\n ", "empty"),
        ("invisible.txt", "\u200b\ufeff".encode(), "empty"),
        ("random.txt", bytes(range(1, 256)) * 3, "encoding"),
        ("picture.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "binary"),
        ("photo.jpeg", b"\xff\xd8", "kind"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(tmp_path, name, data)
    assert caught.value.reason == reason
    assert isinstance(caught.value, NotADocument) == (reason == "kind")
    assert name in caught.value.text("en")
    assert name in caught.value.text("ru")


def test_files_of_a_folder(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    (inside / ".hidden").mkdir(parents=True)
    (inside / "sub").mkdir()
    (tmp_path / "outside.txt").write_text("secret")
    for name in ("b.txt", "a.txt", ".dot.txt", ".hidden/x.txt", "sub/c.md"):
        (inside / name).write_text("text")
    (inside / "link.txt").symlink_to(tmp_path / "outside.txt")
    (inside / "loop").symlink_to(inside)
    assert [p.relative_to(inside).as_posix() for p in find_files([inside]) if isinstance(p, Path)] == [
        "a.txt",
        "b.txt",
        "sub/c.md",
    ]


def test_links_within_a_folder_are_followed_and_their_troubles_told(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / "a.txt").write_text("text")
    (inside / "to a.txt").symlink_to(inside / "a.txt")
    (inside / "to itself.txt").symlink_to(inside / "to itself.txt")
    (inside / "to nothing.txt").symlink_to(inside / "nothing.txt")
    (inside / "to outside.txt").symlink_to(tmp_path)
    (tmp_path / "by a link").symlink_to(inside)
    for way in (inside, tmp_path / "by a link"):
        found = list(find_files([way]))
        assert [p for p in found if isinstance(p, Path)] == [inside / "a.txt", inside / "a.txt"]
        assert [type(p) for p in found if isinstance(p, Exception)] == [Unreadable, Unreadable]
    for name, reason in {
        "in": "not_a_file",
        "none.txt": "missing",
        "in/a.txt/b.txt": "missing",
        "a\0.txt": "missing",
    }.items():
        with pytest.raises(Unreadable) as caught:
            load(tmp_path / name)
        assert caught.value.reason == reason


def test_names_are_printable() -> None:
    assert printable(Path("/tmp/a\nb\x1b[31m\u202ec.txt")) == "/tmp/a\\nb\\x1b[31m\\u202ec.txt"
    assert printable(Path("/tmp/Отчёт 2025.txt")) == "/tmp/Отчёт 2025.txt"


def test_what_the_caller_gives_is_completed() -> None:
    document = complete(Document(id="x", text="The\u200b text\r\nof it"))
    assert (document.id, document.path, document.text) == (document_id("x"), "x", "The text\nof it")
    assert document.sha256 != complete(Document(id="x", text="The text\nof it", title="T")).sha256
    assert document.sha256 == complete(Document(id="x", text="The\u200b text\r\nof it")).sha256


@given(st.text(st.characters(exclude_categories=[]), max_size=200))
def test_cleaning_is_done_once(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    cleaned.encode()


@given(st.text(st.characters(exclude_categories=[]), max_size=3000), st.sampled_from(["en", "ru", "other"]))
def test_passages_have_exact_offsets(text: str, language: str) -> None:
    document = Document(id="d", text=clean(text), language=language, sha256="0" * 64)
    passages = split(document)
    assert all(document.text[p.start : p.end] == p.text and p.text for p in passages)
    assert all(len(p.text) <= LONGEST for p in passages)
    assert len({p.id for p in passages}) == len(passages)
    covered = "".join(p.text for p in passages)
    assert "".join(covered.split()) == "".join(document.text.split())


def test_passages_end_with_a_sentence() -> None:
    sentence = "The two ministers met in Bishkek and agreed on trade. "
    passages = split(Document(id="d", text=sentence * 100, language="en", sha256="0" * 64))
    assert len(passages) > 1
    assert all(p.text.endswith("trade.") and len(p.text) <= TARGET for p in passages)


def test_what_opens_a_list_goes_with_its_items() -> None:
    before = "The talks went on for two days in the capital. " * 16
    items = "• a road to the lake;\n• a wholesale centre for farmers near the border."
    text = f"{before}\n\nThese projects were named:\n\n{items}"
    first, second = split(Document(id="d", text=text, language="en", sha256="0" * 64))
    assert first.text.endswith("in the capital.")
    assert second.text.startswith("These projects were named:")


def test_a_passage_knows_its_language() -> None:
    text = "Президент прибыл в Китай с визитом. " * 20 + "\n\n" + "The president came to China on a visit. " * 20
    document = Document(id="d", text=text, language="ru", sha256="0" * 64)
    assert {p.language for p in split(document)} == {"ru", "en"}
