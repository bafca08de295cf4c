"""What metrics need beside the answers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ragbot.core.ports import ChatModel, Embedder


@dataclass(frozen=True, slots=True)
class Tools:
    """``passages`` is how many of the hits the answerer read, ``concurrency`` how many answers are judged at a time."""

    embedder: "Embedder"
    passages: int
    concurrency: int = 1
    judge: "ChatModel | None" = None
