"""From hits to figures with intervals, and the differences between systems."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from evals.bench.systems import Measured
from evals.cases import Case, DataSet
from evals.metrics.retrieval import Found, PerQuestion, by_passage, by_source, characters, passage_cases, source_cases
from evals.statistics import mean_with_interval, paired_difference

ALONE = "without conversation"


def quality(data: DataSet, measured: Sequence[Measured], *, seed: int) -> dict[str, Any]:
    """The counts, each system's figures, and ours minus every other's over the same questions."""
    levels = {"source": source_cases(data), "passage": passage_cases(data)}
    found = collect(measured)
    values = {name: per_level(levels, hits) for name, hits in found.items()}
    ours = measured[0].name
    return {
        "questions": {
            "all": len(data.cases),
            "by_source": len(levels["source"]),
            "by_passage": len(levels["passage"]),
            "with_conversation": sum(bool(case.conversation) for case in levels["source"]),
        },
        "quality": {
            name: {
                **{level: summarise(figures, seed) for level, figures in of_level.items()},
                "characters_top_5": characters(levels["source"], found[name]),
            }
            for name, of_level in values.items()
        },
        "differences": {
            f"{ours} - {other}": {level: compare(values[ours][level], values[other][level], seed) for level in levels}
            for other in values
            if other != ours
        },
    }


def collect(measured: Sequence[Measured]) -> dict[str, Found]:
    """The hits by name of system; a search without the conversation is a system of its own."""
    found: dict[str, Found] = {}
    for result in measured:
        if result.searched is not None:
            found[result.name] = result.searched.found
        if result.alone is not None:
            found[f"{result.name} {ALONE}"] = result.alone.found
    return found


def per_level(levels: dict[str, list[Case]], hits: Found) -> dict[str, PerQuestion]:
    """Figures per question, by source and by passage."""
    return {"source": by_source(levels["source"], hits), "passage": by_passage(levels["passage"], hits)}


def summarise(figures: PerQuestion, seed: int) -> dict[str, dict[str, float] | None]:
    """Each figure's mean with its interval; None without any question."""
    means = {name: mean_with_interval(values, seed=seed) for name, values in figures.items()}
    return {name: asdict(mean) if mean else None for name, mean in means.items()}


def compare(ours: PerQuestion, theirs: PerQuestion, seed: int) -> dict[str, dict[str, float] | None]:
    """Each figure's paired difference with its interval; None without any question."""
    gaps = {name: paired_difference(ours[name], theirs[name], seed=seed) for name in ours}
    return {name: asdict(gap) if gap else None for name, gap in gaps.items()}
