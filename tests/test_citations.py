"""Markers, spans, and whether a source carries a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.bilingual.table import shipped
from rag.citations import check, parse_markers, tightest_span
from rag.text.sentences import sentences

SOURCE = (
    "President Sadyr Japarov was in China on a state visit. "
    "A business meeting of 100 entrepreneurs ended with 19 signed documents worth $700 million on 7 February 2025. "
    "Two power plants of 300 MW each will be built."
)


@pytest.mark.parametrize(
    ("written", "text", "numbers"),
    [
        ("Trade grew [1].", "Trade grew.", [1]),
        ("Trade grew. [1]", "Trade grew.", [1]),
        ("Trade grew [1, 3][2].", "Trade grew.", [1, 3, 2]),
        ("Trade grew [1][1] [9].", "Trade grew.", [1]),
        ("Trade grew [[2]].", "Trade grew.", [2]),
        ("Торговля выросла 【3†источник】.", "Торговля выросла.", [3]),
        ("No marker.", "No marker.", []),
        ("An array `a[1]` and [a link][x] and [1](http://x.org) stay.",) * 2 + ([],),
        ("Only [7] unknown.", "Only unknown.", []),
        ("In brackets [sic] and [2025].", "In brackets [sic] and [2025].", []),
        ("[1]", "", [1]),
        ("Trade grew [1-3].", "Trade grew.", [1, 2, 3]),
        ("Trade grew [1–2, 3].", "Trade grew.", [1, 2, 3]),
        ("Trade grew [3-1].", "Trade grew [3-1].", []),
        ("Trade [1] grew [2], they said [3].", "Trade grew, they said.", [1, 2, 3]),
        ("Trade grew [ 1 ; 2 ].", "Trade grew.", [1, 2]),
        ("Торговля выросла 【1】【2】.", "Торговля выросла.", [1, 2]),
        ("```\na[1]\n``` is code, this is not [2].", "```\na[1]\n``` is code, this is not.", [2]),
        ("Numbers (1) and {2} and [sic] stay[3].", "Numbers (1) and {2} and [sic] stay.", [3]),
        ("Years [2025-2026] stay.", "Years [2025-2026] stay.", []),
    ],
)
def test_markers(written: str, text: str, numbers: list[int]) -> None:
    assert parse_markers(written, {1, 2, 3}) == (text, numbers)


@given(st.text(), st.sets(st.integers(0, 30)))
def test_markers_of_anything(text: str, known: set[int]) -> None:
    cleaned, numbers = parse_markers(text, known)
    assert set(numbers) <= known
    assert len(set(numbers)) == len(numbers)
    assert len(cleaned) <= len(text)


_PIECES = st.sampled_from(["Trade grew", "Торговля", ",", ".", "`code[1]`", "[sic]", "(2)", "[link](http://x.org)"])
_MARKS = st.sampled_from(["[{}]", "[[{}]]", "【{}】", "【{}†source】", "[{}, {}]", "[{}; {}]", "[{}-{}]"])


@given(
    st.lists(st.tuples(_PIECES, _MARKS, st.integers(0, 9), st.integers(0, 9)), min_size=1), st.sets(st.integers(0, 9))
)
def test_every_form_of_marker_is_taken_out_and_nothing_else(
    parts: list[tuple[str, str, int, int]], known: set[int]
) -> None:
    parts = [(piece, mark, min(a, b), max(a, b)) for piece, mark, a, b in parts]
    written = "".join(f"x{piece} {mark.format(a, b)} y" for piece, mark, a, b in parts)
    text, numbers = parse_markers(written, known)
    assert text == "".join(f"x{piece} y" for piece, _, _, _ in parts)
    wanted: list[int] = []
    for _, mark, a, b in parts:
        wanted += range(a, b + 1) if "-" in mark else [a, b][: mark.count("{}")]
    assert numbers == [n for n in dict.fromkeys(wanted) if n in known]
    assert parse_markers(text, known) == (text, [])


@given(st.text(), st.text(alphabet="Aб 1.!?\n,«»", max_size=200))
def test_the_tightest_span_is_always_a_run_of_whole_sentences(sentence: str, passage: str) -> None:
    start, end = tightest_span(sentence, passage, shipped())
    spans = sentences(passage)
    if not spans:
        assert (start, end) == (0, len(passage))
        return
    assert start in [a for a, _ in spans]
    assert end in [b for _, b in spans]
    assert start < end


@given(st.integers(0, 2))
def test_a_sentence_of_the_passage_is_its_own_span(n: int) -> None:
    a, b = sentences(SOURCE)[n]
    assert tightest_span(SOURCE[a:b], SOURCE, shipped()) == (a, b)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Documents worth $700 million were signed.", 1),
        ("Подписано 19 документов на 700 млн долларов.", 1),
        ("Построят две станции мощностью 300 МВт.", 2),
        ("Жапаров посетил Китай.", 0),
    ],
)
def test_the_tightest_span_is_the_sentence_that_carries_it(sentence: str, expected: int) -> None:
    a, b = tightest_span(sentence, SOURCE, shipped())
    assert SOURCE[a:b] == SOURCE.split(". ")[expected].rstrip(".") + "."


def test_a_span_grows_where_two_sentences_carry_it() -> None:
    a, b = tightest_span("Japarov visited China, where 19 documents worth $700 million were signed.", SOURCE, shipped())
    assert SOURCE[a:b].startswith("President")
    assert SOURCE[a:b].endswith("2025.")


@pytest.mark.parametrize(
    ("sentence", "support"),
    [
        ("Documents worth $700 million were signed.", "supported"),
        ("Подписано 19 документов на 700 млн долларов.", "supported"),
        ("Документы подписали 7 февраля 2025 года.", "supported"),
        ("The documents were signed in February 2025.", "supported"),
        ("Documents worth $800 million were signed.", "unsupported"),
        ("Подписано 119 документов на 700 млн долларов.", "unsupported"),
        ("The documents were signed on 8 February 2025.", "unsupported"),
        ("Tokayev was in China on a state visit.", "unsupported"),
        ("The sea was calm and green, and gulls cried over it.", "unsupported"),
    ],
)
def test_support(sentence: str, support: str) -> None:
    verdict = check(sentence, [SOURCE], shipped(), "en")
    assert verdict.support == support
    assert (verdict.why is None) == (support == "supported")


MAYOR = (
    "William Ward of the NFL opened both bridges in May 1905, in the 18th century town of Newcastle. "
    "He did not visit China. About thirty-seven guests came, and 30 to 50 thousand pounds were given."
)
MER = (
    "Уильям Уорд из НФЛ открыл оба моста в мае 1905 года в Ньюкасле, городе XVIII века. "
    "Он не посетил Китай. Пришли тридцать семь гостей, собрали от 30 до 50 тысяч фунтов."
)


@pytest.mark.parametrize("source", [MAYOR, MER])
@pytest.mark.parametrize(
    ("sentence", "support"),
    [
        ("William Ward opened 2 bridges.", "supported"),
        ("Уильям Уорд открыл два моста.", "supported"),
        ("In May William Ward opened the bridges.", "supported"),
        ("In March William Ward opened the bridges.", "unsupported"),
        ("William Ward opened 3 bridges.", "unsupported"),
        ("Ward opened bridges in the town of the 18th century.", "supported"),
        ("Уорд открыл мосты в городе XIX века.", "unsupported"),
        ("37 guests came, and 30,000 pounds were given.", "supported"),
        ("Пришли 36 гостей.", "unsupported"),
        ("Gagarin opened the bridges in Newcastle.", "unsupported"),
        ("Гагарин открыл мосты в Ньюкасле.", "unsupported"),
        ("Ward never opened the bridges in Newcastle.", "weak"),
        ("Уорд не открыл мосты в Ньюкасле.", "weak"),
        ("He did not visit China.", "supported"),
        ("Он посетил Китай.", "weak"),
    ],
)
def test_support_in_either_language(sentence: str, support: str, source: str) -> None:
    assert check(sentence, [source], shipped(), "en").support == support


def test_a_number_of_something_else_is_weak() -> None:
    source = (
        "A party of 45 engineers of the power plant came to the river on a cold morning in winter. 19 farmers stayed."
    )
    assert check("19 farmers stayed.", [source], shipped(), "en").support == "supported"
    assert check("45 engineers came.", [source], shipped(), "en").support == "supported"
    verdict = check("45 farmers stayed.", [source], shipped(), "en")
    assert (verdict.support, verdict.why) == ("weak", "the source gives another number beside this word: 45 farmers")
    assert check("Остались 45 фермеров.", [source], shipped(), "ru").support == "weak"


def test_why_is_said_in_the_language_asked_for() -> None:
    assert check("Worth $800 million.", [SOURCE], shipped(), "ru").why == "нет в источнике: $800 million"
    assert check("Worth a lot.", [], shipped(), "en").why == "it cites nothing"
    dated = check("The documents were signed on 8 February 2025.", [SOURCE], shipped(), "ru")
    assert dated.why == "в источнике другая дата или её нет: 8 February 2025"
    turned = check("Japarov was never in China.", [SOURCE], shipped(), "en")
    assert turned.why == "only one of the two, the sentence or its source, negates “China”"


@pytest.mark.parametrize(
    ("sentence", "support"),
    [
        ("Shandong is known for its industry.", "weak"),
        ("In 2026 the province was known for its industry.", "weak"),
        ("Sichuan is known for its industry.", "unsupported"),
        ("In 2019 the province was known for its industry.", "unsupported"),
        ("The province is known for its industry.", "supported"),
    ],
)
def test_what_stands_only_in_title_or_date_is_weak(sentence: str, support: str) -> None:
    around = ["Talks with Shandong", "2026-03-01"]
    assert check(sentence, ["The province is known for its industry."], shipped(), "en", around).support == support
