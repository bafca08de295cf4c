"""A language model that writes what a test wants, when it wants, and remembers what it was asked."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence

from ragbot.core.errors import ModelError
from ragbot.core.types import Message, ModelPart, Usage

Step = str | float | ModelPart | ModelError
"""A piece of text, seconds to wait, a part as it is, or the error that ends the reply."""

Script = Sequence[Step] | Callable[[Sequence[Message]], Sequence[Step]]


def echo(messages: Sequence[Message]) -> Sequence[Step]:
    """A script: the last message, word by word."""
    words = messages[-1].content.split(" ")
    return [word if number == 0 else " " + word for number, word in enumerate(words)]


class ScriptedModel:
    """A ``ChatModel``: one script answers one call, the last one all that follow; none at all is ``echo``.

        model = ScriptedModel(["Paris [1].", 0.1, " That is all."], [ModelTimeoutError("It is silent.")])

    A reply that ends as it should ends with its usage: words in, pieces out.
    """

    def __init__(
        self, *scripts: Script, name: str = "scripted:model", context_tokens: int = 8000, reply_tokens: int = 700
    ) -> None:
        self.name = name
        self.context_tokens = context_tokens
        self.reply_tokens = reply_tokens
        self.calls: list[tuple[Message, ...]] = []
        """What it was asked, in order."""
        self.closed = 0
        """How many replies were left before their end."""
        self._scripts = scripts or (echo,)

    async def stream(self, messages: Sequence[Message]) -> AsyncGenerator[ModelPart, None]:
        self.calls.append(tuple(messages))
        script = self._scripts[min(len(self.calls), len(self._scripts)) - 1]
        steps = script(messages) if callable(script) else script
        pieces = 0
        try:
            for step in steps:
                match step:
                    case str():
                        pieces += 1
                        yield ModelPart(step)
                    case ModelPart():
                        yield step
                    case ModelError():
                        raise step
                    case _:
                        await asyncio.sleep(step)
            words = sum(len(message.content.split()) for message in messages)
            yield ModelPart(usage=Usage(words, pieces), finish="stop")
        except (GeneratorExit, asyncio.CancelledError):
            self.closed += 1
            raise

    async def warm(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing to end."""
