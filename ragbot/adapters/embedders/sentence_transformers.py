"""Embedding with sentence-transformers on PyTorch: what ingest uses, and the fallback for questions.

Texts are sorted by length and batched by tokens, padding included, which on mixed lengths is half again as fast
as fixed batches of 32; bfloat16 is nearly twice as fast again where the processor computes it natively and two
times slower where it does not, hence the checks.
"""

import logging
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ragbot.adapters.embedders.batches import token_batches
from ragbot.adapters.embedders.model_files import ModelFiles
from ragbot.adapters.embedders.tokens import ModelTokens
from ragbot.core.errors import UnavailableError

if TYPE_CHECKING:
    from ragbot.core.ports import Vector, Vectors

_log = logging.getLogger(__name__)
_PARITY = 0.999
PROBES = (
    "How do I reset my password?",
    "The invoice of 3 March 2024 over 1,250.00 EUR was paid twice.",
    "error E4012: connection refused",
    "Employees may work from home up to three days a week, unless their manager decides otherwise.",
    "réinitialiser le mot de passe",
    "- first item\n- second item",
)


class SentenceTransformersEmbedder:
    """An ``Embedder``. The model is loaded at the first call, not when the object is made."""

    def __init__(self, files: ModelFiles, *, precision: str = "auto", batch_tokens: int = 2048) -> None:
        self.fingerprint = files.fingerprint
        self._files = files
        self._tokens = ModelTokens(files)
        self._precision = precision
        self._batch_tokens = batch_tokens
        self._model: Any = None
        self._lock = threading.Lock()
        self.precision_used = "float32"

    def embed_documents(self, texts: Sequence[str]) -> "Vectors":
        model = self._loaded()
        vectors: Vectors = np.empty((len(texts), self.fingerprint.dimension), dtype=np.float32)
        for batch in token_batches(self._tokens.count(texts), self._batch_tokens, self.fingerprint.max_tokens):
            vectors[batch] = _encode(model, [texts[i] for i in batch])
        return vectors

    def embed_query(self, text: str) -> "Vector":
        vector: Vector = self.embed_documents([text])[0]
        return vector

    def load(self) -> None:
        """Loads now, so that the time it takes can be shown apart."""
        self._loaded()

    def _loaded(self) -> Any:
        with self._lock:
            if self._model is None:
                model = load_model(self._files)
                if self._precision == "bfloat16" or (self._precision == "auto" and has_native_bfloat16()):
                    model = self._in_bfloat16(model)
                self._model = model
            return self._model

    def _in_bfloat16(self, model: Any) -> Any:
        import torch

        before = _encode(model, PROBES)
        model.to(torch.bfloat16)
        after = _encode(model, PROBES)
        same_order = bool(np.array_equal(np.argsort(before @ before[0]), np.argsort(after @ after[0])))
        if float((before * after).sum(axis=1).min()) >= _PARITY and same_order:
            self.precision_used = "bfloat16"
            return model
        _log.warning("bfloat16 changes the results of %s on this machine; using float32", self.fingerprint.model)
        return load_model(self._files)


def load_model(files: ModelFiles) -> Any:
    """The model in float32 on the processor."""
    try:
        import transformers
        from sentence_transformers import SentenceTransformer

        transformers.utils.logging.set_verbosity_error()
        transformers.utils.logging.disable_progress_bar()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return SentenceTransformer(str(files.path), device="cpu", local_files_only=True).float().eval()
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        raise UnavailableError(
            f"The embedding model {files.name!r} in {files.path} cannot be loaded: {error}",
            remedy="Reinstall it, or set embedder.model to another.",
        ) from error


def has_native_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 in hardware; emulation is slower than float32."""
    try:
        words = set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        return False
    return bool(words & {"avx512_bf16", "amx_bf16", "bf16"})


def _encode(model: Any, texts: Sequence[str]) -> "Vectors":
    found = model.encode(
        list(texts), batch_size=len(texts), convert_to_tensor=True, show_progress_bar=False, normalize_embeddings=False
    )
    vectors = found.float().cpu().numpy()
    # Normalised only here: in bfloat16 the rows would be up to 0.4 % off length 1.
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(1e-12), dtype=np.float32)
