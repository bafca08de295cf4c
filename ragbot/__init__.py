"""ragbot: a retrieval-augmented chatbot framework that answers only what its documents support."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ragbot.bot import Bot
    from ragbot.core.events import Cited, Completed, Delta, Retrieved
    from ragbot.core.types import Answer, Citation, Hit, Message, SearchResult, Turn

__all__ = [
    "Answer",
    "Bot",
    "Citation",
    "Cited",
    "Completed",
    "Delta",
    "Hit",
    "Message",
    "Retrieved",
    "SearchResult",
    "Turn",
]


def __getattr__(name: str) -> Any:
    # Loaded late: `ragbot --help` imports this package and must not pay for the index.
    if name == "Bot":
        from ragbot.bot import Bot

        return Bot
    if name in __all__:
        from ragbot.core import events, types

        return getattr(events if hasattr(events, name) else types, name)
    raise AttributeError(f"module 'ragbot' has no attribute {name!r}")
