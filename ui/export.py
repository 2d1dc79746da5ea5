"""A conversation as a file: Markdown or Word, its references numbered through and listed at the end."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.messages import in_quotation_marks
from rag.types import Citation
from ui.citing import address, reference
from ui.conversation import Conversation, Exchange
from ui.words import day, word

MARKDOWN, WORD = "md", "docx"
_TYPES = {
    MARKDOWN: "text/markdown;charset=utf-8",
    WORD: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+!|~&$-])")
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of an exported answer: text, references as numbered in the whole conversation, and a doubt."""

    text: str
    numbers: tuple[int, ...]
    doubt: str | None


def numbered(talk: Conversation) -> tuple[dict[tuple[int, int], int], list[Citation]]:
    """References of a conversation: the number of each (exchange, citation), and one citation a number.

    The same words of the same document have one number throughout.
    """
    numbers: dict[tuple[int, int], int] = {}
    places: dict[tuple[str, int, int], int] = {}
    listed: list[Citation] = []
    for exchange in talk.exchanges:
        for c in exchange.answer.citations:
            place = (c.document_id, c.start, c.end)
            if place not in places:
                listed.append(c)
                places[place] = len(listed)
            numbers[exchange.number, c.number] = places[place]
    return numbers, listed


def exported(talk: Conversation, form: str, language: str) -> str:
    """The file as JSON for the page's script to save: name, type, and content in base64."""
    data = docx(talk, language) if form == WORD else markdown(talk, language).encode()
    form = WORD if form == WORD else MARKDOWN
    name = f"suroo-{talk.started[:10]}-{talk.id[:4]}.{form}"
    return json.dumps({"name": name, "type": _TYPES[form], "data": base64.b64encode(data).decode()})


def markdown(talk: Conversation, language: str) -> str:
    """A conversation in Markdown; whatever could be markup in what is not ours is escaped."""
    numbers, listed = numbered(talk)
    parts = [f"# {word('exported', language)}", day(talk.started, language)]
    for exchange in talk.exchanges:
        parts.append(f"## {_plain(exchange.question)}")
        for line in _lines(exchange, numbers, language):
            marks = "".join(f"[^{n}]" for n in line.numbers)
            parts.append(f"{_plain(line.text)}{marks}" + (f" *({_plain(line.doubt)})*" if line.doubt else ""))
        parts += [f"> {_plain(n.text)}" for n in exchange.answer.notices if n.code != "suggestion"]
    if listed:
        parts.append(f"## {word('sources', language)}")
        parts += [
            f"[^{n}]: {_plain(reference(c, language))} {_plain(in_quotation_marks(c.quote, c.language))}"
            for n, c in enumerate(listed, 1)
        ]
    return "\n\n".join(parts) + "\n"


def docx(talk: Conversation, language: str) -> bytes:
    """A conversation as a Word document."""
    from docx import Document as new_document

    numbers, listed = numbered(talk)
    document = new_document()
    document.core_properties.title = word("exported", language)
    document.core_properties.author = ""
    document.add_heading(word("exported", language), 1)
    document.add_paragraph(day(talk.started, language))
    for exchange in talk.exchanges:
        document.add_heading(_xml(exchange.question), 2)
        for line in _lines(exchange, numbers, language):
            paragraph = document.add_paragraph(_xml(line.text))
            for n in line.numbers:
                paragraph.add_run(f" [{n}]")
            if line.doubt:
                paragraph.add_run(f" ({_xml(line.doubt)})").italic = True
        for notice in exchange.answer.notices:
            if notice.code != "suggestion":
                document.add_paragraph().add_run(_xml(notice.text)).italic = True
    if listed:
        document.add_heading(word("sources", language), 2)
    for n, c in enumerate(listed, 1):
        where = address(c)
        cited = f"[{n}] {reference(c, language)} {in_quotation_marks(c.quote, c.language)}"
        document.add_paragraph(_xml(cited if not where or where in cited else f"{cited} {where}"))
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _lines(exchange: Exchange, numbers: dict[tuple[int, int], int], language: str) -> Iterator[Line]:
    for s in exchange.answer.sentences:
        cited = tuple(numbers[exchange.number, n] for n in s.citations if (exchange.number, n) in numbers)
        text = in_quotation_marks(s.text, s.language) if s.quoted else s.text
        doubt = word(s.support, language, why=s.why or "") if s.support in ("weak", "unsupported") else None
        yield Line(text, cited, doubt)


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _xml(text: str) -> str:
    return _NOT_XML.sub("", text)
