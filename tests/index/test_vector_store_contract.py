"""The contract of ``VectorStore``, held by the one on disk and by the one in memory."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ragbot.core.errors import IndexDamagedError
from ragbot.index.chroma import ChromaStore
from ragbot.testing.contracts.vector_store import VectorStoreContract
from ragbot.testing.vectors import MemoryVectorStore

if TYPE_CHECKING:
    from ragbot.core.ports import VectorStore


class TestChromaStore(VectorStoreContract):
    def make_store(self, directory: Path) -> "VectorStore":
        return ChromaStore(directory / "vectors")


class TestMemoryVectorStore(VectorStoreContract):
    def make_store(self, directory: Path) -> "VectorStore":
        return MemoryVectorStore()


def _built(directory: Path) -> ChromaStore:
    store = ChromaStore(directory)
    vectors = np.eye(8, dtype=np.float32)
    store.build("one", [([f"chunk-{i}" for i in range(8)], vectors)])
    return store


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\x00" + b"\x00" * 80, b"no database at all" * 100])
def test_a_damaged_chroma_database_is_damage_and_no_crash(tmp_path: Path, content: bytes) -> None:
    store = _built(tmp_path)
    (tmp_path / "one" / "chroma.sqlite3").write_bytes(content)
    with pytest.raises(IndexDamagedError, match="one"):
        store.open("one")


def test_a_deleted_chroma_directory_is_damage_and_not_made_anew(tmp_path: Path) -> None:
    store = _built(tmp_path)
    store.drop("one")
    with pytest.raises(IndexDamagedError):
        store.open("one")
    assert store.names() == []
