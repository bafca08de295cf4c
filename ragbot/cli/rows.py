"""Questions from a command line or a JSONL file, and hits and answers as JSON."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from ragbot.core.errors import UsageError
from ragbot.core.types import Answer, Hit, Message, SearchResult, Speaker
from ragbot.terminal import read_rows

_KEYS = {"id", "question", "conversation", "principals"}


@dataclass(frozen=True, slots=True)
class Question:
    """One row of a batch, and the line it stands in."""

    line: int
    id: str
    question: str
    conversation: tuple[Message, ...]
    principals: tuple[str, ...]


def read_questions(path: Path) -> list[Question]:
    """The rows of a batch; ``UsageError`` names file, line and field. Fields beyond ours are left alone."""
    found: list[Question] = []
    for number, row in read_rows(path):
        where = f"{path}, line {number}"
        if not isinstance(row.get("id"), str | int):
            raise UsageError(f"{where}: 'id' must be a text or a number.")
        question = row.get("question")
        if not isinstance(question, str) or not question.strip():
            raise UsageError(f"{where}: 'question' must be a text that is not empty.")
        found.append(
            Question(number, str(row["id"]), question, _conversation(row, where), _principals(row, where)),
        )
    return found


def _conversation(row: dict[str, Any], where: str) -> tuple[Message, ...]:
    turns = row.get("conversation") or []
    if not isinstance(turns, list):
        raise UsageError(f"{where}: 'conversation' must be a list of {{role, content}}.")
    messages = []
    for turn in turns:
        good = isinstance(turn, dict) and isinstance(turn.get("content"), str) and turn.get("role") in get_args(Speaker)
        if not good:
            raise UsageError(
                f"{where}: each turn of 'conversation' needs a role ({', '.join(get_args(Speaker))}) and a content."
            )
        messages.append(Message(turn["role"], turn["content"]))
    return tuple(messages)


def _principals(row: dict[str, Any], where: str) -> tuple[str, ...]:
    names = row.get("principals") or []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise UsageError(f"{where}: 'principals' must be a list of texts.")
    return tuple(names)


def hit_json(hit: Hit) -> dict[str, Any]:
    """A hit as every command prints it."""
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


def search_json(result: SearchResult) -> dict[str, Any]:
    return {
        "query": result.query.text,
        "hits": [hit_json(hit) for hit in result.hits],
        "notes": list(result.notes),
    }


def answer_json(answer: Answer) -> dict[str, Any]:
    return {
        "outcome": answer.outcome,
        "answer": answer.text,
        "citations": [asdict(citation) for citation in answer.citations],
        "answerability": round(answer.answerability, 4),
        "reason": answer.reason,
        "query": answer.query.text,
        "prompt": None,
        "usage": None,
        "timings": {stage: round(seconds, 4) for stage, seconds in answer.timings.items()},
    }
