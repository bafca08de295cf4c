"""Confidence intervals by the percentile bootstrap over questions.

Questions are drawn as if independent of each other; several about one document are not quite, so the
true intervals are somewhat wider.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over ``n`` questions with its 95 % interval."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def mean_with_interval(values: Sequence[float], *, seed: int) -> Estimate | None:
    """The mean of one figure per question; None where there is no question to take it over."""
    if not values:
        return None
    data = np.asarray(values, dtype=np.float64)
    generator = np.random.default_rng(seed)
    means = data[generator.integers(0, len(data), (RESAMPLES, len(data)), dtype=np.int32)].mean(axis=1)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Estimate(float(data.mean()), float(low), float(high), len(data))


def paired_difference(ours: Sequence[float], theirs: Sequence[float], *, seed: int) -> Estimate | None:
    """The mean of ``ours - theirs`` over the same questions in the same order."""
    return mean_with_interval([a - b for a, b in zip(ours, theirs, strict=True)], seed=seed)
