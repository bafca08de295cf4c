"""``ragbot eval``."""

import asyncio
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ragbot.cli.options import ConfigOption, DataDirOption, JsonOption, remember, settings_for
from ragbot.core.errors import UsageError
from ragbot.terminal import SOME_FAILED, TerminalProgress, emit_json, say, shown, written_rows

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Score the bot on questions whose good answers are known.",
)


@app.callback()
def evaluation(ctx: typer.Context, data_dir: DataDirOption = None, config: ConfigOption = None) -> None:
    """Takes the common options before the name of the sub-command too."""
    before = ctx.obj or {}
    remember(ctx, data_dir or before.get("data_dir"), config or before.get("config"))


@app.command()
def run(
    ctx: typer.Context,
    dataset: Annotated[
        Path | None, typer.Argument(help="JSONL file of questions. [default: questions.jsonl in this folder]")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", help="Write the whole run as JSON to this file.")] = None,
    metrics: Annotated[str | None, typer.Option("--metrics", help="Metrics by name, with commas between.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first so many questions.")] = None,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
    config: ConfigOption = None,
) -> None:
    """Ask the bot every question of a data set, as in production, and score what it finds, says and cites."""
    from evals.dataset import load_questions
    from evals.report import run_json
    from evals.run import chosen_metrics, evaluate
    from evals.settings import EvalSettings

    settings = settings_for(ctx, data_dir, config)
    named = None if metrics is None else [name.strip() for name in metrics.split(",") if name.strip()]
    chosen = chosen_metrics(settings.section(EvalSettings), named)
    data = load_questions(_dataset(dataset), limit=limit)
    with ExitStack() as stack:
        # Opened before the first question, so that a folder nobody may write to is not found out after the last.
        write = stack.enter_context(written_rows(output)) if output is not None else None
        progress = stack.enter_context(TerminalProgress())
        done = asyncio.run(evaluate(data, settings, chosen, started=datetime.now(UTC), progress=progress))
        document = run_json(done)
        if write is not None:
            write(document)
    if as_json:
        emit_json(document)
    else:
        from evals.tables import show_run

        show_run(document)
    for note in document["notes"]:
        say(f"Note: {shown(note)}")
    if output is not None:
        say(f"The run is in {output}.")
    broken = [each.broken for each in done.played if each.broken is not None]
    if broken:
        say(f"{len(broken)} of {len(done.played)} questions failed, the first one so: {shown(broken[0].message)}")
        # What all have in common is no matter of one question: say it as any other command would.
        raise SystemExit(broken[0].exit_code if len(broken) == len(done.played) else SOME_FAILED)


def _dataset(given: Path | None) -> Path:
    from evals.dataset import DEFAULT

    if given is None and not DEFAULT.is_file():
        raise UsageError(
            f"There is no {DEFAULT} in this folder.",
            remedy="Give a data set, or get the sample knowledge base with its questions: `ragbot init --sample`.",
        )
    return given or DEFAULT
