"""What the service holds while it runs, and what it needs of the parts it is put together from."""

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypedDict

from ragbot.api.opening import BotKeeper
from ragbot.api.settings import ServiceSettings
from ragbot.api.turns import LiveTurns
from ragbot.core.events import ChatEvent
from ragbot.core.ports import TurnStore
from ragbot.core.types import DocumentInfo, DocumentText, Message, Passage, PromptId, SearchResult, Turn


class RoleLine(Protocol):
    """A role as a list shows it."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def description(self) -> str: ...


class NamedRole(Protocol):
    """A role that can be named."""

    @property
    def id(self) -> PromptId: ...


class ServedRoles(Protocol):
    """The roles a question may name."""

    def get(self, name: str | None) -> NamedRole:
        """The role called ``name``, None the default one."""
        ...

    def describe(self) -> Sequence[RoleLine]:
        """Every role, by name."""
        ...


class ServedBot(Protocol):
    """What the routes ask of a bot; ``ragbot.bot.Bot`` is one."""

    @property
    def ready(self) -> bool:
        """Whether the models are loaded; until then answers rest on keywords."""
        ...

    @property
    def roles(self) -> ServedRoles: ...

    async def warm(self) -> None:
        """Loads the models."""
        ...

    async def search(
        self,
        question: str,
        *,
        conversation: Sequence[Message] = (),
        limit: int = 10,
        principals: Iterable[str] = (),
    ) -> SearchResult:
        """The passages for a question, best first."""
        ...

    def stream(self, turn: Turn) -> AsyncGenerator[ChatEvent, None]:
        """The answer as it is written. What is wrong with the turn is raised at once, what breaks later on the way."""
        ...

    async def documents(self, principals: Iterable[str] = ()) -> list[DocumentInfo]: ...

    async def document(self, document_id: str, principals: Iterable[str] = ()) -> DocumentText: ...

    async def passage(
        self, document_id: str, revision: int, char_start: int, char_end: int, principals: Iterable[str] = ()
    ) -> Passage: ...


@dataclass(frozen=True, slots=True)
class ServiceComponents:
    """What the service is put together from."""

    open_bot: Callable[[], AbstractAsyncContextManager[ServedBot]]
    """Opens the bot without loading its models; a ``RagbotError`` where there is nothing to open yet."""
    open_store: Callable[[], AbstractAsyncContextManager[TurnStore]]
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Service:
    """What a request works with."""

    settings: ServiceSettings
    keeper: BotKeeper
    store: TurnStore
    turns: LiveTurns
    now: Callable[[], datetime]


class LifespanState(TypedDict):
    """What FastAPI hands to every request."""

    service: Service
