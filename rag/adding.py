"""From files and given documents to the record, a few at a time: what is there unchanged is not even read."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from rag.documents import Read, complete, document_id, load, parse, printable
from rag.documents.sandbox import Sandbox
from rag.errors import NotADocument, Unreadable
from rag.library import Record
from rag.messages import say
from rag.steps import reached
from rag.types import Document, Outcome

GROUP = 32  # documents that are recorded by one transaction,
GROUP_S = 0.3  # or as many as were read in this time: nobody should wait long for an outcome


@dataclass(frozen=True, slots=True)
class Upload:
    """A file at `path` that goes by another name."""

    name: Path
    path: Path


Source = Path | Upload | Document | Unreadable


class Adding:
    """Reads sources and records them; `language` is that of the reasons in outcomes."""

    def __init__(self, record: Record, sandbox: Sandbox, language: str) -> None:
        self._record = record
        self._sandbox = sandbox
        self._language = language

    def outcomes(self, sources: Iterable[Source], sample: bool = False) -> Iterator[Outcome]:
        """What becomes of each source, in order; when "added" or "replaced" is given, the document is on disk."""
        coming = iter(sources)
        while group := list(islice(coming, GROUP)):
            known = self._record.hashes([_id(source) for source in group if not isinstance(source, Unreadable)])
            waiting: list[tuple[Outcome, Document | None]] = []
            began = time.monotonic()
            for source in group:
                outcome, document = self._read(source, sample, known)
                if document is not None:
                    if any(other is not None and other.id == document.id for _, other in waiting):
                        yield from self._recorded(waiting)  # the same document twice
                    known[document.id] = document.sha256 or ""
                waiting.append((outcome, document))
                if time.monotonic() - began > GROUP_S:
                    yield from self._recorded(waiting)
                    began = time.monotonic()
            yield from self._recorded(waiting)

    def _recorded(self, waiting: list[tuple[Outcome, Document | None]]) -> Iterator[Outcome]:
        documents = [document for _, document in waiting if document is not None]
        if documents:
            self._record.put(*documents)
        yield from [outcome for outcome, _ in waiting]
        waiting.clear()

    def _read(self, source: Source, sample: bool, known: dict[str, str]) -> tuple[Outcome, Document | None]:
        """What will have become of `source`, and what is to be recorded for it, if anything; `known`: id → hash."""
        name = source.path or source.id if isinstance(source, Document) else ""
        try:
            if isinstance(source, Unreadable):
                raise source
            if isinstance(source, Document):
                reached("parse")
                found = Read(complete(replace(source, sample=sample or source.sample)))
            else:
                path, at = (source.name, source.path) if isinstance(source, Upload) else (source, source)
                name = printable(path)
                reached("read")
                data = load(at)
                if known.get(id := _id(source)) == hashlib.sha256(data).hexdigest():
                    return Outcome(id, name, "unchanged"), None
                reached("parse")
                found = parse(path, data, self._sandbox, sample=sample)
        except Unreadable as error:
            status = "skipped" if isinstance(error, NotADocument) else "failed"
            name = str(error.values["path"]) if isinstance(source, Unreadable) else name
            return Outcome(None, name, status, error.why(self._language)), None
        document = found.document
        before = known.get(document.id)
        if before == document.sha256:
            return Outcome(document.id, name, "unchanged"), None
        remarks = "; ".join(say(f"note.{code}", self._language, what=what) for code, what in found.notes)
        return Outcome(document.id, name, "replaced" if before else "added", remarks or None), document


def _id(source: Path | Upload | Document) -> str:
    match source:
        case Document():
            return document_id(source.id)
        case Upload():
            return document_id(str(source.name))
        case _:
            return document_id(str(source))
