"""Answers, hits and played questions made by hand, so that figures can be worked out on paper."""

from typing import Any

from evals.dataset import GoldQuestion
from evals.played import Broken, Played
from ragbot.core.types import Answer, Citation, Hit, Outcome, Query, StoredChunk


def hit(rank: int, source: str, text: str = "Some words.") -> Hit:
    """The passage at this rank."""
    chunk = StoredChunk(
        chunk_id=f"chunk-{rank}",
        document_id=f"id of {source}",
        revision=1,
        source=source,
        title=source,
        uri=f"file:///{source}",
        text=text,
        char_start=0,
        char_end=len(text),
        page_start=None,
        page_end=None,
        heading_path=(),
        labels=("public",),
    )
    return Hit(rank, chunk, 1 / rank)


def citation(n: int, source: str, quote: str = "Some words.") -> Citation:
    """The citation with the marker ``[n]``."""
    return Citation(
        n=n,
        source=source,
        document_id=f"id of {source}",
        revision=1,
        title=source,
        uri=f"file:///{source}",
        page_start=None,
        page_end=None,
        heading_path=(),
        quote=quote,
        char_start=0,
        char_end=len(quote),
        answer_start=0,
        answer_end=len(quote),
        score=0.9,
        support="supported",
    )


def answer(
    outcome: Outcome = "answered",
    text: str = "Some words. [1]",
    cites: tuple[Citation, ...] = (),
    hits: tuple[Hit, ...] = (),
    **more: Any,
) -> Answer:
    """An answer; ``more`` are fields of ``Answer``."""
    return Answer(outcome, text, cites, 0.9, "by hand", Query("How?", "How?"), hits, **more)


def played(given: Answer | None, identity: str = "1", **gold: Any) -> Played:
    """A question with this gold and this answer; None broke."""
    question = GoldQuestion(line=1, id=identity, question="How?", **gold)
    if given is None:
        return Played(question, 0.1, broken=Broken("model_unavailable", "The model is down.", 4))
    return Played(question, 0.1, given)
