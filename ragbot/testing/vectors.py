"""A ``VectorStore`` in memory that searches exactly: for tests, and what Chroma's answers are compared with."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ragbot.core.errors import IndexDamagedError
from ragbot.core.types import Candidate

if TYPE_CHECKING:
    from ragbot.core.ports import Vector, VectorReader, Vectors


class MemoryVectorStore:
    """Keeps every built collection; nothing survives the process."""

    def __init__(self) -> None:
        self._collections: dict[str, _MemoryReader] = {}

    def build(self, name: str, items: "Iterable[tuple[Sequence[str], Vectors]]") -> int:
        ids: list[str] = []
        parts: list[Vectors] = []
        for batch_ids, vectors in items:
            ids.extend(batch_ids)
            parts.append(vectors)
        self._collections[name] = _MemoryReader(ids, np.concatenate(parts) if parts else np.zeros((0, 0), np.float32))
        return len(ids)

    def open(self, name: str) -> "VectorReader":
        if name not in self._collections:
            raise IndexDamagedError(f"The vector collection {name} is missing.", remedy="Build it first.")
        return self._collections[name]

    def drop(self, name: str) -> None:
        self._collections.pop(name, None)

    def names(self) -> list[str]:
        return sorted(self._collections)


class _MemoryReader:
    def __init__(self, ids: list[str], vectors: "Vectors") -> None:
        self._ids = ids
        self._vectors = vectors

    def search(self, vector: "Vector", limit: int) -> list[Candidate]:
        if not self._ids or limit <= 0:
            return []
        scores = self._vectors @ vector
        order = np.argsort(-scores, kind="stable")[:limit]
        return [Candidate(self._ids[i], float(scores[i])) for i in order]

    def ids(self) -> set[str]:
        return set(self._ids)

    def close(self) -> None:
        pass
