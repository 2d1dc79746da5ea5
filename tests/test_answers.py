"""Questions over the sample documents: what is there, what is not, in both languages, with nothing configured."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from rag import Answer, Assistant, Filter, Sentence, Stage, Turn
from rag.errors import UnknownDocument
from rag.messages import say

ANSWERED = [
    ("What capacity will each of the power plants have?", "300 MW", "china-state-visit"),
    ("Какой мощности будет каждая электростанция?", "300 MW", "china-state-visit"),
    ("Сколько документов было подписано на деловой встрече и на какую сумму?", "$700 million", "china-state-visit"),
    ("How many new enterprises opened in Kyrgyzstan in 2025?", "119", "peregovory-v-tszinane"),
    ("Сколько новых предприятий открылось в Кыргызстане в 2025 году?", "119", "peregovory-v-tszinane"),
    ("Какой товарооборот с Казахстаном ожидают к 2030 году?", "$3 billion", "kazakhstan-joint-projects"),
    ("When did the foreign minister of Kyrgyzstan visit Russia?", "3 to 5 March 2022", "russia-joint-statement"),
    ("Когда министр иностранных дел Кыргызстана посетил Россию?", "3 to 5 March 2022", "russia-joint-statement"),
    ("Who met Baisalov in Jinan?", "Линь У", "peregovory-v-tszinane"),
    ("Which festival did artists from Kazakhstan take part in?", "Meikin Asia", "kazakhstan-joint-projects"),
]
SILENT = [
    "What is the population of Tashkent?",
    "Когда президент Таджикистана посетил Бишкек?",
    "Who won the football championship?",
    "Сколько стоит проезд в метро Алматы?",
]


def quotes_hold(seeds: Assistant, answer: Answer) -> bool:
    return all(seeds.show(c.document_id).text[c.start : c.end] == c.quote for c in answer.citations)


@pytest.mark.parametrize(("question", "fact", "document"), ANSWERED)
def test_answered(seeds: Assistant, question: str, fact: str, document: str) -> None:
    answer = seeds.ask(question)
    assert answer.status == "answered"
    assert any(fact in c.quote and document in (c.path or "") for c in answer.citations), answer.text
    assert quotes_hold(seeds, answer)
    assert answer.language == ("ru" if any("а" <= c <= "я" for c in question) else "en")
    assert answer.model is None
    cited = {n for s in answer.sentences for n in s.citations}
    assert cited == {c.number for c in answer.citations} == set(range(1, len(cited) + 1))


@pytest.mark.parametrize("question", SILENT)
def test_refused(seeds: Assistant, question: str) -> None:
    answer = seeds.ask(question)
    assert answer.status == "not_found", answer.text
    assert answer.text.startswith(say("not_found", answer.language))
    assert not answer.citations
    assert [n.code for n in answer.notices] == ["nearest"]


def test_an_unknown_name_is_named(seeds: Assistant) -> None:
    assert "Tashkent" in seeds.ask("What is the population of Tashkent?").text


def test_an_empty_library_says_so(suroo: Assistant) -> None:
    answer = suroo.ask("What is new?")
    assert answer.status == "not_found"
    assert [n.code for n in answer.notices] == ["nothing"]


def test_the_other_language_is_quoted_and_said_to_be(seeds: Assistant) -> None:
    answer = seeds.ask("Сколько документов подписано на деловой встрече?")
    lead, first = answer.sentences[:2]
    assert lead.text == "В документах сказано (по-английски):"
    assert lead.support is None
    assert (first.quoted, first.language, first.support) == (True, "en", "supported")
    assert answer.text.startswith(f"{lead.text} “{first.text}” [1]")


def test_streamed_and_blocking_are_one(seeds: Assistant) -> None:
    question = "What capacity will each of the power plants have?"
    events = list(seeds.stream(question).events())
    whole = seeds.ask(question)
    assert [e.name for e in events if isinstance(e, Stage)] == ["searching", "reading", "writing"]
    assert [e for e in events if isinstance(e, Sentence)] == whole.sentences
    assert isinstance(events[-1], Answer)
    assert {**asdict(events[-1]), "timings": 0} == {**asdict(whole), "timings": 0}
    assert " ".join(seeds.stream(question)) == whole.text
    assert whole.timings.keys() == {"retrieve", "evidence", "write"}


def test_a_follow_up_inherits_names(seeds: Assistant) -> None:
    history = [Turn("user", "Where did Baisalov hold talks?"), Turn("assistant", "In Jinan.")]
    answer = seeds.ask("And when did they take place?", history)
    assert any("1 марта 2026" in c.quote for c in answer.citations)
    complete = "How many new enterprises opened in Kyrgyzstan in 2025?"
    assert seeds.ask(complete, history).citations == seeds.ask(complete).citations


def test_filters(seeds: Assistant) -> None:
    question = "How many documents were signed in China?"
    assert {h.language for h in seeds.search(question, filter=Filter(languages=["ru"]))} == {"ru"}
    assert {h.date for h in seeds.search(question, filter=Filter(since="2025-01-01"))} == {"2025-02-07"}
    assert seeds.search(question, filter=Filter(until="2020-01-01")) == []
    only = seeds.search(question, filter=Filter(documents=["vizit-v-pekin.md"]))
    assert {(h.path or "").rsplit("/", 1)[-1] for h in only} == {"vizit-v-pekin.md"}
    with pytest.raises(UnknownDocument):
        seeds.search(question, filter=Filter(documents=["nothing.md"]))


def test_the_language_of_the_answer_can_be_chosen(seeds: Assistant) -> None:
    answer = seeds.ask("What is the population of Tashkent?", language="ru")
    assert answer.text.startswith("В документах этого нет.")


def test_hits_have_their_scores_in_parts(seeds: Assistant) -> None:
    hits = seeds.search("железная дорога", k=3)
    assert len(hits) == 3
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert all(h.parts.keys() == {"lexical", "vector"} for h in hits)
    assert all(seeds.show(h.document_id).text[h.start : h.end] == h.text for h in hits)
