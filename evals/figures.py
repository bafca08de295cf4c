"""From scores per question to a run's figures: means with intervals, what was not scored and why, slices, times."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evals.played import NotScored, Played, Score
from evals.statistics import Estimate, mean_with_interval

SEED = 1
"""Of the bootstrap: the same scores give the same intervals."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric's mean over the questions it could be scored on; ``estimate`` is None where there was none.

    ``not_scored`` counts the others by reason.
    """

    estimate: Estimate | None
    not_scored: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds over ``n`` questions."""

    p50: float
    p95: float
    n: int


Scores = Mapping[str, Sequence[Score]]


def figure(scores: Sequence[Score]) -> Figure:
    """The mean with its 95 % interval."""
    values = [score for score in scores if not isinstance(score, NotScored)]
    reasons = Counter(score.reason for score in scores if isinstance(score, NotScored))
    return Figure(mean_with_interval(values, seed=SEED), dict(reasons.most_common()))


def figures(scores: Scores) -> dict[str, Figure]:
    """Every metric's figure."""
    return {name: figure(values) for name, values in scores.items()}


def slices(played: Sequence[Played], scores: Scores) -> dict[str, tuple[int, dict[str, Figure]]]:
    """By tag, the number of its questions and their figures; tags in order of their first question."""
    tags = dict.fromkeys(tag for each in played for tag in each.gold.tags)
    found = {}
    for tag in tags:
        places = [place for place, each in enumerate(played) if tag in each.gold.tags]
        part = {name: [values[place] for place in places] for name, values in scores.items()}
        found[tag] = (len(places), figures(part))
    return found


def latency(seconds: Iterable[float]) -> Latency | None:
    """Median and 95th percentile; None of nothing."""
    values = list(seconds)
    if not values:
        return None
    p50, p95 = np.quantile(values, [0.5, 0.95])
    return Latency(float(p50), float(p95), len(values))


def first_tokens(played: Sequence[Played]) -> list[float]:
    """Seconds until the first text left, of the answers that say so."""
    times = (each.answer.timings.get("first_token") for each in played if each.answer is not None)
    return [seconds for seconds in times if seconds is not None]
