"""A library over its life: what is added, added again, changed and removed, and what answers say of it."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest

from rag import Answer, Assistant, Citation, Document, Sentence, Settings
from rag.errors import BadSettings, UnknownDocument
from tests.conftest import SEEDS

FIRST = "The Toktogul dam holds 19 billion cubic metres of water."
SECOND = "The Toktogul dam holds 11 billion cubic metres of water."


def statuses(outcomes: list) -> list[str]:  # type: ignore[type-arg]
    return [outcome.status for outcome in outcomes]


def test_the_life_of_a_document(suroo: Assistant, tmp_path: Path) -> None:
    file = tmp_path / "dam.txt"
    question = "How much water does the Toktogul dam hold?"
    file.write_text(FIRST)
    [added] = suroo.add(file)
    assert (added.status, added.path) == ("added", str(file))
    assert [c.quote for c in suroo.ask(question).citations] == [FIRST]

    assert statuses(suroo.add(file)) == ["unchanged"]
    assert [e.passages for e in suroo.list()] == [1]

    file.write_text(SECOND)
    [replaced] = suroo.add(file)
    assert (replaced.status, replaced.document_id) == ("replaced", added.document_id)
    assert [h.text for h in suroo.search(question)] == [SECOND]
    assert [c.quote for c in suroo.ask(question).citations] == [SECOND]

    assert statuses(suroo.remove("dam.txt")) == ["removed"]
    assert suroo.search(question) == []
    assert suroo.ask(question).status == "not_found"
    with pytest.raises(UnknownDocument):
        suroo.remove("dam.txt")
    with pytest.raises(UnknownDocument):
        suroo.show("dam.txt")


def test_it_is_all_there_when_opened_again(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "d")
    with Assistant.open(settings) as suroo:
        suroo.add(SEEDS)
        before = suroo.search("Где прошли переговоры с Шаньдуном?")
    with Assistant.open(settings) as again:
        assert again.search("Где прошли переговоры с Шаньдуном?") == before
        assert len(again.list()) == 5


def test_what_is_derived_may_be_deleted(tmp_path: Path) -> None:
    import shutil

    settings = Settings(data=tmp_path / "d")
    with Assistant.open(settings) as suroo:
        suroo.add(SEEDS)
        before = suroo.search("трудовые мигранты")
    shutil.rmtree(tmp_path / "d" / "chroma")
    shutil.rmtree(tmp_path / "d" / "lexical")
    with Assistant.open(settings) as again:
        assert again.search("трудовые мигранты") == before


def test_one_bad_file_does_not_stop_the_rest(suroo: Assistant, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text(FIRST)
    (folder / "b.txt").write_bytes(b"\x00\x01\x02")
    (folder / "c.jpg").write_bytes(b"\xff\xd8")
    (folder / "d.md").write_text(f"# Dam\n\n{SECOND}")
    assert statuses(suroo.add([folder, tmp_path / "missing.txt"])) == ["added", "failed", "skipped", "added", "failed"]


def test_documents_given_from_python(suroo: Assistant) -> None:
    given = Document(id="report-7", text=FIRST, title="On water", date="2024-05-01", source="The desk")
    assert statuses(suroo.add(given)) == ["added"]
    assert statuses(suroo.add([given])) == ["unchanged"]
    [citation] = suroo.ask("How much water does the Toktogul dam hold?").citations
    assert (citation.title, citation.date, citation.source, citation.path) == (
        "On water", "2024-05-01", "The desk", "report-7",
    )  # fmt: skip
    assert suroo.show("report-7").text == FIRST
    assert statuses(suroo.remove(["report-7"])) == ["removed"]


def test_samples_are_marked_and_easily_removed(suroo: Assistant) -> None:
    suroo.add(SEEDS, sample=True)
    suroo.add(Document(id="own", text=FIRST))
    assert [e.sample for e in suroo.list()].count(True) == 5
    assert statuses(suroo.remove_samples()) == ["removed"] * 5
    assert [e.path for e in suroo.list()] == ["own"]


def test_asking_while_adding(suroo: Assistant, tmp_path: Path) -> None:
    """A document is in an answer whole or not at all, and one version of it only."""
    folder = tmp_path / "many"
    folder.mkdir()
    stop, torn, asked = threading.Event(), [], 0

    def ask() -> None:
        nonlocal asked
        while not stop.is_set():
            hits = suroo.search("The dam of the valley holds water", k=100)
            asked += 1
            # A text names its document and its version in every sentence: a torn one would say two things.
            said = {(h.document_id, claim) for h in hits for claim in re.findall(r"Dam \d+ .*? holds \d+", h.text)}
            if len(said) != len({document for document, _ in said}):
                torn.append(said)

    asking = threading.Thread(target=ask)
    asking.start()
    for round_ in range(3):
        for n in range(30):
            (folder / f"{n:02d}.txt").write_text(f"Dam {n} of the valley holds {n + round_} units of water. " * 20)
        suroo.add(folder)
    stop.set()
    asking.join()
    assert not torn
    assert asked > 5
    assert len({h.document_id for h in suroo.search("dam water valley", k=100)}) == 30


def test_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SUROO_DATA", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("SUROO_K", "3")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    settings = Settings()
    assert (settings.data, settings.k, settings.chat_model) == (tmp_path / "elsewhere", 3, None)
    assert "sk-secret" not in repr(settings)
    assert Settings(k=5).k == 5
    monkeypatch.setenv("SUROO_K", "many")
    with pytest.raises(BadSettings, match="SUROO_K is 'many'"):
        Settings()
    with pytest.raises(BadSettings, match="SUROO_NONSENSE"):
        Settings(k=5, nonsense=1)


def test_reprints_do_not_fill_the_top(tmp_path: Path) -> None:
    report = (
        "The two countries agreed to build a bridge over the river Naryn, the ministry of transport said on Monday."
    )
    other = "A bridge is old, and the ferry is slow."
    with Assistant.open(Settings(data=tmp_path)) as suroo:
        suroo.add([Document(id=f"reprint {n}", text=f"{report} Agency {n}.") for n in range(5)])
        suroo.add(Document(id="other", text=other))
        found = [hit.text for hit in suroo.search("bridge over the Naryn", k=3)]
    assert found[0].startswith(report)
    assert found[1] == other
    assert found[2].startswith(report)


def test_a_folder_is_mirrored(suroo: Assistant, tmp_path: Path) -> None:
    folder = tmp_path / "mirrored"
    folder.mkdir()
    suroo.add(Document(id="elsewhere", text="A note from elsewhere on the bridge."))
    for name in ("same", "changed", "gone"):
        (folder / f"{name}.txt").write_text(f"The {name} report on the bridge in Osh.", "utf-8")
    (folder / "table.csv").write_text("a,b", "utf-8")

    def outcomes() -> dict[str, str]:
        return {Path(o.path or "").name: o.status for o in suroo.sync(folder)}

    added = dict.fromkeys(("same.txt", "changed.txt", "gone.txt"), "added")
    assert outcomes() == {**added, "table.csv": "skipped"}
    (folder / "changed.txt").write_text("The bridge in Osh was changed again.", "utf-8")
    (folder / "gone.txt").unlink()
    assert outcomes() == {
        "same.txt": "unchanged", "changed.txt": "replaced", "gone.txt": "removed", "table.csv": "skipped",
    }  # fmt: skip
    assert {Path(e.path or "").name for e in suroo.list()} == {"same.txt", "changed.txt", "elsewhere"}
    assert not any("gone report" in hit.text for hit in suroo.search("gone report on the bridge"))


def test_examples_are_answered_in_their_language(seeds: Assistant, suroo: Assistant) -> None:
    for language, word in (("en", "happened"), ("ru", "Что произошло")):
        examples = seeds.examples(language)
        assert len(examples) == 4
        for question in examples:
            assert word in question
            answer = seeds.ask(question)
            assert (answer.status, answer.language) == ("answered", language)
    assert suroo.examples("en") == []


def test_an_upload_goes_by_its_name(suroo: Assistant, tmp_path: Path) -> None:
    stored = tmp_path / "a1b2c3"
    stored.mkdir()
    file = stored / "Отчёт.txt"
    file.write_text("The bridge in Osh opened in 2019.", "utf-8")
    [added] = suroo.uploading({"Отчёт.txt": file})
    assert (added.path, added.status) == ("Отчёт.txt", "added")
    assert suroo.show("Отчёт.txt").text == "The bridge in Osh opened in 2019."
    assert [o.status for o in suroo.uploading({"Отчёт.txt": file})] == ["unchanged"]
    file.write_text("The bridge in Osh opened in 2020.", "utf-8")
    (stored / "x.exe").write_bytes(b"MZ")
    outcomes = list(suroo.uploading({"Отчёт.txt": file, "x.exe": stored / "x.exe"}, "ru"))
    assert [o.status for o in outcomes] == ["replaced", "skipped"]
    assert "не поддерживаются" in (outcomes[1].reason or "")
    assert len(suroo.list()) == 1


def test_the_state_of_the_index(suroo: Assistant) -> None:
    assert suroo.in_step()
    suroo.add(Document(id="x", text="The bridge in Osh opened in 2019."))
    assert suroo.in_step()
    suroo._record.remove(suroo.list()[0].id)
    assert not suroo.in_step()


def test_a_citation_comes_before_its_sentence(seeds: Assistant) -> None:
    known = set()
    for event in seeds.stream("How many new enterprises opened in Kyrgyzstan in 2025?").events():
        if isinstance(event, Citation):
            known.add(event.number)
        elif isinstance(event, Sentence):
            assert set(event.citations) <= known
        elif isinstance(event, Answer):
            assert {c.number for c in event.citations} == known
    assert known
