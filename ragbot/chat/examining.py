"""Before anything is said: what in the retrieved passages speaks for an answer, and how likely there is one."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ragbot.chat.answerability import Evidence, answerability, by_words, reason
from ragbot.chat.quoting import Quote
from ragbot.chat.settings import AnswerSettings
from ragbot.core.readiness import Readiness
from ragbot.core.sentences import sentences
from ragbot.core.text import breadcrumb, plain_text
from ragbot.core.types import Hit, Query, SearchResult

if TYPE_CHECKING:
    from ragbot.core.ports import Embedder, PassageIndex, Vector

_MOST_COMPARED, _MOST_WORDS = 10, 120
"""Sentences whose meaning is compared with the question's, and their words together. Each word costs 0.25 ms;
what more of them would bring is in docs/benchmarks.md."""
_HEADING_SHARE = 0.5
_LABEL = 4
"""Words of a line without an end: in plain text that is a heading, which says the question back."""
_WORD = re.compile(r"\w+")
_IDENTIFIER = re.compile(r"(?=\w*\d)(?=\w*[^\W\d_])\w+")
"""Letters and digits in one word, such as an error code or an article's number."""
_UNKNOWN_IDENTIFIER = 0.2
"""The most an answer may promise where such a word of the question stands nowhere: E204 is not E412."""
_ASKING = frozenset({"much", "many"})
"""Words of the question that no answer repeats."""


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
        text = self.quote.text.rstrip(" *_")
        if self.quote.kind == "prose" and len(text.split()) <= _LABEL and text[-1:].isalnum():
            return 0.3
        return 0.12 if self.quote.kind == "code" or text.endswith((":", "?")) else 0.0


@dataclass(frozen=True, slots=True)
class Examined:
    """What a search is worth: ``answerable`` is the decision, ``probability`` in [0, 1] and ``reason`` its grounds.

    ``candidates`` are the sentences that could be quoted, best first.
    """

    probability: float
    answerable: bool
    reason: str
    evidence: Evidence
    candidates: tuple[Candidate, ...]


class Examiner:
    """Estimates whether what was retrieved answers the question, from its best sentences."""

    def __init__(
        self,
        index: "PassageIndex",
        embedder: "Embedder",
        settings: AnswerSettings,
        readiness: Readiness | None = None,
    ) -> None:
        self._index = index
        self._embedder = embedder
        self._settings = settings
        self._readiness = readiness or Readiness()

    async def examine(self, result: SearchResult) -> Examined:
        """What speaks for an answer, and the sentences it could quote.

        A follow-up is read both ways, with the turn before it and alone: "and for students?" asks nothing alone, and a
        new topic is not answered by what the old one was about. The reading that promises more counts.
        """
        hits = result.hits[: self._settings.passages]
        known: dict[str, Vector] = {}
        readings = [await self._read(result.query, text, hits, known) for text in _readings(result.query)]
        probability, evidence, candidates = max(readings, key=lambda reading: reading[0])
        return Examined(
            probability=probability,
            answerable=bool(candidates) and probability >= self._settings.threshold,
            reason=reason(evidence, probability, self._settings.threshold),
            evidence=evidence,
            candidates=tuple(candidates),
        )

    async def _read(
        self, query: Query, text: str, hits: Sequence[Hit], known: dict[str, "Vector"]
    ) -> tuple[float, Evidence, list[Candidate]]:
        asking = {term for word in _ASKING for term in self._index.terms(word)}
        rarity = {term: weight for term, weight in (await self._index.rarity(text)).items() if term not in asking}
        nearness = max((hit.channels.get("dense", 0.0) for hit in hits), default=0.0)
        if query.earlier and text == query.question and self._readiness.models:
            asked = await asyncio.to_thread(self._embedder.embed_query, text)
            near = await self._index.cosines([hit.chunk.chunk_id for hit in hits], asked)
            nearness = max(near.values(), default=0.0)
        evidence, candidates = await asyncio.to_thread(self._examine, query, text, hits, rarity, nearness, known)
        probability = answerability(evidence)
        if any(_IDENTIFIER.fullmatch(word) for word in evidence.missing):
            probability = min(probability, _UNKNOWN_IDENTIFIER)
        return probability, evidence, candidates

    def _examine(
        self,
        query: Query,
        text: str,
        hits: Sequence[Hit],
        rarity: Mapping[str, float],
        nearness: float,
        known: dict[str, "Vector"],
    ) -> tuple[Evidence, list[Candidate]]:
        candidates = self._compared(text, self._candidates(hits, rarity), known)
        held: set[str] = set()
        best = 0.0
        for hit in hits:
            terms = set(self._index.terms(f"{_context(hit)} {plain_text(hit.chunk.text)}"))
            best = max(best, _share(terms, rarity))
            held |= terms
        asked = [word for word in _WORD.findall(query.question) if word.casefold() not in _ASKING]
        words = {word: self._index.terms(word) for word in asked}
        absent = {word: terms[0] for word, terms in words.items() if terms and terms[0] not in held}
        missing = tuple(sorted(absent, key=lambda word: -rarity.get(absent[word], 0.0)))
        if not self._readiness.models:
            return by_words(best, missing), candidates
        sentence = max((candidate.similar for candidate in candidates), default=0.0)
        return Evidence(nearness=nearness, covered=best, sentence=sentence, missing=missing), candidates

    def _candidates(self, hits: Sequence[Hit], rarity: Mapping[str, float]) -> list[Candidate]:
        found: list[Candidate] = []
        for hit in hits:
            heading = set(self._index.terms(_context(hit)))
            for each in sentences(hit.chunk.text):
                terms = set(self._index.terms(plain_text(hit.chunk.text[each.start : each.end])))
                covered = _share(terms, rarity) + _HEADING_SHARE * _share(heading - terms, rarity)
                if terms:
                    found.append(Candidate(Quote(hit, each.start, each.end, each.block, each.kind), min(1.0, covered)))
        return _affordable(sorted(found, key=lambda each: -each.score))

    def _compared(self, text: str, candidates: list[Candidate], known: dict[str, "Vector"]) -> list[Candidate]:
        """The candidates with their nearness to ``text``, best first; ``known`` keeps vectors for the next reading."""
        if not candidates or not self._readiness.models:
            return candidates
        asked = self._embedder.embed_query(text)
        words = [plain_text(each.quote.text) for each in candidates]
        new = list(dict.fromkeys(each for each in words if each not in known))
        if new:
            known.update(zip(new, self._embedder.embed_documents(new), strict=True))
        compared = [
            replace(each, similar=float(known[said] @ asked)) for each, said in zip(candidates, words, strict=True)
        ]
        return sorted(compared, key=lambda each: -each.score)


def _affordable(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The first ones, as many as may be compared; always one."""
    kept: list[Candidate] = []
    words = 0
    for each in candidates[:_MOST_COMPARED]:
        words += len(each.quote.text.split())
        if kept and words > _MOST_WORDS:
            break
        kept.append(each)
    return kept


def _readings(query: Query) -> list[str]:
    """The question alone, and with the turn before it where there is one."""
    joined = " ".join([query.question, *(text for text, _ in query.earlier[:1])])
    return [joined, query.question] if query.earlier else [query.question]


def _context(hit: Hit) -> str:
    return breadcrumb(hit.chunk.title, hit.chunk.heading_path)


def _share(terms: set[str], rarity: Mapping[str, float]) -> float:
    """The share of the question's words, weighted by rarity, that are among ``terms``."""
    total = sum(rarity.values())
    return sum(weight for term, weight in rarity.items() if term in terms) / total if total else 0.0
