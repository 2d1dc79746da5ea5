"""Rich text (.rtf), by striprtf."""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.documents.content import Content
from rag.documents.decode import clean

_TITLE = re.compile(r"\{\\title\s+((?:[^{}\\]|\\'[0-9a-fA-F]{2}|\\u-?\d+\s?\??)*)\}")


def read_rtf(data: bytes) -> Content:
    """A rich text file; its code page is the one that it names."""
    from striprtf import striprtf

    rtf_to_text: Callable[..., str] = striprtf.rtf_to_text
    if not data.lstrip()[:6].startswith(b"{\\rtf"):
        return Content("", problem="damaged")
    source = data.decode("latin-1")
    header = source[: source.find("\\pard")] if "\\pard" in source else source[:2000]
    try:
        text = rtf_to_text(source, errors="replace")
        found = _TITLE.search(source[:50_000])
        prefix = re.match(r"\{\\rtf1?(?:\\[a-z]+-?\d*)*", header)
        title = rtf_to_text((prefix.group() if prefix else "{\\rtf1") + " " + found.group(1) + "}") if found else ""
    except (ValueError, TypeError, KeyError, IndexError, LookupError, AttributeError, OverflowError, RecursionError):
        return Content("", problem="damaged")
    return Content(clean(text), title=clean(title).strip() or None)
