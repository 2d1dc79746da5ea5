"""What leans on the turns before is made whole without a model; a complete question is left alone."""

from __future__ import annotations

import pytest

from rag.answering.followup import leans, stand_alone
from rag.bilingual.table import shipped
from rag.text.words import fold
from rag.types import Turn

# The last question, its answer, the follow-up; what it must take over, and what it must not.
EN = [
    ("How many enterprises opened in Kyrgyzstan in 2025?", "119.", "And in 2024?", "Kyrgyzstan 2024", "2025"),
    ("What is the trade with China?", "Large.", "What about Kazakhstan?", "trade Kazakhstan", "China"),
    ("What help did Kazakhstan send to Suzak?", "Flour.", "And Tajikistan?", "help Suzak Tajikistan", "Kazakhstan"),
    ("What agreement was signed in Moscow?", "One on security.", "Who signed it?", "agreement Moscow", ""),
    ("Which minister did Lavrov invite?", "Kazakbayev.", "When was he there?", "minister Lavrov", ""),
    ("Who leads the party committee of Shandong?", "It is led by Lin Wu.", "What did he promise?", "Shandong Lin", ""),
    ("How long is the cable car in Karakol?", "3.4 km.", "How much does it cost?", "cable car Karakol", "3.4"),
    ("Why was the bridge in Osh closed?", "For repairs.", "When?", "bridge Osh", ""),
    ("When was the bridge in Osh closed?", "In May.", "Why?", "bridge Osh", "May"),
    ("Who visited Jinan?", "Baisalov.", "Who else?", "Jinan", ""),
    ("Who won the prize at the festival?", "A weaver.", "Where?", "prize festival", ""),
    ("How many houses are built in Jany-Tash?", "180.", "And how many of them are ready?", "houses Jany-Tash", "180"),
    ("What did Japarov say about the railway?", "A lot.", "Why did he say that?", "Japarov railway", ""),
    ("What is the policy rate of the National Bank?", "10 percent.", "What had it been before?", "policy rate", ""),
    ("How many wagons will the railways scrap?", "700.", "How many will they buy?", "wagons railways", ""),
    ("What is the price of lunch at the camp in Kenesh?", "600.", "And a shower?", "price camp Kenesh shower", ""),
    ("How many buses were bought for Bishkek?", "150.", "And for Osh?", "buses Osh", "Bishkek"),
    ("What was built in Talas in 2023?", "A hospital.", "In 2025?", "built Talas 2025", "2023"),
]  # fmt: skip
RU = [
    ("Сколько предприятий открылось в Кыргызстане в 2025 году?", "119.", "А в 2024?", "Кыргызстане 2024", "2025"),
    ("Сколько предприятий открылось в 2025 году?", "119.", "А сколько в 2024?", "предприятий 2024", "2025"),
    ("Каков товарооборот с Китаем?", "Большой.", "А с Казахстаном?", "товарооборот Казахстаном", "Китаем"),
    ("Какую помощь Казахстан отправил в Сузак?", "Муку.", "А Таджикистан?", "помощь Сузак Таджикистан", "Казахстан"),
    ("Какое соглашение подписали в Москве?", "О безопасности.", "Кто его подписал?", "соглашение Москве", ""),
    ("Какого министра пригласил Лавров?", "Казакбаева.", "Когда он там был?", "министра Лавров", ""),
    ("Кто руководит комитетом Шаньдуна?", "Им руководит Линь.", "Что он пообещал?", "Шаньдуна Линь", ""),
    ("Какой длины канатная дорога в Караколе?", "3,4 км.", "Сколько стоит билет на неё?", "дорога Караколе", "3,4"),
    ("Почему закрыли мост в Оше?", "На ремонт.", "Когда?", "мост Оше", ""),
    ("Когда закрыли мост в Оше?", "В мае.", "Почему?", "мост Оше", "мае"),
    ("Когда прошёл фестиваль войлока?", "В июле.", "А где?", "фестиваль войлока", ""),
    ("Кто ездил в Цзинань?", "Байсалов.", "Кто ещё?", "Цзинань", ""),
    ("Сколько домов строят в Оше?", "180.", "А сколько из них готово?", "домов Оше", "180"),
    ("Кто руководит базой в Караколе?", "Ирина Коваленко.", "Что она задумала на лето?", "базой Коваленко", ""),
    ("Сколько стоит обед на стоянке у Кенеша?", "600.", "А душ?", "стоит стоянке Кенеша душ", ""),
    ("Сколько автобусов купили для Бишкека?", "150.", "А для Оша?", "автобусов Оша", "Бишкека"),
    ("О чём договорились президенты в Пекине?", "О дороге.", "Зачем это нужно?", "президенты Пекине", ""),
    ("Что построили в Таласе в 2023 году?", "Больницу.", "В 2025?", "построили Таласе 2025", "2023"),
    ("Где хранят таш-рабатский клад?", "В банке.", "Сколько он весит?", "клад", ""),
]  # fmt: skip
COMPLETE = [
    "When did Japarov visit Beijing?", "What did Japarov say of his visit?", "Who is Japarov?", "Where is Naryn?",
    "What is inflation?", "Is it true that 190 enterprises opened in 2025?", "How long does it take to reach Osh?",
    "How many projects are there in Kyrgyzstan?", "How did the company build the plant, and when did it open?",
    "What happens to people who lost their homes in Suzak?", "What is planned for this year in Bishkek?",
    "Когда Жапаров посетил Пекин?", "Что Жапаров сказал о своём визите?", "Кто такой Жапаров?", "Где находится Нарын?",
    "Что такое инфляция?", "Правда ли, что в 2025 году открылось 190 предприятий?", "Сколько в Оше жителей?",
    "Что запланировано в Бишкеке на этот год?", "Какие проекты есть у Кыргызстана, в том числе с Китаем?",
    "Какие предприятия посетил министр и когда он вернулся в Бишкек?", "За что Лавров и его коллега получили награды?",
]  # fmt: skip


def turns(*texts: str) -> list[Turn]:
    return [Turn("assistant" if n % 2 else "user", text) for n, text in enumerate(texts)]


@pytest.mark.parametrize(("before", "answer", "question", "taken", "left"), EN + RU)
def test_a_follow_up_takes_over_what_it_leans_on(
    before: str, answer: str, question: str, taken: str, left: str
) -> None:
    whole = fold(stand_alone(question, turns(before, answer), shipped()))
    assert leans(question)
    assert [word for word in fold(taken).split() if word not in whole] == []
    assert [word for word in fold(left).split() if word in whole] == []


@pytest.mark.parametrize("question", COMPLETE)
def test_a_complete_question_is_untouched(question: str) -> None:
    history = turns("What did Atambayev sign in Moscow in 2015?", "He signed a treaty with Putin.")
    assert stand_alone(question, history, shipped()) == question


def test_without_turns_before_nothing_is_changed() -> None:
    assert stand_alone("And in 2024?", [], shipped()) == "And in 2024?"
    assert stand_alone("And in 2024?", turns("x")[1:], shipped()) == "And in 2024?"


def test_a_follow_up_of_a_follow_up() -> None:
    history = turns("How many enterprises opened in Kyrgyzstan in 2025?", "119.", "And in Kazakhstan?", "Unknown.")
    whole = stand_alone("And in 2024?", history, shipped())
    assert [word for word in ("enterprises", "Kazakhstan", "2024") if word not in whole] == []
    assert [word for word in ("Kyrgyzstan", "2025") if word in whole] == []
