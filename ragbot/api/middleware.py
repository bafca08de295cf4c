"""What surrounds every request: admission, the size of its body, the headers of its answer, and what is unforeseen."""

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi.responses import JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ragbot.api.errors import answer_to, answer_to_failure, internal_answer, log
from ragbot.api.security import API, HEADERS, Asked, admitted, challenge
from ragbot.api.settings import ServiceSettings
from ragbot.core.errors import AccessError
from ragbot.core.events import Failed

access = logging.getLogger("ragbot.access")
TOO_LARGE = Failed("usage", "The request is too large.", "Send less at once.")


class Guard:
    """An ASGI application around another. It is outermost: also what goes wrong in the framework has our form."""

    def __init__(self, app: ASGIApp, settings: ServiceSettings) -> None:
        self._app = app
        self._key = settings.api_key.get_secret_value() if settings.api_key else None
        self._max_body = settings.max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, send)
        try:
            refusal = self._refusal(scope)
            if refusal is not None:
                await refusal(scope, receive, answer.send)
            else:
                await self._app(scope, self._limited(receive), answer.send)
        except Exception:
            log.exception("%s %s failed", scope["method"], scope["path"])
            if answer.status is not None:
                raise
            await internal_answer()(scope, receive, answer.send)
        finally:
            answer.note()

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        asked = Asked(scope["method"], scope["path"], scope["headers"])
        try:
            scope.setdefault("state", {})["caller"] = admitted(asked, self._key)
        except AccessError as error:
            response = answer_to(error)
            if response.status_code == 401:
                response.headers["www-authenticate"] = challenge(asked.path)
            return response
        length = asked.value("content-length")
        if length.isdecimal() and int(length) > self._max_body:
            return _too_large()
        return None

    def _limited(self, receive: Receive) -> Receive:
        read = 0

        async def limited() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._max_body:
                raise HTTPException(413)
            return message

        return limited


class _Answer:
    """Sets the headers that every answer has, and knows what was answered."""

    def __init__(self, scope: Scope, send: Callable[[Any], Awaitable[None]]) -> None:
        self._scope = scope
        self._send = send
        self._started = time.perf_counter()
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers.update(HEADERS)
            if self._scope["path"].startswith(API):
                headers["cache-control"] = "no-store"
            else:
                headers.setdefault("cache-control", "no-cache")
        await self._send(message)

    def note(self) -> None:
        seconds = time.perf_counter() - self._started
        access.info("%s %s %s %.3f s", self._scope["method"], self._scope["path"], self.status or "-", seconds)


def _too_large() -> JSONResponse:
    response = answer_to_failure(TOO_LARGE)
    response.status_code = 413
    return response
