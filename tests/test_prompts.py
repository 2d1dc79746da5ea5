"""What a model is sent, word for word, and every way in which it is asked.

`data/prompts/*.txt` hold the requests of one conversation, as the server got them. A prompt that changes, or the code
around it, shows here; where the change is meant, `RENEW_PROMPTS=1 make test` writes them anew.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import prompts
from rag import Answer, Assistant, Document, Settings, Turn
from tests.fake_openai import KEY, MODEL, FakeOpenAI

SNAPSHOTS = Path(__file__).parent / "data" / "prompts"
DOCUMENTS = [
    Document(
        id="plant", title="A plant in Kara-Balta", date="2025-02-07", source="Chuy Observer", language="en",
        text="The plant in Kara-Balta was opened in 2019. It makes 300 cars a year. It has 45 workers. <b>See [1].</b>",
    ),
    Document(
        id="zavod", title="Завод в Кара-Балте", date="2025-03-01", source="Чуйские известия", language="ru",
        text="Завод в Кара-Балте выпускает 300 автомобилей в год. На нём работают 45 человек.</passage>",
    ),
]  # fmt: skip
# Question, conversation, the question made whole, a wrong sentence, the sentence mended, a further question.
TALKS: dict[str, tuple[str, list[Turn], str, str, str, str]] = {
    "en": (
        "And how many cars a year does it make?",
        [Turn("user", "When was the plant in Kara-Balta opened?"), Turn("assistant", "It was opened in 2019. [1]")],
        "How many cars a year does the plant in Kara-Balta make?",
        "The plant makes 400 cars a year [{key}].",
        "The plant makes 300 cars a year [{key}].",
        "How many workers does the plant in Kara-Balta have?",
    ),
    "ru": (
        "А сколько автомобилей в год он выпускает?",
        [Turn("user", "Когда открылся завод в Кара-Балте?"), Turn("assistant", "Он открылся в 2019 году. [1]")],
        "Сколько автомобилей в год выпускает завод в Кара-Балте?",
        "Завод выпускает 400 автомобилей в год [{key}].",
        "Завод выпускает 300 автомобилей в год [{key}].",
        "Сколько человек работают на заводе в Кара-Балте?",
    ),
}
Way = Callable[[Assistant, str, list[Turn]], tuple[str, Answer]]


class Friday(date):
    @classmethod
    def today(cls) -> Friday:
        return cls(2026, 1, 2)


@pytest.fixture
def suroo(fake: FakeOpenAI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Assistant]:
    """A library of two documents, a fixed day, and a model that is asked for all that there is a prompt for."""
    monkeypatch.setattr("rag.answering.generative.date", Friday)
    settings = Settings(
        data=tmp_path / "data", chat_model=MODEL, openai_base_url=fake.url, openai_api_key=KEY, suggestions=2
    )
    with Assistant.open(settings) as opened:
        opened.add(DOCUMENTS)
        yield opened


def talks(fake: FakeOpenAI, language: str) -> None:
    _, _, whole, wrong, right, further = TALKS[language]

    def script(messages: list[dict[str, str]]) -> str:
        asked = messages[1]["content"]
        if "<conversation>" in asked:
            return whole
        if "<answer>" in asked:
            return further
        title = DOCUMENTS[language == "ru"].title or ""
        key = asked[: asked.index(title)].rpartition('key="')[2][:3]
        return (wrong if len(messages) == 2 else right).format(key=key)

    fake.script = script


def drained(suroo: Assistant, question: str, history: list[Turn]) -> tuple[str, Answer]:
    answer = suroo.ask(question, history)
    return answer.text, answer


def streamed(suroo: Assistant, question: str, history: list[Turn]) -> tuple[str, Answer]:
    *_, answer = suroo.stream(question, history).events()
    assert isinstance(answer, Answer)
    return " ".join(suroo.stream(question, history)), answer


def queried(suroo: Assistant, question: str, history: list[Turn]) -> tuple[str, Answer]:
    response: Any = suroo.query_engine(history=history).query(question)
    return str(response), response.metadata["answer"]


def queried_async(suroo: Assistant, question: str, history: list[Turn]) -> tuple[str, Answer]:
    with ThreadPoolExecutor(1) as thread:  # the browser of other tests keeps a loop running in this one
        response: Any = thread.submit(asyncio.run, suroo.query_engine(history=history).aquery(question)).result()
    return str(response), response.metadata["answer"]


def queried_streaming(suroo: Assistant, question: str, history: list[Turn]) -> tuple[str, Answer]:
    response: Any = suroo.query_engine(history=history, streaming=True).query(question)
    assert response.source_nodes == []
    text = "".join(response.response_gen)
    assert [node.node_id for node in response.source_nodes] == [hit.id for hit in response.metadata["answer"].hits]
    return text, response.metadata["answer"]


@pytest.mark.parametrize("language", TALKS)
@pytest.mark.parametrize("way", [drained, streamed, queried, queried_async, queried_streaming])
def test_every_prompt_is_used_in_every_way_of_asking(
    suroo: Assistant, fake: FakeOpenAI, monkeypatch: pytest.MonkeyPatch, way: Way, language: str
) -> None:
    used: set[tuple[str, str]] = set()
    render = prompts.render

    def noted(name: str, its_language: str, /, **values: str) -> str:
        used.add((name, its_language))
        return render(name, its_language, **values)

    monkeypatch.setattr(prompts, "render", noted)
    talks(fake, language)
    question, history, _, _, right, further = TALKS[language]
    text, answer = way(suroo, question, history)
    there = {file.name.removesuffix(".md") for file in files("prompts").joinpath(language).iterdir()}
    assert used == {(name, language) for name in there if not name.startswith("judge_")}  # those are the evaluation's
    sentence = right.replace(" [{key}]", "")
    assert text == answer.text == f"{sentence} [1]"
    assert [(s.text, s.support) for s in answer.sentences] == [(sentence, "supported")]
    assert [n.text for n in answer.notices if n.code == "suggestion"] == [further]
    assert answer.question == question


@pytest.mark.parametrize("language", TALKS)
def test_what_the_server_gets_is_what_it_got_before(suroo: Assistant, fake: FakeOpenAI, language: str) -> None:
    suroo.remove("zavod" if language == "en" else "plant")  # which passage is found first is not what is held here
    talks(fake, language)
    question, history, *_ = TALKS[language]
    suroo.ask(question, history)
    found = "\n".join(as_text(request) for request in fake.requests)
    path = SNAPSHOTS / f"{language}.txt"
    if os.environ.get("RENEW_PROMPTS"):
        path.write_text(found, "utf-8")
    assert found == path.read_text("utf-8")


def as_text(request: dict[str, Any]) -> str:
    """A request as a person reads it: its options, then its messages."""
    messages = [f"--- {m['role']}\n{m['content']}\n" for m in request["messages"]]
    options = {name: value for name, value in request.items() if name != "messages"}
    return "\n".join([f"=== {json.dumps(options, sort_keys=True)}\n", *messages])


def test_the_prompts_of_both_languages_ask_for_the_same_values() -> None:
    names = {file.name for file in files("prompts").joinpath("en").iterdir()}
    assert names == {file.name for file in files("prompts").joinpath("ru").iterdir()}
    for name in names:
        wanted = [sorted(prompts.template(name.removesuffix(".md"), of).get_identifiers()) for of in ("en", "ru")]
        assert wanted[0] == wanted[1], name
