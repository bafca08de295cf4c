"""Embedding questions without PyTorch: the same model as an ONNX graph, exported once and checked for parity.

Importing sentence-transformers takes seconds and most of a gigabyte; onnxruntime answers in a fraction of both.
"""

import logging
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import platformdirs

from ragbot.adapters.embedders.batches import token_batches
from ragbot.adapters.embedders.model_files import ModelFiles
from ragbot.adapters.embedders.tokens import load_tokenizer
from ragbot.core.errors import UnavailableError
from ragbot.quiet import no_telemetry

if TYPE_CHECKING:
    from ragbot.core.ports import Vector, Vectors

_log = logging.getLogger(__name__)
_PARITY = 0.9999
_RECIPE = 1
_BATCH_TOKENS = 64
"""Padding costs more than calls: ten sentences in one batch took twice as long as in batches of like length."""


def graph_path(files: ModelFiles) -> Path:
    """Where this model's graph is kept: once per user, not per data directory (it has the weights' size)."""
    cache = Path(platformdirs.user_cache_dir("ragbot"))
    return cache / "onnx" / f"{files.fingerprint.digest[:24]}-{_RECIPE}.onnx"


class OnnxEmbedder:
    """An ``Embedder`` over an exported graph. The session is opened at the first call."""

    def __init__(self, files: ModelFiles, graph: Path | None = None) -> None:
        self.fingerprint = files.fingerprint
        self._files = files
        self._graph = graph or graph_path(files)
        self._session: Any = None
        self._tokenizer: Any = None

    def embed_documents(self, texts: Sequence[str]) -> "Vectors":
        self.load()
        encodings = self._tokenizer.encode_batch_fast(list(texts))
        vectors: Vectors = np.empty((len(texts), self.fingerprint.dimension), dtype=np.float32)
        for batch in token_batches([len(each.ids) for each in encodings], _BATCH_TOKENS, self.fingerprint.max_tokens):
            vectors[batch] = self._run([encodings[i].ids for i in batch])
        return vectors

    def embed_query(self, text: str) -> "Vector":
        vector: Vector = self.embed_documents([text])[0]
        return vector

    def load(self) -> None:
        """Opens the session now."""
        if self._session is None:
            no_telemetry()
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.log_severity_level = 3
            self._tokenizer = load_tokenizer(self._files, truncate=True)
            try:
                self._session = onnxruntime.InferenceSession(
                    str(self._graph), options, providers=["CPUExecutionProvider"]
                )
            except Exception as error:  # onnxruntime has a dozen bare exception classes
                raise UnavailableError(
                    f"The exported model {self._graph} cannot be read: {error}",
                    remedy="Delete it; the next ingest exports it again.",
                ) from error

    def _run(self, rows: Sequence[Sequence[int]]) -> "Vectors":
        width = max(len(row) for row in rows)
        ids = np.zeros((len(rows), width), dtype=np.int64)
        mask = np.zeros((len(rows), width), dtype=np.int64)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = row
            mask[i, : len(row)] = 1
        (found,) = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True).clip(1e-12), dtype=np.float32)


def export_graph(files: ModelFiles) -> Path | None:
    """Exports the model unless it is there already; None, with a log line, where that cannot be done.

    Nothing depends on it: without the graph, questions are embedded with PyTorch.
    """
    target = graph_path(files)
    if target.is_file():
        return target
    temporary = target.with_suffix(f".tmp{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _export(files, temporary)
        _check(files, temporary)
        temporary.replace(target)
        return target
    except Exception as error:  # noqa: BLE001 - an exporter fails in many ways, and search works without it
        _log.warning("the embedding model could not be exported for fast queries: %s", error)
        return None
    finally:
        temporary.unlink(missing_ok=True)


def _export(files: ModelFiles, target: Path) -> None:
    import torch

    from ragbot.adapters.embedders.sentence_transformers import load_model

    class Sentence(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = load_model(files)

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            return self.model(features)["sentence_embedding"]

    ids = torch.tensor([[101, 2129, 2079, 1045, 102], [101, 2129, 102, 0, 0]])
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
    axes = {0: "batch", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # The TorchScript exporter takes one second where its successor takes twelve (docs/decisions/0004).
        torch.onnx.export(
            Sentence().eval(),
            (ids, mask),
            str(target),
            input_names=["input_ids", "attention_mask"],
            output_names=["sentence_embedding"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "sentence_embedding": {0: "batch"}},
            opset_version=17,
            dynamo=False,
        )


def _check(files: ModelFiles, graph: Path) -> None:
    from ragbot.adapters.embedders.sentence_transformers import PROBES, SentenceTransformersEmbedder

    expected = SentenceTransformersEmbedder(files, precision="float32").embed_documents(PROBES)
    found = OnnxEmbedder(files, graph).embed_documents(PROBES)
    worst = float((expected * found).sum(axis=1).min())
    if worst < _PARITY:
        raise ValueError(f"its vectors differ from PyTorch's (cosine {worst:.5f})")
