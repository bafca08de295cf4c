"""The data directory: what lies where, and whether this version of ragbot may touch it."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from ragbot.core.errors import DataDirError, FormatVersionError, StorageError

FORMAT = 1
"""Raised when a released version can no longer read what an older one wrote."""

_OWN_BEFORE = ("format.tmp", "conversations.sqlite3")
"""What may stand in a data directory before its first ingest: a service started early keeps its turns there."""


@dataclass(frozen=True, slots=True)
class DataDir:
    """Paths under ``--data-dir``."""

    root: Path

    @property
    def catalog(self) -> Path:
        return self.root / "catalog.sqlite3"

    @property
    def keywords(self) -> Path:
        return self.root / "keywords"

    @property
    def vectors(self) -> Path:
        return self.root / "vectors"

    @property
    def lock(self) -> Path:
        return self.root / "writer.lock"

    @property
    def format_file(self) -> Path:
        return self.root / "format.json"

    def exists(self) -> bool:
        """Whether anything was ever written here; checks the format version when so."""
        if not self.root.exists():
            return False
        if not self.root.is_dir():
            raise DataDirError(f"{self.root} is a file, not a data directory.", remedy="Give another --data-dir.")
        if not self.format_file.exists():
            return False
        self._check_format()
        return self.catalog.exists()

    def create(self) -> None:
        """Makes the directory, or checks the one that is there; never adopts a folder of other things."""
        if self.exists():
            return
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            if not self.format_file.exists():
                self._refuse_foreign()
                temporary = self.format_file.with_suffix(f".tmp{os.getpid()}")
                temporary.write_text(json.dumps({"format": FORMAT, "product": "ragbot"}) + "\n")
                temporary.replace(self.format_file)
        except OSError as error:
            raise StorageError(
                f"The data directory {self.root} cannot be written: {error.strerror or error}.",
                remedy="Free some space or give another --data-dir.",
            ) from error

    def _refuse_foreign(self) -> None:
        strangers = [entry.name for entry in self.root.iterdir() if not entry.name.startswith(_OWN_BEFORE)]
        # Looked at again: another process may have begun the same new directory meanwhile.
        if set(strangers) - {self.lock.name} and not self.format_file.exists():
            raise DataDirError(
                f"{self.root} is not a ragbot data directory: it holds {min(strangers)!r} but no format.json.",
                remedy="Give an empty or new folder as --data-dir.",
            )

    def _check_format(self) -> None:
        try:
            found = json.loads(self.format_file.read_text())["format"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise FormatVersionError(
                f"{self.format_file} cannot be read as a format file.",
                remedy='If this is a ragbot data directory, restore the file: {"format": 1}.',
            ) from error
        if found != FORMAT:
            raise FormatVersionError(
                f"The data directory {self.root} has format {found}; this ragbot reads format {FORMAT}.",
                remedy="Use the ragbot version that wrote it, or ingest again into another --data-dir.",
            )
