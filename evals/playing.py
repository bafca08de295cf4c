"""Putting questions to the bot, the way production does. One that breaks is recorded, and the run goes on."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import Protocol

from evals.dataset import GoldQuestion
from evals.played import Broken, Played
from ragbot.core.errors import RagbotError
from ragbot.core.types import Answer, DocumentInfo, Message
from ragbot.terminal import SOME_FAILED


class Asked(Protocol):
    """What a run asks, and asks what it knows: a ``Bot``."""

    async def ask(self, question: str, *, conversation: Sequence[Message], principals: Iterable[str]) -> Answer:
        """The answer; what breaks is raised."""
        ...

    async def documents(self, principals: Iterable[str]) -> list[DocumentInfo]:
        """The documents that may be read."""
        ...


class Progress(Protocol):
    """Told how far a run is."""

    def start(self, stage: str, total: int | None) -> None:
        """A stage of ``total`` steps begins."""
        ...

    def advance(self, count: int = 1) -> None:
        """So many steps are done."""
        ...


async def play(bot: Asked, questions: Sequence[GoldQuestion], *, concurrency: int, progress: Progress) -> list[Played]:
    """What the bot says to each, in the order of ``questions``, ``concurrency`` of them asked at a time."""
    progress.start("Questions", len(questions))
    gate = asyncio.Semaphore(concurrency)

    async def one(question: GoldQuestion) -> Played:
        async with gate:
            played = await _play(bot, question)
        progress.advance()
        return played

    return list(await asyncio.gather(*(one(question) for question in questions)))


async def unknown_sources(bot: Asked, questions: Sequence[GoldQuestion]) -> dict[str, list[GoldQuestion]]:
    """Expected sources that none of the questions' readers finds in the index, with the questions that name them."""
    principals = {principal for question in questions for principal in question.principals}
    known = {document.source for document in await bot.documents(principals)}
    missing: dict[str, list[GoldQuestion]] = {}
    for question in questions:
        for source in question.expected_sources:
            if source not in known:
                missing.setdefault(source, []).append(question)
    return missing


async def _play(bot: Asked, gold: GoldQuestion) -> Played:
    started = time.perf_counter()
    try:
        answer = await bot.ask(gold.question, conversation=gold.conversation, principals=gold.principals)
    except RagbotError as error:
        return Played(gold, time.perf_counter() - started, broken=Broken(error.code, str(error), error.exit_code))
    except Exception as error:  # noqa: BLE001 - whatever broke one question must not lose the others
        message = f"{type(error).__name__}: {error}"
        return Played(gold, time.perf_counter() - started, broken=Broken("error", message, SOME_FAILED))
    return Played(gold, time.perf_counter() - started, answer)
