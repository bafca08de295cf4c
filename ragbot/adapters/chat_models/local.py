"""A GGUF file as a ``ChatModel``: llama.cpp inside ragbot, without a server to install and without a port."""

import asyncio
import math
import os
import threading
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from ragbot.adapters.chat_models.failures import Asked, empty, silent
from ragbot.adapters.chat_models.gguf import context_length
from ragbot.adapters.chat_models.local_process import Event, ModelProcess
from ragbot.core.errors import ConfigError, MissingExtraError, ModelError, ModelRejectedError
from ragbot.core.types import Message, ModelPart, Usage

if TYPE_CHECKING:
    from ragbot.adapters.chat_models.settings import ModelSettings


class LocalModel:
    """The model behind ``local:/path/model.gguf``; loaded at the first question, once, or by ``warm``.

    It writes one reply at a time; others wait for their turn, and their time limit runs meanwhile.
    """

    def __init__(self, settings: "ModelSettings") -> None:
        path = Path(settings.model.partition(":")[2]).expanduser()
        trained = context_length(path)
        if find_spec("xllamacpp") is None:
            raise MissingExtraError(
                f"llm.model {settings.model!r} needs the package xllamacpp, which is not installed.",
                remedy="Run: pip install 'ragbot[local]'",
            )
        # Not the whole path: the name is told to everyone who asks the bot something.
        self.name = f"local:{path.name}"
        self.context_tokens = min(settings.context_tokens, trained or settings.context_tokens)
        self.reply_tokens = settings.reply_tokens
        if self.reply_tokens >= self.context_tokens:
            raise ConfigError(
                f"{path} reads {self.context_tokens} tokens, and llm.reply_tokens wants {self.reply_tokens} of them.",
                remedy="Lower llm.reply_tokens.",
            )
        self._settings = settings
        self._asked = Asked(self.name)
        self._options = {
            "path": str(path.resolve()),
            "context": self.context_tokens,
            "threads": _threads(),
        }
        self._process: ModelProcess | None = None
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The process that runs the model, None before it has been started."""
        return self._process.pid if self._process is not None else None

    async def stream(self, messages: Sequence[Message]) -> AsyncGenerator[ModelPart, None]:
        process = await self._loaded()
        deadline = perf_counter() + self._settings.timeout
        loop = asyncio.get_running_loop()
        events: asyncio.Queue[Event] = asyncio.Queue()

        def heard(event: Event) -> None:
            with suppress(RuntimeError):  # the loop is closed, and nobody waits
                loop.call_soon_threadsafe(events.put_nowait, event)

        number = process.ask(self._request(messages), heard)
        began = said = False
        try:
            while "text" in (event := await self._next(events, began, deadline)):
                began = True
                said = said or bool(event["text"].strip())
                yield ModelPart(event["text"])
        finally:
            process.leave(number)
        if not said:
            raise empty(self._asked, event["finish"])
        usage = Usage(*event["usage"]) if event["usage"] else None
        yield ModelPart(usage=usage, finish=event["finish"])

    async def warm(self) -> None:
        """Loads the model, if that has not happened yet; ``ModelRejectedError`` says why it cannot be loaded."""
        await self._loaded()

    async def close(self) -> None:
        """Ends the process that runs the model; the next question would start another."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            await asyncio.to_thread(process.close)

    def _request(self, messages: Sequence[Message]) -> dict[str, Any]:
        return {
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "max_tokens": self.reply_tokens,
            "temperature": self._settings.temperature,
        }

    async def _loaded(self) -> ModelProcess:
        with self._lock:
            if self._process is None or not self._process.alive:
                self._process = ModelProcess(self._options)
            process = self._process
        # Shielded: one who leaves while the model is loading must not end the loading for the others.
        why = await asyncio.shield(asyncio.wrap_future(process.ready))
        if why is not None:
            raise ModelRejectedError(
                f"{self._asked} cannot be loaded: {why}.",
                remedy="Download the model again, or take one that this version of llama.cpp knows.",
            )
        return process

    async def _next(self, events: "asyncio.Queue[Event]", began: bool, deadline: float) -> Event:
        limit = self._settings.stall if began else self._settings.timeout
        try:
            async with asyncio.timeout(limit if began else deadline - perf_counter()):
                event = await events.get()
        except TimeoutError as error:
            raise silent(self._asked, limit, began=began) from error
        if "died" in event:
            raise ModelError(f"The process of {self._asked} ended; memory may be short.", remedy="Ask again.")
        if "error" in event:
            raise self._rejected(event["error"])
        return event

    def _rejected(self, error: Event) -> ModelRejectedError:
        if error.get("type") == "exceed_context_size_error":
            return ModelRejectedError(
                f"The question with its passages has {error['n_prompt_tokens']} tokens,"
                f" and {self._asked} reads {error['n_ctx']}.",
                remedy="Lower answer.passages, raise llm.context_tokens, or take a model that reads more.",
            )
        return ModelRejectedError(
            f"{self._asked} refuses the request: {self._asked.cleaned(str(error.get('message')))}"
        )


def _threads() -> int:
    """One fewer than the processors this process may use.

    llama.cpp's threads wait for each other by running in circles: with one more than can run at once, a reply takes
    ten times as long, and the embedding model wants to run too.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        cores = min(cores, math.ceil(int(quota) / int(period)))
    except (OSError, ValueError):  # no container, or none with a limit
        pass
    return max(1, cores - 1)
