"""Roles without files, for tests of what stands on top of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ragbot.core.errors import ConfigError
from ragbot.core.types import Hit, Message, PromptId, RoleSummary

ABSTAINED = "I don't know: nothing in the documents supports an answer."
WORDING = {"abstained": ABSTAINED, "greeting": "Hello!", "thanks": "You are welcome.", "goodbye": "Goodbye!"}


@dataclass(frozen=True)
class PlainRole:
    """A ``Role`` that says everything in one system message."""

    id: PromptId = field(default_factory=lambda: PromptId("plain", "1", "0" * 64))

    def say(self, what: str) -> str:
        return WORDING[what]

    def messages(self, question: str, conversation: Sequence[Message], passages: Sequence[Hit]) -> tuple[Message, ...]:
        numbered = "\n".join(f"[{n}] {hit.chunk.text}" for n, hit in enumerate(passages, start=1))
        return (Message("system", f"Answer from:\n{numbered}"), *conversation, Message("user", question))


class PlainRoles:
    """``Roles`` with the one."""

    def names(self) -> list[str]:
        return ["plain"]

    def get(self, name: str | None) -> PlainRole:
        if name not in (None, "plain"):
            raise ConfigError(f"There is no role called {name!r}.", remedy="There are: plain.")
        return PlainRole()

    def describe(self) -> list[RoleSummary]:
        return [RoleSummary("plain", "1", "Says things plainly.")]
