"""Making a follow-up standalone without a model: earlier user turns join the question, the nearer the heavier."""

import re
from collections.abc import Sequence

from ragbot.core.types import Message, Query, Speaker
from ragbot.retrieval.settings import RetrievalSettings

_MOST_CHARACTERS = 400


class FoldingCondenser:
    """A ``Condenser`` that needs no model: both channels read the earlier turns with decaying weight."""

    def __init__(self, settings: RetrievalSettings) -> None:
        self._turns = settings.history_turns
        self._weight = settings.history_weight
        self._reply_weight = settings.reply_weight

    def condense(self, question: str, conversation: Sequence[Message]) -> Query:
        if not self._turns:
            return Query(question=question, text=_one_line(question))
        asked = _latest(conversation, "user")[: self._turns]
        folded = [(text, self._weight / (distance + 1)) for distance, text in enumerate(asked)]
        folded += [(text, self._reply_weight) for text in _latest(conversation, "assistant")[:1]]
        text = " / ".join([question, *asked])
        return Query(question=question, text=_one_line(text), earlier=tuple(folded))


def _latest(conversation: Sequence[Message], role: Speaker) -> list[str]:
    """What one side said, nearest first, each cut to its beginning: long replies would drown the question."""
    said = [message.content.strip()[:_MOST_CHARACTERS] for message in conversation if message.role == role]
    return [text for text in reversed(said) if text]


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
