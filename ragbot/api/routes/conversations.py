"""Stored conversations of the caller."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query

from ragbot.api.deps import CallerDep, StoreDep
from ragbot.api.html import answer_html
from ragbot.api.public import public_citation
from ragbot.api.schemas import ERRORS, ConversationBody, ConversationList, Name
from ragbot.core.types import Feedback, TurnRecord

router = APIRouter(tags=["conversations"])

_TITLE = 120


@router.get("/conversations", summary="List conversations", response_model=ConversationList, responses=ERRORS)
async def conversations(
    store: StoreDep,
    caller: CallerDep,
    limit: Annotated[int, Query(ge=1, le=200, description="The most conversations.")] = 50,
    before: Annotated[Name | None, Query(description="The last id of the page before.")] = None,
) -> dict[str, Any]:
    """The caller's conversations, the latest first."""
    found = await store.conversations(caller.owner, limit=limit, before=before)
    return {"conversations": [asdict(info) for info in found]}


@router.get(
    "/conversations/{conversation_id}", summary="Read a conversation", response_model=ConversationBody, responses=ERRORS
)
async def conversation(conversation_id: str, store: StoreDep, caller: CallerDep) -> dict[str, Any]:
    """The turns of one conversation in order, those that failed included."""
    turns = await store.turns(caller.owner, conversation_id)
    # Rendering a long conversation takes a while, and others are being answered meanwhile.
    messages = await asyncio.to_thread(lambda: [message_json(turn) for turn in turns])
    return {"id": conversation_id, "title": turns[0].question[:_TITLE] if turns else "", "messages": messages}


@router.delete("/conversations/{conversation_id}", summary="Delete a conversation", status_code=204, responses=ERRORS)
async def delete(conversation_id: str, store: StoreDep, caller: CallerDep) -> None:
    """Deletes a conversation with its turns and feedback, for good."""
    await store.delete(caller.owner, conversation_id)


def message_json(turn: TurnRecord) -> dict[str, Any]:
    """A stored turn as a conversation shows it."""
    return {
        "message_id": turn.id,
        "number": turn.number,
        "question": turn.question,
        "asked": turn.asked,
        "finished": turn.finished,
        "outcome": turn.outcome,
        "answer": turn.answer,
        "answer_html": answer_html(turn.answer),
        "citations": [public_citation(citation) for citation in turn.citations],
        "reason": turn.details.get("reason"),
        "query": turn.details.get("query"),
        "hits": turn.details.get("hits", []),
        "notes": turn.details.get("notes", []),
        "error": turn.details.get("error"),
        "feedback": feedback_json(turn.feedback) if turn.feedback else None,
    }


def feedback_json(feedback: Feedback) -> dict[str, Any]:
    return {"rating": feedback.rating, "tags": list(feedback.tags), "comment": feedback.comment}
