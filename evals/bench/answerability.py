"""Fitting and checking the answerability estimate: can it tell questions the documents answer from others?

Questions without an answer are the sets' own unanswerable rows and questions of the other sets. Every figure of a
set comes from weights fitted on the other sets only; the weights printed last are fitted on all of them.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from evals.bench.console import progress
from evals.cases import Case, DataSet
from ingest.command import run as ingest
from ragbot.chat.answerability import Evidence
from ragbot.core.errors import UsageError
from ragbot.settings import load_settings
from ragbot.wiring import open_components

FEATURES = ("nearness", "covered", "sentence")
_OWN, _FOREIGN, _LIMIT = 200, 30, 10


@dataclass(frozen=True, slots=True)
class Row:
    """One question's evidence. ``kind``: ``own`` has an answer, ``near`` is the set's own without, ``foreign``."""

    data: str
    kind: str
    evidence: Evidence


def run_answerability(sets: Sequence[DataSet], *, work: Path, seed: int) -> dict[str, Any]:
    """Evidence over all sets, the check set by set, and the weights over all."""
    if len(sets) < 2:
        raise UsageError("Answerability is checked across data sets.", remedy="Give --data at least twice.")
    rows = asyncio.run(_collect(sets, work, random.Random(seed)))  # noqa: S311 - sampling, not secrets
    weights = _fitted(rows)
    return {
        "sets": [_checked(data.root.name, rows) for data in sets],
        "weights": dict(zip(FEATURES, (round(float(w), 2) for w in weights.coef_[0]), strict=True)),
        "bias": round(float(weights.intercept_[0]), 2),
    }


async def _collect(sets: Sequence[DataSet], work: Path, rng: random.Random) -> list[Row]:
    rows: list[Row] = []
    for data in sets:
        progress(f"Asking {data.root.name}")
        settings = load_settings(flags={"data_dir": work / "answerability" / data.root.name}, environ={})
        ingest(settings, [data.corpus], prune=True)
        asked = [(case, "own" if case.answerable else "near") for case in _sample(data.cases, _OWN, rng)]
        for other in sets:
            if other is not data:
                asked += [(case, "foreign") for case in _sample(other.cases, _FOREIGN, rng)]
        async with open_components(settings) as parts:
            pipeline = parts.pipeline
            for case, kind in asked:
                query = pipeline.condenser.condense(case.question, case.conversation)
                result = await pipeline.retriever.retrieve(query, limit=_LIMIT, principals=frozenset())
                if kind == "own" and not any(hit.chunk.source in case.relevant_docs for hit in result.hits):
                    continue  # what was not retrieved cannot be told from what is not there
                examined = await pipeline.examiner.examine(result)
                rows.append(Row(data.root.name, kind, examined.evidence))
    return rows


def _sample(cases: Sequence[Case], most: int, rng: random.Random) -> list[Case]:
    return rng.sample(list(cases), min(most, len(cases)))


def _features(rows: Sequence[Row]) -> Any:
    return np.array([[asdict(row.evidence)[name] for name in FEATURES] for row in rows])


def _fitted(rows: Sequence[Row]) -> Any:
    model = LogisticRegression(C=10, max_iter=1000, class_weight="balanced")
    return model.fit(_features(rows), [row.kind == "own" for row in rows])


def _checked(name: str, rows: Sequence[Row]) -> dict[str, Any]:
    """Figures of one set with weights of the others: AUROC, and shares answered at a threshold of one half."""
    model = _fitted([row for row in rows if row.data != name])
    own = [row for row in rows if row.data == name]
    chances = {
        kind: model.predict_proba(_features(some))[:, 1]
        for kind in ("own", "near", "foreign")
        if (some := [row for row in own if row.kind == kind])
    }
    found: dict[str, Any] = {"data": name}
    for kind, chance in chances.items():
        found[f"{kind}_questions"] = len(chance)
        found[f"{kind}_answered"] = round(float((chance > 0.5).mean()), 3)
        if kind != "own":
            truth = [1] * len(chances["own"]) + [0] * len(chance)
            found[f"{kind}_auroc"] = round(float(roc_auc_score(truth, [*chances["own"], *chance])), 3)
    return found
