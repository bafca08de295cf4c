"""The ``Grounder`` ragbot ships: reads off what a claim and a passage share, needs no model, and uses an embedder if given."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ragbot.core.text import plain_text
from ragbot.core.types import Grounding
from ragbot.grounding.features import Claim, Evidence, claim_of, evidence, quick_look
from ragbot.grounding.passages import PassageText, Unit, take_apart
from ragbot.grounding.scoring import ceiling, score, support

if TYPE_CHECKING:
    from ragbot.core.ports import Embedder

NOTHING = Grounding("unsupported", 0.0, 0, 0)
_LOOKED_AT, _CLOSE = 3, 0.7
"""How many sentences of a passage are looked at closely, and how near they must come to the best by their words."""
_CLEARLY = 0.1
_WORTH_JOINING, _COMPLETE, _RUN_GAIN = 0.4, 0.95, 0.08
_EMBEDDED = 4
_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class Found:
    """The piece of a passage that speaks best for a claim."""

    units: tuple[Unit, ...]
    evidence: Evidence
    score: float


class SupportScorer:
    """A ``Grounder`` over words, figures, names and denials; with an embedder, also over nearness of meaning.

    One is shared by all requests: it keeps nothing but passages taken apart, the latest few.
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
        return [_verdict(found) for found in self.find(claim, passages, contexts)]

    def find(self, claim: str, passages: Sequence[str], contexts: Sequence[str] = ()) -> list[Found | None]:
        """The best piece of each passage with what speaks for it; None where no word is shared."""
        said = claim_of(claim)
        if not said.quick and not said.figures:
            return [None] * len(passages)
        over = [*contexts, *[""] * (len(passages) - len(contexts))]
        found = [_best(said, self._taken_apart(text, above)) for text, above in zip(passages, over, strict=True)]
        return self._compared(claim, found) if self._embedder is not None else found

    def _taken_apart(self, text: str, context: str) -> PassageText:
        known = self._passages.pop((text, context), None) or take_apart(text, context)
        self._passages[text, context] = known
        while len(self._passages) > _REMEMBERED:
            self._passages.popitem(last=False)
        return known

    def _compared(self, claim: str, found: list[Found | None]) -> list[Found | None]:
        """With the cosine of the few best pieces, where it can still change something."""
        open_ones = [i for i, each in enumerate(found) if each is not None and _undecided(each)]
        open_ones.sort(key=lambda i: -found[i].score)
        chosen = open_ones[:_EMBEDDED]
        if not chosen or self._embedder is None:
            return found
        texts = [plain_text(claim), *(_embedded(found[i]) for i in chosen)]
        vectors = self._embedder.embed_documents(texts)
        for i, cosine in zip(chosen, (vectors[1:] @ vectors[0]).tolist(), strict=True):
            known = replace(found[i].evidence, similar=max(0.0, cosine))
            found[i] = replace(found[i], evidence=known, score=score(known))
        return found


def _best(claim: Claim, passage: PassageText) -> Found | None:
    """The piece that speaks best for the claim, among the few with most of its words."""
    found = [
        Found(tuple(units), known, score(known))
        for units in _pieces(claim, passage.units)
        for known in (evidence(claim, units, passage),)
    ]
    if not found:
        return None
    best = max(found, key=lambda each: each.score)
    nearest = max(found, key=lambda each: each.evidence.covered)
    contradicted = nearest.evidence.denied and nearest.evidence.covered > best.evidence.covered + _CLEARLY
    return nearest if contradicted else best


def _pieces(claim: Claim, units: Sequence[Unit]) -> Iterator[Sequence[Unit]]:
    """Single units, the best first, and the runs of neighbours around them that hold more of the claim."""
    looks = sorted(((quick_look(claim, [unit]), -i) for i, unit in enumerate(units)), reverse=True)[:_LOOKED_AT]
    tried: set[tuple[int, int]] = set()
    for look, negative in looks:
        if look <= 0.0 or look < _CLOSE * looks[0][0]:
            return
        i = -negative
        yield units[i : i + 1]
        if looks[0][0] < _WORTH_JOINING or look > _COMPLETE:
            continue
        for start, end in ((i - 1, i + 1), (i, i + 2), (i - 1, i + 2), (i - 2, i + 1), (i, i + 3)):
            if 0 <= start and end <= len(units) and (start, end) not in tried:
                tried.add((start, end))
                if quick_look(claim, units[start:end]) >= look + _RUN_GAIN * (end - start - 1):
                    yield units[start:end]


def _undecided(found: Found) -> bool:
    return ceiling(found.evidence) > 0.5 and 0.02 < found.score < 0.97


def _embedded(found: Found) -> str:
    first = found.units[0]
    return plain_text(f"{first.lent}\n" + "\n".join(unit.text for unit in found.units))


def _verdict(found: Found | None) -> Grounding:
    if found is None:
        return NOTHING
    value = round(found.score, 4)
    return Grounding(support(value), value, found.units[0].start, found.units[-1].end)
