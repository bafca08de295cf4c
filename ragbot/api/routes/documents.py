"""Documents, and cited places in them: what a citation opens."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query

from ragbot.api.deps import BotDep, ReadersDep
from ragbot.api.public import public_uri
from ragbot.api.schemas import ERRORS, DocumentBody, DocumentList, ErrorAnswer, PassageBody, Place
from ragbot.core.types import DocumentInfo

router = APIRouter(tags=["documents"])

_CHANGED: dict[int | str, dict[str, Any]] = {
    410: {"model": ErrorAnswer, "description": "The document has another revision by now."}
}


@router.get("/documents", summary="List documents", response_model=DocumentList, responses=ERRORS)
async def documents(
    bot: BotDep,
    readers: ReadersDep,
    limit: Annotated[int, Query(ge=1, le=1000, description="The most documents.")] = 100,
    offset: Annotated[Place, Query(description="How many to leave out.")] = 0,
) -> dict[str, Any]:
    """The documents the caller may read, by source."""
    found = await bot.documents(readers)
    return {"documents": [asdict(info) for info in found[offset : offset + limit]], "total": len(found)}


@router.get("/documents/{document_id}", summary="Read a document", response_model=DocumentBody, responses=ERRORS)
async def document(document_id: str, bot: BotDep, readers: ReadersDep) -> dict[str, Any]:
    """The stored text of the current revision; offsets of citations count its characters."""
    found = await bot.document(document_id, readers)
    return _heading(found.info) | {"text": found.text}


@router.get(
    "/documents/{document_id}/passage",
    summary="Open a citation",
    response_model=PassageBody,
    responses=ERRORS | _CHANGED,
)
async def passage(
    document_id: str,
    revision: Annotated[Place, Query(description="The citation's revision.")],
    char_start: Annotated[Place, Query(description="The quote's first character.")],
    char_end: Annotated[Place, Query(description="The character after its last.")],
    bot: BotDep,
    readers: ReadersDep,
) -> dict[str, Any]:
    """The cited place with the text around it, as the document stood when it was cited."""
    found = await bot.passage(document_id, revision, char_start, char_end, readers)
    return _heading(found.info) | {
        "page_start": found.page_start,
        "page_end": found.page_end,
        "heading_path": list(found.heading_path),
        "before": found.before,
        "quote": found.quote,
        "after": found.after,
    }


def _heading(info: DocumentInfo) -> dict[str, Any]:
    return {
        "document_id": info.document_id,
        "source": info.source,
        "title": info.title,
        "uri": public_uri(info.uri),
        "revision": info.revision,
    }
