"""The Python API: `Assistant` opens a library, keeps it, searches it and answers from it."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from types import TracebackType

from rag import log
from rag.adding import Adding, Upload
from rag.answering.answer import with_markers
from rag.answering.evidence import weigh
from rag.answering.followup import stand_alone
from rag.answering.holdings import Holdings
from rag.answering.orders import without_orders
from rag.bilingual.concepts import Concept
from rag.bilingual.glossary import NAME as GLOSSARY
from rag.bilingual.glossary import read_glossary
from rag.bilingual.table import TranslationTable, shipped
from rag.budget import Budget
from rag.documents import document_id, find_files, printable
from rag.documents.sandbox import Sandbox
from rag.embedding import BoughtEmbedding, Embedding, TableEmbedding
from rag.engine import Event, QueryEngine, last
from rag.errors import DiskFull, LibraryBusy, ModelFault, StoreFailed, Unreadable
from rag.examples import example_questions
from rag.explain import Match, explain
from rag.indexing import ANALYSER, BATCH_DOCUMENTS, Indexing
from rag.library import Record
from rag.models import chat_model, embedding_model
from rag.retrieval import HybridRetriever
from rag.settings import Settings
from rag.spelling import Reading, read_question
from rag.store import open_store
from rag.types import Answer, Document, Entry, Filter, Hit, Outcome, Sentence, Stage, Turn


def embedding(settings: Settings, table: TranslationTable, record: Record) -> Embedding:
    """What the settings say to embed with: the model that they name, or the bundled table."""
    model = embedding_model(settings, Budget(record, settings.daily_tokens))
    return BoughtEmbedding(model, record) if model is not None else TableEmbedding(table)


Source = str | os.PathLike[str] | Document
# A method is called `list`, so within the class the type needs other names.
Outcomes = list[Outcome]
Hits = list[Hit]
Matches = list[Match]
Entries = list[Entry]
Questions = list[str]


class Assistant:
    """A library of documents that answers questions. Open with `Assistant.open`, close with `close` or `with`.

    Reading is safe from several threads. Each call of `add` or `remove` takes the writer's lock for as long as it runs
    and raises `LibraryBusy` where another process holds it.
    """

    def __init__(self, settings: Settings, table: TranslationTable, language: str) -> None:
        log.start(settings.log)
        began = time.perf_counter()
        self.settings = settings
        self.language = language
        self.folder = settings.data.resolve()
        self._table = asked = table.with_glossary(read_glossary(self.folder / GLOSSARY))
        self._sandbox = Sandbox()
        self._record = Record.of(settings)
        self._model = chat_model(settings, Budget(self._record, settings.daily_tokens))
        embedder = embedding(settings, table, self._record)
        vectors = open_store(settings, self._record, embedder.name, ANALYSER)
        self._indexing = Indexing(self.folder, self._record, asked, embedder, vectors)
        if self._record.shared:
            self._indexing.refresh()  # of this process alone, so not with the lock that holds up all writers
        self._adding = Adding(self._record, self._sandbox, language)
        try:
            with self._record.lock(wait_s=0):
                self._indexing.catch_up()
        except (LibraryBusy, DiskFull, StoreFailed, ModelFault):
            pass  # the record is whole, and words are found without what could not be brought forward
        log.event(
            "open",
            revision=self._record.revision(),
            passages=self._indexing.lexical.size,
            vectors=self._indexing.vectors.usable,
            ms=log.since(began),
        )

    @classmethod
    def open(cls, settings: Settings | None = None, *, language: str = "en") -> Assistant:
        """Open the library of `settings` (the environment's where None), made where there is none.

        `language` ("en", "ru") is that of the reasons in outcomes. Raises `BadSettings`, `BadLibrary`, `BadTable`,
        `BadGlossary`, `OtherEmbedding`.
        """
        return cls(settings or Settings(), shipped(), language)

    def close(self) -> None:
        if self._model:
            self._model.close()
        self._sandbox.close()
        self._indexing.close()
        self._record.close()

    def __enter__(self) -> Assistant:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def empty(self) -> bool:
        """Whether the library has no documents."""
        return not self._record.entries()

    # ---- the library

    def add(self, sources: Source | Iterable[Source], *, sample: bool = False) -> Outcomes:
        """Add files, folders or `Document`s; give what became of each. One that fails does not stop the rest."""
        return list(self.adding(sources, sample=sample))

    def adding(self, sources: Source | Iterable[Source], *, sample: bool = False) -> Iterator[Outcome]:
        """`add`, an outcome at a time: when "added" or "replaced" is given, the document is safe on disk."""
        given = [sources] if isinstance(sources, str | os.PathLike | Document) else list(sources)
        found = (
            each for s in given for each in ([s] if isinstance(s, Document) else find_files([Path(s)]))
        )  # fmt: skip
        with self._record.lock():
            yield from self._followed("add", self._adding.outcomes(found, sample))

    def uploading(self, files: Mapping[str, Path], language: str | None = None) -> Iterator[Outcome]:
        """Add files that go by another name than their path's, by name; an outcome at a time, as `adding`.

        `language` is that of the reasons, where it is not the library's.
        """
        with self._record.lock():
            uploads = [Upload(Path(name), path) for name, path in files.items()]
            adding = Adding(self._record, self._sandbox, language or self.language)
            yield from self._followed("add", adding.outcomes(uploads))

    def sync(self, folder: str | os.PathLike[str]) -> Outcomes:
        """Make the library hold just what `folder` holds: add what is new, replace what changed, remove what is gone.

        Documents from elsewhere are left alone. A file that can't be read keeps the version that the library has.
        Raises `Unreadable` where the folder itself can't be read.
        """
        return list(self.syncing(folder))

    def syncing(self, folder: str | os.PathLike[str]) -> Iterator[Outcome]:
        """`sync`, an outcome at a time."""
        root = Path(folder).resolve()
        if not root.is_dir():
            raise Unreadable(printable(root), "no_folder")
        with self._record.lock():
            yield from self._followed("sync", self._mirrored(root))

    def remove(self, documents: str | Iterable[str]) -> Outcomes:
        """Remove documents by id or by the end of a path. Raises `UnknownDocument` before anything is removed."""
        ids = [self._record.find(name) for name in ([documents] if isinstance(documents, str) else documents)]
        return self._remove(ids)

    def remove_samples(self) -> Outcomes:
        """Remove all sample documents."""
        return self._remove(self._record.samples())

    def list(self) -> Entries:
        """All documents, by title, without their text."""
        counts = self._indexing.refresh().passage_counts()
        return [replace(entry, passages=counts.get(entry.id, 0)) for entry in self._record.entries()]

    def show(self, document: str) -> Document:
        """One document with its text, by id or by the end of its path. Raises `UnknownDocument`."""
        found = self._record.get(self._record.find(document))
        assert found is not None
        return found

    def in_step(self) -> bool:
        """Whether the vectors are those of the present documents; while not, passages are found by words alone."""
        vectors, revision = self._indexing.vectors, self._record.revision()
        return revision == 0 or (vectors.usable and vectors.revision == revision)

    # ---- asking

    def examples(self, language: str, most: int = 4) -> Questions:
        """Up to `most` questions in "en" or "ru" that the documents can answer, made from the dates in them."""
        entries = sorted(self._record.entries(), key=lambda e: (e.language != language, e.added or "", e.id))
        documents = [self._record.get(entry.id) for entry in entries[: 3 * most]]
        of_each = [list(example_questions(document, language)) for document in documents if document]
        by_turns = (question for turn in zip_longest(*of_each) for question in turn if question)
        found: Questions = []
        for question in dict.fromkeys(by_turns):
            if len(found) == most:
                break
            if weigh(question, language, self.search(question), self._table, self._frequency).enough:
                found.append(question)
        return found

    def search(
        self, question: str, k: int | None = None, filter: Filter | None = None, history: Sequence[Turn] = ()
    ) -> Hits:
        """The `k` best passages (default: the settings'), best first; with `history`, for the question made whole."""
        began = time.perf_counter()
        with self._indexing.traffic.asking():
            retriever = self._retriever(k, filter)
            hits = retriever.search(
                self._read(stand_alone(without_orders(question) or question, history, self._table)).text
            )
        troubles = [trouble.code for trouble in retriever.troubles]
        log.event("search", hits=len(hits), characters=len(question), notices=troubles, ms=log.since(began))
        return hits

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filter: Filter | None = None,
        *,
        language: str | None = None,
        k: int | None = None,
    ) -> Answer:
        """Answer `question` from the library, in its language or in `language`."""
        return last(self.stream(question, history, filter, language=language, k=k).events())

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filter: Filter | None = None,
        *,
        language: str | None = None,
        k: int | None = None,
    ) -> Stream:
        """`ask`, as it is written. Iterate for checked sentences as text, or over `.events()` for everything."""
        engine = self.query_engine(filter, k=k)
        return Stream(lambda: self._politely(engine.events(question, history, language)))

    def query_engine(
        self,
        filter: Filter | None = None,
        *,
        k: int | None = None,
        history: Sequence[Turn] = (),
        streaming: bool = False,
    ) -> QueryEngine:
        """The same flow as a llama-index query engine; its response has the citations in `metadata`.

        With `history` it answers in the course of a conversation, with `streaming` by a `StreamingResponse`.
        """
        return QueryEngine(
            self._retriever(k, filter),
            self._table,
            self._frequency,
            self._model,
            strict=self.settings.strict,
            suggestions=self.settings.suggestions,
            read=self._read,
            holdings=lambda: Holdings.of(self._record.entries()),
            history=history,
            streaming=streaming,
        )

    def explain(self, question: str, hit: Hit) -> Matches:
        """Which words of `question` met which words of `hit`, through what, with what weight."""
        return explain(question, hit.text, self._table)

    # ---- inside

    def _politely(self, events: Iterator[Event]) -> Iterator[Event]:
        """`events`, logged; work on documents gives way while one is made, unless the model is waited for."""
        request = log.new_request()
        while True:
            with log.within(request):
                with contextlib.nullcontext() if self._model else self._indexing.traffic.asking():
                    event = next(events, None)
                if isinstance(event, Answer):
                    log.answered(event)
                elif isinstance(event, Stage):
                    log.stage(event)
            if event is None:
                return
            yield event

    def _retriever(self, k: int | None, filter: Filter | None) -> HybridRetriever:
        return HybridRetriever(self._record, self._indexing, k or self.settings.k, filter)

    def _read(self, question: str) -> Reading:
        """The question as it is searched for, with its slips of the pen mended."""
        return read_question(question, self._indexing.refresh(), self._table)

    def _frequency(self, concept: Concept) -> tuple[int, int]:
        lexical = self._indexing.lexical
        return lexical.document_frequency(concept), lexical.size

    def _followed(self, call: str, outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
        """`outcomes` of `call`, logged, with what is derived brought forward meanwhile."""
        with log.counted(call) as count, self._indexing.following() as follow:
            recorded = 0
            for outcome in outcomes:
                count(outcome)
                yield outcome
                recorded += outcome.status in ("added", "replaced", "removed")
                if recorded == BATCH_DOCUMENTS:
                    recorded = 0
                    follow()

    def _mirrored(self, root: Path) -> Iterator[Outcome]:
        found = list(find_files([root]))
        there = {document_id(str(path)) for path in found if not isinstance(path, Unreadable)}
        yield from self._adding.outcomes(found)
        if any(isinstance(path, Unreadable) for path in found):
            return  # the listing may lack what is there
        for id, name in self._record.under(printable(root)).items():
            if id not in there:
                self._record.remove(id)
                yield Outcome(id, name, "removed")

    def _remove(self, ids: Sequence[str]) -> Outcomes:
        paths = {entry.id: entry.path for entry in self._record.entries()}
        outcomes = [Outcome(id, paths.get(id) or id, "removed") for id in ids]
        with self._record.lock(), log.counted("remove") as count:
            for outcome in outcomes:
                self._record.remove(str(outcome.document_id))
                count(outcome)
            self._indexing.catch_up()
        return outcomes


class Stream:
    """An answer being written. It can be read once."""

    def __init__(self, start: Callable[[], Iterator[Event]]) -> None:
        self._start = start

    def events(self) -> Iterator[Event]:
        """`Stage`s, checked `Sentence`s, a `Citation` before the first that cites it, at the end the `Answer`."""
        return self._start()

    def __iter__(self) -> Iterator[str]:
        """Checked sentences with their markers, as text."""
        return (with_markers(event) for event in self.events() if isinstance(event, Sentence))
