"""Where the conversations lie, and making that place without spoiling it for the index."""

import json
import os
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from ragbot.core.errors import ConfigError, DataDirError
from ragbot.persistence.settings import StoreSettings

FILE = "conversations.sqlite3"
FORMAT = 1
"""That of ``ragbot.index.layout``; a test holds the two together."""

_DRIVER = "sqlite+aiosqlite"
_EXAMPLE = "Give a file, such as sqlite+aiosqlite:////srv/ragbot/conversations.sqlite3, or leave it empty."


def database_path(data_dir: Path, settings: StoreSettings) -> Path:
    """The absolute path of the database; ``ConfigError`` for a URL that names no SQLite file."""
    if not settings.url:
        return data_dir.absolute() / FILE
    try:
        url = make_url(settings.url)
    except ArgumentError:
        # Not the URL itself and no cause: either may hold a password.
        raise ConfigError("Setting store.url is not a database URL.", remedy=_EXAMPLE) from None
    if url.drivername != _DRIVER:
        raise ConfigError(
            f"Setting store.url asks for {url.drivername}; conversations are kept in SQLite ({_DRIVER}) for now."
            " PostgreSQL comes later.",
            remedy=_EXAMPLE,
        )
    if not url.database or url.database == ":memory:" or url.database.startswith("file:") or url.query:
        raise ConfigError("Setting store.url must name a file, without options.", remedy=_EXAMPLE)
    return Path(url.database).expanduser().absolute()


def make_place(data_dir: Path, path: Path) -> None:
    """Makes the folder of ``path``. A data directory gets its format file, or a later ingest would not know it."""
    if path.parent != data_dir.absolute():
        path.parent.mkdir(parents=True, exist_ok=True)
        return
    if data_dir.exists() and not data_dir.is_dir():
        raise DataDirError(f"{data_dir} is a file, not a data directory.", remedy="Give another --data-dir.")
    data_dir.mkdir(parents=True, exist_ok=True)
    format_file = data_dir / "format.json"
    if format_file.exists():
        return
    strangers = sorted(entry.name for entry in data_dir.iterdir() if not _ours(entry.name))
    if strangers and not format_file.exists():
        raise DataDirError(
            f"{data_dir} is not a ragbot data directory: it holds {strangers[0]!r} but no format.json.",
            remedy="Give an empty or new folder as --data-dir.",
        )
    # The name that an ingest starting at the same moment takes for one of its own.
    temporary = format_file.with_suffix(f".tmp{os.getpid()}")
    temporary.write_text(json.dumps({"format": FORMAT, "product": "ragbot"}) + "\n")
    temporary.replace(format_file)


def _ours(name: str) -> bool:
    return name.startswith(("format.tmp", "format.json", FILE)) or name == "writer.lock"
