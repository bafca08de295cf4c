"""Every metric that was asked for, over every question that was played."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from evals.metrics.names import BY_PASSAGE, BY_SOURCE, CITATIONS, JUDGED, OUTCOMES, RAGAS
from evals.played import Played, Score
from evals.tools import Tools
from ragbot.core.errors import MissingExtraError

if TYPE_CHECKING:
    from evals.playing import Progress
    from evals.ragas_adapter.scoring import JudgeCost


@dataclass(frozen=True, slots=True)
class Scores:
    """For each metric, in the order asked for, one score per question; ``judge`` says what judging took."""

    values: dict[str, list[Score]]
    judge: "JudgeCost | None" = None


def check_installed(names: Sequence[str]) -> None:
    """``MissingExtraError`` before anything is played, where what the named metrics need is not installed."""
    for known, package in (((*BY_SOURCE, *BY_PASSAGE), "ir_measures"), ((*RAGAS, *JUDGED), "ragas")):
        wanted = [name for name in names if name in known]
        if wanted and find_spec(package) is None:
            raise MissingExtraError(
                f"The metrics {', '.join(wanted)} need {package.replace('_', '-')}, which is not installed.",
                remedy="Run: pip install 'ragbot[eval]'; or name only other metrics with --metrics.",
            )


async def score(played: Sequence[Played], names: Sequence[str], tools: Tools, progress: "Progress") -> Scores:
    """The named metrics; each family is computed, and its library imported, only where one of it is named."""
    values: dict[str, list[Score]] = {}
    judge = None
    if any(name in (*BY_SOURCE, *BY_PASSAGE) for name in names):
        from evals.metrics.ranking import ranking_scores

        values |= ranking_scores(played)
    if own := [name for name in names if name in (*OUTCOMES, *CITATIONS)]:
        from evals.metrics.answers import answer_scores

        values |= answer_scores(played, own)
    if foreign := [name for name in names if name in RAGAS or name in JUDGED]:
        from evals.ragas_adapter.scoring import ragas_scores

        scored = await ragas_scores(played, foreign, tools, progress)
        values |= scored.values
        judge = scored.cost
    return Scores({name: values[name] for name in names}, judge)
