"""An embedding model without a model: words hashed into a vector. Fast, the same everywhere, and it finds words.

Select it with ``embedder.provider: hash``. For tests and dry runs of everything around the embedder.
"""

import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ragbot.core.types import Fingerprint

if TYPE_CHECKING:
    from ragbot.core.ports import Vector, Vectors

_WORD = re.compile(r"\w+")
_DIMENSION = 64
_MAX_TOKENS = 256


class HashModel:
    """An ``EmbedderProvider``, its ``TokenCounter`` and its ``Embedder`` in one. A token is a word."""

    max_tokens = _MAX_TOKENS

    def __init__(self, settings: Any = None) -> None:
        name = f"hash:{getattr(settings, 'model', 'default')}"
        self.fingerprint = Fingerprint(name, hashlib.sha256(name.encode()).hexdigest(), _DIMENSION, _MAX_TOKENS)
        self.embedded: list[str] = []
        """Every document text embedded, in order; tests count what is done again."""

    def tokens(self) -> "HashModel":
        return self

    def for_documents(self) -> "HashModel":
        return self

    def for_queries(self) -> "HashModel":
        return self

    def prepare_queries(self) -> None:
        """Nothing to prepare."""

    def count(self, texts: Sequence[str]) -> list[int]:
        return [2 + len(_WORD.findall(text)) for text in texts]

    def embed_documents(self, texts: Sequence[str]) -> "Vectors":
        self.embedded.extend(texts)
        vectors: Vectors = np.zeros((len(texts), _DIMENSION), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            row[:] = _vector(text)
        return vectors

    def embed_query(self, text: str) -> "Vector":
        return _vector(text)


def _vector(text: str) -> "Vector":
    vector = np.full(_DIMENSION, 1e-3, dtype=np.float32)
    for word in _WORD.findall(text.casefold()):
        state = hashlib.blake2b(word.encode(), digest_size=8).digest()
        vector[state[0] % _DIMENSION] += 1.0 if state[1] % 2 else -1.0
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)
