"""A sentence-transformers model on this machine: PyTorch for documents, onnxruntime for questions."""

from typing import TYPE_CHECKING

from ragbot.adapters.embedders.model_files import find_model
from ragbot.adapters.embedders.onnx import OnnxEmbedder, export_graph, graph_path
from ragbot.adapters.embedders.sentence_transformers import SentenceTransformersEmbedder
from ragbot.adapters.embedders.settings import EmbedderSettings
from ragbot.adapters.embedders.tokens import ModelTokens
from ragbot.core.errors import UnavailableError

if TYPE_CHECKING:
    from ragbot.core.ports import Embedder, TokenCounter


class LocalModel:
    """An ``EmbedderProvider``."""

    def __init__(self, settings: EmbedderSettings) -> None:
        self._settings = settings
        self._files = find_model(settings.model)
        self.fingerprint = self._files.fingerprint

    def tokens(self) -> "TokenCounter":
        return ModelTokens(self._files)

    def for_documents(self) -> SentenceTransformersEmbedder:
        return SentenceTransformersEmbedder(
            self._files, precision=self._settings.precision, batch_tokens=self._settings.batch_tokens
        )

    def for_queries(self) -> "Embedder":
        """Without PyTorch where the exported graph is there."""
        if self._settings.query_runtime == "torch":
            return self.for_documents()
        if graph_path(self._files).is_file():
            return OnnxEmbedder(self._files)
        if self._settings.query_runtime == "onnx":
            raise UnavailableError(
                f"embedder.query_runtime is onnx, but {graph_path(self._files)} does not exist.",
                remedy="Ingest something once on this machine, or set it to auto.",
            )
        return self.for_documents()

    def prepare_queries(self) -> None:
        """Exports the graph, once per machine."""
        if self._settings.query_runtime != "torch":
            export_graph(self._files)
