"""Servers that misbehave: each fault has its words in both languages, the sources stay, nothing gives the key away."""

from __future__ import annotations

import logging
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage

from rag import Answer, Assistant, Document, Sentence, Settings, Stage
from rag.budget import Budget
from rag.calls import Fault
from rag.doctor import examine, rebuild
from rag.embedding import BATCH, PROBE, BoughtEmbedding
from rag.errors import BadSettings, ModelFault
from rag.library import Record
from rag.models import Server, chat_model, diagnosed, embedding_model, estimated_tokens
from tests.fake_openai import DIMENSION, EMBEDDED, FAULTS, KEY, MODEL, FakeOpenAI

TEXT = "The plant in Kara-Balta was opened in 2019. It makes 300 cars a year. It has 45 workers."
QUESTION = "When was the plant in Kara-Balta opened?"
QUICK = {"first_token_s": 0.6, "next_token_s": 0.3}
Open = Callable[..., Assistant]


@pytest.fixture(autouse=True)
def _no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.calls.BACKOFF_S", 0.001)


@pytest.fixture
def library(fake: FakeOpenAI, tmp_path: Path) -> Iterator[Open]:
    """Opens a library of one document, answered from by the fake server's model, which copies from its passage."""
    opened: list[Assistant] = []

    def open_one(**settings: object) -> Assistant:
        chosen = {"chat_model": MODEL, "openai_base_url": fake.url, "openai_api_key": KEY, **settings}
        suroo = Assistant.open(Settings(data=tmp_path / "data", **chosen))
        opened.append(suroo)
        suroo.add(Document(id="plant", text=TEXT, title="A plant"))
        return suroo

    fake.script = copies
    yield open_one
    for suroo in opened:
        suroo.close()


def copies(messages: list[dict[str, str]]) -> str:
    key = messages[1]["content"].split('key="')[1][:3]
    if "по-русски" in messages[0]["content"]:
        return f"Завод открыт в 2019 году [{key}]. Он выпускает 300 автомобилей в год [{key}]. Рабочих — 45 [{key}]."
    return f"The plant was opened in 2019 [{key}]. It makes 300 cars a year [{key}]. It has 45 workers [{key}]."


# fault, status, tries, words of the message in English
FAULTY: list[tuple[str, str, int, str]] = [
    ("401", "failed", 1, "OPENAI_API_KEY"),
    ("403", "failed", 1, "does not let this key"),
    ("404", "failed", 1, "no model of this name"),
    ("400 overflow", "failed", 1, "SUROO_CONTEXT_TOKENS"),
    ("400", "failed", 1, "rejects the request (400): Unsupported value: 'temperature'"),
    ("429", "failed", 3, "Wait a minute"),
    ("429 soon", "failed", 3, "Ask again in 0 s"),
    ("429 later", "failed", 1, "Ask again in 3600 s"),
    ("429 quota", "failed", 1, "Top it up"),
    ("500", "failed", 3, "broke down (500: the server broke)"),
    ("503", "failed", 3, "still loading the model (503)"),
    ("html", "failed", 1, "no OpenAI-compatible server"),
    ("nonsense", "failed", 1, "no OpenAI-compatible server"),
    ("empty choices", "failed", 1, "empty reply"),
    ("null content", "failed", 1, "empty reply"),
    ("slow", "failed", 1, "SUROO_FIRST_TOKEN_S"),
    ("stall", "incomplete", 1, "SUROO_NEXT_TOKEN_S"),
    ("early end", "incomplete", 1, "ended before it was complete"),
    ("broken", "incomplete", 1, "broke while it was writing"),
    ("error frame", "incomplete", 1, "stopped with an error: out of memory"),
    ("length", "incomplete", 1, "too long"),
]


def test_every_fault_of_the_fake_is_tried() -> None:
    assert {fault for fault, *_ in FAULTY} | set(EMBEDDED) == set(FAULTS)


@pytest.mark.parametrize(("fault", "status", "tries", "words"), FAULTY)
def test_a_fault_is_named_and_the_sources_stay(
    library: Open, fake: FakeOpenAI, caplog: pytest.LogCaptureFixture, fault: str, status: str, tries: int, words: str
) -> None:
    caplog.set_level(logging.DEBUG)
    suroo = library(**QUICK if fault in ("slow", "stall") else {})
    fake.fault = fault
    for language, begins in (("en", "Model test-model: "), ("ru", "Модель test-model: ")):
        fake.tries = 0
        answer = suroo.ask(QUESTION, language=language)
        assert (answer.status, fake.tries) == (status, tries)
        assert [h.text for h in answer.hits] == [TEXT]
        assert [s.support for s in answer.sentences][:1] == (["supported"] if status == "incomplete" else [])
        [notice] = [n for n in answer.notices if n.code == "model_fault"]
        assert notice.text.startswith(begins)
        assert not {"{", "}"} & set(notice.text)
        assert words in notice.text or language == "ru"
        for shown in (str(asdict(answer)), repr(answer), caplog.text):
            assert KEY not in shown


def unreachable(kind: str, fake: FakeOpenAI, monkeypatch: pytest.MonkeyPatch) -> str:
    if kind == "tls":
        return fake.url.replace("http:", "https:")
    if kind == "refused":
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            return f"http://127.0.0.1:{free.getsockname()[1]}/v1"

    def no_such_host(*_: Any, **__: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_host)
    return "http://no-such-host.invalid/v1"


@pytest.mark.parametrize(
    ("kind", "words"),
    [("refused", "Start it"), ("unknown_host", "there is no host"), ("tls", "secure connection")],
)
def test_a_server_that_is_not_there(
    library: Open, fake: FakeOpenAI, monkeypatch: pytest.MonkeyPatch, kind: str, words: str
) -> None:
    address = unreachable(kind, fake, monkeypatch)
    answer = library(openai_base_url=address).ask(QUESTION)
    assert (answer.status, len(answer.hits)) == ("failed", 1)
    assert words in answer.notices[0].text
    assert address in answer.notices[0].text


@pytest.mark.parametrize("fault", ["429", "429 soon", "500", "503"])
def test_what_passes_is_tried_again_and_seen(library: Open, fake: FakeOpenAI, fault: str) -> None:
    fake.fault, fake.times = fault, 2
    events = list(library().stream(QUESTION).events())
    assert [e.count for e in events if isinstance(e, Stage) and e.name == "retrying"] == [2, 3]
    assert isinstance(events[-1], Answer)
    assert (events[-1].status, fake.tries) == ("answered", 3)


def test_nothing_is_tried_again_once_words_are_shown(library: Open, fake: FakeOpenAI) -> None:
    fake.fault, fake.times = "broken", 1
    assert library().ask(QUESTION).status == "incomplete"
    assert fake.tries == 1


def test_the_wait_is_seen(library: Open, fake: FakeOpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.models.TICK_S", 0.01)
    fake.fault = "slow"
    waits = []
    for event in library().stream(QUESTION).events():
        if isinstance(event, Stage) and event.name == "waiting":
            waits.append(event.count)
            if len(waits) == 3:
                fake.go.set()
    assert waits[:3] == [1, 2, 3]
    assert isinstance(event, Answer)
    assert event.status == "answered"


@pytest.mark.parametrize("fault", ["slow", "stall"])
def test_closing_the_stream_ends_the_call(
    library: Open, fake: FakeOpenAI, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr("rag.models.TICK_S", 0.01)
    fake.fault = fault
    events = library().stream(QUESTION).events()
    for event in events:
        if isinstance(event, Stage) and event.name == "waiting" and fake.tries:
            break
    events.close()  # type: ignore[attr-defined]
    assert fake.abandoned.wait(5)


def test_a_silent_reader_is_not_waited_for_by_others(library: Open, fake: FakeOpenAI) -> None:
    suroo = library()
    slow = suroo.stream(QUESTION).events()
    while not isinstance(next(slow), Sentence):
        pass
    assert suroo.ask(QUESTION).status == "answered"
    assert list(slow)[-1].status == "answered"  # type: ignore[union-attr]


def test_questions_at_the_same_time(library: Open) -> None:
    suroo = library()
    answers: list[Answer] = []
    threads = [threading.Thread(target=lambda: answers.append(suroo.ask(QUESTION))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [a.status for a in answers] == ["answered"] * 6


# ---- the budget


def test_the_budget_is_checked_before_the_call_and_survives_a_restart(library: Open, fake: FakeOpenAI) -> None:
    first = library(daily_tokens=3_000)
    assert first.ask(QUESTION).status == "answered"
    spent = len(fake.requests)
    assert first.ask(QUESTION).status == "answered"
    first.close()
    again = library(daily_tokens=2_000)
    answer = again.ask(QUESTION)
    assert (answer.status, len(fake.requests)) == ("failed", spent + 1)
    assert "budget of 2000 tokens" in answer.notices[0].text
    assert answer.hits
    assert library(daily_tokens=None).ask(QUESTION).status == "answered"


def test_a_day_has_a_budget_of_its_own(tmp_path: Path) -> None:
    record = Record(tmp_path)
    assert record.spend("2026-01-01", 60, 100)
    assert not record.spend("2026-01-01", 41, 100)
    assert record.spend("2026-01-01", 40, 100)
    assert record.spend("2026-01-01", -50)
    assert record.spend("2026-01-01", 50, 100)
    assert record.spend("2026-01-02", 100, 100)
    record.close()


def test_a_call_settles_what_it_reserved(tmp_path: Path) -> None:
    record = Record(tmp_path)
    budget = Budget(record, 100)
    with budget.call(90) as usage:
        usage.prompt = 20
    with budget.call(80):
        pass
    with pytest.raises(Fault, match="budget"), budget.call(101):
        raise AssertionError
    today = date.today().isoformat()
    assert not record.spend(today, 81, 100)
    record.close()


def test_without_counts_of_the_server_tokens_are_estimated(library: Open, fake: FakeOpenAI) -> None:
    fake.usage = False
    tokens = library().ask(QUESTION).tokens
    assert tokens is not None
    assert tokens["prompt"] > 300
    assert tokens["completion"] > 10
    assert estimated_tokens("а" * 10) == 5


# ---- the key


def test_the_key_is_nowhere_to_be_seen(
    library: Open, fake: FakeOpenAI, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    suroo = library()
    assert suroo.ask(QUESTION).status == "answered"
    settings = suroo.settings
    model = suroo._model
    assert model is not None
    for shown in (settings, model, model._llm, model._llm.to_dict(), model.server, vars(suroo)):
        assert KEY not in repr(shown)
        assert KEY not in str(shown)
    fake.fault = "401"  # which says the key aloud
    with pytest.raises(ModelFault) as raised:
        list(model.stream([ChatMessage("?")]))
    assert KEY not in "".join(traceback.format_exception(raised.value))
    assert KEY not in repr(raised.value)
    assert KEY not in caplog.text
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if KEY.encode() in path.read_bytes()]


def test_a_password_in_the_address_is_a_secret_too() -> None:
    settings = Settings(chat_model=MODEL, openai_base_url="http://me:hunter2@proxy.example:8080/v1")
    server = Server.of(settings, Budget())
    assert server.address == "http://proxy.example:8080/v1"
    fault = server.fault(MODEL, Fault("error_frame", said="bad gateway http://me:hunter2@proxy.example\nsecond line"))
    assert "hunter2" not in fault.text("ru")
    assert "second" not in fault.text("en")


def test_an_address_that_is_none_is_a_bad_setting() -> None:
    with pytest.raises(BadSettings, match="OPENAI_BASE_URL"):
        Settings(openai_base_url="localhost:11434")


def test_our_own_mistakes_are_not_called_faults_of_a_server() -> None:
    assert diagnosed(RuntimeError("ours"), False) is None


def test_a_foreign_llm_plugs_in(library: Open) -> None:
    from llama_index.core.llms import MockLLM

    from rag.engine import QueryEngine

    suroo = library(chat_model=None)
    ours = suroo.query_engine()
    engine = QueryEngine(ours._retriever, ours._table, ours._frequency, MockLLM())
    answer = engine.query(QUESTION).metadata["answer"]  # type: ignore[index]
    assert answer.model == "MockLLM" or answer.model
    assert answer.hits


# ---- embeddings


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("few", "vectors for"),
        ("short", "another model's vectors"),
        ("nan", "not a number"),
        ("null", "not a number"),
        ("other model", "another model's vectors"),
        ("401", "OPENAI_API_KEY"),
        ("500", "broke down"),
        ("html", "OpenAI-compatible"),
        ("slow", "SUROO_FIRST_TOKEN_S"),
    ],
)
def test_an_embedding_that_fails_leaves_the_words(library: Open, fake: FakeOpenAI, fault: str, words: str) -> None:
    settings = {"chat_model": None, "embedding_model": MODEL, **(QUICK if fault == "slow" else {})}
    library(**settings).close()
    fake.fault = fault
    suroo = library(**settings)
    answer = suroo.ask(QUESTION)
    assert (answer.status, answer.citations[0].quote) == ("answered", "The plant in Kara-Balta was opened in 2019.")
    [notice] = answer.notices
    assert words in notice.text
    assert KEY not in notice.text
    fake.fault = None
    fake.go.set()
    assert not suroo.ask(QUESTION).notices


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("few", "1 vectors for 2 texts"),
        ("uneven", "not all of one length"),
        ("short", "not all of one length"),
        ("nan", "not a number"),
        ("null", "not a number"),
    ],
)
def test_vectors_that_can_not_be_used_are_not_kept(fake: FakeOpenAI, tmp_path: Path, fault: str, words: str) -> None:
    record = Record(tmp_path)
    model = embedding_model(Settings(embedding_model=MODEL, openai_base_url=fake.url, openai_api_key=KEY))
    assert model is not None
    bought = BoughtEmbedding(model, record)
    first = bought.passages(["one"])
    fake.fault = fault
    with pytest.raises(ModelFault, match=words):
        bought.passages(["one", "two", "three"])
    fake.fault = None
    assert (bought.passages(["three", "one"])[1] == first[0]).all()
    model.close()
    record.close()


def test_embeddings_are_bought_once_and_resumed(library: Open, fake: FakeOpenAI) -> None:
    settings = {"chat_model": None, "embedding_model": MODEL}
    suroo = library(**settings)
    asked = len(fake.requests)
    suroo.add(Document(id="plant", text=TEXT, title="A plant of another title"))
    assert len(fake.requests) == asked
    fake.fault = "500"
    with pytest.raises(ModelFault, match="broke down"):
        suroo.add(Document(id="new", text="A second plant was opened in Osh in 2021."))
    fake.fault = None
    suroo.add([])
    assert not suroo.ask("When was the plant in Osh opened?").notices


def test_embeddings_are_bought_in_batches_and_gone_on_with(
    fake: FakeOpenAI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Record(tmp_path)
    model = embedding_model(Settings(embedding_model=MODEL, openai_base_url=fake.url, openai_api_key=KEY))
    assert model is not None
    bought = BoughtEmbedding(model, record)
    texts = [f"Passage {n}." for n in range(3 * BATCH - 10)]
    keep = record.keep_bought

    def kept_then_broken(vectors: dict[str, bytes]) -> None:
        keep(vectors)
        if len(vectors) == BATCH:
            fake.fault = "500"

    monkeypatch.setattr(record, "keep_bought", kept_then_broken)
    with pytest.raises(ModelFault, match="broke down"):
        bought.passages(texts)
    asked = [request["input"] for request in fake.requests]
    assert [len(batch) for batch in asked] == [1, BATCH]  # the probe, and the first batch
    fake.fault = None
    monkeypatch.setattr(record, "keep_bought", keep)
    fake.requests.clear()
    assert bought.passages(texts).shape == (len(texts), DIMENSION)
    assert [len(request["input"]) for request in fake.requests] == [BATCH, BATCH - 10]
    assert [text for request in fake.requests for text in request["input"]] == texts[BATCH:]
    model.close()
    record.close()


def test_a_rebuild_buys_no_embedding_twice(library: Open, fake: FakeOpenAI) -> None:
    suroo = library(chat_model=None, embedding_model=MODEL)
    suroo.close()
    fake.requests.clear()
    rebuild(suroo.settings)
    asked = [text for request in fake.requests for text in request["input"]]
    assert set(asked) <= {PROBE}
    assert examine(suroo.settings).problems == []


def test_embedding_uses_the_budget(library: Open, fake: FakeOpenAI) -> None:
    suroo = library(chat_model=None, embedding_model=MODEL, daily_tokens=100)
    with pytest.raises(ModelFault, match="budget of 100 tokens"):
        suroo.add(Document(id="long", text="A long report on many plants of the country. " * 20))


def test_no_model_is_made_unless_it_is_named() -> None:
    settings = Settings(openai_api_key=KEY, openai_base_url="http://127.0.0.1:1/v1")
    assert chat_model(settings) is None
    assert embedding_model(settings) is None
