"""The page as a person uses it: a real server, a real browser."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from rag import Assistant
from tests.conftest import served
from ui.errors import PortTaken

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def address(seeds: Assistant) -> Iterator[str]:
    with served(seeds) as url:
        yield url


@pytest.fixture
def page(browser: Any, address: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The opened page; the test fails where it made a request elsewhere or logged an error."""
    context = browser.new_context(locale=getattr(request, "param", "en-US"), viewport={"width": 1280, "height": 850})
    opened = context.new_page()
    elsewhere: list[str] = []
    errors: list[str] = []
    opened.on("request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else elsewhere.append(r.url))
    opened.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    opened.on("pageerror", lambda e: errors.append(str(e)))
    opened.goto(address)
    opened.wait_for_selector("#past .blank")
    yield opened
    context.close()
    assert elsewhere == []
    assert errors == []


def ask(page: Any, question: str) -> None:
    """Ask by keyboard and wait for the whole answer."""
    number = page.locator("#past .turn").count() + 1
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    page.wait_for_selector(f"#past #turn-{number}")


def test_a_citation_opens_the_words_behind_it(page: Any) -> None:
    ask(page, "Сколько документов подписано на деловой встрече и на какую сумму?")
    ask(page, "How many new enterprises opened in Kyrgyzstan in 2025?")
    assert page.input_value("#question textarea") == ""
    assert page.locator("#sources details[open]").count() == 0
    page.click("#chat a.citation[href='#src-1-1']")
    opened = page.locator("#sources details[open]")
    assert opened.count() == 1
    assert "19 signed documents, worth more than $700 million" in opened.locator("mark").inner_text()
    assert "The National Investment Agency" in opened.locator("blockquote").inner_text()
    assert opened.locator("mark").is_visible()
    page.click("#chat a.citation[href='#src-2-1']")
    assert "119 новых предприятий" in page.locator("#sources details[open] mark").inner_text()
    assert "#src" not in page.url


def test_not_in_the_documents(page: Any) -> None:
    page.fill("#question textarea", "What is the population of Tashkent?")
    page.click("#send")
    page.wait_for_selector("#chat .notice")
    assert "This is not in the documents." in page.locator("#chat .answer").inner_text()
    assert page.locator("#sources section").count() == 0


def test_a_question_is_shown_as_text(page: Any) -> None:
    question = "<img src=http://evil.example/x.png> **trade** with Kazakhstan by 2030 ![x](http://evil.example/y.png)"
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    page.wait_for_selector("#past .turn")
    assert page.locator("#past .asked h3").first.inner_text().strip() == question
    assert page.locator("#chat img").count() == 0


def test_a_new_conversation_is_empty(page: Any) -> None:
    ask(page, "How many new enterprises opened in Kyrgyzstan in 2025?")
    page.click("#bar button[data-event=new]")
    page.wait_for_selector("#past .blank")
    assert page.locator("#chat .answer").count() == 0


@pytest.mark.parametrize("page", ["ru-RU"], indirect=True)
def test_the_page_speaks_the_browsers_language(page: Any) -> None:
    assert page.locator("#send").inner_text() == "Спросить"
    assert "Поиск по всей библиотеке: 5 документов" in page.locator("#filtered").inner_text()
    assert page.get_attribute("#question textarea", "placeholder").startswith("Спросите")
    ask(page, "Какой мощности будут электростанции?")
    assert "В документах сказано" in page.locator("#chat .answer").inner_text()


def test_a_port_that_is_taken_is_named(seeds: Assistant) -> None:
    from ui.app import serve

    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(PortTaken, match=str(port)):
            serve(seeds, "127.0.0.1", port, lambda url: None)
