"""Text of documents, models and questions, made into text and nothing else."""

from __future__ import annotations

import html
import re

# Control characters, and those that turn the direction of what stands around them.
_STEERING = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>()#+\-!|~&@:.$^]")  # a dot too: it makes lists and bare addresses


def escape(text: str) -> str:
    """For HTML, in text and in quoted attributes."""
    return html.escape(_STEERING.sub(" ", text), quote=True)


def escape_markdown(text: str) -> str:
    """For Markdown, on one line: whatever could mark something up stands behind a backslash.

    >>> escape_markdown("<b> [a](b)\\n# c")
    '\\\\<b\\\\> \\\\[a\\\\]\\\\(b\\\\) \\\\# c'
    """
    return _MARKDOWN.sub(lambda m: f"\\{m.group()}", " ".join(_STEERING.sub(" ", text).split()))
