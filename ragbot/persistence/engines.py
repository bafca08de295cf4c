"""Connections to the database, each set up the same way."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

BEGIN = "ragbot_begin"
"""Execution option: how a transaction begins. ``""`` begins none, for what SQLite does only outside of one."""
WRITING = "BEGIN IMMEDIATE"
"""Takes the write lock at once: a transaction that reads first and writes then could lose the race and its work."""


def migrating_engine(path: Path, busy_timeout: float) -> Engine:
    """For the migrations alone. Foreign keys are off: a table that is rebuilt would take its children with it."""
    url = URL.create("sqlite+pysqlite", database=str(path))
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": busy_timeout})
    _set_up(engine)
    return engine


def serving_engine(path: Path, busy_timeout: float) -> AsyncEngine:
    """For the store. JSON is written as UTF-8, and nothing that JSON does not know gets in."""
    url = URL.create("sqlite+aiosqlite", database=str(path))
    engine = create_async_engine(url, connect_args={"timeout": busy_timeout}, json_serializer=_json)
    _set_up(
        engine.sync_engine,
        "PRAGMA foreign_keys = ON",
        # What is deleted is overwritten, not only unlinked: people delete personal data.
        "PRAGMA secure_delete = ON",
        # A power cut loses no turn that was stored.
        "PRAGMA synchronous = FULL",
    )
    return engine


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _set_up(engine: Engine, *pragmas: str) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: object) -> None:
        # The driver begins no transaction of its own: it would do so at the first write, which is too late.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        if statement := connection.get_execution_options().get(BEGIN, "BEGIN"):
            connection.exec_driver_sql(statement)
