"""Remembers the last questions' vectors: an examination asks for the same one as the search before it, and a follow-up
for those of the turns it continues."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ragbot.core.ports import Embedder, Vector, Vectors

_KEPT = 512


class CachedQueries:
    """An ``Embedder`` around another; safe to use from several threads."""

    def __init__(self, inner: "Embedder", kept: int = _KEPT) -> None:
        self.fingerprint = inner.fingerprint
        self._inner = inner
        self._kept = kept
        self._vectors: OrderedDict[str, Vector] = OrderedDict()
        self._lock = threading.Lock()

    def embed_documents(self, texts: Sequence[str]) -> "Vectors":
        return self._inner.embed_documents(texts)

    def embed_query(self, text: str) -> "Vector":
        with self._lock:
            if text in self._vectors:
                self._vectors.move_to_end(text)
                return self._vectors[text]
        vector = self._inner.embed_query(text)
        with self._lock:
            self._vectors[text] = vector
            while len(self._vectors) > self._kept:
                self._vectors.popitem(last=False)
        return vector
