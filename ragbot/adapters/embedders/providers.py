"""Embedding models by name. A new way to run one adds its file and one line here."""

from ragbot.registry import Registry

EMBEDDERS = Registry(
    "ragbot.embedders",
    {
        "sentence-transformers": "ragbot.adapters.embedders.local:LocalModel",
        "hash": "ragbot.testing.embedder:HashModel",
    },
)
