"""Files of gold questions: read, checked, appended to."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from rag import Case, GoldSource, Turn
from rag.errors import BadCase
from rag.gold import append_case, read_cases

CASE = Case(
    "enterprises-ru",
    "ru",
    "Сколько предприятий открылось в 2025 году?",
    history=[Turn("user", "Что\u2028нового?")],
    gold_answer="119",
    must_include=[["119"]],
    gold_sources=[GoldSource("peregovory-v-tszinane.md", "119 новых предприятий")],
    kind="number",
)


def test_what_is_appended_is_read(tmp_path: Path) -> None:
    path = tmp_path / "data" / "gold.jsonl"
    append_case(path, CASE)
    path.write_bytes(path.read_bytes().rstrip(b"\n"))  # as an editor may leave it
    other = replace(CASE, id="other", answerable=False, gold_sources=[], must_include=[])
    append_case(path, other)
    assert read_cases(path) == [CASE, other]
    with pytest.raises(BadCase, match="line 3, field “id”: “other” is already used"):
        append_case(path, other)
    with pytest.raises(BadCase, match="field “question”: it is empty"):
        append_case(path, replace(CASE, id="third", question=" "))
    assert read_cases(path) == [CASE, other]


@pytest.mark.parametrize(
    ("change", "field", "why"),
    [
        ({"language": "fr"}, "language", "it must be"),
        ({"answerable": "yes"}, "answerable", "valid boolean"),
        ({"must_include": ["119"]}, "must_include[0]", "valid array"),
        ({"must_include": [[]]}, "must_include", "empty"),
        ({"gold_sources": [{"document": "a"}]}, "gold_sources[0].quote", "required"),
        ({"history": [{"role": "system", "text": "x"}]}, "history", "role"),
        ({"qestion": "?"}, "qestion", "no such field"),
        ({"kind": None}, "kind", "valid string"),
    ],
)
def test_errors_name_line_and_field(tmp_path: Path, change: dict[str, Any], field: str, why: str) -> None:
    path = tmp_path / "gold.jsonl"
    good = asdict(CASE)
    path.write_text("\n".join(json.dumps(c) for c in (good, {**good, "id": "bad", **change})), "utf-8")
    with pytest.raises(BadCase) as caught:
        read_cases(path)
    assert f"gold.jsonl, line 2, field “{field}”: " in str(caught.value)
    assert why in str(caught.value)
    assert "строка 2" in caught.value.text("ru")


@pytest.mark.parametrize(("line", "why"), [("{", "not a JSON object"), ("[]", "not a JSON object"), ("{}", "missing")])
def test_what_is_no_case(tmp_path: Path, line: str, why: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(line)
    with pytest.raises(BadCase, match=f"line 1.*{why}"):
        read_cases(path)
    with pytest.raises(BadCase, match="can't be read"):
        read_cases(tmp_path / "none.jsonl")
