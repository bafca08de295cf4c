"""Ragas' judge over any ``ChatModel``: asks for JSON by the schema, and once again where the reply does not fit."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from ragas.llms.base import InstructorBaseRagasLLM

from evals.ragas_adapter.replies import Model, UnreadableReplyError, read_reply
from ragbot.core.errors import ModelError, ModelOutputError
from ragbot.core.types import Message

if TYPE_CHECKING:
    from ragbot.core.ports import ChatModel

_RULE = "Reply with one JSON object and nothing else. It must be valid under this JSON Schema:\n"
_AGAIN = "This reply cannot be used: {reason}. Reply with the corrected JSON object and nothing else."
_GIVE_UP = 3


class JudgeBridge(InstructorBaseRagasLLM):
    """A ``ModelError`` leaves as it is; a reply that does not fit twice is a ``ModelOutputError``."""

    def __init__(self, model: "ChatModel") -> None:
        self._model = model
        self._failed_in_a_row = 0
        self.calls = 0
        self.input_tokens = 0
        self.output_tokens = 0

    def generate(self, prompt: str, response_model: type[Model]) -> Model:
        """Only for code of Ragas that is not asynchronous; never from within an event loop."""
        return asyncio.run(self.agenerate(prompt, response_model))

    async def agenerate(self, prompt: str, response_model: type[Model]) -> Model:
        rule = _RULE + json.dumps(response_model.model_json_schema())
        messages = [Message("system", rule), Message("user", prompt)]
        reply, cut = await self._reply(messages)
        try:
            return read_reply(reply, response_model)
        except UnreadableReplyError as error:
            again = _AGAIN.format(reason=error)
        messages += [Message("assistant", reply or "(nothing)"), Message("user", again)]
        reply, cut = await self._reply(messages)
        try:
            return read_reply(reply, response_model)
        except UnreadableReplyError as error:
            if cut:
                raise ModelOutputError(
                    f"The reply of {self._model.name} was cut at {self._model.reply_tokens} tokens.",
                    remedy="Raise eval.judge_reply_tokens.",
                ) from error
            raise ModelOutputError(f"{self._model.name} did not send the JSON it was asked for, twice.") from error

    async def _reply(self, messages: Sequence[Message]) -> tuple[str, bool]:
        """The reply, and whether it was cut at the limit. One that broke off is asked for again: the model's adapter
        tries again only what never began.
        """
        if self._failed_in_a_row >= _GIVE_UP:
            # A judge that is down would else cost its whole timeout for every question of the run.
            raise ModelError(f"{self._model.name} failed {_GIVE_UP} times in a row and was not asked again.")
        try:
            try:
                answer = await self._ask(messages)
            except ModelOutputError:
                answer = await self._ask(messages)
        except ModelError:
            self._failed_in_a_row += 1
            raise
        self._failed_in_a_row = 0
        return answer

    async def _ask(self, messages: Sequence[Message]) -> tuple[str, bool]:
        self.calls += 1
        text, cut = "", False
        async with aclosing(self._model.stream(messages)) as parts:
            async for part in parts:
                text += part.text
                cut = cut or part.finish == "length"
                if part.usage is not None:
                    self.input_tokens += part.usage.input_tokens or 0
                    self.output_tokens += part.usage.output_tokens or 0
        return text, cut
