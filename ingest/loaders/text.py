"""Plain text: read as it is, in whatever encoding, with nothing invented."""

from ingest.loaders.decoding import decode
from ingest.loaders.outline import make_document
from ingest.loaders.sniff import looks_binary
from ragbot.core.types import Blob, Document

SUFFIXES = frozenset({".txt", ".text", ".log"})


class TextLoader:
    """``.txt``, and text without an ending, such as ``LICENSE``."""

    name = "text"
    version = 1
    isolated = False

    def accepts(self, blob: Blob) -> bool:
        """By name; without an ending, by content. A picture named ``.txt`` is accepted and then refused by
        ``load``, which can say what is wrong with it."""
        if blob.suffix:
            return blob.suffix in SUFFIXES
        return bool(blob.data) and not looks_binary(blob.data)

    def load(self, blob: Blob) -> Document:
        """The text, line by line. Raises ``DocumentError``: ``binary``, ``encoding`` or ``no_text``."""
        decoded = decode(blob)
        return make_document(
            blob,
            decoded.text,
            media_type="text/plain",
            structured=False,
            metadata={"encoding": decoded.encoding},
            warnings=decoded.warnings,
        )
