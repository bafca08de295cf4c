"""How well the retrieved passages are ranked, by source and by passage; docs/evaluation.md defines the figures.

By source, each expected document counts once, at the rank of its best passage; passages that repeat a document take up
ranks, as they do before a reader.

By passage, a retrieved passage is right when it holds a reference context that none above it held
(``matching.holds``).  A passage that holds several at once is one right passage, and the ideal ranking has as many
right passages as that makes; contexts that were not found count as one each.
"""

from collections.abc import Callable, Sequence

from evals.metrics.matching import holds
from evals.metrics.names import BY_PASSAGE, BY_SOURCE, MEASURES
from evals.metrics.retrieval import label_sources, measure
from evals.played import FAILED, NotScored, Played, Score
from ragbot.core.types import Answer

Labelled = tuple[dict[str, int], list[str]]
"""The gold labels with their relevance, and the labels of the ranked passages, best first."""


def ranking_scores(played: Sequence[Played]) -> dict[str, list[Score]]:
    """The figures of ``BY_SOURCE`` and ``BY_PASSAGE``, one per question."""
    return {
        **_scores(played, BY_SOURCE, _sources, "no expected sources"),
        **_scores(played, BY_PASSAGE, _passages, "no reference contexts"),
    }


def _scores(
    played: Sequence[Played], names: Sequence[str], label: Callable[[Played, Answer], Labelled | None], missing: str
) -> dict[str, list[Score]]:
    labelled = {each.gold.id: label(each, each.answer) for each in played if each.answer is not None}
    good = {question: found for question, found in labelled.items() if found is not None}
    gold = {question: found[0] for question, found in good.items()}
    values = measure(MEASURES, gold, {question: found[1] for question, found in good.items()})
    place = {question: number for number, question in enumerate(gold)}

    def score(each: Played, name: str) -> Score:
        if each.answer is None:
            return FAILED
        number = place.get(each.gold.id)
        return NotScored(missing) if number is None else values[name][number]

    return {ours: [score(each, name) for each in played] for ours, name in zip(names, MEASURES, strict=True)}


def _sources(each: Played, answer: Answer) -> Labelled | None:
    if not each.gold.expected_sources:
        return None
    return dict.fromkeys(each.gold.expected_sources, 1), label_sources([hit.chunk.source for hit in answer.hits])


def _passages(each: Played, answer: Answer) -> Labelled | None:
    if not each.gold.reference_contexts:
        return None
    missing = list(each.gold.reference_contexts)
    gold: dict[str, int] = {}
    labels = []
    for rank, hit in enumerate(answer.hits):
        held = [context for context in missing if holds(hit.chunk.text, context)]
        labels.append(f"{'right' if held else 'other'} {rank}")
        if held:
            gold[labels[-1]] = 1
            missing = [context for context in missing if context not in held]
    return gold | {f"missing {number}": 1 for number in range(len(missing))}, labels
