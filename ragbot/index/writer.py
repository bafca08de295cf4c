"""What changes the index: one writer, every step repeatable, published in an order that readers can trust.

A revision's life, each line one committed step:

    staged    its text and chunks stand in the catalog; nobody sees them
    listed    Tantivy has committed its chunks; a document's first revision becomes current here, so it is
              found by keyword while its vectors are still being made
    embedded  every chunk's vector stands in the catalog; a replacing revision becomes current here, whole
    gathered  a closed Chroma collection holds its vectors; until then the exact scan finds them
    dead      replaced or deleted: invisible at once, then taken out of Tantivy, then out of the catalog

A killed writer leaves rows in one of these states and nothing else; ``recover`` reads them and goes on.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ragbot.core.errors import EmbedderMismatchError
from ragbot.core.ids import chunk_id, document_id, revision_key, vector_key
from ragbot.core.text import embedding_text, plain_text
from ragbot.core.types import Chunk, Document, Fingerprint
from ragbot.index.catalog import Catalog
from ragbot.index.generations import Generations
from ragbot.index.keywords import KeywordEntry, KeywordIndex
from ragbot.index.schema import translated

if TYPE_CHECKING:
    from ragbot.core.ports import Vectors


_RELIST_ALWAYS = 10_000
"""Entries up to which building the keyword index anew takes under a second."""
_RELIST_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Staged:
    """One reading of one document, ready to be stored."""

    root: int
    path: str
    uri: str
    sha256: str
    bytes: int
    reader: str
    splitter: str
    document: Document
    chunks: Sequence[Chunk]


@dataclass(frozen=True, slots=True)
class Pending:
    """A text that still needs its vector."""

    key: bytes
    text: str


@dataclass(frozen=True, slots=True)
class Switched:
    """What a publishing step made searchable: documents that are new, and documents that were replaced."""

    added: tuple[str, ...]
    updated: tuple[str, ...]


class IndexWriter(Catalog):
    """The catalog as its one writer sees it. Hold the writer lock while using it."""

    def __init__(
        self,
        catalog: Any,
        keywords: KeywordIndex,
        generations: Generations,
        embedder: Fingerprint,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(catalog, writable=True)
        self.keywords = keywords
        self.generations = generations
        self._clock = clock
        self._model = embedder.digest
        self._dimension = embedder.dimension
        known = self.embedder()
        if known and known.digest != embedder.digest:
            self.close()
            raise EmbedderMismatchError(
                f"This index was built with the embedder {known}, not with {embedder}.",
                remedy=f"Set embedder.model back to {known.model!r}, or ingest into another --data-dir.",
            )
        with self.change():
            self._set("embedder", json.dumps(asdict(embedder)))
        self.recover()

    # -- transactions

    @contextmanager
    def change(self, *, visible: bool = False) -> Iterator[None]:
        """One transaction; with ``visible``, readers are told that something changed."""
        with self._lock, translated(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                if visible:
                    self._set("epoch", str(self.epoch() + 1))
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def execute(self, sql: str, parameters: Any = ()) -> int:
        """One changing statement inside ``change``; gives how many rows it touched."""
        return self._connection.execute(sql, parameters).rowcount

    def _set(self, key: str, value: str) -> None:
        self.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value)
        )

    def _now(self) -> str:
        return self._clock().isoformat(timespec="seconds")

    # -- staging

    def stage(self, batch: Sequence[Staged]) -> None:
        """Stores readings beside what is current; nothing of them is visible yet."""
        with self.change():
            for item in batch:
                self._stage_one(item)

    def _stage_one(self, item: Staged) -> None:
        document = self._document_row(item.root, item.path, item.uri)
        key = revision_key(document_id(item.uri), item.sha256, item.reader, item.splitter)
        self.execute("UPDATE documents SET failure = NULL WHERE id = ?", (document,))
        standing = self.value("SELECT state FROM revisions WHERE key = ?", (key,))
        if standing in ("staged", "current"):
            if standing == "current":
                self._bury("document = ? AND state = 'staged'", (document,))
            return
        if standing == "dead":
            # The same bytes came back before the old entries were purged; ids would collide.
            self._purge()
        self._bury("document = ? AND state = 'staged'", (document,))
        number = self.value("SELECT revisions + 1 FROM documents WHERE id = ?", (document,))
        self.execute("UPDATE documents SET revisions = ? WHERE id = ?", (number, document))
        kept = item.document
        cursor = self._connection.execute(
            "INSERT INTO revisions (key, document, number, state, sha256, reader, bytes, media_type, title, text,"
            " metadata, labels, created) VALUES (?,?,?,'staged',?,?,?,?,?,?,?,?,?)",
            (
                key,
                document,
                number,
                item.sha256,
                f"{item.reader} {item.splitter}",
                item.bytes,
                kept.media_type,
                kept.title,
                kept.text,
                json.dumps(dict(kept.metadata), ensure_ascii=False, default=str),
                json.dumps(sorted(set(kept.labels))),
                self._now(),
            ),
        )
        self._connection.executemany(
            "INSERT INTO chunks (chunk_id, revision, ordinal, text, context, heading_path, char_start, char_end,"
            " page_start, page_end, vector_key) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            [self._chunk_row(key, cursor.lastrowid, chunk) for chunk in item.chunks],
        )

    def _chunk_row(self, key: str, revision: int | None, chunk: Chunk) -> tuple[Any, ...]:
        return (
            chunk_id(key, chunk.ordinal),
            revision,
            chunk.ordinal,
            chunk.text,
            chunk.context,
            json.dumps(chunk.heading_path, ensure_ascii=False),
            chunk.char_start,
            chunk.char_end,
            chunk.page_start,
            chunk.page_end,
            vector_key(self._model, embedding_text(chunk.context, chunk.text)),
        )

    def _document_row(self, root: int, path: str, uri: str) -> int:
        self.execute(
            "INSERT INTO documents (document_id, root, path, uri, updated) VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING",
            (document_id(uri), root, path, uri, self._now()),
        )
        return int(self.value("SELECT id FROM documents WHERE root = ? AND path = ?", (root, path)))

    def record_failure(
        self, root: int, path: str, uri: str, failure: dict[str, Any], *, withdraw: bool = False
    ) -> None:
        """Keeps a document's failure listed until it is solved.

        Its current revision goes on serving, unless ``withdraw``: then only what is on disk may be found.
        """
        with self.change(visible=withdraw):
            document = self._document_row(root, path, uri)
            self._bury("document = ?" if withdraw else "document = ? AND state = 'staged'", (document,))
            self.execute(
                "UPDATE documents SET failure = ?, updated = ? WHERE id = ?",
                (json.dumps(failure, ensure_ascii=False), self._now(), document),
            )

    # -- publishing

    def publish_listed(self) -> Switched:
        """Lists every staged chunk in Tantivy and makes first revisions current."""
        rows = self.rows(
            "SELECT c.id, c.chunk_id, r.key, r.title, c.context, c.text FROM chunks c"
            " JOIN revisions r ON r.id = c.revision AND r.state <> 'dead' WHERE c.in_keywords = 0"
        )
        if rows:
            # A killed writer may have committed some of them to Tantivy without saying so here.
            self.keywords.remove_revisions({row["key"] for row in rows})
            partial = {row["key"] for row in rows}
            self.keywords.add(self._entries(partial))
            self.keywords.commit()
        with self.change(visible=True):
            for key in {row["key"] for row in rows}:
                self.execute(
                    "UPDATE chunks SET in_keywords = 1 WHERE revision = (SELECT id FROM revisions WHERE key = ?)",
                    (key,),
                )
            return self._make_current(first=True)

    def _entries(self, keys: set[str]) -> Iterator[KeywordEntry]:
        rows = self.rows(
            "SELECT c.chunk_id, r.key, r.title, c.heading_path, c.text FROM chunks c"
            " JOIN revisions r ON r.id = c.revision WHERE r.key IN (SELECT value FROM json_each(?)) ORDER BY c.id",
            (json.dumps(sorted(keys)),),
        )
        for row in rows:
            yield KeywordEntry(
                chunk_id=row["chunk_id"],
                revision=row["key"],
                title=row["title"],
                headings=" ".join(json.loads(row["heading_path"])),
                body=plain_text(row["text"]),
            )

    def relist(self) -> None:
        """Builds the keyword index anew from the catalog."""
        self.keywords.reset()
        self.keywords.add(self._entries({row["key"] for row in self.rows("SELECT key FROM revisions")}))
        self.keywords.commit()
        with self.change(visible=True):
            self.execute("UPDATE chunks SET in_keywords = 1")

    def tidy_keywords(self) -> bool:
        """Builds the keyword index anew where entries are lost, or deleted ones weigh in its statistics and would make
        the same documents score differently depending on what was deleted before; True when it did."""
        dead, alive = self.keywords.dead(), self.keywords.size()
        whole = alive >= int(self.value("SELECT count(*) FROM chunks WHERE in_keywords = 1"))
        if whole and (dead == 0 or (alive > _RELIST_ALWAYS and dead < _RELIST_SHARE * alive)):
            return False
        self.relist()
        return True

    def publish_embedded(self) -> Switched:
        """Makes replacing revisions current, each as soon as its last vector is there; takes the old ones out."""
        with self.change(visible=True):
            switched = self._make_current(first=False)
        self.purge()
        return switched

    def _make_current(self, *, first: bool) -> Switched:
        ready = self.rows(
            """SELECT s.id, s.document, s.created, d.document_id, c.id AS old FROM revisions s
            JOIN documents d ON d.id = s.document
            LEFT JOIN revisions c ON c.document = s.document AND c.state = 'current'
            WHERE s.state = 'staged' AND (c.id IS NULL) = :first
            AND NOT EXISTS (SELECT 1 FROM chunks k WHERE k.revision = s.id AND k.in_keywords = 0)
            AND (:first OR NOT EXISTS (SELECT 1 FROM chunks k LEFT JOIN vectors v ON v.key = k.vector_key
                                       WHERE k.revision = s.id AND v.key IS NULL))""",
            {"first": int(first)},
        )
        for row in ready:
            self.execute("UPDATE revisions SET state = 'dead' WHERE id = ?", (row["old"],))
            self.execute("UPDATE revisions SET state = 'current' WHERE id = ?", (row["id"],))
            self.execute("UPDATE documents SET updated = ? WHERE id = ?", (self._now(), row["document"]))
        ids = tuple(row["document_id"] for row in ready)
        return Switched(ids, ()) if first else Switched((), ids)

    # -- vectors

    def pending(self, limit: int) -> list[Pending]:
        """Up to ``limit`` texts without a vector, whole revisions first come first served, each text once."""
        rows = self.rows(
            """SELECT c.vector_key, c.context, c.text FROM chunks c JOIN revisions r ON r.id = c.revision
            LEFT JOIN vectors v ON v.key = c.vector_key
            WHERE r.state <> 'dead' AND v.key IS NULL GROUP BY c.vector_key ORDER BY min(c.id) LIMIT ?""",
            (limit,),
        )
        return [Pending(row["vector_key"], embedding_text(row["context"], row["text"])) for row in rows]

    def pending_count(self) -> int:
        """How many texts still need a vector."""
        return int(
            self.value(
                """SELECT count(DISTINCT c.vector_key) FROM chunks c JOIN revisions r ON r.id = c.revision
                LEFT JOIN vectors v ON v.key = c.vector_key WHERE r.state <> 'dead' AND v.key IS NULL"""
            )
        )

    def store_vectors(self, keys: Sequence[bytes], vectors: "Vectors") -> None:
        """Keeps vectors; float32, shape (len(keys), dimension), rows of length 1."""
        rows = [(key, vector.astype("<f4").tobytes()) for key, vector in zip(keys, vectors, strict=True)]
        with self.change(visible=True):
            self._connection.executemany("INSERT OR IGNORE INTO vectors (key, vector) VALUES (?, ?)", rows)

    def gather(self, *, force: bool = False) -> bool:
        """Builds the next vector collection when the present one has fallen behind; True when it did."""
        snapshot = self.snapshot()
        tail = int(
            self.value(
                "SELECT count(*) FROM chunks c JOIN revisions r ON r.id = c.revision"
                " AND r.state = 'current' WHERE c.generation IS NULL OR c.generation IS NOT ?",
                (snapshot.generation,),
            )
        )
        if not (force or self.generations.due(snapshot, tail)):
            return False
        name = self.generations.build(snapshot.generation, self.vector_batches(2000))
        with self.change(visible=True):
            size = self.execute(
                """UPDATE chunks SET generation = ? WHERE id IN (SELECT c.id FROM chunks c
                JOIN revisions r ON r.id = c.revision AND r.state = 'current'
                JOIN vectors v ON v.key = c.vector_key)""",
                (name,),
            )
            self._set("generation", name)
            self._set("generation_size", str(size))
        self.generations.sweep(keep={name, snapshot.generation})
        return True

    # -- roots and deletion

    def delete(self, document_ids: Sequence[str]) -> int:
        """Deletes documents: invisible from here on, then gone from every structure. Gives how many there were."""
        with self.change(visible=True):
            count = 0
            for each in document_ids:
                row = self.value("SELECT id FROM documents WHERE document_id = ?", (each,))
                if row is not None:
                    self._bury("document = ?", (row,))
                    count += self.execute("DELETE FROM documents WHERE id = ?", (row,))
        self.purge()
        return count

    def _bury(self, where: str, parameters: tuple[Any, ...]) -> None:
        self.execute(f"UPDATE revisions SET state = 'dead' WHERE {where}", parameters)

    def purge(self) -> None:
        """Takes dead revisions out of Tantivy, then out of the catalog."""
        if self.value("SELECT 1 FROM revisions WHERE state = 'dead' LIMIT 1"):
            with self.change():
                self._purge()

    def _purge(self) -> None:
        dead = [row["key"] for row in self.rows("SELECT key FROM revisions WHERE state = 'dead'")]
        self.keywords.remove_revisions(dead)
        self.keywords.commit()
        self.execute("DELETE FROM revisions WHERE state = 'dead'")

    def forget_unused_vectors(self, keep_days: float) -> int:
        """Drops cached vectors that no chunk has read for ``keep_days``; 0 drops them at once."""
        with self.change():
            read = "key IN (SELECT vector_key FROM chunks)"
            self.execute(f"UPDATE vectors SET unused_since = NULL WHERE unused_since IS NOT NULL AND {read}")
            self.execute(
                f"UPDATE vectors SET unused_since = ? WHERE unused_since IS NULL AND NOT {read}", (self._now(),)
            )
            before = (self._clock() - timedelta(days=keep_days)).isoformat(timespec="seconds")
            return self.execute("DELETE FROM vectors WHERE unused_since <= ?", (before,))

    def forget_odd_vectors(self) -> None:
        """Drops vectors that are not of the model's length; the next ingest makes them again."""
        with self.change(visible=True):
            self.execute("DELETE FROM vectors WHERE length(vector) <> ?", (4 * self._dimension,))

    def clear_failure(self, document_ids: Sequence[str]) -> None:
        """Takes a failure off the list: the file is back to what the index holds."""
        with self.change():
            for each in document_ids:
                self.execute("UPDATE documents SET failure = NULL WHERE document_id = ?", (each,))

    def recover(self) -> None:
        """Finishes what an earlier writer was killed in, as far as it needs no model and no source."""
        self.purge()
        self.generations.sweep(keep={self.meta("generation")})
