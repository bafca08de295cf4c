"""Reading an asynchronous iterator from a task of its own: every wait has a limit, and leaving leaves nothing open."""

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")


class Pump(Generic[T]):
    """``async with Pump(source) as pump:`` then ``await pump.take(seconds)`` until it gives None.

    Closing an asynchronous generator leaves those it wraps to the garbage collector, and a connection open with
    them; cancelling the task that runs them all ends every one, the innermost first.
    """

    def __init__(self, source: AsyncIterator[T]) -> None:
        self._source = source
        self._items: asyncio.Queue[T | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Pump[T]":
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait({self._task})
        if not self._task.cancelled():
            self._task.exception()  # seen by take(), or of no interest to one who has left

    async def take(self, seconds: float) -> T | None:
        """The next item, None after the last. Raises ``TimeoutError``, or what the source raised."""
        assert self._task is not None
        async with asyncio.timeout(seconds):
            item = await self._items.get()
        if item is None:
            await self._task
        return item

    async def _run(self) -> None:
        try:
            async for item in self._source:
                self._items.put_nowait(item)
        finally:
            self._items.put_nowait(None)
