"""The contract of ``TurnStore``, held by the one on disk and by the one in memory."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ragbot.testing.contracts.turn_store import TurnStoreContract
from ragbot.testing.turn_store import MemoryTurnStore
from tests.persistence.kit import opened

if TYPE_CHECKING:
    from ragbot.core.ports import TurnStore


class TestSqlTurnStore(TurnStoreContract):
    def open_store(self, directory: Path) -> "AbstractAsyncContextManager[TurnStore]":
        return opened(directory)


class TestMemoryTurnStore(TurnStoreContract):
    def open_store(self, directory: Path) -> "AbstractAsyncContextManager[TurnStore]":
        return _in_memory()


@asynccontextmanager
async def _in_memory() -> "AsyncIterator[TurnStore]":
    yield MemoryTurnStore()
