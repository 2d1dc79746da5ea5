"""The gold questions through the generative path: a model on a loopback server that reads what it is given.

The scripted model is a perfect reader: it writes the gold answer with the keys of the passages that hold the gold
quotes, and refuses where it was given none. What is then wrong, the path lost: retrieval, packing, check, citation.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from evals.cases import SHIPPED
from evals.runs import Run, read_run
from rag import Case
from rag.answering.orders import without_orders
from rag.cli import main
from rag.gold import read_cases
from rag.messages import say
from rag.text.sentences import sentences
from tests.conftest import SEEDS
from tests.fake_openai import KEY, MODEL, FakeOpenAI
from tests.test_eval_run import write_cases

FIRST, EVERY = 2, 7  # of the cases over the samples: a slice that has each direction several times


class Reader:
    """Replies to the prompts of the answers, of the follow-ups and of the corrections."""

    def __init__(self, cases: list[Case]) -> None:
        self._cases = {_plain(without_orders(case.question)): case for case in cases}  # as the model is asked

    def __call__(self, messages: list[dict[str, str]]) -> str:
        task = messages[1]["content"]
        [question] = re.findall(r"<question>(.*?)</question>", task, re.S)
        if "<conversation>" in task:
            return str(question).strip()
        case = self._cases.get(_plain(question))
        passages = re.findall(r'<passage key="(\w+)".*?>\n(.*?)</passage>', task, re.S)
        keys = [
            key
            for source in (case.gold_sources if case else [])
            for key, text in passages
            if _plain(source.quote) in _plain(text)
        ]
        if case is None or case.gold_answer is None or not keys or len(messages) > 2:
            return say("not_found", case.language if case else "en")
        marks = "".join(f" [{key}]" for key in dict.fromkeys(keys))
        text = case.gold_answer
        return " ".join(f"{text[a:b].rstrip('.!')}{marks}." for a, b in sentences(text))


def _plain(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def done(fake: FakeOpenAI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    path, _ = SHIPPED[0]
    cases = read_cases(path)[FIRST::EVERY]
    monkeypatch.setenv("SUROO_CHAT_MODEL", MODEL)
    monkeypatch.setenv("OPENAI_BASE_URL", fake.url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    fake.script = Reader(cases)
    gold = write_cases(tmp_path / "seeds.jsonl", cases)
    arguments = ["eval", "run", "--gold", str(gold), "--documents", str(SEEDS), "--out", "run"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return read_run(Path("run"))


def test_gold_answers_survive_the_path(done: Run, fake: FakeOpenAI) -> None:
    measures = done.summary["measures"]
    assert done.summary["crashed"] == []
    assert done.config["settings"]["chat_model"] == MODEL
    assert KEY not in (done.folder / "config.json").read_text("utf-8")
    assert done.summary["tokens"]["prompt"] > 10_000
    written = [row for row in done.rows if row.answer and row.answer.model == MODEL and row.answer.citations]
    assert len(written) >= 15
    assert {row.case.language for row in written} == {"en", "ru"}
    assert {row.languages for row in written} >= {"en→en", "en→ru", "ru→en", "ru→ru"}

    reached = [row for row in written if row.scores.get("recall@5", 0) == 1 and not row.case.history]
    assert sum(row.scores["key_facts"] for row in reached) / len(reached) > 0.9
    assert all(row.scores["language"] == 1 for row in reached)
    assert measures["quote_exactness"]["mean"] == 1
    assert measures["invalid_citations"]["mean"] == 0
    assert measures["token_f1"]["mean"] > 0.4


def test_a_model_that_knows_nothing_is_measured_as_that(
    fake: FakeOpenAI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = SHIPPED[0]
    cases = [c for c in read_cases(path) if c.answerable and c.kind != "greeting"][:6]
    monkeypatch.setenv("SUROO_CHAT_MODEL", MODEL)
    monkeypatch.setenv("OPENAI_BASE_URL", fake.url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    fake.fault = "401"
    gold = write_cases(tmp_path / "seeds.jsonl", cases)
    arguments = ["eval", "run", "--gold", str(gold), "--documents", str(SEEDS), "--out", "run"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    done = read_run(Path("run"))
    assert "crashed" in result.stderr
    assert len(done.summary["crashed"]) >= 4  # a refusal does not ask the model
    crashed = [row for row in done.rows if row.error]
    assert all(row.scores["correct"] == row.scores["key_facts"] == row.scores["recall@10"] == 0 for row in crashed)
    assert all(MODEL in (row.error or "") for row in crashed)
