"""Every measure on answers made by hand, against values worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from evals.cases import Span, locate
from evals.facts import states
from evals.metrics import METRICS, Trial, Verdict, expected_status, score, worst
from rag import Answer, Case, Citation, Document, GoldSource, Hit, Sentence
from rag.passages import split

EN = Document("en", "Rain fell on Monday. Each plant has a capacity of 300 MW. Nobody was hurt.", sha256="0")
RU = Document("ru", "Шёл дождь. Парк получил 410 млн долларов. Никто не пострадал.", sha256="0")
OTHER = Document("other", "The weather was fine. It did not last.", sha256="0")
DOCUMENTS = {d.id: d for d in (EN, RU, OTHER)}
PLANT, PARK = "Each plant has a capacity of 300 MW", "Парк получил 410 млн долларов"  # 8 and 5 words
CASE = Case(
    "c", "en", "What?", gold_answer="300 MW each, and $410 million", must_include=[["300 MW"], ["$410 million"]],
    must_not_include=["400 MW", "$500 million"], gold_sources=[GoldSource("en", PLANT), GoldSource("ru", PARK)],
    kind="several", pair="p",
)  # fmt: skip
SILENT = Case("s", "en", "Who?", answerable=False, kind="unanswerable")
HELLO = Case("h", "en", "Hello!", kind="greeting")


def place(document: Document, words: str) -> Span:
    found = locate(document.text, words)
    assert found
    return Span(document.id, *found)


GOLD = [place(EN, PLANT), place(RU, PARK)]


def cite(number: int, document: Document, words: str) -> Citation:
    span = place(document, words)
    return Citation(number, document.id, None, None, None, "en", None, span.start, span.end, words)


def said(text: str, *citations: int, quoted: bool = False, support: str | None = "supported") -> Sentence:
    return Sentence(text, "en", quoted, list(citations), support, None)


def hit(document: Document, start: str, end: str) -> Hit:
    """From the words `start` to the words `end`, under the id of the document's one passage."""
    a, b = place(document, start).start, place(document, end).end
    [passage] = split(document)
    return Hit(passage.id, document.id, a, b, document.text[a:b], "en", None, None, None, None, 1.0)


WHOLE = {d.id: hit(d, d.text.split()[0], d.text.split()[-1]) for d in DOCUMENTS.values()}


def trial(
    *sentences: Sentence,
    cited: Sequence[Citation] = (),
    hits: Sequence[Hit] = (),
    case: Case = CASE,
    status: str = "answered",
    twin: Trial | None = None,
) -> Trial:
    text = " ".join(s.text + "".join(f" [{n}]" for n in s.citations) for s in sentences)
    answer = Answer("What?", "en", status, text, list(sentences), list(cited), list(hits), [], None, None, {})
    return Trial(case, answer, hits, GOLD if case.gold_sources else [], DOCUMENTS, twin)


REFUSAL = said("The documents do not say.", support=None)
RIGHT = trial(
    said(PLANT, 1, quoted=True),
    said("The park got $410 million.", 2),
    cited=[cite(1, EN, PLANT), cite(2, RU, PARK)],
)
HALF = trial(said(PLANT, 1, quoted=True), cited=[cite(1, EN, PLANT)])
FALSE = trial(said("The plant has 400 MW.", 1), cited=[cite(1, EN, PLANT)])
WRONG_PLACE = trial(said(PLANT, 1, quoted=True), cited=[cite(1, OTHER, "The weather was fine.")])
REFUSED = trial(REFUSAL, status="not_found")

# Half of the plant's 8 words at rank 2, all of the park's 5 at rank 4, the other half of the plant's at rank 6.
FIRST_HALF, SECOND_HALF = hit(EN, "Rain", "plant has a"), hit(EN, "capacity of", "hurt.")
RANKED = trial(hits=[WHOLE["other"], FIRST_HALF, WHOLE["other"], WHOLE["ru"], WHOLE["other"], SECOND_HALF])
# As ir-measures sees passages: the other document's first, then the two that hold gold quotes.
SEEN = trial(hits=[WHOLE["other"], WHOLE["en"], WHOLE["ru"]])

# Precision and recall of words: the whole English document is cited (15 words, 8 of them gold), nothing else.
WHOLE_CITED = trial(said(PLANT, 1, quoted=True), cited=[cite(1, EN, EN.text)])
HALF_CITED = trial(said("It rained.", 1), cited=[cite(1, EN, "has a capacity of 300 MW")])  # 6 words of 13

JUDGED = ["judge_correct", "judge_faithful", "judge_cited"]
VALUES: list[tuple[str, Trial, float | None]] = [
    ("correct", RIGHT, 1.0),
    ("correct", HALF, 0.0),
    ("correct", WRONG_PLACE, 0.0),
    ("correct", REFUSED, 0.0),
    ("correct", trial(*RIGHT.answer.sentences, said("Not 400 MW.", 1), cited=RIGHT.answer.citations), 0.0),
    ("correct", trial(*RIGHT.answer.sentences), 0.0),
    ("correct", trial(REFUSAL, case=SILENT, status="not_found"), 1.0),
    ("correct", trial(said("He did."), case=SILENT), 0.0),
    ("correct", trial(said("Hello."), case=HELLO, status="about"), 1.0),
    ("recall@1", RANKED, 0.0),
    ("recall@3", RANKED, 0.25),  # (4/8 + 0/5) / 2
    ("recall@5", RANKED, 0.75),  # (4/8 + 5/5) / 2
    ("recall@10", RANKED, 1.0),
    ("mrr", SEEN, 0.5),
    ("mrr", trial(hits=[WHOLE["other"]]), 0.0),
    ("mrr", trial(), 0.0),
    ("ndcg@10", SEEN, 0.693426),  # (1/log2 3 + 1/log2 4) / (1/log2 2 + 1/log2 3) = 1.130930 / 1.630930
    ("key_facts", RIGHT, 1.0),
    ("key_facts", HALF, 0.5),
    ("key_facts", REFUSED, 0.0),
    ("key_facts", trial(said("The plant has 3300 MW.")), 0.0),
    ("forbidden_facts", RIGHT, 0.0),
    ("forbidden_facts", FALSE, 0.5),
    ("first_citation", RIGHT, 1.0),
    ("first_citation", trial(cited=[cite(1, OTHER, "It did not last."), cite(2, EN, PLANT)]), 0.0),
    ("first_citation", trial(cited=[cite(1, EN, "300 MW")]), 1.0),
    ("first_citation", trial(), 0.0),
    ("some_citation", trial(cited=[cite(1, OTHER, "It did not last."), cite(2, EN, PLANT)]), 1.0),
    ("some_citation", trial(cited=[cite(1, EN, "Rain fell on Monday.")]), 0.0),
    ("gold_cited", RIGHT, 1.0),
    ("gold_cited", HALF, 0.5),
    ("gold_cited", trial(cited=[cite(1, EN, "has a capacity of")]), 0.5),  # 4 of 8 words are half
    ("gold_cited", trial(cited=[cite(1, EN, "a capacity of")]), 0.0),
    ("citation_precision", RIGHT, 1.0),
    ("citation_precision", WHOLE_CITED, 8 / 15),
    ("citation_precision", trial(), 0.0),
    ("citation_recall", RIGHT, 1.0),
    ("citation_recall", WHOLE_CITED, 8 / 13),
    ("citation_recall", HALF_CITED, 6 / 13),
    ("facts_cited", RIGHT, 1.0),
    ("facts_cited", WRONG_PLACE, 0.0),
    ("facts_cited", trial(*RIGHT.answer.sentences, cited=RIGHT.answer.citations[:1]), 0.5),
    ("facts_cited", REFUSED, None),
    ("quote_exactness", RIGHT, 1.0),
    ("quote_exactness", WRONG_PLACE, 0.0),  # the quoted sentence is not in what it cites
    ("quote_exactness", trial(cited=[replace(cite(1, EN, PLANT), end=40), cite(2, RU, PARK)]), 0.5),
    ("quote_exactness", REFUSED, None),
    ("invalid_citations", RIGHT, 0.0),
    ("invalid_citations", trial(said("A.", 1), said("B.", 7), cited=[cite(1, EN, PLANT)]), 0.5),
    ("invalid_citations", trial(said("A.", 1), cited=[replace(cite(1, EN, PLANT), document_id="gone")]), 1.0),
    ("invalid_citations", REFUSED, None),
    ("status", RIGHT, 1.0),
    ("status", REFUSED, 0.0),
    ("status", trial(case=HELLO, status="about"), 1.0),
    ("status", trial(case=HELLO, status="not_found"), 0.0),
    ("refusal_precision", REFUSED, 0.0),
    ("refusal_precision", trial(REFUSAL, case=SILENT, status="not_found"), 1.0),
    ("refusal_precision", RIGHT, None),
    ("refusal_recall", trial(REFUSAL, case=SILENT, status="not_found"), 1.0),
    ("refusal_recall", trial(said("He did."), case=SILENT), 0.0),
    ("language", RIGHT, 1.0),
    ("language", trial(said("The park got it."), said("Парк получил деньги.")), 0.5),
    ("language", trial(said(PARK, 1, quoted=True)), None),
    ("parity", replace(RIGHT, twin=RIGHT), 1.0),
    ("parity", replace(RIGHT, twin=HALF), 0.0),
    ("parity", replace(HALF, twin=HALF), 1.0),
    ("parity", replace(HALF, twin=WRONG_PLACE), 0.0),  # the same fact from another source
    ("parity", replace(REFUSED, twin=REFUSED), 0.0),  # nothing, twice
    ("parity", RIGHT, None),
    ("self_check", RIGHT, 1.0),
    ("self_check", trial(said("A."), said("B.", support="weak"), said("C.", support="unsupported"), REFUSAL), 1 / 3),
    ("self_check", REFUSED, None),
    *((name, replace(RIGHT, verdicts={name: Verdict(0.25, "x")}), 0.25) for name in JUDGED),
    *((name, replace(RIGHT, verdicts={name: Verdict(None, "unreadable")}), None) for name in JUDGED),
    *((name, RIGHT, None) for name in JUDGED),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "value"), VALUES)
def test_value(name: str, given: Trial, value: float | None) -> None:
    found = METRICS[name].function(given)
    assert (found.value if found else None) == (None if value is None else pytest.approx(value, abs=1e-6))


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("The harvests grew, by 12 per cent.", 1.0),
        # said: wheat, harvest, fell, 12 %, river; 2 are common: 2 × 2 / (3 + 5)
        ("The wheat harvest fell 12 percent, river.", 0.5),
        ("Nothing of it.", 0.0),
    ],
)
def test_token_f1(answer: str, value: float) -> None:
    """Over stems and values without stop words; gold: harvest, grew, 12 %."""
    case = replace(CASE, gold_answer="The harvest grew by 12 percent")
    assert score(trial(said(answer), case=case))["token_f1"].value == pytest.approx(value)


def test_every_measure_is_tested_here() -> None:
    assert {name for name, _, _ in VALUES} | {"token_f1"} == METRICS.keys()
    for metric in METRICS.values():
        assert metric.function.__doc__ or metric.function.__qualname__.startswith("recall_at")


def test_a_crashed_case_gets_the_worst_of_every_measure_it_is_in() -> None:
    scores = worst(CASE, twinned=True)
    assert scores.keys() == METRICS.keys() - {"refusal_precision", "refusal_recall", *JUDGED}
    assert worst(CASE, twinned=True, judged=True).keys() - scores.keys() == set(JUDGED)
    assert {name for name, s in scores.items() if s.value == 1.0} == {"forbidden_facts", "invalid_citations"}
    assert "parity" not in worst(CASE, twinned=False)
    assert worst(SILENT, twinned=False).keys() == {"correct", "status", "refusal_recall", "language"}


def test_a_refusal_is_not_measured_by_what_it_cites() -> None:
    """A false premise may come with the passage that contradicts it: it has to be found, and need not be cited."""
    false_premise = replace(CASE, answerable=False, kind="false-premise", must_include=[], pair=None)
    scores = score(replace(trial(REFUSAL, status="not_found", hits=[WHOLE["en"]]), case=false_premise))
    assert scores["correct"].value == scores["refusal_recall"].value == 1.0
    assert scores["recall@1"].value == 0.5
    assert "gold_cited" not in scores


def test_explanations_say_what_was_missing_or_too_much() -> None:
    assert score(HALF)["key_facts"].why == "$410 million"
    assert score(FALSE)["forbidden_facts"].why == "400 MW"
    assert score(HALF)["gold_cited"].why == PARK
    assert score(REFUSED)["status"].why == "not_found ≠ answered"
    assert score(replace(HALF, twin=RIGHT))["parity"].why == "facts, sources"


def test_what_is_expected_of_each_kind() -> None:
    assert [expected_status(c) for c in (CASE, SILENT, HELLO)] == ["answered", "not_found", "about"]


@pytest.mark.parametrize(
    ("text", "fact", "value"),
    [
        ("Открылось 119 предприятий.", "19", False),
        ("Открылось 19 предприятий.", "19 новых предприятий", False),
        ("Договоры на 700 млн долларов.", "$700 million", True),
        ("Договоры на 700 млн евро.", "$700 million", False),
        ("Встреча прошла 7 февраля 2025 года.", "February 2025", True),
        ("Встреча прошла в феврале 2025 года.", "7 February 2025", False),
        ("Он встретился с Жапаровым.", "Japarov", True),
        ("Перевозчики говорят о четырёх часах.", "четыре часа", True),  # and not of clocks, «часы»
        ("Построили на 5 станций. Мощность велика.", "мощность 5", False),
    ],
)
def test_facts_are_compared_as_values(text: str, fact: str, value: bool) -> None:
    assert states(text, fact) is value
