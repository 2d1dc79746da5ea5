"""Markdown, rendered to the plain text that a reader sees, so that a quotation has no markup in it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.documents.content import Content
from rag.documents.decode import decode
from rag.documents.frontmatter import split_front_matter

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")
ITEM = "• "


def read_markdown(data: bytes) -> Content:
    """A Markdown file. The title is the front matter's, or the first heading of the first level."""
    content = decode(data)
    if content.problem:
        return content
    content = split_front_matter(content)
    tokens = _PARSER.parse(content.text)
    return replace(content, text=plain_text(tokens), title=content.title or _first_heading(tokens))


def plain_text(tokens: list[Token]) -> str:
    """The text of parsed Markdown: blocks apart by a blank line, items by "• " on a line each, cells by " | "."""
    text = ""
    prefix = ""
    row: list[str] | None = None
    last_kind = ""
    for token in tokens:
        block, kind = None, ""
        match token.type:
            case "list_item_open":
                prefix = ITEM
            case "tr_open":
                row = []
            case "tr_close":
                block, row, kind = " | ".join(row or []), None, "row"
            case "inline" if row is not None:
                row.append(_inline(token))
            case "inline":
                block, kind, prefix = prefix + _inline(token), prefix and "item", ""
            case "fence" | "code_block":
                block = token.content.rstrip()
        if block and block.strip():
            text += ("\n" if kind and kind == last_kind else "\n\n") + block
            last_kind = kind
    return text.strip()


def _inline(token: Token) -> str:
    parts = []
    for child in token.children or []:
        match child.type:
            case "text" | "code_inline" | "image":
                parts.append(child.content)
            case "softbreak":
                parts.append(" ")
            case "hardbreak":
                parts.append("\n")
    return "".join(parts).strip()


def _first_heading(tokens: list[Token]) -> str | None:
    for opening, content in pairwise(tokens):
        if opening.type == "heading_open" and opening.tag == "h1":
            return _inline(content) or None
    return None
