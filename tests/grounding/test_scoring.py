"""From evidence to a verdict."""

from dataclasses import fields, replace

import pytest

from ragbot.grounding.features import Evidence
from ragbot.grounding.scoring import PARTIAL, SUPPORTED, WEIGHTS, is_open, score, support

ALL = Evidence(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, denied=0.0, loose=0.0, swapped=0.0)
HALF = Evidence(0.8, 0.35, 0.8, 0.35, 1.0, 1.0, 1.0, denied=0.0, loose=0.0, swapped=0.0)
AGAINST = {"denied", "loose", "swapped"}


def test_the_scale_runs_from_nothing_to_word_for_word() -> None:
    nothing = Evidence(0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, denied=0.0, loose=0.0, swapped=0.0)
    assert score(nothing) < 0.05
    assert PARTIAL <= score(HALF) < SUPPORTED
    assert 0.9 < score(ALL) < 1.0


def test_every_weight_belongs_to_a_figure_of_the_evidence() -> None:
    assert set(WEIGHTS) < {field.name for field in fields(Evidence)}
    assert {name for name, weight in WEIGHTS.items() if weight < 0} == AGAINST


@pytest.mark.parametrize("name", sorted(WEIGHTS))
def test_each_figure_moves_the_score_in_its_own_direction_only(name: str) -> None:
    scores = [score(replace(HALF, **{name: level / 10})) for level in range(11)]
    assert scores == sorted(scores, reverse=name in AGAINST)


@pytest.mark.parametrize(
    ("change", "most"),
    [
        ({"denied": 1.0}, "unsupported"),
        ({"figures": 0.0}, "unsupported"),
        ({"figures": 0.5, "worst": 0.0}, "partial"),
        ({"worst": 0.0}, "partial"),
        ({"worst": 0.6}, "partial"),
        ({"loose": 1.0}, "partial"),
        ({"swapped": 0.3}, "partial"),
        ({"covered": 0.7}, "partial"),
        ({}, "supported"),
    ],
)
def test_some_things_no_number_of_shared_words_excuses(change: dict[str, float], most: str) -> None:
    assert support(score(replace(ALL, **change))) == most


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(0.0, "unsupported"), (PARTIAL - 0.001, "unsupported"), (PARTIAL, "partial"), (SUPPORTED - 0.001, "partial"),
     (SUPPORTED, "supported"), (1.0, "supported")],
)  # fmt: skip
def test_the_thresholds_decide(value: float, verdict: str) -> None:
    assert support(value) == verdict


@pytest.mark.parametrize("found", [ALL, replace(HALF, denied=1.0), replace(HALF, worst=0.0)])
def test_nearness_changes_nothing_that_words_decide(found: Evidence) -> None:
    assert not is_open(found)
    assert {score(replace(found, similar=cosine)) for cosine in (0.0, 0.5, 1.0)} == {score(found)}
