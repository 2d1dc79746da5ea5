"""A conversation as HTML. Pure functions of what they are given; `ui/text.py` keeps what is not ours harmless."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answering.answer import with_markers
from rag.messages import in_quotation_marks
from rag.types import Answer, Sentence
from ui.citing import reference
from ui.conversation import Conversation, Exchange
from ui.text import attribute, button, copier, escape
from ui.words import word


def anchor(exchange: int, citation: int) -> str:
    """The element id of a citation's entry in the panel."""
    return f"src-{exchange}-{citation}"


def conversation_html(talk: Conversation, language: str, examples: Sequence[str] = ()) -> str:
    """All exchanges; of an empty conversation, what can be asked."""
    if talk.exchanges:
        last = len(talk.exchanges)
        return "".join(exchange_html(e, language, last=e.number == last) for e in talk.exchanges)
    asked = "".join(button(q, "ask", kind="example", question=q) for q in examples)
    lead = word("examples" if examples else "no_examples", language)
    return f'<div class="blank"><p>{escape(word("tagline", language))}</p><p class="small">{lead}</p>{asked}</div>'


def exchange_html(exchange: Exchange, language: str, *, stage: str = "", last: bool = False) -> str:
    """One question and its answer; while it is being written, with the `stage` that it is at and no tools."""
    n = exchange.number
    edit = "" if stage else button(word("edit", language), "act", action="edit", turn=n)
    tools = "" if stage else _tools(exchange, language, last)
    return (
        f'<article class="turn" id="turn-{n}"><div class="asked"><h3>{escape(exchange.question)}</h3>{edit}</div>'
        f"{answer_html(exchange.answer, n, language, stage)}{tools}</article>"
    )


def answer_html(answer: Answer, exchange: int, language: str, stage: str = "") -> str:
    """The sentences of an answer with their citations as links into the panel, then its notices, then the `stage`."""
    parts = [_sentence(s, answer, exchange, language) for s in answer.sentences]
    for notice in answer.notices:
        if notice.code == "suggestion":
            parts.append(button(notice.text, "ask", kind="example", question=notice.text))
        else:
            fault = " fault" if answer.status in ("failed", "incomplete") else ""
            parts.append(f'<p class="notice{fault}">{escape(notice.text)}</p>')
    if stage:
        parts.append(f'<p class="stage">{escape(stage)}</p>')
    kind = escape(answer.status).replace("&#95;", "-")
    return f'<div class="answer {kind}" lang="{_lang(answer.language)}">{"".join(parts)}</div>'


def plain(answer: Answer, language: str) -> str:
    """An answer as text, its sources after it."""
    lines = [with_markers(s) for s in answer.sentences]
    sources = [f"[{c.number}] {reference(c, language)}" for c in answer.citations]
    return "\n".join([*lines, "", *sources] if sources else lines)


def _sentence(sentence: Sentence, answer: Answer, exchange: int, language: str) -> str:
    text = escape(sentence.text)
    if sentence.quoted:
        text = f'<q lang="{_lang(sentence.language)}">{in_quotation_marks(text, sentence.language)}</q>'
    links = "".join(_link(n, answer, exchange, language) for n in sentence.citations)
    text = f"{text}&nbsp;{links}" if links else text
    if sentence.support in ("weak", "unsupported"):
        why = escape(word(sentence.support, language, why=sentence.why or ""))
        return f'<p class="{sentence.support}">{text}<small class="why">{why}</small></p>'
    return f"<p>{text}</p>"


def _link(n: int, answer: Answer, exchange: int, language: str) -> str:
    title = next((c.title or c.path or "" for c in answer.citations if c.number == n), "")
    label = attribute(word("source_n", language, n=n, title=title))
    return (
        f'<a class="citation" href="#{anchor(exchange, n)}" aria-label="{label}" title="{attribute(title)}">[{n}]</a>'
    )


def _tools(exchange: Exchange, language: str, last: bool) -> str:
    n, verdict = exchange.number, exchange.verdict
    tools = [copier(word("copy", language), plain(exchange.answer, language), word("copied", language))]
    if last:
        tools.append(button(word("retry", language), "ask", action="retry", turn=n))
    for value in ("good", "bad"):
        tools.append(button(word(value, language), "act", action=value, turn=n, pressed=verdict == value))
    form = _feedback(exchange, language) if verdict and not exchange.gold else ""
    if exchange.gold:
        tools.append(f'<span class="done">{escape(word("is_gold", language))}</span>')
    return f'<div class="tools">{"".join(tools)}</div>{form}'


def _feedback(exchange: Exchange, language: str) -> str:
    """What a reader may add to a verdict: a comment, the right answer, and that it is to be a gold question."""
    n = exchange.number
    comment = f'<label>{escape(word("comment", language))}<input name="comment" autocomplete="off"></label>'
    correct = ""
    if exchange.verdict == "bad":
        correct = f'<label>{escape(word("correct", language))}<textarea name="correct" rows="2"></textarea></label>'
    send = button(word("send_comment", language), "act", kind="small-button", action="comment", turn=n)
    gold = button(word("make_gold", language), "act", kind="small-button", action="gold", turn=n)
    return f'<form class="feedback">{comment}{correct}<div>{gold}{send}</div></form>'


def _lang(language: str) -> str:
    return language if language in ("en", "ru") else "und"
