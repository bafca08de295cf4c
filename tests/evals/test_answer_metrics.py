"""Figures of single answers against values worked out by hand."""

from typing import Any

import pytest

from evals.metrics.answers import METRICS, answer_scores
from evals.metrics.names import CITATIONS, OUTCOMES
from evals.played import FAILED, NotScored
from ragbot.core.types import Outcome
from tests.evals.answers import answer, citation, played

NOT_ANSWERED = "not answered"


@pytest.mark.parametrize(
    ("expected", "outcome", "scores"),
    [
        ("answered", "answered", (1.0, None, 1.0, 0.0)),
        ("answered", "abstained", (0.0, None, 0.0, None)),
        ("abstained", "abstained", (None, 1.0, 1.0, None)),
        ("abstained", "handoff", (None, 1.0, 0.0, None)),
        ("abstained", "answered", (None, 0.0, 0.0, 1.0)),
        ("abstained", "smalltalk", (None, 0.0, 0.0, None)),
        ("smalltalk", "smalltalk", (None, None, 1.0, None)),
        ("smalltalk", "answered", (None, None, 0.0, 1.0)),
        ("clarify", "answered", (None, None, 0.0, 0.0)),
        (None, "answered", (None, None, None, None)),
    ],
)
def test_an_outcome_is_right_or_wrong_or_not_to_be_judged(
    expected: Outcome | None, outcome: Outcome, scores: tuple[float | None, ...]
) -> None:
    given = answer(outcome, cites=(citation(1, "a.md"),))
    sources = ("a.md",) if expected in ("answered", "clarify") else ()
    each = played(given, outcome=expected, expected_sources=sources)
    found = [METRICS[name](each, given) for name in OUTCOMES]
    assert tuple(None if isinstance(value, NotScored) else value for value in found) == scores


@pytest.mark.parametrize(
    ("cited", "expected", "precision", "recall", "wrongly"),
    [
        (("a.md", "a.md", "x.md"), ("a.md", "b.md"), 2 / 3, 0.5, 0.0),
        (("a.md", "b.md"), ("a.md", "b.md"), 1.0, 1.0, 0.0),
        (("x.md",), ("a.md",), 0.0, 0.0, 1.0),
        ((), ("a.md",), "nothing cited", 0.0, 1.0),
        (("a.md",), (), "no expected sources", "no expected sources", "no expected sources"),
    ],
)
def test_citations_are_counted_by_their_source(
    cited: tuple[str, ...], expected: tuple[str, ...], precision: Any, recall: Any, wrongly: Any
) -> None:
    given = answer(cites=tuple(citation(n, source) for n, source in enumerate(cited, start=1)))
    each = played(given, expected_sources=expected, answerable=True)
    for name, wanted in (
        ("citation_precision", precision),
        ("citation_recall", recall),
        ("answered_wrongly", wrongly),
    ):
        found = METRICS[name](each, given)
        assert found == (NotScored(wanted) if isinstance(wanted, str) else pytest.approx(wanted)), name


def test_a_quote_is_right_that_holds_a_reference_context_or_stands_in_one() -> None:
    contexts = ("The box may have been opened, and you need not give a reason.", "Used batteries.")
    quotes = ("the box may have been opened", "We take back used batteries, too.", "Nothing of the kind.")
    given = answer(cites=tuple(citation(n, "a.md", quote) for n, quote in enumerate(quotes, start=1)))
    each = played(given, reference_contexts=contexts)
    assert METRICS["passage_citation_precision"](each, given) == pytest.approx(2 / 3)
    assert METRICS["passage_citation_recall"](each, given) == 1.0
    other = played(given, reference_contexts=("Used batteries.", "A whole year."))
    assert METRICS["passage_citation_recall"](other, given) == 0.5


def test_a_refusal_has_no_citation_figures() -> None:
    given = answer("abstained", cites=())
    each = played(given, expected_sources=("a.md",), reference_contexts=("x",))
    assert {METRICS[name](each, given) for name in CITATIONS} == {NotScored(NOT_ANSWERED)}


def test_a_question_that_failed_is_never_a_zero() -> None:
    both = [played(None, answerable=True), played(answer(), answerable=True)]
    scores = answer_scores(both, [*OUTCOMES, *CITATIONS])
    assert {values[0] for values in scores.values()} == {FAILED}
    assert scores["answered"][1] == 1.0


def test_every_metric_of_an_answer_is_known_by_name() -> None:
    assert set(METRICS) == {*OUTCOMES, *CITATIONS}
