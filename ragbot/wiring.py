"""The only place that picks implementations: settings in, components out."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ragbot.adapters.chat_models.registry import chat_model
from ragbot.adapters.chat_models.settings import ModelSettings
from ragbot.adapters.embedders.cached import CachedQueries
from ragbot.adapters.embedders.providers import EMBEDDERS
from ragbot.adapters.embedders.settings import EmbedderSettings
from ragbot.chat.answering import Answerer
from ragbot.chat.examining import Examiner
from ragbot.chat.extractive import ExtractiveAnswerer
from ragbot.chat.generative import GenerativeAnswerer
from ragbot.chat.pipeline import ChatPipeline
from ragbot.chat.settings import AnswerSettings
from ragbot.core.errors import EmptyIndexError
from ragbot.core.readiness import Readiness
from ragbot.grounding.claims import makes_claim
from ragbot.grounding.scorer import SupportScorer
from ragbot.index.layout import DataDir
from ragbot.index.library import CatalogLibrary
from ragbot.index.opening import open_reader, open_writer
from ragbot.index.settings import IndexSettings
from ragbot.index.writer import IndexWriter
from ragbot.prompts.roles import RoleLibrary
from ragbot.prompts.settings import PromptSettings
from ragbot.quiet import no_telemetry
from ragbot.retrieval.condense import FoldingCondenser
from ragbot.retrieval.search import HybridRetriever
from ragbot.retrieval.settings import RetrievalSettings
from ragbot.settings import Settings

if TYPE_CHECKING:
    from ragbot.core.ports import ChatModel, Embedder, EmbedderProvider, Library, TurnStore


@dataclass(frozen=True, slots=True)
class Components:
    """What answers a question."""

    pipeline: ChatPipeline
    library: "Library"
    readiness: Readiness
    embedder: "Embedder"
    model: "ChatModel | None" = None

    async def warm(self) -> None:
        """Loads the embedding model, if it is not loaded (until then only keywords are searched), and the other."""
        if not self.readiness.models:
            await asyncio.to_thread(self.embedder.embed_query, "warm")
            self.readiness.models = True
        if self.model is not None:
            await self.model.warm()


@asynccontextmanager
async def open_components(settings: Settings, *, loaded: bool = True) -> AsyncIterator[Components]:
    """Everything a bot needs, open until the block ends. Any number may be open beside a writer.

    With ``loaded`` False nothing waits for the embedding model before ``warm`` has been awaited.
    """
    no_telemetry()
    roles = RoleLibrary(settings.section(PromptSettings))
    model = chat_model(settings.section(ModelSettings)) if settings.section(ModelSettings).model else None
    answer = settings.section(AnswerSettings)
    retrieval = settings.section(RetrievalSettings)
    provider = embedder_provider(settings)
    embedder = CachedQueries(provider.for_queries())
    readiness = Readiness(models=loaded)
    answerer: Answerer = ExtractiveAnswerer(answer)
    if model is not None:
        answerer = GenerativeAnswerer(model, SupportScorer(embedder), makes_claim, answer)
    with open_reader(DataDir(settings.data_dir), settings.section(IndexSettings), provider.fingerprint) as index:
        if not index.catalog.labels():
            # What never held a passage answers "I don't know" to everything, which hides that an ingest is missing.
            raise EmptyIndexError(
                f"The index in {settings.data_dir} holds no documents.", remedy="Run `ragbot ingest PATH` first."
            )
        pipeline = ChatPipeline(
            condenser=FoldingCondenser(retrieval),
            retriever=HybridRetriever(index, embedder, retrieval, readiness),
            examiner=Examiner(index, embedder, answer, readiness),
            answerer=answerer,
            roles=roles,
            readiness=readiness,
        )
        try:
            yield Components(pipeline, CatalogLibrary(index.catalog), readiness, embedder, model)
        finally:
            if model is not None:
                await model.close()


def check_settings(settings: Settings) -> None:
    """Raises what is wrong with the role, the model and the embedder before anything is opened or listened on."""
    prompts = settings.section(PromptSettings)
    RoleLibrary(prompts).get(None)
    if settings.section(ModelSettings).model:
        chat_model(settings.section(ModelSettings))
    embedder_provider(settings)


@asynccontextmanager
async def open_turn_store(settings: Settings) -> "AsyncIterator[TurnStore]":
    """The stored conversations, open until the block ends."""
    from ragbot.persistence.opening import open_turn_store as opened  # a search must not pay for SQLAlchemy
    from ragbot.persistence.settings import StoreSettings

    async with opened(settings.data_dir, settings.section(StoreSettings)) as store:
        yield store


@dataclass(frozen=True, slots=True)
class WriterComponents:
    """What changes the index."""

    writer: IndexWriter
    provider: "EmbedderProvider"
    cache_days: float


@contextmanager
def open_writer_components(
    settings: Settings, command: str | None = None, *, mend: bool = False
) -> Iterator[WriterComponents]:
    """The one writer, open and locked until the block ends."""
    no_telemetry()
    provider = embedder_provider(settings)
    index = settings.section(IndexSettings)
    with open_writer(DataDir(settings.data_dir), index, provider.fingerprint, command, mend=mend) as writer:
        yield WriterComponents(writer, provider, index.cache_days)


def embedder_provider(settings: Settings) -> "EmbedderProvider":
    """The configured embedding model; nothing of it is loaded yet."""
    options = settings.section(EmbedderSettings)
    provider: EmbedderProvider = EMBEDDERS.get(options.provider)(options)
    return provider
