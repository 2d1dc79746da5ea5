"""The panel of sources and the reader of a document, as HTML."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from rag.types import Citation, Document, Sentence
from ui.citing import about, address, name, note
from ui.conversation import Conversation
from ui.render import anchor
from ui.text import attribute, button, copier, escape, linked
from ui.words import word

CONTEXT = 400  # characters shown before and after a quotation
READ = 200_000  # characters of a document that the reader shows


def panel_html(talk: Conversation, show: Callable[[str], Document | None], language: str) -> str:
    """The sources of a conversation, latest exchange first; `show` gives a document by id, None where it is gone."""
    groups = []
    for exchange in reversed(talk.exchanges):
        answer = exchange.answer
        if answer.citations:
            entries = "".join(
                _entry(c, exchange.number, answer.sentences, show(c.document_id), language) for c in answer.citations
            )
            groups.append(f'<section><h3 class="asked">{escape(exchange.question)}</h3>{entries}</section>')
    heading = f"<h2>{escape(word('sources', language))}</h2>"
    return heading + ("".join(groups) or f'<p class="empty">{escape(word("no_sources", language))}</p>')


def reader_html(document: Document, language: str, start: int = 0, end: int = 0) -> str:
    """A whole document in a dialog, `start:end` highlighted. Each call gives other HTML, so that it opens again."""
    first = max(0, start - READ // 2)
    text = document.text[first : first + READ]
    a, b = start - first, end - first
    marked = f"<mark>{escape(text[a:b])}</mark>" if b > a else ""
    cut = ("…", "…" if first + READ < len(document.text) else "")
    body = f"{cut[0] if first else ''}{escape(text[:a])}{marked}{escape(text[max(a, b) :])}{cut[1]}"
    meta = " · ".join(linked(part) for part in about(document, language))
    close = f'<button type="button" class="quiet" data-close>{escape(word("close", language))}</button>'
    return (
        f'<dialog aria-labelledby="reader-title" data-opened="{secrets.token_hex(4)}"><header>'
        f'<h2 id="reader-title">{escape(name(document))}</h2>{close}</header><p class="about">{meta}</p>'
        f'<div class="text" tabindex="0" lang="{document.language if document.language in ("en", "ru") else "und"}">'
        f"{body}</div></dialog>"
    )


def _entry(
    citation: Citation, exchange: int, sentences: Sequence[Sentence], document: Document | None, language: str
) -> str:
    lang = citation.language if citation.language in ("en", "ru") else "und"
    quote = f"<mark>{escape(citation.quote)}</mark>"
    tools = [copier(word("copy_cited", language), note(citation, sentences, language), word("copied", language))]
    if document is None or document.text[citation.start : citation.end] != citation.quote:
        body = f'<blockquote lang="{lang}">{quote}</blockquote><p class="gone">{escape(word("gone", language))}</p>'
    else:
        before, after = _around(document.text, citation.start, citation.end)
        body = f'<blockquote lang="{lang}">{escape(before)}{quote}{escape(after)}</blockquote>'
        label, id = word("open_document", language), citation.document_id
        tools.append(button(label, "read", document=id, start=citation.start, end=citation.end))
    if original := address(citation):
        label = escape(word("original", language))
        tools.append(f'<a href="{attribute(original)}" target="_blank" rel="noopener noreferrer">{label}</a>')
    tools.append(f'<button type="button" class="quiet" data-back>{escape(word("back", language))}</button>')
    meta = escape(" · ".join(about(citation, language)))
    return (
        f'<details id="{anchor(exchange, citation.number)}"><summary><b>[{citation.number}]</b> '
        f'{escape(name(citation) or citation.document_id)}<span class="about">{meta}</span>'
        f'<span class="preview" lang="{lang}">{escape(citation.quote)}</span></summary>'
        f'{body}<div class="tools">{"".join(tools)}</div></details>'
    )


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after `text[start:end]`, up to `CONTEXT` characters, cut between words."""
    before, after = text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
    if start > CONTEXT:
        before = "…" + before[before.find(" ") + 1 :]
    if end + CONTEXT < len(text):
        after = after[: after.rfind(" ") + 1] + "…"
    return before, after
