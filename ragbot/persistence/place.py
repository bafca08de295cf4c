"""Where the conversations lie."""

from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from ragbot.core.errors import ConfigError, DataDirError
from ragbot.persistence.settings import StoreSettings

FILE = "conversations.sqlite3"
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
    """Makes the folder of ``path``; never puts anything into a folder of other things that is given as data directory.

    The index may come before or after; it takes ``conversations.sqlite3`` for its own folder's.
    """
    if path.parent == data_dir.absolute() and data_dir.exists():
        if not data_dir.is_dir():
            raise DataDirError(f"{data_dir} is a file, not a data directory.", remedy="Give another --data-dir.")
        names = {entry.name for entry in data_dir.iterdir()}
        strangers = sorted(name for name in names if not name.startswith((FILE, "format.tmp")))
        if strangers and "format.json" not in names:
            raise DataDirError(
                f"{data_dir} is not a ragbot data directory: it holds {strangers[0]!r} but no format.json.",
                remedy="Give an empty or new folder as --data-dir.",
            )
    path.parent.mkdir(parents=True, exist_ok=True)
