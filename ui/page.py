"""The page: what stands where, and which event changes what. `ui/*.py` beside it make the HTML."""

from __future__ import annotations

import os
from importlib import resources
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported

import gradio as gr

from rag.assistant import Assistant
from ui.chat import Chat
from ui.shelf import Shelf
from ui.words import words

I18N = gr.I18n(en=words("en"), ru=words("ru"))
ASKING = 8  # questions answered at once where a model is waited for; the rest wait
COMPUTING = 3  # without one: Python computes one at a time, and more threads only get in each other's way
WAITING = 64  # how many may wait; who comes then is told that the page is busy
_PARTS = "element, trigger"


def html(id: str, *events: str, on_value: str = "", **options: Any) -> gr.HTML:
    """HTML of ours whose buttons trigger `events`; `on_value` is JavaScript for when it changes."""
    script = f"suroo.connect({_PARTS}); /* {' '.join(repr(e) for e in events)} */"
    if on_value:
        script += f"watch('value', () => {{ {on_value} }});"
    return gr.HTML(elem_id=id, js_on_load=script, apply_default_css=False, **options)


def build(suroo: Assistant) -> gr.Blocks:  # noqa: PLR0915 - one statement a thing on the page
    """The page over `suroo`, not yet served."""
    i18n = I18N
    chat, shelf = Chat(suroo), Shelf(suroo)
    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    listed: dict[str, Any] = {**private, "queue": False}
    page: gr.Blocks
    with gr.Blocks(title="Suroo", fill_height=True, analytics_enabled=False, delete_cache=(600, 3600)) as page:
        talk = gr.State(chat.new())
        editing = gr.State(None)
        waiting = gr.State([])  # what is to be replaced or removed once the reader has said yes
        inbox = gr.Textbox(visible="hidden", elem_id="inbox")
        keep = html("keep", on_value="suroo.keep(props.value)", html_template="", visible="hidden")
        file = html("file", on_value="suroo.download(props.value)", html_template="", visible="hidden")
        view = html("view", on_value="suroo.show(props.value)", html_template="", visible="hidden")
        top = html("top")
        reader = html("reader", on_value="suroo.open(element)")
        with gr.Tabs(elem_id="views"):
            with gr.Tab(i18n("tab.ask"), elem_id="view-ask"), gr.Row(elem_id="main"):
                with gr.Column(scale=3, min_width=320):
                    with gr.Column(elem_id="chat"):
                        past = html("past", "ask", "act", on_value="suroo.follow()")
                        live = html("live", on_value="suroo.follow()")
                    hint = html("hint", "act")
                    with gr.Row(elem_id="asking"):
                        question = gr.Textbox(
                            elem_id="question", label=i18n("question"), placeholder=i18n("placeholder"),
                            lines=1, max_lines=6, autofocus=True, show_label=False, container=False, scale=6,
                        )  # fmt: skip
                        send = gr.Button(i18n("send"), variant="primary", elem_id="send", min_width=110, scale=0)
                        stop = gr.Button(i18n("stop"), elem_id="stop", min_width=110, scale=0, visible=False)
                    bar = html("bar", "new", "export")
                    filtered = html("filtered", "clear")
                    with gr.Accordion(i18n("filters"), open=False, elem_id="filters"):
                        with gr.Row():
                            languages = gr.CheckboxGroup([], label=i18n("filter.languages"), elem_id="languages")
                            since = gr.DateTime(
                                include_time=False, type="string", label=i18n("filter.since"), elem_id="since"
                            )
                            until = gr.DateTime(
                                include_time=False, type="string", label=i18n("filter.until"), elem_id="until"
                            )
                        documents = gr.Dropdown(
                            [], label=i18n("filter.documents"), multiselect=True, elem_id="documents"
                        )
                with gr.Column(scale=2, min_width=320):
                    sources = html("sources", "read")
            with gr.Tab(i18n("tab.library"), elem_id="view-library") as library_tab, gr.Row(elem_id="shelf"):
                with gr.Column(scale=3, min_width=320):
                    sought = gr.Textbox(
                        elem_id="sought", label=i18n("search_library"), placeholder=i18n("search_hint"), max_lines=1
                    )
                    confirm = html("confirm", "replace", "removal")
                    library = html("library", "read", "drop", "only")
                with gr.Column(scale=1, min_width=280):
                    upload = gr.File(elem_id="upload", label=i18n("upload"), file_count="multiple", height=180)
                    limits = html("limits")
                    report = html("report")
            with gr.Tab(i18n("tab.history"), elem_id="view-history") as history_tab:
                history = html("history", "open", "forget", "export")

        filters = [languages, since, until, documents]
        conversation = [past, live, sources, talk, editing, hint, keep]
        busy = [question, send, stop]
        around = [bar, filtered, *filters, limits]
        at_once = ASKING if suroo.settings.chat_model or suroo.settings.embedding_model else COMPUTING
        ask: dict[str, Any] = {"concurrency_limit": at_once, "concurrency_id": "ask", **private}

        page.load(chat.begin, inbox, [top, *conversation, *around], js="() => suroo.current()", **listed)
        asking = gr.on(
            [question.submit, send.click], chat.ask, [question, talk, editing, *filters], [*conversation, *busy], **ask
        )
        again = past.ask(chat.ask_again, [talk, *filters], [*conversation, *busy], **ask)
        stop.click(chat.stop, talk, [*conversation, *busy], cancels=[asking, again], **listed)
        # In the queue, since only there a handler can say something beside the page.
        said: dict[str, Any] = {"concurrency_limit": None, **private}
        past.act(chat.act, [talk, question], [*conversation, question], **said)
        hint.act(chat.act, [talk, question], [*conversation, question], **said)
        bar.new(chat.renew, None, [*conversation, question], **listed)
        bar.export(chat.export, talk, file, **listed)
        changed = [languages.input, since.change, until.change, documents.input]
        gr.on(changed, chat.filter, filters, filtered, **listed)
        filtered.clear(chat.unfilter, None, [filtered, *filters], **listed)

        sources.read(chat.read, None, reader, **said)
        library.read(chat.read, None, reader, **said)
        history_tab.select(chat.history, [inbox, talk], history, js="(_, talk) => [suroo.talks(), talk]", **listed)
        history.open(chat.reopen, None, [*conversation, view], **listed)
        history.forget(chat.forget, talk, [history, *conversation], **listed)
        history.export(chat.export_kept, None, file, **listed)

        shown = [library, filtered, *filters]
        chosen = [sought, *filters]
        adding: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "add", **private}
        library_tab.select(shelf.refresh, chosen, shown, **listed)
        sought.change(shelf.search, sought, library, trigger_mode="always_last", **listed)
        uploaded = upload.upload(shelf.add, [upload, *chosen], [upload, report, confirm, waiting, *shown], **adding)
        library.drop(shelf.ask_removal, sought, [confirm, waiting], **listed)
        library.only(shelf.only, filters, [view, filtered, *filters], **listed)
        replaced = confirm.replace(shelf.replace, [waiting, *chosen], [report, confirm, waiting, *shown], **adding)
        removed = confirm.removal(shelf.remove, [waiting, *chosen], [report, confirm, waiting, *shown], **adding)
        for changed_library in (uploaded, replaced, removed):  # somebody may have searched meanwhile
            changed_library.then(shelf.search, sought, library, **listed)
    return page


def looks() -> dict[str, Any]:
    """How the page looks and what runs in it, for gradio to serve."""
    assets = resources.files("ui")
    return {
        "css": assets.joinpath("page.css").read_text("utf-8"),
        "head": f"<script>{assets.joinpath('page.js').read_text('utf-8')}</script>",
        "theme": gr.themes.Base(
            primary_hue="teal", neutral_hue="slate", radius_size="sm", spacing_size="sm",
            font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"],
        ),
        "i18n": I18N,
        "footer_links": [],
    }  # fmt: skip
