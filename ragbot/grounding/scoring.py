"""From evidence to a verdict: a logistic regression anyone can recompute, and what no number of shared words excuses.

The weights are fitted with ``python -m evals.bench grounding``; docs/grounding.md has the data and the figures.
"""

import math
from collections.abc import Mapping

from ragbot.core.types import Support
from ragbot.grounding.features import Evidence

WEIGHTS: Mapping[str, float] = {
    "covered": 0.61,
    "pairs": 1.48,
    "whole": 1.75,
    "whole_pairs": 1.88,
    "facts": 1.17,
    "worst": 2.39,
    "denied": -3.72,
    "loose": -0.88,
    "swapped": -2.65,
}
BIAS = -6.93

SUPPORTED = 0.7
PARTIAL = 0.25
"""From these scores on a passage supports a claim, or supports it in part."""

_DENIED_AT_MOST = 0.2
_DOUBTED_AT_MOST = 0.65
_LEAST_FACT = 0.65
_LEAST_FIGURES = 0.5
_LEAST_COVERED = 0.75

_NEARNESS_WEIGHT, _NEARNESS_EVEN = 4.0, 0.6
_OPEN = (0.06, 0.6)
"""Between these scores words alone do not tell a paraphrase from another subject; the embedder may."""


def score(found: Evidence) -> float:
    """The estimated probability in [0, 1] that the piece supports the claim.

    Nearness of meaning may make a doubtful score better or worse, but never makes it ``supported``.
    """
    total = BIAS + sum(weight * getattr(found, name) for name, weight in WEIGHTS.items())
    value = min(_logistic(total), ceiling(found))
    if found.similar is None or not is_open(found):
        return value
    return min(_logistic(total + _NEARNESS_WEIGHT * (found.similar - _NEARNESS_EVEN)), _DOUBTED_AT_MOST)


def is_open(found: Evidence) -> bool:
    """Whether nearness of meaning could change the verdict."""
    if found.denied or found.worst < _LEAST_FACT:
        return False
    total = BIAS + sum(weight * getattr(found, name) for name, weight in WEIGHTS.items())
    return _OPEN[0] <= _logistic(total) < _OPEN[1]


def ceiling(found: Evidence) -> float:
    """The highest score whatever words are shared.

    A contradiction or other figures support nothing; a missing fact, another word or a stricter claim allow a part.
    """
    if found.denied or found.figures < _LEAST_FIGURES:
        return _DENIED_AT_MOST
    doubted = found.loose or found.swapped or found.worst < _LEAST_FACT or found.covered < _LEAST_COVERED
    return _DOUBTED_AT_MOST if doubted else 1.0


def support(value: float) -> Support:
    """The verdict a score stands for."""
    return "supported" if value >= SUPPORTED else "partial" if value >= PARTIAL else "unsupported"


def _logistic(total: float) -> float:
    return 1.0 / (1.0 + math.exp(-total))
