"""A ``Grounder`` anyone can predict: a sentence is supported by a passage that holds all of its words."""

import re
from collections.abc import Sequence

from ragbot.core.types import Grounding

_WORD = re.compile(r"\w+")


class WordGrounder:
    """``supported`` for all words, ``partial`` from half of them; the span is the whole passage."""

    async def check(self, claim: str, passages: Sequence[str], contexts: Sequence[str] = ()) -> list[Grounding]:
        words = set(_WORD.findall(claim.casefold()))
        return [_judged(words, passage) for passage in passages]


def _judged(words: set[str], passage: str) -> Grounding:
    held = len(words & set(_WORD.findall(passage.casefold()))) / max(1, len(words))
    support = "supported" if held == 1 else "partial" if held >= 0.5 else "unsupported"
    return Grounding(support, held, 0, len(passage))  # type: ignore[arg-type]
