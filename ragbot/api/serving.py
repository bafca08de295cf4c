"""Runs the service in this process until it is told to stop."""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from types import FrameType

import uvicorn
from fastapi import FastAPI

from ragbot.api.app import create_app
from ragbot.api.parts import components_for
from ragbot.api.security import is_loopback
from ragbot.api.settings import ServiceSettings
from ragbot.api.state import Service
from ragbot.core.errors import ConfigError, UnavailableError
from ragbot.settings import Settings
from ragbot.wiring import check_settings

_BACKLOG = 2048
_UNFINISHED = 2
"""Seconds more than the answers get, so that their last events still leave."""


def serve(settings: Settings, announce: Callable[[str], None]) -> None:
    """Listens until Ctrl-C or SIGTERM; ``announce`` is told the address once it answers.

    ``ConfigError`` for a wrong setting or an open address without a key, ``UnavailableError`` for a busy port.
    """
    options = settings.section(ServiceSettings)
    _refuse_an_open_door(options)
    check_settings(settings)
    with bound(options) as listener:
        _log_to_stderr(options)
        asyncio.run(_serve(settings, options, listener, announce))


async def _serve(
    settings: Settings, options: ServiceSettings, listener: socket.socket, announce: Callable[[str], None]
) -> None:
    parts = components_for(settings)
    # Opened out here: what is wrong with it ends the command in its own words, not in those of the framework.
    async with parts.open_store() as store:
        app = create_app(settings, replace(parts, open_store=lambda: nullcontext(store)))
        await server_for(app, options, lambda: announce(_url(options.host, listener))).serve([listener])


def server_for(app: FastAPI, options: ServiceSettings, listening: Callable[[], None]) -> uvicorn.Server:
    """The HTTP server as the service runs it; ``listening`` is called once it answers."""
    config = uvicorn.Config(
        app,
        # The one implementation that limits the size of headers and refuses requests without a Host.
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=int(options.stop_after) + _UNFINISHED,
    )
    return _Server(config, listening, options.stop_after)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, listening: Callable[[], None], stop_after: float) -> None:
        super().__init__(config)
        self._listening = listening
        self._stop_after = stop_after

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        ending = asyncio.create_task(self._end_answers())
        await super().shutdown(sockets)
        ending.cancel()
        await asyncio.wait([ending])

    async def _end_answers(self) -> None:
        # Before the framework cuts the connections: so each stream still gets its last event.
        await asyncio.sleep(self._stop_after)
        service: Service = self.lifespan.state["service"]
        await service.turns.stop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Not the inherited one: it raises the signal again afterwards, and a stop on request is no failure.
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True


def _refuse_an_open_door(options: ServiceSettings) -> None:
    if options.api_key is None and not is_loopback(options.host):
        raise ConfigError(
            f"Without a key the service listens on this machine only, not on {options.host}.",
            remedy="Set RAGBOT_API_KEY (or RAGBOT_API_KEY_FILE), or leave service.host at 127.0.0.1.",
        )


def bound(options: ServiceSettings) -> socket.socket:
    """A socket that listens on the address."""
    where = f"{options.host}, port {options.port}"
    try:
        found = socket.getaddrinfo(options.host, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise ConfigError(
            f"The setting service.host names {options.host}, which is no address of this machine.",
            remedy="Use 127.0.0.1, or 0.0.0.0 for all addresses.",
        ) from error
    family, kind, protocol, _, address = found[0]
    # With its protocol: the event loop sends without delay only on sockets that say they are TCP.
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise UnavailableError(
            f"The service cannot listen on {where}: {(error.strerror or str(error)).lower()}.",
            remedy="Stop the program that does, or choose another with --port.",
        ) from error
    listener.setblocking(False)
    return listener


def _url(host: str, listener: socket.socket) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{listener.getsockname()[1]}"


def _log_to_stderr(options: ServiceSettings) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    if options.access_log:
        logging.getLogger("ragbot.access").setLevel(logging.INFO)
