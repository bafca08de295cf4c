"""Which processes are alive, so that nobody takes an answer that is being written for one that was left behind.

Each open store holds the kernel's lock (``flock``) on a file of its own beside the database.  The kernel drops it when
the process ends, however it ends: no heartbeat, no clock, and no process id that another process got meanwhile.  It
holds across containers on one machine, not across machines; SQLite's WAL does not work across machines either.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ragbot.persistence.translation import translated


class Runners:
    """The locks beside the database ``path``; ``StorageError`` where they cannot be made or read."""

    def __init__(self, path: Path) -> None:
        self._database = path
        self._folder = path.with_name(f"{path.name}-runners")

    @contextmanager
    def one(self) -> Iterator[str]:
        """The name of a new runner, alive until the block or the process ends."""
        with translated(self._database):
            name, descriptor = self._take()
        try:
            yield name
        finally:
            os.close(descriptor)
            # Unlocked it counts as dead: where the disk refuses now, the next opening tidies it away.
            with suppress(OSError):
                self._path(name).unlink()

    def alive(self, name: str) -> bool:
        """Whether the runner's process still has its store open. One without a file counts as dead."""
        with translated(self._database):
            try:
                descriptor = os.open(self._path(name), os.O_RDONLY)
            except FileNotFoundError:
                return False
            try:
                # Shared, so that two who ask at once do not take each other for the runner.
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            finally:
                os.close(descriptor)
            return False

    def tidy(self) -> None:
        """Removes what dead processes left."""
        for path in self._folder.glob("*.lock"):
            if not self.alive(path.stem):
                path.unlink(missing_ok=True)

    def _take(self) -> tuple[str, int]:
        while True:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            name = f"{os.getpid()}-{secrets.token_hex(8)}"
            descriptor = os.open(self._path(name), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                # Another process may have tidied the file away between its creation and its locking.
                if self._path(name).exists():
                    return name, descriptor
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.lock"
