"""Models of known habits, for the fake server: one that answers from the passages it is given, and some that invent.

They read nothing but the messages of the request. The honest one takes the sentences that share most words and values
with the question, through the translation table where the languages differ; it can't translate, so a sentence of the
other language it quotes, as the prompt allows. An inventor takes the same sentences and changes one thing in each.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from rag.answering.cues import Cue
from rag.answering.followup import stand_alone
from rag.bilingual.concepts import concepts, index_terms
from rag.bilingual.table import shipped
from rag.citations import matched
from rag.messages import say
from rag.text.sentences import sentences
from rag.text.values import find_values
from rag.text.words import words
from rag.types import Turn

MOST = 3  # sentences of an answer, as many as are quoted without a model
FURTHER = 0.7  # a further one scores at least this share of the first
_PASSAGE = re.compile(r'<passage key="(\w+)" .*? language="(\w*)">\n(.*?)\n</passage>', re.S)
_QUESTION = re.compile(r"<question>(.*?)</question>", re.S)
_TURN = re.compile(r"^(user|assistant): (.*)$", re.M)
_LEAD = {"en": "The document says: “{}”", "ru": "В документе сказано: «{}»"}


@dataclass(frozen=True)
class Chosen:
    """A sentence of a passage, under the passage's key."""

    key: str
    language: str
    text: str


def honest(messages: list[dict[str, str]]) -> str:
    """The reply of a model that answers from its passages."""
    language, asked = _language(messages), messages[1]["content"]
    if "<conversation>" in asked:
        return _whole(asked)
    chosen = choose(asked)
    if len(messages) > 2 or not chosen:
        return say("not_found", language)  # it has no better sentence than the one that was sent back
    return " ".join(_written(one, language) for one in chosen)


@dataclass
class Inventor:
    """A model that changes each sentence by `change`, and insists when it is sent back. `written` is what it wrote."""

    change: Callable[[Chosen, list[Chosen]], Chosen | None]
    written: set[str] = field(default_factory=set)

    def __call__(self, messages: list[dict[str, str]]) -> str:
        language, asked = _language(messages), messages[1]["content"]
        if "<conversation>" in asked:
            return _whole(asked)
        if len(messages) > 2:
            return messages[2]["content"]
        others = [Chosen(key, its, text) for key, its, text in _PASSAGE.findall(asked)]
        changed = [found for one in choose(asked) if (found := self.change(one, others))]
        self.written |= {" ".join(_written(one, language).rpartition(" [")[0].split()) for one in changed}
        return " ".join(_written(one, language) for one in changed) or say("not_found", language)


def choose(asked: str) -> list[Chosen]:
    """The sentences of the passages in a prompt that share most with its question, best first."""
    question = _QUESTION.findall(asked)[-1]
    wanted, cue = concepts(question, shipped()), Cue.of(question)
    scored = []
    for rank, (key, language, text) in enumerate(_PASSAGE.findall(asked)):
        for start, end in sentences(text):
            terms = set(index_terms(text[start:end]))
            shared = sum(c.rarity * matched(c, terms) for c in wanted) / (sum(c.rarity for c in wanted) or 1)
            score = shared + 0.15 * cue.held(text[start:end]) + 0.1 / (1 + rank)
            scored.append((score, Chosen(key, language, " ".join(text[start:end].split()))))
    scored.sort(key=lambda pair: -pair[0])
    return [one for score, one in scored[:MOST] if score >= FURTHER * scored[0][0]]


# ---- inventions: a sentence with one thing changed, or None where it has no such thing


def wrong_number(one: Chosen, others: list[Chosen]) -> Chosen | None:
    return _with_value(one, "number", lambda digits: str(int(digits) + 7))


def wrong_date(one: Chosen, others: list[Chosen]) -> Chosen | None:
    return _with_value(one, "date", lambda digits: str(int(digits) + 3 if len(digits) == 4 else int(digits) % 27 + 1))


def wrong_name(one: Chosen, others: list[Chosen]) -> Chosen | None:
    names = [w for w in words(one.text) if w.capitalised and w.start > 2 and len(w.surface) > 3]
    if not names:
        return None
    name = "Хендриксен" if one.language == "ru" else "Hendricksen"
    first = names[0]
    return Chosen(one.key, one.language, one.text[: first.start] + name + one.text[first.start + len(first.surface) :])


def negated(one: Chosen, others: list[Chosen]) -> Chosen | None:
    if one.language == "ru":
        changed = re.sub(r"\b(\w{3,}(?:ла|ли|ло|ет|ут|ют|ят|ит|ил|ал|ел))\b", r"не \1", one.text, count=1)
    else:
        changed = re.sub(r"\b(is|was|are|were|will|has|have|had|can|could|may)\b", r"\1 not", one.text, count=1)
    return Chosen(one.key, one.language, changed) if changed != one.text else None


def wrong_source(one: Chosen, others: list[Chosen]) -> Chosen | None:
    other = next((o for o in reversed(others) if o.key != one.key), None)
    return Chosen(other.key, one.language, one.text) if other else None


INVENTIONS: dict[str, Callable[[Chosen, list[Chosen]], Chosen | None]] = {
    "wrong number": wrong_number,
    "wrong date": wrong_date,
    "wrong name": wrong_name,
    "negated": negated,
    "wrong source": wrong_source,
}


def _with_value(one: Chosen, kind: str, change: Callable[[str], str]) -> Chosen | None:
    """`one` with the last digits of its first value of `kind` changed."""
    for value in find_values(one.text):
        digits = list(re.finditer(r"\d+", one.text[value.start : value.end]))
        if value.kind == kind and digits:
            at = value.start + digits[-1].start()
            text = one.text[:at] + change(digits[-1].group()) + one.text[at + len(digits[-1].group()) :]
            return Chosen(one.key, one.language, text)
    return None


def _written(one: Chosen, language: str) -> str:
    """A sentence as the answer has it: as it is, or quoted where it is not in the answer's language."""
    if one.language == language:
        return f"{one.text} [{one.key}]."
    return _LEAD[language].format(one.text.strip('«»“”"')) + f" [{one.key}]."


def _language(messages: list[dict[str, str]]) -> str:
    return "ru" if re.search("[а-я]", messages[0]["content"]) else "en"


def _whole(asked: str) -> str:
    """A follow-up with the names that it leans on."""
    history = [Turn(role, text) for role, text in _TURN.findall(asked)]
    return stand_alone(_QUESTION.findall(asked)[-1], history, shipped())
