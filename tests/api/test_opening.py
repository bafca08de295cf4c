"""The bot is opened behind the requests, once at a time, and again until there is something to open."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from ragbot.api import opening
from ragbot.api.opening import BotKeeper
from ragbot.api.state import ServedBot
from ragbot.core.errors import EmptyIndexError, IndexDamagedError, RagbotError, UnavailableError
from tests.api.kit import ScriptedBot


class Door:
    """Opens a bot, or raises what it is told to, and counts."""

    def __init__(self, *errors: Exception | None) -> None:
        self.errors = list(errors)
        self.opened = 0
        self.closed = 0
        self.bot = ScriptedBot()
        self.gate = asyncio.Event()
        self.gate.set()

    def __call__(self) -> AbstractAsyncContextManager[ServedBot]:
        return self._open()

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[ServedBot]:
        self.opened += 1
        await self.gate.wait()
        if self.errors and (error := self.errors.pop(0)):
            raise error
        try:
            yield self.bot
        finally:
            self.closed += 1


@asynccontextmanager
async def kept(door: Door) -> AsyncIterator[BotKeeper]:
    keeper = BotKeeper(door)
    keeper.start()
    try:
        yield keeper
    finally:
        await keeper.close()


async def until(true: Callable[[], bool]) -> None:
    for _ in range(5000):
        if true():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it did not happen in time")


async def test_a_bot_is_opened_once_for_all_and_closed_at_the_end() -> None:
    door = Door()
    door.gate.clear()
    async with kept(door) as keeper:
        assert await keeper.stage() == "starting"
        asking = [asyncio.create_task(keeper.bot()) for _ in range(20)]
        await asyncio.sleep(0)
        door.gate.set()
        assert {id(bot) for bot in await asyncio.gather(*asking)} == {id(door.bot)}
        await until(lambda: door.bot.ready)
        assert await keeper.stage() == "ready"
        assert (door.opened, door.closed) == (1, 0)
    assert (door.opened, door.closed) == (1, 1)


async def test_an_empty_index_is_an_error_of_each_request_until_it_is_filled() -> None:
    door = Door(EmptyIndexError("Empty."), EmptyIndexError("Empty."), EmptyIndexError("Empty."))
    async with kept(door) as keeper:
        await until(lambda: keeper.trouble is not None)
        door.gate.clear()
        asking = [asyncio.create_task(keeper.bot()) for _ in range(5)]
        await asyncio.sleep(0.01)
        door.gate.set()
        for outcome in await asyncio.gather(*asking, return_exceptions=True):
            assert isinstance(outcome, EmptyIndexError)
        assert door.opened == 2, "once for all who wait"
        assert await keeper.stage() == "unavailable"
        assert isinstance(keeper.trouble, EmptyIndexError)
        assert await keeper.bot() is door.bot
        assert door.opened == 4
        assert await keeper.stage() != "unavailable"


async def test_an_unforeseen_error_at_opening_is_one_of_ours_and_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    door = Door(None, ValueError("secret"))
    door.errors = [ValueError("secret"), ValueError("secret")]
    async with kept(door) as keeper:
        with pytest.raises(RagbotError) as caught:
            await keeper.bot()
        assert "secret" not in str(caught.value)
        assert await keeper.stage() == "unavailable"
    assert "secret" in caplog.text


async def test_the_same_trouble_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    door = Door(*[EmptyIndexError("Nothing there.")] * 5, IndexDamagedError("Broken."))
    async with kept(door) as keeper:
        for _ in range(6):
            with pytest.raises(RagbotError):
                await keeper.bot()
    assert [record.getMessage() for record in caplog.records] == [
        "no answers yet: Nothing there.",
        "no answers yet: Broken.",
    ]


async def test_models_that_cannot_be_loaded_leave_a_bot_that_answers_and_are_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Reluctant(ScriptedBot):
        tries = 0

        async def warm(self) -> None:
            self.tries += 1
            if self.tries < 3:
                raise UnavailableError("Not yet.")
            await super().warm()

    monkeypatch.setattr(opening, "WARM_AGAIN", 0.01)
    door = Door()
    door.bot = bot = Reluctant()
    async with kept(door) as keeper:
        assert await keeper.bot() is bot
        await until(lambda: keeper.trouble is not None)
        assert await keeper.stage() == "unavailable"
        await until(lambda: bot.ready)
        await until(lambda: keeper.trouble is None)
        assert await keeper.stage() == "ready"


async def test_a_service_that_stops_while_it_opens_lets_nobody_wait() -> None:
    door = Door()
    door.gate.clear()
    keeper = BotKeeper(door)
    keeper.start()
    waiting = asyncio.create_task(keeper.bot())
    await asyncio.sleep(0)
    await keeper.close()
    with pytest.raises(UnavailableError):
        await waiting
    with pytest.raises(UnavailableError):
        await keeper.bot()


async def test_a_request_that_is_given_up_does_not_give_up_the_opening() -> None:
    door = Door()
    door.gate.clear()
    async with kept(door) as keeper:
        waiting = asyncio.create_task(keeper.bot())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        door.gate.set()
        assert await keeper.bot() is door.bot
        assert door.opened == 1
