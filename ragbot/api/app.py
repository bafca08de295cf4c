"""Puts the service together; nothing else happens here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from starlette.middleware import Middleware

from ragbot.api import errors
from ragbot.api.middleware import Guard
from ragbot.api.openapi import describe_the_key
from ragbot.api.opening import BotKeeper
from ragbot.api.parts import components_for
from ragbot.api.routes import chat, conversations, documents, feedback, health, page, search
from ragbot.api.settings import ServiceSettings
from ragbot.api.state import LifespanState, Service, ServiceComponents
from ragbot.api.turns import LiveTurns
from ragbot.settings import Settings

_ROUTERS = (chat.router, search.router, documents.router, conversations.router, feedback.router)


def create_app(settings: Settings, components: ServiceComponents | None = None) -> FastAPI:
    """The service over the index in ``settings.data_dir``, or over other components."""
    options = settings.section(ServiceSettings)
    parts = components or components_for(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[LifespanState]:
        async with parts.open_store() as store:
            keeper = BotKeeper(parts.open_bot)
            turns = LiveTurns(store, parts.now, options.max_streams)
            keeper.start()
            try:
                yield {"service": Service(options, keeper, store, turns, parts.now)}
            finally:
                await turns.stop()
                await keeper.close()

    app = FastAPI(
        title="ragbot",
        summary="A chatbot that answers only what its documents support, and shows where.",
        version=version("ragbot"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[Middleware(Guard, settings=options)],
    )
    errors.install(app)
    for router in _ROUTERS:
        app.include_router(router, prefix="/api/v1")
    app.include_router(health.router)
    app.include_router(page.router)
    app.mount("/static", page.static())
    describe_the_key(app)
    return app
