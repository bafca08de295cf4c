"""Ragas' metrics over the answers of a run, by name; the only way into Ragas, which is imported when one is asked for.

Each metric takes what its ``ascore`` names of: ``user_input`` (the standalone question), ``response`` (the answer
without markers), ``retrieved_contexts`` (the passages the answerer read) and ``reference``.
"""

import asyncio
import inspect
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evals.metrics.names import JUDGED, RAGAS
from evals.played import FAILED, NotScored, Played, Score
from evals.tools import Tools
from ragbot.core.citations import without_markers
from ragbot.core.errors import MissingExtraError, ModelError

if TYPE_CHECKING:
    from evals.playing import Progress
    from evals.ragas_adapter.judge import JudgeBridge

NO_JUDGE = NotScored("no judge is configured (eval.judge)")
_MISSING = {
    "reference": NotScored("no reference answer"),
    "retrieved_contexts": NotScored("nothing retrieved"),
}


@dataclass(frozen=True, slots=True)
class JudgeCost:
    """What judging took; tokens as the judge's provider counts them, 0 where it does not."""

    calls: int
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class RagasScores:
    """For each metric one score per question; ``cost`` is None where nothing was judged."""

    values: dict[str, list[Score]]
    cost: JudgeCost | None = None


async def ragas_scores(
    played: Sequence[Played], names: Sequence[str], tools: Tools, progress: "Progress"
) -> RagasScores:
    """Scores the answers given; everything else is ``NotScored`` with its reason."""
    judge, metrics = _metrics([name for name in names if name not in JUDGED or tools.judge is not None], tools)
    gate = asyncio.Semaphore(tools.concurrency)
    progress.start("Ragas", len(metrics) * len(played))

    async def one(name: str, each: Played) -> Score:
        async with gate:
            score = await _score(name, metrics[name], each, tools.passages)
        progress.advance()
        return score

    values: dict[str, list[Score]] = {}
    for name in names:
        if name in metrics:
            values[name] = list(await asyncio.gather(*(one(name, each) for each in played)))
        else:
            values[name] = [NO_JUDGE for _ in played]
    cost = JudgeCost(judge.calls, judge.input_tokens, judge.output_tokens) if judge else None
    return RagasScores(values, cost)


def _metrics(names: Sequence[str], tools: Tools) -> tuple["JudgeBridge | None", dict[str, Any]]:
    """The metrics with the model and the embedder they ask for."""
    if not names:
        return None, {}
    os.environ["RAGAS_DO_NOT_TRACK"] = "true"  # read once, at the first event
    try:
        from ragas.metrics import collections

        from evals.ragas_adapter.embedding import EmbedderBridge
        from evals.ragas_adapter.judge import JudgeBridge

        judge = JudgeBridge(tools.judge) if tools.judge is not None else None
        parts = {"llm": judge, "embeddings": EmbedderBridge(tools.embedder)}
        kinds = {name: getattr(collections, {**RAGAS, **JUDGED}[name]) for name in names}
        return judge, {name: _made(kind, parts) for name, kind in kinds.items()}
    except ImportError as error:
        raise missing_ragas() from error


def missing_ragas() -> MissingExtraError:
    """What to raise where Ragas, or what its metrics need, is not installed."""
    return MissingExtraError(
        "These metrics need Ragas, which is not installed.",
        remedy="Run: pip install 'ragbot[eval]'; or name only other metrics with --metrics.",
    )


def _made(kind: Any, parts: dict[str, Any]) -> Any:
    wanted = inspect.signature(kind).parameters
    return kind(**{name: part for name, part in parts.items() if name in wanted})


async def _score(name: str, metric: Any, each: Played, passages: int) -> Score:
    if each.answer is None:
        return FAILED
    if each.answer.outcome != "answered":
        return NotScored("not answered")
    columns = {
        "user_input": each.answer.query.text,
        "response": without_markers(each.answer.text).strip(),
        "retrieved_contexts": [hit.chunk.text for hit in each.answer.hits[:passages]],
        "reference": each.gold.reference_answer,
    }
    if name == "bleu_score":
        columns |= {key: _as_one_sentence(columns[key]) for key in ("response", "reference")}
    wanted = {key: columns[key] for key in inspect.signature(metric.ascore).parameters}
    for key, value in wanted.items():
        if not value:
            return _MISSING.get(key, NotScored(f"no {key}"))
    return await _asked(metric, wanted)


async def _asked(metric: Any, wanted: dict[str, Any]) -> Score:
    try:
        result = await metric.ascore(**wanted)
    except ModelError as error:
        return NotScored(f"judge: {error}")
    except Exception as error:  # noqa: BLE001 - Ragas raises anything; one answer must not end the run
        return NotScored(f"Ragas: {type(error).__name__}: {error}")
    value = result.value
    if isinstance(value, int | float) and math.isfinite(value):
        return float(value)
    return NotScored("Ragas gave no number: it found nothing to judge")


def _as_one_sentence(text: Any) -> Any:
    # Ragas cuts both texts at ". " and takes the reference's sentences for alternative references of the answer's
    # first: a quarter of the right answer would score 0.8, and the rest of a long one is not read at all.
    return text.replace(". ", ".\n") if isinstance(text, str) else text
