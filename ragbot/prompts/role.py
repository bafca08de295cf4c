"""A role in use: every template is rendered when it is made, so that nothing can go wrong while someone waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ragbot.core.errors import ConfigError
from ragbot.core.types import Hit, Message, PromptId
from ragbot.prompts.fence import asked, fenced
from ragbot.prompts.history import earlier_turns
from ragbot.registry import nearest

PASSAGES = "\0passages\0"
QUESTION = "\0question\0"
"""They hold the places in a rendered user message; no text that is read can hold them."""


@dataclass(slots=True)
class RenderedRole:
    """A ``Role``. ``grounded`` and ``bare`` are the user message's pieces with and without passages."""

    id: PromptId
    description: str
    system: str
    grounded: tuple[str, ...]
    bare: tuple[str, ...]
    wording: Mapping[str, str]
    history_characters: int

    def say(self, what: str) -> str:
        """The role's wording for ``what``; ``ConfigError`` where it has none."""
        if what not in self.wording:
            raise ConfigError(
                f"The role {self.id.name} has no wording for {what!r}.", remedy=nearest(what, sorted(self.wording))
            )
        return self.wording[what]

    def messages(self, question: str, conversation: Sequence[Message], passages: Sequence[Hit]) -> tuple[Message, ...]:
        """System message, the earlier turns that fit, and the user message with passages and question."""
        held = {PASSAGES: fenced(passages), QUESTION: asked(question)}
        pieces = self.grounded if passages else self.bare
        last = "".join(held.get(piece, piece) for piece in pieces)
        return (
            Message("system", self.system),
            *earlier_turns(conversation, self.history_characters),
            Message("user", last),
        )
