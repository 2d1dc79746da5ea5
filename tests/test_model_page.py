"""A model's answer in a real browser: the wait is seen, a fault is said beside what was found, stop ends the call."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rag import Assistant, Document, Settings
from tests.fake_openai import KEY, MODEL, FakeOpenAI
from tests.test_models import QUESTION, TEXT, copies

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
def page(browser: Any, fake: FakeOpenAI, tmp_path: Path) -> Iterator[Any]:
    """The page over a library of one document that the fake server's model answers from."""
    from ui.app import Server

    fake.script = copies
    settings = Settings(data=tmp_path / "data", chat_model=MODEL, openai_base_url=fake.url, openai_api_key=KEY)
    with Assistant.open(settings) as suroo:
        suroo.add(Document(id="plant", text=TEXT, title="A plant"))
        server = Server(suroo, "127.0.0.1", 0)
        context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 850})
        opened = context.new_page()
        opened.goto(server.url)
        opened.wait_for_selector("#past .blank")
        yield opened
        fake.go.set()
        context.close()
        server.close()


def ask(page: Any) -> None:
    page.fill("#question textarea", QUESTION)
    page.press("#question textarea", "Enter")


@pytest.mark.parametrize("fault", ["slow", "stall"])
def test_stopping_ends_the_call(page: Any, fake: FakeOpenAI, fault: str) -> None:
    fake.fault = fault
    ask(page)
    page.wait_for_function("document.querySelector('#chat .stage')?.innerText.includes('Waiting')", timeout=15_000)
    if fault == "stall":
        page.wait_for_selector("#chat a.citation")
    assert not fake.abandoned.is_set()
    page.click("#stop")
    assert fake.abandoned.wait(5)
    page.wait_for_selector("#past .answer.incomplete")
    if fault == "stall":
        assert "The plant was opened in 2019" in page.locator("#past .answer").inner_text()


def test_a_fault_is_said_and_what_was_written_stays(page: Any, fake: FakeOpenAI) -> None:
    fake.fault = "broken"
    ask(page)
    page.wait_for_selector("#past .notice.fault")
    said = page.locator("#past .answer").inner_text()
    assert "The plant was opened in 2019" in said
    assert "broke while it was writing" in said
    assert page.locator("#sources details").count() >= 1
    assert KEY not in page.content()
