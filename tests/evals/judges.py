"""Models that judge by script, for what needs no wire."""

import json
import re
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from typing import Any

from ragbot.core.types import Message, ModelPart, Usage

Reply = str | Exception


class ScriptedJudge:
    """Says each reply in turn, in two parts, the last one for ever; an exception is raised after the first part."""

    name = "scripted:judge"
    context_tokens = 8192
    reply_tokens = 64

    def __init__(self, replies: Iterable[Reply] | Callable[[Sequence[Message]], Reply], finish: str = "stop") -> None:
        self._replies = replies if callable(replies) else list(replies)
        self._finish = finish
        self.asked: list[Sequence[Message]] = []

    async def stream(self, messages: Sequence[Message]) -> AsyncGenerator[ModelPart, None]:
        self.asked.append(list(messages))
        if callable(self._replies):
            reply = self._replies(messages)
        else:
            reply = self._replies[min(len(self.asked), len(self._replies)) - 1]
        if isinstance(reply, Exception):
            yield ModelPart("{")
            raise reply
        middle = len(reply) // 2
        yield ModelPart(reply[:middle])
        yield ModelPart(reply[middle:], Usage(10, 5), self._finish)

    async def warm(self) -> None: ...

    async def close(self) -> None: ...


def anything_that_fits(messages: Sequence[Message]) -> str:
    """A reply valid under the JSON Schema in the first message: what Ragas asks for, whichever metric asks."""
    schema = json.loads(re.findall(r"JSON Schema:\n(.*)", messages[0].content)[0])
    return json.dumps(_example(schema, schema.get("$defs", {})))


def _example(schema: dict[str, Any], defs: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _example(defs[schema["$ref"].rpartition("/")[2]], defs)
    match schema.get("type"):
        case "object":
            return {key: _example(each, defs) for key, each in schema.get("properties", {}).items()}
        case "array":
            return [_example(schema["items"], defs)]
        case "integer" | "number":
            return 1
        case "boolean":
            return True
        case _:
            return "The key is red."
