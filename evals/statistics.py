"""Means with their uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000
SEED = 20250207
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over `n` cases and its 95 % confidence interval."""

    mean: float
    low: float
    high: float
    n: int


def estimate(values: Sequence[float], clusters: Sequence[str]) -> Estimate:
    """The mean of `values` with a percentile bootstrap interval (Efron & Tibshirani 1993, 13.3), seeded.

    Values of one cluster are drawn together: the two languages of one question do not tell twice as much.
    """
    if not values:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    sums: dict[str, list[float]] = {}
    for value, cluster in zip(values, clusters, strict=True):
        total = sums.setdefault(cluster, [0.0, 0.0])
        total[0] += value
        total[1] += 1
    table = np.array(list(sums.values()))
    drawn = np.random.default_rng(SEED).integers(len(table), size=(RESAMPLES, len(table)))
    resampled = table[drawn].sum(axis=1)
    means = resampled[:, 0] / resampled[:, 1]
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(float(np.mean(values)), float(low), float(high), len(values))
