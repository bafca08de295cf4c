"""From evidence to a verdict: a logistic regression anyone can recompute, and what no number of shared words excuses.

The weights are fitted with ``python -m evals.bench grounding``; docs/grounding.md has the data and the figures.
"""

import math
from collections.abc import Mapping

from ragbot.core.types import Support
from ragbot.grounding.features import Evidence

WEIGHTS: Mapping[str, float] = {
    "covered": 4.0, "pairs": 3.0, "whole": 1.0, "whole_pairs": 1.0, "facts": 1.0, "worst": 1.0, "denied": -2.0,
    "loose": -1.0, "swapped": -1.0,
}  # fmt: skip
BIAS = -6.0
WITH_SIMILAR: Mapping[str, float] = {**WEIGHTS, "similar": 3.0}
BIAS_WITH_SIMILAR = -7.5

SUPPORTED = 0.7
PARTIAL = 0.4
_DENIED_AT_MOST = 0.2
_DOUBTED_AT_MOST = SUPPORTED - 0.05
_LEAST_FACT = 0.65
_LEAST_COVERED = 0.75


def score(found: Evidence) -> float:
    """The estimated probability in [0, 1] that the piece supports the claim."""
    weights, total = (WEIGHTS, BIAS) if found.similar is None else (WITH_SIMILAR, BIAS_WITH_SIMILAR)
    total += sum(weight * getattr(found, name) for name, weight in weights.items())
    return min(1.0 / (1.0 + math.exp(-total)), ceiling(found))


def ceiling(found: Evidence) -> float:
    """The highest score whatever words are shared: a contradiction supports nothing, a missing fact at most in part."""
    if found.denied:
        return _DENIED_AT_MOST
    doubted = found.loose or found.swapped or found.worst < _LEAST_FACT or found.covered < _LEAST_COVERED
    return _DOUBTED_AT_MOST if doubted else 1.0


def support(value: float) -> Support:
    """The verdict a score stands for."""
    return "supported" if value >= SUPPORTED else "partial" if value >= PARTIAL else "unsupported"
