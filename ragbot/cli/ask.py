"""``ragbot ask``."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from ragbot.bot import Bot
from ragbot.cli.batch import run_batch, single_or_batch
from ragbot.cli.options import ConfigOption, DataDirOption, JsonOption, PrincipalOption, settings_for
from ragbot.cli.rows import Question, answer_json
from ragbot.core.types import Answer
from ragbot.settings import Settings
from ragbot.terminal import console, emit_json, say, shown


def ask(
    ctx: typer.Context,
    question: Annotated[str | None, typer.Argument(help="What you want to know.")] = None,
    source: Annotated[
        Path | None, typer.Option("--input", help="JSONL rows {id, question, conversation?, principals?}.")
    ] = None,
    target: Annotated[Path | None, typer.Option("--output", help="Where the answers go, one row each.")] = None,
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
        count = asyncio.run(run_batch(settings, source, target, _row))
        say(f"{count} questions asked, written to {target}.")
        return
    answer = asyncio.run(_ask(settings, str(question), principal or []))
    if as_json:
        emit_json(answer_json(answer))
    else:
        _print(answer)


async def _row(bot: Bot, each: Question) -> dict[str, Any]:
    answer = await bot.ask(each.question, conversation=each.conversation, principals=each.principals)
    return {"id": each.id, **answer_json(answer)}


async def _ask(settings: Settings, question: str, principals: list[str]) -> Answer:
    async with Bot.open(settings=settings) as bot:
        return await bot.ask(question, principals=principals)


def _print(answer: Answer) -> None:
    from rich.markup import escape

    out = console()
    out.print(escape("\n".join(shown(line) for line in answer.text.split("\n"))))
    if answer.citations:
        out.print()
    for citation in answer.citations:
        page = f", page {citation.page_start}" if citation.page_start else ""
        place = f"{shown(citation.source)}{page}, characters {citation.char_start}–{citation.char_end}"
        path = f"  {shown(' > '.join(citation.heading_path))}" if citation.heading_path else ""
        out.print(f"[bold]\\[{citation.n}][/bold] {escape(place)}[cyan]{escape(path)}[/cyan]")
    if answer.outcome != "answered":
        out.print(f"[dim]{escape(shown(answer.reason))}[/dim]")
        for hit in answer.hits[:3]:
            out.print(f"[dim]Nearest: {escape(shown(hit.chunk.source))}[/dim]")
