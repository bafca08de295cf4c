"""The bot as LangChain sees it: a ``BaseRetriever`` that plugs into any chain."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from ragbot.core.types import Hit, SearchResult


class BotRetriever(BaseRetriever):
    """Made by ``Bot.as_retriever``; usable while that bot is open."""

    search: Callable[..., Awaitable[SearchResult]]
    limit: int = 5
    principals: frozenset[str] = frozenset()

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun
    ) -> list[Document]:
        result = await self.search(query, limit=self.limit, principals=self.principals)
        return [to_langchain(hit) for hit in result.hits]

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        # LangChain's plain ``invoke`` may be called inside a running loop, where asyncio.run is refused.
        async def search() -> SearchResult:
            return await self.search(query, limit=self.limit, principals=self.principals)

        with ThreadPoolExecutor(1) as thread:
            result = thread.submit(asyncio.run, search()).result()
        return [to_langchain(hit) for hit in result.hits]


def to_langchain(hit: Hit) -> Document:
    """A hit as a LangChain document."""
    chunk = hit.chunk
    metadata: dict[str, Any] = {
        "source": chunk.source,
        "title": chunk.title,
        "uri": chunk.uri,
        "page": chunk.page_start,
        "heading_path": list(chunk.heading_path),
        "document_id": chunk.document_id,
        "revision": chunk.revision,
        "char_start": chunk.char_start,
        "char_end": chunk.char_end,
        "score": hit.score,
    }
    return Document(id=chunk.chunk_id, page_content=chunk.text, metadata=metadata)
