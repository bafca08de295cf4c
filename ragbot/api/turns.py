"""Answers being written: each in a task of its own, so that it ends properly however its reader leaves."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ragbot.chat.recording import all_stored, recorded
from ragbot.core.errors import RagbotError, UnavailableError
from ragbot.core.events import ChatEvent, Completed, Failed
from ragbot.core.types import Message, Turn, TurnRecord

if TYPE_CHECKING:
    from ragbot.api.state import ServedBot
    from ragbot.core.ports import TurnStore

log = logging.getLogger("ragbot.api")

_AHEAD = 64
"""Events a model may be ahead of its reader; then it waits."""
_REMEMBERED = 50
"""Turns of a conversation that may shape an answer: more would cost time, and no prompt holds them."""
BROKEN = Failed(RagbotError.code, "Something went wrong while answering.", "Try again.", retryable=True)
STOPPING = Failed("unavailable", "The service is stopping.", "Ask again when it is back.", retryable=True)


class LiveTurn:
    """One answer being written, with the record it is stored under."""

    def __init__(self, record: TurnRecord, events: AsyncGenerator[ChatEvent, None]) -> None:
        self.record = record
        self._room = asyncio.Semaphore(_AHEAD)
        self._queue: asyncio.Queue[ChatEvent | None] = asyncio.Queue()
        self._task = asyncio.create_task(self._write(events))

    async def events(self, silence: float | None = None) -> AsyncIterator[ChatEvent | None]:
        """The events up to the one terminal event; None after each ``silence`` seconds without one."""
        while True:
            try:
                async with asyncio.timeout(silence):
                    event = await self._queue.get()
            except TimeoutError:
                yield None
                continue
            if event is None:
                yield STOPPING
                return
            self._room.release()
            yield event
            if isinstance(event, Completed | Failed):
                return

    async def end(self) -> Completed | Failed:
        """The terminal event, when it has come."""
        async for event in self.events():
            if isinstance(event, Completed | Failed):
                return event
        raise AssertionError("unreachable: the last event is terminal")

    async def close(self) -> None:
        """Stops the answer if it is still being written, and returns when its model has let go and it is stored."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _write(self, events: AsyncGenerator[ChatEvent, None]) -> None:
        try:
            async with aclosing(events):
                async for event in events:
                    await self._room.acquire()
                    self._queue.put_nowait(event)
        except Exception:
            log.exception("a turn ended without its last event")
            self._queue.put_nowait(BROKEN)
        finally:
            # Beyond the room there is: a reader must learn of the end whatever it has not read yet.
            self._queue.put_nowait(None)


class LiveTurns:
    """Begins answers, and knows those being written."""

    def __init__(self, store: "TurnStore", now: Callable[[], datetime], most: int) -> None:
        self._store = store
        self._now = now
        self._most = most
        self._begun = 0
        self._live: set[LiveTurn] = set()

    @asynccontextmanager
    async def begin(
        self, bot: "ServedBot", owner: str, conversation_id: str | None, turn: Turn
    ) -> AsyncIterator[LiveTurn]:
        """Stores the question and begins to answer it; at the end of the block the answer is stopped and stored.

        Everything that can be refused is refused here. ``turn`` gets the conversation that is stored.
        """
        if self._begun >= self._most:
            raise UnavailableError(
                f"{self._most} answers are being written already, and no more at once.", remedy="Ask again in a moment."
            )
        self._begun += 1
        try:
            earlier = await self._store.turns(owner, conversation_id) if conversation_id is not None else []
            events = bot.stream(replace(turn, conversation=spoken(earlier[-_REMEMBERED:])))
            record = await self._store.begin(owner, conversation_id, turn.question, self._now())
            live = LiveTurn(record, recorded(record, events, self._store, self._now))
            self._live.add(live)
            try:
                # A task that is cancelled before its first step runs nothing, not even what stores the turn.
                await asyncio.sleep(0)
                yield live
            finally:
                await live.close()
                self._live.discard(live)
        finally:
            self._begun -= 1

    async def stop(self) -> None:
        """Stops every answer; returns when all are stored."""
        await asyncio.gather(*(live.close() for live in self._live))
        await all_stored()


def spoken(turns: Iterable[TurnRecord]) -> tuple[Message, ...]:
    """The turns that were answered in some way, as a conversation: what failed was never said."""
    told = (turn for turn in turns if turn.outcome not in (None, "failed"))
    return tuple(
        message for turn in told for message in (Message("user", turn.question), Message("assistant", turn.answer))
    )
