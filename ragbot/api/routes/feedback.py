"""What readers thought of answers."""

from typing import Any

from fastapi import APIRouter

from ragbot.api.deps import CallerDep, ServiceDep
from ragbot.api.routes.conversations import feedback_json
from ragbot.api.schemas import ERRORS, ErrorAnswer, FeedbackAnswer, FeedbackRequest
from ragbot.core.types import Feedback

router = APIRouter(tags=["feedback"])

_CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"model": ErrorAnswer, "description": "The answer is still being written."}
}


@router.post(
    "/messages/{message_id}/feedback",
    summary="Rate an answer",
    response_model=FeedbackAnswer,
    responses=ERRORS | _CONFLICT,
)
async def rate(message_id: str, body: FeedbackRequest, service: ServiceDep, caller: CallerDep) -> dict[str, Any]:
    """Keeps the rating of one answer, in place of an earlier one."""
    feedback = Feedback(body.rating, tuple(body.tags), body.comment)
    turn = await service.store.rate(caller.owner, message_id, feedback, service.now())
    return {"message_id": turn.id, "feedback": feedback_json(turn.feedback or feedback)}
