"""What readers say of answers, kept a line each in `feedback.jsonl`, and how an answer becomes a gold question."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from rag.gold import append_case
from rag.text.values import find_values
from rag.types import Answer, Case, GoldSource, Turn

FEEDBACK, GOLD = "feedback.jsonl", "gold.jsonl"


@dataclass(frozen=True, slots=True)
class Feedback:
    """`verdict` is "good" or "bad"; `correct` what the answer should have been, where the reader says so."""

    question: str
    answer: str
    verdict: str
    comment: str | None = None
    correct: str | None = None
    sources: tuple[str, ...] = ()
    who: str | None = None


def keep_feedback(folder: Path, feedback: Feedback) -> None:
    """Add a line to the library's `feedback.jsonl`, with the time in UTC."""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    line = json.dumps({"at": now, **asdict(feedback)}, ensure_ascii=False)
    with FileLock(folder / f"{FEEDBACK}.lock"), (folder / FEEDBACK).open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
        file.flush()
        os.fsync(file.fileno())


def gold_case(answer: Answer, history: Sequence[Turn], correct: str | None = None) -> Case:
    """A gold question out of an answer that a reader found good, or out of the right answer that they gave.

    Its facts are the numbers and dates of that answer. Its sources are those that the answer cites: where the reader
    corrected it, only those that hold one of the facts, since the others may be what misled it.
    """
    text = correct or " ".join(s.text for s in answer.sentences if s.citations)
    values = find_values(text)
    facts = list(dict.fromkeys(text[v.start : v.end] for v in values))
    keys = {v.key for v in values}
    cited = [
        c for c in answer.citations if not correct or keys & {v.key for v in find_values(c.quote)}
    ]  # fmt: skip
    now = datetime.datetime.now(datetime.UTC)
    return Case(
        id=f"page-{now:%Y%m%d-%H%M%S-%f}",
        language=answer.language,
        question=answer.question,
        history=list(history),
        gold_answer=text or None,
        must_include=[[fact] for fact in facts],
        gold_sources=[GoldSource(c.path or c.document_id, c.quote) for c in cited],
        answerable=bool(text),
        kind="page",
        tags=["corrected"] if correct else ["good"],
    )


def keep_gold(folder: Path, case: Case) -> None:
    """Add `case` to the library's gold questions. Raises `BadCase`."""
    append_case(folder / GOLD, case)
