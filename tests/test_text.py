"""Words, values, names, sentences, languages: pure functions of a text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.bilingual.concepts import index_terms
from rag.text.language import question_language, text_language
from rag.text.names import name_keys
from rag.text.sentences import sentences
from rag.text.values import find_values
from rag.text.words import content_stems, stem, words

ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=300)


def keys(text: str) -> list[str]:
    return [v.key + v.unit for v in find_values(text)]


def test_words_know_their_place() -> None:
    text = "Кыргызско-китайский ёж, People’s №5"
    assert [(w.surface, w.lower) for w in words(text)] == [
        ("Кыргызско", "кыргызско"), ("китайский", "китайский"), ("ёж", "еж"), ("People’s", "people’s"),
    ]  # fmt: skip
    assert all(text[w.start : w.end] == w.surface for w in words(text))


def test_stems() -> None:
    assert stem("agreements") == stem("agreement")
    assert stem("соглашения") == stem("соглашений")
    assert content_stems("What is the trade between them?") == [stem("trade")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("over $700 million", ["#700000000usd"]),
        ("700 млн долларов", ["#700000000usd"]),
        ("0.7 billion dollars", ["#700000000usd"]),
        ("0,7 млрд долл.", ["#700000000usd"]),
        ("19 documents", ["#19"]),
        ("119 новых предприятий", ["#119"]),
        ("1,234 people", ["#1234"]),
        ("1 234 человека", ["#1234"]),
        ("3,5 процента", ["#3.5%"]),
        ("3.5%", ["#3.5%"]),
        ("two 300 MW plants", ["#2", "#300mw"]),
        ("две станции по 300 МВт", ["#2", "#300mw"]),
        ("twenty-one", ["#21"]),
        ("the 30th anniversary", ["#30"]),
        ("February 7, 2025", ["@2025-02-07"]),
        ("7 февраля 2025 года", ["@2025-02-07"]),
        ("2025-02-07", ["@2025-02-07"]),
        ("07.02.2025", ["@2025-02-07"]),
        ("from 5 to 7 February 2025", ["@2025-02-05", "@2025-02-07"]),
        ("с 5 по 7 февраля 2025 года", ["@2025-02-05", "@2025-02-07"]),
        ("March 3-5, 2022", ["@2022-03-03", "@2022-03-05"]),
        ("1 марта", ["@-03-01"]),
        ("May 2023", ["@2023-05"]),
        ("в мае 2023 года", ["@2023-05"]),
        ("2022-2024", ["@2022", "@2024"]),
        ("to $3 billion by 2030", ["#3000000000usd", "@2030"]),
        ("you may march on", []),
        ("", []),
    ],
)
def test_values(text: str, expected: list[str]) -> None:
    assert keys(text) == expected


@pytest.mark.parametrize("text", ["5 aprıl 2025, in April", "AprİL 5, 2025. Май", "ſeptember 3 2025, May 5"])
def test_months_in_letters_of_other_alphabets_are_none(text: str) -> None:
    assert not [key for key in keys(text) if key.startswith(("@2025-04-05", "@2025-09"))]


def test_values_know_their_place() -> None:
    text = "In February 2025 they signed 19 documents worth $700 million."
    assert [text[v.start : v.end] for v in find_values(text)] == ["February 2025", "19", "$700 million"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Жапаров", "Japarov"), ("Жапаровым", "Zhaparov"), ("Шанхай", "Shanghai"), ("Шаньдуне", "Shandong"),
        ("Цзиньпином", "Jinping"), ("Токаева", "Tokayev"), ("Бишкеке", "Bishkek"), ("Шэньчжэнь", "Shenzhen"),
        ("Лавров", "Lavrov’s"), ("Мирзиёев", "Mirziyoyev"), ("Хэйлунцзян", "Heilongjiang"), ("Рахмон", "Rakhmon"),
    ],
)  # fmt: skip
def test_names_meet_across_scripts(one: str, other: str) -> None:
    assert set(name_keys(one)) & set(name_keys(other))


def test_unlike_names_do_not_meet() -> None:
    names = ["Japarov", "Tokayev", "Lavrov", "Putin", "Baisalov", "Kazakbayev", "Мирзиёев", "Рахмон"]
    found = [name_keys(name)[0] for name in names]
    assert len(set(found)) == len(names)


@pytest.mark.parametrize(
    "parts",
    [
        ["Dr. Smith met Mr. Li.", "They talked."],
        ["Объём — 5 тыс. тонн.", "Это много."],
        ["Встреча прошла 5 мая 2025 г. в Бишкеке.", "Потом был ужин."],
        ["He came.", "«Это хорошо. Да», — сказал он."],
        ["Shenzhen Energy Co., Ltd. will build it.", "It costs $1.5 million."],
    ],
)
def test_sentences(parts: list[str]) -> None:
    text = " ".join(parts)
    assert [text[a:b] for a, b in sentences(text)] == parts


def test_lines() -> None:
    wrapped = "A paragraph that was wrapped at a width, so that each of its\nlines is full, is one sentence.\n\n"
    listed = "Projects:\n- a road\n- a bridge\n\nПервая строка\nВторая строка"
    text = wrapped + listed
    assert [text[a:b] for a, b in sentences(text)] == [
        wrapped.strip(), "Projects:", "- a road", "- a bridge", "Первая строка", "Вторая строка",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Что такое Belt and Road?", "ru"),
        ("Explain the term «многовекторность»", "en"),
        ("What is ШОС?", "en"),
        ("Где находится Issyk-Kul?", "ru"),
        ("товарооборот 2030", "ru"),
        ("trade turnover 2030", "en"),
        ("", "en"),
        ("2030?", "en"),
    ],
)
def test_question_language(question: str, language: str) -> None:
    assert question_language(question) == language


def test_text_language() -> None:
    assert text_language("The president of the country said that it was a good day for all of us and for them.") == "en"
    assert text_language("Президент сказал, что это хороший день и для нас, и для всех, кто приехал в город.") == "ru"
    kyrgyz = "Кыргыз Республикасынын Президенти өлкөнүн өнүгүүсү жөнүндө сүйлөп, үй-бүлөлөргө кайрылды."
    assert text_language(kyrgyz) == "other"
    german = (
        "Der Präsident sprach über das Wachstum, wobei er sich auf Zahlen der letzten fünf Jahre bezog, die gut sind."
    )
    assert text_language(german) == "other"
    assert text_language("12 345") == "other"


@given(ANY_TEXT)
def test_anything_can_be_read(text: str) -> None:
    """Whatever the text, nothing raises, and every span lies in it, in order."""
    spans = sentences(text)
    assert all(0 <= a < b <= len(text) for a, b in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    assert all(0 <= v.start < v.end <= len(text) for v in find_values(text))
    assert all(isinstance(term, str) and term for term in index_terms(text))
    assert question_language(text) in ("en", "ru")
    assert text_language(text) in ("en", "ru", "other")
