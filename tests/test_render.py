"""What an answer becomes on the page: links that lead to quotations, and nothing that a document brought along."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from rag import Assistant
from rag.types import Answer, Citation, Document, Notice, Sentence
from tests.hostile import HOSTILE
from ui.conversation import Conversation, Exchange
from ui.render import conversation_html
from ui.sources import panel_html, reader_html
from ui.text import attribute, escape

OURS = set(
    "article div span a q small h2 h3 section details summary p blockquote mark b br button form label input textarea"
    " dialog header".split()
)
ATTRIBUTES = {"class", "href", "id", "lang", "tabindex", "title", "type", "name", "rows", "autocomplete"}


class Reader(HTMLParser):
    """Collects the tags, the attributes and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def answer(words: str) -> Answer:
    citation = Citation(1, "d", words, words, None, "en", words, 0, len(words), words)
    sentences = [
        Sentence(words, "en", True, [1], "supported", None),
        Sentence(words, "en", False, [1], "unsupported", words),
    ]
    notices = [Notice("x", words)]
    return Answer(words, "en", "answered", words, sentences, [citation], [], notices, None, None, {})


def talk(*exchanges: Exchange) -> Conversation:
    return Conversation("c", "2026-11-25T10:00:00+00:00", exchanges)


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words(words: str) -> None:
    said = talk(Exchange(1, words, answer(words), "bad"))
    document = Document(id="d", text=words, title=words, source=words, language="en")
    for html in (
        conversation_html(said, "en"),
        panel_html(said, lambda id: document, "en"),
        panel_html(said, lambda id: None, "en"),
        reader_html(document, "en", 1, 4),
    ):
        reader = read(html)
        assert {tag for tag, _ in reader.tags} <= OURS
        for _, attributes in reader.tags:
            assert {a for a in attributes if not a.startswith(("data-", "aria-"))} <= ATTRIBUTES
            assert (attributes.get("href") or "#").startswith("#")
        seen = "".join(c for c in words if c not in "\n\r\x1b\x07\u202e\u202c\u2066\u2069\u200b")
        assert seen in reader.text


def test_escape() -> None:
    assert escape("a<b>*c*\n[1]") == "a&#60;b&#62;&#42;c&#42;<br>&#91;1&#93;"
    assert escape("Жапаров — №5") == "Жапаров — №5"
    assert escape("in\u202evisible\u200b\x1b") == "invisible"
    assert attribute('a"\nb') == "a&#34;&#10;b"


def test_a_citation_leads_to_its_quotation(seeds: Assistant) -> None:
    asked = seeds.ask("How many new enterprises opened in 2025?")
    said = talk(Exchange(1, asked.question, asked))
    links = [a["href"] for tag, a in read(conversation_html(said, "en")).tags if tag == "a"]
    panel = panel_html(said, seeds.show, "en")
    ids = [a["id"] for tag, a in read(panel).tags if tag == "details"]
    assert links
    assert {link for link in links if link} == {f"#{id}" for id in ids}
    marked = panel.split("<mark>")[1].split("</mark>")[0]
    assert marked == escape(asked.citations[0].quote)


def test_a_document_that_is_gone_is_said_to_be() -> None:
    panel = panel_html(talk(Exchange(1, "q", answer("words"))), lambda id: None, "ru")
    assert escape("Этой версии документа в библиотеке больше нет.") in panel


def test_a_source_on_the_web_is_linked_without_a_trace(seeds: Assistant) -> None:
    asked = seeds.ask("When did the foreign minister of Kyrgyzstan visit Russia?")
    panel = panel_html(talk(Exchange(1, "q", asked)), seeds.show, "en")
    links = [a for tag, a in read(panel).tags if tag == "a"]
    assert {link["href"] for link in links} == {"https://www.mid.ru/ru/foreign_policy/news/1803158/"}
    assert all(link["rel"] == "noopener noreferrer" for link in links)


def test_doubt_is_shown() -> None:
    html = conversation_html(talk(Exchange(1, "q", answer("words"))), "en")
    assert 'class="unsupported"' in html
    assert "not supported by its source" in read(html).text


def test_a_note_has_sentence_quotation_and_reference() -> None:
    cited = Citation(1, "d", "Trade grows", "t.md", "2025-02-07", "en", "Outlet", 0, 9, "It grew.")
    made = replace(
        answer("x"), citations=[cited], sentences=[Sentence("Торговля росла.", "ru", False, [1], None, None)]
    )
    panel = panel_html(talk(Exchange(1, "q", made)), lambda id: None, "ru")
    copies = [a["data-copy"] for tag, a in read(panel).tags if tag == "button" and "data-copy" in a]
    assert copies == ["Торговля росла.\n“It grew.”\n— Trade grows. Outlet, 7 февр. 2025"]
