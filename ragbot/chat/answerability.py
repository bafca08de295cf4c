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
    how rare it is in the index, that stand in the best passage; ``sentence`` the best single sentence's cosine.
    ``missing`` are the question's words that no retrieved passage holds, the rarest first.
    """

    nearness: float
    covered: float
    sentence: float
    missing: tuple[str, ...] = ()


WEIGHTS: Mapping[str, float] = {"nearness": 7.11, "covered": 3.19, "sentence": 5.64}
BIAS = -8.02
_USUAL = 0.6
"""Cosines of good passages lie about here."""


def by_words(covered: float, missing: tuple[str, ...]) -> Evidence:
    """The evidence while no embedding model is loaded: what it would see is taken to be as good as the words."""
    return Evidence(nearness=covered * _USUAL, covered=covered, sentence=covered * _USUAL, missing=missing)


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
