"""The tables of the conversations. The migrations make them; a test holds the two against each other.

A turn is stored when its question comes and completed when its answer has ended.  Until then ``outcome`` and
``finished`` are NULL and ``runner`` names the process that writes it (see ``ragbot.persistence.runners``).
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: stored in UTC to the microsecond, read back aware. A naive time is refused: nobody knows its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.replace(tzinfo=UTC)


metadata = MetaData()

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("started", UtcDateTime, nullable=False),
    Column("updated", UtcDateTime, nullable=False),
    # Listed by owner, the latest first; the id breaks ties, so that a page ends where the next one begins.
    Index("conversations_owner", "owner", "updated", "id"),
)

turns = Table(
    "turns",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("question", Text, nullable=False),
    Column("asked", UtcDateTime, nullable=False),
    Column("finished", UtcDateTime),
    Column("outcome", String(20)),
    Column("answer", Text, nullable=False),
    Column("citations", JSON, nullable=False),
    Column("details", JSON, nullable=False),
    Column("runner", String(64)),
    CheckConstraint("(outcome IS NULL) = (finished IS NULL)", name="turns_end"),
    Index("turns_number", "conversation_id", "number", unique=True),
    # No second answer in a conversation, whatever the code above forgets; also finds what a dead process left.
    Index("turns_unfinished", "conversation_id", unique=True, sqlite_where=text("outcome IS NULL")),
)

feedback = Table(
    "feedback",
    metadata,
    Column("turn_id", ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
    Column("rating", Integer, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("comment", Text, nullable=False),
    Column("rated", UtcDateTime, nullable=False),
    CheckConstraint("rating IN (-1, 1)", name="feedback_rating"),
)
