"""The contract of ``Embedder``: the shipped double, and the real MiniLM on PyTorch and as an exported graph."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ragbot.adapters.embedders.cached import CachedQueries
from ragbot.adapters.embedders.model_files import PACKAGED, ModelFiles, find_model
from ragbot.adapters.embedders.onnx import OnnxEmbedder, export_graph, graph_path
from ragbot.adapters.embedders.sentence_transformers import SentenceTransformersEmbedder
from ragbot.testing.contracts.embedder import TEXTS, EmbedderContract
from ragbot.testing.embedder import HashModel

if TYPE_CHECKING:
    from ragbot.core.ports import Embedder, Vector


@cache
def _files() -> ModelFiles:
    return find_model(PACKAGED)


@cache
def _torch() -> SentenceTransformersEmbedder:
    return SentenceTransformersEmbedder(_files(), precision="auto")


@cache
def _onnx() -> OnnxEmbedder:
    assert export_graph(_files()) is not None
    return OnnxEmbedder(_files())


class TestHashModel(EmbedderContract):
    def make_embedder(self) -> "Embedder":
        return HashModel()


class TestCachedQueries(EmbedderContract):
    def make_embedder(self) -> "Embedder":
        return CachedQueries(HashModel(), kept=2)


def test_a_question_asked_again_is_not_embedded_again() -> None:
    asked: list[str] = []

    class Counting(HashModel):
        def embed_query(self, text: str) -> "Vector":
            asked.append(text)
            return super().embed_query(text)

    embedder = CachedQueries(Counting(), kept=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        embedder.embed_query(text)
    assert asked == ["a", "b", "c", "b"]


class TestSentenceTransformersEmbedder(EmbedderContract):
    def make_embedder(self) -> "Embedder":
        return _torch()


class TestOnnxEmbedder(EmbedderContract):
    def make_embedder(self) -> "Embedder":
        return _onnx()


def test_the_graph_answers_as_the_model_does() -> None:
    documents = _torch().embed_documents(TEXTS)
    questions = np.stack([_onnx().embed_query(text) for text in TEXTS])
    assert float((documents * questions).sum(axis=1).min()) >= 0.999
    assert _torch().fingerprint == _onnx().fingerprint


def test_the_graph_is_exported_once_into_the_users_cache(cache_home: Path) -> None:
    path = graph_path(_files())
    assert path.is_relative_to(cache_home)
    _onnx()
    before = path.stat().st_mtime_ns
    assert export_graph(_files()) == path
    assert path.stat().st_mtime_ns == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_meaning_is_found_without_shared_words() -> None:
    vectors = _torch().embed_documents(["The cat sleeps on the sofa.", "Quarterly revenue rose by four percent."])
    question = _onnx().embed_query("Where is the kitten napping?")
    assert float(vectors[0] @ question) > float(vectors[1] @ question) + 0.2
