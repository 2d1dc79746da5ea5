"""The gold questions that ship: what a person who adds or changes one must keep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from statistics import median

import pytest

from evals.cases import SHIPPED, locate
from evals.facts import states
from rag import Case, Document
from rag.documents import load, parse
from rag.documents.sandbox import Sandbox
from rag.gold import read_cases
from rag.text.sentences import sentences
from rag.text.words import content_stems

SUITES = {path.stem: (path, folder) for path, folder in SHIPPED}
CASES = {name: read_cases(path) for name, (path, _) in SUITES.items() if path.exists()}
ALL = [case for cases in CASES.values() for case in cases]


@pytest.fixture(scope="module")
def documents() -> Iterator[dict[str, dict[str, Document]]]:
    """The documents of each suite by file name, as a library stores them."""
    sandbox = Sandbox()
    try:
        yield {
            name: {
                path.name: parse(path.resolve(), load(path), sandbox).document
                for path in sorted(folder.iterdir())
                if path.suffix in {".txt", ".md", ".html"}
            }
            for name, (_, folder) in SUITES.items()
        }
    finally:
        sandbox.close()


def test_the_region_library_is_half_a_language_and_dated(documents: dict[str, dict[str, Document]]) -> None:
    library = documents["region"]
    languages = Counter(document.language for document in library.values())
    assert languages["en"] == languages["ru"] >= 17
    assert set(languages) == {"en", "ru"}
    assert {path.rpartition(".")[2] for path in library} == {"txt", "md", "html"}
    for name, document in library.items():
        assert "2024" <= (document.date or "") < "2027", name
        assert document.title, name
        assert 150 <= len(document.text.split()) <= 600, name


def test_ids_are_unique_over_both_files() -> None:
    assert not [id for id, n in Counter(case.id for case in ALL).items() if n > 1]


def test_no_question_is_asked_twice() -> None:
    asked = Counter((case.question.casefold(), str(case.history)) for case in ALL)
    assert not [question for question, n in asked.items() if n > 1]


@pytest.mark.parametrize("name", CASES)
def test_every_quote_stands_in_its_document(name: str, documents: dict[str, dict[str, Document]]) -> None:
    for case in CASES[name]:
        for source in case.gold_sources:
            assert source.document in documents[name], case.id
            assert locate(documents[name][source.document].text, source.quote), (case.id, source.quote)


def test_quotes_and_gold_answers_state_the_facts_and_nothing_forbidden() -> None:
    """What is demanded of an answer can be given by quoting the gold sources, and by the gold answer."""
    for case in ALL:
        quotes = [source.quote for source in case.gold_sources]
        for fact in case.must_include:
            assert any(states(quote, form) for quote in quotes for form in fact), (case.id, fact)
            assert any(states(case.gold_answer or "", form) for form in fact), (case.id, fact)
        for form in case.must_not_include:
            assert not any(states(text, form) for text in [*quotes, case.gold_answer or ""]), (case.id, form)


def test_what_is_forbidden_is_not_in_the_sentences_of_the_quotes(documents: dict[str, dict[str, Document]]) -> None:
    """An answer that quotes the whole sentence is right, even where the gold quote leaves out a denied figure."""
    for name, cases in CASES.items():
        for case in cases:
            for source in case.gold_sources if case.must_not_include else []:
                text = documents[name][source.document].text
                place = locate(text, source.quote)
                assert place, case.id
                held = [text[a:b] for a, b in sentences(text) if a < place[1] and place[0] < b]
                there = [form for form in case.must_not_include if any(states(sentence, form) for sentence in held)]
                assert not there, (case.id, there)


def test_what_is_answerable_says_where_and_what() -> None:
    for case in ALL:
        has_answer = case.answerable and case.kind != "greeting"
        assert bool(case.gold_sources) == bool(case.must_include) == bool(case.gold_answer) == has_answer, case.id
        if case.kind == "unanswerable":
            assert not case.answerable, case.id


def test_pairs_ask_the_same_in_both_languages() -> None:
    pairs: dict[str, list[Case]] = {}
    for case in ALL:
        if case.pair:
            pairs.setdefault(case.pair, []).append(case)
    for name, pair in pairs.items():
        assert sorted(case.language for case in pair) == ["en", "ru"], name
        first, second = pair
        assert (first.kind, first.answerable) == (second.kind, second.answerable), name
        assert first.gold_sources == second.gold_sources, name
        assert first.must_include == second.must_include, name


def test_tags_of_language_are_true(documents: dict[str, dict[str, Document]]) -> None:
    """ "cross": answered only in the other language than the question's; "same": only in its own."""
    for name, cases in CASES.items():
        for case in cases:
            languages = {documents[name][source.document].language for source in case.gold_sources}
            assert ("same" in case.tags) == (languages == {case.language}), case.id
            assert ("cross" in case.tags) == (bool(languages) and case.language not in languages), case.id


def test_retrieval_questions_share_few_words_with_their_answers() -> None:
    """Within a language, where shared words could be matched: at most a fifth at the median, half in any question."""
    shares = {}
    for case in ALL:
        if {"retrieval", "same"} <= set(case.tags):
            asked = set(content_stems(case.question))
            quoted = set(content_stems(" ".join(source.quote for source in case.gold_sources)))
            shares[case.id] = len(asked & quoted) / len(asked)
    assert len(shares) >= 60
    assert median(shares.values()) <= 0.2
    assert not [id for id, share in shares.items() if share > 0.5]
    assert sum({"retrieval", "cross"} <= set(case.tags) for case in ALL) >= 60
