"""Real answers, spoilt in one way each: the measure that is meant to see it does, and those it must not touch stay.

The answers are the product's own, over the samples, to questions that it gets right; what is spoilt is what came out.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from evals.cases import SHIPPED, Library, gold_spans
from evals.compare import better
from evals.metrics import DEPTH, Trial, score
from evals.statistics import difference
from rag import Answer, Assistant, Citation, Hit, Sentence
from rag.gold import read_cases

ANSWERED, SILENT = 16, 6  # questions of each sort
Sabotage = Callable[[Trial], Trial]


@pytest.fixture(scope="module")
def right(seeds: Assistant) -> list[Trial]:
    """Questions that are answered, or refused, as they should be."""
    path, _ = SHIPPED[0]
    library = Library(seeds)
    cases = read_cases(path)
    gold = gold_spans(cases, library, path)
    found: dict[bool, list[Trial]] = {True: [], False: []}
    for case in cases:
        wanted = found[case.answerable]
        if len(wanted) < (ANSWERED if case.answerable else SILENT) and case.kind != "greeting" and not case.history:
            hits = seeds.search(case.question, DEPTH)
            trial = Trial(case, seeds.ask(case.question), hits, gold[case.id], library.documents)
            if score(trial)["correct"].value == 1 and (not case.answerable or score(trial)["recall@1"].value == 1):
                wanted.append(trial)
    assert len(found[True]) == ANSWERED
    assert len(found[False]) == SILENT
    return [*found[True], *found[False]]


def moved(before: Sequence[Trial], sabotage: Sabotage) -> dict[str, int]:
    """For every measure −1 where it is significantly worse after the sabotage, 1 where better, else 0."""
    a, b = [score(t) for t in before], [score(sabotage(t)) for t in before]
    ids = [t.case.id for t in before]
    found = {}
    for name in {name for scores in (*a, *b) for name in scores}:
        values = [[s[name].value if name in s else None for s in scores] for scores in (a, b)]
        made = difference(values[0], values[1], ids)
        sign = 0 if made is None or not made.significant else 1 if better(name, made.change) else -1
        found[name] = sign
    return found


def spoilt(**changes: object) -> Callable[[Trial], Trial]:
    return lambda t: replace(t, answer=replace(t.answer, **changes))  # type: ignore[arg-type]


def test_left_alone_nothing_moves(right: list[Trial]) -> None:
    assert set(moved(right, lambda t: t).values()) == {0}


def test_shuffled_retrieval(right: list[Trial]) -> None:
    def shuffle(trial: Trial) -> Trial:
        hits = list(trial.hits)
        random.Random(trial.case.id).shuffle(hits)
        return replace(trial, hits=hits)

    found = moved(right, shuffle)
    assert found["recall@1"] == found["mrr"] == found["ndcg@10"] == -1
    assert found["recall@10"] == found["correct"] == 0


def test_answers_in_the_wrong_language(right: list[Trial], seeds: Assistant) -> None:
    def turned(trial: Trial) -> Trial:
        other = "en" if trial.case.language == "ru" else "ru"
        return replace(trial, answer=seeds.ask(trial.case.question, language=other))

    found = moved(right, turned)
    assert found["language"] == -1
    assert found["quote_exactness"] == 0  # quotations stay in their own language


def test_markers_shifted_by_one(right: list[Trial]) -> None:
    def shifted(trial: Trial) -> Trial:
        sentences = [replace(s, citations=[n + 1 for n in s.citations]) for s in trial.answer.sentences]
        text = re.sub(r"\[(\d+)\]", lambda m: f"[{int(m.group(1)) + 1}]", trial.answer.text)
        return replace(trial, answer=replace(trial.answer, sentences=sentences, text=text))

    found = moved(right, shifted)
    assert found["facts_cited"] == found["invalid_citations"] == found["quote_exactness"] == -1
    assert found["key_facts"] == found["gold_cited"] == 0


def test_sources_shifted_by_one(right: list[Trial]) -> None:
    """Each citation points to the passage after the one it should."""

    def shifted(trial: Trial) -> Trial:
        citations = [_of(c.number, _next(c, trial.hits)) for c in trial.answer.citations]
        return replace(trial, answer=replace(trial.answer, citations=citations))

    found = moved(right, shifted)
    assert found["correct"] == found["facts_cited"] == found["gold_cited"] == found["first_citation"] == -1
    assert found["citation_precision"] == found["citation_recall"] == found["quote_exactness"] == -1
    assert found["key_facts"] == found["invalid_citations"] == 0  # nothing else is wrong with them


def test_always_refusing(right: list[Trial]) -> None:
    refuse = spoilt(status="not_found", text="No.", sentences=[_own("No.")], citations=[])
    found = moved(right, refuse)
    assert found["correct"] == found["status"] == found["refusal_precision"] == found["key_facts"] == -1
    assert found["refusal_recall"] == 0


def test_never_refusing(right: list[Trial]) -> None:
    found = moved(right, lambda t: replace(t, answer=_quoting(t)) if t.refused else t)
    assert found["refusal_recall"] == found["correct"] == found["status"] == -1
    assert found["key_facts"] == found["recall@1"] == 0


def test_copying_whole_passages(right: list[Trial]) -> None:
    found = moved(right, lambda t: t if t.refused else replace(t, answer=_quoting(t)))
    assert found["citation_precision"] == found["token_f1"] == -1
    assert found["key_facts"] == found["citation_recall"] == found["quote_exactness"] == 0


def test_a_fact_changed_in_the_answer(right: list[Trial]) -> None:
    """Every number is one more, every name another, in what is said: the citations stay as they are."""

    def changed(trial: Trial) -> Trial:
        return replace(trial, answer=replace(trial.answer, sentences=[_changed(s) for s in trial.answer.sentences]))

    found = moved(right, changed)
    assert found["key_facts"] == found["correct"] == found["token_f1"] == found["quote_exactness"] == -1
    assert found["gold_cited"] == found["status"] == found["recall@1"] == 0


def test_a_forbidden_fact_is_stated(right: list[Trial]) -> None:
    def lying(trial: Trial) -> Trial:
        lies = [_own(f"{fact}.") for fact in trial.case.must_not_include]
        return replace(trial, answer=replace(trial.answer, sentences=[*trial.answer.sentences, *lies]))

    guarded = [t if t.refused else replace(t, case=replace(t.case, must_not_include=["4321 MW"])) for t in right]
    found = moved(guarded, lying)
    assert found["forbidden_facts"] == found["correct"] == -1
    assert found["key_facts"] == found["status"] == 0


def _own(text: str) -> Sentence:
    return Sentence(text, "en", False, [], None, None)


def _of(number: int, hit: Hit) -> Citation:
    """A citation of a whole passage."""
    return Citation(
        number, hit.document_id, hit.title, hit.path, hit.date, hit.language, hit.source, hit.start, hit.end, hit.text
    )


def _next(citation: Citation, hits: Sequence[Hit]) -> Hit:
    """The hit after the one that a citation is in, round at the end."""
    at = next(
        n for n, h in enumerate(hits) if h.document_id == citation.document_id and h.start <= citation.start < h.end
    )
    return hits[(at + 1) % len(hits)]


def _quoting(trial: Trial) -> Answer:
    """The best passages whole instead of an answer."""
    hits = trial.hits[:3]
    sentences = [Sentence(h.text, h.language, True, [n], "supported", None) for n, h in enumerate(hits, 1)]
    citations = [_of(n, h) for n, h in enumerate(hits, 1)]
    text = " ".join(f"{s.text} [{n}]" for n, s in enumerate(sentences, 1))
    return replace(trial.answer, status="answered", text=text, sentences=sentences, citations=citations)


def _changed(sentence: Sentence) -> Sentence:
    text = re.sub(r"\d+", lambda m: str(int(m.group()) + 1), sentence.text)
    return replace(sentence, text=re.sub(r"\b(?<!^)[A-ZА-ЯЁ]\w+", "Qwerty", text))
