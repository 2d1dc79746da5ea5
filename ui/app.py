"""Builds the page and serves it. It asks an Assistant; it retrieves nothing and knows no store."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from importlib import resources
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported

import gradio as gr

from rag.assistant import Assistant
from rag.errors import SurooError, UnknownDocument
from rag.types import Answer, Document, Sentence, Stage, Turn
from ui.errors import NotLoopback, PortTaken
from ui.render import Exchange, answer_html, escape, panel_html, sentences_html
from ui.words import count, preferred, word, words

LOOPBACK = ("127.0.0.1", "localhost", "::1")
CONCURRENCY = 8  # questions answered at once; the rest wait in the queue
QUEUE = 64
_I18N = gr.I18n(en=words("en"), ru=words("ru"))

Messages = list[dict[str, Any]]


def serve(suroo: Assistant, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve the page until interrupted; `ready` is told its address. Raises `NotLoopback`, `PortTaken`."""
    if host not in LOOPBACK:
        raise NotLoopback(host=host)
    page = build(suroo)
    try:
        _, url, _ = launch(page, host, port)
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, None):
            raise PortTaken(host=host, port=port) from None
        raise
    ready(url.rstrip("/"))
    page.block_thread()


def launch(page: gr.Blocks, host: str, port: int) -> Any:
    """Start serving `page` in a thread; gives gradio's (app, local address, shared address)."""
    assets = resources.files("ui")
    return page.queue(default_concurrency_limit=CONCURRENCY, max_size=QUEUE).launch(
        server_name=host,
        server_port=port,
        prevent_thread_lock=True,
        quiet=True,
        share=False,
        show_error=True,
        footer_links=[],
        css=assets.joinpath("page.css").read_text("utf-8"),
        head=f"<script>{assets.joinpath('page.js').read_text('utf-8')}</script>",
        theme=gr.themes.Default(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        i18n=_I18N,
        ssr_mode=False,
    )


def build(suroo: Assistant) -> gr.Blocks:
    """The page over `suroo`, not yet served."""
    i18n = _I18N

    def respond(
        question: str, messages: Messages, exchanges: list[Exchange], request: gr.Request
    ) -> Iterator[tuple[str, Messages, list[Exchange], Any]]:
        language = preferred(request.headers.get("accept-language"))
        question = question.strip()
        if not question:
            yield "", messages, exchanges, gr.skip()
            return
        number = len(exchanges) + 1
        shown: Messages = [*messages, {"role": "user", "content": escape(question)}]
        said: list[Sentence] = []
        panel: Any = gr.skip()
        try:
            for event in suroo.stream(question, _history(exchanges)).events():
                match event:
                    case Stage():
                        stage = word(f"stage.{event.name}", language, count=event.count)
                        reply = sentences_html(said, number, language, stage)
                    case Sentence():
                        said.append(event)
                        reply = sentences_html(said, number, language)
                    case Answer():
                        exchanges = [*exchanges, Exchange(number, question, event)]
                        reply = answer_html(event, number, language)
                        panel = panel_html(exchanges, _show(suroo), language)
                yield "", [*shown, _reply(reply)], exchanges, panel
        except SurooError as error:
            yield "", [*shown, _reply(escape(error.text(language)))], exchanges, panel

    def begin(request: gr.Request) -> tuple[str, Messages, list[Exchange], str]:
        language = preferred(request.headers.get("accept-language"))
        return _greeting(suroo, language), [], [], panel_html([], _show(suroo), language)

    page: gr.Blocks
    with gr.Blocks(title="Suroo", fill_height=True, analytics_enabled=False) as page:
        exchanges = gr.State([])
        greeting = gr.HTML(elem_id="greeting")
        with gr.Row(elem_id="main"):
            with gr.Column(scale=3, min_width=320):
                chat = gr.Chatbot(
                    elem_id="chat",
                    label=i18n("chat"),
                    height="60vh",
                    latex_delimiters=[],
                    buttons=["copy"],
                    group_consecutive_messages=False,
                )
                with gr.Row():
                    question = gr.Textbox(
                        elem_id="question",
                        label=i18n("question"),
                        placeholder=i18n("placeholder"),
                        lines=1,
                        max_lines=6,
                        autofocus=True,
                        scale=5,
                    )
                with gr.Row():
                    send = gr.Button(i18n("send"), variant="primary", elem_id="send")
                    stop = gr.Button(i18n("stop"), elem_id="stop")
                    clear = gr.Button(i18n("clear"), elem_id="clear")
            with gr.Column(scale=2, min_width=320):
                panel = gr.HTML(elem_id="sources")
        inputs = [question, chat, exchanges]
        outputs = [question, chat, exchanges, panel]
        asking = gr.on([question.submit, send.click], respond, inputs, outputs, api_visibility="private")
        stop.click(None, cancels=[asking], api_visibility="private")
        chat.clear(begin, None, [greeting, chat, exchanges, panel], api_visibility="private")
        clear.click(begin, None, [greeting, chat, exchanges, panel], api_visibility="private")
        page.load(begin, None, [greeting, chat, exchanges, panel], api_visibility="private")
    return page


def _reply(html: str) -> dict[str, Any]:
    return {"role": "assistant", "content": html}


def _history(exchanges: list[Exchange]) -> list[Turn]:
    return [turn for e in exchanges for turn in (Turn("user", e.question), Turn("assistant", e.answer.text))]


def _show(suroo: Assistant) -> Callable[[str], Document | None]:
    def show(id: str) -> Document | None:
        try:
            return suroo.show(id)
        except UnknownDocument:
            return None

    return show


def _greeting(suroo: Assistant, language: str) -> str:
    entries = suroo.list()
    welcome = word("welcome", language, count=count("documents", len(entries), language))
    samples = word("samples", language) if entries and all(e.sample for e in entries) else ""
    return (
        f'<h1>{word("title", language)}</h1><p>{word("tagline", language)}</p><p class="small">{welcome} {samples}</p>'
    )
