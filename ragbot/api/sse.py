"""A turn as server-sent events: ``started`` first, then what happens, exactly one terminal event last.

The bytes are made here and sent as a plain stream.  A route that is a generator itself would have FastAPI put two
tasks between it and the connection, and where a reader leaves who did not keep up, those end in an error.
"""

import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from ragbot.api.errors import failure_json
from ragbot.api.html import answer_html
from ragbot.api.public import public_answer, public_citation
from ragbot.api.turns import LiveTurn
from ragbot.core.events import ChatEvent, Cited, Completed, Delta, Failed, Retrieved
from ragbot.core.forms import hit_brief
from ragbot.core.types import Answer, TurnRecord

EVENTS = {
    "started": "The turn is stored: conversation_id, message_id. Always the first.",
    "retrieved": "The passages the answer may rest on: query, notes, hits without their text.",
    "delta": "The next piece of the answer: text.",
    "citation": "A canonical citation, after the delta that holds its marker.",
    "completed": "The whole answer, as POST /api/v1/chat gives it. Terminal.",
    "failed": "What went wrong: error, conversation_id, message_id. Terminal.",
}
"""The names of the events."""
_STILL_HERE = format_sse_event(comment="still here")


class EventStream(StreamingResponse):
    """A response of events."""

    media_type = "text/event-stream"


def event_stream(live: LiveTurn, keep_alive: float) -> EventStream:
    """A turn as the response that tells it."""
    # Proxies such as nginx would keep the events back until they have many.
    return EventStream(frames(live, keep_alive), headers={"X-Accel-Buffering": "no"})


async def frames(live: LiveTurn, keep_alive: float) -> AsyncIterator[bytes]:
    """The events of a turn, numbered from 1; a comment after each ``keep_alive`` seconds of silence."""
    number = 1
    yield _frame(number, "started", ids(live.record))
    async for event in live.events(keep_alive):
        if event is None:
            yield _STILL_HERE
        else:
            number += 1
            yield _frame(number, *_named(event, live.record))


def chat_json(record: TurnRecord, answer: Answer) -> dict[str, Any]:
    """An answer as ``POST /api/v1/chat`` and the ``completed`` event give it."""
    return ids(record) | public_answer(answer) | {"answer_html": answer_html(answer.text)}


def ids(record: TurnRecord) -> dict[str, str]:
    return {"conversation_id": record.conversation_id, "message_id": record.id}


def _named(event: ChatEvent, record: TurnRecord) -> tuple[str, dict[str, Any]]:
    match event:
        case Retrieved(result):
            hits = [hit_brief(hit) for hit in result.hits]
            return "retrieved", {"query": result.query.text, "notes": list(result.notes), "hits": hits}
        case Delta(text):
            return "delta", {"text": text}
        case Cited(citation):
            return "citation", public_citation(citation)
        case Completed(answer):
            return "completed", chat_json(record, answer)
        case Failed():
            return "failed", {"error": failure_json(event), **ids(record)}


def _frame(number: int, name: str, data: dict[str, Any]) -> bytes:
    return format_sse_event(data_str=json.dumps(data), event=name, id=str(number))
