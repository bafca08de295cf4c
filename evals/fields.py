"""Typed fields of a data set's rows; a ``UsageError`` names the place and the field."""

from collections.abc import Mapping
from typing import Any

from ragbot.core.errors import UsageError
from ragbot.core.types import Message

Row = Mapping[str, Any]


def text(row: Row, key: str, where: str) -> str:
    """A text that says something."""
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"{where}: {key!r} must be a text that is not empty.")
    return value


def texts(row: Row, key: str, where: str) -> tuple[str, ...]:
    """A list of texts, each once; absent is empty."""
    value = row.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise UsageError(f"{where}: {key!r} must be a list of texts.")
    return tuple(dict.fromkeys(value))


def flag(row: Row, key: str, where: str) -> bool:
    """True or false; it must be there."""
    value = row.get(key)
    if not isinstance(value, bool):
        raise UsageError(f"{where}: {key!r} must be true or false.")
    return value


def conversation(row: Row, where: str) -> tuple[Message, ...]:
    """The earlier turns, oldest first; absent is empty."""
    turns = row.get("conversation") or []
    if not isinstance(turns, list):
        raise UsageError(f"{where}: 'conversation' must be a list of {{role, content}}.")
    return tuple(_message(turn, where) for turn in turns)


def _message(turn: object, where: str) -> Message:
    if isinstance(turn, dict) and isinstance(turn.get("content"), str):
        match turn.get("role"):
            case "user" | "assistant" | "system" as role:
                return Message(role, turn["content"])
    raise UsageError(f"{where}: each turn of 'conversation' must be {{role: user|assistant|system, content}}.")
