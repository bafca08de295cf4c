"""Any chat model of LangChain's as a ``ChatModel``: time limits, retries and our errors around its stream."""

import asyncio
import random
import threading
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from ragbot.adapters.chat_models.failures import Asked, broken_off, empty, retry_after, silent, translated
from ragbot.adapters.chat_models.pump import Pump
from ragbot.core.errors import ModelError, ModelOutputError, ModelRejectedError, ModelTimeoutError
from ragbot.core.types import Message, ModelPart, Usage

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage

    from ragbot.adapters.chat_models.settings import ModelSettings

_BACKOFF = 0.25
"""Seconds before the first retry; twice as many before each further one."""
_FINISH = {"end_turn": "stop", "eos": "stop", "completed": "stop", "max_tokens": "length", "incomplete": "length"}


class LangChainModel:
    """``load`` gives the LangChain model, at the first question or ``warm``, in a thread: importing one takes seconds.

    ``options`` are passed to its ``astream``; ``ends_properly`` says that every whole reply of it ends with a reason,
    so that one without is known to be cut.
    """

    def __init__(
        self,
        load: Callable[[], "BaseChatModel"],
        settings: "ModelSettings",
        asked: Asked,
        *,
        options: Mapping[str, Any] | None = None,
        ends_properly: bool = False,
    ) -> None:
        self.name = asked.name
        self.context_tokens = settings.context_tokens
        self.reply_tokens = settings.reply_tokens
        self._load = load
        self._settings = settings
        self._asked = asked
        self._options = dict(options or {})
        self._ends_properly = ends_properly
        self._model: BaseChatModel | None = None
        self._lock = threading.Lock()

    async def stream(self, messages: Sequence[Message]) -> AsyncGenerator[ModelPart, None]:
        await self.warm()
        deadline = perf_counter() + self._settings.timeout
        tries = 0
        while True:
            began = False
            try:
                async with aclosing(self._attempt(messages, deadline)) as parts:
                    async for part in parts:
                        began = True
                        yield part
                return
            except ModelError as error:
                if began or not self._mends(error):
                    pause = None if began else self._pause(error, tries, deadline)
                    if pause is None:
                        raise
                    await asyncio.sleep(pause)
                    tries += 1

    async def warm(self) -> None:
        """Imports and makes the model, if that has not happened yet."""
        if self._model is None:
            await asyncio.to_thread(self.load)

    def load(self) -> None:
        """What ``warm`` does, here and now."""
        with self._lock:
            if self._model is None:
                try:
                    self._model = self._load()
                except Exception as error:
                    raise ModelRejectedError(
                        f"{self._asked} cannot be set up: {self._asked.cleaned(str(error))}",
                        remedy="Check the settings under llm, and install ragbot with its extra again.",
                    ) from error

    async def close(self) -> None:
        """Nothing to end: no connection outlives its reply."""

    async def _attempt(self, messages: Sequence[Message], deadline: float) -> AsyncGenerator[ModelPart, None]:
        assert self._model is not None
        prompt = [{"role": message.role, "content": message.content} for message in messages]
        reply = _Reply()
        async with Pump(self._model.astream(prompt, **self._options)) as pump:
            while (chunk := await self._next(pump, reply.began, deadline)) is not None:
                text = reply.add(chunk)
                if text:
                    yield ModelPart(text)
                # Servers that know max_tokens by another name write on; every piece is a token at least.
                if reply.pieces >= self.reply_tokens:
                    reply.finish = reply.finish or "length"
                    break
        if not reply.said:
            raise empty(self._asked, reply.finish)
        if self._ends_properly and reply.finish is None and reply.usage is None:
            raise broken_off(self._asked)
        yield ModelPart(usage=reply.usage, finish=reply.finish)

    async def _next(self, pump: "Pump[Any]", began: bool, deadline: float) -> "AIMessage | None":
        """The next message chunk; the foreign library's exceptions end here."""
        try:
            chunk: AIMessage | None = await pump.take(self._settings.stall if began else deadline - perf_counter())
        except TimeoutError as error:
            raise silent(self._asked, self._settings.stall if began else self._settings.timeout, began=began) from error
        except Exception as error:
            raise translated(error, self._asked, began=began) from error
        return chunk

    def _mends(self, error: ModelError) -> bool:
        """Whether the server refuses only to count tokens; then it is not asked to again."""
        if isinstance(error, ModelRejectedError) and self._options and "stream_options" in str(error.__cause__):
            self._options = {}
            return True
        return False

    def _pause(self, error: ModelError, tries: int, deadline: float) -> float | None:
        """Seconds to wait before trying again, None where that is of no use or would take too long."""
        hopeless = isinstance(error, ModelTimeoutError | ModelOutputError) or not error.retryable
        if hopeless or tries >= self._settings.retries:
            return None
        jitter = random.uniform(0.75, 1.25)  # noqa: S311 - spreads requests, keeps no secret
        pause = retry_after(error.__cause__) or _BACKOFF * 2**tries * jitter
        return pause if perf_counter() + pause < deadline else None


@dataclass(slots=True)
class _Reply:
    """What has come so far."""

    pieces: int = 0
    said: bool = False
    usage: Usage | None = None
    finish: str | None = None

    @property
    def began(self) -> bool:
        return self.pieces > 0

    def add(self, chunk: "AIMessage") -> str:
        """The chunk's text; what it says about usage and the end is kept."""
        text = str(chunk.text)
        self.pieces += bool(text)
        self.said = self.said or bool(text.strip())
        counted = chunk.usage_metadata
        if counted:
            before = self.usage or Usage(0, 0)
            self.usage = Usage(
                (before.input_tokens or 0) + counted["input_tokens"],
                (before.output_tokens or 0) + counted["output_tokens"],
            )
        for key in ("finish_reason", "stop_reason", "done_reason", "status"):
            word = chunk.response_metadata.get(key)
            if isinstance(word, str) and word not in ("in_progress", "queued"):
                self.finish = _FINISH.get(word.lower(), word.lower())
        return text
