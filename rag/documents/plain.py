"""Plain text."""

from __future__ import annotations

from rag.documents.content import Content
from rag.documents.decode import decode
from rag.documents.frontmatter import split_front_matter


def read_plain(data: bytes) -> Content:
    """A text file, with or without front matter."""
    content = decode(data)
    return content if content.problem else split_front_matter(content)
