"""Which sentences answer, how they are quoted, and when there is not enough to answer from."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rag import Assistant, Document, Hit
from rag.answering.candidates import Candidate
from rag.answering.cues import Cue, asks_for
from rag.answering.evidence import Evidence, weigh
from rag.answering.extractive import MOST_ITEMS, choose, runs, with_items
from rag.bilingual.table import shipped
from rag.messages import say

BUS_TITLE = "First bus in years runs from Batken to Isfara"
BUS = (
    f"{BUS_TITLE}\n\n"
    "With 31 passengers on board, a bus left Batken for the Tajik town of Isfara on Wednesday. "
    "Tickets cost 300 soms and can be paid for in somoni as well. The drivers changed at the border."
)
HOSPITAL = "The new hospital in Naryn has 120 beds. Its first patients came on 21 March 2026."


def hit(text: str, title: str | None = None, language: str = "en", document: str = "d", date: str | None = None) -> Hit:
    return Hit(f"{document}-0", document, 0, len(text), text, language, title, None, date, None, 1.0)


def evidence(question: str, hits: Sequence[Hit], language: str = "en", heard_of: int = 1) -> Evidence:
    return weigh(question, language, hits, shipped(), lambda concept: (heard_of, 10))


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("When did the minister visit?", "date"),
        ("По каким дням ходит автобус?", "date"),
        ("How much did the tunnel cost?", "money"),
        ("How much will the new power plant of the energy company cost?", "money"),
        ("Сколько стоит билет на автобус?", "money"),
        ("На какую сумму подписаны договоры?", "money"),
        ("Какой процент выпускников поступил?", "percent"),
        ("At what interest rate was the loan given?", "percent"),
        ("How many beds are there?", "number"),
        ("Какова высота плотины?", "number"),
        ("Who heads the association?", "person"),
        ("С кем встретился министр?", "person"),
        ("В каком городе прошли переговоры?", "place"),
        ("Which company built the plant?", "name"),
        ("Почему перенесли открытие?", "reason"),
        ("Tell me about the railway", None),
    ],
)
def test_what_is_asked_for(question: str, kind: str | None) -> None:
    assert asks_for(question) == kind


@pytest.mark.parametrize(
    ("question", "holding", "other"),
    [
        ("When was it opened in Naryn?", "It was opened on 21 March 2026.", "It was opened with music."),
        ("On which days do they sail?", "They sail on Mondays and Fridays.", "They sailed on Friday, in wind."),
        (
            "По каким дням ходит паром?",
            "Паром ходит в понедельник и среду.",
            "Во вторник он ушёл, со вторника его нет.",
        ),
        ("How many of the 150 buses came?", "Only 60 of the 150 came.", "The 150 buses came late."),
        ("Какова длина дороги?", "Длина дороги — 450 км.", "О длине дороги спорят две страны."),
        ("Сколько стоил мост?", "Мост обошёлся в 3 млн долларов.", "Мост строили три года."),
        ("Who met Baisalov?", "Baisalov was met by Lin Wu there.", "Baisalov was met with flowers."),
        ("Почему его перенесли?", "Его перенесли из-за дождей.", "Его перенесли на весну."),
    ],
)
def test_what_a_question_names_itself_is_no_answer_to_it(question: str, holding: str, other: str) -> None:
    cue = Cue.of(question)
    assert cue.held(holding) > cue.held(other)


def test_what_a_document_is_about_counts_for_each_of_its_sentences() -> None:
    """The sentence that answers says neither Batken nor Isfara: the title does."""
    found = evidence("How much is a ticket for the bus from Batken to Isfara?", [hit(BUS, BUS_TITLE)])
    assert found.candidates[0].text.startswith("Tickets cost 300 soms")
    assert found.candidates[-1].text == BUS_TITLE, "a heading answers nothing"


def test_the_latest_document_is_quoted_first_where_the_question_wants_it() -> None:
    first = hit("Four people died in the mudflow near Suzak.", document="first", date="2025-06-11")
    later = hit("Six people died in the mudflow at Suzak.", document="later", date="2025-06-20")
    plain = evidence("How many people died in the mudflow near Suzak?", [first, later])
    final = evidence("How many people died in the mudflow near Suzak by the final count?", [first, later])
    assert (plain.candidates[0].hit, final.candidates[0].hit) == (0, 1)


def test_a_word_met_in_translation_does_not_fall_behind_for_being_translated() -> None:
    """The English sentence answers; the Russian one has two of the three words as they are in the question."""
    english = hit("The chief engineer of the plant is Marat Jumabekov.", document="en")
    russian = hit("Станция дала ток: инженеры рады.", language="ru", document="ru")
    found = evidence("Кто главный инженер станции?", [russian, english], language="ru")
    assert "chief engineer" in found.candidates[0].text


def test_sentences_side_by_side_are_quoted_as_one() -> None:
    text = "One here. Two here. Three here."
    one, two, three = (Candidate(0, 10 * i, 10 * i + 9, text[10 * i : 10 * i + 9], 9 - i, i) for i in range(3))
    elsewhere = Candidate(1, 0, 5, "Other", 8, 0)
    hits = [hit(text), hit("Other")]
    assert runs([two, elsewhere, one], hits) == [(0, 0, 19), (1, 0, 5)]
    assert runs([one, three, two], hits) == [(0, 0, 29)]
    assert runs([one, three], hits) == [(0, 0, 9), (0, 20, 29)]
    assert runs([one, two], [hit(text.replace(". Two", ".\nTwo"))]) == [(0, 0, 9), (0, 10, 19)], "a paragraph each"


def test_few_sentences_that_do_not_repeat_each_other() -> None:
    def candidate(text: str, score: float) -> Candidate:
        return Candidate(0, 0, len(text), text, score)

    best = candidate("The plant in Kemin has a capacity of 24 megawatts.", 9)
    again = candidate("A capacity of 24 megawatts: the plant in Kemin.", 8)
    more = candidate("Turbines were delivered from Slovenia.", 7)
    far = candidate("Apricots ripen in July.", 2)
    assert choose([best, again, more, far], [hit("")]) == [best, more]


def test_each_part_of_a_question_finds_its_sentence() -> None:
    text = (
        "Buses for Naryn were bought for 4 million dollars. "
        "The buses for Naryn, which the city had wanted for years, were shown to journalists on Friday. "
        "The first buses for Naryn came on Monday. Their drivers were trained in Osh."
    )
    asked = "How much were the buses for Naryn bought for, and where were their drivers trained?"
    hits = [hit(text, "Buses for Naryn")]
    quoted = choose(evidence(asked, hits).candidates, hits)
    assert {c.text.split()[-1] for c in quoted[:2]} == {"dollars.", "Osh."}


def test_of_two_sentences_as_good_the_one_that_tells_more_is_taken() -> None:
    def candidate(text: str, score: float, *told: float) -> Candidate:
        return Candidate(0, 0, len(text), text, score, told=told)

    best = candidate("Buses were bought for Naryn", 9, 0.5, 0.0)
    same, other = candidate("Naryn has waited long", 8, 0.5, 0.0), candidate("Drivers train at Osh", 7, 0.0, 0.5)
    assert choose([best, same, other], [hit("")]) == [best, other, same]
    assert choose([best, candidate("Naryn has waited long", 5.4, 0.5, 0.0)], [hit("")]) == [best]
    whole = candidate("Buses were bought for Naryn", 9, 0.5, 0.5)
    assert choose([whole, same], [hit("")]) == [whole, same]
    assert choose([whole, other], [hit("")]) == [whole], "all is told, and this one is no match for it"


def test_a_sentence_that_opens_a_list_brings_its_items() -> None:
    items = "".join(f"• item number {n};\n" for n in range(MOST_ITEMS + 5))
    text = (
        f"Three projects matter most:\n• a highway;\n• a college;\n• a wholesale centre.\nThe talks went on.\n{items}"
    )
    start = text.index("Three")
    opening = (0, start, text.index(":") + 1)
    _, a, b = with_items(opening, [hit(text)])
    assert text[a:b].splitlines()[-1] == "• a wholesale centre."
    whole = "Projects:\n" + items
    _, a, b = with_items((0, 0, 9), [hit(whole)])
    assert whole[a:b].count("•") == MOST_ITEMS
    assert with_items((0, 0, 5), [hit("Five. • six")]) == (0, 0, 5)


@pytest.mark.parametrize(
    ("question", "language", "enough"),
    [
        ("How many beds does the hospital in Naryn have?", "en", True),
        ("Сколько коек в больнице в Нарыне?", "ru", True),
        ("How many beds does the hospital in Talas have?", "en", False),
        ("Who won the football championship?", "en", False),
    ],
)
def test_enough_to_answer_from(question: str, language: str, enough: bool) -> None:
    assert evidence(question, [hit(HOSPITAL)], language, heard_of=0 if "football" in question else 1).enough == enough


@pytest.mark.parametrize(
    ("question", "lacking", "holding"),
    [
        (
            "How much did the bridge in Osh cost?",
            "The bridge in Osh is 40 metres long.",
            "The bridge in Osh: 3 million soms.",
        ),
        (
            "Why was the bridge in Osh closed?",
            "The bridge in Osh was closed.",
            "The bridge in Osh was closed due to ice.",
        ),
        (
            "How many drivers came to Osh?",
            "Drivers whom everybody in the town knows came to Osh in 40 buses.",
            "40 drivers came to Osh.",
        ),
        ("Who guards the bridge in Osh?", "The bridge in Osh is blue.", "The bridge in Osh has guards."),
    ],
)
def test_what_does_not_hold_what_is_asked_for_is_less_of_an_answer(question: str, lacking: str, holding: str) -> None:
    assert evidence(question, [hit(lacking)]).strength < evidence(question, [hit(holding)]).strength


def test_the_year_that_a_document_is_of_counts_as_said() -> None:
    question = "How many beds did the hospital in Naryn have in 2026?"
    text = "The hospital in Naryn has 120 beds."
    dated = evidence(question, [hit(text, date="2026-03-21")])
    other = evidence(question, [hit(text, date="2019-03-21")])
    assert dated.strength > other.strength


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ("How many new enterprises opened in Kyrgyzstan in 2023?", "not_found"),
        ("Who chaired the 9th session of the Supreme Interstate Council?", "not_found"),
        ("Is it true that 190 new enterprises opened in Kyrgyzstan in 2025?", "answered"),
        ("Правда ли, что в 2025 году в Кыргызстане открылось 190 новых предприятий?", "answered"),
    ],
)
def test_another_number_or_year_is_not_answered_past(seeds: Assistant, question: str, status: str) -> None:
    answer = seeds.ask(question)
    value = next(word for word in ("2023", "190", "9") if word in question)
    assert answer.status == status
    assert answer.sentences[0].text == say("denied", answer.language, what=value)
    assert answer.citations
    assert value not in answer.citations[0].quote


def test_a_sentence_that_has_only_the_names_answers_nothing(seeds: Assistant) -> None:
    assert seeds.ask("What is the population of Bishkek?").status == "not_found"


def test_a_list_is_quoted_whole(suroo: Assistant) -> None:
    items = "- a dam near Osh;\n- a road to Naryn;\n- a museum in Talas."
    text = f"They agreed on projects.\n\nThe joint projects are:\n{items}\n"
    suroo.add(Document(id="a", text=text, title="Talks"))
    answer = suroo.ask("Which joint projects were agreed on?")
    assert any("a museum in Talas" in citation.quote for citation in answer.citations)
