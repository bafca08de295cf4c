"""The ``ragbot`` command: a table of commands, each imported only when it is the one that runs."""

import sys
from importlib.metadata import entry_points
from importlib.metadata import version as installed
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from ragbot.cli.options import ConfigOption, DataDirOption, remember
from ragbot.core.errors import UsageError
from ragbot.quiet import no_telemetry
from ragbot.registry import load, nearest
from ragbot.terminal import emit, reported, survive_any_text

COMMANDS: dict[str, tuple[str, str]] = {
    "ingest": ("ingest.command:ingest", "Bring files and folders into the index."),
    "search": ("ragbot.cli.search:search", "Show the passages for a question."),
    "ask": ("ragbot.cli.ask:ask", "Answer a question from the documents, with citations."),
    "chat": ("ragbot.cli.chat:chat", "Talk to the bot in the terminal."),
    "serve": ("ragbot.cli.serve:serve", "Serve the chat page and the HTTP API."),
    "eval": ("evals.command:app", "Score the bot on questions whose good answers are known."),
    "list": ("ragbot.cli.documents:list_documents", "List the documents in the index."),
    "show": ("ragbot.cli.documents:show", "Print the stored text of a document."),
    "rm": ("ragbot.cli.documents:remove", "Delete documents from the index."),
    "status": ("ragbot.cli.status:status", "Say what the index holds and what failed."),
    "doctor": ("ragbot.cli.doctor:doctor", "Check the index, and mend it with --repair."),
    "init": ("ragbot.cli.init:init", "Write a settings file and a folder to start from."),
}
"""Name -> (where the function is, or the Typer app of one with sub-commands; one line of help).

Packages add theirs by the entry-point group.
"""

GROUP = "ragbot.commands"


class LazyGroup(TyperGroup):
    """Knows names and help lines from the table; imports a command's module only to run it."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*COMMANDS, *sorted(self._added())]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in COMMANDS:
            return TyperCommand(name=cmd_name, help=COMMANDS[cmd_name][1])
        return TyperCommand(name=cmd_name) if cmd_name in self._added() else None

    def invoke(self, ctx: Any) -> Any:
        # Here and not around main(): Typer would answer Ctrl-C without a word and a broken pipe with exit code 1.
        with reported():
            try:
                return super().invoke(ctx)
            finally:
                if sys.stdout is not None:
                    sys.stdout.flush()

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            raise UsageError(f"There is no command {args[0]!r}.", remedy=nearest(args[0], known))
        name, found, rest = super().resolve_command(ctx, args)
        return name, self._load(name) if found is not None and name else found, rest

    def _load(self, name: str) -> Any:
        if name in COMMANDS:
            reference, help_line = COMMANDS[name]
            function = load(reference)
        else:
            function, help_line = self._added()[name].load(), None
        if isinstance(function, typer.Typer):  # a command with sub-commands
            return typer.main.get_command(function)
        app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        app.command(name=name, help=function.__doc__ or help_line)(function)
        return typer.main.get_command(app)

    @staticmethod
    def _added() -> dict[str, Any]:
        return {point.name: point for point in entry_points(group=GROUP)}


app = typer.Typer(
    cls=LazyGroup,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="A chatbot that answers only what your documents support, and shows where.",
)


def _version(wanted: bool) -> None:
    if wanted:
        emit(f"ragbot {installed('ragbot')}")
        raise typer.Exit


@app.callback()
def main(
    ctx: typer.Context,
    data_dir: DataDirOption = None,
    config: ConfigOption = None,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    remember(ctx, data_dir, config)


def run() -> None:
    """Entry point of the installed script."""
    no_telemetry()
    survive_any_text()
    with reported():
        app(prog_name="ragbot")


if __name__ == "__main__":
    run()
