"""One table from error class to HTTP status, and the one form in which an error reaches a client."""

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ragbot.core import errors
from ragbot.core.errors import RagbotError
from ragbot.core.events import Failed

log = logging.getLogger("ragbot.api")

STATUS: Mapping[type[RagbotError], int] = {
    errors.RagbotError: 500,
    errors.ConfigError: 422,
    errors.UsageError: 422,
    errors.DataDirError: 503,
    errors.FormatVersionError: 503,
    errors.EmbedderMismatchError: 503,
    errors.EmptyIndexError: 503,
    errors.IndexDamagedError: 503,
    errors.StorageError: 503,
    errors.LockHeldError: 503,
    errors.UnavailableError: 503,
    errors.MissingExtraError: 503,
    errors.ModelError: 503,
    errors.ModelTimeoutError: 504,
    errors.ModelRejectedError: 502,
    errors.ModelOutputError: 502,
    errors.SourceError: 422,
    errors.NotFoundError: 404,
    errors.ChangedError: 410,
    errors.ConflictError: 409,
    errors.AccessError: 403,
    errors.UnauthorizedError: 401,
    errors.ForbiddenError: 403,
    errors.DocumentError: 422,
    errors.UnsupportedError: 415,
}
"""A class that is not in it, such as a plugin's, has the status of the nearest one above it."""

INTERNAL = {
    "code": RagbotError.code,
    "message": "Something went wrong inside the service.",
    "remedy": "Try again; the service's log says more.",
    "retryable": True,
}
_WORDS = {
    400: ("usage", "The request cannot be read.", "Send JSON in UTF-8."),
    404: ("not_found", "There is nothing at this address.", "See /openapi.json for what there is."),
    405: ("usage", "This address does not know this method.", "See /openapi.json for what there is."),
    413: ("usage", "The request is too large.", "Send less at once."),
}
_UNREAD_BODY = {"model_attributes_type", "missing", "dict_type"}


def status_of(kind: type[BaseException]) -> int:
    """The status of an error class, or of the nearest one above it."""
    return next((STATUS[each] for each in kind.__mro__ if each in STATUS), 500)


def status_of_code(code: str) -> int:
    """The status for an error of which only the code is left."""
    return next((status_of(kind) for kind in _tree(RagbotError) if kind.code == code), 500)


def failure_json(failed: Failed) -> dict[str, Any]:
    """A failure as every error answer and the ``failed`` event carry it."""
    return {
        "code": failed.code,
        "message": failed.message,
        "remedy": failed.remedy,
        "retryable": failed.retryable,
    }


def answer_to(error: RagbotError) -> JSONResponse:
    """The answer that tells a client about ``error``."""
    failed = Failed(error.code, error.message, error.remedy, error.retryable)
    return _response(status_of(type(error)), failure_json(failed))


def answer_to_failure(failed: Failed) -> JSONResponse:
    """The answer where a turn that should have been returned whole has failed."""
    return _response(status_of_code(failed.code), failure_json(failed))


def internal_answer() -> JSONResponse:
    """The answer where something unforeseen happened: nothing of it leaves the service."""
    return _response(500, INTERNAL)


def install(app: FastAPI) -> None:
    """Every error leaves in the one form. What is unforeseen is caught outside, where the headers are set."""
    app.add_exception_handler(RagbotError, _known)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)


async def _known(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RagbotError)
    if status_of(type(error)) >= 500:
        log.warning("%s: %s", error.code, error)
    return answer_to(error)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code >= 500:
        return _response(error.status_code, INTERNAL)
    code, message, remedy = _WORDS.get(error.status_code, ("usage", "The request is refused.", ""))
    response = _response(error.status_code, {"code": code, "message": message, "remedy": remedy, "retryable": False})
    response.headers.update(error.headers or {})
    return response


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:])
    # A key of the request may hold half a character, which no answer can.
    field = where.encode("utf-8", "replace").decode()
    if first["type"] == "json_invalid":
        message, remedy, field = f"The body is no JSON (near character {first['loc'][-1]}).", "Send JSON in UTF-8.", ""
    elif first["loc"] == ("body",) and first["type"] in _UNREAD_BODY:
        message = "The body must be a JSON object."
        remedy = "Send it with the header Content-Type: application/json."
    elif first["type"] == "extra_forbidden":
        message, remedy = f"There is no field {field!r} here.", "See /openapi.json for the fields there are."
    else:
        message, remedy = f"{field or 'The body'}: {first['msg']}.", ""
    return _response(
        422, {"code": "usage", "message": message, "remedy": remedy, "retryable": False, "field": field or None}
    )


def _response(status: int, error: Mapping[str, Any]) -> JSONResponse:
    return JSONResponse({"error": error}, status)


def _tree(kind: type[RagbotError]) -> list[type[RagbotError]]:
    return [kind, *(each for child in kind.__subclasses__() for each in _tree(child))]
