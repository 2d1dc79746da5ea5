"""Answers as HTML. Pure functions of what they are given; what is not ours is escaped, character by character.

Whatever a document, its title or a model says reaches the page as text: no markup, no Markdown, no link of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.types import Answer, Citation, Document, Sentence
from ui.words import word

CONTEXT = 400  # characters shown before and after a quotation
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_WEB = re.compile(r"https?://[^\s<>\"']+", re.I)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question of a conversation and its answer, numbered from 1 in the page."""

    number: int
    question: str
    answer: Answer


def escape(text: str) -> str:
    """`text` for HTML and for Markdown both: every ASCII punctuation mark as an entity, line breaks as <br>."""
    return _PUNCTUATION.sub(lambda m: f"&#{ord(m.group())};", text).replace("\n", "<br>")


def anchor(exchange: int, citation: int) -> str:
    """The element id of a citation's entry in the panel."""
    return f"src-{exchange}-{citation}"


def sentences_html(sentences: Sequence[Sentence], exchange: int, language: str, tail: str = "") -> str:
    """The sentences of an answer, with their citations as links into the panel; `tail` is shown last, as a state."""
    parts = [_sentence(s, exchange, language) for s in sentences]
    if tail:
        parts.append(f'<span class="stage">{escape(tail)}</span>')
    return f'<div class="answer">{" ".join(parts)}</div>'


def answer_html(answer: Answer, exchange: int, language: str) -> str:
    """A whole answer, its notices after it."""
    notices = "".join(f'<div class="notice">{escape(n.text)}</div>' for n in answer.notices)
    return sentences_html(answer.sentences, exchange, language)[: -len("</div>")] + notices + "</div>"


def panel_html(exchanges: Sequence[Exchange], show: Callable[[str], Document | None], language: str) -> str:
    """The sources of a conversation, latest exchange first; `show` gives a document by id, None where it is gone."""
    groups = []
    for exchange in reversed(exchanges):
        if exchange.answer.citations:
            entries = "".join(
                _entry(c, exchange.number, show(c.document_id), language) for c in exchange.answer.citations
            )
            groups.append(f'<section><h3 class="asked">{escape(exchange.question)}</h3>{entries}</section>')
    heading = f"<h2>{escape(word('sources', language))}</h2>"
    return heading + ("".join(groups) or f'<p class="empty">{escape(word("no_sources", language))}</p>')


def _sentence(sentence: Sentence, exchange: int, language: str) -> str:
    text = escape(sentence.text)
    if sentence.quoted:
        opening, closing = "«»" if sentence.language == "ru" else "“”"
        text = f'<q lang="{sentence.language}">{opening}{text}{closing}</q>'
    links = "".join(f'<a class="citation" href="#{anchor(exchange, n)}">[{n}]</a>' for n in sentence.citations)
    if sentence.support in ("weak", "unsupported"):
        why = escape(word(sentence.support, language, why=sentence.why or ""))
        return f'<span class="{sentence.support}">{text} {links}<small class="why"> ({why})</small></span>'
    return f"<span>{text} {links}</span>" if links else f"<span>{text}</span>"


def _entry(citation: Citation, exchange: int, document: Document | None, language: str) -> str:
    about = [citation.date, citation.source, word(f"language.{citation.language}", language)]
    meta = " · ".join(_linked(part) for part in about if part)
    if document is None or document.text[citation.start : citation.end] != citation.quote:
        body = f"<mark>{escape(citation.quote)}</mark><p>{escape(word('gone', language))}</p>"
    else:
        before, after = _around(document.text, citation.start, citation.end)
        body = f"{escape(before)}<mark>{escape(citation.quote)}</mark>{escape(after)}"
    return (
        f'<details id="{anchor(exchange, citation.number)}" tabindex="-1"><summary><b>[{citation.number}]</b> '
        f"{escape(citation.title or citation.path or citation.document_id)}</summary>"
        f'<p class="about">{meta}</p><blockquote lang="{citation.language}">{body}</blockquote></details>'
    )


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after `text[start:end]`, up to `CONTEXT` characters, cut between words."""
    before, after = text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
    if start > CONTEXT:
        before = "…" + before[before.find(" ") + 1 :]
    if end + CONTEXT < len(text):
        after = after[: after.rfind(" ") + 1] + "…"
    return before, after


def _linked(text: str) -> str:
    """A source that is a web address as a link to it, anything else as text."""
    if _WEB.fullmatch(text):
        return f'<a href="{escape(text)}" target="_blank" rel="noopener noreferrer">{escape(text)}</a>'
    return escape(text)
