"""Answering without a model: quote the sentences that answer, each with its source, or say that none does."""

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ragbot.chat.answerability import Evidence, answerability, reason
from ragbot.chat.quoting import Quote, compose
from ragbot.chat.settings import AnswerSettings
from ragbot.core.sentences import sentences
from ragbot.core.text import breadcrumb, plain_text
from ragbot.core.types import Answer, Hit, Query, SearchResult

if TYPE_CHECKING:
    from ragbot.core.ports import Embedder, PassageIndex

NO_ANSWER = "I don't know: nothing in the documents supports an answer."
_MOST_COMPARED = 24
_HEADING_SHARE = 0.5
_CLOSE_TO_BEST = {True: 0.8, False: 0.92}
"""How near the best sentence another must come: in its passage, and in other ones."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that could be quoted. ``covered`` is the weighted share of the question's words in it."""

    quote: Quote
    covered: float
    similar: float = 0.0

    @property
    def score(self) -> float:
        return 0.45 * self.similar + 0.3 * self.covered + 0.25 * self.quote.hit.score - self._says_little

    @property
    def _says_little(self) -> float:
        """Code, a question back, and a line that only introduces what follows answer nothing by themselves."""
        return 0.12 if self.quote.kind == "code" or self.quote.text.rstrip(" *_").endswith((":", "?")) else 0.0


class ExtractiveAnswerer:
    """An ``Answerer`` that only ever says what the documents say."""

    def __init__(self, index: "PassageIndex", embedder: "Embedder", settings: AnswerSettings) -> None:
        self._index = index
        self._embedder = embedder
        self._settings = settings

    async def answer(self, result: SearchResult) -> Answer:
        started = time.perf_counter()
        evidence, candidates = await self.examine(result)
        probability = answerability(evidence)
        why = reason(evidence, probability, self._settings.threshold)
        abstain = not candidates or probability < self._settings.threshold
        text, citations = (NO_ANSWER, ()) if abstain else compose(self._chosen(candidates))
        return Answer(
            outcome="abstained" if abstain else "answered",
            text=text,
            citations=citations,
            answerability=probability,
            reason=why,
            query=result.query,
            hits=result.hits,
            timings={**result.timings, "answer": time.perf_counter() - started},
        )

    async def examine(self, result: SearchResult) -> tuple[Evidence, list[Candidate]]:
        """What speaks for an answer, and the sentences it could quote, best first."""
        hits = result.hits[: self._settings.passages]
        rarity = await self._index.rarity(_asked(result.query))
        return await asyncio.to_thread(self._examine, result.query, hits, rarity)

    def _examine(
        self, query: Query, hits: Sequence[Hit], rarity: Mapping[str, float]
    ) -> tuple[Evidence, list[Candidate]]:
        candidates = self._compared(query, self._candidates(hits, rarity))
        held: set[str] = set()
        best = 0.0
        for hit in hits:
            terms = set(self._index.terms(f"{_context(hit)} {plain_text(hit.chunk.text)}"))
            best = max(best, _share(terms, rarity))
            held |= terms
        words = {word: self._index.terms(word) for word in _WORD.findall(query.question)}
        absent = {word: terms[0] for word, terms in words.items() if terms and terms[0] not in held}
        missing = sorted(absent, key=lambda word: -rarity.get(absent[word], 0.0))
        evidence = Evidence(
            nearness=max((hit.channels.get("dense", 0.0) for hit in hits), default=0.0),
            covered=best,
            sentence=max((candidate.similar for candidate in candidates), default=0.0),
            missing=tuple(missing),
        )
        return evidence, candidates

    def _candidates(self, hits: Sequence[Hit], rarity: Mapping[str, float]) -> list[Candidate]:
        found: list[Candidate] = []
        for hit in hits:
            heading = set(self._index.terms(_context(hit)))
            for each in sentences(hit.chunk.text):
                terms = set(self._index.terms(plain_text(hit.chunk.text[each.start : each.end])))
                covered = _share(terms, rarity) + _HEADING_SHARE * _share(heading - terms, rarity)
                if terms:
                    found.append(Candidate(Quote(hit, each.start, each.end, each.block, each.kind), min(1.0, covered)))
        return sorted(found, key=lambda each: -each.score)[:_MOST_COMPARED]

    def _compared(self, query: Query, candidates: list[Candidate]) -> list[Candidate]:
        if not candidates:
            return []
        asked = self._embedder.embed_query(_asked(query))
        vectors = self._embedder.embed_documents([plain_text(each.quote.text) for each in candidates])
        similar = (vectors @ asked).tolist()
        compared = [replace(each, similar=cosine) for each, cosine in zip(candidates, similar, strict=True)]
        return sorted(compared, key=lambda each: -each.score)

    def _chosen(self, candidates: Sequence[Candidate]) -> list[Quote]:
        """The best sentences, none said twice, in the order a reader meets them."""
        best = candidates[0]
        chosen: dict[str, Quote] = {}
        for each in candidates:
            near = each.score >= _CLOSE_TO_BEST[each.quote.hit is best.quote.hit] * best.score
            if near and len(chosen) < self._settings.sentences:
                chosen.setdefault(plain_text(each.quote.text).casefold(), each.quote)
        return sorted(chosen.values(), key=lambda quote: (quote.hit.rank, quote.start))


def _asked(query: Query) -> str:
    """The question, with the turn before it where there is one: "and for students?" asks nothing alone."""
    return " ".join([query.question, *(text for text, _ in query.earlier[:1])])


def _context(hit: Hit) -> str:
    return breadcrumb(hit.chunk.title, hit.chunk.heading_path)


def _share(terms: set[str], rarity: Mapping[str, float]) -> float:
    """The share of the question's words, weighted by rarity, that are among ``terms``."""
    total = sum(rarity.values())
    return sum(weight for term, weight in rarity.items() if term in terms) / total if total else 0.0
