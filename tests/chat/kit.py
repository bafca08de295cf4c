"""A pipeline over passages in memory, and ways to run it."""

from collections.abc import Sequence

from ragbot.chat.answering import Answerer
from ragbot.chat.examining import Examiner
from ragbot.chat.extractive import ExtractiveAnswerer
from ragbot.chat.pipeline import ChatPipeline
from ragbot.chat.settings import AnswerSettings
from ragbot.core.events import ChatEvent, Completed
from ragbot.core.readiness import Readiness
from ragbot.core.types import Answer, Message, Query, Turn
from ragbot.retrieval.condense import FoldingCondenser
from ragbot.retrieval.search import HybridRetriever
from ragbot.retrieval.settings import RetrievalSettings
from ragbot.testing.embedder import HashModel
from ragbot.testing.passages import MemoryPassages
from ragbot.testing.roles import PlainRoles


class FixedQuery:
    """A ``Condenser`` that always gives the same query."""

    def __init__(self, query: Query) -> None:
        self._query = query

    def condense(self, question: str, conversation: Sequence[Message]) -> Query:
        return self._query


def make_pipeline(
    index: MemoryPassages,
    settings: AnswerSettings | None = None,
    *,
    answerer: Answerer | None = None,
    query: Query | None = None,
    readiness: Readiness | None = None,
    patience: float = 0.0,
) -> ChatPipeline:
    settings = settings or AnswerSettings.model_validate({})
    retrieval = RetrievalSettings.model_validate({})
    return ChatPipeline(
        condenser=FixedQuery(query) if query else FoldingCondenser(retrieval),
        retriever=HybridRetriever(index, HashModel(), retrieval, readiness),
        examiner=Examiner(index, HashModel(), settings, readiness),
        answerer=answerer or ExtractiveAnswerer(settings),
        roles=PlainRoles(),
        readiness=readiness or Readiness(),
        patience=patience,
    )


async def events_of(pipeline: ChatPipeline, turn: Turn) -> list[ChatEvent]:
    return [event async for event in pipeline.stream(turn)]


async def answered(pipeline: ChatPipeline, question: str, conversation: Sequence[Message] = ()) -> Answer:
    last = (await events_of(pipeline, Turn(question or "?", tuple(conversation))))[-1]
    assert isinstance(last, Completed)
    return last.answer
