"""From scores to figures."""

import pytest

from evals.figures import figure, figures, first_tokens, latency, slices
from evals.played import FAILED, NotScored
from tests.evals.answers import answer, played

NONE = NotScored("no reference answer")


def test_a_figure_rests_on_what_was_scored_and_counts_the_rest_by_reason() -> None:
    found = figure([1.0, NONE, 0.5, NONE, FAILED, 0.0])
    assert found.estimate is not None
    assert (found.estimate.value, found.estimate.n) == (0.5, 3)
    assert 0.0 <= found.estimate.low < 0.5 < found.estimate.high <= 1.0
    assert found.not_scored == {"no reference answer": 2, "the question failed": 1}


def test_nothing_scored_is_no_figure_rather_than_a_zero() -> None:
    assert figure([NONE]).estimate is None
    assert figure([]).estimate is None


def test_the_same_scores_give_the_same_interval() -> None:
    assert figures({"a": [0.0, 1.0, 1.0]}) == figures({"a": [0.0, 1.0, 1.0]})


def test_a_slice_holds_the_questions_of_its_tag_alone() -> None:
    rows = [played(answer(), str(n), tags=tags) for n, tags in enumerate([("a", "b"), (), ("b",)])]
    found = slices(rows, {"hit@1": [1.0, 1.0, 0.0]})
    assert list(found) == ["a", "b"]
    assert [count for count, _ in found.values()] == [1, 2]
    estimates = [each["hit@1"].estimate for _, each in found.values()]
    assert [estimate and estimate.value for estimate in estimates] == [1.0, 0.5]


def test_times_are_those_of_the_answers_that_have_one() -> None:
    rows = [played(answer(timings={"first_token": 0.2})), played(answer()), played(None)]
    assert first_tokens(rows) == [0.2]
    assert latency([]) is None
    found = latency([0.1, 0.2, 0.3])
    assert found is not None
    assert found.p50 == pytest.approx(0.2)
    assert found.n == 3
