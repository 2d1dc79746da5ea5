"""The handlers of the library: what is added, replaced and removed in the browser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.errors import SurooError
from rag.types import Entry, Outcome
from ui.chat import ASK_VIEW, Chosen, Values
from ui.citing import name
from ui.filters import chosen, documents_of, filter_html, languages_of
from ui.library import MOST_FILES, fault_html, library_html, question_html, results_html
from ui.words import language_of, word

File = tuple[str, str]  # its name, and where it was put


class Shelf:
    """Each handler ends with the values of `shown` in ui/page.py: the list, the filters' line, the filters."""

    def __init__(self, suroo: Assistant) -> None:
        self._suroo = suroo

    def refresh(
        self,
        sought: str,
        languages: list[str],
        since: str | None,
        until: str | None,
        documents: list[str],
        request: gr.Request,
    ) -> Values:
        return self._shown(sought, (languages, since, until, documents), language_of(request))

    def search(self, sought: str, request: gr.Request) -> str:
        return library_html(self._suroo.list(), sought, self._suroo.in_step(), language_of(request))

    def add(
        self,
        uploaded: list[str] | None,
        sought: str,
        languages: list[str],
        since: str | None,
        until: str | None,
        documents: list[str],
        request: gr.Request,
    ) -> Iterator[Values]:
        """Add what is new at once, and ask before anything is replaced."""
        language = language_of(request)
        files = [(Path(path).name, path) for path in uploaded or []]
        if len(files) > MOST_FILES:
            _discard(files)
            fault = fault_html(word("too_many", language, n=len(files), most=MOST_FILES))
            yield None, fault, "", [], *_skipped()
            return
        known = {e.path for e in self._suroo.list()}
        fresh = [file for file in files if file[0] not in known]
        again = [file for file in files if file[0] in known]
        confirm = ""
        if again:
            confirm = question_html(
                word("sure_replace", language),
                [own for own, _ in again],
                word("replace", language),
                word("keep_old", language),
                "replace",
                language,
            )
        for report, done in self._added(fresh, language):
            rest = self._shown(sought, (languages, since, until, documents), language) if done else _skipped()
            yield None, report, confirm, again, *rest

    def replace(
        self,
        waiting: Any,
        sought: str,
        languages: list[str],
        since: str | None,
        until: str | None,
        documents: list[str],
        event: gr.EventData,
        request: gr.Request,
    ) -> Iterator[Values]:
        language = language_of(request)
        if event._data.get("answer") != "yes":
            _discard(waiting)
            yield "", "", [], *_skipped()
            return
        for report, done in self._added(waiting, language):
            rest = self._shown(sought, (languages, since, until, documents), language) if done else _skipped()
            yield report, "", [], *rest

    def ask_removal(self, sought: str, event: gr.EventData, request: gr.Request) -> Values:
        language = language_of(request)
        samples, id = event._data.get("samples"), event._data.get("document")
        going = [e for e in self._suroo.list() if (e.sample if samples else e.id == id)]
        titles = [name(e) for e in going]
        yes, no = word("remove", language), word("cancel", language)
        asked = word("sure_remove", language)
        return question_html(asked, titles, yes, no, "removal", language), [e.id for e in going]

    def remove(
        self,
        waiting: Any,
        sought: str,
        languages: list[str],
        since: str | None,
        until: str | None,
        documents: list[str],
        event: gr.EventData,
        request: gr.Request,
    ) -> Values:
        language = language_of(request)
        if event._data.get("answer") != "yes":
            return "", "", [], *_skipped()
        names = {e.id: name(e) for e in self._suroo.list()}
        try:
            outcomes = self._suroo.remove(waiting)
        except SurooError as error:
            return (
                fault_html(error.text(language)),
                "",
                [],
                *self._shown(sought, (languages, since, until, documents), language),
            )
        told = [Outcome(o.document_id, names.get(o.document_id or "", o.path), o.status) for o in outcomes]
        return (
            results_html(told, 1, 1, language),
            "",
            [],
            *self._shown(sought, (languages, since, until, documents), language),
        )

    def only(
        self,
        languages: list[str],
        since: str | None,
        until: str | None,
        documents: list[str],
        event: gr.EventData,
        request: gr.Request,
    ) -> Values:
        """Ask one document only: the other filters go, and the page turns to the questions."""
        language, entries = language_of(request), self._suroo.list()
        ids = [str(event._data.get("document"))]
        line = filter_html(entries, chosen([], None, None, ids), language)
        return ASK_VIEW, line, [], None, None, gr.update(choices=documents_of(entries, ids), value=ids)

    # ---- inside

    def _added(self, files: Sequence[File], language: str) -> Iterator[tuple[str, bool]]:
        """The report after each file, and whether it was the last."""
        outcomes: list[Outcome] = []
        try:
            if files:
                yield results_html([], 0, len(files), language), False
                for outcome in self._suroo.uploading({own: Path(path) for own, path in files}, language):
                    outcomes.append(outcome)
                    yield results_html(outcomes, min(len(outcomes), len(files) - 1), len(files), language), False
            yield results_html(outcomes, 1, 1, language), True
        except SurooError as error:
            yield results_html(outcomes, 1, 1, language) + fault_html(error.text(language)), True
        finally:
            _discard(files)

    def _shown(self, sought: str, filters: Chosen, language: str) -> Values:
        entries: list[Entry] = self._suroo.list()
        languages, since, until, documents = filters
        there = {e.id for e in entries}
        offered = languages_of(entries, language)
        languages = [code for code in languages or [] if code in {value for _, value in offered}]
        documents = [id for id in documents or [] if id in there]
        return (
            library_html(entries, sought, self._suroo.in_step(), language),
            filter_html(entries, chosen(languages, since, until, documents), language),
            gr.update(choices=offered, value=languages),
            gr.skip(),
            gr.skip(),
            gr.update(choices=documents_of(entries, documents), value=documents),
        )


def _skipped() -> Values:
    return tuple(gr.skip() for _ in range(6))


def _discard(files: Sequence[File]) -> None:
    """Delete what was uploaded: the library has its own copy of the text, or was not to have one."""
    for _, path in files:
        Path(path).unlink(missing_ok=True)
