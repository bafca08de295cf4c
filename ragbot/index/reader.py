"""The index as readers see it: any number of them, at any moment, beside a writer.

Nothing here trusts Chroma or Tantivy about what exists: every hit is looked up in the catalog, which drops what
was deleted, replaced, or is not this reader's to see.
"""

import asyncio
import json
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ragbot.core.errors import IndexDamagedError
from ragbot.core.types import Candidate, StoredChunk
from ragbot.index.catalog import READABLE, Catalog, Snapshot
from ragbot.index.keywords import KeywordIndex

if TYPE_CHECKING:
    from ragbot.core.ports import Vector, VectorReader, Vectors, VectorStore

_SCAN_SHARE = 0.34
"""Below this readable share an exact scan of the readable vectors beats fetching three times too many."""


@dataclass(slots=True)
class _View:
    """One epoch's structures for dense search."""

    snapshot: Snapshot
    collection: "VectorReader | None"
    tail_ids: list[str]
    tail: "Vectors"
    labels: dict[str, int]
    note: str | None = None


class IndexReader:
    """Searches; every answer holds only what is live and readable at that moment."""

    def __init__(self, catalog: Catalog, keywords: KeywordIndex, store: "VectorStore") -> None:
        self.catalog = catalog
        self._keywords = keywords
        self._store = store
        self._view: _View | None = None
        self._left: VectorReader | None = None
        self._listed = -1
        self._lock = threading.Lock()

    def close(self) -> None:
        with self._lock:
            for collection in (self._left, self._view.collection if self._view else None):
                if collection is not None:
                    collection.close()
            self._view = self._left = None
        self.catalog.close()

    async def dense(
        self, vector: "Vector", limit: int, principals: frozenset[str]
    ) -> tuple[list[Candidate], list[str]]:
        """The nearest readable chunks by cosine, best first, and notes on anything degraded."""
        return await asyncio.to_thread(self._dense, vector, limit, principals)

    async def keyword(
        self, texts: Sequence[tuple[str, float]], limit: int, principals: frozenset[str]
    ) -> list[Candidate]:
        """The best readable chunks by BM25 for weighted texts, best first."""
        return await asyncio.to_thread(self._keyword, texts, limit, principals)

    async def chunks(self, ids: Sequence[str], principals: frozenset[str]) -> dict[str, StoredChunk]:
        """Those of ``ids`` that are live and readable now."""
        return await asyncio.to_thread(self.catalog.chunks, ids, principals)

    async def rarity(self, text: str) -> dict[str, float]:
        """The index terms of a text with how much each says: 0 where every chunk holds it, 1 where none does."""
        return await asyncio.to_thread(self._rarity, text)

    async def cosines(self, ids: Sequence[str], vector: "Vector") -> dict[str, float]:
        """The cosine of each of these live chunks that has a vector."""
        return await asyncio.to_thread(self._cosines, ids, vector)

    def terms(self, text: str) -> list[str]:
        """The terms of a text as the keyword index sees them, in order."""
        return self._keywords.terms(text)

    # -- the work, in threads

    def _rarity(self, text: str) -> dict[str, float]:
        self._refresh_keywords()
        frequency = self._keywords.document_frequency(self._keywords.terms(text))
        total = max(1, self._keywords.size())
        return {term: float(1.0 - np.log1p(min(n, total)) / np.log1p(total)) for term, n in frequency.items()}

    def _cosines(self, ids: Sequence[str], vector: "Vector") -> dict[str, float]:
        found, vectors = self.catalog.vectors(
            "c.chunk_id IN (SELECT value FROM json_each(:ids))", {"ids": json.dumps(list(ids))}
        )
        return dict(zip(found, (vectors @ vector).tolist(), strict=True)) if found else {}

    def _keyword(self, texts: Sequence[tuple[str, float]], limit: int, principals: frozenset[str]) -> list[Candidate]:
        self._refresh_keywords()
        share = self._readable_share(self._labels(), principals)
        if share == 0.0:
            return []
        wanted = limit + 20
        for _ in range(3):
            found = self._keywords.search(texts, int(wanted / share))
            kept = self._readable(found, principals)
            if len(kept) >= limit or len(found) < int(wanted / share):
                break
            wanted *= 4
        return kept[:limit]

    def _refresh_keywords(self) -> None:
        epoch = self.catalog.epoch()
        if epoch != self._listed:
            self._keywords.refresh()
            self._listed = epoch

    def _dense(self, vector: "Vector", limit: int, principals: frozenset[str]) -> tuple[list[Candidate], list[str]]:
        view = self._current_view()
        notes = [view.note] if view.note else []
        share = self._readable_share(view.labels, principals)
        if share == 0.0:
            return [], notes
        if share < _SCAN_SHARE:
            return self._scan_readable(vector, limit, principals), notes
        try:
            found = self._search_view(view, vector, limit, share)
        except IndexDamagedError as error:
            notes.append(f"{error.message} Searched the catalog's vectors instead. {error.remedy}")
            return self._scan_readable(vector, limit, principals), notes
        kept = self._readable(found, principals)
        if len(kept) < min(limit, len(found)):
            # What is dead or not readable can crowd around a question: the nearest readable ones lie further out.
            return self._scan_readable(vector, limit, principals), notes
        return kept[:limit], notes

    def _search_view(self, view: _View, vector: "Vector", limit: int, share: float) -> list[Candidate]:
        wanted = int(limit / share) + 10
        found: dict[str, float] = {}
        if view.collection is not None:
            dead = max(0, view.snapshot.generation_size - view.snapshot.live_in_generation)
            # The nearest could all be dead ones; this many more always leave enough, within reason.
            fetch = min(view.snapshot.generation_size, wanted + min(dead, 4 * wanted))
            found = {each.chunk_id: each.score for each in view.collection.search(vector, fetch)}
        if view.tail_ids:
            scores = view.tail @ vector
            for i in np.argsort(-scores, kind="stable")[:wanted]:
                found[view.tail_ids[i]] = float(scores[i])
        ordered = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
        return [Candidate(chunk_id, score) for chunk_id, score in ordered]

    def _scan_readable(self, vector: "Vector", limit: int, principals: frozenset[str]) -> list[Candidate]:
        ids, vectors = self.catalog.vectors(READABLE, {"principals": json.dumps(sorted(principals))})
        if not ids:
            return []
        scores = vectors @ vector
        return [Candidate(ids[i], float(scores[i])) for i in np.argsort(-scores, kind="stable")[:limit]]

    def _readable(self, found: Sequence[Candidate], principals: Collection[str]) -> list[Candidate]:
        live = self.catalog.readable_ids([each.chunk_id for each in found], principals)
        return [each for each in found if each.chunk_id in live]

    def _labels(self) -> dict[str, int]:
        view = self._view
        if view is not None and view.snapshot.epoch == self.catalog.epoch():
            return view.labels
        return self.catalog.labels()

    @staticmethod
    def _readable_share(labels: dict[str, int], principals: frozenset[str]) -> float:
        total = sum(labels.values())
        readable = sum(n for names, n in labels.items() if principals & set(json.loads(names)))
        return readable / total if total else 0.0

    def _current_view(self) -> _View:
        with self._lock:
            if self._view is None or self._view.snapshot.epoch != self.catalog.epoch():
                old, self._view = self._view, self._next_view(self._view)
                if old and old.collection is not None and old.collection is not self._view.collection:
                    self._leave(old.collection)
            return self._view

    def _leave(self, collection: "VectorReader") -> None:
        """Keeps the collection left last, which a query in another thread may still read, and closes the one before:
        a reader that lives for weeks would otherwise keep every collection it ever opened in memory."""
        if self._left is not None:
            self._left.close()
        self._left = collection

    def _waiting_note(self) -> str | None:
        """What an ingest that is under way, or was interrupted, has not brought yet."""
        waiting = self.catalog.unembedded()
        if not waiting:
            return None
        return f"{waiting} passages are found by keywords only, until an ingest has finished."

    def _next_view(self, old: _View | None) -> _View:
        for attempt in (1, 2):
            snapshot = self.catalog.snapshot()
            # Before the first collection the name is None, and "IS NOT NULL" alone would leave the whole tail out.
            tail_ids, tail = self.catalog.vectors(
                "c.generation IS NULL OR c.generation IS NOT :name", {"name": snapshot.generation}
            )
            view = _View(snapshot, None, tail_ids, tail, self.catalog.labels(), self._waiting_note())
            if snapshot.generation is None:
                return view
            if old and old.collection and old.snapshot.generation == snapshot.generation:
                view.collection = old.collection
                return view
            try:
                view.collection = self._store.open(snapshot.generation)
            except IndexDamagedError as error:
                # Between reading the name and opening it, a writer may have published the next one.
                if attempt == 1 and self.catalog.meta("generation") != snapshot.generation:
                    continue
                view.tail_ids, view.tail = self.catalog.vectors()
                view.note = (
                    f"{view.note or ''} {error.message} Searched the catalog's vectors instead. {error.remedy}".strip()
                )
            return view
        raise AssertionError("unreachable")
