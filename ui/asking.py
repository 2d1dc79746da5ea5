"""What happens when somebody asks: the events of an answer as changes of the page; and what they say of it after."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rag.answering.answer import with_markers
from rag.assistant import Assistant
from rag.errors import SurooError, UnknownDocument
from rag.feedback import Feedback, gold_case, keep_feedback, keep_gold
from rag.text.language import question_language
from rag.types import Answer, Citation, Document, Filter, Notice, Sentence, Stage
from ui.conversation import Conversation, Exchange, unfinished
from ui.words import word

LONGEST = 4_000  # characters of a question that are read


@dataclass(frozen=True, slots=True)
class Moment:
    """What is to be seen: the conversation so far, its last exchange at `stage`, or done where that is empty."""

    talk: Conversation
    stage: str


def asked(
    suroo: Assistant, question: str, talk: Conversation, filter: Filter | None, language: str
) -> Iterator[Moment]:
    """Ask, and give a moment for each thing that can be seen; the last one has no stage.

    Without a model the sentences come within milliseconds of each other: there is a moment at the beginning and one
    with the whole answer, since each costs the server more than the sentences do.
    """
    at_once = suroo.settings.chat_model is None
    question = question.strip()[:LONGEST]
    exchange = Exchange(len(talk.exchanges) + 1, question, unfinished(question, question_language(question)))
    stage, begun = word("stage.searching", language), False
    try:
        for event in suroo.stream(question, talk.turns(), filter).events():
            match event:
                case Stage():
                    stage = word(f"stage.{event.name}", language, count=event.count)
                case Citation():
                    answer = exchange.answer
                    exchange = replace(exchange, answer=replace(answer, citations=[*answer.citations, event]))
                    continue
                case Sentence():
                    exchange = replace(exchange, answer=_with(exchange.answer, event))
                case Answer():
                    exchange, stage = replace(exchange, answer=event), ""
            if stage and at_once and begun:
                continue
            begun = True
            yield Moment(talk.having(exchange), stage)
    except SurooError as error:
        notice = Notice(error.code, error.text(language))
        failed = replace(exchange.answer, status="failed", notices=[notice])
        yield Moment(talk.having(replace(exchange, answer=failed)), "")


def stopped(talk: Conversation, language: str) -> Conversation:
    """The conversation with its last answer marked as stopped by the reader."""
    if not talk.exchanges:
        return talk
    last = talk.exchanges[-1]
    notices = [*last.answer.notices, Notice("stopped", word("stopped", language))]
    return talk.having(replace(last, answer=replace(last.answer, status="incomplete", notices=notices)))


def judged(suroo: Assistant, talk: Conversation, number: int, verdict: str, who: str | None) -> Conversation:
    """The conversation with the reader's verdict on an answer, which is kept; the same verdict again takes it back."""
    exchange = talk.exchange(number)
    if exchange is None:
        return talk
    again = exchange.verdict == verdict
    if not again:
        keep_feedback(suroo.folder, _feedback(exchange, verdict, who))
    return talk.having(replace(exchange, verdict=None if again else verdict))


def commented(suroo: Assistant, talk: Conversation, number: int, said: dict[str, Any], who: str | None) -> None:
    """Keep a comment, and the right answer where it was given."""
    exchange = talk.exchange(number)
    if exchange and exchange.verdict:
        comment, correct = _given(said, "comment"), _given(said, "correct")
        keep_feedback(
            suroo.folder, replace(_feedback(exchange, exchange.verdict, who), comment=comment, correct=correct)
        )


def made_gold(suroo: Assistant, talk: Conversation, number: int, said: dict[str, Any]) -> Conversation:
    """The conversation with an answer that has become a gold question."""
    exchange = talk.exchange(number)
    if exchange is None or exchange.gold:
        return talk
    keep_gold(suroo.folder, gold_case(exchange.answer, talk.until(number).turns(), _given(said, "correct")))
    return talk.having(replace(exchange, gold=True))


def shower(suroo: Assistant) -> Callable[[str], Document | None]:
    """A function that gives a document by its id, None where it is gone."""

    def show(id: str) -> Document | None:
        try:
            return suroo.show(id)
        except UnknownDocument:
            return None

    return show


def _with(answer: Answer, sentence: Sentence) -> Answer:
    text = f"{answer.text} {with_markers(sentence)}".strip()
    return replace(answer, text=text, sentences=[*answer.sentences, sentence])


def _feedback(exchange: Exchange, verdict: str, who: str | None) -> Feedback:
    sources: Sequence[Citation] = exchange.answer.citations
    return Feedback(
        exchange.question, exchange.answer.text, verdict, sources=tuple(c.document_id for c in sources), who=who
    )


def _given(said: dict[str, Any], name: str) -> str | None:
    return str(said.get(name) or "").strip()[:LONGEST] or None
