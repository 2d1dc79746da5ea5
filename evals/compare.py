"""Two runs side by side, on the cases that both asked: which cases flipped, and which measures moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.metrics import METRICS
from evals.runs import Row, Run
from evals.statistics import Difference, difference

Pair = tuple[Row, Row]
Differences = dict[str, Difference]


@dataclass(frozen=True, slots=True)
class Flip:
    """A case whose score in one measure changed, and how: `why` is what is wrong with it in the run that is worse."""

    id: str
    suite: str
    kind: str
    languages: str
    question: str
    before: float
    after: float
    better: bool
    why: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """`b` against `a` on the cases that they share; the others are counted, and in no figure.

    `only_a` and `only_b` are cases of one run, `changed` those that go by one id and differ in what is asked or wanted.
    `flipped` is of `measure`, the worse ones first.
    """

    a: Path
    b: Path
    shared: int
    only_a: int
    only_b: int
    changed: int
    measure: str
    flipped: list[Flip]
    measures: Differences
    kinds: Mapping[str, Differences]
    languages: Mapping[str, Differences]

    @property
    def same_gold(self) -> bool:
        return not (self.only_a or self.only_b or self.changed)


def compare(a: Run, b: Run, measure: str = "correct") -> Comparison:
    """What changed from run `a` to run `b`. KeyError for a `measure` that there is not."""
    before, after = ({row.id: row for row in run.rows} for run in (a, b))
    common = [(before[id], row) for id, row in after.items() if id in before]
    pairs = [(x, y) for x, y in common if x.case == y.case]
    return Comparison(
        a=a.folder,
        b=b.folder,
        shared=len(pairs),
        only_a=len(before) - len(common),
        only_b=len(after) - len(common),
        changed=len(common) - len(pairs),
        measure=measure,
        flipped=_flips(pairs, measure),
        measures=differences(pairs),
        kinds=_sliced(pairs, lambda row: row.case.kind),
        languages=_sliced(pairs, lambda row: row.languages),
    )


def better(name: str, change: float) -> bool:
    """Whether a change of a measure in that direction is for the better."""
    return change > 0 if METRICS[name].higher_is_better else change < 0


def differences(pairs: Sequence[Pair]) -> Differences:
    """For every measure that both runs have over `pairs`."""
    clusters = [x.cluster for x, _ in pairs]
    found = {}
    for name in METRICS:
        made = difference([x.scores.get(name) for x, _ in pairs], [y.scores.get(name) for _, y in pairs], clusters)
        if made is not None:
            found[name] = made
    return found


def _sliced(pairs: Sequence[Pair], key: Callable[[Row], str]) -> dict[str, Differences]:
    names = sorted({key(x) for x, _ in pairs})
    return {name: differences([pair for pair in pairs if key(pair[0]) == name]) for name in names}


def _flips(pairs: Sequence[Pair], measure: str) -> list[Flip]:
    METRICS[measure]
    flips = []
    for x, y in pairs:
        before, after = x.scores.get(measure), y.scores.get(measure)
        if before is None or after is None or before == after:
            continue
        gained = better(measure, after - before)
        worse = x if gained else y
        why = worse.error or worse.why.get(measure, "")
        flips.append(Flip(x.id, x.suite, x.case.kind, x.languages, x.case.question, before, after, gained, why))
    return sorted(flips, key=lambda flip: (flip.better, -abs(flip.after - flip.before)))
