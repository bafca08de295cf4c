"""Vector collections in Chroma on disk, each in a directory of its own, written once and then only read.

Why so: a process that opens a Chroma 1.5 directory while another one writes it can crash or grow its files
without bound, and a reader opened earlier keeps returning what was deleted (docs/decisions/0003).
"""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ragbot.core.errors import IndexDamagedError, StorageError
from ragbot.core.types import Candidate

if TYPE_CHECKING:
    from ragbot.core.ports import Vector, VectorReader, Vectors

_COLLECTION = "chunks"
_HNSW = {"space": "ip", "ef_construction": 160, "ef_search": 256, "max_neighbors": 24}
_SYNC = 1000
_REMEDY = "Run `ragbot doctor --repair`; it rebuilds the vectors from the catalog without embedding again."


class ChromaStore:
    """A ``VectorStore`` under one directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def build(self, name: str, items: "Iterable[tuple[Sequence[str], Vectors]]") -> int:
        """See ``VectorStore.build``. A directory of that name left by a killed writer is replaced."""
        target = self._directory / name
        size = 0
        try:
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir(parents=True)
            client = _client(target)
            try:
                collection = client.create_collection(
                    _COLLECTION,
                    configuration={"hnsw": {**_HNSW, "sync_threshold": _SYNC, "batch_size": 100}},
                    embedding_function=None,
                )
                for ids, vectors in items:
                    collection.add(ids=list(ids), embeddings=vectors)
                    size += len(ids)
            finally:
                client.close()
        except _chroma_errors() as error:
            raise StorageError(
                f"The vectors cannot be written to {target}: {error}.",
                remedy="Check the free space and the permissions of the data directory, then run again.",
            ) from error
        return size

    def open(self, name: str) -> "VectorReader":
        """See ``VectorStore.open``."""
        target = self._directory / name
        if not (target / "chroma.sqlite3").is_file():
            raise IndexDamagedError(f"The vector collection {target} is missing.", remedy=_REMEDY)
        try:
            client = _client(target)
            return _ChromaReader(client, client.get_collection(_COLLECTION, embedding_function=None), target)
        except _chroma_errors() as error:
            raise IndexDamagedError(
                f"The vector collection {target} cannot be read: {error}.", remedy=_REMEDY
            ) from error

    def drop(self, name: str) -> None:
        """See ``VectorStore.drop``. Readers that have it open keep their files until they close."""
        shutil.rmtree(self._directory / name, ignore_errors=True)

    def names(self) -> list[str]:
        """See ``VectorStore.names``."""
        if not self._directory.is_dir():
            return []
        return sorted(entry.name for entry in self._directory.iterdir() if entry.is_dir())


class _ChromaReader:
    def __init__(self, client: Any, collection: Any, directory: Path) -> None:
        self._client = client
        self._collection = collection
        self._directory = directory

    def search(self, vector: "Vector", limit: int) -> list[Candidate]:
        if limit <= 0:
            return []
        try:
            found = self._collection.query(query_embeddings=vector[None, :], n_results=limit, include=["distances"])
        except _chroma_errors() as error:
            raise IndexDamagedError(
                f"The vector collection {self._directory} cannot be searched: {error}.", remedy=_REMEDY
            ) from error
        # Chroma's "ip" distance is 1 - dot product; a distance never leaves the adapter.
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return [Candidate(chunk_id, 1.0 - float(distance)) for chunk_id, distance in pairs]

    def ids(self) -> set[str]:
        try:
            return set(self._collection.get(include=[])["ids"])
        except _chroma_errors() as error:
            raise IndexDamagedError(
                f"The vector collection {self._directory} cannot be read: {error}.", remedy=_REMEDY
            ) from error

    def close(self) -> None:
        self._client.close()


def _client(directory: Path) -> Any:
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(str(directory), settings=Settings(anonymized_telemetry=False, allow_reset=False))


def _chroma_errors() -> tuple[type[Exception], ...]:
    from chromadb.errors import ChromaError, InternalError

    # A damaged SQLite file surfaces as one of these or, from the Rust side, as a bare ValueError.
    return (ChromaError, InternalError, ValueError, OSError)
