"""Opening the stored conversations."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ragbot.persistence.database import Database
from ragbot.persistence.engines import serving_engine
from ragbot.persistence.migrating import migrate
from ragbot.persistence.place import database_path, make_place
from ragbot.persistence.runners import Runners
from ragbot.persistence.settings import StoreSettings
from ragbot.persistence.store import SqlTurnStore
from ragbot.persistence.translation import translated

if TYPE_CHECKING:
    from ragbot.core.ports import TurnStore


def utc_now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def open_turn_store(
    data_dir: Path, settings: StoreSettings, *, now: Callable[[], datetime] = utc_now
) -> "AsyncIterator[TurnStore]":
    """The conversations in ``data_dir`` or at ``store.url``, made where there are none, migrated where they are old.

    Turns that a dead process left unfinished end as interrupted, at the moment ``now`` says. ``FormatVersionError``
    for a database of a newer version, ``DataDirError`` for one that is damaged or none of ours, ``StorageError``
    where the disk refuses, ``ConfigError`` for a URL that cannot be used; each names the file.
    """
    path = database_path(data_dir, settings)
    runners = Runners(path)
    await asyncio.to_thread(_prepare, data_dir, path, settings)
    with runners.one() as runner:
        database = Database(serving_engine(path, settings.busy_timeout), path)
        try:
            store = SqlTurnStore(database, runners, runner, now)
            await store.mark_interrupted()
            runners.tidy()
            yield store
        finally:
            await database.close()


def _prepare(data_dir: Path, path: Path, settings: StoreSettings) -> None:
    with translated(path):
        make_place(data_dir, path)
    migrate(path, settings.busy_timeout)
