"""A ``PassageIndex`` in memory, made from passages by hand: for tests of what stands on top of an index.

Without scripted scores it searches for real: cosines by the hash embedder, keywords by shared words.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ragbot.core.text import embedding_text, plain_text
from ragbot.core.types import PUBLIC, Candidate, StoredChunk
from ragbot.testing.embedder import HashModel

if TYPE_CHECKING:
    from ragbot.core.ports import Vector

_WORD = re.compile(r"\w+")


def passage(
    name: str,
    text: str,
    *,
    source: str = "",
    title: str = "",
    heading_path: tuple[str, ...] = (),
    labels: tuple[str, ...] = (PUBLIC,),
    char_start: int = 0,
    page: int | None = None,
) -> StoredChunk:
    """A stored chunk with the id ``name``, the first of its document unless told otherwise."""
    path = source or f"{name}.md"
    return StoredChunk(
        chunk_id=name,
        document_id=f"document of {path}",
        revision=1,
        source=path,
        title=title or path,
        uri=f"file:///kb/{path}",
        text=text,
        char_start=char_start,
        char_end=char_start + len(text),
        page_start=page,
        page_end=page,
        heading_path=heading_path,
        labels=labels,
    )


@dataclass
class MemoryPassages:
    """``dense_scores`` and ``keyword_scores`` script a channel: chunk id -> score. ``asked`` records its limits."""

    passages: Sequence[StoredChunk]
    dense_scores: Mapping[str, float] | None = None
    keyword_scores: Mapping[str, float] | None = None
    notes: Sequence[str] = ()
    asked: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        texts = [embedding_text(each.title, each.text) for each in self.passages]
        self._vectors = dict(zip(self._ids(), HashModel().embed_documents(texts), strict=True))

    async def dense(
        self, vector: "Vector", limit: int, principals: frozenset[str]
    ) -> tuple[list[Candidate], list[str]]:
        self.asked.append(("dense", limit))
        scores = self.dense_scores
        if scores is None:
            scores = await self.cosines(self._ids(), vector)
        return self._best(scores, limit, principals), list(self.notes)

    async def keyword(
        self, texts: Sequence[tuple[str, float]], limit: int, principals: frozenset[str]
    ) -> list[Candidate]:
        self.asked.append(("keyword", limit))
        scores = self.keyword_scores
        if scores is None:
            scores = {each.chunk_id: self._shared(each, texts) for each in self.passages}
        return self._best({name: score for name, score in scores.items() if score > 0}, limit, principals)

    async def cosines(self, ids: Sequence[str], vector: "Vector") -> dict[str, float]:
        scripted = self.dense_scores or {}
        return {name: scripted.get(name, float(self._vectors[name] @ vector)) for name in ids if name in self._vectors}

    async def chunks(self, ids: Sequence[str], principals: frozenset[str]) -> dict[str, StoredChunk]:
        wanted = set(ids)
        return {
            each.chunk_id: each
            for each in self.passages
            if each.chunk_id in wanted and principals.intersection(each.labels)
        }

    def terms(self, text: str) -> list[str]:
        return [word.casefold() for word in _WORD.findall(text)]

    async def rarity(self, text: str) -> dict[str, float]:
        held = [set(self.terms(plain_text(each.text))) for each in self.passages]
        found = {term: sum(term in words for words in held) for term in self.terms(text)}
        return {term: 1.0 - math.log1p(n) / math.log1p(max(1, len(held))) for term, n in found.items()}

    def _ids(self) -> list[str]:
        return [each.chunk_id for each in self.passages]

    def _shared(self, each: StoredChunk, texts: Sequence[tuple[str, float]]) -> float:
        held = set(self.terms(f"{each.title} {each.text}"))
        return float(sum(weight * len(held.intersection(self.terms(text))) for text, weight in texts))

    def _best(self, scores: Mapping[str, float], limit: int, principals: frozenset[str]) -> list[Candidate]:
        readable = {each.chunk_id for each in self.passages if principals.intersection(each.labels)}
        kept = [Candidate(name, score) for name, score in scores.items() if name in readable]
        return sorted(kept, key=lambda each: (-each.score, each.chunk_id))[:limit]
