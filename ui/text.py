"""Text for HTML: what is not ours is escaped, character by character.

Whatever a document, its title, a file's name or a model says reaches the page as text: no markup, no link of its own.
"""

from __future__ import annotations

import re

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_WEB = re.compile(r"https?://[^\s<>\"'\\^`{}|]+", re.I)
# Letters of no width, controls, and marks that turn the direction of what stands around them.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def escape(text: str) -> str:
    """`text` for HTML: every ASCII punctuation mark as an entity, line breaks as <br>, nothing that is not seen."""
    return _entities(text).replace("\n", "<br>")


def attribute(text: str) -> str:
    """`text` for an attribute in double quotes."""
    return _entities(text).replace("\n", "&#10;")


def linked(text: str) -> str:
    """A source that is a web address as a link to it, anything else as text."""
    if _WEB.fullmatch(text):
        return f'<a href="{attribute(text)}" target="_blank" rel="noopener noreferrer">{escape(text)}</a>'
    return escape(text)


def is_web(text: str | None) -> bool:
    return bool(text and _WEB.fullmatch(text))


def button(label: str, event: str, *, kind: str = "", pressed: bool | None = None, **data: object) -> str:
    """A button that tells the page's script to trigger `event` with `data`."""
    given = "".join(f' data-{name}="{attribute(str(value))}"' for name, value in data.items())
    state = "" if pressed is None else f' aria-pressed="{str(pressed).lower()}"'
    return (
        f'<button type="button" class="{kind or "quiet"}" data-event="{event}"{given}{state}>{escape(label)}</button>'
    )


def copier(label: str, text: str, done: str) -> str:
    """A button that copies `text` and then says `done`."""
    return (
        f'<button type="button" class="quiet" data-copy="{attribute(text)}" data-done="{attribute(done)}">'
        f"{escape(label)}</button>"
    )


def _entities(text: str) -> str:
    return _PUNCTUATION.sub(lambda m: f"&#{ord(m.group())};", _UNSEEN.sub("", text))
