"""A question that was put to the bot, and what a metric says of it."""

from dataclasses import dataclass

from evals.dataset import GoldQuestion
from ragbot.core.types import Answer, Outcome


@dataclass(frozen=True, slots=True)
class Broken:
    """Why there is no answer. ``code`` and ``exit_code`` are those of the error."""

    code: str
    message: str
    exit_code: int


@dataclass(frozen=True, slots=True)
class Played:
    """A question with what came of it after ``seconds``: an answer, or what broke."""

    gold: GoldQuestion
    seconds: float
    answer: Answer | None = None
    broken: Broken | None = None

    @property
    def outcome(self) -> Outcome:
        return self.answer.outcome if self.answer is not None else "failed"


@dataclass(frozen=True, slots=True)
class NotScored:
    """There is no figure for this question, and why: never a 0, never a NaN."""

    reason: str


Score = float | NotScored
"""Of one metric for one question; better when higher unless the metric says otherwise."""

FAILED = NotScored("the question failed")
