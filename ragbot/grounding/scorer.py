"""The ``Grounder`` ragbot ships: it reads off what a claim and a passage share, without a model of its own."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ragbot.core.text import plain_text
from ragbot.core.types import Grounding
from ragbot.grounding.features import WORD_FOR_WORD, Claim, Evidence, claim_of, evidence, quick_look, spelling
from ragbot.grounding.passages import PassageText, take_apart
from ragbot.grounding.scoring import SUPPORTED, is_open, score, support
from ragbot.grounding.units import Unit

if TYPE_CHECKING:
    from ragbot.core.ports import Embedder

NOTHING = Grounding("unsupported", 0.0, 0, 0)
LONGEST_CLAIM = 4000
"""Characters; what is longer is no sentence, and nothing supports it."""

_LOOKED_AT, _CLOSE = 3, 0.7
"""How many sentences of a passage are looked at closely, and how near they must come to the best by their words."""
_LEAST_LOOK, _WORTH_JOINING, _COMPLETE, _RUN_GAIN = 0.15, 0.4, 0.95, 0.08
_CLEARLY = 0.1
_LONGEST_QUOTE = 300
_EMBEDDED, _LONGEST_EMBEDDED = 4, 400
_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class Found:
    """The piece of a passage that speaks best for a claim."""

    units: tuple[Unit, ...]
    evidence: Evidence
    score: float


class SupportScorer:
    """A ``Grounder`` over words, figures, names and denials; with an embedder, also over nearness of meaning.

    One is shared by all requests: it keeps nothing but the passages it took apart last.
    """

    def __init__(self, embedder: "Embedder | None" = None) -> None:
        self._embedder = embedder
        self._passages: OrderedDict[tuple[str, str], PassageText] = OrderedDict()

    async def check(self, claim: str, passages: Sequence[str], contexts: Sequence[str] = ()) -> list[Grounding]:
        """One verdict per passage, in their order.

        ``contexts`` may say what stands over each passage (title, heading path): its words count, and are not quoted.
        """
        return await asyncio.to_thread(self.judge, claim, passages, contexts)

    def judge(self, claim: str, passages: Sequence[str], contexts: Sequence[str] = ()) -> list[Grounding]:
        """``check`` for callers that are in a thread already."""
        said = claim_of(claim[:LONGEST_CLAIM])
        return [_verdict(said, found) for found in self.find(claim, passages, contexts)]

    def find(self, claim: str, passages: Sequence[str], contexts: Sequence[str] = ()) -> list[Found | None]:
        """The best piece of each passage with what speaks for it; None where hardly a word is shared."""
        said = claim_of(claim[:LONGEST_CLAIM])
        if not said.spelling or len(claim) > LONGEST_CLAIM:
            return [None] * len(passages)
        over = [*contexts, *[""] * (len(passages) - len(contexts))]
        found = [_best(said, self._taken_apart(text, above)) for text, above in zip(passages, over, strict=True)]
        return self._compared(claim, found)

    def _taken_apart(self, text: str, context: str) -> PassageText:
        known = self._passages.pop((text, context), None) or take_apart(text, context)
        self._passages[text, context] = known
        if len(self._passages) > _REMEMBERED:
            self._passages.popitem(last=False)
        return known

    def _compared(self, claim: str, found: list[Found | None]) -> list[Found | None]:
        """The same with the cosine of the few best pieces, unless one supports the claim already."""
        if self._embedder is None or any(each.score >= SUPPORTED for each in found if each is not None):
            return found
        doubtful = [
            (each.score, -i, each) for i, each in enumerate(found) if each is not None and is_open(each.evidence)
        ]
        chosen = sorted(doubtful, key=lambda entry: entry[:2], reverse=True)[:_EMBEDDED]
        if not chosen:
            return found
        vectors = self._embedder.embed_documents([plain_text(claim), *(_said(each) for _, _, each in chosen)])
        for (_, negative, each), cosine in zip(chosen, (vectors[1:] @ vectors[0]).tolist(), strict=True):
            known = replace(each.evidence, similar=max(0.0, cosine))
            found[-negative] = replace(each, evidence=known, score=score(known))
        return found


def _best(claim: Claim, passage: PassageText) -> Found | None:
    """The piece that speaks best for the claim, unless one that says clearly more of its words denies it."""
    for unit in passage.units:
        if unit.quick == claim.quick and spelling(unit.text) == claim.spelling:
            return Found((unit,), WORD_FOR_WORD, score(WORD_FOR_WORD))
    found = [_weighed(claim, units, passage) for units in _pieces(claim, passage.units)]
    if not found:
        return None
    best = max(found, key=lambda each: each.score)
    nearest = max(found, key=lambda each: each.evidence.covered)
    denied = nearest.evidence.denied and nearest.evidence.covered > best.evidence.covered + _CLEARLY
    return nearest if denied else best


def _weighed(claim: Claim, units: Sequence[Unit], passage: PassageText) -> Found:
    known = evidence(claim, units, passage)
    return Found(tuple(units), known, score(known))


def _pieces(claim: Claim, units: Sequence[Unit]) -> Iterator[Sequence[Unit]]:
    """Single units, the best first, and the runs of neighbours around them that hold more of the claim."""
    looks = sorted(((quick_look(claim, [unit]), -i) for i, unit in enumerate(units)), reverse=True)[:_LOOKED_AT]
    tried: set[tuple[int, int]] = set()
    for look, negative in looks:
        if look < max(_LEAST_LOOK, _CLOSE * looks[0][0]):
            return
        i = -negative
        yield units[i : i + 1]
        if looks[0][0] < _WORTH_JOINING or look > _COMPLETE:
            continue
        for start, end in ((i - 1, i + 1), (i, i + 2), (i - 1, i + 2), (i - 2, i + 1), (i, i + 3)):
            if start >= 0 and end <= len(units) and (start, end) not in tried:
                tried.add((start, end))
                if quick_look(claim, units[start:end]) >= look + _RUN_GAIN * (end - start - 1):
                    yield units[start:end]


def _said(found: Found) -> str:
    return plain_text("\n".join([found.units[0].lent, *(unit.text for unit in found.units)]))[:_LONGEST_EMBEDDED]


def _verdict(claim: Claim, found: Found | None) -> Grounding:
    """The quote begins at the line that introduces a list where an item alone says too little of the claim."""
    if found is None:
        return NOTHING
    start, end = found.units[0].start, found.units[-1].end
    lead = found.units[0].lead_start
    if lead is not None and end - lead <= _LONGEST_QUOTE and quick_look(claim, found.units) < found.evidence.covered:
        start = lead
    value = round(found.score, 4)
    return Grounding(support(value), value, start, end)
