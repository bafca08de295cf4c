"""The ``TurnStore`` on SQLAlchemy."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import ColumnElement, Update, case, delete, insert, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ragbot.core.errors import ConflictError, NotFoundError, UsageError
from ragbot.core.types import ConversationInfo, Feedback, TurnRecord
from ragbot.persistence import tables
from ragbot.persistence.database import Database
from ragbot.persistence.rows import TITLE, conversation_info, conversations_of, end_values, turn_record, turns_of
from ragbot.persistence.runners import Runners

if TYPE_CHECKING:
    from ragbot.persistence.rows import AnyRow, Rows

INTERRUPTED = {"code": "interrupted", "message": "The service stopped before the answer was complete."}

_conversations, _turns, _feedback = tables.conversations.c, tables.turns.c, tables.feedback.c


class SqlTurnStore:
    """Made by ``open_turn_store``. Safe to use from any number of tasks; other processes may use the same file.

    ``runner`` is the name under which this store is alive among ``runners``.
    """

    def __init__(self, database: Database, runners: Runners, runner: str, now: Callable[[], datetime]) -> None:
        self._database = database
        self._runners = runners
        self._runner = runner
        self._now = now
        self._answering: set[str] = set()

    async def begin(self, owner: str, conversation_id: str | None, question: str, asked: datetime) -> TurnRecord:
        turn_id = uuid4().hex

        async def work(connection: AsyncConnection) -> TurnRecord:
            number, conversation = 1, conversation_id
            if conversation is None:
                conversation = uuid4().hex
                opened = {"owner": owner, "title": question[:TITLE], "started": asked, "updated": asked}
                await connection.execute(insert(tables.conversations).values(id=conversation, **opened))
            else:
                number = await self._next_number(connection, owner, conversation)
                await connection.execute(_touched(conversation, asked))
            turn = {"id": turn_id, "conversation_id": conversation, "number": number, "question": question}
            state = {"asked": asked, "runner": self._runner, "answer": "", "citations": [], "details": {}}
            await connection.execute(insert(tables.turns).values(**turn, **state))
            return TurnRecord(turn_id, conversation, number, question, asked.astimezone(UTC))

        self._answering.add(turn_id)
        try:
            return await self._database.write(work)
        except BaseException:
            # Who asked is gone and will not finish the turn, also where it was stored all the same.
            self._answering.discard(turn_id)
            raise

    async def finish(self, record: TurnRecord) -> None:
        """The first end of a turn stays: a second one, and that of a deleted turn, changes nothing.

        Where it cannot be stored the conversation goes on all the same, and the turn counts as interrupted.
        """
        ended = record.finished
        if record.outcome is None or ended is None:
            raise UsageError(f"The turn {record.id!r} has no end that could be stored.")

        async def work(connection: AsyncConnection) -> None:
            unfinished = (_turns.id == record.id) & _turns.outcome.is_(None)
            done = await connection.execute(update(tables.turns).where(unfinished).values(end_values(record)))
            if done.rowcount:
                await connection.execute(_touched(record.conversation_id, ended))

        await self._database.write(work, lambda: self._answering.discard(record.id))

    async def conversations(self, owner: str, *, limit: int, before: str | None = None) -> list[ConversationInfo]:
        """The one with the latest question or answer first; ``NotFoundError`` where ``before`` has been deleted."""

        async def work(connection: AsyncConnection) -> list[ConversationInfo]:
            wanted = conversations_of(owner).limit(max(limit, 0))
            if before is not None:
                place = (_conversations.updated, _conversations.id)
                last = (await connection.execute(select(*place).where(_mine(owner, before)))).first()
                if last is None:
                    raise _no_conversation(before)
                wanted = wanted.where(tuple_(*place) < tuple_(*last))
            return [conversation_info(row) for row in await connection.execute(wanted)]

        return await self._database.read(work)

    async def turns(self, owner: str, conversation_id: str) -> list[TurnRecord]:
        wanted = turns_of(owner).where(_turns.conversation_id == conversation_id).order_by(_turns.number)
        rows = await self._settled(wanted)
        if not rows:
            raise _no_conversation(conversation_id)
        return [turn_record(row) for row in rows]

    async def turn(self, owner: str, turn_id: str) -> TurnRecord:
        rows = await self._settled(turns_of(owner).where(_turns.id == turn_id))
        if not rows:
            raise _no_message(turn_id)
        return turn_record(rows[0])

    async def delete(self, owner: str, conversation_id: str) -> None:
        """Also while its answer is being written. The text leaves the disk, not only the tables."""

        async def work(connection: AsyncConnection) -> None:
            gone = delete(tables.conversations).where(_mine(owner, conversation_id))
            if not (await connection.execute(gone)).rowcount:
                raise _no_conversation(conversation_id)

        await self._database.write(work)
        await self._database.empty_log()

    async def rate(self, owner: str, turn_id: str, feedback: Feedback, rated: datetime) -> TurnRecord:
        if feedback.rating not in (-1, 1):
            raise UsageError(f"A rating is 1 or -1, not {feedback.rating!r}.")
        wanted = turns_of(owner).where(_turns.id == turn_id)

        async def work(connection: AsyncConnection) -> TurnRecord:
            row = (await connection.execute(wanted)).first()
            if row is None:
                raise _no_message(turn_id)
            if row.outcome is None:
                if not self._left(row):
                    raise ConflictError("This answer is still being written.", remedy="Rate it when it is complete.")
                await self._interrupt(connection)
            await connection.execute(delete(tables.feedback).where(_feedback.turn_id == turn_id))
            values = {"rating": feedback.rating, "tags": list(feedback.tags), "comment": feedback.comment}
            await connection.execute(insert(tables.feedback).values(turn_id=turn_id, rated=rated, **values))
            return turn_record((await connection.execute(wanted)).one())

        return await self._database.write(work)

    async def mark_interrupted(self) -> None:
        """Ends every turn that nobody answers any more."""
        await self._database.write(self._interrupt)

    async def _next_number(self, connection: AsyncConnection, owner: str, conversation_id: str) -> int:
        last = turns_of(owner).where(_turns.conversation_id == conversation_id).order_by(_turns.number.desc()).limit(1)
        row = (await connection.execute(last)).first()
        if row is None:
            raise _no_conversation(conversation_id)
        if row.outcome is None:
            if not self._left(row):
                raise ConflictError(
                    "The last question of this conversation is still being answered.",
                    remedy="Wait for the answer, or begin a new conversation.",
                )
            await self._interrupt(connection)
        return int(row.number) + 1

    async def _settled(self, wanted: "Rows") -> "Sequence[AnyRow]":
        """The turns, after those that nobody answers any more have been ended."""

        async def work(connection: AsyncConnection) -> "Sequence[AnyRow]":
            return (await connection.execute(wanted)).all()

        rows = await self._database.read(work)
        if any(row.outcome is None and self._left(row) for row in rows):
            await self.mark_interrupted()
            rows = await self._database.read(work)
        return rows

    async def _interrupt(self, connection: AsyncConnection) -> None:
        unfinished = await connection.execute(select(_turns.id, _turns.runner).where(_turns.outcome.is_(None)))
        left = [row.id for row in unfinished if self._left(row)]
        end = {"outcome": "failed", "finished": self._now(), "details": {"error": INTERRUPTED}, "runner": None}
        if left:
            await connection.execute(update(tables.turns).where(_turns.id.in_(left)).values(end))

    def _left(self, row: "AnyRow") -> bool:
        """Whether nobody answers this unfinished turn any more."""
        if row.runner == self._runner:
            return row.id not in self._answering
        return not self._runners.alive(row.runner)


def _mine(owner: str, conversation_id: str) -> ColumnElement[bool]:
    return (_conversations.id == conversation_id) & (_conversations.owner == owner)


def _touched(conversation_id: str, at: datetime) -> Update:
    """Never back in time: a clock that was set back must not hide a conversation down the list."""
    moment = literal(at, tables.UtcDateTime)
    later = case((_conversations.updated < moment, moment), else_=_conversations.updated)
    return update(tables.conversations).where(_conversations.id == conversation_id).values(updated=later)


def _no_conversation(conversation_id: str) -> NotFoundError:
    return NotFoundError(f"There is no conversation {conversation_id[:64]!r}.", remedy="Begin a new one.")


def _no_message(turn_id: str) -> NotFoundError:
    return NotFoundError(f"There is no message {turn_id[:64]!r}.")
