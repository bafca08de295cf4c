"""The Python API.

async with Bot.open(data_dir=".ragbot") as bot:
    result = await bot.search("How do I reset my password?")
    answer = await bot.ask("And on the phone?", conversation=[Message("user", "How do I reset my password?")])
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ragbot.core.errors import UsageError
from ragbot.core.events import ChatEvent, Completed
from ragbot.core.types import PUBLIC, Answer, DocumentInfo, DocumentText, Message, Passage, SearchResult, Turn
from ragbot.settings import Settings, load_settings
from ragbot.wiring import Components, open_components

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever

    from ragbot.core.ports import Roles

LONGEST_QUESTION = 20_000
"""Characters; a longer one is a document, not a question."""


class Bot:
    """A knowledge base that can be searched and asked. Open one per process; calls may overlap."""

    def __init__(self, components: Components) -> None:
        self._components = components
        self._pipeline = components.pipeline

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        *,
        data_dir: str | Path | None = None,
        config: str | Path | None = None,
        settings: Settings | None = None,
        loaded: bool = True,
    ) -> "AsyncIterator[Bot]":
        """A bot over the index in ``data_dir``; ``settings`` wins over the other two.

        With ``loaded`` False questions are answered from keywords alone until ``warm`` has been awaited, instead of
        the first one waiting for the embedding model.
        """
        if settings is None:
            settings = load_settings(config=Path(config) if config else None, flags={"data_dir": data_dir})
        async with open_components(settings, loaded=loaded) as components:
            yield cls(components)

    @property
    def ready(self) -> bool:
        """Whether the embedding model is loaded."""
        return self._components.readiness.models

    async def warm(self) -> None:
        """Loads the embedding model and makes a first search, so that the next one is fast."""
        await self._components.warm()
        query = self._pipeline.condenser.condense("warm", ())
        await self._pipeline.retriever.retrieve(query, limit=1, principals=frozenset())

    @property
    def roles(self) -> "Roles":
        """The roles that ``Turn.role`` may name."""
        return self._pipeline.roles

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
        query = self._pipeline.condenser.condense(question, conversation)
        return await self._pipeline.retriever.retrieve(query, limit=limit, principals=frozenset(principals))

    def stream(self, turn: Turn) -> "AsyncGenerator[ChatEvent, None]":
        """The answer as it is written: events ending with ``Completed``; what breaks is raised.

        Close it (``aclosing``) to stop the answer. ``UsageError`` and ``ConfigError`` (an unknown role) come at once.
        """
        checked(turn.question)
        self.roles.get(turn.role)
        return self._pipeline.stream(turn)

    async def ask(
        self,
        question: str,
        *,
        conversation: Sequence[Message] = (),
        principals: Iterable[str] = (),
        role: str | None = None,
    ) -> Answer:
        """An answer with checked citations, or an abstention that says what is missing."""
        turn = Turn(question, tuple(conversation), frozenset(principals), role)
        async with aclosing(self.stream(turn)) as events:
            async for event in events:
                if isinstance(event, Completed):
                    return event.answer
        raise AssertionError("unreachable: every stream ends with Completed or raises")

    async def documents(self, principals: Iterable[str] = ()) -> list[DocumentInfo]:
        """The documents that may be read, by source."""
        return await self._components.library.documents(_readers(principals))

    async def document(self, document_id: str, principals: Iterable[str] = ()) -> DocumentText:
        """One document with its text; ``NotFoundError`` where there is none to read."""
        return await self._components.library.document(document_id, _readers(principals))

    async def passage(
        self, document_id: str, revision: int, char_start: int, char_end: int, principals: Iterable[str] = ()
    ) -> Passage:
        """A cited place in its document; ``ChangedError`` where the document has been replaced since."""
        library = self._components.library
        return await library.passage(document_id, revision, char_start, char_end, _readers(principals))

    def as_retriever(self, *, limit: int = 5, principals: Iterable[str] = ()) -> "BaseRetriever":
        """The bot as a LangChain retriever; documents carry the citation fields as metadata."""
        from ragbot.adapters.langchain_retriever import BotRetriever

        return BotRetriever(search=self.search, limit=limit, principals=frozenset(principals))


def _readers(principals: Iterable[str]) -> frozenset[str]:
    return frozenset(principals) | {PUBLIC}


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
