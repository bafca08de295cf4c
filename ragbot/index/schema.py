"""The catalog's tables, and how a connection to them is opened.

A document has at most one ``current`` revision, which is the one that is searched, shown and cited, and at
most one ``staged`` one that will replace it.  ``dead`` revisions wait for their keyword entries to go.
``chunks.in_keywords`` is set only after Tantivy has committed the chunk, ``chunks.generation`` only after the
Chroma collection that holds it was closed; so whatever a killed writer left undone can be read off the rows.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ragbot.core.errors import EmptyIndexError, IndexDamagedError, StorageError

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS roots (
    id INTEGER PRIMARY KEY,
    uri TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS documents (
    id INTEGER PRIMARY KEY,
    document_id TEXT NOT NULL UNIQUE,
    root INTEGER NOT NULL REFERENCES roots(id),
    path TEXT NOT NULL,
    uri TEXT NOT NULL,
    updated TEXT NOT NULL,
    failure TEXT,              -- JSON {code, reason, permanent, page, remedy, sha256}; NULL when all is well
    revisions INTEGER NOT NULL DEFAULT 0,
    UNIQUE (root, path)
);
CREATE INDEX IF NOT EXISTS documents_path ON documents(path);
CREATE TABLE IF NOT EXISTS revisions (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    document INTEGER REFERENCES documents(id) ON DELETE SET NULL,
    number INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('staged', 'current', 'dead')),
    sha256 TEXT NOT NULL,
    reader TEXT NOT NULL,      -- loader and splitter that made it
    bytes INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    metadata TEXT NOT NULL,
    labels TEXT NOT NULL,
    created TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS revisions_document ON revisions(document, state);
CREATE UNIQUE INDEX IF NOT EXISTS one_current ON revisions(document) WHERE state = 'current';
CREATE UNIQUE INDEX IF NOT EXISTS one_staged ON revisions(document) WHERE state = 'staged';
CREATE TABLE IF NOT EXISTS chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    chunk_id TEXT NOT NULL UNIQUE,
    revision INTEGER NOT NULL REFERENCES revisions(id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    text TEXT NOT NULL,
    context TEXT NOT NULL,
    heading_path TEXT NOT NULL,
    char_start INTEGER NOT NULL,
    char_end INTEGER NOT NULL,
    page_start INTEGER,
    page_end INTEGER,
    vector_key BLOB NOT NULL,
    in_keywords INTEGER NOT NULL DEFAULT 0,
    generation TEXT            -- the vector collection that holds it; NULL: found by the exact scan
);
CREATE INDEX IF NOT EXISTS chunks_revision ON chunks(revision, ordinal);
CREATE INDEX IF NOT EXISTS chunks_vector ON chunks(vector_key);
CREATE INDEX IF NOT EXISTS chunks_tail ON chunks(revision) WHERE generation IS NULL;
CREATE INDEX IF NOT EXISTS chunks_unlisted ON chunks(revision) WHERE in_keywords = 0;
CREATE TABLE IF NOT EXISTS vectors (
    key BLOB PRIMARY KEY,
    vector BLOB NOT NULL,      -- little-endian float32
    unused_since TEXT          -- since when no chunk reads it; NULL while one does
);
"""


def connect(path: Path, *, writable: bool) -> sqlite3.Connection:
    """A connection that any thread may use under the caller's lock; reads see only committed states."""
    with translated(path):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={'rwc' if writable else 'rw'}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=30,
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        if writable:
            # What is deleted is overwritten, not only unlinked: people delete personal data.
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            # One transaction, so that a reader that starts beside the very first writer sees all tables or none.
            connection.executescript(f"BEGIN IMMEDIATE;{SCHEMA}COMMIT;")
        else:
            connection.execute("PRAGMA query_only = ON")
        connection.execute("SELECT count(*) FROM meta").fetchone()
    return connection


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turns SQLite's errors into ours; the cause stays attached."""
    try:
        yield
    except sqlite3.OperationalError as error:
        text = str(error)
        if "no such table: meta" in text:
            raise EmptyIndexError(
                f"Nothing has been ingested into {path.parent} yet.", remedy="Run `ragbot ingest PATH` first."
            ) from error
        if "unable to open" in text or "readonly" in text or "full" in text or "disk I/O" in text:
            raise StorageError(
                f"The catalog {path} cannot be used: {text}.",
                remedy="Check the free space and the permissions of the data directory, then run again.",
            ) from error
        raise IndexDamagedError(f"The catalog {path} answers: {text}.", remedy=_RESTORE) from error
    except sqlite3.DatabaseError as error:
        raise IndexDamagedError(f"The catalog {path} is damaged: {error}.", remedy=_RESTORE) from error


_RESTORE = "Restore the data directory from a backup, or ingest again into a new --data-dir."
