"""The parts the service runs on unless it is given others: a bot over the index, and the stored conversations."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from ragbot.api.state import ServedBot, ServiceComponents
from ragbot.core.ports import TurnStore
from ragbot.registry import load
from ragbot.settings import Settings


def components_for(settings: Settings) -> ServiceComponents:
    """The real ones; nothing is opened yet."""

    @asynccontextmanager
    async def open_bot() -> AsyncIterator[ServedBot]:
        # Importing takes a while, and health is to be answered meanwhile.
        bot = await asyncio.to_thread(load, "ragbot.bot:Bot")
        async with bot.open(settings=settings, loaded=False) as opened:
            yield opened

    @asynccontextmanager
    async def open_store() -> AsyncIterator[TurnStore]:
        open_turn_store = await asyncio.to_thread(load, "ragbot.wiring:open_turn_store")
        async with open_turn_store(settings) as store:
            yield store

    return ServiceComponents(open_bot, open_store, lambda: datetime.now(UTC))
