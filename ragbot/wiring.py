"""The only place that picks implementations: settings in, components out."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ragbot.adapters.embedders.choose import document_embedder, query_embedder
from ragbot.adapters.embedders.model_files import find_model
from ragbot.adapters.embedders.onnx import export_graph
from ragbot.adapters.embedders.settings import EmbedderSettings
from ragbot.adapters.embedders.tokens import ModelTokens
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
    from ragbot.core.ports import Answerer, Condenser, Embedder, Retriever, TokenCounter


@dataclass(frozen=True, slots=True)
class Components:
    """What answers a question."""

    condenser: "Condenser"
    retriever: "Retriever"
    answerer: "Answerer"


@asynccontextmanager
async def open_components(settings: Settings) -> AsyncIterator[Components]:
    """Everything a bot needs, open until the block ends. Any number may be open beside a writer."""
    embedding = settings.section(EmbedderSettings)
    files = find_model(embedding.model)
    embedder = query_embedder(embedding, files)
    retrieval = settings.section(RetrievalSettings)
    with open_reader(DataDir(settings.data_dir), settings.section(IndexSettings), files.fingerprint) as index:
        yield Components(
            condenser=FoldingCondenser(retrieval),
            retriever=HybridRetriever(index, embedder, retrieval),
            answerer=ExtractiveAnswerer(index, embedder, settings.section(AnswerSettings)),
        )


@dataclass(frozen=True, slots=True)
class WriterComponents:
    """What changes the index."""

    writer: IndexWriter
    embedder: "Embedder"
    tokens: "TokenCounter"
    cache_days: float


@contextmanager
def open_writer_components(
    settings: Settings, command: str | None = None, *, mend: bool = False
) -> Iterator[WriterComponents]:
    """The one writer, open and locked until the block ends."""
    embedding = settings.section(EmbedderSettings)
    files = find_model(embedding.model)
    index = settings.section(IndexSettings)
    with open_writer(DataDir(settings.data_dir), index, files.fingerprint, command, mend=mend) as writer:
        yield WriterComponents(writer, document_embedder(embedding, files), ModelTokens(files), index.cache_days)


def prepare_queries(settings: Settings) -> None:
    """Exports the embedding model for questions, once per machine, so that they need no PyTorch."""
    embedding = settings.section(EmbedderSettings)
    if embedding.query_runtime != "torch":
        export_graph(find_model(embedding.model))
