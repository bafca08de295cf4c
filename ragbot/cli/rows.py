"""Questions from a JSONL file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from ragbot.core.errors import UsageError
from ragbot.core.types import Message, Speaker
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
