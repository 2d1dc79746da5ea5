"""The head of the page and the bar under the question, as HTML."""

from __future__ import annotations

from rag.messages import LANGUAGES
from ui.text import button, escape
from ui.words import word

OWN_NAME = {"en": "English", "ru": "Русский"}


def top_html(language: str, user: str | None) -> str:
    """The name, the switch of languages, and who is signed in."""
    switches = "".join(
        f'<button type="button" lang="{each}" data-language="{each}" aria-pressed="{str(each == language).lower()}">'
        f"{OWN_NAME[each]}</button>"
        for each in LANGUAGES
    )
    signed = ""
    if user:
        signed = (
            f'<form action="/logout" method="post" class="signed"><span>{escape(user)}</span>'
            f'<button class="quiet">{escape(word("sign_out", language))}</button></form>'
        )
    label = escape(word("interface", language))
    return f'<h1>{word("title", language)}</h1><nav aria-label="{label}">{switches}</nav>{signed}'


def bar_html(language: str) -> str:
    """What can be done with the conversation as a whole."""
    tools = [button(word("new", language), "new")]
    tools += [button(word(f"export_{form}", language), "export", form=form) for form in ("md", "docx")]
    return f'<div class="tools">{"".join(tools)}</div>'
