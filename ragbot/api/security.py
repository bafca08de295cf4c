"""Who asks, and whether this request may be served at all. Pure functions over the request's headers."""

import base64
import hmac
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ragbot.core.errors import ForbiddenError, UnauthorizedError

HEALTH = frozenset({"/healthz", "/readyz"})
"""Served to everyone: they say nothing about the content."""
PAGE = "/"
API = "/api/"

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
"""On every answer."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: ``owner`` of the conversations, and whether a key was shown, so that principals may be named."""

    owner: str
    authenticated: bool


ANONYMOUS = Caller("local", authenticated=False)
KEY_HOLDER = Caller("key", authenticated=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a request decides whether it is served. Each header holds every value that was sent."""

    method: str
    path: str
    headers: Sequence[tuple[bytes, bytes]]

    def values(self, name: str) -> list[str]:
        wanted = name.encode()
        return [value.decode("latin-1") for key, value in self.headers if key == wanted]

    def value(self, name: str) -> str:
        """The one value of a header, ``""`` where there is none or more than one."""
        found = self.values(name)
        return found[0] if len(found) == 1 else ""


def admitted(asked: Asked, key: str | None) -> Caller:
    """The caller; ``UnauthorizedError`` or ``ForbiddenError`` where the request is not served."""
    if asked.path in HEALTH:
        return ANONYMOUS
    if key is None and not is_loopback(host_name(asked.value("host"))):
        # A page of another site whose name was made to mean this machine reads what its origin says it may.
        raise ForbiddenError(
            "This service answers only to the names of this machine.",
            remedy="Open it as http://localhost or 127.0.0.1.",
        )
    if _from_elsewhere(asked):
        raise ForbiddenError("Requests from other sites' pages are refused.", remedy="Open the service's own page.")
    if key is None:
        return ANONYMOUS
    if not _holds(asked.value("authorization"), key):
        raise UnauthorizedError(
            "This service needs its key.", remedy="Send the header 'Authorization: Bearer KEY', or log in with it."
        )
    return KEY_HOLDER


def challenge(path: str) -> str:
    """What a 401 asks for: a password box where a browser opens the page, the key elsewhere."""
    return "Bearer" if path.startswith(API) else 'Basic realm="ragbot", charset="UTF-8"'


def host_name(host: str) -> str:
    """The name in a Host header, without port and brackets; ``""`` where it is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def is_loopback(name: str) -> bool:
    """Whether a host name or address means this machine."""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _from_elsewhere(asked: Asked) -> bool:
    """Whether a browser sends this for a page of another origin."""
    site = asked.value("sec-fetch-site")
    if asked.path == PAGE and asked.value("sec-fetch-mode") == "navigate" and asked.method in ("GET", "HEAD"):
        return asked.value("sec-fetch-dest") not in ("", "document")  # a link to the page, but no frame of it
    if site:
        return site not in ("same-origin", "none")
    origins = asked.values("origin")
    return bool(origins) and [urlsplit(each).netloc.lower() for each in origins] != [asked.value("host").lower()]


def _holds(authorization: str, key: str) -> bool:
    scheme, _, rest = authorization.partition(" ")
    shown = rest.strip()
    if scheme.lower() == "basic":
        try:
            shown = base64.b64decode(shown, validate=True).decode("utf-8", "replace").partition(":")[2]
        except ValueError:
            return False
    elif scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(shown.encode("utf-8"), key.encode("utf-8"))
