"""What routes ask for by type: the service's parts, the caller, and what the caller may read."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Query, Request

from ragbot.api.schemas import ChatRequest, Name
from ragbot.api.security import Caller
from ragbot.api.state import ServedBot, Service
from ragbot.api.turns import LiveTurn
from ragbot.core.errors import ForbiddenError
from ragbot.core.ports import TurnStore
from ragbot.core.types import Turn


def _service(request: Request) -> Service:
    service: Service = request.state.service
    return service


def _caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


ServiceDep = Annotated[Service, Depends(_service)]
CallerDep = Annotated[Caller, Depends(_caller)]


async def _bot(service: ServiceDep) -> ServedBot:
    return await service.keeper.bot()


def _store(service: ServiceDep) -> TurnStore:
    return service.store


BotDep = Annotated[ServedBot, Depends(_bot)]
StoreDep = Annotated[TurnStore, Depends(_store)]


def allowed(caller: Caller, principals: list[str] | None) -> frozenset[str]:
    """The principals a request may use; ``ForbiddenError`` where an anonymous one names any."""
    if principals and not caller.authenticated:
        raise ForbiddenError(
            "Only a caller with the key may name principals.", remedy="Leave them out: public documents are read."
        )
    return frozenset(principals or ())


def _readers(
    caller: CallerDep,
    principal: Annotated[
        list[Name] | None, Query(max_length=100, description="Read with this principal too; repeatable, needs the key.")
    ] = None,
) -> frozenset[str]:
    return allowed(caller, principal)


ReadersDep = Annotated[frozenset[str], Depends(_readers)]


async def _live_turn(body: ChatRequest, service: ServiceDep, caller: CallerDep) -> AsyncIterator[LiveTurn]:
    # All of this happens before a stream begins: an error inside it would reach the reader as an empty success.
    turn = Turn(body.question, principals=allowed(caller, body.principals), role=body.role)
    bot = await service.keeper.bot()
    async with service.turns.begin(bot, caller.owner, body.conversation_id, turn) as live:
        yield live


LiveTurnDep = Annotated[LiveTurn, Depends(_live_turn)]
