"""The Python API.

async with Bot.open(data_dir=".ragbot") as bot:
    result = await bot.search("How do I reset my password?")
    answer = await bot.ask("And on the phone?", conversation=[Message("user", "How do I reset my password?")])
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ragbot.core.errors import UsageError
from ragbot.core.types import Answer, Message, SearchResult
from ragbot.settings import Settings, load_settings
from ragbot.wiring import Components, open_components

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever

LONGEST_QUESTION = 20_000
"""Characters; a longer one is a document, not a question."""


class Bot:
    """A knowledge base that can be searched and asked. Open one per process; calls may overlap."""

    def __init__(self, components: Components) -> None:
        self._components = components

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        *,
        data_dir: str | Path | None = None,
        config: str | Path | None = None,
        settings: Settings | None = None,
    ) -> "AsyncIterator[Bot]":
        """A bot over the index in ``data_dir``; ``settings`` wins over the other two."""
        if settings is None:
            settings = load_settings(config=Path(config) if config else None, flags={"data_dir": data_dir})
        async with open_components(settings) as components:
            yield cls(components)

    async def search(
        self,
        question: str,
        *,
        conversation: Sequence[Message] = (),
        limit: int = 10,
        principals: Iterable[str] = (),
    ) -> SearchResult:
        """The passages for a question, best first, read with ``principals`` beside ``public``.

        ``conversation`` holds the earlier turns, oldest first. ``UsageError`` for an empty or endless question.
        """
        checked(question)
        if limit < 1:
            raise UsageError(f"The limit must be at least 1, not {limit}.")
        query = self._components.condenser.condense(question, conversation)
        return await self._components.retriever.retrieve(query, limit=limit, principals=frozenset(principals))

    async def ask(
        self, question: str, *, conversation: Sequence[Message] = (), principals: Iterable[str] = ()
    ) -> Answer:
        """An answer with checked citations, or an abstention that says what is missing."""
        result = await self.search(question, conversation=conversation, principals=principals)
        return await self._components.answerer.answer(result)

    def as_retriever(self, *, limit: int = 5, principals: Iterable[str] = ()) -> "BaseRetriever":
        """The bot as a LangChain retriever; documents carry the citation fields as metadata."""
        from ragbot.adapters.langchain_retriever import BotRetriever

        return BotRetriever(search=self.search, limit=limit, principals=frozenset(principals))


def checked(question: str) -> str:
    """The question, if it is one."""
    try:
        question.encode()
    except UnicodeEncodeError as error:
        raise UsageError(
            f"The question holds half a character at place {error.start + 1}.", remedy="Write it in UTF-8."
        ) from None
    if not question.strip():
        raise UsageError("The question is empty.", remedy="Ask something.")
    if len(question) > LONGEST_QUESTION:
        raise UsageError(
            f"The question has {len(question):,} characters; at most {LONGEST_QUESTION:,} are read.",
            remedy="Shorten it, or ingest the text as a document and ask about it.",
        )
    return question
