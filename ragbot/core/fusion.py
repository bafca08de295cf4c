"""Joining two channels' votes into one order. Pure functions; scores are better when higher."""

from collections.abc import Mapping, Sequence
from math import fsum

from ragbot.core.types import Candidate


def scaled(scores: Mapping[str, float], *, floor: float | None = None) -> dict[str, float]:
    """Scores scaled to [0, 1] by their best and ``floor``; none above it are all 0.

    Without a floor by their best and worst; all 1 where they are equal.
    """
    if not scores:
        return {}
    best = max(scores.values())
    worst = min(scores.values()) if floor is None else floor
    span = best - worst
    if span <= 0:
        return dict.fromkeys(scores, 1.0 if floor is None else 0.0)
    return {name: max(0.0, (score - worst) / span) for name, score in scores.items()}


def weighted(channels: Sequence[tuple[Mapping[str, float], float]]) -> list[Candidate]:
    """The weighted sum of scaled channels, best first; a name absent from a channel has 0 there.

    Ties are broken by name, so that the order never depends on which channel answered first.
    """
    # fsum, because a plain sum's last bits depend on the order, and they would decide between equals.
    total = fsum(weight for _, weight in channels) or 1.0
    parts: dict[str, list[float]] = {}
    for scores, weight in channels:
        for name, score in scores.items():
            parts.setdefault(name, []).append(score * weight)
    fused = {name: min(1.0, fsum(votes) / total) for name, votes in parts.items()}
    return [Candidate(name, score) for name, score in sorted(fused.items(), key=lambda pair: (-pair[1], pair[0]))]
