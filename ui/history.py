"""The conversations that the browser keeps, as HTML. It tells the page of them as JSON; here they are only shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ui.text import button, escape
from ui.words import count, day, word

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Kept:
    """One conversation: its id, its first question, when it began, how many questions it has."""

    id: str
    title: str
    started: str
    questions: int


def kept(text: object) -> list[Kept]:
    """What the browser says that it keeps, latest first; nothing where it says nonsense."""
    from pydantic import ValidationError

    try:
        found = _adapter().validate_json(text if isinstance(text, str) else "[]")
    except ValidationError:
        return []
    return sorted(found, key=lambda each: each.started, reverse=True)


def history_html(talks: list[Kept], current: str, language: str) -> str:
    """The list, with buttons to open, export and delete each."""
    lead = f'<p class="small">{escape(word("history_lead", language))}</p>'
    if not talks:
        return f'{lead}<p class="empty">{escape(word("no_history", language))}</p>'
    rows = "".join(_row(each, current, language) for each in talks)
    all_gone = button(word("forget_all", language), "forget", kind="quiet", talk="*")
    return f'{lead}<ul class="talks">{rows}</ul><p>{all_gone}</p>'


def _row(talk: Kept, current: str, language: str) -> str:
    about = f"{day(talk.started, language)} · {count('questions', talk.questions, language)}"
    here = f' <span class="tag">{escape(word("open_now", language))}</span>' if talk.id == current else ""
    tools = "".join(
        button(word(label, language), event, talk=talk.id, form=form)
        for label, event, form in (
            ("export_md", "export", "md"),
            ("export_docx", "export", "docx"),
            ("forget", "forget", ""),
        )
    )
    return (
        f"<li>{button(talk.title, 'open', kind='link', talk=talk.id)}{here}"
        f'<span class="about">{escape(about)}</span><span class="tools">{tools}</span></li>'
    )


def _adapter() -> TypeAdapter[list[Kept]]:
    from pydantic import TypeAdapter

    return TypeAdapter(list[Kept])
