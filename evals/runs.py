"""A run folder: `config.json`, `cases.jsonl`, `summary.json`, and later `report.html`. Read and written here only.

`cases.jsonl` grows by a line a case while a run goes on, so that a killed run can be resumed, and is written anew, in
the order of the cases and with their scores, when it is done. Times stand only under the keys `timings` and `started`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from evals.metrics import METRICS, Verdict
from evals.statistics import estimate
from rag import Answer, Case, Hit
from rag.disk import write_atomically
from rag.errors import BadRun


@dataclass(frozen=True, slots=True)
class Row:
    """One case of a run: how it went and what it scored. `error` names what made it crash.

    `languages` is the question's and the gold documents', as "ru→en". `hits` are those that retrieval is measured on.
    """

    id: str
    suite: str
    languages: str
    case: Case
    answer: Answer | None
    hits: list[Hit]
    error: str | None
    started: str
    timings: dict[str, float]
    scores: dict[str, float] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    @property
    def cluster(self) -> str:
        """Cases that are not independent of each other: the two of a pair."""
        return self.case.pair or self.id


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run."""

    folder: Path
    config: dict[str, Any]
    rows: list[Row]
    summary: dict[str, Any]


def read_run(folder: Path) -> Run:
    """A finished run. Raises `BadRun`."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        summary = json.loads((folder / "summary.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadRun(folder, "unfinished", why=str(error)) from None
    return Run(folder, config, read_rows(folder), summary)


def read_rows(folder: Path) -> list[Row]:
    """The rows that are there; a last line that was cut off by a kill is left out. Raises `BadRun`."""
    path = folder / "cases.jsonl"
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")
    adapter = TypeAdapter(Row)
    rows = []
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            rows.append(adapter.validate_json(line))
        except ValidationError as error:
            if number == len(lines):
                break  # no line end: it was being written when the run was killed
            raise BadRun(folder, "bad_line", line=number, why=error.errors()[0]["msg"]) from None
    return rows


def line_of(row: Row) -> bytes:
    return f"{json.dumps(asdict(row), ensure_ascii=False)}\n".encode()


def write_json(path: Path, value: object) -> None:
    write_atomically(path, f"{json.dumps(value, ensure_ascii=False, indent=1)}\n".encode())


def summarise(rows: Sequence[Row], config: Mapping[str, Any]) -> dict[str, Any]:
    """Every measure over all cases and over each kind and language pair, each with its n and interval."""
    kinds = sorted({row.case.kind for row in rows})
    languages = sorted({row.languages for row in rows})
    suites = list(dict.fromkeys(row.suite for row in rows))
    return {
        "config": config["hash"],
        "cases": len(rows),
        "crashed": [row.id for row in rows if row.error],
        "measures": _measures(rows),
        "unscored": _unscored(rows),
        "suites": {suite: _measures([r for r in rows if r.suite == suite]) for suite in suites},
        "kinds": {kind: _measures([r for r in rows if r.case.kind == kind]) for kind in kinds},
        "languages": {pair: _measures([r for r in rows if r.languages == pair]) for pair in languages},
        "tokens": _tokens(rows),
        "timings": _times(rows),
    }


def fingerprint(value: object) -> str:
    """A hash of anything JSON, for configurations: the first 16 hex digits of SHA-256."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def _measures(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    found = {}
    for name in METRICS:
        scored = [row for row in rows if name in row.scores]
        if scored:
            made = estimate([row.scores[name] for row in scored], [row.cluster for row in scored])
            found[name] = {k: round(v, 4) for k, v in asdict(made).items()}
    return found


def _unscored(rows: Sequence[Row]) -> dict[str, int]:
    """How many of a judge's verdicts could not be read, by measure."""
    unread = [name for row in rows for name, verdict in row.verdicts.items() if verdict.value is None]
    return {name: unread.count(name) for name in METRICS if name in unread}


def _tokens(rows: Sequence[Row]) -> dict[str, int]:
    total: dict[str, int] = {}
    for row in rows:
        for name, count in (row.answer.tokens if row.answer and row.answer.tokens else {}).items():
            total[name] = total.get(name, 0) + count
    return total


def _times(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """The median, the 95th percentile and the largest of each stage, in ms."""
    stages: dict[str, list[float]] = {}
    for row in rows:
        for stage, ms in row.timings.items():
            stages.setdefault(stage, []).append(ms)
    return {
        stage: {"p50": round(float(np.median(v)), 1), "p95": round(float(np.quantile(v, 0.95)), 1), "max": max(v)}
        for stage, v in stages.items()
    }
