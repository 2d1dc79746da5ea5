"""The flow of a question, top to bottom, as a llama-index query engine.

    language → a question that stands alone → retrieve → enough evidence? → write, a sentence at a time
    → parse its markers → check it → show it → Answer

Streaming and blocking are one path: blocking drains the stream. A sentence is shown when it is whole and checked, so
nothing that was shown is taken back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.response.schema import Response
from llama_index.core.llms import LLM
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import NodeWithScore, QueryBundle

from rag.answering import Draft, Task, Writer
from rag.answering.evidence import Evidence, weigh
from rag.answering.extractive import ExtractiveWriter
from rag.answering.followup import stand_alone
from rag.answering.generative import GenerativeWriter
from rag.bilingual.concepts import Concept
from rag.bilingual.table import TranslationTable
from rag.citations import check, parse_markers, tightest_span
from rag.errors import ModelFault
from rag.messages import say
from rag.retrieval import hit_of, node_of
from rag.text.language import question_language
from rag.types import Answer, Citation, Hit, Notice, Sentence, Stage, Turn

Event = Stage | Sentence | Answer
NEAREST = 3  # passages shown where the documents are silent


class QueryEngine(BaseQueryEngine):
    """Answers from what `retriever` finds, with `llm` or, without one, in the documents' own words."""

    def __init__(
        self,
        retriever: BaseRetriever,
        table: TranslationTable,
        frequency: Callable[[Concept], tuple[int, int]],
        llm: LLM | None = None,
        *,
        strict: bool = False,
        postprocessors: Sequence[BaseNodePostprocessor] = (),
    ) -> None:
        """`frequency` gives the number of the library's passages that have a concept, and of all its passages."""
        super().__init__(callback_manager=None)
        self._retriever = retriever
        self._table = table
        self._frequency = frequency
        self._llm = llm
        self._strict = strict
        self._postprocessors = postprocessors

    def events(self, question: str, history: Sequence[Turn] = (), language: str | None = None) -> Iterator[Event]:
        """Stages, then sentences as they are checked, then the whole `Answer`, always last."""
        language = language or question_language(question)
        draft = _AnswerDraft(question, language)

        yield Stage("searching")
        with draft.timed("retrieve"):
            standing = stand_alone(question, history, self._table)
            hits = self._retrieve_hits(standing)
        draft.hits = hits
        for trouble in getattr(self._retriever, "troubles", ()):
            draft.notices.append(Notice(trouble.code, trouble.text(language)))

        yield Stage("reading", len(hits))
        with draft.timed("evidence"):
            evidence = weigh(standing, language, hits, self._table, self._frequency)
        if not evidence.enough:
            yield from self._not_found(draft, evidence)
            return

        yield Stage("writing")
        writer: Writer = GenerativeWriter(self._llm) if self._llm else ExtractiveWriter(evidence)
        draft.model = writer.model
        try:
            with draft.timed("write"):
                for written in writer.write(Task(standing, language, hits)):
                    if sentence := self._checked(written, draft):
                        draft.sentences.append(sentence)
                        yield sentence
        except ModelFault as fault:
            draft.status = "incomplete" if draft.sentences else "failed"
            draft.notices.append(Notice(fault.code, fault.text(language)))
        draft.tokens = writer.tokens()
        if draft.status == "answered" and not any(s.citations for s in draft.sentences):
            draft.status = "not_found"
        yield draft.done()

    def _retrieve_hits(self, question: str) -> list[Hit]:
        bundle = QueryBundle(question)
        nodes: list[NodeWithScore] = self._retriever.retrieve(bundle)
        for postprocessor in self._postprocessors:
            nodes = postprocessor.postprocess_nodes(nodes, bundle)
        return [hit_of(node) for node in nodes]

    def _not_found(self, draft: _AnswerDraft, evidence: Evidence) -> Iterator[Event]:
        """The documents are silent: say so, what they never mention, and what comes nearest, without asking a model."""
        draft.status = "not_found"
        texts = [say("not_found", draft.language)]
        if evidence.missing:
            texts.append(say("not_found.unknown", draft.language, what=", ".join(evidence.missing)))
        for text in texts:
            sentence = Sentence(text, draft.language, False, [], None, None)
            draft.sentences.append(sentence)
            yield sentence
        if draft.hits:
            nearest = ", ".join(dict.fromkeys(f"«{h.title or h.path}»" for h in draft.hits[:NEAREST]))
            draft.notices.append(Notice("nearest", say("notice.nearest", draft.language, what=nearest)))
        else:
            draft.notices.append(Notice("nothing", say("notice.nothing", draft.language)))
        yield draft.done()

    def _checked(self, written: Draft, draft: _AnswerDraft) -> Sentence | None:
        """A draft with citations in place of its markers and a verdict; None where strict mode removes it."""
        if written.quoted:
            hit, start, end = written.quoted
            number = draft.cite(draft.hits[hit], start, end)
            return Sentence(written.text, draft.hits[hit].language, True, [number], "supported", None)
        text, numbers = parse_markers(written.text, range(1, len(draft.hits) + 1))
        if not text:
            return None
        if not written.claims:
            return Sentence(text, draft.language, False, [], None, None)
        spans = [(draft.hits[n - 1], tightest_span(text, draft.hits[n - 1].text, self._table)) for n in numbers]
        verdict = check(text, [hit.text[a:b] for hit, (a, b) in spans], self._table, draft.language)
        if self._strict and verdict.support == "unsupported":
            if not any(notice.code == "strict" for notice in draft.notices):
                draft.notices.append(Notice("strict", say("notice.strict", draft.language)))
            return None
        cited = [draft.cite(hit, a, b) for hit, (a, b) in spans]
        return Sentence(text, draft.language, False, cited, verdict.support, verdict.why)

    # ---- as llama-index calls it

    def _query(self, query_bundle: QueryBundle) -> Response:
        answer = last(self.events(query_bundle.query_str))
        return Response(
            response=answer.text,
            source_nodes=[node_of(hit) for hit in answer.hits],
            metadata={"status": answer.status, "citations": [asdict(c) for c in answer.citations], "answer": answer},
        )

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        return await asyncio.to_thread(self._query, query_bundle)


@dataclass
class _AnswerDraft:
    """An answer while it is being made."""

    question: str
    language: str
    status: str = "answered"
    model: str | None = None
    tokens: dict[str, int] | None = None
    hits: list[Hit] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)

    def timed(self, stage: str) -> _Timer:
        return _Timer(self.timings, stage)

    def cite(self, hit: Hit, start: int, end: int) -> int:
        """The number of the citation of `start:end` of the hit's text, a new one where it was not cited yet."""
        a, b = hit.start + start, hit.start + end
        for known in self.citations:
            if (known.document_id, known.start, known.end) == (hit.document_id, a, b):
                return known.number
        number = len(self.citations) + 1
        quote = hit.text[start:end]
        self.citations.append(
            Citation(
                number, hit.document_id, hit.title, hit.path, hit.date, hit.language, hit.source, a, b, quote
            )
        )  # fmt: skip
        return number

    def done(self) -> Answer:
        return Answer(
            question=self.question,
            language=self.language,
            status=self.status,
            text=" ".join(with_markers(s) for s in self.sentences),
            sentences=self.sentences,
            citations=self.citations,
            hits=self.hits,
            notices=self.notices,
            model=self.model,
            tokens=self.tokens,
            timings={stage: round(ms, 1) for stage, ms in self.timings.items()},
        )


class _Timer:
    """Adds the milliseconds between entering and leaving to `timings[stage]`."""

    def __init__(self, timings: dict[str, float], stage: str) -> None:
        self._timings, self._stage = timings, stage

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._timings[self._stage] = (time.perf_counter() - self._start) * 1000


def with_markers(sentence: Sentence) -> str:
    """A sentence with its citations as markers: quoted words in their quotation marks, the markers after."""
    marks = "".join(f"[{n}]" for n in sentence.citations)
    text = sentence.text
    if sentence.quoted:
        text = f"«{text}»" if sentence.language == "ru" else f"“{text}”"
    return f"{text} {marks}" if marks else text


def last(events: Iterator[Event]) -> Answer:
    """The answer that a stream of events ends with."""
    answer = None
    for event in events:
        answer = event
    assert isinstance(answer, Answer)
    return answer
