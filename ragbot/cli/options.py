"""Options every command takes, before or after its name, and the settings they lead to."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ragbot.settings import Settings

DATA_DIR_HELP = "Where the index lives. [default: .ragbot]"
CONFIG_HELP = "Settings file. [default: ragbot.yaml in this folder, if there is one]"

DataDirOption = Annotated[Path | None, typer.Option("--data-dir", help=DATA_DIR_HELP)]
ConfigOption = Annotated[Path | None, typer.Option("--config", help=CONFIG_HELP)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
PrincipalOption = Annotated[
    list[str] | None, typer.Option("--principal", help="Read with this principal too, beside public. Repeatable.")
]
RoleOption = Annotated[str | None, typer.Option("--role", help="The role to answer in. [default: prompts.role]")]


def remember(ctx: typer.Context, data_dir: Path | None, config: Path | None) -> None:
    """Keeps what stood before the command's name."""
    ctx.obj = {"data_dir": data_dir, "config": config}


def settings_for(ctx: typer.Context, data_dir: Path | None, config: Path | None, **flags: Any) -> "Settings":
    """The settings for one command; what stands after its name wins over what stands before."""
    from ragbot.settings import load_settings  # `ragbot --help` must not pay for it

    before = ctx.obj or {}
    return load_settings(
        config=config or before.get("config"), flags={"data_dir": data_dir or before.get("data_dir"), **flags}
    )
