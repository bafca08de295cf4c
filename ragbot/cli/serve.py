"""``ragbot serve``."""

from typing import Annotated

import typer

from ragbot.cli.options import ConfigOption, DataDirOption, settings_for
from ragbot.terminal import say


def serve(
    ctx: typer.Context,
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on. [default: 127.0.0.1]")] = None,
    port: Annotated[
        int | None, typer.Option("--port", help="Port to listen on, 0 for a free one. [default: 8000]")
    ] = None,
    data_dir: DataDirOption = None,
    config: ConfigOption = None,
) -> None:
    """Serve the chat page and the HTTP API until Ctrl-C."""
    from ragbot.api.serving import serve as run

    settings = settings_for(ctx, data_dir, config, **{"service.host": host, "service.port": port})
    run(settings, lambda url: say(f"Serving on {url} (Ctrl-C stops it)."))
