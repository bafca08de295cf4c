"""Making a follow-up standalone without a model: earlier user turns join the question, the nearer the heavier."""

import re
from collections.abc import Sequence

from ragbot.core.types import Message, Query
from ragbot.retrieval.settings import RetrievalSettings


class FoldingCondenser:
    """A ``Condenser`` that needs no model: both channels read the earlier turns with decaying weight."""

    def __init__(self, settings: RetrievalSettings) -> None:
        self._turns = settings.history_turns
        self._weight = settings.history_weight

    def condense(self, question: str, conversation: Sequence[Message]) -> Query:
        earlier = [message.content for message in conversation if message.role == "user" and message.content.strip()]
        recent = earlier[::-1][: self._turns]
        folded = tuple((text, self._weight / (distance + 1)) for distance, text in enumerate(recent))
        text = " / ".join([question, *(text for text, _ in folded)]) if folded else question
        return Query(question=question, text=_one_line(text), earlier=folded)


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
