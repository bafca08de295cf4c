"""Between rows and records."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from ragbot.core.forms import citation_from_json, citation_json
from ragbot.core.types import ConversationInfo, Feedback, TurnRecord
from ragbot.persistence.tables import conversations, feedback, turns

if TYPE_CHECKING:
    from sqlalchemy import Row, Select

    AnyRow = Row[*tuple[Any, ...]]
    Rows = Select[*tuple[Any, ...]]

TITLE = 120
"""Characters of the first question that name a conversation."""


def turns_of(owner: str) -> "Rows":
    """Turns of this owner with their feedback; what every read and every check of access starts from."""
    return (
        select(turns, feedback.c.rating, feedback.c.tags, feedback.c.comment)
        .join_from(turns, conversations)
        .join(feedback, isouter=True)
        .where(conversations.c.owner == owner)
    )


def turn_record(row: "AnyRow") -> TurnRecord:
    """A row of ``turns_of``."""
    rated = row.rating is not None
    return TurnRecord(
        id=row.id,
        conversation_id=row.conversation_id,
        number=row.number,
        question=row.question,
        asked=row.asked,
        finished=row.finished,
        outcome=row.outcome,
        answer=row.answer,
        citations=tuple(citation_from_json(each) for each in row.citations),
        details=row.details,
        feedback=Feedback(row.rating, tuple(row.tags), row.comment) if rated else None,
    )


def end_values(record: TurnRecord) -> dict[str, Any]:
    """What ``finish`` stores of a turn; its question stays as it was asked."""
    return {
        "finished": record.finished,
        "outcome": record.outcome,
        "answer": record.answer,
        "citations": [citation_json(each) for each in record.citations],
        "details": dict(record.details),
        "runner": None,
    }


def conversations_of(owner: str) -> "Rows":
    """The owner's conversations, the latest first."""
    count = select(func.count()).where(turns.c.conversation_id == conversations.c.id).scalar_subquery()
    return (
        select(conversations, count.label("turns"))
        .where(conversations.c.owner == owner)
        .order_by(conversations.c.updated.desc(), conversations.c.id.desc())
    )


def conversation_info(row: "AnyRow") -> ConversationInfo:
    """A row of ``conversations_of``."""
    return ConversationInfo(row.id, row.title, row.started, row.updated, row.turns)
