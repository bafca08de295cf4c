"""What the catalog can be asked. Everything here only reads; ``ragbot.index.writer`` is what changes it."""

import difflib
import json
import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ragbot.core.errors import IndexDamagedError, NotFoundError
from ragbot.core.types import Fingerprint, StoredChunk
from ragbot.index.schema import connect, translated

SOURCE = """CASE WHEN EXISTS (SELECT 1 FROM documents o WHERE o.path = d.path AND o.root <> d.root)
            THEN roots.name || '/' || d.path ELSE d.path END"""
"""How a document is shown: its path, with the root's name in front where another root holds the same path."""

_DOCUMENTS = f"""
SELECT d.id, d.document_id, {SOURCE} AS source, d.uri, d.path, d.updated, d.failure,
       r.id AS revision_id, r.number, r.title, r.sha256, r.bytes, r.media_type, r.metadata, r.labels,
       (SELECT count(*) FROM chunks c WHERE c.revision = r.id) AS chunks,
       EXISTS (SELECT 1 FROM chunks c LEFT JOIN vectors v ON v.key = c.vector_key
               WHERE c.revision = r.id AND v.key IS NULL) AS unembedded,
       EXISTS (SELECT 1 FROM revisions s WHERE s.document = d.id AND s.state = 'staged') AS staged
FROM documents d JOIN roots ON roots.id = d.root
LEFT JOIN revisions r ON r.document = d.id AND r.state = 'current'
"""

_CHUNKS = f"""
SELECT c.chunk_id, d.document_id, r.number, {SOURCE} AS source, r.title, d.uri, c.text, c.char_start, c.char_end,
       c.page_start, c.page_end, c.heading_path, r.labels
FROM chunks c JOIN revisions r ON r.id = c.revision AND r.state = 'current'
JOIN documents d ON d.id = r.document JOIN roots ON roots.id = d.root
"""

READABLE = "EXISTS (SELECT 1 FROM json_each(r.labels) WHERE value IN (SELECT value FROM json_each(:principals)))"
"""True where one of the document's labels is among the reader's principals."""

LIVE = "chunks c JOIN revisions r ON r.id = c.revision AND r.state = 'current'"


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document as ``ragbot list`` shows it. ``sha256`` and ``bytes`` are those of the file."""

    document_id: str
    source: str
    uri: str
    title: str
    state: str
    reason: str | None
    failure: dict[str, Any] | None
    revision: int
    revision_id: int | None
    sha256: str
    bytes: int
    chunks: int
    updated: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a reader must know before a dense search; ``epoch`` grows with every published change."""

    epoch: int
    generation: str | None
    generation_size: int
    live_in_generation: int


class Catalog:
    """Reads of one catalog file. One connection behind a lock: calls take milliseconds, threads may share it."""

    def __init__(self, path: Path, *, writable: bool = False) -> None:
        self.path = path
        self._connection = connect(path, writable=writable)
        self._lock = threading.RLock()

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def rows(self, sql: str, parameters: Any = ()) -> list[sqlite3.Row]:
        """All rows of one statement."""
        with self._lock, translated(self.path):
            return self._connection.execute(sql, parameters).fetchall()

    def value(self, sql: str, parameters: Any = ()) -> Any:
        """The first column of the first row, or None."""
        found = self.rows(sql, parameters)
        return found[0][0] if found else None

    def meta(self, key: str) -> str | None:
        found: str | None = self.value("SELECT value FROM meta WHERE key = ?", (key,))
        return found

    # -- the index as a whole

    def epoch(self) -> int:
        """Grows with every change a reader could notice; cheap enough to ask at every query."""
        return int(self.meta("epoch") or 0)

    def snapshot(self) -> Snapshot:
        stored = {row["key"]: row["value"] for row in self.rows("SELECT key, value FROM meta")}
        name = stored.get("generation")
        live = self.value(f"SELECT count(*) FROM {LIVE} WHERE c.generation = ?", (name,)) if name else 0
        return Snapshot(int(stored.get("epoch", 0)), name, int(stored.get("generation_size", 0)), int(live))

    def embedder(self) -> Fingerprint | None:
        """The model whose vectors the catalog holds; None before the first ingest."""
        stored = self.meta("embedder")
        return Fingerprint(**json.loads(stored)) if stored else None

    def labels(self) -> dict[str, int]:
        """How many live chunks carry exactly each set of labels, as JSON text."""
        counted = self.rows(f"SELECT r.labels, count(*) AS n FROM {LIVE} GROUP BY r.labels")
        return {row["labels"]: row["n"] for row in counted}

    # -- documents

    def documents(self) -> list[DocumentRow]:
        """Every document, by source; failed ones that never had a revision too."""
        return [_document(row) for row in self.rows(_DOCUMENTS + " ORDER BY source")]

    def document(self, source: str) -> DocumentRow:
        """The document shown as ``source`` (its id or URI will do); ``NotFoundError`` names the nearest."""
        found = self.rows(
            _DOCUMENTS + f" WHERE {SOURCE} = :s OR d.path = :s OR d.document_id = :s OR d.uri = :s", {"s": source}
        )
        exact = [row for row in found if row["source"] == source] or found
        if len(exact) == 1:
            return _document(exact[0])
        if len(exact) > 1:
            raise NotFoundError(
                f"{source!r} is in several roots: {', '.join(row['source'] for row in exact)}.",
                remedy="Give one of these.",
            )
        known = [row["source"] for row in self.rows(_DOCUMENTS)]
        near = difflib.get_close_matches(source, known, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]!r}?" if near else "`ragbot list` shows what there is."
        raise NotFoundError(f"No document {source!r} in the index.", remedy=hint)

    def text(self, document: DocumentRow) -> str:
        """The stored text of the current revision; citations count its characters."""
        found: str | None = self.value("SELECT text FROM revisions WHERE id = ?", (document.revision_id,))
        return found or ""

    def chunks_of(self, document: DocumentRow) -> list[StoredChunk]:
        rows = self.rows(_CHUNKS + " WHERE d.document_id = ? ORDER BY c.ordinal", (document.document_id,))
        return [_chunk(row) for row in rows]

    # -- chunks and vectors

    def chunks(self, ids: Sequence[str], principals: Collection[str]) -> dict[str, StoredChunk]:
        """Those of ``ids`` that are live and readable now; deleted and foreign ones are simply absent."""
        rows = self.rows(
            _CHUNKS + f" WHERE c.chunk_id IN (SELECT value FROM json_each(:ids)) AND {READABLE}",
            {"ids": json.dumps(list(ids)), "principals": json.dumps(sorted(principals))},
        )
        return {row["chunk_id"]: _chunk(row) for row in rows}

    def readable_ids(self, ids: Sequence[str], principals: Collection[str]) -> set[str]:
        """Those of ``ids`` that are live and readable now."""
        rows = self.rows(
            f"SELECT c.chunk_id FROM {LIVE} WHERE c.chunk_id IN (SELECT value FROM json_each(:ids)) AND {READABLE}",
            {"ids": json.dumps(list(ids)), "principals": json.dumps(sorted(principals))},
        )
        return {row[0] for row in rows}

    def live_ids(self) -> set[str]:
        return {row[0] for row in self.rows(f"SELECT c.chunk_id FROM {LIVE}")}

    def unembedded(self) -> int:
        """How many live chunks have no vector yet."""
        return int(
            self.value(f"SELECT count(*) FROM {LIVE} LEFT JOIN vectors v ON v.key = c.vector_key WHERE v.key IS NULL")
        )

    def vectors(
        self, where: str = "1", parameters: dict[str, Any] | None = None
    ) -> tuple[list[str], NDArray[np.float32]]:
        """Ids and vectors, shape (n, dimension), of the live chunks that have one and for which ``where`` holds."""
        rows = self.rows(
            f"SELECT c.chunk_id, v.vector FROM {LIVE} JOIN vectors v ON v.key = c.vector_key WHERE {where}",
            parameters or {},
        )
        return [row[0] for row in rows], to_matrix([row[1] for row in rows])

    def vector_batches(self, size: int) -> Iterator[tuple[list[str], NDArray[np.float32]]]:
        """All live vectors in batches of at most ``size``, in the order of the chunks' ids."""
        last = ""
        while True:
            ids, vectors = self.vectors(
                "c.chunk_id > :last ORDER BY c.chunk_id LIMIT :size", {"last": last, "size": size}
            )
            if not ids:
                return
            yield ids, vectors
            last = ids[-1]


def to_matrix(blobs: Sequence[bytes]) -> NDArray[np.float32]:
    """Stored vectors as a float32 matrix, shape (n, dimension); (0, 0) when there are none."""
    if not blobs:
        return np.zeros((0, 0), dtype=np.float32)
    if len({len(blob) for blob in blobs}) > 1 or len(blobs[0]) % 4:
        raise IndexDamagedError(
            "The catalog holds vectors of different lengths.", remedy="Run `ragbot doctor --repair`, then ingest again."
        )
    return np.frombuffer(b"".join(blobs), dtype="<f4").reshape(len(blobs), -1)


def _document(row: sqlite3.Row) -> DocumentRow:
    failure = json.loads(row["failure"]) if row["failure"] else None
    if failure:
        state = "failed"
    elif row["staged"]:
        state = "updating" if row["revision_id"] else "queued"
    else:
        state = "embedding" if row["unembedded"] else "indexed"
    return DocumentRow(
        document_id=row["document_id"],
        source=row["source"],
        uri=row["uri"],
        title=row["title"] or "",
        state=state,
        reason=failure["reason"] if failure else None,
        failure=failure,
        revision=row["number"] or 0,
        revision_id=row["revision_id"],
        sha256=row["sha256"] or (failure or {}).get("sha256", ""),
        bytes=row["bytes"] or 0,
        chunks=row["chunks"],
        updated=row["updated"],
        labels=tuple(json.loads(row["labels"])) if row["labels"] else (),
    )


def _chunk(row: sqlite3.Row) -> StoredChunk:
    return StoredChunk(
        chunk_id=row["chunk_id"],
        document_id=row["document_id"],
        revision=row["number"],
        source=row["source"],
        title=row["title"],
        uri=row["uri"],
        text=row["text"],
        char_start=row["char_start"],
        char_end=row["char_end"],
        page_start=row["page_start"],
        page_end=row["page_end"],
        heading_path=tuple(json.loads(row["heading_path"])),
        labels=tuple(json.loads(row["labels"])),
    )
