"""Answering without a model: quote the sentences that answer, each with its source."""

from collections.abc import AsyncGenerator, Sequence

from ragbot.chat.answering import Task
from ragbot.chat.examining import Candidate
from ragbot.chat.quoting import Quote, compose
from ragbot.chat.settings import AnswerSettings
from ragbot.core.events import ChatEvent, Cited, Completed, Delta
from ragbot.core.text import plain_text

_CLOSE_TO_BEST = {True: 0.8, False: 0.92}
"""How near the best sentence another must come: in its passage, and in other ones."""


class ExtractiveAnswerer:
    """An ``Answerer`` that only ever says what the documents say."""

    def __init__(self, settings: AnswerSettings) -> None:
        self._settings = settings

    async def stream(self, task: Task) -> AsyncGenerator[ChatEvent, None]:
        pieces = compose(self._chosen(task.examined.candidates))
        for text, citation in pieces:
            yield Delta(text)
            yield Cited(citation)
        yield Completed(
            task.answer("answered", "".join(text for text, _ in pieces), tuple(citation for _, citation in pieces))
        )

    def _chosen(self, candidates: Sequence[Candidate]) -> list[Quote]:
        """The best sentences, none said twice, in the order a reader meets them."""
        best = candidates[0]
        chosen: dict[str, Quote] = {}
        for each in candidates:
            near = each.score >= _CLOSE_TO_BEST[each.quote.hit is best.quote.hit] * best.score
            if near and len(chosen) < self._settings.sentences:
                chosen.setdefault(plain_text(each.quote.text).casefold(), each.quote)
        return sorted(chosen.values(), key=lambda quote: (quote.hit.rank, quote.start))
