"""The types that every part of Suroo speaks in: frozen dataclasses, JSON by `dataclasses.asdict`.

What is not known is None. Dates are ISO strings. Offsets are half-open and count characters of `Document.text`, so
`text[start:end] == quote` holds for every citation.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a library.

    Give `id` (any string of your own) and `text`; the rest is found out or left None. In a library `id` is a stable
    hash of the resolved path, or of the id that you gave, which is then kept as `path`.
    """

    id: str
    text: str
    title: str | None = None
    path: str | None = None
    date: str | None = None
    language: str | None = None  # "en", "ru", "other"
    source: str | None = None  # outlet or address
    sha256: str | None = None  # of the file, or of what was given
    added: str | None = None
    sample: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as a library lists it: everything but the text, with its length in characters and in passages."""

    id: str
    title: str | None
    path: str | None
    date: str | None
    language: str | None
    source: str | None
    sha256: str | None
    added: str | None
    sample: bool
    characters: int
    passages: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences of one document: the unit of retrieval."""

    id: str
    document_id: str
    start: int
    end: int
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, with its document's title, path and date; `parts` are the scores that made `score`."""

    id: str
    document_id: str
    start: int
    end: int
    text: str
    language: str
    title: str | None
    path: str | None
    date: str | None
    source: str | None
    score: float
    parts: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact words of a document that carry a sentence of an answer."""

    number: int
    document_id: str
    title: str | None
    path: str | None
    date: str | None
    language: str
    source: str | None
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One checked sentence of an answer.

    `text` has no markers; `citations` are numbers of the answer's citations; `quoted` says that the words are a
    document's own. `support` is "supported", "weak" or "unsupported", and None where nothing is claimed; `why` says in
    the answer's language what was missing.
    """

    text: str
    language: str
    quoted: bool
    citations: list[int]
    support: str | None
    why: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader should know of an answer: a stable `code` and a `text` in the answer's language."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer.

    `status`: "answered"; "not_found" (the documents are silent); "about" (a greeting, a question about the library
    itself); "incomplete" (the writing stopped midway); "failed" (a named fault; hits are still there). `text` has [n]
    markers. `model` is None where the answer is quoted rather than written. `timings` are in ms by stage.
    """

    question: str
    language: str
    status: str
    text: str
    sentences: list[Sentence]
    citations: list[Citation]
    hits: list[Hit]
    notices: list[Notice]
    model: str | None
    tokens: dict[str, int] | None
    timings: dict[str, float]


@dataclass(frozen=True, slots=True)
class Stage:
    """What is being done for a question: "searching", "reading" (`count` passages), "writing".

    Of a model: "waiting" (`count` seconds for its next words), "retrying" (its server is asked for the `count`th time).
    """

    name: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation; `role` is "user" or "assistant"."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents may answer: by language, date of publication (inclusive ISO dates), or name.

    A document without a date is left out where a date is given, and counted in a notice. `documents` take ids or
    unambiguous ends of paths.
    """

    languages: list[str] | None = None
    since: str | None = None
    until: str | None = None
    documents: list[str] | None = None


@dataclass(frozen=True, slots=True)
class GoldSource:
    """Where an answer stands: a document, by id or an unambiguous end of its path, and its exact words."""

    document: str
    quote: str


@dataclass(frozen=True, slots=True)
class Case:
    """One gold question: what is asked, and what a right answer says, cites and leaves unsaid.

    `must_include` lists facts, each by its alternatives, one of which must be stated; `must_not_include` what must not
    be. Facts are compared as values and stems, not as strings. `gold_sources` is where the answer stands, empty where
    the documents are silent (`answerable` False). Cases of one `pair` ask the same in two languages. `kind` is a word
    for what sort of question it is ("number", "unanswerable", …), `tags` are free.
    """

    id: str
    language: str
    question: str
    history: list[Turn] = field(default_factory=list)
    gold_answer: str | None = None
    must_include: list[list[str]] = field(default_factory=list)
    must_not_include: list[str] = field(default_factory=list)
    gold_sources: list[GoldSource] = field(default_factory=list)
    answerable: bool = True
    kind: str = "fact"
    pair: str | None = None
    tags: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document: "added", "unchanged", "replaced", "removed", "skipped" or "failed", and why."""

    document_id: str | None
    path: str
    status: str
    reason: str | None = None
