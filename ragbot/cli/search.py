"""``ragbot search``."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from ragbot.bot import Bot
from ragbot.cli.batch import run_batch, single_or_batch
from ragbot.cli.options import ConfigOption, DataDirOption, JsonOption, PrincipalOption, settings_for
from ragbot.cli.rows import Question
from ragbot.core.forms import search_json
from ragbot.core.types import SearchResult
from ragbot.settings import Settings
from ragbot.terminal import console, emit_json, say, shown


def search(
    ctx: typer.Context,
    question: Annotated[str | None, typer.Argument(help="What to look for.")] = None,
    source: Annotated[
        Path | None, typer.Option("--input", help="JSONL rows {id, question, conversation?, principals?}.")
    ] = None,
    target: Annotated[Path | None, typer.Option("--output", help="Where rows {id, query, hits} go.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help="Passages to show.")] = 10,
    principal: PrincipalOption = None,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
    config: ConfigOption = None,
) -> None:
    """Show the passages for a question."""
    settings = settings_for(ctx, data_dir, config)
    if single_or_batch(question, source, target):
        assert source is not None
        assert target is not None
        count = asyncio.run(run_batch(settings, source, target, _row(limit)))
        say(f"{count} questions searched, written to {target}.")
        return
    result = asyncio.run(_search(settings, str(question), limit, principal or []))
    if as_json:
        emit_json(search_json(result))
    else:
        _print(result)


def _row(limit: int) -> Any:
    async def work(bot: Bot, each: Question) -> dict[str, Any]:
        result = await bot.search(
            each.question, conversation=each.conversation, limit=limit, principals=each.principals
        )
        return {"id": each.id, **search_json(result)}

    return work


async def _search(settings: Settings, question: str, limit: int, principals: list[str]) -> SearchResult:
    async with Bot.open(settings=settings) as bot:
        return await bot.search(question, limit=limit, principals=principals)


def _print(result: SearchResult) -> None:
    out = console()
    for hit in result.hits:
        chunk = hit.chunk
        page = f", page {chunk.page_start}" if chunk.page_start else ""
        path = " > ".join(chunk.heading_path)
        out.print(f"[bold]{hit.rank}. {_escaped(shown(chunk.source))}{page}[/bold]  [dim]{hit.score:.3f}[/dim]")
        if path:
            out.print(f"   [cyan]{_escaped(shown(path))}[/cyan]")
        out.print("   " + _escaped(shown(" ".join(chunk.text.split()), 400)) + "\n")
    if not result.hits:
        out.print("Nothing found.")
    for note in result.notes:
        say(f"Note: {note}")


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)
