"""No network but this machine: looking up any other name or address fails, at once and saying why."""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_lookup = socket.getaddrinfo


def forbid_network() -> None:
    """From now on this process reaches nothing but loopback."""
    socket.getaddrinfo = _loopback_only


@contextmanager
def no_network() -> Iterator[None]:
    """``forbid_network`` for as long as the block lasts."""
    before = socket.getaddrinfo
    forbid_network()
    try:
        yield
    finally:
        socket.getaddrinfo = before


def _loopback_only(host: Any, *others: Any, **more: Any) -> Any:
    name = host.decode() if isinstance(host, bytes) else host
    if not _is_loopback(name):
        raise socket.gaierror(socket.EAI_NONAME, f"no network here: {name!r} is not looked up")
    return _lookup(host, *others, **more)


def _is_loopback(name: str | None) -> bool:
    if name in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False
