"""Reading the JSON in a judge's reply, which may stand among other words."""

import json
from typing import TypeVar

from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)

_decoder = json.JSONDecoder(strict=False)
_LONGEST_REASON = 300
_MOST_TRIED = 1000
"""Braces at which an object may begin: a reply of nothing but braces is not read for minutes."""


class UnreadableReplyError(ValueError):
    """The reply holds no object that fits. ``str`` says why, fit to be shown to the judge."""


def read_reply(reply: str, model: type[Model]) -> Model:
    """The last object in ``reply`` that fits ``model``: judges think aloud, repeat the task, and fence their JSON."""
    reason = "it holds no JSON object"
    found: Model | None = None
    start = reply.find("{")
    tried = 0
    while start >= 0 and tried < _MOST_TRIED:
        tried += 1
        end = start + 1
        try:
            value, end = _decoder.raw_decode(reply, start)
            found = model.model_validate(value)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            reason = f"{'.'.join(map(str, first['loc'])) or 'the object'}: {first['msg']}"
        except (ValueError, RecursionError) as error:
            reason = f"it is no JSON ({error})"
        start = reply.find("{", end)
    if found is None:
        raise UnreadableReplyError(reason[:_LONGEST_REASON])
    return found
