"""Whether a run may pass: no floor of a file missed, nothing significantly worse than a baseline, nothing crashed.

A file of floors is TOML, a table a suite, a line a measure; for a measure where lower is better the number is a
ceiling:

    [region]
    correct = 0.61
    "recall@5" = 0.48
    forbidden_facts = 0.03
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evals.compare import Comparison, better, compare
from evals.metrics import METRICS
from evals.runs import Run
from rag.disk import write_atomically
from rag.errors import BadFloors

MARGIN = 0.02  # how far under what was measured a floor is set anew
Floors = Mapping[str, Mapping[str, float]]

_HEADER = """\
# What a run over the shipped gold must reach, by suite; for a measure where lower is better, a ceiling.
# `suroo eval gate RUN --floor FILE --renew` sets what stands here a little under what RUN measured.
"""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a run may not pass: a word under `gate.` in the locales, and what fills it in."""

    code: str
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ruling:
    """`reasons` is empty where the gate holds; `floors` is how many limits there were."""

    floors: int
    reasons: list[Reason]

    @property
    def holds(self) -> bool:
        return not self.reasons


def read_floors(path: Path) -> Floors:
    """The limits of a file, by suite and measure. Raises `BadFloors`."""
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadFloors(path, "unreadable", why=str(error)) from None
    for suite, limits in found.items():
        if not isinstance(limits, dict):
            raise BadFloors(path, "outside", measure=suite)
        for measure, limit in limits.items():
            if measure not in METRICS:
                raise BadFloors(path, "unknown", suite=suite, measure=measure)
            if not METRICS[measure].gated:
                raise BadFloors(path, "ungated", suite=suite, measure=measure)
            if isinstance(limit, bool) or not isinstance(limit, int | float) or not 0 <= limit <= 1:
                raise BadFloors(path, "value", suite=suite, measure=measure)
    if not any(found.values()):
        raise BadFloors(path, "empty")
    return found


def gate(run: Run, floors: Floors, baseline: Run | None = None) -> Ruling:
    """Judge `run`. What is compared with a `baseline` is every measure that may decide, on the cases of both."""
    reasons = [Reason("crashed", {"ids": crashed})] if (crashed := run.summary["crashed"]) else []
    for suite, limits in floors.items():
        measured = run.summary["suites"].get(suite, {})
        for measure, limit in limits.items():
            told = {"suite": suite, "measure": measure, "limit": limit}
            if measure not in measured:
                reasons.append(Reason("unmeasured", told))
                continue
            value = measured[measure]["mean"]
            if better(measure, limit - value):
                below = METRICS[measure].higher_is_better
                reasons.append(Reason("below" if below else "above", {**told, "value": value}))
    if baseline is not None:
        reasons += _worse(compare(baseline, run))
    return Ruling(sum(map(len, floors.values())), reasons)


def renewed(floors: Floors, run: Run) -> dict[str, dict[str, float]]:
    """The same limits, each `MARGIN` on the lenient side of what `run` measured; one it did not measure stays.

    A floor at 0 or 1 that is met exactly is kept there: what never fails is not allowed to begin.
    """
    made: dict[str, dict[str, float]] = {}
    for suite, limits in floors.items():
        measured = run.summary["suites"].get(suite, {})
        made[suite] = {
            name: _lenient(name, measured[name]["mean"]) if name in measured else limit
            for name, limit in limits.items()
        }
    return made


def write_floors(path: Path, floors: Floors) -> None:
    tables = [
        f"[{_key(suite)}]\n" + "".join(f"{_key(name)} = {limit:g}\n" for name, limit in limits.items())
        for suite, limits in floors.items()
    ]
    write_atomically(path, "\n".join([_HEADER, *tables]).encode())


def _worse(comparison: Comparison) -> list[Reason]:
    if not comparison.shared:
        return [Reason("no_baseline")]
    return [
        Reason("worse", {"measure": name, "before": d.before, "after": d.after, "low": d.low, "high": d.high})
        for name, d in comparison.measures.items()
        if METRICS[name].gated and d.significant and not better(name, d.change)
    ]


def _lenient(measure: str, value: float) -> float:
    metric = METRICS[measure]
    best = 1.0 - metric.worst
    if value == best:
        return best
    if metric.higher_is_better:
        return max(0.0, math.floor((value - MARGIN) * 100) / 100)
    return min(1.0, math.ceil((value + MARGIN) * 100) / 100)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)
