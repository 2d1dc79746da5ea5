"""The handlers of the conversation: each takes what the page sends and gives what it is to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.errors import BadCase, UnknownDocument
from rag.types import Document, Filter
from ui.asking import asked, commented, judged, made_gold, shower, stopped
from ui.conversation import Conversation, begun, restored
from ui.export import exported
from ui.filters import chosen, documents_of, filter_html, languages_of
from ui.history import history_html, kept
from ui.library import limits_html
from ui.render import conversation_html, exchange_html
from ui.sources import panel_html, reader_html
from ui.text import button, escape
from ui.top import bar_html, top_html
from ui.words import language_of, word

Values = tuple[Any, ...]
ASK_VIEW = "view-ask"  # the id of the first tab
Chosen = tuple[list[str], str | None, str | None, list[str]]


class Chat:
    """`Values` of a conversation stand in the order of `conversation` in ui/page.py."""

    def __init__(self, suroo: Assistant) -> None:
        self._suroo = suroo
        self._show = shower(suroo)
        self._examples: dict[tuple[int, str], list[str]] = {}

    def new(self) -> Conversation:
        return begun()

    def begin(self, record: str, request: gr.Request) -> Values:
        language = language_of(request)
        talk = restored(record) or begun()
        entries = self._suroo.list()
        filters = (
            gr.update(choices=languages_of(entries, language), value=[]),
            gr.update(value=None),
            gr.update(value=None),
            gr.update(choices=documents_of(entries), value=[]),
        )
        top = top_html(language, user_of(request))
        shown = self._shown(talk, language)
        return top, *shown, bar_html(language), filter_html(entries, None, language), *filters, limits_html(language)

    def ask(
        self,
        question: str,
        talk: Conversation,
        editing: int | None,
        languages: list[str],
        since: str | None,
        until: str | None,
        documents: list[str],
        request: gr.Request,
    ) -> Iterator[Values]:
        if not question.strip():
            yield tuple(gr.skip() for _ in range(10))
            return
        before = talk.until(editing) if editing else talk
        yield from self._asked(question, before, chosen(languages, since, until, documents), language_of(request), "")

    def ask_again(
        self,
        talk: Conversation,
        languages: list[str],
        since: str | None,
        until: str | None,
        documents: list[str],
        event: gr.EventData,
        request: gr.Request,
    ) -> Iterator[Values]:
        """A question that is offered, or one that was asked and is to be asked again."""
        question = str(event._data.get("question") or "")
        exchange = talk.exchange(_turn(event))
        if exchange:
            question, talk = exchange.question, talk.until(exchange.number)
        wanted = chosen(languages, since, until, documents)
        yield from self._asked(question, talk, wanted, language_of(request), gr.skip())

    def stop(self, talk: Conversation, request: gr.Request) -> Values:
        language = language_of(request)
        return *self._shown(stopped(talk, language), language), gr.skip(), *_ready(True)

    def act(self, talk: Conversation, question: str, event: gr.EventData, request: gr.Request) -> Values:
        """Edit a question, or say what an answer is worth."""
        language, who, said = language_of(request), user_of(request), event._data
        number, action = _turn(event), said.get("action")
        exchange = talk.exchange(number)
        if action == "edit" and exchange:
            hint = escape(word("editing", language, n=number)) + button(word("cancel", language), "act", action="leave")
            return *self._shown(talk, language, number, hint), exchange.question
        if action in ("good", "bad"):
            talk = judged(self._suroo, talk, number, str(action), who)
        elif action == "comment":
            commented(self._suroo, talk, number, said, who)
            gr.Info(word("thanks", language))
        elif action == "gold":
            try:
                talk = made_gold(self._suroo, talk, number, said)
            except BadCase as error:
                gr.Warning(escape(error.text(language)))
        return *self._shown(talk, language), "" if action == "leave" else question

    def renew(self, request: gr.Request) -> Values:
        return *self._shown(begun(), language_of(request)), ""

    def export(self, talk: Conversation, event: gr.EventData, request: gr.Request) -> str:
        return exported(talk, str(event._data.get("form")), language_of(request))

    def filter(
        self, languages: list[str], since: str | None, until: str | None, documents: list[str], request: gr.Request
    ) -> str:
        wanted = chosen(languages, since, until, documents)
        return filter_html(self._suroo.list(), wanted, language_of(request))

    def unfilter(self, request: gr.Request) -> Values:
        return filter_html(self._suroo.list(), None, language_of(request)), [], None, None, []

    def read(self, event: gr.EventData, request: gr.Request) -> str:
        """A document to be read, at the quotation where one was chosen."""
        data = event._data
        try:
            document = self._suroo.show(str(data.get("document")))
        except UnknownDocument:
            gr.Warning(word("gone", language_of(request)))
            return str(gr.skip())
        start, end = (int(data.get(name) or 0) for name in ("start", "end"))
        return reader_html(document, language_of(request), start, end)

    def history(self, talks: str, talk: Conversation, request: gr.Request) -> str:
        return history_html(kept(talks), talk.id, language_of(request))

    def reopen(self, event: gr.EventData, request: gr.Request) -> Values:
        talk = restored(event._data.get("record")) or begun()
        return *self._shown(talk, language_of(request)), ASK_VIEW

    def forget(self, talk: Conversation, event: gr.EventData, request: gr.Request) -> Values:
        """Conversations that the browser has deleted; where the open one is among them, a new one begins."""
        language, gone = language_of(request), event._data.get("talk")
        if gone in ("*", talk.id):
            talk = begun()
        return history_html(kept(event._data.get("talks")), talk.id, language), *self._shown(talk, language)

    def export_kept(self, event: gr.EventData, request: gr.Request) -> str:
        talk = restored(event._data.get("record")) or begun()
        return exported(talk, str(event._data.get("form")), language_of(request))

    # ---- inside

    def _asked(
        self, question: str, talk: Conversation, wanted: Filter | None, language: str, box: Any
    ) -> Iterator[Values]:
        """Values for the conversation, then for question box, "Ask" and "Stop"."""
        past: Any = conversation_html(talk, language) if talk.exchanges else ""
        cited, show = -1, cache(self._show)  # a document is read once a question
        for moment in asked(self._suroo, question, talk, wanted, language):
            last = moment.talk.exchanges[-1]
            if not moment.stage:
                yield *self._shown(moment.talk, language, show=show), box, *_ready(True)
                return
            panel: Any = gr.skip()
            if cited != len(last.answer.citations):
                cited, panel = len(last.answer.citations), panel_html(moment.talk, show, language)
            live = exchange_html(last, language, stage=moment.stage)
            yield past, live, panel, moment.talk, None, "", gr.skip(), box, *_ready(False)
            past = gr.skip()

    def _shown(
        self,
        talk: Conversation,
        language: str,
        editing: int | None = None,
        hint: str = "",
        show: Callable[[str], Document | None] | None = None,
    ) -> Values:
        examples: Sequence[str] = () if talk.exchanges else self._suroo.examples(language)
        past = conversation_html(talk, language, examples)
        panel = panel_html(talk, show or self._show, language)
        return past, "", panel, talk, editing, hint, talk.stored()


def user_of(request: gr.Request) -> str | None:
    """Who is signed in, where people sign in: ui/guard.py puts it there."""
    name = request.headers.get("x-suroo-user")
    return str(name) if name else None


def _ready(ready: bool) -> Values:
    """ "Ask" or "Stop", whichever there is a use for."""
    return gr.update(visible=ready), gr.update(visible=not ready)


def _turn(event: gr.EventData) -> int:
    turn = str(event._data.get("turn") or "")
    return int(turn) if turn.isdigit() else 0
