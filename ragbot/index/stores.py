"""Vector stores by name. A new engine adds its file and one line here."""

from ragbot.registry import Registry

STORES = Registry("ragbot.vector_stores", {"chroma": "ragbot.index.chroma:ChromaStore"})
