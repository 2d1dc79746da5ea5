"""The flow of a question, top to bottom, as a llama-index query engine.

    without the orders beside it → language → about the library? → a question that stands alone → misspelt words
    → retrieve → enough evidence? → write, a sentence at a time → parse its markers → check it
    → (a model: send it back once) → show it → Answer

Streaming and blocking are one path: blocking drains the stream. A sentence is shown when it is whole and checked, so
nothing that was shown is taken back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.response.schema import Response, StreamingResponse
from llama_index.core.llms import LLM
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import NodeWithScore, QueryBundle

from rag.answering import Draft, Task, Writer
from rag.answering.about import asked_about
from rag.answering.addresses import without_addresses
from rag.answering.answer import AnswerDraft, as_read, nearest, with_markers
from rag.answering.conversation import rewritten, suggested
from rag.answering.cues import asks_whether
from rag.answering.evidence import Evidence, weigh
from rag.answering.extractive import ExtractiveWriter, quotations
from rag.answering.followup import leans, stand_alone
from rag.answering.generative import GenerativeWriter
from rag.answering.guard import in_language, without_markup
from rag.answering.holdings import Holdings, reply
from rag.answering.orders import without_orders
from rag.bilingual.concepts import Concept
from rag.bilingual.table import TranslationTable
from rag.calls import Fault
from rag.citations import Verdict, check, parse_markers, tightest_span
from rag.errors import ModelFault
from rag.messages import say
from rag.models import ChatModel
from rag.retrieval import hit_of, node_of
from rag.spelling import Reading
from rag.text.language import question_language
from rag.text.words import words
from rag.types import Answer, Citation, Hit, Notice, Sentence, Stage, Turn

Event = Stage | Citation | Sentence | Answer
AS_ASKED = 0.3  # weight of what is found for a follow-up as it was asked, beside its stand-alone form
SUPPORTED, UNCLAIMED = Verdict("supported", None), Verdict("unclaimed", None)


class QueryEngine(BaseQueryEngine):
    """Answers from what `retriever` finds, with `llm` or, without one, in the documents' own words."""

    def __init__(
        self,
        retriever: BaseRetriever,
        table: TranslationTable,
        frequency: Callable[[Concept], tuple[int, int]],
        llm: LLM | ChatModel | None = None,
        *,
        strict: bool = False,
        suggestions: int = 0,
        read: Callable[[str], Reading] = Reading,
        holdings: Callable[[], Holdings] | None = None,
        postprocessors: Sequence[BaseNodePostprocessor] = (),
        history: Sequence[Turn] = (),
        streaming: bool = False,
    ) -> None:
        """`frequency` gives the number of the library's passages that have a concept, and of all its passages.

        `strict` removes what its sources do not carry; the model suggests up to `suggestions` further questions.
        `read` gives a question with its misspelt words as they are to be searched for;
        `holdings` gives what there is to say of the library, for a greeting and for questions about the library itself.
        `history` and `streaming` are for `query`: the conversation so far, and llama-index's way to ask for a
        `StreamingResponse`, whose sources and metadata are there once it is read to the end.
        """
        super().__init__(callback_manager=None)
        self._retriever = retriever
        self._table = table
        self._frequency = frequency
        self._model = ChatModel(llm) if isinstance(llm, LLM) else llm
        self._suggestions = suggestions
        self._strict = strict
        self._read = read
        self._holdings = holdings
        self._postprocessors = postprocessors
        self._history = history
        self._streaming = streaming

    def events(self, question: str, history: Sequence[Turn] = (), language: str | None = None) -> Iterator[Event]:
        """Stages, then sentences as they are checked, then the whole `Answer`, always last.

        A `Citation` comes before the first sentence that cites it.
        """
        asked = without_orders(question)
        draft = AnswerDraft(question, language or question_language(asked or question))
        if kind := asked_about(asked, follows=bool(history)):
            yield from self._about(kind, draft)
        elif question and not asked:
            yield from self._not_found(draft, ())
        else:
            yield from self._answered(asked, history, draft)

    def _answered(self, question: str, history: Sequence[Turn], draft: AnswerDraft) -> Iterator[Event]:
        language = draft.language
        yield Stage("searching")
        standing = yield from self._stand_alone(question, history, draft)
        with draft.timed("retrieve"):
            reading = self._read(standing)
            hits = self._retrieve_hits(reading.text)
            if draft.rewritten:
                hits = joined(hits, self._retrieve_hits(self._read(question).text))
        draft.hits = hits
        draft.notices += as_read(reading, hits, language)
        for trouble in getattr(self._retriever, "troubles", ()):
            draft.notices.append(Notice(trouble.code, trouble.text(language)))

        yield Stage("reading", len(hits))
        with draft.timed("evidence"):
            evidence = weigh(reading.text, language, hits, self._table, self._frequency)
        if evidence.denied or not (evidence.worth_reading if self._model else evidence.enough):
            denied = evidence.denied and self._denied(draft, evidence, whether=asks_whether(question))
            yield from denied or self._not_found(draft, evidence.missing)
            return

        yield Stage("writing")
        writer: Writer = GenerativeWriter(self._model, draft.used) if self._model else ExtractiveWriter(evidence)
        draft.model = writer.model
        try:
            if draft.fault:
                raise draft.fault
            with draft.timed("write"):
                for written in writer.write(Task(standing, language, hits)):
                    if isinstance(written, Stage):
                        yield written
                    elif isinstance(written, Notice):
                        draft.notice(written)
                    elif sentence := self._shown((yield from self._checked(written, writer, draft)), draft):
                        yield from draft.citations[draft.told :]
                        draft.told = len(draft.citations)
                        draft.sentences.append(sentence)
                        yield sentence
            if draft.left_out and not draft.sentences and self._model:
                raise self._model.server.fault(self._model.name, Fault("language"))
        except ModelFault as fault:
            draft.status = "incomplete" if draft.sentences else "failed"
            draft.notice(Notice(fault.code, fault.text(language)))
        if draft.status == "answered" and not any(s.citations for s in draft.sentences):
            yield from self._refused(draft)
        if draft.status == "answered" and self._model and self._suggestions:
            yield from self._suggest(draft, self._model)
        yield draft.done()

    def _stand_alone(self, question: str, history: Sequence[Turn], draft: AnswerDraft) -> Generator[Stage, None, str]:
        """The question with what it leans on: by the model where there is one, else by the names before it."""
        if self._model and history and leans(question):
            try:
                with draft.timed("rewrite"):
                    found = yield from rewritten(
                        question, history, draft.language, self._model, draft.used, self._table
                    )
            except ModelFault as fault:
                draft.fault = fault  # it will not be asked again for this question; what is found is still shown
            else:
                if found is not None:
                    draft.rewritten = found != question
                    return found
        return stand_alone(question, history, self._table)

    def _retrieve_hits(self, question: str) -> list[Hit]:
        bundle = QueryBundle(question)
        nodes: list[NodeWithScore] = self._retriever.retrieve(bundle)
        for postprocessor in self._postprocessors:
            nodes = postprocessor.postprocess_nodes(nodes, bundle)
        return [hit_of(node) for node in nodes]

    def _about(self, kind: str, draft: AnswerDraft) -> Iterator[Event]:
        """A greeting, or a question about the library: answered from what is known of it, without a search."""
        draft.status = "about"
        for text in reply(kind, draft.language, self._holdings() if self._holdings else None):
            draft.sentences.append(Sentence(text, draft.language, False, [], None, None))
            yield draft.sentences[-1]
        yield draft.done()

    def _not_found(self, draft: AnswerDraft, missing: Sequence[str]) -> Iterator[Event]:
        """The documents are silent: say so, what they never mention, and what comes nearest, without asking a model."""
        draft.status = "not_found"
        texts = [say("not_found", draft.language)]
        if missing:
            texts.append(say("not_found.unknown", draft.language, what=", ".join(missing)))
        for text in texts:
            sentence = Sentence(text, draft.language, False, [], None, None)
            draft.sentences.append(sentence)
            yield sentence
        if draft.hits:
            draft.notices.append(nearest(draft.hits, draft.language))
        else:
            draft.notices.append(Notice("nothing", say("notice.nothing", draft.language)))
        yield draft.done()

    def _denied(self, draft: AnswerDraft, evidence: Evidence, whether: bool) -> Iterator[Event]:
        """The documents have another number or date than the question: that is said, and what they have is quoted."""
        draft.status = "answered" if whether else "not_found"
        lead = say("denied", draft.language, what=", ".join(evidence.denied))
        for written in (Draft(lead, claims=False), *quotations(evidence, draft.hits)):
            sentence = self._shown(self._judged(written, draft), draft)
            if sentence:
                yield from draft.citations[draft.told :]
                draft.told = len(draft.citations)
                draft.sentences.append(sentence)
                yield sentence
        yield draft.done()

    def _refused(self, draft: AnswerDraft) -> Iterator[Sentence]:
        """The model found nothing, or nothing that it could cite: that is said, and what the passages were from."""
        draft.status = "not_found"
        refusal = say("not_found", draft.language)
        if not any(s.text == refusal for s in draft.sentences):
            draft.sentences.append(Sentence(refusal, draft.language, False, [], None, None))
            yield draft.sentences[-1]
        draft.notice(nearest(draft.hits, draft.language))

    def _checked(self, written: Draft, writer: Writer, draft: AnswerDraft) -> Generator[Stage, None, _Checked]:
        """A draft with its citations and a verdict; what its sources do not carry is sent back to the writer once."""
        checked = self._judged(written, draft)
        if checked.verdict.support != "unsupported":
            return checked
        try:
            for better in writer.correct(written, checked.verdict.why or ""):
                if isinstance(better, Stage):
                    yield better
                    continue
                again = self._judged(better, draft)
                if again.verdict.support != "unsupported":
                    return again
        except ModelFault as fault:
            draft.notice(Notice(fault.code, fault.text(draft.language)))
        return checked

    def _judged(self, written: Draft, draft: AnswerDraft) -> _Checked:
        language = draft.language
        if written.quoted:
            hit, start, end = written.quoted
            source = draft.hits[hit]
            return _Checked(written.text, source.language, [(source, (start, end))], SUPPORTED, quoted=True)
        text, numbers = parse_markers(written.text, range(1, len(draft.hits) + 1))
        text = without_markup(text)
        if not written.claims:
            return _Checked(text, language, [], UNCLAIMED)
        spans = [(draft.hits[n - 1], tightest_span(text, draft.hits[n - 1].text, self._table)) for n in numbers]
        spans = _witnesses(spans)
        quotes = [hit.text[a:b] for hit, (a, b) in spans]
        text, taken = without_addresses(text, quotes)
        if not in_language(text, language):
            verdict = Verdict("unsupported", say("why.language", language))
            return _Checked(text, language, spans, verdict, foreign=True)
        if taken:
            draft.notice(Notice("address", say("notice.address", language)))
            return _Checked(text, language, spans, Verdict("unsupported", say("why.address", language)))
        around = [part for hit, _ in spans for part in (hit.title, hit.date) if part]
        return _Checked(text, language, spans, check(text, quotes, self._table, language, around))

    def _shown(self, checked: _Checked, draft: AnswerDraft) -> Sentence | None:
        """What was checked as a sentence of the answer; None for what is not to be shown."""
        if checked.foreign:
            draft.left_out = True
            draft.notice(Notice("language", say("notice.language", draft.language)))
            return None
        if not any(c.isalnum() for c in checked.text):
            return None
        if self._strict and checked.verdict.support == "unsupported":
            draft.notice(Notice("strict", say("notice.strict", draft.language)))
            return None
        cited = list(dict.fromkeys(draft.cite(hit, a, b) for hit, (a, b) in checked.spans))
        verdict = checked.verdict
        support = None if verdict is UNCLAIMED else verdict.support
        return Sentence(checked.text, checked.language, checked.quoted, cited, support, verdict.why)

    def _suggest(self, draft: AnswerDraft, model: ChatModel) -> Iterator[Stage]:
        """What to ask next, as notices: of what the model suggests, that which the documents can answer."""
        try:
            with draft.timed("suggest"):
                found = yield from suggested(
                    draft.question, draft.text(), draft.language, draft.hits, model, draft.used, self._suggestions
                )
        except ModelFault:
            return  # the answer is whole, and nobody has asked for more
        for question in found:
            hits = self._retrieve_hits(question)
            if weigh(question, draft.language, hits, self._table, self._frequency).enough:
                draft.notice(Notice("suggestion", question))

    # ---- as llama-index calls it

    def _query(self, query_bundle: QueryBundle) -> Response | StreamingResponse:
        events = self.events(query_bundle.query_str, self._history)
        if self._streaming:
            nodes: list[NodeWithScore] = []
            metadata: dict[str, Any] = {}
            return StreamingResponse(_streamed(events, nodes, metadata), nodes, metadata)
        answer = last(events)
        return Response(answer.text, _source_nodes(answer), _metadata(answer))

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}

    async def _aquery(self, query_bundle: QueryBundle) -> Response | StreamingResponse:
        return await asyncio.to_thread(self._query, query_bundle)


@dataclass(frozen=True)
class _Checked:
    """A sentence as it was judged: `spans` are the hits it cites and where in them."""

    text: str
    language: str
    spans: list[tuple[Hit, tuple[int, int]]]
    verdict: Verdict
    quoted: bool = False
    foreign: bool = False  # not in the answer's language


def _witnesses(spans: Sequence[tuple[Hit, tuple[int, int]]]) -> list[tuple[Hit, tuple[int, int]]]:
    """`spans` without those that say the same, word for word, as one before: a reprint is not a second witness."""
    found = {" ".join(w.lower for w in words(hit.text[a:b])): (hit, (a, b)) for hit, (a, b) in reversed(spans)}
    return list(reversed(found.values()))


def joined(rewritten: Sequence[Hit], asked: Sequence[Hit]) -> list[Hit]:
    """The best of what was found for a question as rewritten and as asked, as many as the first has.

    Scores are shares of each search's best; the question as asked counts for less, since it leans on what is not in it.
    """
    scores = {hit.id: (1 - AS_ASKED) * hit.score for hit in rewritten}
    for hit in asked:
        scores[hit.id] = scores.get(hit.id, 0.0) + AS_ASKED * hit.score
    hits = {hit.id: hit for hit in [*asked, *rewritten]}
    best = sorted(hits, key=lambda id: (-scores[id], id))[: len(rewritten) or None]
    return [replace(hits[id], score=scores[id]) for id in best]


def _streamed(
    events: Iterator[Event], nodes: list[NodeWithScore], metadata: dict[str, Any]
) -> Generator[str, None, None]:
    """The sentences of an answer as llama-index streams them; at the end the rest goes into `nodes` and `metadata`."""
    between = ""
    for event in events:
        if isinstance(event, Sentence):
            yield between + with_markers(event)
            between = " "
        elif isinstance(event, Answer):
            nodes.extend(_source_nodes(event))
            metadata.update(_metadata(event))


def _source_nodes(answer: Answer) -> list[NodeWithScore]:
    return [node_of(hit) for hit in answer.hits]


def _metadata(answer: Answer) -> dict[str, Any]:
    return {"status": answer.status, "citations": [asdict(c) for c in answer.citations], "answer": answer}


def last(events: Iterator[Event]) -> Answer:
    """The answer that a stream of events ends with."""
    answer = None
    for event in events:
        answer = event
    assert isinstance(answer, Answer)
    return answer
