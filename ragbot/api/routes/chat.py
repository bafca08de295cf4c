"""Questions: answered whole, or as the answer is written."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from ragbot.api.deps import BotDep, LiveTurnDep, ServiceDep
from ragbot.api.errors import answer_to_failure
from ragbot.api.schemas import ERRORS, ChatAnswer, ErrorAnswer, RoleList
from ragbot.api.sse import EVENTS, EventStream, chat_json, event_stream
from ragbot.api.turns import LiveTurn
from ragbot.core.events import Completed, Failed

router = APIRouter(tags=["chat"])

_LEFT = 499
"""What proxies log for a client that did not wait; nobody receives it."""
_CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"model": ErrorAnswer, "description": "An answer in this conversation is being written."}
}
_MODEL: dict[int | str, dict[str, Any]] = {
    502: {"model": ErrorAnswer, "description": "The model refused, or sent what is no reply. The turn is stored."},
    504: {"model": ErrorAnswer, "description": "The model took too long. The turn is stored."},
}
_REFUSED = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}}
# Not by their model: it would be described as one of the events.
_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"description": each["description"], "content": _REFUSED} for status, each in (ERRORS | _CONFLICT).items()
}
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events, their data JSON, numbered from 1, with comments as keep-alive:\n\n"
        + "\n".join(f"* `{name}`: {words}" for name, words in EVENTS.items())
    }
}


@router.post("/chat", summary="Answer a question", response_model=ChatAnswer, responses=ERRORS | _CONFLICT | _MODEL)
async def chat(live: LiveTurnDep, request: Request) -> dict[str, Any] | Response:
    """The whole answer, with its citations, or an abstention. An answer that fails has the status of its error."""
    end = await _end_unless_left(live, request)
    if end is None:
        return Response(status_code=_LEFT)
    return answer_to_failure(end) if isinstance(end, Failed) else chat_json(live.record, end.answer)


async def _end_unless_left(live: LiveTurn, request: Request) -> Completed | Failed | None:
    """The terminal event, None where the client has gone: a model must not write on for one who timed out."""
    ending = asyncio.ensure_future(live.end())
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({ending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        return ending.result() if ending.done() else None
    finally:
        ending.cancel()
        leaving.cancel()
        await asyncio.wait({ending, leaving})


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


@router.post(
    "/chat/stream",
    summary="Answer a question as a stream",
    response_class=EventStream,
    responses=_REFUSALS | _STREAM,
)
async def stream(live: LiveTurnDep, service: ServiceDep) -> EventStream:
    """The answer as it is written. What can be refused is refused with a status before the stream begins."""
    return event_stream(live, service.settings.keep_alive)


@router.get("/roles", summary="List the roles", response_model=RoleList, responses=ERRORS)
async def roles(bot: BotDep) -> dict[str, Any]:
    """The roles a question may name, and the one that is played where none is named."""
    lines = [
        {"name": each.name, "version": each.version, "description": each.description} for each in bot.roles.describe()
    ]
    return {"roles": lines, "default": bot.roles.get(None).id.name}
