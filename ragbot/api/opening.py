"""The bot is opened behind the requests: at the start, and again for each request until there is something to open."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import TYPE_CHECKING, Literal

from ragbot.core.errors import RagbotError, UnavailableError

if TYPE_CHECKING:
    from ragbot.api.state import ServedBot

log = logging.getLogger("ragbot.api")

Stage = Literal["starting", "ready", "unavailable"]
WARM_AGAIN = 30.0
"""Seconds until the models are loaded again where that has failed."""


class BotKeeper:
    """Holds the one open bot. A broken or empty index is an error of the requests, never of the service."""

    def __init__(self, open_bot: "Callable[[], AbstractAsyncContextManager[ServedBot]]") -> None:
        self._open = open_bot
        self._closing = asyncio.Event()
        self._bot: ServedBot | None = None
        self._opened: asyncio.Future[ServedBot] | None = None
        self._task: asyncio.Task[None] | None = None
        self._warm = False
        self.trouble: RagbotError | None = None
        """Why there is no bot, or why its models are not loaded."""

    def start(self) -> "asyncio.Future[ServedBot]":
        """Begins to open the bot and to load its models, unless that is under way."""
        if self._opened is None or self._task is None or self._task.done():
            self._opened = asyncio.get_running_loop().create_future()
            # Nobody may be waiting for it, and an error that nobody fetches is reported as a bug of ours.
            self._opened.add_done_callback(lambda opened: opened.cancelled() or opened.exception())
            self._task = asyncio.create_task(self._keep(self._opened))
        return self._opened

    async def bot(self) -> "ServedBot":
        """The open bot. Where there is none, opening is tried now, once for all who wait; its error is raised."""
        if self._bot is not None:
            return self._bot
        if self._closing.is_set():
            raise UnavailableError("The service is stopping.", remedy="Ask again when it is back.")
        return await asyncio.shield(self.start())

    async def stage(self) -> Stage:
        """How far the bot is; where it could not be opened, this tries again."""
        if self._bot is None and self._task is not None and not self._task.done() and self.trouble is None:
            return "starting"
        with suppress(RagbotError):
            bot = await self.bot()
            if bot.ready and self._warm:
                return "ready"
        return "unavailable" if self.trouble else "starting"

    async def close(self) -> None:
        """Closes the bot; opening or loading that is under way is given up."""
        self._closing.set()
        if self._task is not None:
            if self._bot is None:
                self._task.cancel()
            await asyncio.wait([self._task])

    async def _keep(self, opened: "asyncio.Future[ServedBot]") -> None:
        """Opens, warms and closes in one task: what a library ties to a task at opening is closed in the same."""
        try:
            async with self._open() as bot:
                self._bot, self.trouble = bot, None
                opened.set_result(bot)
                warming = asyncio.create_task(self._load(bot))
                await self._closing.wait()
                warming.cancel()
                await asyncio.wait([warming])
        except RagbotError as error:
            self._fail(opened, error)
        except Exception:
            log.exception("the bot could not be opened")
            self._fail(opened, RagbotError("The knowledge base could not be opened.", remedy="The log says more."))
        finally:
            self._bot, self._warm = None, False
            if not opened.done():
                opened.set_exception(UnavailableError("The service is stopping.", remedy="Ask again when it is back."))

    def _fail(self, opened: "asyncio.Future[ServedBot]", error: RagbotError) -> None:
        # Said once: every request and every readiness check tries again.
        if type(error) is not type(self.trouble):
            log.warning("no answers yet: %s", error)
        self.trouble = error
        if not opened.done():
            opened.set_exception(error)

    async def _load(self, bot: "ServedBot") -> None:
        while not self._warm:
            try:
                await bot.warm()
                self._warm, self.trouble = True, None
            except RagbotError as error:
                log.warning("the models are not loaded: %s", error)
                self.trouble = error
                await asyncio.sleep(WARM_AGAIN)
            except Exception:
                log.exception("the models could not be loaded")
                self.trouble = RagbotError("Something went wrong while loading the models.")
                await asyncio.sleep(WARM_AGAIN)
