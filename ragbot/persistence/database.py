"""Short transactions over one engine. Cancelling who waits never cuts one in the middle."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ragbot.core.errors import StorageError
from ragbot.persistence.engines import BEGIN, WRITING
from ragbot.persistence.translation import translated

T = TypeVar("T")


class Database:
    """``work`` gets a connection inside a transaction, which ends with it. Errors come out as ours."""

    def __init__(self, engine: AsyncEngine, path: Path) -> None:
        self._path = path
        self._engine = engine
        self._writing = engine.execution_options(**{BEGIN: WRITING})
        self._bare = engine.execution_options(**{BEGIN: ""})
        # SQLite lets a second writer sleep and try again; within one process it is quicker to queue.
        self._writer = asyncio.Lock()
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False

    async def read(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """``work`` sees one state of the database, whatever others write meanwhile."""
        return await self._run(lambda: self._transaction(self._engine, work))

    async def write(
        self, work: Callable[[AsyncConnection], Awaitable[T]], ended: Callable[[], None] | None = None
    ) -> T:
        """One writer at a time. ``ended`` is called when the transaction is over, also where nobody waits any more."""

        async def alone() -> T:
            try:
                async with self._writer:
                    return await self._transaction(self._writing, work)
            finally:
                if ended is not None:
                    ended()

        return await self._run(alone)

    async def empty_log(self) -> None:
        """Takes what was deleted out of the log (WAL) too, unless somebody is reading it: then a later one does."""

        async def work(connection: AsyncConnection) -> None:
            waits = (await connection.exec_driver_sql("PRAGMA busy_timeout")).scalar()
            await connection.exec_driver_sql("PRAGMA busy_timeout = 0")
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            await connection.exec_driver_sql(f"PRAGMA busy_timeout = {waits}")

        async def alone() -> None:
            async with self._writer:
                await self._transaction(self._bare, work)

        await self._run(alone)

    async def close(self) -> None:
        """Lets what is running end, then closes the connections."""
        self._closed = True
        while self._running:
            await asyncio.wait(self._running)
        with translated(self._path):
            await self._engine.dispose()

    async def _transaction(self, engine: AsyncEngine, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        with translated(self._path):
            async with engine.begin() as connection:
                return await work(connection)

    async def _run(self, transaction: Callable[[], Coroutine[Any, Any, T]]) -> T:
        if self._closed:
            raise StorageError(f"The conversations in {self._path} are closed.", remedy="Open them again.")
        task = asyncio.create_task(transaction())
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)
