"""Passages for a question."""

from typing import Any

from fastapi import APIRouter

from ragbot.api.deps import BotDep, CallerDep, allowed
from ragbot.api.schemas import ERRORS, SearchAnswer, SearchRequest
from ragbot.core.forms import search_json

router = APIRouter(tags=["documents"])


@router.post("/search", summary="Find passages", response_model=SearchAnswer, responses=ERRORS)
async def search(body: SearchRequest, bot: BotDep, caller: CallerDep) -> dict[str, Any]:
    """The passages for a question, best first, without an answer."""
    principals = allowed(caller, body.principals)
    return search_json(await bot.search(body.question, limit=body.limit, principals=principals))
