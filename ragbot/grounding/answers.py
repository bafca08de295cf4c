"""A whole answer against what it was written from: each sentence, and one figure for all."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ragbot.core.sentences import sentences
from ragbot.core.types import Grounding
from ragbot.grounding.claims import makes_claim

if TYPE_CHECKING:
    from ragbot.core.ports import Grounder

NOTHING = Grounding("unsupported", 0.0, 0, 0)
_MARKER = re.compile(r"\s?\[\d{1,3}(?:\s?,\s?\d{1,3})*\]")


@dataclass(frozen=True, slots=True)
class JudgedSentence:
    """``answer[start:end]`` with the verdict of the passage that supports it best, counted from 0.

    ``grounding`` is None where the sentence makes no claim, ``passage`` also where there is none to look in.
    """

    start: int
    end: int
    text: str
    passage: int | None
    grounding: Grounding | None


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """``score`` is the mean over the sentences that make a claim, ``worst`` the lowest; None where none does."""

    sentences: tuple[JudgedSentence, ...]

    @property
    def scores(self) -> tuple[float, ...]:
        return tuple(each.grounding.score for each in self.sentences if each.grounding is not None)

    @property
    def score(self) -> float | None:
        return sum(self.scores) / len(self.scores) if self.scores else None

    @property
    def worst(self) -> float | None:
        return min(self.scores, default=None)


def without_markers(sentence: str) -> str:
    """A sentence without its citation markers."""
    return _MARKER.sub("", sentence)


async def judge_answer(grounder: "Grounder", answer: str, passages: Sequence[str]) -> JudgedAnswer:
    """Each sentence of an answer against its best passage; citation markers are not read."""
    judged: list[JudgedSentence] = []
    for each in sentences(answer):
        text = without_markers(answer[each.start : each.end])
        if not makes_claim(text):
            judged.append(JudgedSentence(each.start, each.end, text, None, None))
            continue
        if not passages:
            judged.append(JudgedSentence(each.start, each.end, text, None, NOTHING))
            continue
        verdicts = await grounder.check(text, passages)
        best = max(range(len(verdicts)), key=lambda i: verdicts[i].score)
        judged.append(JudgedSentence(each.start, each.end, text, best, verdicts[best]))
    return JudgedAnswer(tuple(judged))
