"""Why a passage was found, and the user's own glossary."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag import Assistant, Document, Settings
from rag.bilingual.glossary import read_glossary
from rag.bilingual.table import shipped
from rag.cli import main
from rag.errors import BadGlossary
from rag.explain import explain
from rag.text.words import stem

TEXT = "On 5 February 2025 President Japarov spoke of an agreement with China."


def test_which_words_met_which_through_what() -> None:
    found = {m.word: m for m in reversed(explain("Когда Жапаров говорил о соглашении и барсах?", TEXT, shipped()))}
    assert (found["Жапаров"].met, found["Жапаров"].how) == (("Japarov",), "name")
    assert found["соглашении"].met == ("agreement",)
    assert found["соглашении"].how == "translation"
    assert 0 < found["соглашении"].weight <= 1
    assert (found["барсах"].met, found["барсах"].weight, found["барсах"].how) == ((), 0.0, "none")


def test_a_word_that_only_goes_with_another_is_called_so() -> None:
    found = explain("Сколько погибших?", "Утонули 16 человек.", shipped())
    assert [(m.word, m.met, m.how) for m in found if m.weight] == [("погибших", ("Утонули",), "related")]


def test_same_words_synonyms_and_values() -> None:
    found = {(m.word, m.how) for m in explain("Japarov spoke on 5 February 2025", TEXT, shipped())}
    assert {("Japarov", "same"), ("spoke", "same"), ("5 February 2025", "value")} <= found


def test_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "ru_RU.UTF-8")
    with Assistant.open(Settings(data=tmp_path)) as suroo:
        suroo.add(Document(id="a", text=TEXT))
    arguments = ["search", "--explain", "Что сказано о соглашении?", "--data", str(tmp_path)]
    main(arguments, standalone_mode=False)
    assert "agreement" in capsys.readouterr().out
    main([*arguments, "--json"], standalone_mode=False)
    hit = json.loads(capsys.readouterr().out)["hits"][0]
    assert any(m["met"] == ["agreement"] and m["how"] == "translation" for m in hit["matches"])


def test_a_glossary_is_read_beside_the_lexicon(tmp_path: Path) -> None:
    question = "Что известно о чвырке?"
    document = Document(id="a", text="The blorp was seen near the lake in the evening by two old fishermen.")
    with Assistant.open(Settings(data=tmp_path)) as suroo:
        suroo.add(document)
        assert not any(m.met for m in suroo.explain(question, suroo.search("blorp")[0]))
    (tmp_path / "glossary.tsv").write_text("\ufeff# ours\n\nblorp; blorps\tчвырк; большой чвырк\tanimals\n", "utf-8")
    with Assistant.open(Settings(data=tmp_path)) as suroo:
        hit = suroo.search(question)[0]
        assert hit.document_id == suroo.list()[0].id
        assert [(m.met, m.weight) for m in suroo.explain(question, hit) if m.how == "translation"] == [
            (("blorp",), 1.0)
        ]


def test_words_of_a_phrase_share_its_weight(tmp_path: Path) -> None:
    path = tmp_path / "glossary.tsv"
    path.write_text("blorp valley\tчвырк", "utf-8")
    assert read_glossary(path) == {
        stem("blorp"): {stem("чвырк"): 0.5},
        stem("valley"): {stem("чвырк"): 0.5},
        stem("чвырк"): {stem("blorp"): 0.5, stem("valley"): 0.5},
    }


@pytest.mark.parametrize("line", [b"no tab", b"english only\t", b"\t\xd1\x84", b"\xff\xfe\tx"])
def test_a_bad_line_of_a_glossary_is_named(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "glossary.tsv"
    path.write_bytes(b"tree\t\xd0\xb4\xd0\xb5\xd1\x80\xd0\xb5\xd0\xb2\xd0\xbe\n" + line)
    with pytest.raises(BadGlossary) as caught:
        read_glossary(path)
    assert caught.value.values["line"] == 2
    assert "2" in caught.value.text("ru")
