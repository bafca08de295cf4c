"""Documents and cited places for readers: what a citation opens."""

import asyncio
import json
from typing import Any

from ragbot.core.errors import ChangedError, NotFoundError
from ragbot.core.types import DocumentInfo, DocumentText, Passage
from ragbot.index.catalog import READABLE, SOURCE, Catalog

AROUND = 600
"""Characters shown before and after a cited place, at most."""

_CURRENT = f"""
SELECT d.document_id, {SOURCE} AS source, d.uri, d.updated, r.id AS revision_id, r.number, r.title, r.bytes,
       CASE WHEN :id IS NULL THEN '' ELSE r.text END AS text,
       (SELECT count(*) FROM chunks c WHERE c.revision = r.id) AS chunks
FROM documents d JOIN roots ON roots.id = d.root JOIN revisions r ON r.document = d.id AND r.state = 'current'
WHERE {READABLE} AND (:id IS NULL OR d.document_id = :id) ORDER BY source
"""
_COVERING = """
SELECT page_start, page_end, heading_path FROM chunks
WHERE revision = :revision AND char_start <= :start AND char_end > :start ORDER BY char_start DESC LIMIT 1
"""


class CatalogLibrary:
    """A ``Library`` over the catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    async def documents(self, principals: frozenset[str]) -> list[DocumentInfo]:
        """Every readable document, by source."""
        rows = await asyncio.to_thread(self._current, principals)
        return [_info(row) for row in rows]

    async def document(self, document_id: str, principals: frozenset[str]) -> DocumentText:
        """One document; ``NotFoundError`` where there is none to read."""
        row, text = await asyncio.to_thread(self._text, document_id, principals)
        return DocumentText(_info(row), text)

    async def passage(
        self, document_id: str, revision: int, char_start: int, char_end: int, principals: frozenset[str]
    ) -> Passage:
        """A cited place; ``ChangedError`` where the document has another revision now."""
        return await asyncio.to_thread(self._passage, document_id, revision, char_start, char_end, principals)

    def _current(self, principals: frozenset[str], document_id: str | None = None) -> list[Any]:
        parameters = {"principals": json.dumps(sorted(principals)), "id": document_id}
        return self._catalog.rows(_CURRENT, parameters)

    def _text(self, document_id: str, principals: frozenset[str]) -> tuple[Any, str]:
        found = self._current(principals, document_id)
        if not found:
            # One message for what is not there and for what is not this reader's: anything else would tell them apart.
            raise NotFoundError("There is no such document.", remedy="Ask again: it may have been deleted.")
        return found[0], str(found[0]["text"])

    def _passage(
        self, document_id: str, revision: int, char_start: int, char_end: int, principals: frozenset[str]
    ) -> Passage:
        row, text = self._text(document_id, principals)
        if row["number"] != revision:
            raise ChangedError(
                "The document has been replaced since it was cited.", remedy="Ask again to see what it says now."
            )
        if not 0 <= char_start < char_end <= len(text):
            raise NotFoundError("There is no such place in this document.", remedy="Ask again.")
        covering = self._catalog.rows(_COVERING, {"revision": row["revision_id"], "start": char_start})
        return Passage(
            info=_info(row),
            page_start=covering[0]["page_start"] if covering else None,
            page_end=covering[0]["page_end"] if covering else None,
            heading_path=tuple(json.loads(covering[0]["heading_path"])) if covering else (),
            before=_tail(text[max(0, char_start - AROUND) : char_start], whole=char_start <= AROUND),
            quote=text[char_start:char_end],
            after=_head(text[char_end : char_end + AROUND], whole=len(text) <= char_end + AROUND),
        )


def _tail(text: str, *, whole: bool) -> str:
    """The end of ``text`` from the first line that begins in it, or all of it."""
    cut = -1 if whole else text.find("\n")
    return text[cut + 1 :]


def _head(text: str, *, whole: bool) -> str:
    cut = -1 if whole else text.rfind("\n")
    return text if cut < 0 else text[:cut]


def _info(row: Any) -> DocumentInfo:
    return DocumentInfo(
        document_id=row["document_id"],
        source=row["source"],
        title=row["title"] or "",
        uri=row["uri"],
        revision=row["number"],
        chunks=row["chunks"],
        bytes=row["bytes"] or 0,
        updated=row["updated"],
    )
