"""The whole story of a turn: greet, or condense, search, examine, and answer or say that nothing supports one."""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ragbot.chat.answering import Answerer, Task
from ragbot.chat.examining import Examined, Examiner
from ragbot.chat.smalltalk import smalltalk
from ragbot.core.events import ChatEvent, Completed, Delta, Retrieved
from ragbot.core.readiness import Readiness
from ragbot.core.types import Answer, Query, SearchResult, Turn

if TYPE_CHECKING:
    from ragbot.core.ports import Condenser, Retriever, Role, Roles

_RETRIEVED = 10


@dataclass(frozen=True, slots=True)
class ChatPipeline:
    """Answers turns; production and evaluation run this same one."""

    condenser: "Condenser"
    retriever: "Retriever"
    examiner: Examiner
    answerer: Answerer
    roles: "Roles"
    readiness: Readiness = field(default_factory=Readiness)
    patience: float = 15.0
    """Seconds a question that keywords do not answer waits for models that are still loading."""

    async def stream(self, turn: Turn) -> AsyncGenerator[ChatEvent, None]:
        """Events as ``ragbot.core.events`` orders them, ending with ``Completed``; what breaks is raised."""
        watch = _Watch()
        async with aclosing(self._stream(turn, self.roles.get(turn.role), watch)) as events:
            async for event in events:
                yield watch.seen(event)

    async def _stream(self, turn: Turn, role: "Role", watch: "_Watch") -> AsyncGenerator[ChatEvent, None]:
        if kind := smalltalk(turn.question):
            yield Delta(role.say(kind))
            yield Completed(_said(turn, role.say(kind)))
            return
        query = self.condenser.condense(turn.question, turn.conversation)
        result, examined = await self._found(query, turn, watch)
        if not examined.answerable and not self.readiness.models and await self._loaded():
            result, examined = await self._found(query, turn, watch)
        yield Retrieved(result)
        task = Task(turn, role, result, examined)
        if not examined.answerable:
            yield Delta(role.say("abstained"))
            yield Completed(task.answer("abstained", role.say("abstained")))
            return
        async with aclosing(self.answerer.stream(task)) as events:
            async for event in events:
                yield event

    async def _found(self, query: Query, turn: Turn, watch: "_Watch") -> tuple[SearchResult, Examined]:
        result = await self.retriever.retrieve(query, limit=_RETRIEVED, principals=turn.principals)
        watch.stages |= result.timings
        with watch.stage("examine"):
            return result, await self.examiner.examine(result)

    async def _loaded(self) -> bool:
        """Whether the models are loaded in time: "I don't know" is no answer while half of the search is missing."""
        ends = time.perf_counter() + self.patience
        while not self.readiness.models and time.perf_counter() < ends:  # noqa: ASYNC110 - loading says no more than this
            await asyncio.sleep(0.05)
        return self.readiness.models


def _said(turn: Turn, text: str) -> Answer:
    query = Query(question=turn.question, text=turn.question.strip())
    return Answer("smalltalk", text, (), 0.0, "Nothing was asked.", query)


class _Watch:
    """Seconds by stage, and until the first text left."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self.stages: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.stages[name] = time.perf_counter() - started

    def seen(self, event: ChatEvent) -> ChatEvent:
        """Notes when it passed; the last one carries the times."""
        passed = time.perf_counter() - self._started
        if isinstance(event, Delta):
            self.stages.setdefault("first_token", passed)
        if isinstance(event, Completed):
            return Completed(replace(event.answer, timings={**self.stages, "total": passed}))
        return event
