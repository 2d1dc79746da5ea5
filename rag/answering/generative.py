"""The answer written by a model, from passages that it must cite."""

from __future__ import annotations

import re
from collections.abc import Iterator

from llama_index.core.base.llms.types import ChatMessage, MessageRole
from llama_index.core.llms import LLM

import prompts
from rag.answering import Draft, Task
from rag.messages import say
from rag.models import model_name, stream
from rag.text.sentences import sentences
from rag.types import Hit

_LEADING_MARKERS = re.compile(r"\s*(?:\[{1,2}[\d,;\s]+\]{1,2}|【[^】]*】)[.,;]?")
_TAG = re.compile(r"</?passage", re.I)


class GenerativeWriter:
    """Asks `llm` and gives its sentences as they become whole."""

    def __init__(self, llm: LLM) -> None:
        self._llm = llm
        self.model = model_name(llm)

    def write(self, task: Task) -> Iterator[Draft]:
        for sentence in whole_sentences(stream(self._llm, messages(task))):
            yield Draft(sentence, claims=not is_refusal(sentence, task.language))

    def tokens(self) -> dict[str, int] | None:
        return None


def messages(task: Task) -> list[ChatMessage]:
    """What the model is sent: the rules, then passages and question."""
    numbers = ", ".join(str(n) for n in range(1, len(task.hits) + 1))
    rules = prompts.render("answer_system", task.language, numbers=numbers, not_found=say("not_found", task.language))
    passages = "\n\n".join(_passage(n, hit, task.language) for n, hit in enumerate(task.hits, 1))
    ask = prompts.render("answer_user", task.language, passages=passages, question=task.question)
    return [ChatMessage(role=MessageRole.SYSTEM, content=rules), ChatMessage(role=MessageRole.USER, content=ask)]


def is_refusal(sentence: str, language: str) -> bool:
    """Whether a sentence is the phrase that the prompt asks for where the passages are silent."""
    bare = re.sub(r"[\W_]+", " ", sentence).strip().casefold()
    return bare == re.sub(r"[\W_]+", " ", say("not_found", language)).strip().casefold()


def whole_sentences(pieces: Iterator[str]) -> Iterator[str]:
    """Sentences of a streamed text, each as soon as the next has begun; markers after a full stop stay with it."""
    text = ""
    for piece in pieces:
        text += piece
        *whole, rest = _with_markers(text)
        # The last sentence may go on, and the one before it may still get markers from it.
        if len(whole) > 0 and len(rest) > 12:
            yield from whole
            text = rest
    yield from (s for s in _with_markers(text) if s)


def _with_markers(text: str) -> list[str]:
    found: list[str] = []
    for start, end in sentences(text):
        part = text[start:end]
        while found and (m := _LEADING_MARKERS.match(part)) and m.end():
            found[-1] += part[: m.end()]
            part = part[m.end() :].lstrip()
        if part:
            found.append(part)
    return found or [""]


def _passage(number: int, hit: Hit, language: str) -> str:
    # A passage must not be able to close its own tag or to bring markers of its own.
    text = re.sub(r"\[(\d[\d,; ]*)\]|【[^】]*】", r"(\1)", _TAG.sub("‹passage", hit.text))
    return prompts.render(
        "passage",
        language,
        number=str(number),
        title=_attribute(hit.title),
        date=_attribute(hit.date),
        source=_attribute(hit.source),
        language=hit.language,
        text=text,
    )


def _attribute(value: str | None) -> str:
    return re.sub(r'["<>\n]', " ", value or "")[:300]
