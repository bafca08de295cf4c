"""From a query to passages: dense and keyword in parallel, fused by weighted scores, duplicates shown once."""

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ragbot.core.fusion import scaled, weighted
from ragbot.core.readiness import STILL_LOADING, Readiness
from ragbot.core.similarity import overlap, shingles
from ragbot.core.types import PUBLIC, Candidate, Hit, Query, SearchResult, StoredChunk
from ragbot.retrieval.settings import RetrievalSettings

if TYPE_CHECKING:
    from ragbot.core.ports import Embedder, PassageIndex, Vector


class HybridRetriever:
    """A ``Retriever``."""

    def __init__(
        self,
        index: "PassageIndex",
        embedder: "Embedder",
        settings: RetrievalSettings,
        readiness: Readiness | None = None,
    ) -> None:
        self._index = index
        self._embedder = embedder
        self._settings = settings
        self._readiness = readiness or Readiness()

    async def retrieve(self, query: Query, *, limit: int, principals: frozenset[str]) -> SearchResult:
        readers = principals | {PUBLIC}
        candidates = max(self._settings.candidates, 2 * limit)
        if not self._readiness.models:
            return await self._by_words(query, candidates, limit, readers)
        started = time.perf_counter()
        (vector, dense, notes), keyword = await asyncio.gather(
            self._dense(query, candidates, readers), self._keyword(query, candidates, readers)
        )
        searched = time.perf_counter()
        first = self._settings.candidates
        fused = await self._fuse(vector, dense[:first], keyword[:first])
        if candidates > first:
            # Ranked apart and put behind: asking for more hits must not reorder the first ones.
            fused = _appended(fused, await self._fuse(vector, dense, keyword))
        chunks = await self._index.chunks([each.chunk_id for each in fused], readers)
        hits = self._hits(fused, chunks, dict(_pairs(dense)), dict(_pairs(keyword)), limit)
        timings = {"search": searched - started, "fuse": time.perf_counter() - searched}
        return SearchResult(query, hits, tuple(notes), timings)

    async def _by_words(self, query: Query, candidates: int, limit: int, readers: frozenset[str]) -> SearchResult:
        """What keywords alone find: as long as the models are loading."""
        started = time.perf_counter()
        keyword = await self._keyword(query, candidates, readers)
        fused = weighted([(scaled(dict(_pairs(keyword)), floor=0.0), 1.0)])
        chunks = await self._index.chunks([each.chunk_id for each in fused], readers)
        hits = self._hits(fused, chunks, {}, dict(_pairs(keyword)), limit)
        return SearchResult(query, hits, (STILL_LOADING,), {"search": time.perf_counter() - started})

    async def _dense(
        self, query: Query, candidates: int, readers: frozenset[str]
    ) -> tuple["Vector", list[Candidate], list[str]]:
        vector = await asyncio.to_thread(self._vector, query)
        found, notes = await self._index.dense(vector, candidates, readers)
        return vector, found, notes

    async def _keyword(self, query: Query, candidates: int, readers: frozenset[str]) -> list[Candidate]:
        return await self._index.keyword([(query.question, 1.0), *query.earlier], candidates, readers)

    def _vector(self, query: Query) -> "Vector":
        total = self._embedder.embed_query(query.question)
        for text, weight in query.earlier:
            total = total + np.float32(weight) * self._embedder.embed_query(text)
        length = float(np.linalg.norm(total))
        return np.asarray(total / length if length else total, dtype=np.float32)

    async def _fuse(self, vector: "Vector", dense: list[Candidate], keyword: list[Candidate]) -> list[Candidate]:
        cosines = dict(_pairs(dense))
        # A chunk only keywords found has a cosine too; without it fusion would read "not near" into "not fetched".
        cosines |= await self._index.cosines(
            [each.chunk_id for each in keyword if each.chunk_id not in cosines], vector
        )
        share = self._settings.dense_weight
        return weighted([(scaled(cosines, floor=0.0), share), (scaled(dict(_pairs(keyword)), floor=0.0), 1.0 - share)])

    def _hits(
        self,
        fused: Sequence[Candidate],
        chunks: dict[str, StoredChunk],
        dense: dict[str, float],
        keyword: dict[str, float],
        limit: int,
    ) -> tuple[Hit, ...]:
        hits: list[Hit] = []
        shown: list[frozenset[tuple[str, ...]]] = []
        for candidate in fused:
            chunk = chunks.get(candidate.chunk_id)
            if chunk is None:
                continue
            words = shingles(chunk.text)
            if any(overlap(words, other) >= self._settings.duplicate_similarity for other in shown):
                continue
            shown.append(words)
            channels = {
                name: scores[chunk.chunk_id]
                for name, scores in (("dense", dense), ("keyword", keyword))
                if chunk.chunk_id in scores
            }
            hits.append(Hit(len(hits) + 1, chunk, candidate.score, channels))
            if len(hits) == limit:
                break
        return tuple(hits)


def _appended(first: Sequence[Candidate], more: Sequence[Candidate]) -> list[Candidate]:
    """``first``, then what only ``more`` has, never scored above it."""
    known = {each.chunk_id for each in first}
    ceiling = min((each.score for each in first), default=1.0)
    rest = [Candidate(each.chunk_id, min(each.score, ceiling)) for each in more if each.chunk_id not in known]
    return [*first, *rest]


def _pairs(candidates: Sequence[Candidate]) -> list[tuple[str, float]]:
    return [(each.chunk_id, each.score) for each in candidates]
