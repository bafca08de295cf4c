"""Fitting passages into a model's window."""

from collections.abc import Sequence
from dataclasses import replace

from ragbot.core.types import Hit, Message

_CHARACTERS_PER_TOKEN = 3
"""Cautious for European languages; a model's own tokenizer is not at hand."""
_SHARE = 0.6
"""Of the window; rules, history and the question need the rest."""
_SHORTEST = 200


def packed(hits: Sequence[Hit], tokens: int) -> list[Hit]:
    """The hits whose texts fit together into the passages' share of ``tokens``, best first; the last may be cut.

    A cut keeps the beginning, so that offsets into the passage stay offsets into the document.
    """
    left = int(max(0, tokens) * _SHARE * _CHARACTERS_PER_TOKEN)
    kept: list[Hit] = []
    for hit in hits:
        chunk = hit.chunk
        if len(chunk.text) > left:
            if left < _SHORTEST and kept:
                break
            cut = max(left, _SHORTEST)
            chunk = replace(chunk, text=chunk.text[:cut], char_end=chunk.char_start + min(cut, len(chunk.text)))
        kept.append(replace(hit, chunk=chunk))
        left -= len(chunk.text)
    return kept


def fits(messages: Sequence[Message], tokens: int) -> bool:
    """Whether a prompt is surely within ``tokens``."""
    return sum(len(message.content) for message in messages) <= tokens * _CHARACTERS_PER_TOKEN
