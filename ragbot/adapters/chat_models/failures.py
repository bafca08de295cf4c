"""What went wrong with a model, in ragbot's errors. The one place that reads the exceptions of foreign libraries.

They are told apart by status code and by the names of their classes, since every provider brings an SDK of its own
and none of them may be imported to find out.
"""

import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from ragbot.core.errors import ModelError, ModelOutputError, ModelRejectedError, ModelTimeoutError

_LONGEST = 200
"""Characters of a service's own words in a message."""
_KEY = re.compile(r"\b[sp]k-[\w*-]{3,}|(?<=[Bb]earer )\S+")
_OVERFLOW = re.compile(
    r"context[ _](?:length|size|window)|maximum context|prompt is too long|too many (?:input )?tokens", re.IGNORECASE
)
_OVERFLOW_REMEDY = (
    "Set llm.context_tokens to what the model reads, lower answer.passages, or take a model that reads more."
)
_CONNECTION = {"APIConnectionError", "ModelConnectionError", "TransportError", "ClientError", "OSError"}
_BUSY = {408, 409, 425, 429}


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a message is about. ``secrets`` never appear in one."""

    name: str
    address: str = ""
    secrets: tuple[str, ...] = ()
    key_variable: str = "RAGBOT_LLM__API_KEY"

    def __str__(self) -> str:
        return f"{self.name} at {self.address}" if self.address else self.name

    def cleaned(self, text: str) -> str:
        """A service's own words in one short line, without anything that looks like a key."""
        for secret in self.secrets:
            text = text.replace(secret, "…") if secret else text
        text = " ".join(_KEY.sub("…", text).split())
        return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def translated(error: BaseException, asked: Asked, *, began: bool) -> ModelError:
    """The error to raise from ``error``. ``began`` says whether text of the reply had come."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    status = _status(error)
    if status is not None:
        return _refused(status, error, asked)
    if any("Timeout" in kind for kind in kinds):
        return ModelTimeoutError(f"{asked} took too long to answer.", remedy="Try again, or raise llm.timeout.")
    if kinds & _CONNECTION and began:
        return ModelOutputError(f"{asked} broke off in the middle of its reply.", remedy="Ask again.")
    if kinds & _CONNECTION:
        return ModelError(
            f"{asked} cannot be reached: {_reason(error, asked)}.",
            remedy="Check that it runs, and that llm.base_url is its address.",
        )
    words = asked.cleaned(_words(error))
    if "ContextOverflowError" in kinds or _OVERFLOW.search(words):
        return ModelRejectedError(f"The question is too long for {asked}: {words}", remedy=_OVERFLOW_REMEDY)
    if kinds & {"APIError", "ModelError"}:
        return ModelError(f"{asked} failed: {words}", remedy="Try again in a moment.")
    return ModelOutputError(
        f"{asked} sent something that is no reply ({type(error).__name__}: {words}).",
        remedy="Check that llm.base_url is the address of an OpenAI-compatible server; it usually ends in /v1.",
    )


def silent(asked: Asked, seconds: float, *, began: bool) -> ModelTimeoutError:
    """The model said nothing for so long."""
    if began:
        return ModelTimeoutError(
            f"{asked} fell silent for {seconds:g} seconds in the middle of its reply.",
            remedy="Ask again, or raise llm.stall.",
        )
    return ModelTimeoutError(
        f"{asked} did not begin its reply within {seconds:g} seconds.", remedy="Try again, or raise llm.timeout."
    )


def empty(asked: Asked, finish: str | None) -> ModelOutputError:
    """The reply ended without a word of text."""
    if finish == "length":
        return ModelOutputError(
            f"{asked} used up its reply before the first word of text.",
            remedy="It thinks before it writes: raise llm.reply_tokens.",
        )
    ended = f" (it ended with {finish!r})" if finish not in (None, "stop") else ""
    return ModelOutputError(f"{asked} sent an empty reply{ended}.", remedy="Ask again, or take another model.")


def broken_off(asked: Asked) -> ModelOutputError:
    """The stream ended, and nothing says that the reply did."""
    return ModelOutputError(f"{asked} broke off in the middle of its reply.", remedy="Ask again.")


def retry_after(error: BaseException | None) -> float | None:
    """Seconds the service asks to wait, None where it does not say."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    try:
        if "retry-after-ms" in headers:
            return float(headers["retry-after-ms"]) / 1000
        wanted = headers.get("retry-after", "")
        if not wanted:
            return None
        if re.fullmatch(r"[\d.]+", wanted):
            return float(wanted)
        # A date is compared with the server's own, so that clocks which differ do not matter.
        return (parsedate_to_datetime(wanted) - parsedate_to_datetime(headers.get("date", ""))).total_seconds()
    except (ValueError, TypeError):
        return None


def _status(error: BaseException) -> int | None:
    for found in (getattr(error, "status_code", None), getattr(getattr(error, "response", None), "status_code", None)):
        if isinstance(found, int) and found >= 400:
            return found
    return None


def _refused(status: int, error: BaseException, asked: Asked) -> ModelError:
    words = asked.cleaned(_words(error))
    # What a service says about a key may hold a part of it.
    if status == 401:
        return ModelRejectedError(
            f"{asked} does not accept the API key.", remedy=f"Set {asked.key_variable} to a valid key."
        )
    if status == 403:
        return ModelRejectedError(f"{asked} refuses access: {words}", remedy="Ask whoever runs it what the key may do.")
    if status == 404:
        return ModelRejectedError(
            f"{asked} is not there: {words}",
            remedy="Check the name in llm.model, and llm.base_url, which usually ends in /v1.",
        )
    if status == 429 and "insufficient_quota" in _body_text(error):
        return ModelRejectedError(f"{asked} has no quota left: {words}", remedy="Check the plan of the key's owner.")
    if status in _BUSY:
        wanted = retry_after(error)
        wait = f"in {wanted:.0f} seconds" if wanted and wanted >= 1 else "in a moment"
        return ModelError(f"{asked} is busy ({status}): {words}", remedy=f"Try again {wait}.")
    if status >= 500:
        return ModelError(f"{asked} failed ({status}): {words}", remedy="Try again in a moment.")
    if _OVERFLOW.search(_body_text(error)):
        return ModelRejectedError(f"The question is too long for {asked}: {words}", remedy=_OVERFLOW_REMEDY)
    remedy = "Set llm.temperature to 1." if "temperature" in words else "Check the settings under llm."
    return ModelRejectedError(f"{asked} refuses the request ({status}): {words}", remedy=remedy)


def _words(error: BaseException) -> str:
    """What the service says itself, where it says something."""
    body = getattr(error, "body", None)
    if isinstance(body, dict):
        inner = body.get("error", body)
        said = inner.get("message") if isinstance(inner, dict) else inner
        if isinstance(said, str) and said.strip():
            return said
    text = str(error).strip()
    return "it sent a web page" if text.startswith("<") else text or type(error).__name__


def _body_text(error: BaseException) -> str:
    return f"{getattr(error, 'body', '')} {error}"


def _reason(error: BaseException, asked: Asked) -> str:
    chain = list(_causes(error))
    for cause in chain:
        if isinstance(cause, socket.gaierror):
            return "its name is not known"
        if isinstance(cause, ConnectionRefusedError):
            return "nothing listens there"
        if isinstance(cause, ssl.SSLError):
            return asked.cleaned(f"its certificate or encryption is not accepted ({cause.reason or cause})")
    return asked.cleaned(str(chain[-1]) or type(chain[-1]).__name__).rstrip(".")


def _causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__
