"""A ``TurnStore`` in memory: for tests of what tells it about turns."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from ragbot.core.errors import ConflictError, NotFoundError, RagbotError, UsageError
from ragbot.core.types import ConversationInfo, Feedback, TurnRecord

_INTERRUPTED = {"error": {"code": "interrupted", "message": "The answer could not be stored."}}


@dataclass(frozen=True, slots=True)
class _Conversation:
    owner: str
    info: ConversationInfo


class MemoryTurnStore:
    """Behaves as the one on disk; nothing survives the process."""

    def __init__(self) -> None:
        self._conversations: dict[str, _Conversation] = {}
        self._turns: dict[str, TurnRecord] = {}

    async def begin(self, owner: str, conversation_id: str | None, question: str, asked: datetime) -> TurnRecord:
        _check(owner, conversation_id, question)
        at = _utc(asked)
        number = 1
        if conversation_id is None:
            conversation_id = uuid4().hex
            info = ConversationInfo(conversation_id, question[:120], at, at, 0)
            self._conversations[conversation_id] = _Conversation(owner, info)
        else:
            earlier = await self.turns(owner, conversation_id)
            if earlier[-1].outcome is None:
                raise ConflictError("The last question of this conversation is still being answered.")
            number = len(earlier) + 1
        record = TurnRecord(uuid4().hex, conversation_id, number, question, at)
        self._turns[record.id] = record
        self._touch(conversation_id, at, number)
        return record

    async def finish(self, record: TurnRecord) -> None:
        if record.outcome is None or record.finished is None:
            raise UsageError(f"The turn {record.id!r} has no end that could be stored.")
        kept = self._turns.get(record.id)
        if kept is None or kept.outcome is not None:
            return
        try:
            _check(record.answer, [asdict(each) for each in record.citations])
            end = replace(record, finished=_utc(record.finished), details=_through_json(dict(record.details)))
        except RagbotError:
            # As on disk: nobody will end this turn any more, and its conversation goes on.
            self._turns[record.id] = replace(kept, finished=kept.asked, outcome="failed", details=_INTERRUPTED)
            raise
        self._turns[record.id] = replace(end, question=kept.question, asked=kept.asked, feedback=None)
        self._touch(kept.conversation_id, end.finished or kept.asked)

    async def conversations(self, owner: str, *, limit: int, before: str | None = None) -> list[ConversationInfo]:
        _check(owner, before)
        infos = [each.info for each in self._conversations.values() if each.owner == owner]
        infos.sort(key=_place, reverse=True)
        if before is not None:
            last = _place(self._mine(owner, before).info)
            infos = [each for each in infos if _place(each) < last]
        return infos[: max(limit, 0)]

    async def turns(self, owner: str, conversation_id: str) -> list[TurnRecord]:
        _check(owner, conversation_id)
        self._mine(owner, conversation_id)
        return [each for each in self._turns.values() if each.conversation_id == conversation_id]

    async def turn(self, owner: str, turn_id: str) -> TurnRecord:
        _check(owner, turn_id)
        found = self._turns.get(turn_id)
        if found is None or self._conversations[found.conversation_id].owner != owner:
            raise NotFoundError(f"There is no message {turn_id[:64]!r}.")
        return found

    async def delete(self, owner: str, conversation_id: str) -> None:
        _check(owner, conversation_id)
        self._mine(owner, conversation_id)
        del self._conversations[conversation_id]
        self._turns = {id_: each for id_, each in self._turns.items() if each.conversation_id != conversation_id}

    async def rate(self, owner: str, turn_id: str, feedback: Feedback, rated: datetime) -> TurnRecord:
        _check(owner, turn_id, feedback.comment, feedback.tags)
        _utc(rated)
        if feedback.rating not in (-1, 1):
            raise UsageError(f"A rating is 1 or -1, not {feedback.rating!r}.")
        record = await self.turn(owner, turn_id)
        if record.outcome is None:
            raise ConflictError("This answer is still being written.")
        self._turns[turn_id] = replace(record, feedback=feedback)
        return self._turns[turn_id]

    def _mine(self, owner: str, conversation_id: str) -> _Conversation:
        found = self._conversations.get(conversation_id)
        if found is None or found.owner != owner:
            raise NotFoundError(f"There is no conversation {conversation_id[:64]!r}.")
        return found

    def _touch(self, conversation_id: str, at: datetime, turns: int | None = None) -> None:
        held = self._conversations[conversation_id]
        info = replace(held.info, updated=max(held.info.updated, at), turns=turns or held.info.turns)
        self._conversations[conversation_id] = replace(held, info=info)


def _check(*values: Any) -> None:
    """Refuses what a database would: text that is none, and what JSON does not know."""
    _through_json(values)


def _through_json(value: Any) -> Any:
    try:
        return json.loads(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())
    except (UnicodeEncodeError, TypeError, ValueError) as error:
        raise UsageError(f"Something that cannot be stored was given to the conversations: {error}.") from error


def _place(info: ConversationInfo) -> tuple[datetime, str]:
    return (info.updated, info.id)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise UsageError("A time without its zone was given to the conversations.")
    return moment.astimezone(UTC)
