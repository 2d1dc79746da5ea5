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

SEEDS_KINDS = {
    "fact": 20, "number": 16, "date": 12, "person": 12, "list": 12, "explain": 8, "compare": 6, "several": 8,
    "follow-up": 10, "misspelt": 8, "paraphrased": 12, "unanswerable": 24, "false-premise": 6, "injection": 6,
    "greeting": 6,
}  # fmt: skip
SEEDS_TAGS = {"cross": 50, "same": 50, "paraphrased": 35, "near": 12, "far": 12}
SEEDS_CASES = 140
SEEDS_PAIRS = 30


# Over the region library, besides the questions that measure retrieval alone.
REGION_KINDS = {
    "fact": 14, "number": 14, "date": 12, "person": 12, "list": 10, "explain": 8, "compare": 8, "several": 10,
    "follow-up": 10, "misspelt": 8, "unanswerable": 24, "false-premise": 6, "injection": 6, "greeting": 4,
}  # fmt: skip


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


def test_the_questions_about_the_samples_are_of_all_kinds() -> None:
    cases = CASES["seeds"]
    kinds = Counter(case.kind for case in cases)
    tags = Counter(tag for case in cases for tag in case.tags)
    languages = Counter(case.language for case in cases)
    pairs = {case.pair for case in cases if case.pair and case.answerable}
    assert not {kind: kinds[kind] for kind, least in SEEDS_KINDS.items() if kinds[kind] < least}
    assert not {tag: tags[tag] for tag, least in SEEDS_TAGS.items() if tags[tag] < least}
    assert set(kinds) == set(SEEDS_KINDS)
    assert len(cases) >= SEEDS_CASES
    assert languages["en"] == languages["ru"]
    assert len(pairs) >= SEEDS_PAIRS


def test_kinds_are_true() -> None:
    """What sets a kind apart is there: turns to lean on, a second document, words that the order wants."""
    for case in ALL:
        assert bool(case.history) == (case.kind == "follow-up"), case.id
        assert [turn.role for turn in case.history] == ["user", "assistant"] * (len(case.history) // 2), case.id
        if case.kind == "several":
            assert len({source.document for source in case.gold_sources}) > 1, case.id
        if case.kind == "injection" and case.answerable:
            assert case.must_not_include, case.id
        if case.kind == "greeting":
            assert case.answerable, case.id
        if case.kind in ("paraphrased", "misspelt"):
            assert case.kind in case.tags, case.id
        assert (case.kind == "unanswerable") == bool({"near", "far"} & set(case.tags)), case.id


def test_tags_of_wording_are_true(documents: dict[str, dict[str, Document]]) -> None:
    """ "paraphrased": hardly a word of the gold quote; "near" and "far": most or few words stand in the documents."""
    for name, cases in CASES.items():
        everywhere = {stem for document in documents[name].values() for stem in content_stems(document.text)}
        for case in cases:
            asked = set(content_stems(case.question))
            quoted = set(content_stems(" ".join(source.quote for source in case.gold_sources)))
            if {"paraphrased", "same"} <= set(case.tags) and "retrieval" not in case.tags:
                assert len(asked & quoted) <= 0.2 * len(asked), case.id
            if "near" in case.tags:
                assert len(asked & everywhere) >= 0.6 * len(asked), case.id
            if "far" in case.tags:
                assert len(asked & everywhere) <= 0.5 * len(asked), case.id


def test_the_region_library_is_asked_every_kind_of_question_in_both_languages() -> None:
    cases = [case for case in CASES["region"] if "retrieval" not in case.tags]
    kinds = Counter((case.kind, case.language) for case in cases)
    for kind, least in REGION_KINDS.items():
        assert kinds[kind, "en"] + kinds[kind, "ru"] >= least, kind
        assert min(kinds[kind, "en"], kinds[kind, "ru"]) >= least // 2, kind
    languages = Counter(case.language for case in cases)
    assert min(languages["en"], languages["ru"]) >= 0.48 * len(cases) >= 0.48 * sum(REGION_KINDS.values())
    assert sum("cross" in case.tags for case in cases) >= 50
    assert len({case.pair for case in cases if case.pair}) >= 25
    injections = Counter(case.answerable for case in cases if case.kind == "injection")
    assert min(injections[True], injections[False]) >= 3
    assert not [case.id for case in cases if case.kind == "false-premise" and case.answerable]
    assert min(sum(tag in case.tags for case in cases) for tag in ("near", "far")) >= 12
