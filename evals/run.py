"""One evaluation from beginning to end: play the questions, score the answers."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from evals.dataset import GoldQuestion, QuestionSet
from evals.metrics.names import JUDGED, checked
from evals.playing import Progress, play, unknown_sources
from evals.report import Run
from evals.scoring import check_installed, score
from evals.settings import EvalSettings
from evals.tools import Tools
from ragbot.bot import Bot
from ragbot.chat.settings import AnswerSettings
from ragbot.core.errors import ConfigError, UsageError
from ragbot.settings import Settings
from ragbot.wiring import embedder_provider

if TYPE_CHECKING:
    from ragbot.core.ports import ChatModel


def chosen_metrics(options: EvalSettings, named: Sequence[str] | None) -> tuple[str, ...]:
    """The metrics of a run: those ``named`` on the command line, else those of the settings.

    Who names a judged metric wants it: without a judge that is a ``UsageError``.  Of the settings' it is not scored.
    """
    if named is None:
        return checked(options.metrics, "eval.metrics")
    names = checked(named, "--metrics")
    judged = [name for name in names if name in JUDGED]
    if judged and not options.judge:
        raise UsageError(
            f"--metrics: {', '.join(judged)} needs a judge.", remedy="Set eval.judge, written as llm.model is."
        )
    return names


async def evaluate(
    data: QuestionSet, settings: Settings, metrics: Sequence[str], *, started: datetime, progress: Progress
) -> Run:
    """Plays ``data`` through the bot of ``settings`` and scores it with ``metrics``.

    Whatever is wrong with settings, index or packages is raised before the first question; a question that breaks is
    part of the run.
    """
    options = settings.section(EvalSettings)
    check_installed(metrics)
    judge = judge_model(options) if options.judge and any(name in JUDGED for name in metrics) else None
    began = time.perf_counter()
    async with Bot.open(settings=settings) as bot:
        notes = _notes(await unknown_sources(bot, data.questions), data.questions)
        await bot.warm()
        played = await play(bot, data.questions, concurrency=options.concurrency, progress=progress)
    between = time.perf_counter()
    tools = Tools(
        embedder=embedder_provider(settings).for_queries(),
        passages=settings.section(AnswerSettings).passages,
        concurrency=options.concurrency,
        judge=judge,
    )
    scores = await score(played, metrics, tools, progress)
    seconds = {"playing": between - began, "scoring": time.perf_counter() - between}
    return Run(data, played, scores, settings, judge.name if judge else "", started, seconds, notes)


def judge_model(options: EvalSettings) -> "ChatModel":
    """The configured judge; ``ConfigError`` or ``MissingExtraError`` says what keeps it from ever answering."""
    from ragbot.adapters.chat_models.registry import chat_model
    from ragbot.adapters.chat_models.settings import ModelSettings

    settings = ModelSettings.model_validate(
        {
            "model": options.judge,
            "base_url": options.judge_base_url,
            "api_key": options.judge_api_key,
            "reply_tokens": options.judge_reply_tokens,
            "context_tokens": options.judge_context_tokens,
            "timeout": options.judge_timeout,
            "stall": options.judge_timeout,
        }
    )
    try:
        return chat_model(settings)
    except ConfigError as error:
        raise ConfigError(f"eval.judge is set as llm.model is: {error.message}", remedy=error.remedy) from error


def _notes(unknown: dict[str, list[GoldQuestion]], questions: Sequence[GoldQuestion]) -> list[str]:
    """What makes the figures say less than they seem to."""
    notes = [
        f"The index holds no {source!r}, which line {', '.join(str(each.line) for each in naming)} expects."
        for source, naming in unknown.items()
    ]
    if varied := [each.id for each in questions if each.variables]:
        notes.append(f"'variables' are not used yet: {', '.join(varied)}.")
    return notes
