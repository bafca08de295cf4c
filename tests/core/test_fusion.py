"""Fusion is arithmetic: the same whichever channel answered first, and always in [0, 1]."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragbot.core.fusion import scaled, weighted

NAMES = st.sampled_from([f"chunk{i}" for i in range(8)])
SCORES = st.floats(-50, 50, allow_nan=False)
SHARES = st.floats(0, 1, allow_nan=False)
CHANNELS = st.lists(st.tuples(st.dictionaries(NAMES, SHARES), st.floats(0.01, 10)), max_size=4)


@given(CHANNELS)
def test_the_order_of_the_channels_does_not_matter(channels: list[tuple[dict[str, float], float]]) -> None:
    expected = weighted(channels)
    for order in itertools.permutations(channels):
        assert weighted(order) == expected


@given(CHANNELS)
def test_fused_scores_stay_between_zero_and_one_and_come_best_first(
    channels: list[tuple[dict[str, float], float]],
) -> None:
    fused = weighted(channels)
    assert all(0.0 <= each.score <= 1.0 for each in fused)
    assert [each.score for each in fused] == sorted((each.score for each in fused), reverse=True)
    assert {each.chunk_id for each in fused} == {name for scores, _ in channels for name in scores}
    assert len({each.chunk_id for each in fused}) == len(fused)


@given(st.dictionaries(NAMES, SCORES), st.none() | SCORES)
def test_scaling_keeps_the_order_and_stays_between_zero_and_one(scores: dict[str, float], floor: float | None) -> None:
    found = scaled(scores, floor=floor)
    assert found.keys() == scores.keys()
    assert all(0.0 <= value <= 1.0 for value in found.values())
    for one, other in itertools.combinations(scores, 2):
        if scores[one] > scores[other]:
            assert found[one] >= found[other]


def test_the_best_scales_to_one_and_the_worst_or_the_floor_to_zero() -> None:
    assert scaled({"a": 3.0, "b": 1.0, "c": 2.0}) == {"a": 1.0, "b": 0.0, "c": 0.5}
    assert scaled({"a": 4.0, "b": 1.0}, floor=0.0) == {"a": 1.0, "b": 0.25}
    assert scaled({"a": 4.0, "b": -1.0}, floor=0.0) == {"a": 1.0, "b": 0.0}
    assert scaled({"a": 2.0, "b": 2.0}) == {"a": 1.0, "b": 1.0}
    assert scaled({}) == {}


def test_nothing_above_the_floor_is_worth_nothing() -> None:
    assert scaled({"a": -0.2, "b": -0.4}, floor=0.0) == {"a": 0.0, "b": 0.0}


@pytest.mark.parametrize("weights", [(0.5, 0.5), (2.0, 2.0), (0.9, 0.1)])
def test_ties_are_broken_by_name(weights: tuple[float, float]) -> None:
    channel = {"b": 1.0, "a": 1.0}
    assert [each.chunk_id for each in weighted([(channel, weights[0]), (channel, weights[1])])] == ["a", "b"]


def test_a_name_absent_from_a_channel_has_nothing_there() -> None:
    fused = {each.chunk_id: each.score for each in weighted([({"a": 1.0, "b": 1.0}, 0.75), ({"b": 1.0}, 0.25)])}
    assert fused == {"b": 1.0, "a": 0.75}


def test_no_channels_give_nothing() -> None:
    assert weighted([]) == []
    assert weighted([({}, 0.5), ({}, 0.5)]) == []
