"""``ragbot ask``."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from ragbot.bot import Bot
from ragbot.cli.answers import spoken
from ragbot.cli.batch import run_batch, single_or_batch
from ragbot.cli.options import ConfigOption, DataDirOption, JsonOption, PrincipalOption, RoleOption, settings_for
from ragbot.cli.rows import Question
from ragbot.core.errors import ModelError
from ragbot.core.forms import answer_json, failed_json
from ragbot.core.types import Turn
from ragbot.settings import Settings
from ragbot.terminal import SOME_FAILED, UNAVAILABLE, emit_json, say


def ask(
    ctx: typer.Context,
    question: Annotated[str | None, typer.Argument(help="What you want to know.")] = None,
    source: Annotated[
        Path | None, typer.Option("--input", help="JSONL rows {id, question, conversation?, principals?}.")
    ] = None,
    target: Annotated[Path | None, typer.Option("--output", help="Where the answers go, one row each.")] = None,
    role: RoleOption = None,
    principal: PrincipalOption = None,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
    config: ConfigOption = None,
) -> None:
    """Answer a question from the documents, with citations, or say that nothing supports an answer."""
    settings = settings_for(ctx, data_dir, config)
    if single_or_batch(question, source, target):
        assert source is not None
        assert target is not None
        failures: list[ModelError] = []
        count = asyncio.run(run_batch(settings, source, target, partial(_row, role, principal or [], failures)))
        say(f"{count} questions asked, {len(failures)} of them failed, written to {target}.")
        if failures:
            say(f"ragbot: the last failure: {failures[-1]}")
            raise SystemExit(UNAVAILABLE if len(failures) == count else SOME_FAILED)
        return
    asyncio.run(_ask(settings, Turn(str(question), (), frozenset(principal or []), role), as_json=as_json))


async def _row(
    role: str | None, principals: list[str], failures: list[ModelError], bot: Bot, each: Question
) -> dict[str, Any]:
    try:
        answer = await bot.ask(
            each.question, conversation=each.conversation, principals=(*each.principals, *principals), role=role
        )
    except ModelError as error:
        # One question the model fails on must not lose the answers to the others.
        failures.append(error)
        return {"id": each.id, **failed_json(error, each.question)}
    return {"id": each.id, **answer_json(answer)}


async def _ask(settings: Settings, turn: Turn, *, as_json: bool) -> None:
    async with Bot.open(settings=settings) as bot:
        if as_json:
            answer = await bot.ask(turn.question, principals=turn.principals, role=turn.role)
            emit_json(answer_json(answer))
        else:
            await spoken(bot.stream(turn))
