"""Figures of one answer that need no model: was it right to answer, and do its citations lead where they should?

docs/evaluation.md defines each and names its weak points.
"""

from collections.abc import Callable, Sequence
from statistics import fmean

from evals.metrics.matching import holds
from evals.played import FAILED, NotScored, Played, Score
from ragbot.core.types import Answer, Citation, Outcome

REFUSALS: frozenset[Outcome] = frozenset({"abstained", "blocked", "handoff"})
_NO_OUTCOME = NotScored("no expected outcome")
_NO_SOURCES = NotScored("no expected sources")
_NO_CONTEXTS = NotScored("no reference contexts")
_NOT_ANSWERED = NotScored("not answered")
_NOT_CITED = NotScored("nothing cited")


def answered(each: Played, answer: Answer) -> Score:
    """Of questions that have an answer: whether one was given."""
    if each.gold.expected_outcome is None:
        return _NO_OUTCOME
    if each.gold.expected_outcome != "answered":
        return NotScored("need not be answered")
    return float(answer.outcome == "answered")


def refused(each: Played, answer: Answer) -> Score:
    """Of questions that have none: whether that was said."""
    if each.gold.expected_outcome is None:
        return _NO_OUTCOME
    if each.gold.expected_outcome not in REFUSALS:
        return NotScored("need not be refused")
    return float(answer.outcome in REFUSALS)


def outcome_accuracy(each: Played, answer: Answer) -> Score:
    """Whether the outcome is the expected one."""
    if each.gold.expected_outcome is None:
        return _NO_OUTCOME
    return float(answer.outcome == each.gold.expected_outcome)


def answered_wrongly(each: Played, answer: Answer) -> Score:
    """Of the answers given: whether it should not have been, or cites none of the expected sources."""
    if answer.outcome != "answered":
        return _NOT_ANSWERED
    if each.gold.expected_outcome is None:
        return _NO_OUTCOME
    if each.gold.expected_outcome not in ("answered", "clarify"):
        return 1.0
    if not each.gold.expected_sources:
        return _NO_SOURCES
    return float(not _cited(answer) & set(each.gold.expected_sources))


def citation_precision(each: Played, answer: Answer) -> Score:
    """The share of the citations that lead to an expected source."""
    if answer.outcome != "answered":
        return _NOT_ANSWERED
    if not each.gold.expected_sources:
        return _NO_SOURCES
    if not answer.citations:
        return _NOT_CITED
    return fmean(citation.source in each.gold.expected_sources for citation in answer.citations)


def citation_recall(each: Played, answer: Answer) -> Score:
    """The share of the expected sources that are cited."""
    if answer.outcome != "answered":
        return _NOT_ANSWERED
    if not each.gold.expected_sources:
        return _NO_SOURCES
    return len(_cited(answer) & set(each.gold.expected_sources)) / len(each.gold.expected_sources)


def passage_citation_precision(each: Played, answer: Answer) -> Score:
    """The share of the citations whose quote holds a reference context or stands in one."""
    if answer.outcome != "answered":
        return _NOT_ANSWERED
    if not each.gold.reference_contexts:
        return _NO_CONTEXTS
    if not answer.citations:
        return _NOT_CITED
    return fmean(_quotes(citation, each.gold.reference_contexts) for citation in answer.citations)


def passage_citation_recall(each: Played, answer: Answer) -> Score:
    """The share of the reference contexts that a citation quotes."""
    if answer.outcome != "answered":
        return _NOT_ANSWERED
    if not each.gold.reference_contexts:
        return _NO_CONTEXTS
    return fmean(
        any(_quotes(citation, [context]) for citation in answer.citations) for context in each.gold.reference_contexts
    )


METRICS: dict[str, Callable[[Played, Answer], Score]] = {
    each.__name__: each
    for each in (
        answered,
        refused,
        outcome_accuracy,
        answered_wrongly,
        citation_precision,
        citation_recall,
        passage_citation_precision,
        passage_citation_recall,
    )
}


def answer_scores(played: Sequence[Played], names: Sequence[str]) -> dict[str, list[Score]]:
    """The named ones of ``METRICS``, one score per question."""
    return {
        name: [FAILED if each.answer is None else METRICS[name](each, each.answer) for each in played] for name in names
    }


def _cited(answer: Answer) -> set[str]:
    return {citation.source for citation in answer.citations}


def _quotes(citation: Citation, contexts: Sequence[str]) -> bool:
    return any(holds(citation.quote, context) or holds(context, citation.quote) for context in contexts)
