"""Turns the errors of SQLAlchemy and SQLite into ours, once, here; the cause stays attached."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from ragbot.core.errors import DataDirError, RagbotError, StorageError, UsageError

RESTORE = "Restore the file from a backup, or move it away: an empty one is made in its place."
_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")
_DISK = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_NOMEM")


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """``path`` is the database that messages name."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise UsageError(
            f"A text for the conversations holds characters that are no text: {error.reason}.",
            remedy="Send valid UTF-8.",
        ) from error
    except SQLAlchemyError as error:
        raise _ours(error, path) from error
    except OSError as error:
        raise StorageError(
            f"The conversations in {path} cannot be used: {error.strerror or error}.", remedy=_ROOM
        ) from error


_ROOM = "Check the free space and the permissions of its folder, then try again."


def _ours(error: SQLAlchemyError, path: Path) -> RagbotError:
    if isinstance(error, PoolTimeoutError):
        return StorageError(f"The conversations in {path} are busy.", remedy="Try again in a moment.")
    if isinstance(error, StatementError) and not isinstance(error, DBAPIError):
        return UsageError(f"Something that cannot be stored was given to the conversations: {error.orig}.")
    said = str(getattr(error, "orig", error))
    name = getattr(getattr(error, "orig", None), "sqlite_errorname", "")
    if name.startswith(_BUSY):
        return StorageError(
            f"The conversations in {path} are busy: another process keeps writing.",
            remedy="Try again in a moment, or raise store.busy_timeout.",
        )
    if name.startswith(_DISK):
        return StorageError(f"The conversations in {path} cannot be used: {said}.", remedy=_ROOM)
    if name == "SQLITE_TOOBIG":
        return UsageError("A text is too long for the conversations.", remedy="Send less at once.")
    return DataDirError(f"The conversations in {path} are damaged: {said}.", remedy=RESTORE)
