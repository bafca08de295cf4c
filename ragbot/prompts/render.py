"""Messages as people read them: what a prompt really says."""

from collections.abc import Sequence

from ragbot.core.types import Message


def shown(messages: Sequence[Message]) -> str:
    """Each message under a line that names who speaks."""
    return "\n\n".join(f"── {message.role} ──\n{message.content}" for message in messages)
