"""What every answerer gets, and the one way it gives an answer back."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ragbot.chat.examining import Examined
from ragbot.core.events import ChatEvent
from ragbot.core.types import Answer, Citation, Outcome, SearchResult, Turn

if TYPE_CHECKING:
    from ragbot.core.ports import Role


@dataclass(frozen=True, slots=True)
class Task:
    """A question whose passages were found worth answering from."""

    turn: Turn
    role: "Role"
    result: SearchResult
    examined: Examined

    def answer(self, outcome: Outcome, text: str, citations: tuple[Citation, ...] = (), **more: Any) -> Answer:
        """The answer with all that search and examination have found out; ``more`` are fields of ``Answer``."""
        fields = {"reason": self.examined.reason, "notes": self.result.notes, **more}
        return Answer(
            outcome=outcome,
            text=text,
            citations=citations,
            answerability=self.examined.probability,
            query=self.result.query,
            hits=self.result.hits,
            **fields,
        )


class Answerer(Protocol):
    """Says what was found."""

    def stream(self, task: Task) -> AsyncGenerator[ChatEvent, None]:
        """``Delta`` and ``Cited`` as they come, then ``Completed``: an answer whose citations stand in the task's
        hits, or an abstention with its reason. What breaks is raised, also after the first ``Delta``.
        """
        ...
