"""The retrieval figures against values worked out by hand."""

from collections.abc import Callable
from math import log2
from pathlib import Path

import pytest

from evals.cases import load_data_set
from evals.metrics.retrieval import Passage, by_passage, by_source, characters, passage_cases, source_cases

DOCUMENTS = {"a.md": "the red key", "b.md": "the blue key", "c.md": "nothing"}


def test_a_source_counts_once_at_its_best_rank(make_data: Callable[..., Path]) -> None:
    data = load_data_set(make_data(DOCUMENTS, [{"id": "1", "relevant_docs": ["a.md", "b.md"]}]))
    found = {"1": [Passage(source, "") for source in ("c.md", "a.md", "a.md", "b.md", "a.md")]}
    figures = by_source(source_cases(data), found)
    assert figures["hit@1"] == [0.0]
    assert figures["hit@5"] == [1.0]
    assert figures["mrr@10"] == [0.5]
    ideal = 1 + 1 / log2(3)
    assert figures["ndcg@10"] == [pytest.approx((1 / log2(3) + 1 / log2(5)) / ideal)]


def test_only_the_first_passage_with_the_answer_counts(make_data: Callable[..., Path]) -> None:
    data = load_data_set(make_data(DOCUMENTS, [{"id": "1", "answers": ["red key"], "relevant_docs": ["a.md"]}]))
    texts = ("nothing", "a blue key", "the red key", "the red key again")
    figures = by_passage(passage_cases(data), {"1": [Passage("a.md", text) for text in texts]})
    assert figures["hit@1"] == [0.0]
    assert figures["mrr@10"] == [pytest.approx(1 / 3)]
    assert figures["ndcg@10"] == [pytest.approx(1 / log2(4))]


def test_a_hit_below_rank_ten_counts_nowhere(make_data: Callable[..., Path]) -> None:
    data = load_data_set(make_data(DOCUMENTS, [{"id": "1", "relevant_docs": ["a.md"]}]))
    found = {"1": [Passage(f"other{number}", "") for number in range(10)] + [Passage("a.md", "")]}
    assert {values[0] for values in by_source(source_cases(data), found).values()} == {0.0}


def test_a_question_without_hits_is_a_zero_and_not_left_out(make_data: Callable[..., Path]) -> None:
    rows = [
        {"id": "1", "relevant_docs": ["a.md"]},
        {"id": "2", "relevant_docs": ["b.md"]},
        {"id": "3", "relevant_docs": ["c.md"]},
    ]
    data = load_data_set(make_data(DOCUMENTS, rows))
    figures = by_source(source_cases(data), {"1": [Passage("a.md", "")], "2": []})
    assert figures["hit@1"] == [1.0, 0.0, 0.0]


def test_only_questions_with_gold_are_counted(make_data: Callable[..., Path]) -> None:
    rows = [
        {"id": "gold", "answers": ["red key"], "relevant_docs": ["a.md"]},
        {"id": "paraphrase", "answers": ["a crimson tool"], "relevant_docs": ["a.md"]},
        {"id": "unanswerable", "answerable": False, "relevant_docs": ["a.md"]},
        {"id": "no documents", "answers": ["red key"]},
    ]
    data = load_data_set(make_data(DOCUMENTS, rows))
    assert [case.id for case in source_cases(data)] == ["gold", "paraphrase"]
    assert [case.id for case in passage_cases(data)] == ["gold"]


def test_characters_are_those_of_the_top_passages(make_data: Callable[..., Path]) -> None:
    data = load_data_set(make_data(DOCUMENTS, [{"id": "1"}, {"id": "2"}]))
    found = {"1": [Passage("a.md", "xx")] * 7}
    assert characters(data.cases, found) == pytest.approx(5.0)
