"""Every turn is stored, however it ends: answered, broken, or left by a reader who closed the tab."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ragbot.core.errors import RagbotError
from ragbot.core.events import ChatEvent, Cited, Completed, Delta, Failed, Retrieved
from ragbot.core.forms import answer_details, hit_brief
from ragbot.core.types import Citation, TurnRecord

if TYPE_CHECKING:
    from ragbot.core.ports import TurnStore

_log = logging.getLogger(__name__)

CANCELLED = "cancelled"
INTERNAL = "error"
_STOPPED = {"code": CANCELLED, "message": "The reader stopped the answer or went away.", "remedy": ""}


async def recorded(
    record: TurnRecord,
    events: AsyncGenerator[ChatEvent, None],
    store: "TurnStore",
    now: Callable[[], datetime],
) -> AsyncGenerator[ChatEvent, None]:
    """``events`` with errors turned into a terminal ``Failed``; ``record`` is finished in ``store`` in any case.

    The turn is stored before the terminal event leaves, so that who has seen the end finds it stored.
    """
    said = _Said()
    try:
        async with aclosing(_translated(events)) as passed:
            async for event in passed:
                said.add(event)
                if isinstance(event, Completed | Failed):
                    event = await _store(record, said, store, now) or event
                yield event
    finally:
        if not said.stored and (failed := await _store(record, said, store, now)):
            _log.error("a turn could not be stored: %s", failed.message)


async def all_stored() -> None:
    """Waits for the turns whose readers went away and that are still being stored; for an orderly end."""
    while _storing:
        await asyncio.gather(*_storing, return_exceptions=True)


_storing: set[asyncio.Task[None]] = set()
"""Keeps the tasks alive: the loop itself holds them weakly."""


async def _store(record: TurnRecord, said: "_Said", store: "TurnStore", now: Callable[[], datetime]) -> Failed | None:
    """Stores the turn, whatever cancels the caller meanwhile; the failure where that cannot be done."""
    said.stored = True
    task = asyncio.ensure_future(store.finish(said.finished(record, now())))
    _storing.add(task)
    task.add_done_callback(_storing.discard)
    try:
        await asyncio.shield(task)
    except RagbotError as error:
        return Failed(error.code, f"The answer could not be stored: {error.message}", error.remedy, error.retryable)
    return None


async def _translated(events: AsyncGenerator[ChatEvent, None]) -> AsyncGenerator[ChatEvent, None]:
    try:
        async with aclosing(events) as inner:
            async for event in inner:
                yield event
    except RagbotError as error:
        yield Failed(error.code, error.message, error.remedy, error.retryable)
    except Exception:  # noqa: BLE001 - the stream must end with an event, also after a bug of ours
        _log.exception("answering failed")
        yield Failed(INTERNAL, "Something went wrong while answering.", "Try again; the log says more.", retryable=True)


@dataclass(slots=True)
class _Said:
    """What has passed so far."""

    text: str = ""
    citations: list[Citation] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    end: Completed | Failed | None = None
    stored: bool = False

    def add(self, event: ChatEvent) -> None:
        match event:
            case Delta(text):
                self.text += text
            case Cited(citation):
                self.citations.append(citation)
            case Retrieved(result):
                hits = [hit_brief(hit) for hit in result.hits]
                self.details = {"query": result.query.text, "hits": hits, "notes": list(result.notes)}
            case Completed() | Failed():
                self.end = event

    def finished(self, record: TurnRecord, at: datetime) -> TurnRecord:
        if isinstance(self.end, Completed):
            answer = self.end.answer
            return replace(
                record,
                finished=at,
                outcome=answer.outcome,
                answer=answer.text,
                citations=answer.citations,
                details=answer_details(answer),
            )
        error = _STOPPED
        if self.end is not None:
            error = {"code": self.end.code, "message": self.end.message, "remedy": self.end.remedy}
        return replace(
            record,
            finished=at,
            outcome="failed",
            answer=self.text,
            citations=tuple(self.citations),
            details={**self.details, "error": error},
        )
