"""Every metric a run knows by name, without the code that computes it: names are checked before anything is played."""

from collections.abc import Sequence

from ragbot.core.errors import UsageError
from ragbot.registry import nearest

MEASURES = {"hit@1": "Success@1", "hit@5": "Success@5", "recall@5": "R@5", "mrr@10": "RR@10", "ndcg@10": "nDCG@10"}
"""Measures of a ranking: our names, and those of ``ir_measures``."""

BY_SOURCE = tuple(MEASURES)
BY_PASSAGE = tuple(f"passage_{name}" for name in MEASURES)
OUTCOMES = ("answered", "refused", "outcome_accuracy", "answered_wrongly")
CITATIONS = ("citation_precision", "citation_recall", "passage_citation_precision", "passage_citation_recall")

RAGAS = {
    "bleu_score": "BleuScore",
    "rouge_score": "RougeScore",
    "chrf_score": "CHRFScore",
    "exact_match": "ExactMatch",
    "string_presence": "StringPresence",
    "non_llm_string_similarity": "NonLLMStringSimilarity",
    "semantic_similarity": "SemanticSimilarity",
}
"""Metrics of Ragas that need no model but the embedder: our names, and the classes in ``ragas.metrics.collections``."""

JUDGED = {
    "faithfulness": "Faithfulness",
    "answer_relevancy": "AnswerRelevancy",
    "answer_correctness": "AnswerCorrectness",
    "context_precision": "ContextPrecision",
    "context_recall": "ContextRecall",
    "context_utilization": "ContextUtilization",
    "factual_correctness": "FactualCorrectness",
}
"""Those that ask a judge. Left out are those in which Ragas swallows the judge's errors (``AnswerAccuracy``,
``ContextRelevance``, ``ResponseGroundedness``): half of a judgement would count as a whole one."""

KNOWN = (*BY_SOURCE, *BY_PASSAGE, *OUTCOMES, *CITATIONS, *RAGAS, *JUDGED)
GROUPS = {
    "retrieval": (*BY_SOURCE, *BY_PASSAGE),
    "outcomes": OUTCOMES,
    "citations": CITATIONS,
    "similarity": tuple(name for name in RAGAS if name != "exact_match"),
}
"""Names that stand for several metrics."""

DEFAULT = (*GROUPS, "faithfulness")
LOWER_IS_BETTER = frozenset({"answered_wrongly"})


def checked(names: Sequence[str], where: str) -> tuple[str, ...]:
    """The metrics, each once, in their order; ``UsageError`` for one nobody computes. ``where`` says who named it."""
    chosen: dict[str, None] = {}
    for name in names:
        if name not in KNOWN and name not in GROUPS:
            raise UsageError(f"{where}: there is no metric {name!r}.", remedy=nearest(name, [*GROUPS, *KNOWN]))
        chosen |= dict.fromkeys(GROUPS.get(name, (name,)))
    if not chosen:
        raise UsageError(f"{where}: no metric is named.", remedy=f"There are: {', '.join([*GROUPS, *KNOWN])}.")
    return tuple(chosen)
