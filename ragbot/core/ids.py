"""Identifiers made from content, so that any step can be repeated without making a second copy."""

import hashlib

_SEPARATOR = b"\x1f"


def digest(*parts: str | bytes, length: int = 32) -> str:
    """The first ``length`` hexadecimal digits of the SHA-256 over ``parts``, each kept apart from the next."""
    state = hashlib.sha256()
    for part in parts:
        state.update(part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part)
        state.update(_SEPARATOR)
    return state.hexdigest()[:length]


def sha256(data: bytes) -> str:
    """Plain SHA-256 of a file's bytes, as ``ragbot list`` shows it."""
    return hashlib.sha256(data).hexdigest()


def document_id(uri: str) -> str:
    """Identity of a document: its root and path joined in its URI. Moving a root's border keeps it."""
    return digest("document", uri, length=24)


def revision_key(document: str, file_sha256: str, loader: str, splitter: str) -> str:
    """Identity of one reading of one document: same bytes, loader and splitter give the same chunks."""
    return digest("revision", document, file_sha256, loader, splitter, length=24)


def chunk_id(revision: str, ordinal: int) -> str:
    """Identity of a chunk; sorts in the order of the text within its revision."""
    return f"{revision}-{ordinal:05d}"


def vector_key(model_digest: str, text: str) -> bytes:
    """Key of the embedding cache: what the model is and exactly what it reads."""
    return bytes.fromhex(digest("vector", model_digest, text, length=40))
