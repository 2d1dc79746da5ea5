"""PDF, by pdfium: the text of the pages, without running heads, page numbers and broken lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from rag.documents.content import Content
from rag.documents.decode import clean
from rag.documents.frontmatter import iso_date

MOST_PAGES = 5_000
_PAGE_NUMBER = re.compile(
    r"\s*(?:[-–—|]\s*)?(?:page|стр\.?|страница)?\s*\d{1,4}(?:\s*(?:/|of|из)\s*\d{1,4})?(?:\s*[-–—|])?\s*", re.I
)
_DATE = re.compile(r"(?:D:)?(\d{4})(\d\d)(\d\d)")
_PASSWORD = 4  # FPDF_ERR_PASSWORD


def read_pdf(data: bytes) -> Content:
    """A PDF. One that is encrypted, damaged, or made of pictures says so by its `problem`."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        return Content("", problem="encrypted" if error.err_code == _PASSWORD else "damaged")
    try:
        read = [_page(document, n) for n in range(min(len(document), MOST_PAGES))]
        meta = document.get_metadata_dict()
    finally:
        document.close()
    pages = [page for page in read if page is not None]
    lost = len(read) - len(pages)
    text = "\n\n".join(unwrap(lines) for lines in without_running_heads(pages))
    if not text.strip():
        return Content("", problem="scanned" if pages else "damaged")
    date = _DATE.match(meta.get("CreationDate", ""))
    return Content(
        clean(text),
        title=clean(meta.get("Title", "")).strip() or None,
        date=iso_date("-".join(date.groups())) if date else None,
        notes=(("lost_pages", str(lost)),) if lost else (),
    )


def without_running_heads(pages: Sequence[list[str]]) -> list[list[str]]:
    """Pages without page numbers and without the lines that most pages begin or end with."""
    edges = Counter(_alike(line) for page in pages for line in dict.fromkeys([*page[:2], *page[-2:]]))
    often = {line for line, n in edges.items() if len(pages) >= 3 and n >= max(3, 0.6 * len(pages))}
    kept = []
    for page in pages:
        last = len(page) - 1
        kept.append(
            [
                line
                for i, line in enumerate(page)
                if not ((i < 2 or i > last - 2) and (_alike(line) in often or _PAGE_NUMBER.fullmatch(line)))
            ]
        )
    return kept


def unwrap(lines: Sequence[str]) -> str:
    """Lines of a page as paragraphs: a line that was full goes on in the next; a word broken at its end is joined."""
    width = max((len(line) for line in lines), default=0)
    text = ""
    previous = 0  # the length of the line before, 0 where a paragraph ended
    for line in lines:
        bare = line.strip()
        if not bare:
            previous = 0
            continue
        if not previous:
            text += ("\n\n" if text else "") + bare
        elif text.endswith(("-", "\u2010", "\u0002", "\u00ad")) and bare[0].islower():
            text = text[:-1] + bare
        elif previous > 0.7 * width or bare[0].islower():
            text += " " + bare
        else:
            text += "\n" + bare
        previous = len(line)
    return text


def _page(document: object, number: int) -> list[str] | None:
    """The lines of a page, None for one that is damaged."""
    import pypdfium2

    try:
        page = document[number]  # type: ignore[index]
        text = page.get_textpage().get_text_bounded()
        page.close()
    except pypdfium2.PdfiumError:
        return None
    return text.replace("\r\n", "\n").replace("\ufffe", "\u00ad").split("\n") if text.strip() else []


def _alike(line: str) -> str:
    """A line with its numbers made alike, since a running head may count the pages."""
    return re.sub(r"\d+", "0", line.strip())
