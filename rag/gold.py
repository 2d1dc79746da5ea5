"""Files of gold questions: one `Case` a line, as JSON. The page appends to one, the evaluation reads them."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from rag.errors import BadCase
from rag.types import Case

if TYPE_CHECKING:
    from pydantic import TypeAdapter

REQUIRED = ("id", "language", "question", "answerable", "kind")


def read_cases(path: Path) -> list[Case]:
    """The cases of a file, in order; empty lines are passed over. Raises `BadCase`, naming line and field."""
    try:
        lines = path.read_text("utf-8-sig").split("\n")  # not splitlines: U+2028 may stand in a string
    except (OSError, UnicodeDecodeError) as error:
        raise BadCase(path, 0, "-", "unreadable", why=str(error)) from None
    cases: dict[str, Case] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        case = parse_case(line, path, number)
        if case.id in cases:
            raise BadCase(path, number, "id", "twice", value=case.id)
        cases[case.id] = case
    return list(cases.values())


def append_case(path: Path, case: Case) -> None:
    """Add `case` at the end of the file, made where there is none; safe on disk when this returns.

    Raises `BadCase` where the case is not a good one or its id is in the file already.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock"):
        there = read_cases(path) if path.exists() else []
        line = json.dumps(asdict(case), ensure_ascii=False)
        parse_case(line, path, len(there) + 1)
        if any(known.id == case.id for known in there):
            raise BadCase(path, len(there) + 1, "id", "twice", value=case.id)
        with path.open("a+b") as file:
            if file.tell() and not path.read_bytes().endswith(b"\n"):
                line = f"\n{line}"
            file.write(f"{line}\n".encode())
            file.flush()
            os.fsync(file.fileno())


def parse_case(line: str, path: Path, number: int) -> Case:
    """The case that a line of JSON holds; `path` and `number` are for the error. Raises `BadCase`."""
    from pydantic import ValidationError

    try:
        given = json.loads(line)
    except ValueError as error:
        raise BadCase(path, number, "-", "not_json", why=str(error)) from None
    if not isinstance(given, dict):
        raise BadCase(path, number, "-", "not_json", why=type(given).__name__)
    for name in REQUIRED:
        if name not in given:
            raise BadCase(path, number, name, "missing")
    for name in given.keys() - Case.__dataclass_fields__.keys():
        raise BadCase(path, number, name, "unknown")
    try:
        case = _adapter().validate_json(line, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadCase(path, number, _place(first["loc"]), "value", why=first["msg"]) from None
    for name, problem, bad in _faults(case):
        if bad:
            raise BadCase(path, number, name, problem)
    return case


def _faults(case: Case) -> list[tuple[str, str, bool]]:
    return [
        ("id", "empty", not case.id.strip()),
        ("question", "empty", not case.question.strip()),
        ("kind", "empty", not case.kind.strip()),
        ("language", "language", case.language not in ("en", "ru")),
        ("history", "role", any(turn.role not in ("user", "assistant") for turn in case.history)),
        ("must_include", "empty", any(not fact or not all(a.strip() for a in fact) for fact in case.must_include)),
        ("must_not_include", "empty", any(not fact.strip() for fact in case.must_not_include)),
        ("gold_sources", "empty", any(not s.document.strip() or not s.quote.strip() for s in case.gold_sources)),
    ]


def _place(loc: tuple[int | str, ...]) -> str:
    """A field as a person names it: gold_sources[0].quote."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).removeprefix(".")


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Case]:
    from pydantic import TypeAdapter

    return TypeAdapter(Case)
