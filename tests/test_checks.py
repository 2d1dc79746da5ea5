"""What the checks of a sentence see across the languages: names, numbers and dates that are written otherwise."""

from __future__ import annotations

import pytest

from rag.bilingual.table import shipped
from rag.checks.abbreviations import abbreviated
from rag.checks.sounds import root, sounds_alike
from rag.checks.values import missing_values
from rag.citations import check, tightest_span
from rag.text.words import words

SAME = [
    ("The Byzantines ruled the city.", "Городом правили византийцы."),
    ("Medicine for cats came to China.", "Лекарства для кошек получили китайцы."),
    ("Tancred of Hauteville took the castle.", "Танкред Отвильский взял замок."),
    ("Дюпон построил пороховую мельницу.", "Henry du Pont built a powder mill."),
    ("Students came to the United States of America.", "Студенты приехали в США."),
    ("Студенты приехали в Соединённые Штаты Америки.", "Students came to the USA."),
    ("ВОЗ опубликовала доклад.", "The WHO published a report."),
    ("Minister Di Maio thanked the doctors.", "Министр Ди Майо поблагодарил врачей."),
    ("Ругайский край лежит на востоке.", "The Rugāji region lies in the east."),
    ("The abbey of Agnani stands on a hill.", "На холме стоит аббатство Аньяни."),
    ("Julius built the road.", "Дорогу построил Юлий."),
    ("King Juan of Aragon died in winter.", "Король Арагона Иоанн скончался зимой."),
    ("Император Август правил долго.", "Emperor Augustus ruled for long."),
    ("Roads lead from the town to an Interstate highway.", "Дороги ведут из города к межштатной автомагистрали."),
    ("The song Flung to the Winds was heard in Osh.", "В Оше звучала песня «Брошенные ветрам» (wind and river)."),
]


@pytest.mark.parametrize(("sentence", "source"), SAME)
def test_a_name_or_title_worded_otherwise_in_the_other_language_is_no_false_alarm(sentence: str, source: str) -> None:
    assert check(sentence, [source], shipped(), "en").support == "supported"


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("He flew in a Boeing.", "Он прилетел на самолёте Туполева."),
        ("She lives in Copenhagen.", "Она живёт в Риге."),
        ("Она купила «Хонду» в Риге.", "She bought a Volga in Riga."),
        ("The Byzantines ruled the city.", "Городом правили австрийцы."),
        ("Students came to the United States of America.", "Студенты приехали в СНГ."),
        ("Каримов построил мост.", "Kassym built a bridge."),  # nearly alike, but how Karimov is written is known
        ("Tajikistan sent doctors.", "Врачей прислали австрийцы."),
        ("Врачи приехали из Шри-Ланки.", "The doctors came from Peru."),
        ("King Henry ruled the city.", "Городом правил король Карл."),
        ("Император правил до августа.", "The emperor ruled until May."),
        ("Australia sent doctors.", "Врачей прислали австрийцы."),
    ],
)
def test_another_name_is_still_found(sentence: str, source: str) -> None:
    assert check(sentence, [source], shipped(), "en").support == "unsupported"


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("byzantine", "византийцы", True),
        ("hauteville", "отвиль", True),
        ("suzuki", "судзуки", True),
        ("maio", "майо", True),
        ("maio", "мэй", False),
        ("kyoto", "осака", False),
    ],
)
def test_names_sound_alike_across_the_scripts(one: str, other: str, alike: bool) -> None:
    assert sounds_alike(one, other) == alike


def test_countries_whose_names_begin_alike_have_roots_of_their_own() -> None:
    assert root("византия") == root("византийцы")
    assert root("австралия") != root("австрийцы")


def test_an_abbreviation_is_spelled_by_the_first_letters_of_translations_too() -> None:
    own = words("in the United States of America")
    initials = {"united": "с", "states": "ш", "america": "а"}
    assert abbreviated(5, own, words("в США"), initials)
    assert not abbreviated(5, own, words("в СНГ"), initials)
    assert not abbreviated(5, own, words("в США"), {})


@pytest.mark.parametrize(
    ("sentence", "source", "missing"),
    [
        ("Он родился 5 июня 1970 года.", "He was born on the morning of June 5 in 1970.", []),
        ("Он родился 6 июня 1970 года.", "He was born on the morning of June 5 in 1970.", ["6 июня 1970"]),
        ("The season of 2010–11 was long.", "Сезон 2010–2011 годов был долгим.", []),
        ("Сезон 2010–2011 годов был долгим.", "The season of 2010–11 was long.", []),
        ("The season of 2010–12 was long.", "Сезон 2010–2011 годов был долгим.", ["12"]),
        ("The plague of 1577–77 came by sea.", "The plague of 1576–77 came by sea.", ["1577"]),
        ("A fair opens on December 25th.", "Ярмарка откроется двадцать пятого декабря.", []),
        ("A fair opens on December 26th.", "Ярмарка откроется двадцать пятого декабря.", ["December 26th"]),
        ("Signed this 19th day of March 2020.", "Подписано 19 марта 2020 года.", []),
        ("В марте 4 миллиона человек ушли.", "In March, 4 million people left.", []),
        ("Экзамены пройдут в мае 2020 года.", "The exams are held in April 2020.", ["мае 2020"]),
        ("Она любит свою семью.", "She loves her family.", []),
        ("Она пришла с семью друзьями.", "She came with ten friends.", ["семью"]),
        ("The Fourth Council met.", "Собрался Четвёртый собор.", []),
        ("They paid $300.", "Они заплатили триста долларов.", []),
        ("They paid $300.", "Они заплатили двести долларов.", ["$300"]),
        ("About 42.000 people came.", "Пришло около 42 000 человек.", []),
        ("The shop opens at 4 p.m.", "Магазин открывается в 16:00.", []),
        ("Магазин открывается в 16:00.", "The shop opens at 4 p.m.", []),
        ("The shop opens at 5 p.m.", "Магазин открывается в 16:00.", ["5"]),
        ("It was built in the 1960s.", "Построено в 60-х годах.", []),
        ("Построено в 60-х годах.", "It was built in the 1960s.", []),
        ("It was built in the 1970s.", "Построено в 60-х годах.", ["1970"]),
        ("It cost 1.5 million.", "Это стоило полтора миллиона.", []),
        ("It cost 57,000.", "Это стоило пятьдесят семь тысяч.", []),
        ("It cost 58,000.", "Это стоило пятьдесят семь тысяч.", ["58,000"]),
        ("Чашка весит сто восемьдесят граммов.", "The cup weighs 180 grams.", []),
        ("Чашка весит сто девяносто граммов.", "The cup weighs 180 grams.", ["сто девяносто"]),
        ("В двадцать седьмой школе тепло.", "School 27 is warm.", []),
        ("В двадцать шестой школе тепло.", "School 27 is warm.", ["двадцать шестой"]),
        ("The rope is 2.5 times longer.", "Верёвка длиннее в два с половиной раза.", []),
        ("Верёвка длиннее в три с половиной раза.", "The rope is 2.5 times longer.", ["три"]),
        ("Ракета «Сатурн-5» взлетела.", "The Saturn V rocket took off.", []),
        ("Он живёт в доме 3.", "Vitamin C is in lemons.", ["3"]),
        ("7 buses leave.", "Two buses leave every week.", ["7"]),
        ("About 42.5 people came.", "Пришло около 425 человек.", ["42.5"]),
    ],
)
def test_numbers_and_dates_may_be_written_otherwise(sentence: str, source: str, missing: list[str]) -> None:
    assert [sentence[v.start : v.end] for v in missing_values(sentence, [source])] == missing


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("Doctor Meerjady came at noon.", "Доктор Мирзали приехал в полдень."),  # a name written amiss
        ("They grow Xerovial plants in Osh.", "В Оше выращивают комнатные растения."),  # an adjective that none knows
        ("Он читал про «Панасоник» в Оше.", "He read about it in Osh."),  # a word that is known as no name
        ("Seven BZTs live in bats.", "В летучих мышах живут семь таких вирусов."),  # an abbreviation formed anew
    ],
)
def test_what_may_be_a_name_or_be_written_amiss_is_weak(sentence: str, source: str) -> None:
    assert check(sentence, [source], shipped(), "en").support == "weak"


def test_an_initial_does_not_decide_which_sentence_carries_it() -> None:
    source = "К. Бейтс прибыл утром. Многие врачи считали, что чума пришла на кораблях вместе с крысами."
    sentence = "Many doctors of K. thought that the plague came on ships with rats."
    a, b = tightest_span(sentence, source, shipped())
    assert "чума" in source[a:b]


def test_a_common_word_that_opens_a_russian_sentence_is_no_name() -> None:
    verdict = check("Облицевать его бетоном.", ["It would be lined with concrete."], shipped(), "en")
    assert "name" not in (verdict.why or "")
