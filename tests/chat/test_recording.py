"""Every turn is stored, however it ends."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime

import pytest

from ragbot.chat.recording import all_stored, recorded
from ragbot.core.errors import ModelTimeoutError, StorageError
from ragbot.core.events import ChatEvent, Completed, Delta, Failed
from ragbot.core.types import Answer, Query, TurnRecord
from ragbot.testing.turn_store import MemoryTurnStore

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ANSWER = Answer("answered", "Five days.", (), 0.9, "It stands there.", Query("Refunds?", "Refunds?"))


class FullDisk(MemoryTurnStore):
    """Every turn begins, none can be finished."""

    async def finish(self, record: TurnRecord) -> None:
        raise StorageError("The disk is full.")


async def good() -> AsyncGenerator[ChatEvent, None]:
    yield Delta("Five ")
    yield Delta("days.")
    yield Completed(ANSWER)


async def breaking(error: Exception) -> AsyncGenerator[ChatEvent, None]:
    yield Delta("Five ")
    raise error


async def endless(closed: list[bool]) -> AsyncGenerator[ChatEvent, None]:
    try:
        yield Delta("Five ")
        await asyncio.sleep(60)
    finally:
        closed.append(True)


async def begin(store: MemoryTurnStore) -> TurnRecord:
    return await store.begin("local", None, "Refunds?", NOW)


async def test_an_answer_is_stored_before_its_end_is_told() -> None:
    store = MemoryTurnStore()
    record = await begin(store)
    async for event in recorded(record, good(), store, lambda: NOW):
        if isinstance(event, Completed):
            stored = await store.turn("local", record.id)
            assert (stored.outcome, stored.answer, stored.finished) == ("answered", "Five days.", NOW)
            assert stored.details["answerability"] == 0.9


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (ModelTimeoutError("The model fell silent."), "model_timeout", "The model fell silent."),
        (RuntimeError("secret path /x/y"), "error", "Something went wrong while answering."),
    ],
)
async def test_what_breaks_ends_in_one_failed_event_and_keeps_what_was_said(
    error: Exception, code: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    store = MemoryTurnStore()
    record = await begin(store)
    with caplog.at_level(logging.CRITICAL):
        events = [event async for event in recorded(record, breaking(error), store, lambda: NOW)]
    assert isinstance(events[-1], Failed)
    assert (events[-1].code, events[-1].message) == (code, told)
    stored = await store.turn("local", record.id)
    assert (stored.outcome, stored.answer) == ("failed", "Five ")
    assert (stored.details["error"]["code"], stored.details["error"]["message"]) == (code, told)


async def test_a_closed_stream_is_stored_as_cancelled_and_stops_the_answer() -> None:
    store = MemoryTurnStore()
    record = await begin(store)
    closed: list[bool] = []
    async with aclosing(recorded(record, endless(closed), store, lambda: NOW)) as events:
        await anext(events)
    stored = await store.turn("local", record.id)
    assert (stored.outcome, stored.answer, stored.details["error"]["code"]) == ("failed", "Five ", "cancelled")
    assert closed == [True]


async def test_a_cancelled_task_still_leaves_a_stored_turn() -> None:
    store = MemoryTurnStore()
    record = await begin(store)
    closed: list[bool] = []

    async def read() -> None:
        async with aclosing(recorded(record, endless(closed), store, lambda: NOW)) as events:
            async for _ in events:
                pass

    task = asyncio.ensure_future(read())
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await all_stored()
    assert (await store.turn("local", record.id)).details["error"]["code"] == "cancelled"
    assert closed == [True]


async def test_an_answer_that_cannot_be_stored_ends_as_failed() -> None:
    store = FullDisk()
    record = await begin(store)
    events = [event async for event in recorded(record, good(), store, lambda: NOW)]
    assert isinstance(events[-1], Failed)
    assert events[-1].code == "storage"
    assert "disk is full" in events[-1].message
    assert sum(isinstance(event, Completed | Failed) for event in events) == 1
