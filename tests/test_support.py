"""The check of a sentence over pairs made of the samples: true ones pass, spoilt ones do not (docs/answers.md)."""

from __future__ import annotations

import pytest

from evals.bench_support import pairs, verdict
from evals.support_pairs import TRUE, Pair, of_gold, of_xquad, spoilt
from rag.bilingual.table import shipped


@pytest.fixture(scope="module")
def judged() -> dict[str, list[tuple[Pair, str]]]:
    found: dict[str, list[tuple[Pair, str]]] = {}
    for pair in pairs(of_gold("seeds"), most=40, seed=1):
        found.setdefault(pair.kind, []).append((pair, verdict(pair, shipped()).support))
    return found


def _share(judged: list[tuple[Pair, str]], *support: str) -> float:
    assert len(judged) > 30
    return sum(s in support for _, s in judged) / len(judged)


def test_true_sentences_are_not_called_unsupported(judged: dict[str, list[tuple[Pair, str]]]) -> None:
    assert _share(judged[TRUE], "unsupported") <= 0.05


@pytest.mark.parametrize(("kind", "least"), [("wrong number", 0.98), ("wrong date", 0.98), ("swapped name", 0.95)])
def test_what_was_spoilt_is_unsupported(judged: dict[str, list[tuple[Pair, str]]], kind: str, least: float) -> None:
    assert _share(judged[kind], "unsupported") >= least


@pytest.mark.parametrize(("kind", "least"), [("negated", 0.65), ("number moved", 0.8), ("other passage", 0.9)])
def test_what_was_turned_is_not_supported(judged: dict[str, list[tuple[Pair, str]]], kind: str, least: float) -> None:
    assert _share(judged[kind], "weak", "unsupported") >= least


def test_pairs_are_the_same_for_one_seed_and_others_for_another() -> None:
    true = of_gold("seeds")
    assert list(spoilt(true, 1)) == list(spoilt(true, 1))
    assert list(spoilt(true, 1)) != list(spoilt(true, 2))


def test_a_file_of_xquads_form_gives_every_direction_and_both_halves() -> None:
    paragraphs = [
        {
            "id": f"{n}",
            "title": f"t{n}",
            "en": "The bridge was built in 1905 by 30 men.",
            "ru": "Мост строили 30 человек.",
        }
        for n in (1, 2)
    ]
    true = of_xquad(paragraphs, 1)
    assert {(p.direction, p.half) for p in true} == {
        (d, h) for d in ("en→en", "en→ru") for h in (1, 2)
    }  # the Russian sentence is too short to tell anything
    spoiled = {p.kind: p.sentence for p in spoilt(true, 1) if p.direction == "en→ru"}
    assert {"wrong number", "wrong date", "negated"} <= set(spoiled)
    assert "30" not in spoiled["wrong number"]
    assert "1905" not in spoiled["wrong date"]
