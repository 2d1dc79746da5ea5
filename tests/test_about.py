"""A greeting, and questions about the library itself; what only looks like one."""

from __future__ import annotations

import pytest

from rag import Assistant, Document, Turn
from rag.answering.about import asked_about
from rag.bilingual.table import shipped
from rag.engine import QueryEngine, last
from tests.test_engine import Foreign, everywhere, query

ABOUT = {
    "hello": [
        "Hello there!", "Good afternoon!", "Hi Alice 👋", "👋", "Helo!", "Hi, Suroo", "Здравствуйте!", "Добрый день!",
        "привт", "Здраствуйте", "Привет, Суроо!", "Здравствуйте, Иван Петрович!",
    ],
    "thanks": [
        "Thanks a lot, that helped.", "Thank you!", "Спасибо большое, вы мне помогли.", "Спасибо, очень помогло",
    ],
    "bye": ["Goodbye", "До свидания", "Пока!"],
    "who": ["Who are you?", "Hi! Who are you?", "Кто ты?", "Ты кто?", "Что такое Суроо?"],
    "can_do": [
        "What can you do?", "Good morning! What can you do?", "How can you help me?", "Help", "Hello! How are you?",
        "Что ты умеешь?", "Доброе утро! Что ты умеешь?", "О чём можно спросить?", "Чем ты можешь помочь?",
    ],
    "documents": [
        "What documents do you have?", "What docuemnts do you have", "How many documents are in the library?",
        "In which languages are your documents?", "Which years do your documents cover?", "List all documents",
        "Hello, what documents do you have in Russian?", "Какие у тебя есть документы?", "Сколько у тебя документов?",
        "За какой период у вас документы?", "Здравствуйте! Какие у вас есть документы и за какие годы?",
        "На каких языках документы в библиотеке?",
    ],
}  # fmt: skip
TO_THE_DOCUMENTS = [
    "Hello, when did Japarov visit Beijing?", "Which documents were signed?", "What can Kyrgyzstan do?",
    "What documents do you have on Kazakhstan?", "Who signed the documents?", "Thanks! And in 2024?", "And Kazakhstan?",
    "How old is the library?", "Who created the library?", "What help did Kazakhstan send?", "What is it about?",
    "What languages are spoken in Kyrgyzstan?", "Good projects with Kazakhstan", "Why?", "", "?",
    "Привет, когда Жапаров ездил в Пекин?", "Сколько документов подписано на деловой встрече?", "Спасибо. А в 2024?",
    "Пока Жапаров был в Пекине, кто его замещал?", "За что поблагодарил Жапаров?", "Кто такой Жапаров?", "А душ?",
    "Какую помощь отправил Казахстан?", "Сколько библиотек в Бишкеке?", "О чём статья 5?", "Где новая библиотека?",
    "На каких языках говорят в Кыргызстане?", "Добрый день, расскажите о железной дороге", "Кто сказал спасибо?",
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in ABOUT.items() for text in texts])
def test_about(kind: str, text: str) -> None:
    assert asked_about(text) == asked_about(text, follows=True) == kind


@pytest.mark.parametrize("text", TO_THE_DOCUMENTS)
def test_to_the_documents(text: str) -> None:
    assert asked_about(text) is None


def test_which_documents_leans_on_what_was_said() -> None:
    assert asked_about("Which documents?") == asked_about("Какие документы?") == "documents"
    assert asked_about("Which documents?", follows=True) is asked_about("Какие документы?", follows=True) is None


def test_the_library_is_told(seeds: Assistant) -> None:
    answer = seeds.ask("What documents do you have?")
    assert (answer.status, answer.citations, answer.hits, answer.model) == ("about", [], [], None)
    assert answer.sentences[0].text == "There are 5 documents in the library (3 in English, 2 in Russian)."
    assert all(entry.title in answer.text for entry in seeds.list() if entry.title)
    assert all((s.support, s.citations, s.quoted) == (None, [], False) for s in answer.sentences)
    russian = seeds.ask("Какие у тебя есть документы?")
    assert russian.sentences[0].text == "В библиотеке 5 документов (на английском — 3, на русском — 2)."
    assert "7 февраля 2025 года" in russian.text


def test_a_greeting_needs_no_search(seeds: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    def unasked(*_: object) -> None:
        raise AssertionError("a search")

    engine = seeds.query_engine()
    monkeypatch.setattr(engine._retriever, "search", unasked)
    events = list(engine.events("Привет!", [Turn("user", "Кто такой Жапаров?"), Turn("assistant", "Президент.")]))
    answer = last(iter(events))
    assert events == [*answer.sentences, answer]
    assert answer.text.startswith("Здравствуйте!")
    assert last(seeds.query_engine().events("Hello!", language="ru")).language == "ru"


def test_an_empty_library(suroo: Assistant) -> None:
    assert "no documents" in suroo.ask("Hello!").text


def test_one_document_with_a_hostile_title(suroo: Assistant) -> None:
    suroo.add(
        Document(id="x", text="The dam was finished.", title="Dam ![a](https://evil.example/x) 🔥", language="en")
    )
    text = suroo.ask("How many documents do you have?").text
    assert text.startswith("There is 1 document in the library (in English).")
    assert "evil.example" not in text


def test_an_engine_that_knows_no_library() -> None:
    answer = query(QueryEngine(Foreign(), shipped(), everywhere), "What can you do?").metadata["answer"]
    assert answer.status == "about"
    assert answer.text.startswith("I am Suroo")
