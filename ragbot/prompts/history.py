"""The earlier turns as a model reads them: whole ones, question and answer in turn, the newest that fit."""

from collections.abc import Iterator, Sequence

from ragbot.core.types import Message
from ragbot.prompts.fence import inert, seen, without_own_markers


def earlier_turns(conversation: Sequence[Message], characters: int) -> tuple[Message, ...]:
    """At most ``characters`` of the conversation, oldest first, always a user message and then the assistant's.

    Only the two sides of a talk are taken: a ``system`` message in it was never ours.  The two take turns, since many
    models refuse anything else: messages of one side in a row are joined, what got no answer last is left out.
    """
    kept: list[tuple[Message, Message]] = []
    for user, assistant in _latest(conversation):
        characters -= len(user) + len(assistant)
        if characters < 0:
            break
        kept.append((Message("user", user), Message("assistant", assistant)))
    return tuple(message for turn in reversed(kept) for message in turn)


def _latest(conversation: Sequence[Message]) -> Iterator[tuple[str, str]]:
    """What was asked and answered, the latest first; messages of one side in a row are joined."""
    asked: list[str] = []
    answered: list[str] = []
    for message in reversed(conversation):
        text = seen(message.content).strip()
        if message.role == "assistant" and (text := without_own_markers(text).strip()):
            if asked:
                yield _joined(asked), _joined(answered)
                asked, answered = [], []
            answered.append(text)
        elif message.role == "user" and answered and text:
            asked.append(text)
    if asked:
        yield _joined(asked), _joined(answered)


def _joined(latest_first: list[str]) -> str:
    # Made inert only now: two harmless messages can make a tag together.
    return inert("\n\n".join(reversed(latest_first)))
