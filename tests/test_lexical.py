"""The lexical index: what it finds, that it is the same however it came to be, that it survives."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.bilingual.concepts import concepts, index_terms
from rag.bilingual.table import shipped
from rag.citations import matched
from rag.lexical import LexicalIndex
from rag.text.words import stem
from rag.types import Passage

TEXTS = {
    "trade": ("en", "Trade between the two countries is to reach $3 billion by 2030."),
    "visit": ("en", "President Sadyr Japarov was in Beijing on a state visit from 5 to 7 February 2025."),
    "factories": ("ru", "За 2025 год в Кыргызстане заработали 119 новых предприятий."),
    "talks": ("ru", "Переговоры прошли 1 марта 2026 года в городе Цзинань."),
    "railway": ("ru", "Железную дорогу следует строить по самым высоким стандартам."),
}


def passage(document: str, language: str, text: str, n: int = 0) -> Passage:
    return Passage(f"{document}-00000000-{n:05d}", document, n * 1000, n * 1000 + len(text), text, language)


def index(names: Sequence[str] = tuple(TEXTS)) -> LexicalIndex:
    return LexicalIndex("t").with_changes(1, [(passage(n, *TEXTS[n]), None) for n in names], [])


def ask(built: LexicalIndex, question: str, k: int = 5) -> list[str]:
    return [found.document_id for found in built.search(concepts(question, shipped()), k)]


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("How much trade by 2030?", "trade"),
        ("Какой товарооборот ожидают к 2030 году?", "trade"),
        ("Когда Жапаров посетил Пекин?", "visit"),
        ("How many new enterprises in 2025?", "factories"),
        ("Where did the negotiations of 1 March take place?", "talks"),
        ("What was said of the railway?", "railway"),
    ],
)
def test_a_question_finds_its_passage_in_either_language(question: str, document: str) -> None:
    assert ask(index(), question, 1) == [document]


def test_words_that_go_together_find_and_prove_nothing() -> None:
    """Somebody who drowns has died: the one word leads to the other, and is no translation of it."""
    built = LexicalIndex("t").with_changes(
        1,
        [(passage("lake", "ru", "Утонули 16 человек."), None), (passage("farm", "ru", "Куплено 16 тракторов."), None)],
        [],
    )
    assert ask(built, "Сколько погибших?", 1) == ["lake"]
    [concept] = concepts("погибших", shipped())
    assert stem("утонуть") in concept.related
    assert matched(concept, {stem("утонуть")}) < 0.15
    assert built.document_frequency(concept) == 0


def test_nothing_in_common_is_not_found() -> None:
    assert ask(index(), "volcano eruption Iceland") == []
    assert ask(LexicalIndex("t"), "trade") == []
    assert ask(index(), "…") == []


def test_what_another_analyser_saved_is_not_taken_for_ones_own(tmp_path: Path) -> None:
    """The same passages by name, cut or read in another way."""
    first = LexicalIndex("old").with_changes(1, [(passage("a", "en", "A railway to Osh."), None)], [])
    second = LexicalIndex("new").with_changes(1, [(passage("a", "en", "A road to Naryn."), None)], [])
    first.save(tmp_path)
    second.save(tmp_path)
    reopened = LexicalIndex.open(tmp_path, "new")
    assert ask(reopened, "road to Naryn") == ["a"]
    assert ask(reopened, "railway") == []


def test_filters() -> None:
    added = [(passage(n, *TEXTS[n]), {"trade": "2025-01-01", "visit": "2025-02-07"}.get(n)) for n in TEXTS]
    built = LexicalIndex("t").with_changes(1, added, [])
    question = concepts("Kyrgyzstan trade visit enterprise negotiations railway", shipped())

    def found(**filters: object) -> set[str]:
        return {f.document_id for f in built.search(question, 9, built.mask(**filters))}  # type: ignore[arg-type]

    assert found() == set(TEXTS)
    assert found(languages=["ru"]) == {"factories", "talks", "railway"}
    assert found(since=20250101) == {"trade", "visit"}
    assert found(since=20250102) == {"visit"}
    assert found(until=20250101) == {"trade"}
    assert found(documents={"talks", "gone"}) == {"talks"}
    assert found(languages=["en"], documents={"talks"}) == set()


OPERATIONS = st.lists(st.tuples(st.sampled_from(["add", "remove"]), st.sampled_from(sorted(TEXTS))), max_size=40)


@given(OPERATIONS)
@settings(max_examples=60, deadline=None)
def test_the_history_of_an_index_does_not_show(operations: list[tuple[str, str]]) -> None:
    """However passages came and went, the index answers like one that was built of what is left."""
    built, left = LexicalIndex("t"), dict.fromkeys(TEXTS, False)
    for revision, (operation, name) in enumerate(operations, 1):
        added = [(passage(name, *TEXTS[name]), None)] if operation == "add" else []
        built = built.with_changes(revision, added, [name])
        left[name] = operation == "add"
    remaining = [name for name, there in left.items() if there]
    fresh = index(remaining) if remaining else LexicalIndex("t")
    random.Random(1).shuffle(remaining)
    shuffled = index(remaining) if remaining else LexicalIndex("t")
    question = concepts("trade visit предприятия переговоры 2025 дорога Beijing", shipped())
    assert built.search(question, 9) == fresh.search(question, 9) == shuffled.search(question, 9)
    for concept in question:
        there = sum(bool(set(index_terms(TEXTS[n][1])) & concept.terms.keys()) for n in remaining)
        assert built.document_frequency(concept) == there
    assert built.size == fresh.size
    assert built.passage_counts() == fresh.passage_counts()


def test_many_small_additions_are_merged() -> None:
    built = LexicalIndex("t")
    for n in range(300):
        built = built.with_changes(n + 1, [(passage(f"d{n:03d}", "en", f"word{n % 7} trade number {n}"), None)], [])
    assert built.size == 300
    assert len(built.segments) < 24
    assert len(ask(built, "word3 trade", 300)) == 300


def test_a_reader_keeps_the_state_it_began_with() -> None:
    before = index()
    after = before.with_changes(2, [], ["trade"])
    assert "trade" in ask(before, "trade")
    assert "trade" not in ask(after, "trade")


def test_saved_and_opened(tmp_path: Path) -> None:
    built = index().with_changes(2, [], ["trade"])
    built.save(tmp_path)
    built.save(tmp_path)
    opened = LexicalIndex.open(tmp_path, "t")
    question = concepts("предприятия в 2025 году", shipped())
    assert opened.search(question, 9) == built.search(question, 9)
    assert (opened.revision, opened.size) == (2, 4)
    assert LexicalIndex.open(tmp_path, "another table").size == 0
    assert LexicalIndex.open(tmp_path / "nowhere", "t").size == 0


@pytest.mark.parametrize("damage", ["truncate", "delete", "garbage", "manifest"])
def test_a_damaged_index_counts_as_none(tmp_path: Path, damage: str) -> None:
    index().save(tmp_path)
    segment = next(tmp_path.glob("*.npz"))
    match damage:
        case "truncate":
            segment.write_bytes(segment.read_bytes()[:-200])
        case "delete":
            segment.unlink()
        case "garbage":
            segment.write_bytes(b"\0" * 1000)
        case "manifest":
            (tmp_path / "manifest.json").write_text('{"format": 1, "stamp": "t"')
    opened = LexicalIndex.open(tmp_path, "t")
    assert (opened.revision, opened.size) == (0, 0)


@given(st.lists(st.text(max_size=200), max_size=6), st.text(max_size=80))
@settings(max_examples=60, deadline=None)
def test_any_text_can_be_added_asked_for_and_removed(texts: list[str], question: str) -> None:
    before = index()
    added = [(passage(f"x{n}", "other", text), None) for n, text in enumerate(texts)]
    after = before.with_changes(2, added, []).with_changes(3, [], [f"x{n}" for n in range(len(texts))])
    asked = concepts(question + " trade дорога", shipped())
    assert after.search(asked, 9) == before.search(asked, 9)
    assert after.ids() == before.ids()


def test_a_sentence_that_has_it_all_comes_before_scattered_words() -> None:
    together = "The road is old. The bridge in Osh was opened by the minister. Rain fell for a week. It was cold."
    scattered = (
        "The road in Osh is old. The bridge was cold. Rain was opened to us for a week. It fell on the minister."
    )
    built = LexicalIndex("t").with_changes(
        1, [(passage("a", "en", scattered), None), (passage("b", "en", together), None)], []
    )
    assert ask(built, "Which minister opened the bridge in Osh?")[0] == "b"


def test_words_of_one_family_and_paraphrases_meet() -> None:
    texts = {"went": ("en", "The minister went to Osh."), "шли": ("ru", "Переговоры шли три часа.")}
    built = LexicalIndex("t").with_changes(1, [(passage(n, *t), None) for n, t in texts.items()], [])
    assert ask(built, "Who will go there?")[0] == "went"
    assert ask(built, "Что должно идти?")[0] == "шли"
