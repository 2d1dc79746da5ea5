"""What readers say of answers, and answers that become gold questions."""

from __future__ import annotations

import json

from rag import Assistant, Turn
from rag.feedback import Feedback, gold_case, keep_feedback, keep_gold
from rag.gold import read_cases


def test_feedback_is_a_line_each(suroo: Assistant) -> None:
    keep_feedback(suroo.folder, Feedback("q", "a", "good"))
    keep_feedback(suroo.folder, Feedback("в", "о", "bad", comment="неверно", who="ann"))
    lines = [json.loads(line) for line in (suroo.folder / "feedback.jsonl").read_text("utf-8").splitlines()]
    assert [line["verdict"] for line in lines] == ["good", "bad"]
    assert lines[1]["comment"] == "неверно"
    assert lines[0]["at"].endswith("+00:00")


def test_a_good_answer_becomes_a_case_that_it_meets(seeds: Assistant, suroo: Assistant) -> None:
    answer = seeds.ask("How many new enterprises opened in Kyrgyzstan in 2025?")
    keep_gold(suroo.folder, gold_case(answer, [Turn("user", "Tell me of Kyrgyzstan.")]))
    [case] = read_cases(suroo.folder / "gold.jsonl")
    assert case.question == answer.question
    assert ["119"] in case.must_include
    assert case.gold_sources[0].quote == answer.citations[0].quote
    assert seeds.show(case.gold_sources[0].document).language == "ru"
    assert case.answerable
    assert case.history[0].role == "user"


def test_a_corrected_answer_leans_on_the_sources_that_hold_it(seeds: Assistant) -> None:
    answer = seeds.ask("How many new enterprises opened in Kyrgyzstan in 2025?")
    right = gold_case(answer, [], "119 enterprises")
    assert right.gold_answer == "119 enterprises"
    assert right.must_include == [["119"]]
    assert right.gold_sources
    wrong = gold_case(answer, [], "There were 7 of them")
    assert wrong.gold_sources == []


def test_silence_that_is_right_is_a_case_too(seeds: Assistant) -> None:
    case = gold_case(seeds.ask("What is the population of Tashkent?"), [])
    assert not case.answerable
    assert case.gold_sources == []
