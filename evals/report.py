"""A run as a JSON document: the figures, every question with its scores, and all that the numbers depend on.

Published as config/schemas/eval-run.schema.json.
"""

import os
import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from evals.dataset import GoldQuestion, QuestionSet
from evals.figures import SEED, Figure, figures, first_tokens, latency, slices
from evals.played import NotScored, Played, Score
from evals.scoring import Scores
from ragbot.core.forms import answer_json, hit_brief
from ragbot.settings import Settings

FORMAT = 1
_PACKAGES = ("ragas", "ir-measures", "sacrebleu", "rouge-score", "rapidfuzz", "numpy")
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run. ``judge`` is the judge's name, ``started`` in UTC, ``seconds`` for playing and for scoring."""

    data: QuestionSet
    played: Sequence[Played]
    scores: Scores
    settings: Settings
    judge: str
    started: datetime
    seconds: Mapping[str, float]
    notes: Sequence[str]


def run_json(run: Run) -> dict[str, Any]:
    """The document."""
    outcomes = Counter(each.outcome for each in run.played)
    return {
        "format": FORMAT,
        "ragbot": version("ragbot"),
        "data": {"path": str(run.data.path), "sha256": run.data.sha256},
        "started": run.started.isoformat(timespec="seconds"),
        "seconds": {stage: round(seconds, 3) for stage, seconds in run.seconds.items()},
        "questions": {
            "played": len(run.played),
            "failed": outcomes["failed"],
            "outcomes": dict(outcomes.most_common()),
        },
        "metrics": list(run.scores.values),
        "figures": _figures(figures(run.scores.values)),
        "latency": {
            "first_token": _latency(first_tokens(run.played)),
            "total": _latency([each.seconds for each in run.played if each.answer is not None]),
        },
        "slices": {
            tag: {"questions": count, "figures": _figures(found)}
            for tag, (count, found) in slices(run.played, run.scores.values).items()
        },
        "judge": _judge(run),
        "seed": SEED,
        "notes": list(run.notes),
        "settings": run.settings.describe(),
        "environment": environment(),
        "rows": [
            row_json(each, {name: scores[place] for name, scores in run.scores.values.items()})
            for place, each in enumerate(run.played)
        ],
    }


def row_json(each: Played, scores: Mapping[str, Score]) -> dict[str, Any]:
    """One question: its gold, what the bot said, and each metric's value or why there is none."""
    said: dict[str, Any] = {"outcome": each.outcome, "answer": "", "citations": [], "hits": []}
    if each.answer is not None:
        said = answer_json(each.answer) | {"hits": [hit_brief(hit) for hit in each.answer.hits]}
    return {
        "id": each.gold.id,
        "question": each.gold.question,
        "gold": _gold(each.gold),
        **said,
        "error": {"code": each.broken.code, "message": each.broken.message} if each.broken else None,
        "seconds": round(each.seconds, 4),
        "scores": {
            name: {"not_scored": value.reason} if isinstance(value, NotScored) else round(value, _DIGITS)
            for name, value in scores.items()
        },
    }


def environment() -> dict[str, Any]:
    """What the numbers depend on besides data and settings."""
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "not installed"
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "versions": versions,
    }


def _figures(found: Mapping[str, Figure]) -> dict[str, Any]:
    return {name: _figure(figure) for name, figure in found.items()}


def _figure(figure: Figure) -> dict[str, Any]:
    estimate = figure.estimate
    return {
        "value": round(estimate.value, _DIGITS) if estimate else None,
        "low": round(estimate.low, _DIGITS) if estimate else None,
        "high": round(estimate.high, _DIGITS) if estimate else None,
        "n": estimate.n if estimate else 0,
        "not_scored": dict(figure.not_scored),
    }


def _latency(seconds: Sequence[float]) -> dict[str, Any] | None:
    found = latency(seconds)
    return {"p50": round(found.p50, 4), "p95": round(found.p95, 4), "n": found.n} if found else None


def _judge(run: Run) -> dict[str, Any] | None:
    return {"model": run.judge, **asdict(run.scores.judge)} if run.scores.judge else None


def _gold(gold: GoldQuestion) -> dict[str, Any]:
    return {
        "conversation": [asdict(message) for message in gold.conversation],
        "expected_sources": list(gold.expected_sources),
        "reference_contexts": list(gold.reference_contexts),
        "reference_answer": gold.reference_answer,
        "answerable": gold.answerable,
        "outcome": gold.expected_outcome,
        "principals": list(gold.principals),
        "variables": dict(gold.variables),
        "tags": list(gold.tags),
    }
