"""Running a batch of questions: in order, several at once, one bad row never losing the others' work."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from ragbot.bot import Bot, checked
from ragbot.cli.rows import Question, read_questions
from ragbot.core.errors import UsageError
from ragbot.settings import Settings
from ragbot.terminal import TerminalProgress, written_rows

_AT_ONCE = 4


async def run_batch(
    settings: Settings, source: Path, target: Path, work: Callable[[Bot, Question], Awaitable[dict[str, Any]]]
) -> int:
    """Applies ``work`` to every row of ``source`` and writes one row each to ``target``; gives their number."""
    questions = read_questions(source)
    for each in questions:
        try:
            checked(each.question)
        except UsageError as error:
            raise UsageError(f"{source}, line {each.line}: {error.message}", remedy=error.remedy) from error
    async with Bot.open(settings=settings) as bot:
        with written_rows(target) as write, TerminalProgress() as progress:
            progress.start("Questions", len(questions))
            for start in range(0, len(questions), _AT_ONCE):
                rows = await asyncio.gather(*(work(bot, each) for each in questions[start : start + _AT_ONCE]))
                for row in rows:
                    write(row)
                progress.advance(len(rows))
    return len(questions)


def single_or_batch(question: str | None, source: Path | None, target: Path | None) -> bool:
    """True for a batch; ``UsageError`` where the arguments are neither one nor the other."""
    if question is not None and source is None and target is None:
        return False
    if question is None and source is not None and target is not None:
        return True
    raise UsageError("Give either a QUESTION, or both --input and --output.")
