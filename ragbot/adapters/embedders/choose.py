"""Which runtime embeds what."""

from ragbot.adapters.embedders.model_files import ModelFiles, find_model
from ragbot.adapters.embedders.onnx import OnnxEmbedder, graph_path
from ragbot.adapters.embedders.sentence_transformers import SentenceTransformersEmbedder
from ragbot.adapters.embedders.settings import EmbedderSettings
from ragbot.core.errors import UnavailableError


def document_embedder(settings: EmbedderSettings, files: ModelFiles) -> SentenceTransformersEmbedder:
    """What ingest embeds with."""
    return SentenceTransformersEmbedder(files, precision=settings.precision, batch_tokens=settings.batch_tokens)


def query_embedder(settings: EmbedderSettings, files: ModelFiles) -> OnnxEmbedder | SentenceTransformersEmbedder:
    """What a question is embedded with: without PyTorch where the exported graph is there."""
    if settings.query_runtime == "torch":
        return document_embedder(settings, files)
    if graph_path(files).is_file():
        return OnnxEmbedder(files)
    if settings.query_runtime == "onnx":
        raise UnavailableError(
            f"embedder.query_runtime is onnx, but {graph_path(files)} does not exist.",
            remedy="Ingest something once on this machine, or set it to auto.",
        )
    return document_embedder(settings, files)


__all__ = ["document_embedder", "find_model", "query_embedder"]
