"""Misspelt questions: what neither the library nor the table knows is read as the nearest word that they know."""

from __future__ import annotations

import pytest

from rag import Assistant, Document
from rag.bilingual.table import shipped
from rag.engine import QueryEngine
from rag.text.spelling import Spellings
from tests.test_engine import Foreign, everywhere, query


@pytest.fixture
def region(suroo: Assistant) -> Assistant:
    suroo.add(
        [
            Document(id="1", text="The new station in Karakol was opened by Sadyr Japarov. The railway is long."),
            Document(id="2", text="Новую канатную дорогу в Караколе открыл Садыр Жапаров. Подписи собрали за месяц."),
        ]
    )
    return suroo


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("Who oppened the staton", {"oppened": "open", "staton": "station"}),
        ("When was the raliway built", {"raliway": "railway"}),
        ("Wich railway is long?", {"Wich": "which"}),
        ("Кто сабрал подписи?", {"сабрал": "собрать"}),
        ("Длина конатной дороги", {"конатной": "канатный"}),
        ("Обрашение к презеденту", {"Обрашение": "обращение", "презеденту": "президент"}),
        ("the pailway", {"pailway": "railway"}),  # the first letter, where nothing else is found
    ],
)
def test_read_as(region: Assistant, asked: str, read: dict[str, str]) -> None:
    assert region._read(asked).words == read


@pytest.mark.parametrize(
    "asked",
    [
        "Who opened the station in Karakol?", "Кто открыл дорогу в Караколе?", "What did Japarov say?", "ШОС и EAEU",
        "Каракольский район", "Karacol", "Xyzzyq vbnmq", "", "Что сказали в Бишкеке 7 февраля 2025 года?",
    ],
)  # fmt: skip
def test_left_alone(region: Assistant, asked: str) -> None:
    assert region._read(asked).text == asked


def test_a_question_with_slips_is_answered(region: Assistant) -> None:
    for asked in ("Who oppened the staton in Karacol?", "Кто аткрыл конатную дорогу в Корокале?"):
        answer = region.ask(asked)
        assert answer.status == "answered"
        assert answer.question == asked
        assert "Japarov" in answer.text or "Жапаров" in answer.text
        assert [h.id for h in region.search(asked)] == [h.id for h in answer.hits], asked
    told = [notice.text for notice in region.ask("Who oppened the staton in Karacol?").notices]
    assert told == ["“oppened” is read as “opened”.", "“staton” is read as “station”."]


def test_nothing_is_told_where_nothing_was_misspelt(region: Assistant) -> None:
    assert not region.ask("Who opened the station in Karakol?").notices


def test_a_name_of_people_by_another_letter_at_the_end(region: Assistant) -> None:
    assert region.search("Japaroff")
    assert region.search("Japaroff")[0].score > 0


def test_edits() -> None:
    known = Spellings(["railway", "relay", "anniversary", "always"])
    assert known.near("railwya") == {"railway": 1}
    assert known.near("raylwey") == {}  # two edits of seven letters
    assert known.near("aniversery") == {"anniversary": 2}
    assert known.with_another_beginning("tailway") == {"railway": 1}


def test_an_engine_of_another_retriever_reads_as_asked() -> None:
    answer = query(QueryEngine(Foreign(), shipped(), everywhere), "When was the dam finished?").metadata["answer"]
    assert not answer.notices
