"""Bootstrap intervals."""

import pytest

from evals.statistics import mean_with_interval, paired_difference


def test_an_interval_holds_its_mean_and_repeats_with_its_seed() -> None:
    values = [0.0, 1.0] * 50
    first = mean_with_interval(values, seed=1)
    assert first is not None
    assert first == mean_with_interval(values, seed=1)
    assert first.low < first.value < first.high
    assert first.high - first.low == pytest.approx(0.2, abs=0.04)


def test_a_constant_difference_has_no_spread() -> None:
    gap = paired_difference([0.75, 1.0, 0.5], [0.5, 0.75, 0.25], seed=3)
    assert gap is not None
    assert (gap.value, gap.low, gap.high) == pytest.approx((0.25, 0.25, 0.25))


def test_no_questions_give_no_figure_rather_than_a_zero() -> None:
    assert mean_with_interval([], seed=1) is None


def test_unequal_lists_are_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        paired_difference([1.0], [1.0, 0.0], seed=1)
