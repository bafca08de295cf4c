"""Brings the database to this version's tables, or refuses one that is none of ours or newer; no event loop needed."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import OperationalError

from ragbot.core.errors import DataDirError, FormatVersionError
from ragbot.persistence.engines import BEGIN, WRITING, migrating_engine
from ragbot.persistence.translation import RESTORE, translated

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0001"
"""The newest migration."""
SCRIPTS = Path(__file__).parent / "migrations"
_VERSIONS = "alembic_version"


def migrate(path: Path, busy_timeout: float) -> None:
    """Any number of processes may call it at once. Where something fails, the database stays as it was."""
    with translated(path):
        if path.is_dir():
            raise DataDirError(f"{path} is a folder, not a database of conversations.", remedy=RESTORE)
        new = not path.exists()
        engine = migrating_engine(path, busy_timeout)
        try:
            version = _version(engine, path)
            if new:
                path.chmod(0o600)
            if version != HEAD:
                _upgrade(engine, path, version, busy_timeout)
        finally:
            engine.dispose()


def migrations_config() -> "Config":
    """Alembic's configuration, without a file of its own."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    return config


def _version(engine: Engine, path: Path) -> str | None:
    """The migration the database is at, None for an empty one."""
    with engine.connect() as connection:
        tables = set(inspect(connection).get_table_names())
        if _VERSIONS in tables:
            found: str | None = connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).scalar()
            return found
    if tables:
        raise DataDirError(
            f"{path} is not a database of conversations: it holds the table {min(tables)!r}.",
            remedy="Give another file in store.url.",
        )
    return None


def _upgrade(engine: Engine, path: Path, version: str | None, busy_timeout: float) -> None:
    # Imported only here: most openings find the tables as they should be.
    from alembic import command
    from alembic.script import ScriptDirectory

    config = migrations_config()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise FormatVersionError(
            f"The conversations in {path} have version {version}; this ragbot reads versions up to {HEAD}.",
            remedy="Use the ragbot version that wrote them, or give another file in store.url.",
        )
    _use_wal(engine, busy_timeout)
    # One transaction that waits for others: whoever comes second finds the work done.
    with engine.execution_options(**{BEGIN: WRITING}).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _use_wal(engine: Engine, busy_timeout: float) -> None:
    """Readers and a writer do not wait for each other from now on; the file remembers it."""
    deadline = time.perf_counter() + busy_timeout
    while True:
        try:
            with engine.execution_options(**{BEGIN: ""}).connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            return
        except OperationalError as error:
            # SQLite does not always wait here by itself while others open the same new file (one of 150 times by six).
            if "locked" not in str(error.orig) or time.perf_counter() > deadline:
                raise
            time.sleep(0.02)
