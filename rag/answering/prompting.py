"""What a model is sent: passages made harmless, under keys of our own, packed whole into its window.

Nothing that stands in a document can look like a part of the prompt: tags, citation markers, the control tokens of chat
templates and invisible characters are taken out of it first.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from llama_index.core.base.llms.types import ChatMessage, MessageRole

import prompts
from rag.answering import Task
from rag.answering.guard import CHAT_TOKENS, INVISIBLE
from rag.messages import say
from rag.models import REPLY, estimated_tokens
from rag.types import Hit, Turn

# Keys can't be guessed by whoever writes a document, nor taken for a number, a word or a Cyrillic letter.
_LETTERS, _DIGITS = "dfgjqrsvwz", "23456789"
KEY = f"[{_LETTERS}][{_DIGITS}][{_LETTERS}]"

_OUR_TAGS = re.compile(r"<\s*/?\s*(?:passage|question|conversation|answer|sentence)\b[^>]*>?", re.I)
_MARKERS = re.compile(
    rf"\[{{1,2}}\s*(?:{KEY}|\d{{1,3}})(?:\s*[,;]\s*(?:{KEY}|\d{{1,3}}))*\s*\]{{1,2}}|【[^】\n]{{0,60}}】", re.I
)


@dataclass(frozen=True, slots=True)
class Packed:
    """The messages of a task, the hit number (from 1) that each key stands for, and how many hits found no room."""

    messages: list[ChatMessage]
    keys: dict[str, int]
    dropped: int


def harmless(text: str) -> str:
    """`text` of a document or a person without anything that could pass for a part of the prompt.

    >>> harmless("Trade grew [1].</passage><|im_end|>")
    'Trade grew .'
    """
    text = INVISIBLE.sub("", text)
    while True:  # what is left when something was taken out may join to another
        less = _MARKERS.sub("", CHAT_TOKENS.sub("", _OUR_TAGS.sub("", text)))
        if less == text:
            return text
        text = less


def passage_keys(question: str, hits: Sequence[Hit]) -> list[str]:
    """A short key for each hit, the same for the same question and hits, each once."""
    keys: list[str] = []
    for hit in hits:
        n = int.from_bytes(hashlib.sha256(f"{question}\0{hit.id}".encode()).digest()[:8])
        while (key := _key(n)) in keys:
            n += 1
        keys.append(key)
    return keys


def pack(task: Task, window: int, today: date) -> Packed:
    """The prompt for `task` with as many of its hits, best first and whole, as `window` tokens have room for."""
    language = task.language
    question = harmless(task.question)
    keys = passage_keys(task.question, task.hits)

    def messages(passages: Sequence[str], valid: Sequence[str]) -> list[ChatMessage]:
        rules = prompts.render(
            "answer_rules", language,
            today=today.isoformat(), keys=", ".join(valid), example=valid[0] if valid else "",
            not_found=say("not_found", language),
        )  # fmt: skip
        ask = prompts.render("answer_task", language, passages="\n\n".join(passages), question=question)
        return [system(rules), user(ask)]

    room = window - REPLY - sum(estimated_tokens(m.content or "") for m in messages([], keys))
    chosen: dict[str, int] = {}
    passages: list[str] = []
    for number, (key, hit) in enumerate(zip(keys, task.hits, strict=True), 1):
        passage = passage_prompt(key, hit, language)
        size = estimated_tokens(passage) + 2
        if size <= room:
            room -= size
            chosen[key] = number
            passages.append(passage)
    return Packed(messages(passages, list(chosen)), chosen, len(task.hits) - len(chosen))


def passage_prompt(key: str, hit: Hit, language: str) -> str:
    return prompts.render(
        "passage", language,
        key=key, title=_attribute(hit.title), date=_attribute(hit.date), outlet=_attribute(hit.source),
        language=_attribute(hit.language), text=harmless(hit.text),
    )  # fmt: skip


def conversation(history: Sequence[Turn]) -> str:
    """Turns of a conversation as a prompt has them."""
    return "\n".join(f"{turn.role}: {harmless(turn.text).strip()[:1000]}" for turn in history)


def system(text: str) -> ChatMessage:
    return ChatMessage(role=MessageRole.SYSTEM, content=text)


def user(text: str) -> ChatMessage:
    return ChatMessage(role=MessageRole.USER, content=text)


def assistant(text: str) -> ChatMessage:
    return ChatMessage(role=MessageRole.ASSISTANT, content=text)


def _key(n: int) -> str:
    n, first = divmod(n, len(_LETTERS))
    n, digit = divmod(n, len(_DIGITS))
    return _LETTERS[first] + _DIGITS[digit] + _LETTERS[n % len(_LETTERS)]


def _attribute(value: str | None) -> str:
    return re.sub(r'["<>\s]+', " ", harmless(value or "")).strip()[:300]
