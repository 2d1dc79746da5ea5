"""What a model does around an answer: it makes a follow-up stand alone, and suggests what to ask next.

Neither is trusted: a rewritten question that lost something or brought something in is not used, and a suggestion is
shown only when retrieval finds what answers it.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence

import prompts
from rag.answering.addresses import addresses
from rag.answering.guard import in_language
from rag.answering.prompting import conversation, harmless, passage_keys, passage_prompt, system, user
from rag.bilingual.concepts import concepts, index_terms
from rag.bilingual.table import TranslationTable
from rag.budget import Usage
from rag.citations import matched
from rag.models import ChatModel
from rag.text.values import find_values
from rag.text.words import fold
from rag.types import Hit, Stage, Turn

LOOK_BACK = 6  # turns of the conversation that the model is shown
LONGEST = 300  # characters of a question
MOST_PASSAGES = 4  # that suggestions are made from


def rewritten(
    question: str, history: Sequence[Turn], language: str, model: ChatModel, used: Usage, table: TranslationTable
) -> Generator[Stage, None, str | None]:
    """`question` as one that stands alone, by `model`; None where what it wrote can't be used. Raises `ModelFault`."""
    rules = prompts.render("follow_up_rules", language)
    turns = history[-LOOK_BACK:]
    ask = prompts.render(
        "follow_up_task", language, conversation=conversation(turns), question=harmless(question)[:LONGEST]
    )
    reply = yield from model.reply([system(rules), user(ask)], used)
    line = next((line.strip() for line in reply.splitlines() if line.strip()), "").strip('"«»“”')
    known = " ".join([question, *(turn.text for turn in turns)])
    return line if line and _faithful(line, question, known, language, table) else None


def suggested(
    question: str, answer: str, language: str, hits: Sequence[Hit], model: ChatModel, used: Usage, count: int
) -> Generator[Stage, None, list[str]]:
    """Up to `count` questions that `model` suggests to ask next, not yet tried. Raises `ModelFault`."""
    read = hits[:MOST_PASSAGES]
    passages = [passage_prompt(k, h, language) for k, h in zip(passage_keys(question, read), read, strict=True)]
    rules = prompts.render("suggest_rules", language, count=str(count))
    ask = prompts.render(
        "suggest_task",
        language,
        passages="\n\n".join(passages),
        question=harmless(question),
        answer=harmless(answer).strip(),
    )
    reply = yield from model.reply([system(rules), user(ask)], used)
    lines = [re.sub(r"^\s*(?:[-*•]|\d+[.)])\s*", "", line).strip() for line in reply.splitlines()]
    good = [
        line for line in dict.fromkeys(lines)
        if line.endswith("?") and len(line) <= LONGEST and not addresses(line) and in_language(line, language)
        and fold(line) != fold(question)
    ]  # fmt: skip
    return good[:count]


def _faithful(line: str, question: str, known: str, language: str, table: TranslationTable) -> bool:
    """Whether a rewritten question kept the names, dates and numbers, and took new ones from the conversation only."""
    if len(line) > LONGEST + len(question) or addresses(line) or not in_language(line, language):
        return False
    values, said = _values(line), _values(known)
    if not _values(question) <= values <= said:
        return False
    kept, there = set(index_terms(line)), set(index_terms(known))
    names = [c for c in concepts(question, table) if c.name and next(iter(c.terms)) not in kept]
    brought = [c for c in concepts(line, table) if c.name and not matched(c, there)]
    return not names and not brought


def _values(text: str) -> set[str]:
    return {value.key for value in find_values(text)}
