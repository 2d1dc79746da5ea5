"""The page as a person uses it: a real server, a real browser."""

from __future__ import annotations

import contextlib
import io
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docx import Document as open_docx

from rag import Assistant, Document, Settings
from tests.conftest import SEEDS, served
from tests.fake_openai import KEY, MODEL, FakeOpenAI
from tests.hostile import HOSTILE
from ui.errors import PortTaken
from ui.users import Users

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
# What axe finds in Gradio's own widgets, as (rule, a part of the selector): not ours to mend.
GRADIOS = {
    ("aria-input-field-name", "#documents"),
    ("label", "#upload"),
    ("button-name", "#since"),
    ("button-name", "#until"),
    ("button-name", ".overflow-menu"),
    ("color-contrast", ".or"),  # in #upload
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """A library that the tests of this module change; each leaves it as it was."""
    with Assistant.open(Settings(data=tmp_path_factory.mktemp("page"))) as suroo:
        suroo.add(SEEDS, sample=True)
        yield suroo


@pytest.fixture(scope="module")
def address(library: Assistant) -> Iterator[str]:
    with served(library) as url:
        yield url


@contextlib.contextmanager
def visiting(browser: Any, address: str, **options: Any) -> Iterator[Any]:
    """The opened page; fails where it made a request elsewhere, ran a foreign script or logged an error."""
    context = browser.new_context(**{"locale": "en-US", "viewport": {"width": 1280, "height": 800}, **options})
    context.set_default_timeout(15_000)
    opened = context.new_page()

    def refused(dialog: Any) -> None:
        errors.append(dialog.message)
        dialog.dismiss()

    elsewhere: list[str] = []
    errors: list[str] = []
    opened.on("request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else elsewhere.append(r.url))
    opened.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    opened.on("pageerror", lambda e: errors.append(str(e)))
    opened.on("dialog", refused)
    opened.goto(address)
    opened.wait_for_selector("#past :is(.blank, .turn)")
    yield opened
    assert not opened.evaluate("window.pwned || document.title.includes('pwned')")
    context.close()
    assert elsewhere == []
    assert errors == []


@pytest.fixture
def page(browser: Any, address: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    with visiting(browser, address, locale=getattr(request, "param", "en-US")) as opened:
        yield opened


def ask(page: Any, question: str) -> None:
    """Ask by keyboard and wait for the whole answer."""
    number = page.locator("#past .turn").count() + 1
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    page.wait_for_selector(f"#past #turn-{number} .tools")


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
    page.click("#sources details[open] button[data-event=read]")
    page.wait_for_selector("dialog[open] mark")
    assert "Линь У" in page.locator("dialog .text").inner_text()
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0


def test_by_keyboard_alone(page: Any) -> None:
    assert page.evaluate("document.activeElement.closest('#question') !== null")
    page.keyboard.type("How many new")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("enterprises opened in 2025?")
    assert page.input_value("#question textarea").count("\n") == 1
    page.keyboard.press("Enter")
    page.wait_for_selector("#past #turn-1 a.citation")
    page.focus("#turn-1 a.citation")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('#sources details').id") == "src-1-1"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.className") == "citation"


def test_a_follow_up_leans_on_what_was_asked(page: Any) -> None:
    ask(page, "When did the foreign minister of Kyrgyzstan visit Russia?")
    ask(page, "Who had invited him?")
    assert "Lavrov" in page.locator("#turn-2 .answer").inner_text()


def test_not_in_the_documents(page: Any) -> None:
    page.fill("#question textarea", "What is the population of Tashkent?")
    page.click("#send")
    page.wait_for_selector("#past .notice")
    assert "This is not in the documents." in page.locator("#chat .answer").inner_text()
    assert page.locator("#sources section").count() == 0


def test_editing_asks_anew_from_there(page: Any) -> None:
    ask(page, "How many new enterprises opened in Kyrgyzstan in 2025?")
    ask(page, "What is the population of Tashkent?")
    page.click("#turn-1 button[data-action=edit]")
    page.wait_for_selector("#hint button")
    assert page.input_value("#question textarea").startswith("How many new")
    page.fill("#question textarea", "When did the foreign minister of Kyrgyzstan visit Russia?")
    page.press("#question textarea", "Enter")
    page.wait_for_function("document.querySelectorAll('#past .turn').length === 1")
    assert "March 2022" in page.locator("#turn-1 .answer").inner_text()
    with page.expect_response(lambda r: "/queue/data" in r.url):
        page.click("#turn-1 button[data-action=retry]")
    page.wait_for_function("document.querySelectorAll('#past .turn').length === 1")


def test_an_example_is_asked_by_a_click(page: Any) -> None:
    page.click("#past button.example >> nth=0")
    page.wait_for_selector("#past #turn-1 a.citation")


@pytest.mark.parametrize("page", ["ru-RU"], indirect=True)
def test_the_page_speaks_the_browsers_language_and_the_readers(page: Any) -> None:
    assert page.locator("#send").inner_text() == "Спросить"
    assert "Поиск по всей библиотеке: 5 документов" in page.locator("#filtered").inner_text()
    assert page.get_attribute("#question textarea", "placeholder").startswith("Спросите")
    ask(page, "Какой мощности будут электростанции?")
    assert "В документах сказано" in page.locator("#chat .answer").inner_text()
    page.click("#top button[data-language=en]")
    page.wait_for_function("document.querySelector('#send')?.innerText === 'Ask'")
    page.wait_for_selector("#past #turn-1")  # the conversation is still there
    assert page.get_attribute("html", "lang") == "en"
    assert "Copy" in page.locator("#turn-1 .tools").inner_text()


def test_history_survives_a_reload_and_can_be_deleted(page: Any) -> None:
    ask(page, "How many new enterprises opened in Kyrgyzstan in 2025?")
    page.reload()
    page.wait_for_selector("#past #turn-1")
    page.click("#chat a.citation[href='#src-1-1']")
    assert "119 новых предприятий" in page.locator("#sources details[open] mark").inner_text()
    page.click("#bar button[data-event=new]")
    page.wait_for_selector("#past .blank")
    page.click("#view-history-button")
    page.click("#history button[data-event=open]")
    page.wait_for_selector("#past #turn-1", state="visible")
    page.click("#view-history-button")
    page.click("#history button[data-event=forget] >> nth=0")
    page.wait_for_selector("#history .empty")
    page.reload()
    page.wait_for_selector("#past .blank")
    assert page.evaluate("localStorage.length") == 0


def test_export(page: Any) -> None:
    ask(page, "How many new enterprises opened in Kyrgyzstan in 2025?")
    files = {}
    for form in ("md", "docx"):
        with page.expect_download() as download:
            page.click(f"#bar button[data-form={form}]")
        files[form] = Path(download.value.path()).read_bytes()
    assert "[^1]: " in files["md"].decode()
    assert "119" in "\n".join(p.text for p in open_docx(io.BytesIO(files["docx"])).paragraphs)


def test_a_good_answer_becomes_a_gold_question(page: Any, library: Assistant) -> None:
    ask(page, "How many new enterprises opened in Kyrgyzstan in 2025?")
    page.click("#turn-1 button[data-action=bad]")
    page.fill("#turn-1 textarea[name=correct]", "119 new enterprises opened.")
    page.fill("#turn-1 input[name=comment]", "too long")
    page.click("#turn-1 button[data-action=comment]")
    page.wait_for_selector("text=Kept, thank you.")
    page.fill("#turn-1 textarea[name=correct]", "119 new enterprises opened.")
    page.click("#turn-1 button[data-action=gold]")
    page.wait_for_selector("#turn-1 .done")
    lines = (library.folder / "gold.jsonl").read_text("utf-8").splitlines()
    assert json.loads(lines[-1])["gold_answer"] == "119 new enterprises opened."
    said = [json.loads(line) for line in (library.folder / "feedback.jsonl").read_text("utf-8").splitlines()]
    assert [s["comment"] for s in said] == [None, "too long"]


def test_a_document_comes_answers_is_replaced_and_goes(page: Any, tmp_path: Path) -> None:
    file = tmp_path / "Мост (2019).txt"
    file.write_text("The Kambarata bridge in Osh opened in 2019.", "utf-8")
    other = tmp_path / "x.exe"
    other.write_bytes(b"MZ")
    page.click("#view-library-button")
    page.wait_for_selector("#library table")
    page.set_input_files("#upload input[type=file]", [file, other])
    page.wait_for_selector("#report li.skipped")
    page.wait_for_selector("#report li.added")
    page.wait_for_selector("#library >> text=6 documents")
    page.click("#view-ask-button")
    ask(page, "When did the Kambarata bridge open?")
    assert "2019" in page.locator("#turn-1 .answer").inner_text()
    file.write_text("The Kambarata bridge in Osh opened in 2021.", "utf-8")
    page.click("#view-library-button")
    page.set_input_files("#upload input[type=file]", [file])
    page.click("#confirm button[data-answer=yes]")
    page.wait_for_selector("#report li.replaced")
    page.fill("#sought textarea, #sought input", "Мост")
    page.wait_for_function("document.querySelectorAll('#library tbody tr').length === 1")
    page.click("#library tr:has-text('Мост') button[data-event=only]")
    page.wait_for_selector("#filtered >> text=Searching 1 of 6 documents.")
    ask(page, "When did the Kambarata bridge open?")
    assert "2021" in page.locator("#turn-2 .answer").inner_text()
    page.click("#filtered button[data-event=clear]")
    page.wait_for_selector("#filtered >> text=Searching the whole library")
    page.click("#view-library-button")
    page.click("#library button[data-event=drop] >> nth=-1")
    page.click("#confirm button[data-answer=yes]")
    page.wait_for_selector("#report li.removed")
    page.click("#view-ask-button")
    ask(page, "When did the Kambarata bridge open?")
    assert "not in the documents" in page.locator("#turn-3 .answer").inner_text()


def test_filters_show_what_they_leave_out(page: Any) -> None:
    page.click("#filters button.label-wrap")
    page.click("#languages >> text=Russian")
    page.wait_for_selector("#filtered details")
    assert "Searching 2 of 5 documents. Left out: by language: 3." in page.locator("#filtered summary").inner_text()
    ask(page, "What happened in May 2023?")
    assert page.locator("#sources .about >> text=English").count() == 0
    page.fill("#since input", "2025-01-01")
    page.press("#since input", "Enter")
    page.wait_for_selector("#filtered >> text=without a date")


def test_on_a_phone(browser: Any, address: str) -> None:
    with visiting(browser, address, viewport={"width": 390, "height": 844}, locale="ru-RU") as page:
        ask(page, "Сколько новых предприятий открылось в 2025 году?")
        for view in ("view-ask", "view-library", "view-history"):
            page.click(f"#{view}-button")
            page.wait_for_timeout(200)
            assert page.evaluate("document.documentElement.scrollWidth") <= 391, view
        page.click("#view-ask-button")
        page.click("#chat a.citation >> nth=0")
        page.wait_for_function(
            "(() => { const r = document.querySelector('#sources details[open]').getBoundingClientRect();"
            " return r.top < innerHeight && r.bottom > 0; })()"
        )


def in_sight(page: Any, selector: str) -> bool:
    return bool(
        page.locator(selector).first.evaluate(
            "e => { const r = e.getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight; }"
        )
    )


@pytest.mark.parametrize(("width", "height"), [(640, 400), (320, 400)])
def test_magnified(browser: Any, address: str, width: int, height: int) -> None:
    """A window of 1280 by 800 at 200 % has 640 by 400 CSS pixels; at 400 %, 320 across."""
    size = {"width": width, "height": height}
    with visiting(browser, address, viewport=size, device_scale_factor=2, locale="ru-RU") as page:
        assert in_sight(page, "#question textarea")
        assert in_sight(page, "#send")
        ask(page, "Сколько новых предприятий открылось в 2025 году?")
        for view in ("view-library", "view-history", "view-ask"):
            page.click(f"#{view}-button")
            page.wait_for_selector(f"#{view} :is(#turn-1, table, .talks)")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, view
            assert page.evaluate("document.querySelector('#views').scrollWidth") <= width, view
        page.click("#chat a.citation >> nth=0")
        assert in_sight(page, "#sources details[open] mark")
        page.click("#sources details[open] [data-back]")
        assert in_sight(page, "#chat a.citation")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_for_axe(browser: Any, address: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with visiting(browser, address, color_scheme=scheme) as page:
        ask(page, "How many new enterprises opened in Kyrgyzstan in 2025?")
        page.click("#turn-1 button[data-action=bad]")
        page.click("#chat a.citation >> nth=0")
        page.wait_for_selector("#turn-1 form")
        found = set()
        for view in ("view-ask", "view-library", "view-history"):
            page.click(f"#{view}-button")
            page.wait_for_selector(f"#{view} :is(#turn-1, table, .talks)")
            page.wait_for_timeout(400)  # colours fade
            for violation in Axe().run(page).response["violations"]:
                if violation["impact"] in ("serious", "critical"):
                    found |= {(violation["id"], str(node["target"][0])) for node in violation["nodes"]}
        ours = {
            (rule, target)
            for rule, target in found
            if not any(rule == known and part in target for known, part in GRADIOS)
        }
        assert ours == set()


# ---- a model


@pytest.fixture(scope="module")
def modelled(tmp_path_factory: pytest.TempPathFactory, _server: FakeOpenAI) -> Iterator[tuple[str, FakeOpenAI]]:
    settings = Settings(
        data=tmp_path_factory.mktemp("model"), chat_model=MODEL, openai_base_url=_server.url, openai_api_key=KEY
    )
    with Assistant.open(settings) as suroo:
        suroo.add(SEEDS)
        with served(suroo) as url:
            yield url, _server
            _server.go.set()


def test_stop_keeps_what_was_written(browser: Any, modelled: tuple[str, FakeOpenAI]) -> None:
    url, model = modelled
    model.reset()

    def script(messages: list[dict[str, str]]) -> str:
        before = messages[1]["content"].split("119 новых")[0]
        key = before[before.rindex('key="') + 5 :].split('"')[0]
        return f"In 2025, 119 new enterprises opened [{key}]. " + "And then it went on " * 40

    model.script = script
    model.fault = "stall"
    with visiting(browser, url) as page:
        page.fill("#question textarea", "How many new enterprises opened in Kyrgyzstan in 2025?")
        page.press("#question textarea", "Enter")
        page.wait_for_selector("#live .answer p:not(.stage)")
        page.click("#live a.citation >> nth=0")  # sources are there while it is still being written
        page.click("#stop")
        page.wait_for_selector("#past >> text=Stopped.")
        assert "119 new enterprises" in page.locator("#turn-1 .answer").inner_text()
        assert page.locator("#sources details").count() >= 1
        page.wait_for_selector("#send", state="visible")
        assert model.abandoned.wait(5)
    model.reset()


def test_hostile_words_do_nothing(browser: Any, tmp_path: Path, fake: FakeOpenAI) -> None:
    """In a document's text, its title, its name, a question and a model's answer: written, kept, shown and opened."""
    assert len(HOSTILE) >= 40

    def script(messages: list[dict[str, str]]) -> str:
        prompt = messages[1]["content"]
        key = prompt[prompt.index('key="') + 5 :].split('"')[0]
        return "\n".join(f"The Zorgon bridge opened with {words} [{key}]." for words in HOSTILE)

    fake.script = script
    settings = Settings(data=tmp_path, chat_model=MODEL, openai_base_url=fake.url, openai_api_key=KEY)
    documents = [
        Document(id=words, text=f"The Zorgon bridge opened in 2019. {words} It is open.", title=words, source=words)
        for words in HOSTILE
    ]
    with Assistant.open(settings) as suroo:
        suroo.add(documents)
        with served(suroo) as url, visiting(browser, url) as page:
            ask(page, "When did the Zorgon bridge open?")
            assert page.locator("#turn-1 .answer p").count() > 20
            ask(page, f"Zorgon? {' '.join(HOSTILE[:30])}")
            page.click("#chat a.citation >> nth=0")
            page.click("#sources details[open] button[data-event=read]")
            page.wait_for_selector("dialog[open]")
            only_ours(page)
            page.keyboard.press("Escape")
            page.click("#view-library-button")
            page.wait_for_selector("#library table")
            assert page.locator("#library tbody tr").count() == len(HOSTILE)
            only_ours(page)
            page.click("#library button[data-event=drop] >> nth=2")
            page.wait_for_selector("#confirm button")
            page.click("#view-history-button")
            page.wait_for_selector("#history .talks")
            only_ours(page)
            page.reload()
            page.wait_for_selector("#past #turn-2")
            only_ours(page)
            page.hover("#turn-1 .answer")


STRANGE = "script img svg iframe object embed video audio link style base meta math template animate body"


def only_ours(page: Any) -> None:
    """Nothing in our parts of the page is of a kind that we do not make, or leads or listens anywhere."""
    strange = page.evaluate(
        """() => [...document.querySelectorAll('#past, #live, #sources, #library, #history, #confirm, #reader')]
        .flatMap(part => [...part.querySelectorAll('*')])
        .filter(e => STRANGE.includes(e.tagName.toLowerCase()) && !e.closest('.wrap')
            || [...e.attributes].some(a => a.name.startsWith('on') || a.name === 'style' && /url/.test(a.value))
            || (e.tagName === 'A' && !/^#src-/.test(e.getAttribute('href'))))
        .map(e => e.outerHTML.slice(0, 200))""".replace("STRANGE", json.dumps(STRANGE.split()))
    )
    assert strange == []


def test_somebody_signs_in_and_out(browser: Any, tmp_path: Path) -> None:
    Users(tmp_path).add("ann", "correct horse")
    with Assistant.open(Settings(data=tmp_path)) as suroo, served(suroo) as url:
        page = browser.new_context(locale="ru-RU", viewport={"width": 390, "height": 844}).new_page()
        page.goto(url)
        page.fill("input[name=name]", "ann")
        for password in ("wrong horse", "correct horse"):
            page.fill("input[name=password]", password)
            page.click("button")
            page.wait_for_selector("[role=alert] >> text=Неверное имя" if password[0] == "w" else "#past .blank")
        assert page.evaluate("document.documentElement.scrollWidth") <= 391
        page.click("#top .signed button")
        page.wait_for_selector("input[name=password]")
        page.goto(url)
        assert page.url == f"{url}/login"
        page.context.close()


def test_a_port_that_is_taken_is_named(seeds: Assistant) -> None:
    from ui.app import serve

    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(PortTaken, match=str(port)):
            serve(seeds, "127.0.0.1", port, lambda url: None)
