"""Word documents (.docx), by python-docx: paragraphs and tables in their order."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from rag.documents.content import Content
from rag.documents.decode import clean
from rag.documents.frontmatter import iso_date

MOST_UNPACKED = 256 * 1024 * 1024
_TEMPLATE = "python-docx"  # the author that the library's own template names; its date says nothing


def read_docx(data: bytes) -> Content:
    """A Word document. Headings become titles where the properties name none; items of a list begin with "• "."""
    import docx
    import lxml.etree
    from docx.opc.exceptions import PackageNotFoundError

    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return Content("", problem="encrypted")  # an OLE file: an encrypted docx, or the .doc of old
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            if sum(part.file_size for part in package.infolist()) > MOST_UNPACKED:
                return Content("", problem="bomb")
        document = docx.Document(io.BytesIO(data))
        properties = document.core_properties
        blocks = [block for block in _blocks(document) if block.strip()]
        title = (properties.title or "").strip() or _first_heading(document)
        date = None if properties.author == _TEMPLATE else iso_date(properties.created)
    except (
        zipfile.BadZipFile, zlib.error, PackageNotFoundError, lxml.etree.LxmlError, KeyError, ValueError, TypeError,
        AttributeError, IndexError, NotImplementedError, EOFError, OSError, RecursionError,
    ):  # fmt: skip
        return Content("", problem="damaged")
    return Content(clean("\n\n".join(blocks)), title=clean(title or "") or None, date=date)


def _blocks(document: Any) -> Iterator[str]:
    for item in document.iter_inner_content():
        if hasattr(item, "rows"):
            yield "\n".join(" | ".join(_cells(row)) for row in item.rows)
        else:
            listed = (item.style.name or "").startswith("List") if item.style is not None else False
            yield ("• " if listed and item.text.strip() else "") + item.text


def _cells(row: Any) -> list[str]:
    """The texts of a row; a merged cell comes once."""
    found: list[str] = []
    seen: set[int] = set()
    for cell in row.cells:
        if id(cell._tc) not in seen:
            seen.add(id(cell._tc))
            found.append(cell.text.strip())
    return found


def _first_heading(document: Any) -> str | None:
    for paragraph in document.paragraphs[:20]:
        name = paragraph.style.name or "" if paragraph.style is not None else ""
        if name.startswith(("Title", "Heading 1")) and paragraph.text.strip():
            return str(paragraph.text.strip())
    return None
