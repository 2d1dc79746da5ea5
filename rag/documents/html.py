"""Articles in HTML, by trafilatura: the text of the article without the page around it."""

from __future__ import annotations

import re
from typing import Any

from rag.documents.content import Content
from rag.documents.decode import clean, decode
from rag.documents.frontmatter import iso_date

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{2,20})", re.I)


def read_html(data: bytes) -> Content:
    """A page. Title, date and outlet are its metadata's; a date that the text mentions is not the page's."""
    import lxml.etree
    import trafilatura

    source = _decode(data)
    if source.problem:
        return source
    try:
        found: Any = trafilatura.bare_extraction(
            source.text,
            with_metadata=True,
            include_comments=False,
            include_tables=True,
            include_links=False,
            include_images=False,
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
        text = found.text if found and found.text else trafilatura.html2txt(source.text)
    except (lxml.etree.LxmlError, ValueError, TypeError, AttributeError, RecursionError, AssertionError):
        return Content("", problem="damaged")
    if not found:
        return Content(clean(text or ""), notes=source.notes)
    return Content(
        clean(text or ""),
        title=found.title or None,
        date=iso_date(found.date),
        source=found.url or found.sitename or found.hostname or None,
        notes=source.notes,
    )


def _decode(data: bytes) -> Content:
    """The page's source by the character set that it declares, where it fits, else as any other text."""
    declared = _CHARSET.search(data[:4096])
    if declared:
        try:
            return Content(clean(data.decode(declared.group(1).decode("ascii"))))
        except (LookupError, UnicodeError):
            pass
    return decode(data)
