"""The rankings of a run against values worked out by hand."""

from math import log2

import pytest

from evals.metrics.names import BY_PASSAGE, BY_SOURCE
from evals.metrics.ranking import ranking_scores
from evals.played import FAILED, NotScored
from tests.evals.answers import answer, hit, played


def test_a_source_counts_once_at_its_best_rank() -> None:
    sources = ("c.md", "a.md", "a.md", "d.md", "e.md", "b.md")
    given = answer(hits=tuple(hit(rank, source) for rank, source in enumerate(sources, start=1)))
    scores = ranking_scores([played(given, expected_sources=("a.md", "b.md"))])
    found = {name: scores[name][0] for name in BY_SOURCE}
    ideal = 1 + 1 / log2(3)
    assert found == {
        "hit@1": 0.0,
        "hit@5": 1.0,
        "recall@5": 0.5,
        "mrr@10": 0.5,
        "ndcg@10": pytest.approx((1 / log2(3) + 1 / log2(7)) / ideal),
    }


def test_each_reference_context_counts_where_a_passage_first_holds_it() -> None:
    texts = ("nothing", "the red key opens", "the red key again", "a blue door")
    given = answer(hits=tuple(hit(rank, "a.md", text) for rank, text in enumerate(texts, start=1)))
    scores = ranking_scores([played(given, reference_contexts=("red key", "blue door", "green lamp"))])
    assert scores["passage_hit@1"] == [0.0]
    assert scores["passage_mrr@10"] == [0.5]
    assert scores["passage_recall@5"] == [pytest.approx(2 / 3)]
    ideal = 1 + 1 / log2(3) + 1 / log2(4)
    assert scores["passage_ndcg@10"] == [pytest.approx((1 / log2(3) + 1 / log2(5)) / ideal)]


def test_a_passage_that_holds_everything_is_a_perfect_ranking() -> None:
    given = answer(hits=(hit(1, "a.md", "the red key opens the blue door"), hit(2, "a.md", "blue door")))
    scores = ranking_scores([played(given, reference_contexts=("red key", "blue door"))])
    assert {name: scores[name][0] for name in BY_PASSAGE} == dict.fromkeys(BY_PASSAGE, 1.0)


def test_without_gold_or_without_an_answer_there_is_no_figure_and_without_hits_there_is_a_zero() -> None:
    gold = {"expected_sources": ("a.md",), "reference_contexts": ("red key",)}
    scores = ranking_scores(
        [
            played(answer(hits=(hit(1, "a.md", "red key"),)), "no gold"),
            played(None, "broken", expected_sources=("a.md",), reference_contexts=("red key",)),
            played(answer("smalltalk"), "nothing found", **gold),
            played(answer(hits=(hit(1, "a.md", "red key"),)), "good", **gold),
        ]
    )
    assert scores["hit@1"] == [NotScored("no expected sources"), FAILED, 0.0, 1.0]
    assert scores["passage_hit@1"] == [NotScored("no reference contexts"), FAILED, 0.0, 1.0]


def test_a_run_in_which_nothing_can_be_ranked_has_no_figures() -> None:
    scores = ranking_scores([played(None), played(answer())])
    assert set(scores) == {*BY_SOURCE, *BY_PASSAGE}
    assert {type(value) for values in scores.values() for value in values} == {NotScored}
