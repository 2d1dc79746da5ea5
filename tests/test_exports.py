"""A conversation kept by the browser, its files, the filters and the library, as pure functions."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import replace

import pytest
from docx import Document as open_docx

from rag import Assistant
from rag.types import Entry, Filter
from ui.conversation import Conversation, Exchange, begun, restored
from ui.export import docx, exported, markdown, numbered
from ui.filters import chosen, filter_html, left_out
from ui.history import history_html, kept
from ui.library import library_html, matching
from ui.words import count, day, number


@pytest.fixture(scope="module")
def talk(seeds: Assistant) -> Conversation:
    found = begun()
    for n, question in enumerate(
        [
            "How many new enterprises opened in Kyrgyzstan in 2025?",
            "Сколько новых предприятий открылось в Кыргызстане в 2025 году?",
            "What is the population of Tashkent?",
        ],
        1,
    ):
        found = found.having(Exchange(n, question, seeds.ask(question)))
    return found


def test_what_the_browser_keeps_comes_back(talk: Conversation) -> None:
    again = restored(talk.stored())
    assert again is not None
    assert [e.answer.citations for e in again.exchanges] == [e.answer.citations for e in talk.exchanges]
    assert again.exchanges[0].answer.hits == []
    assert again.turns() == talk.turns()


@pytest.mark.parametrize(
    "text", ["", "nonsense", "{}", "[]", None, 3, '{"id":"x","started":"y","exchanges":[{"number":7}]}']
)
def test_what_is_no_conversation_is_none(text: object) -> None:
    assert restored(text) is None


def test_the_same_words_have_one_number(talk: Conversation) -> None:
    numbers, listed = numbered(talk)
    assert numbers[1, 1] == numbers[2, 1] == 1
    assert len({(c.document_id, c.start, c.end) for c in listed}) == len(listed)


def test_markdown(talk: Conversation) -> None:
    text = markdown(talk, "en")
    assert "## How many new enterprises opened in Kyrgyzstan in 2025?" in text
    assert "119 новых предприятий" in text
    assert "[^1]: " in text
    assert "Tashkent" in text


def test_markdown_takes_nothing_for_markup(talk: Conversation) -> None:
    hostile = replace(talk.exchanges[0], question="![x](http://evil.example) <script> # *a*")
    assert "\\!\\[x\\]\\(http://evil.example\\) \\<script\\> \\# \\*a\\*" in markdown(talk.having(hostile), "en")


def test_word(talk: Conversation) -> None:
    hostile = replace(talk.exchanges[0], question="a\x00b\x1b[31m")
    document = open_docx(io.BytesIO(docx(talk.having(hostile), "ru")))
    text = "\n".join(p.text for p in document.paragraphs)
    assert "Источники" in text
    assert "119 новых предприятий.» [1]" in text
    assert "ab[31m" in text


def test_a_file_for_the_browser(talk: Conversation) -> None:
    made = json.loads(exported(talk, "docx", "en"))
    assert made["name"].endswith(".docx")
    assert base64.b64decode(made["data"]).startswith(b"PK")
    assert json.loads(exported(talk, "nonsense", "en"))["name"].endswith(".md")


def entry(id: str, language: str = "en", date: str | None = "2025-02-07") -> Entry:
    return Entry(
        id, f"Title {id}", f"{id}.md", date, language, "Outlet", "0", "2026-11-25T10:00:00+00:00", False, 10, 1
    )


ENTRIES = [entry("a"), entry("b", "ru"), entry("c", date=None), entry("d", date="2020-01-01")]


@pytest.mark.parametrize(
    ("wanted", "reasons"),
    [
        (chosen([], None, None, []), {}),
        (chosen(["en"], None, None, []), {"language": ("Title b",)}),
        (chosen([], "2021-01-01", None, []), {"undated": ("Title c",), "date": ("Title d",)}),
        (chosen([], None, "2021-01-01 00:00:00", []), {"date": ("Title a", "Title b"), "undated": ("Title c",)}),
        (chosen([], None, None, ["a"]), {"document": ("Title b", "Title c", "Title d")}),
    ],
)
def test_what_a_filter_leaves_out(wanted: Filter | None, reasons: dict[str, tuple[str, ...]]) -> None:
    assert {each.reason: each.titles for each in left_out(ENTRIES, wanted)} == reasons


def test_a_filter_tells_what_it_leaves_out() -> None:
    html = filter_html(ENTRIES, chosen(["ru"], None, None, []), "ru")
    assert "Поиск по 1 из 4 документов" in html
    assert "Title a" in html
    assert chosen([], "yesterday", "", []) is None


def test_the_library_is_searched() -> None:
    assert [e.id for e in matching(ENTRIES, "title D 2020")] == ["d"]
    assert [e.id for e in matching(ENTRIES, "")] == ["a", "b", "c", "d"]
    assert "индекс в порядке" in library_html(ENTRIES, "", True, "ru")
    assert "index being made" in library_html(ENTRIES, "zzz", False, "en")


def test_history_is_shown_latest_first() -> None:
    found = kept(
        '[{"id":"1","title":"<b>","started":"2026-01-01","questions":1},{"id":"2","title":"y","started":"2026-02-01","questions":2}]'
    )
    assert [each.id for each in found] == ["2", "1"]
    assert "<b>" not in history_html(found, "1", "en")
    assert kept("nonsense") == kept('[{"id":1}]') == []


def test_numbers_and_dates() -> None:
    assert (number(12345, "ru"), number(12345, "en")) == ("12\u00a0345", "12,345")
    assert (day("2025-02-07", "ru"), day("2025-03", "en"), day("2025", "en")) == ("7 февр. 2025", "Mar 2025", "2025")
    assert (day("soon", "en"), day("2025-13-01", "en"), day(None, "en")) == ("soon", "2025-13-01", "")
    assert count("characters", 2, "ru") == "2 знака"
