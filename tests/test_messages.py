"""What Suroo says exists in both languages, with the same placeholders, and is all used."""

from __future__ import annotations

import json
import re
from pathlib import Path
from string import Formatter

import pytest

from rag.errors import SurooError, UnknownDocument
from rag.messages import plural, say, system_language
from ui.words import preferred

ROOT = Path(__file__).resolve().parent.parent
PLURALS = re.compile(r"\.(one|few|many)$")


def load(folder: str, language: str) -> dict[str, str]:
    return dict(json.loads((ROOT / folder / "locales" / f"{language}.json").read_text("utf-8")))


@pytest.mark.parametrize("folder", ["rag", "ui", "evals"])
def test_same_keys_and_placeholders(folder: str) -> None:
    english, russian = load(folder, "en"), load(folder, "ru")
    assert english.keys() == russian.keys()
    for key in english:
        fields = [{name for _, name, _, _ in Formatter().parse(text[key]) if name} for text in (english, russian)]
        assert fields[0] == fields[1], key


@pytest.mark.parametrize("folder", ["rag", "ui", "evals"])
def test_russian_is_russian(folder: str) -> None:
    english, russian = load(folder, "en"), load(folder, "ru")
    same = {key for key in english if english[key] == russian[key]}
    assert same <= {"title", "reason.os", "fault.said"}


@pytest.mark.parametrize("folder", ["rag", "ui", "evals"])
def test_every_message_is_used(folder: str) -> None:
    code = "\n".join(
        p.read_text("utf-8") for part in ("rag", "ui", "evals") for p in (ROOT / part).rglob("*.py")
    ).replace("'", '"')
    for key in load(folder, "en"):
        stem = PLURALS.sub("", key)
        last = stem.rsplit(".", 1)[-1]
        assert f'"{stem}"' in code or f'"{last}"' in code or f'"{stem.rsplit(".", 1)[0]}.{{' in code, key


def every_error(kind: type[SurooError] = SurooError) -> list[type[SurooError]]:
    import ui.errors  # noqa: F401

    return [e for sub in kind.__subclasses__() for e in [sub, *every_error(sub)]]


def test_every_error_has_words() -> None:
    for error in every_error():
        for language in ("en", "ru"):
            assert load("rag", language)[f"error.{error.code}"]
    assert "3" in UnknownDocument(name="x", count=3).text("ru")
    assert "x" in str(UnknownDocument(name="x", count=0))


@pytest.mark.parametrize(
    ("n", "russian"),
    [(0, "0 документов"), (1, "1 документ"), (2, "2 документа"), (5, "5 документов"), (11, "11 документов"),
     (12, "12 документов"), (21, "21 документ"), (22, "22 документа"), (111, "111 документов")],
)  # fmt: skip
def test_plurals(n: int, russian: str) -> None:
    assert plural("cli.documents", n, "ru") == russian


def test_missing_words_are_an_error() -> None:
    with pytest.raises(KeyError):
        say("nonsense", "en")
    with pytest.raises(KeyError):
        say("why.name", "en")


def test_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "")
    monkeypatch.setenv("LC_MESSAGES", "ru_RU.UTF-8")
    assert system_language() == "ru"
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert system_language() == "en"
    assert preferred("de-DE,ru;q=0.8,en;q=0.5") == "ru"
    assert preferred(None) == "en"
