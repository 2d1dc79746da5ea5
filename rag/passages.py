"""A document cut into passages: runs of whole sentences, with exact offsets."""

from __future__ import annotations

from rag.text.language import text_language
from rag.text.sentences import sentences
from rag.text.words import letters
from rag.types import Document, Passage

TARGET = 800  # characters: a passage is closed before the sentence that would take it past this
LONGEST = 2000  # a single sentence longer than this is cut, at white space where there is some


def split(document: Document) -> list[Passage]:
    """The passages of `document`, in order. They do not overlap, and only white space lies between them."""
    passages = []
    for n, (start, end) in enumerate(_spans(document.text)):
        text = document.text[start:end]
        passages.append(
            Passage(passage_id(document, n), document.id, start, end, text, _language(text, document.language))
        )
    return passages


def passage_id(document: Document, n: int) -> str:
    """An id that names the version of the document too, so that passages of two versions never mix."""
    return f"{document.id}-{(document.sha256 or '')[:8]}-{n:05d}"


def version_of(passage_id: str) -> str:
    """The beginning of the hash of the document version that a passage belongs to."""
    return passage_id.split("-")[1]


def _spans(text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    last: list[tuple[int, int]] = []  # the pieces of the last span
    for start, end in (piece for s in sentences(text) for piece in _pieces(text, *s)):
        if spans and end - spans[-1][0] <= TARGET:
            spans[-1] = (spans[-1][0], end)
            last.append((start, end))
            continue
        if len(last) > 1 and text[last[-1][0] : last[-1][1]].endswith(":") and end - last[-1][0] <= LONGEST:
            # What opens a list goes with its items.
            opening = last.pop()
            spans[-1] = (spans[-1][0], last[-1][1])
            spans.append((opening[0], end))
            last = [opening, (start, end)]
        else:
            spans.append((start, end))
            last = [(start, end)]
    return spans


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A sentence that is too long, in pieces of at most `LONGEST` characters."""
    pieces = []
    while end - start > LONGEST:
        cut = max(text.rfind(" ", start, start + LONGEST), text.rfind("\n", start, start + LONGEST))
        if cut <= start:
            cut = start + LONGEST
        pieces.append((start, cut))
        start = cut + (1 if text[cut : cut + 1].isspace() else 0)
    return [*pieces, (start, end)]


def _language(text: str, of_document: str | None) -> str:
    """A passage is in its document's language unless its letters are mostly of the other script."""
    cyrillic, latin = letters(text)
    if of_document in ("en", "ru") and (cyrillic > latin) == (of_document == "ru"):
        return of_document
    return text_language(text)
