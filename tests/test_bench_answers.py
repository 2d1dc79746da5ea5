"""The bench of quotations and refusals, on a handful of paragraphs in XQuAD's form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.bench_answers import ask, converted, report

FACTS = {
    "bridge": ("The bridge in Osh was opened in 2019.", "When was the bridge in Osh opened?", "2019"),
    "glacier": ("The Adygene glacier lost nine metres last summer.", "How much did the Adygene glacier lose?", "nine"),
    "museum": ("Asel Sadykova directs the felt museum.", "Who directs the felt museum?", "Asel Sadykova"),
}


@pytest.fixture
def xquad(tmp_path: Path) -> Path:
    lines = []
    for name, (text, question, answer) in FACTS.items():
        side = {"question": question, "answer": answer, "start": text.index(answer)}
        paragraph = {
            "id": name,
            "title": name,
            "en": text,
            "ru": text,
            "questions": [{"id": name, "en": side, "ru": side}],
        }
        lines.append(json.dumps(paragraph))
    path = tmp_path / "xquad.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_what_is_quoted_and_what_is_refused(xquad: Path, tmp_path: Path) -> None:
    asked = list(ask(converted(xquad, "en", "en", None, tmp_path / "all"), tmp_path / "data"))
    assert [a.first for a in asked] == [True, True, True]
    gone = list(ask(converted(xquad, "en", "en", "paragraph", tmp_path / "gone"), tmp_path / "other"))
    assert len(gone) == len(asked)
    assert not any(a.first or a.some for a in gone)
    assert max(a.evidence.strength for a in gone) < min(a.evidence.strength for a in asked)
    lines = list(report("en→en", asked, {"paragraph": gone}))
    assert lines[1].endswith("100.0")
    assert lines[-1].endswith("AUC 1.000")
