"""The answer written by a model, from passages that it must cite."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import prompts
from rag.answering import Draft, Task
from rag.answering.prompting import Packed, assistant, harmless, pack, user
from rag.budget import Usage
from rag.calls import Fault
from rag.messages import say
from rag.models import ChatModel
from rag.text.sentences import sentences
from rag.types import Notice, Stage

MOST_CITED = 3  # passages a sentence may cite; further ones are dropped
MOST_CORRECTIONS = 3  # sentences of one answer that are sent back
ONE = r"(?:[a-z]\d[a-z]|\d{1,3})"  # what looks like a key, ours or not
_MARKER = re.compile(rf"(?:\[{{1,2}}|【|\()\s*({ONE}(?:\s*[,;]?\s+{ONE}|\s*[,;]\s*{ONE})*)\s*(?:\]{{1,2}}|】|\))", re.I)
_BRACKET = "[【("


class GenerativeWriter:
    """Asks `model` and gives its sentences as they become whole. One writer writes one answer."""

    def __init__(self, model: ChatModel, used: Usage, today: date | None = None) -> None:
        """`used` is told of the tokens; `today` is the date that the model is given, this day's where None."""
        self._model = model
        self._used = used
        self._today = today or date.today()
        self._packed: Packed | None = None
        self._language = "en"
        self._corrections = 0
        self.model = model.name

    def write(self, task: Task) -> Iterator[Draft | Stage | Notice]:
        packed = self._packed = pack(task, self._model.window, self._today)
        self._language = task.language
        if not packed.keys:
            raise self._model.server.fault(self.model, Fault("overflow"))
        if packed.dropped:
            yield Notice("dropped", say("notice.dropped", task.language, count=packed.dropped))
        first = True
        for piece in whole_sentences(self._model.stream(packed.messages, self._used)):
            if isinstance(piece, Stage):
                yield piece
                continue
            refuses = is_refusal(piece, task.language)
            yield Draft(numbered(piece, packed.keys), claims=not refuses)
            if refuses and first:
                return  # whatever comes after "it is not in the documents" is not from them
            first = False

    def correct(self, draft: Draft, why: str) -> Iterator[Draft | Stage]:
        """Send a sentence back with what is wrong with it; nothing where the model has no better one."""
        packed = self._packed
        if packed is None or self._corrections == MOST_CORRECTIONS:
            return
        self._corrections += 1
        keyed = with_keys(draft.text, packed.keys)
        ask = prompts.render(
            "correct", self._language, sentence=_closed_up(harmless(draft.text)), why=why.rstrip("."),
            not_found=say("not_found", self._language),
        )  # fmt: skip
        messages = [*packed.messages, assistant(keyed), user(ask)]
        for piece in whole_sentences(self._model.stream(messages, self._used)):
            if isinstance(piece, Stage):
                yield piece
                continue
            if not is_refusal(piece, self._language):
                yield Draft(numbered(piece, packed.keys))
            return


def is_refusal(sentence: str, language: str) -> bool:
    """Whether a sentence is the phrase that the prompt asks for where the passages are silent."""
    return _bare(sentence) == _bare(say("not_found", language))


def numbered(sentence: str, keys: dict[str, int]) -> str:
    """`sentence` with markers [n] for the keys it cites, the first `MOST_CITED` of them; what is no key is dropped.

    >>> numbered("Trade grew [d4f, z9z][1].", {"d4f": 2})
    'Trade grew [2].'
    """
    cited: set[int] = set()

    def number(m: re.Match[str]) -> str:
        named = re.findall(ONE, m[1], re.I)
        if m[0][0] == "(" and not all(name.lower() in keys for name in named):
            return m[0]
        marks = []
        for name in named:
            n = keys.get(name.lower())
            if n is not None and (n in cited or len(cited) < MOST_CITED):
                cited.add(n)
                marks.append(f"[{n}]")
        return "".join(marks)

    return _closed_up(_MARKER.sub(number, sentence))


def with_keys(sentence: str, keys: dict[str, int]) -> str:
    """The other way round: markers [n] as the keys that the model knows them by."""
    names = {n: key for key, n in keys.items()}
    return re.sub(r"\[(\d{1,3})\]", lambda m: f"[{names[int(m[1])]}]" if int(m[1]) in names else "", sentence)


def whole_sentences(pieces: Iterator[str | Stage]) -> Iterator[str | Stage]:
    """Sentences of a streamed text, each as soon as the next has begun; markers after a full stop stay with it.

    Stages are passed on as they come.
    """
    text = ""
    for piece in pieces:
        if isinstance(piece, Stage):
            yield piece
            continue
        text += piece
        *whole, last = _starts(text)
        rest = text[last:]
        # The last sentence may go on, and the one before it may still get a marker that begins it.
        if whole and len(rest) > (60 if rest[0] in _BRACKET else 12):
            yield from (text[a:b].strip() for a, b in pairwise([*whole, last]))
            text = rest
    yield from (s for a, b in pairwise([*_starts(text), len(text)]) if (s := text[a:b].strip()))


def _starts(text: str) -> list[int]:
    """Where the sentences of `text` begin, markers that stand between two being the first one's."""
    # The splitter must not see the markers: they would look like the beginning of a sentence, or hide one.
    marked = {i for m in _MARKER.finditer(text) for i in range(*m.span())}
    places = [i for i in range(len(text)) if i not in marked]
    return [0, *[places[a] for a, _ in sentences("".join(text[i] for i in places))][1:]]


def _closed_up(text: str) -> str:
    """`text` without the blanks that a marker leaves before a full stop."""
    return re.sub(r"\s+([.,;!?…])", r"\1", text).strip()


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().casefold()
