"""One writer at a time, by a lock that names its holder.

The kernel holds the lock (``flock``) and drops it when the process ends however it ends, so a dead holder
never blocks anyone; the file's text only says who it is.
"""

import fcntl
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ragbot.core.errors import LockHeldError, StorageError


@contextmanager
def writer_lock(path: Path, command: str | None = None) -> Iterator[None]:
    """Holds the lock at ``path``; ``LockHeldError`` names the holder when another process has it."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StorageError(
            f"The lock file {path} cannot be written: {error.strerror}.",
            remedy="Make the data directory writable or give another --data-dir.",
        ) from error
    try:
        if not _taken(descriptor):
            raise LockHeldError(
                f"Another process is writing to this index: {_describe(path)}.",
                remedy="Wait for it to finish, or stop it.",
            )
        _sign(descriptor, command)
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    """Whether the lock is ours now. Tried for a moment: ``holder`` keeps it for microseconds while it asks."""
    for pause in (0.01, 0.02, 0.04, 0.08, 0.0):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            time.sleep(pause)
    return False


def holder(path: Path) -> str | None:
    """Who holds the lock now, in words; None when nobody does."""
    if not path.exists():
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        # A shared lock is granted exactly when no writer holds the exclusive one.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _describe(path)
    finally:
        os.close(descriptor)
    return None


def _sign(descriptor: int, command: str | None) -> None:
    text = json.dumps(
        {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "command": command or " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])[:200],
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
    )
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text.encode(), 0)
    except OSError as error:
        raise StorageError(
            f"The writer lock cannot be signed: {error.strerror}.", remedy="Free some disk space and run again."
        ) from error


def _describe(path: Path) -> str:
    try:
        seen = json.loads(path.read_text())
        return f"process {seen['pid']} on {seen['host']} ({seen['command']}), since {seen['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "a process that has not signed the lock yet"
