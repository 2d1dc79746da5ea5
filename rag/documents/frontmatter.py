"""Front matter: the YAML block that a Markdown or text file may open with."""

from __future__ import annotations

import datetime
from dataclasses import replace

import frontmatter
import yaml

from rag.documents.content import Content

LONGEST = 20_000  # characters: a block that goes on longer is not front matter


def split_front_matter(content: Content) -> Content:
    """`content` with what its front matter says, and the text after it. A block that is no YAML mapping stays text."""
    if not content.text.startswith("---") or "\n---" not in content.text[:LONGEST]:
        return content
    try:
        post = frontmatter.loads(content.text)
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, RecursionError):
        return content
    if not post.metadata:
        return content
    meta = {str(key).lower(): value for key, value in post.metadata.items()}
    return replace(
        content,
        text=post.content,
        title=_text(meta.get("title")),
        date=iso_date(meta.get("date")),
        source=_text(meta.get("source")),
    )


def iso_date(value: object) -> str | None:
    """An ISO date out of what a parser makes of a date, or None."""
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    try:
        return datetime.date.fromisoformat(str(value).strip()[:10]).isoformat()
    except ValueError:
        return None


def _text(value: object) -> str | None:
    return str(value).strip() or None if isinstance(value, str | int | float) else None
