"""Ragas' embeddings over our embedder."""

import asyncio
from typing import TYPE_CHECKING, Any

from ragas.embeddings.base import BaseRagasEmbedding

if TYPE_CHECKING:
    from ragbot.core.ports import Embedder


class EmbedderBridge(BaseRagasEmbedding):
    """Answers and references are embedded alike, as questions are: those vectors need no PyTorch.

    What the embedder does not read (beyond ``fingerprint.max_tokens``) does not count.
    """

    def __init__(self, embedder: "Embedder") -> None:
        super().__init__()
        self._embedder = embedder

    def embed_text(self, text: str, **kwargs: Any) -> list[float]:
        return [float(value) for value in self._embedder.embed_query(text)]

    async def aembed_text(self, text: str, **kwargs: Any) -> list[float]:
        return await asyncio.to_thread(self.embed_text, text)
