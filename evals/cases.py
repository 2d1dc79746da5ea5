"""Gold questions together with the documents that they are about: suites, and where their quotes stand.

The format of a case is `rag/gold.py`; this adds what needs a library: every quote must stand in its document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag import Assistant, Case, Document
from rag.errors import BadCase, BadRun, UnknownDocument
from rag.gold import read_cases

HERE = Path(__file__).resolve().parent
SHIPPED = (
    (HERE / "gold" / "seeds.jsonl", HERE.parent / "seeds"),
    (HERE / "gold" / "region.jsonl", HERE / "libraries" / "region"),
)
# Run when it is named: what it measures is whether a model obeys, and without a model there is none to obey.
INJECTION = (HERE / "gold" / "injection.jsonl", HERE / "libraries" / "injection")


@dataclass(frozen=True, slots=True)
class Suite:
    """The cases of one file, asked of one library: of `documents` in a scratch library, or of the user's own (None)."""

    name: str
    path: Path
    cases: list[Case]
    documents: Path | None


@dataclass(frozen=True, slots=True)
class Span:
    """`start:end` of a document's text."""

    document_id: str
    start: int
    end: int


def suites(gold: Sequence[Path] = (), documents: Sequence[Path] = ()) -> list[Suite]:
    """The suites that are named, or those that Suroo ships.

    `gold` are files of cases, the n-th asked of the n-th folder of `documents` (or all of the only one given, or, where
    none is given, of the documents that a shipped file is about, else of the user's library). A folder in `gold` stands
    for every `cases.jsonl` in it, at any depth, each with the folder `documents` beside it. Raises `BadCase`, `BadRun`.
    """
    if not gold:
        pairs: list[tuple[Path, Path | None]] = [(g, d) for g, d in SHIPPED if g.exists()]
    else:
        pairs = []
        folders: list[Path | None] = [*documents] or [None]
        if len(folders) == 1:
            folders *= len(gold)
        if len(folders) != len(gold):
            raise BadRun(documents[0], "documents", gold=len(gold), documents=len(documents))
        for path, folder in zip(gold, folders, strict=True):
            if path.is_dir():
                pairs += [(found, found.parent / "documents") for found in sorted(path.rglob("cases.jsonl"))]
            else:
                pairs.append((path, folder or _own_documents(path)))
    found = [Suite(_name(path), path, read_cases(path), folder) for path, folder in pairs]
    seen: dict[str, Path] = {}
    for suite in found:
        for case in suite.cases:
            if case.id in seen:
                raise BadCase(suite.path, 0, "id", "twice", value=case.id)
            seen[case.id] = suite.path
    if not seen:
        raise BadRun(gold[0] if gold else HERE / "gold", "no_cases")
    return found


def gold_spans(cases: Iterable[Case], library: Library, path: Path) -> dict[str, list[Span]]:
    """Where each case's gold quotes stand, by its id. Raises `BadCase` for a quote that stands nowhere."""
    spans: dict[str, list[Span]] = {}
    for number, case in enumerate(cases, 1):
        spans[case.id] = []
        for i, source in enumerate(case.gold_sources):
            document = library.find(source.document)
            if document is None:
                raise BadCase(path, number, f"gold_sources[{i}].document", "document", value=source.document)
            place = locate(document.text, source.quote)
            if place is None:
                raise BadCase(
                    path, number, f"gold_sources[{i}].quote", "quote", value=source.document, quote=source.quote
                )
            spans[case.id].append(Span(document.id, *place))
    return spans


class Library:
    """The documents of an open library, read once."""

    def __init__(self, suroo: Assistant) -> None:
        self._suroo = suroo
        self.documents: Mapping[str, Document] = {entry.id: suroo.show(entry.id) for entry in suroo.list()}

    def find(self, name: str) -> Document | None:
        """By id or the end of a path; None where there is none, or more than one."""
        try:
            return self._suroo.show(name)
        except UnknownDocument:
            return None


def locate(text: str, quote: str) -> tuple[int, int] | None:
    """Where `quote` first stands in `text`, any white space standing for any other; None where it does not.

    >>> locate("It opened\\nin 2019.", "opened in 2019")
    (3, 17)
    """
    found = re.search(r"\s+".join(re.escape(word) for word in quote.split()), text)
    return found.span() if found else None


def _own_documents(gold: Path) -> Path | None:
    """The documents of a file of cases that Suroo ships, None for any other file."""
    return next((folder for path, folder in (*SHIPPED, INJECTION) if path == gold.resolve()), None)


def _name(path: Path) -> str:
    """How a run calls a suite: the file's name, or for `x/cases.jsonl` its folder's."""
    return path.parent.name if path.stem == "cases" else path.stem
