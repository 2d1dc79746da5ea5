"""Means and differences of means, with their uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
SEED = 20250207
LEVEL = 0.95
Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over `n` cases and its 95 % confidence interval."""

    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Difference:
    """The means of two runs over the same `n` cases, `after` − `before`, and its 95 % confidence interval."""

    before: float
    after: float
    change: float
    low: float
    high: float
    n: int

    @property
    def significant(self) -> bool:
        """Whether the interval leaves out 0: the two differ by more than the choice of cases explains."""
        return self.low > 0 or self.high < 0


def estimate(values: Sequence[float], clusters: Sequence[str]) -> Estimate:
    """The mean of `values` with a percentile bootstrap interval (Efron & Tibshirani 1993, 13.3), seeded.

    Values of one cluster are drawn together: the two languages of one question do not tell twice as much.
    """
    if not values:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    low, high = _interval(_drawn(_sums(values, clusters)))
    return Estimate(float(np.mean(values)), low, high, len(values))


def difference(
    before: Sequence[float | None], after: Sequence[float | None], clusters: Sequence[str]
) -> Difference | None:
    """How the mean changed from one run to another of the same cases, by a paired bootstrap (Efron & Tibshirani 1993).

    The cases are drawn, by cluster, and both means taken over the draw, so that what makes a case hard for both runs
    cancels out. None is a case that the measure is not of in that run, as the precision of refusals is of what a run
    refused. None where one of the runs has no case at all.
    """
    if all(v is None for v in before) or all(v is None for v in after):
        return None
    a, b = _sums(before, clusters), _sums(after, clusters)
    low, high = _interval(_drawn(b) - _drawn(a))
    means = [float(np.mean([v for v in values if v is not None])) for values in (before, after)]
    n = sum(x is not None or y is not None for x, y in zip(before, after, strict=True))
    return Difference(means[0], means[1], means[1] - means[0], low, high, n)


def _sums(values: Sequence[float | None], clusters: Sequence[str]) -> Table:
    """For each cluster, in order of appearance, the sum and the number of its values."""
    sums: dict[str, list[float]] = {}
    for value, cluster in zip(values, clusters, strict=True):
        total = sums.setdefault(cluster, [0.0, 0.0])
        if value is not None:
            total[0] += value
            total[1] += 1
    return np.array(list(sums.values()))


def _drawn(table: Table) -> Table:
    """The mean of each resample; nan for one that drew no value. The same draws for tables of one length."""
    drawn = np.random.default_rng(SEED).integers(len(table), size=(RESAMPLES, len(table)))
    resampled = table[drawn].sum(axis=1)
    counts = resampled[:, 1]
    means: Table = np.divide(resampled[:, 0], counts, out=np.full(RESAMPLES, np.nan), where=counts > 0)
    return means


def _interval(means: Table) -> tuple[float, float]:
    low, high = np.nanquantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
