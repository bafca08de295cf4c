"""Answers, hits and citations as JSON: one form for terminal, HTTP, records and evaluation."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ragbot.core.errors import RagbotError
from ragbot.core.types import Answer, Citation, Hit, Query, SearchResult


def hit_json(hit: Hit) -> dict[str, Any]:
    """A passage with its text."""
    chunk = hit.chunk
    return {
        "rank": hit.rank,
        "source": chunk.source,
        "page": chunk.page_start,
        "chunk_id": chunk.chunk_id,
        "score": round(hit.score, 6),
        "heading_path": list(chunk.heading_path),
        "text": chunk.text,
        "title": chunk.title,
        "char_start": chunk.char_start,
        "char_end": chunk.char_end,
    }


def hit_brief(hit: Hit) -> dict[str, Any]:
    """A passage without its text: what an event or a record needs to name it."""
    chunk = hit.chunk
    return {
        "rank": hit.rank,
        "source": chunk.source,
        "title": chunk.title,
        "page": chunk.page_start,
        "heading_path": list(chunk.heading_path),
        "score": round(hit.score, 6),
        "document_id": chunk.document_id,
        "revision": chunk.revision,
        "char_start": chunk.char_start,
        "char_end": chunk.char_end,
        "chunk_id": chunk.chunk_id,
    }


def search_json(result: SearchResult) -> dict[str, Any]:
    return {
        "query": result.query.text,
        "hits": [hit_json(hit) for hit in result.hits],
        "notes": list(result.notes),
    }


def citation_json(citation: Citation) -> dict[str, Any]:
    """The canonical citation; see docs/citations.md."""
    return asdict(citation) | {"heading_path": list(citation.heading_path)}


def citation_from_json(row: Mapping[str, Any]) -> Citation:
    """What ``citation_json`` wrote."""
    return Citation(**{**row, "heading_path": tuple(row["heading_path"])})


def answer_json(answer: Answer) -> dict[str, Any]:
    """An answer as ``ragbot ask --json`` and ``POST /api/v1/chat`` give it."""
    return {
        "outcome": answer.outcome,
        "answer": answer.text,
        "citations": [citation_json(citation) for citation in answer.citations],
        "answerability": round(answer.answerability, 4),
        "reason": answer.reason,
        "query": answer.query.text,
        "prompt": asdict(answer.prompt) if answer.prompt else None,
        "model": answer.model,
        "usage": asdict(answer.usage) if answer.usage else None,
        "timings": {stage: round(seconds, 4) for stage, seconds in answer.timings.items()},
        "notes": list(answer.notes),
        "dropped_markers": answer.dropped_markers,
        "withheld": list(answer.withheld),
    }


def failed_json(error: RagbotError, question: str) -> dict[str, Any]:
    """The same form for a question whose answering broke: outcome ``failed``, and the error."""
    query = Query(question=question, text=question.strip())
    return answer_json(Answer("failed", "", (), 0.0, str(error), query)) | {"error": error_json(error)}


def error_json(error: RagbotError) -> dict[str, Any]:
    """An error as every answer over HTTP and every record holds it."""
    return {
        "code": error.code,
        "message": error.message,
        "remedy": error.remedy,
        "retryable": error.retryable,
    }


def answer_details(answer: Answer) -> dict[str, Any]:
    """What a stored turn keeps of an answer beside outcome, text and citations."""
    kept = {
        name: value for name, value in answer_json(answer).items() if name not in ("outcome", "answer", "citations")
    }
    return kept | {"hits": [hit_brief(hit) for hit in answer.hits]}
