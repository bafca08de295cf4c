"""Retrieval figures: hit@1, hit@5, hit@10, MRR@10 and nDCG@10, by source and by passage.

By source, any of ``relevant_docs`` is right, and each counts once, at the rank of its best passage:
passages that repeat a document take up ranks, as they do before a reader.  By passage, the first passage
that holds a gold answer (``matching.holds``) is the one right passage; later ones add nothing, so
overlapping chunks gain nothing.

Only answerable questions that name their documents are counted; by passage only those of them whose
answer a relevant document holds as it stands on disk.  The formulas are those of ``ir_measures``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.cases import Case, DataSet
from evals.metrics.matching import holds
from ragbot.core.errors import MissingExtraError

MEASURES = {"hit@1": "Success@1", "hit@5": "Success@5", "hit@10": "Success@10", "mrr@10": "RR@10", "ndcg@10": "nDCG@10"}
"""Our names for the figures, and the library's."""

PLAIN_TEXT = (".md", ".markdown", ".txt", ".html", ".htm")
_RIGHT = "the passage"

PerQuestion = dict[str, list[float]]
"""For each of ``MEASURES`` one value per question, in the order of the questions."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One returned passage."""

    source: str
    text: str


Found = Mapping[str, Sequence[Passage]]
"""By question id, what a system returned, best first."""


def source_cases(data: DataSet) -> list[Case]:
    """The questions counted by source."""
    return [case for case in data.cases if case.answerable and case.relevant_docs]


def passage_cases(data: DataSet) -> list[Case]:
    """The questions counted by passage."""
    return [
        case for case in source_cases(data) if any(_located(data.corpus / name, case) for name in case.relevant_docs)
    ]


def by_source(cases: Sequence[Case], found: Found) -> PerQuestion:
    """Each question's figures over ranked documents."""
    gold = {case.id: dict.fromkeys(case.relevant_docs, 1) for case in cases}
    ranked = {case.id: label_sources([hit.source for hit in found.get(case.id, ())]) for case in cases}
    return measure(MEASURES, gold, ranked)


def by_passage(cases: Sequence[Case], found: Found) -> PerQuestion:
    """Each question's figures over ranked passages."""
    gold = {case.id: {_RIGHT: 1} for case in cases}
    return measure(MEASURES, gold, {case.id: _label_passages(case, found.get(case.id, ())) for case in cases})


def characters(cases: Sequence[Case], found: Found, *, top: int = 5) -> float:
    """Mean characters of text in the first ``top`` passages of a question: long passages hold more answers."""
    sizes = [sum(len(hit.text) for hit in found.get(case.id, ())[:top]) for case in cases]
    return sum(sizes) / len(sizes) if sizes else 0.0


def label_sources(sources: Sequence[str]) -> list[str]:
    """Labels of ranked passages: a document's name where it comes up first, another label where it repeats."""
    seen: set[str] = set()
    labels = []
    for rank, source in enumerate(sources):
        labels.append(f"repeat {rank}\n" if source in seen else source)
        seen.add(source)
    return labels


def measure(
    measures: Mapping[str, str], gold: Mapping[str, Mapping[str, int]], ranked: Mapping[str, Sequence[str]]
) -> PerQuestion:
    """For each of ``measures`` (our name, the library's) the values of the questions in ``gold``, in its order.

    ``ranked`` holds each question's labels, best first; a question without any scores 0.
    """
    try:
        import ir_measures
    except ImportError as error:
        raise missing_measures() from error
    # The library sorts by score and breaks ties by name, so every rank has a score of its own.
    run = {question: {label: float(-rank) for rank, label in enumerate(labels)} for question, labels in ranked.items()}
    wanted = {ir_measures.parse_measure(theirs): ours for ours, theirs in measures.items()}
    values: dict[tuple[str, str], float] = {}
    for metric in ir_measures.iter_calc(list(wanted), gold, run):
        values[wanted[metric.measure], metric.query_id] = float(metric.value)
    return {name: [values.get((name, question), 0.0) for question in gold] for name in measures}


def missing_measures() -> MissingExtraError:
    """What to raise where the library of measures is not installed."""
    return MissingExtraError(
        "Measuring retrieval needs ir-measures, which is not installed.", remedy="pip install 'ragbot[eval]'"
    )


def _located(path: Path, case: Case) -> bool:
    # Formats whose bytes are not their text cannot be checked here, and are counted.
    if path.suffix.lower() not in PLAIN_TEXT:
        return bool(case.answers)
    text = path.read_text("utf-8", errors="replace")
    return any(holds(text, answer) for answer in case.answers)


def _label_passages(case: Case, passages: Sequence[Passage]) -> list[str]:
    labels = [f"passage {rank}" for rank in range(len(passages))]
    for rank, passage in enumerate(passages):
        if any(holds(passage.text, answer) for answer in case.answers):
            labels[rank] = _RIGHT
            break
    return labels
