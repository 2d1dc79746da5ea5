"""A model that judges answers, where one is named: correctness, faithfulness by claims, entailment by citations.

Each measure is one call for each answer, with prompts in the question's language. What a judge says is read strictly: a
reply that is not in the form it was asked for makes the measure *unscored* for that case, which is counted and shown.
Replies that could be read are kept in `<data>/verdicts.jsonl`, so that the same answers are judged once.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import prompts
from evals.metrics import METRICS, Verdict
from evals.runs import Row, fingerprint
from rag import Answer, Sentence, Settings
from rag.budget import Budget
from rag.errors import ModelFault

if TYPE_CHECKING:
    from rag.models import ChatModel

CALLS = 4  # at a time
GRADES = {"CORRECT": 1.0, "PARTLY": 0.5, "WRONG": 0.0}
ONE_REPLY = {
    "length",
    "filtered",
    "empty",
    "overflow",
}  # faults of a reply; any other is the server's, and ends the run


@dataclass(frozen=True, slots=True)
class Measure:
    """`ask` gives what fills in the prompts `judge_NAME_rules` and `judge_NAME_task`; a verdict where there is nothing
    to ask about; or None where the measure is not of that answer. `read` gives the verdict of a reply.
    """

    prompt: str
    ask: Callable[[Row, Answer], Mapping[str, str] | Verdict | None]
    read: Callable[[str, Answer], Verdict]


class Unreadable(ValueError):
    """A reply that is not in the form it was asked for."""


# ---- correctness


def _ask_correct(row: Row, answer: Answer) -> Mapping[str, str] | Verdict | None:
    if answer.status == "not_found":
        return Verdict(0.0, answer.status)  # there is an answer, and it was not given: nobody need be asked
    return {
        "question": _harmless(row.case.question),
        "reference": _harmless(row.case.gold_answer or ""),
        "answer": _said(answer.sentences),
    }


def _read_correct(reply: str, answer: Answer) -> Verdict:
    found = re.fullmatch(r"REASON:[ \t]*(.+)\n+VERDICT:[ \t]*(CORRECT|PARTLY|WRONG)\.?", reply.strip())
    if not found:
        raise Unreadable(reply)
    return Verdict(GRADES[found.group(2)], "" if found.group(2) == "CORRECT" else found.group(1))


# ---- faithfulness


def _ask_faithful(row: Row, answer: Answer) -> Mapping[str, str] | None:
    from rag.answering.prompting import passage_prompt

    if not _claiming(answer):
        return None
    language = row.case.language
    passages = [passage_prompt(str(n), hit, language) for n, hit in enumerate(answer.hits, 1)]
    question = _harmless(row.case.question)
    return {"passages": "\n\n".join(passages), "question": question, "answer": _said(answer.sentences)}


def _read_faithful(reply: str, answer: Answer) -> Verdict:
    """The share of the claims that the passages carry."""
    claims = [re.fullmatch(r"(YES|NO) *\| *(.+)", line) for line in _lines(reply)]
    read = [found.groups() for found in claims if found]
    if not read or len(read) != len(claims):
        raise Unreadable(reply)
    return Verdict(sum(v == "YES" for v, _ in read) / len(read), " | ".join(claim for v, claim in read if v == "NO"))


# ---- entailment by citations


def _ask_cited(row: Row, answer: Answer) -> Mapping[str, str] | None:
    quotes = {c.number: _harmless(c.quote) for c in answer.citations}
    parts = []
    for number, sentence in enumerate(_claiming(answer), 1):
        cited = "\n".join(f"<quote>{quotes[n]}</quote>" for n in sentence.citations if n in quotes)
        parts.append(f'<sentence number="{number}">{_harmless(sentence.text)}</sentence>\n{cited or "<quote></quote>"}')
    return {"sentences": "\n\n".join(parts)} if parts else None


def _read_cited(reply: str, answer: Answer) -> Verdict:
    """The share of the claiming sentences that their citations carry: ALCE's citation recall (Gao et al. 2023)."""
    claiming = _claiming(answer)
    lines = [re.fullmatch(r"(\d+)[.:)]? *(YES|NO)", line) for line in _lines(reply)]
    read = [(int(found.group(1)), found.group(2)) for found in lines if found]
    if len(read) != len(lines) or [n for n, _ in read] != list(range(1, len(claiming) + 1)):
        raise Unreadable(reply)
    weak = [claiming[n - 1].text for n, verdict in read if verdict == "NO"]
    return Verdict(1 - len(weak) / len(read), " | ".join(weak))


MEASURES: dict[str, Measure] = {
    "judge_correct": Measure("judge_correct", _ask_correct, _read_correct),
    "judge_faithful": Measure("judge_faithful", _ask_faithful, _read_faithful),
    "judge_cited": Measure("judge_cited", _ask_cited, _read_cited),
}


class Judge:
    """Judges rows with the model `name` on the server of `settings`. Close with `close`."""

    def __init__(self, name: str, settings: Settings) -> None:
        from rag.library import Record
        from rag.models import chat_model

        # What it uses counts into the day's tokens of the user's own library.
        self._record = Record.of(settings) if settings.daily_tokens is not None else None
        budget = Budget(self._record, settings.daily_tokens)
        made = chat_model(settings.model_copy(update={"chat_model": name}), budget)
        assert made is not None
        self.name = name
        self._model: ChatModel = made
        self._writer = settings.chat_model
        self._cache = _Replies(settings.data / "verdicts.jsonl", f"{settings.openai_base_url} {name}")

    def configuration(self) -> dict[str, Any]:
        """What the verdicts follow from."""
        hashes = {
            f"{language}/{file.name}": fingerprint(file.read_text("utf-8"))
            for language in ("en", "ru")
            for file in sorted(files("prompts").joinpath(language).iterdir(), key=lambda f: f.name)
            if file.name.startswith("judge_")
        }
        return {"model": self.name, "same_as_writer": self.name == self._writer, "prompts": hashes}

    def judge(self, rows: Sequence[Row]) -> list[dict[str, Verdict]]:
        """The verdicts on each row, by measure. Raises `ModelFault` where the server does not do its part."""
        with ThreadPoolExecutor(CALLS) as pool:
            try:
                return list(pool.map(self._verdicts, rows))
            except ModelFault:
                pool.shutdown(cancel_futures=True)
                raise

    def close(self) -> None:
        self._model.close()
        if self._record:
            self._record.close()

    def _verdicts(self, row: Row) -> dict[str, Verdict]:
        if row.answer is None or row.error:
            return {}
        measures = [(name, m) for name, m in MEASURES.items() if METRICS[name].population(row.case)]
        found = {name: self._verdict(measure, row, row.answer) for name, measure in measures}
        return {name: verdict for name, verdict in found.items() if verdict is not None}

    def _verdict(self, measure: Measure, row: Row, answer: Answer) -> Verdict | None:
        asked = measure.ask(row, answer)
        if asked is None or isinstance(asked, Verdict):
            return asked
        language = row.case.language
        rules = prompts.render(f"{measure.prompt}_rules", language)
        task = prompts.render(f"{measure.prompt}_task", language, **asked)
        known = self._cache.get(rules, task)
        try:
            reply = known if known is not None else self._reply(rules, task)
            verdict = measure.read(reply, answer)
        except Unreadable as error:
            return Verdict(None, str(error))
        except ModelFault as fault:
            if fault.fault not in ONE_REPLY:
                raise
            return Verdict(None, fault.text(language))
        if known is None:
            self._cache.keep(rules, task, reply)
        return verdict

    def _reply(self, rules: str, task: str) -> str:
        from rag.answering.prompting import system, user

        return "".join(piece for piece in self._model.stream([system(rules), user(task)]) if isinstance(piece, str))


class _Replies:
    """Replies by what was asked of whom, a line each in a file."""

    def __init__(self, path: Path, judge: str) -> None:
        self._path, self._judge = path, judge
        self._lock = threading.Lock()
        self._known: dict[str, str] = {}
        for line in path.read_text("utf-8", errors="replace").split("\n") if path.exists() else ():
            try:
                kept = json.loads(line)
            except ValueError:
                continue  # it was being written when the run was killed: that is asked again
            self._known[kept["asked"]] = kept["reply"]

    def get(self, *asked: str) -> str | None:
        return self._known.get(self._key(asked))

    def keep(self, *asked_and_reply: str) -> None:
        *asked, reply = asked_and_reply
        key = self._key(asked)
        with self._lock:
            self._known[key] = reply
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                # A line begins with a line end, so that one that was cut off does not spoil the next.
                file.write("\n" + json.dumps({"asked": key, "reply": reply}, ensure_ascii=False))

    def _key(self, asked: Sequence[str]) -> str:
        return fingerprint([self._judge, *asked])


def _claiming(answer: Answer) -> list[Sentence]:
    return [s for s in answer.sentences if s.support is not None]


def _said(sentences: Sequence[Sentence]) -> str:
    return _harmless("\n".join(s.text for s in sentences))


def _harmless(text: str) -> str:
    """Without anything that could pass for a part of the prompt; no tag can be closed or opened at all."""
    from rag.answering.prompting import harmless

    return harmless(text).replace("<", "‹").replace(">", "›")


def _lines(reply: str) -> list[str]:
    return [line.strip() for line in reply.strip().split("\n") if line.strip()]
