"""How likely it is that what was retrieved answers the question, from features anyone can read off the passages.

The weights are a logistic regression over the features below, fitted with ``python -m evals.bench answerability``
on questions with and without an answer; docs/benchmarks.md has the data and the figures.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the estimate rests on; every feature lies in [0, 1].

    ``nearness`` is the best passage's cosine. ``covered`` is the share of the question's words, each weighted by
    how rare it is in the index, that stand in the best passage; ``known`` the share that stand anywhere in the
    index; ``sentence`` the best single sentence's cosine.
    """

    nearness: float
    covered: float
    known: float
    sentence: float
    missing: tuple[str, ...] = ()


WEIGHTS: Mapping[str, float] = {"nearness": 5.36, "covered": 4.25, "known": 0.69, "sentence": 7.15}
BIAS = -8.99


def answerability(evidence: Evidence) -> float:
    """The probability in [0, 1]."""
    total = BIAS + sum(weight * getattr(evidence, name) for name, weight in WEIGHTS.items())
    return 1.0 / (1.0 + math.exp(-total))


def reason(evidence: Evidence, probability: float, threshold: float) -> str:
    """The estimate in words."""
    if probability >= threshold:
        return f"The best passage covers {evidence.covered:.0%} of what the question asks about."
    if evidence.missing:
        words = ", ".join(repr(word) for word in evidence.missing[:3])
        return f"No retrieved passage speaks of {words}."
    return "The nearest passages speak of other things than the question asks."
