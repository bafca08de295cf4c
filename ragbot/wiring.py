"""The only place that picks implementations: settings in, components out."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ragbot.adapters.embedders.providers import EMBEDDERS
from ragbot.adapters.embedders.settings import EmbedderSettings
from ragbot.chat.extractive import ExtractiveAnswerer
from ragbot.chat.settings import AnswerSettings
from ragbot.index.layout import DataDir
from ragbot.index.opening import open_reader, open_writer
from ragbot.index.settings import IndexSettings
from ragbot.index.writer import IndexWriter
from ragbot.retrieval.condense import FoldingCondenser
from ragbot.retrieval.search import HybridRetriever
from ragbot.retrieval.settings import RetrievalSettings
from ragbot.settings import Settings

if TYPE_CHECKING:
    from ragbot.core.ports import Answerer, Condenser, EmbedderProvider, Retriever


@dataclass(frozen=True, slots=True)
class Components:
    """What answers a question."""

    condenser: "Condenser"
    retriever: "Retriever"
    answerer: "Answerer"


@asynccontextmanager
async def open_components(settings: Settings) -> AsyncIterator[Components]:
    """Everything a bot needs, open until the block ends. Any number may be open beside a writer."""
    provider = embedder_provider(settings)
    embedder = provider.for_queries()
    retrieval = settings.section(RetrievalSettings)
    with open_reader(DataDir(settings.data_dir), settings.section(IndexSettings), provider.fingerprint) as index:
        yield Components(
            condenser=FoldingCondenser(retrieval),
            retriever=HybridRetriever(index, embedder, retrieval),
            answerer=ExtractiveAnswerer(index, embedder, settings.section(AnswerSettings)),
        )


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
    provider = embedder_provider(settings)
    index = settings.section(IndexSettings)
    with open_writer(DataDir(settings.data_dir), index, provider.fingerprint, command, mend=mend) as writer:
        yield WriterComponents(writer, provider, index.cache_days)


def embedder_provider(settings: Settings) -> "EmbedderProvider":
    """The configured embedding model; nothing of it is loaded yet."""
    options = settings.section(EmbedderSettings)
    provider: EmbedderProvider = EMBEDDERS.get(options.provider)(options)
    return provider
