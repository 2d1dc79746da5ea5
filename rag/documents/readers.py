"""One reader a format: bytes to `Content`. A format is a function and a line in `READERS`.

A reader never raises for what is in a file: what it can't read, it names in `Content.problem`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rag.documents.content import MOST_CHARACTERS, Content
from rag.documents.dateline import with_dateline
from rag.documents.docx import read_docx
from rag.documents.furniture import without_furniture
from rag.documents.html import read_html
from rag.documents.markdown import read_markdown
from rag.documents.pdf import read_pdf
from rag.documents.plain import read_plain
from rag.documents.rtf import read_rtf

READERS: dict[str, Callable[[bytes], Content]] = {
    ".txt": read_plain,
    ".md": read_markdown,
    ".html": read_html,
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".rtf": read_rtf,
}
ALIASES = {".htm": ".html", ".xhtml": ".html", ".markdown": ".md", ".text": ".txt"}
TRUSTED = {".txt"}  # read in this process; the others are read in a child


def read(format: str, data: bytes) -> Content:
    """The content of a file without page furniture, with the date and the source that its text states of itself."""
    content = READERS[format](data)
    if content.problem or len(content.text) > MOST_CHARACTERS:
        return content
    return with_dateline(replace(content, text=without_furniture(content.text)))


def format_of(suffix: str, data: bytes) -> str:
    """The format to read a file as: what its first bytes say, else its suffix, in lower case.

    A PDF, a Word or a rich text file has a signature, so a wrong suffix does no harm.
    """
    head = data[:1024].lstrip()
    if data[:1024].find(b"%PDF-") >= 0 and not head[:1].isalpha():
        return ".pdf"
    if head.startswith(b"{\\rtf"):
        return ".rtf"
    if data.startswith(b"PK\x03\x04") and b"word/" in data:
        return ".docx"
    if suffix in (".txt", ".pdf", ".docx", ".rtf") and head[:15].lower().startswith((b"<!doctype html", b"<html")):
        return ".html"
    return ALIASES.get(suffix, suffix)
