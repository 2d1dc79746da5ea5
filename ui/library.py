"""The library as HTML: what is in it, what became of what was added, what is about to be replaced or removed."""

from __future__ import annotations

from collections.abc import Sequence

from rag.documents import MOST_BYTES, SUFFIXES
from rag.types import Entry, Outcome
from ui.citing import name
from ui.text import attribute, button, escape
from ui.words import count, day, number, word

MOST_FILES = 50  # added at a time
EACH_MB = MOST_BYTES // 1024**2
ROWS = 200  # documents that are listed; the search finds the others


def matching(entries: Sequence[Entry], sought: str) -> list[Entry]:
    """The entries whose title, name, outlet or date has every word of `sought`."""
    wanted = sought.casefold().split()
    return [e for e in entries if all(w in _words(e) for w in wanted)]


def library_html(entries: Sequence[Entry], sought: str, in_step: bool, language: str) -> str:
    """The list of documents, searched for `sought`, with the state of the index."""
    found = matching(entries, sought)
    passages = count("passages", sum(e.passages for e in entries), language)
    step = word("in_step" if in_step else "out_of_step", language)
    state = f"{count('documents', len(entries), language)} · {passages} · {step}"
    samples = button(word("remove_samples", language), "drop", samples="1") if any(e.sample for e in entries) else ""
    line = f'<p class="state{"" if in_step else " behind"}"><span>{escape(state)}</span>{samples}</p>'
    if not entries:
        return f'{line}<p class="empty">{escape(word("no_documents", language))}</p>'
    if not found:
        return f'{line}<p class="empty">{escape(word("none_found", language, sought=sought))}</p>'
    more = f'<p class="small">{escape(word("more_rows", language, n=ROWS, count=number(len(found), language)))}</p>'
    heads = "".join(f'<th scope="col">{escape(word(f"column.{c}", language))}</th>' for c in _COLUMNS)
    rows = "".join(_row(e, language) for e in found[:ROWS])
    return (
        f'{line}<table><caption class="unseen">{escape(word("library", language))}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{more if len(found) > ROWS else ''}"
    )


def results_html(outcomes: Sequence[Outcome], done: int, of: int, language: str) -> str:
    """What became of each document so far, with a bar while there are more to come."""
    rows = "".join(_result(o, language) for o in outcomes)
    label = escape(word("adding", language, done=done, of=of))
    bar = f'<label class="progress">{label}<progress value="{done}" max="{of}"></progress></label>' if done < of else ""
    return f'{bar}<ul class="results">{rows}</ul>'


def question_html(asked: str, titles: Sequence[str], yes: str, no: str, event: str, language: str) -> str:
    """Asks before something is replaced or removed; `event` is triggered with `answer` "yes" or "no"."""
    listed = "".join(f"<li>{escape(title)}</li>" for title in titles[:20])
    more = f"<li>{escape(word('and_more', language, n=len(titles) - 20))}</li>" if len(titles) > 20 else ""
    tools = button(yes, event, kind="danger", answer="yes") + button(no, event, kind="small-button", answer="no")
    return (
        f'<div class="confirm" role="alertdialog" aria-label="{attribute(asked)}"><p>{escape(asked)}</p>'
        f'<ul>{listed}{more}</ul><div class="tools">{tools}</div></div>'
    )


def limits_html(language: str) -> str:
    """What may be added."""
    kinds = ", ".join(sorted(kind.removeprefix(".") for kind in SUFFIXES))
    return f'<p class="small">{escape(word("upload_hint", language, kinds=kinds, size=EACH_MB, files=MOST_FILES))}</p>'


def fault_html(text: str) -> str:
    return f'<p class="notice fault" role="alert">{escape(text)}</p>'


_COLUMNS = ("title", "date", "language", "size", "added", "actions")


def _row(entry: Entry, language: str) -> str:
    known = entry.language if entry.language in ("en", "ru") else "other"
    sample = f' <span class="tag">{escape(word("sample", language))}</span>' if entry.sample else ""
    title = name(entry) or entry.id
    about = [entry.source or "", "" if entry.sample else entry.path or ""]
    under = " · ".join(escape(part) for part in about if part and part != title)
    cells = [
        day(entry.date, language) or "—",
        word(f"language.{known}", language),
        count("characters", entry.characters, language),
        day(entry.added, language),
    ]
    labels = _COLUMNS[1:-1]
    middle = "".join(
        f'<td data-label="{escape(word(f"column.{c}", language))}">{escape(cell)}</td>'
        for c, cell in zip(labels, cells, strict=True)
    )
    tools = button(word("ask_only", language), "only", document=entry.id) + button(
        word("remove", language), "drop", document=entry.id
    )
    return (
        f'<tr><td class="title">{button(title, "read", kind="link", document=entry.id)}{sample}'
        f'<span class="about">{under}</span></td>{middle}<td class="tools">{tools}</td></tr>'
    )


def _result(outcome: Outcome, language: str) -> str:
    why = f" — {outcome.reason}" if outcome.reason else ""
    status = word(f"status.{outcome.status}", language)
    return f'<li class="{outcome.status}"><b>{escape(status)}</b> {escape(outcome.path)}{escape(why)}</li>'


def _words(entry: Entry) -> str:
    return " ".join(part for part in (entry.title, entry.path, entry.source, entry.date) if part).casefold()
