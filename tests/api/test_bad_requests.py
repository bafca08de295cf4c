"""Requests that are wrong in every way we could think of: the right status, the one form, and never a 5xx."""

import json
import socket
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.api.kit import Served

LONG = "x" * 100_000


def checked(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    error: dict[str, Any] = response.json()["error"]
    assert set(error) - {"field"} == {"code", "message", "remedy", "retryable"}
    assert error["code"] == code
    assert error["message"].endswith(".")
    assert "Traceback" not in response.text
    assert LONG not in response.text
    return error


BODIES: list[tuple[bytes, str]] = [
    (b"", ""),
    (b"{", ""),
    (b"null", ""),
    (b"[]", ""),
    (b'"question"', ""),
    (b'{"question": "x"} {}', ""),
    (b"{}", "question"),
    (b'{"question": ""}', "question"),
    (b'{"question": null}', "question"),
    (b'{"question": 7}', "question"),
    (b'{"question": ["x"]}', "question"),
    (json.dumps({"question": LONG}).encode(), "question"),
    (b'{"question": "\\ud800"}', "question"),
    (b'{"question": "x", "\\ud800": 1}', ""),
    (b'{"question": "x", "qeustion": 1}', "qeustion"),
    (b'{"question": "x", "conversation_id": 7}', "conversation_id"),
    (b'{"question": "x", "conversation_id": ""}', "conversation_id"),
    (b'{"question": "x", "role": {}}', "role"),
    (b'{"question": "x", "principals": "staff"}', "principals"),
    (b'{"question": "x", "principals": ["\\udfff"]}', "principals.0"),
    (json.dumps({"question": "x", "principals": ["p"] * 101}).encode(), "principals"),
]


@pytest.mark.parametrize(("body", "field"), BODIES, ids=range(len(BODIES)))
@pytest.mark.parametrize("path", ["chat", "chat/stream"])
def test_a_wrong_body_is_refused_and_the_field_named(service: Served, path: str, body: bytes, field: str) -> None:
    sent = service.client.post(f"/api/v1/{path}", content=body, headers={"Content-Type": "application/json"})
    error = checked(sent, 422, "usage")
    assert (error["field"] or "") == field
    assert not field or field in error["message"]


UNREADABLE = [b"\xff", b'{"question": "\xff"}', b"[" * 100_000, b'{"question": ' + b"9" * 5000 + b"}"]


@pytest.mark.parametrize("body", UNREADABLE, ids=range(len(UNREADABLE)))
def test_a_body_that_cannot_be_read_is_refused(service: Served, body: bytes) -> None:
    sent = service.client.post("/api/v1/chat", content=body, headers={"Content-Type": "application/json"})
    checked(sent, 400, "usage")


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_only_json_is_read(service: Served, media_type: str) -> None:
    body = b'{"question": "x"}'
    sent = service.client.post("/api/v1/chat", content=body, headers={"Content-Type": media_type})
    assert "application/json" in checked(sent, 422, "usage")["remedy"]


def test_a_body_too_large_is_refused_whether_or_not_its_size_was_told(service: Served) -> None:
    body = json.dumps({"question": "x" * 600_000}).encode()
    told = service.client.post("/api/v1/chat", content=body, headers={"Content-Type": "application/json"})
    checked(told, 413, "usage")
    untold = service.client.post("/api/v1/chat", content=iter([body]), headers={"Content-Type": "application/json"})
    checked(untold, 413, "usage")
    assert service.chat("still there?").status_code == 200


ADDRESSES: list[tuple[str, str, int, str]] = [
    ("GET", "/nothing", 404, "not_found"),
    ("GET", "/api/v1/nothing", 404, "not_found"),
    ("GET", "/docs", 404, "not_found"),
    ("POST", "/api/v1/chat/", 404, "not_found"),
    ("GET", "/api/v1/chat", 405, "usage"),
    ("GET", "/api/v1/chat/stream", 405, "usage"),
    ("HEAD", "/api/v1/chat", 405, ""),
    ("OPTIONS", "/api/v1/chat", 405, "usage"),
    ("PUT", "/api/v1/conversations/x", 405, "usage"),
    ("TRACE", "/", 405, "usage"),
    ("BREW", "/", 405, "usage"),
    ("POST", "/healthz", 405, "usage"),
    ("GET", "/static/../app.py", 404, "not_found"),
    ("GET", "/api/v1/conversations/no-such", 404, "not_found"),
    ("GET", "/api/v1/conversations/%00", 404, "not_found"),
    ("GET", "/api/v1/conversations/%ff%fe", 404, "not_found"),
    ("GET", f"/api/v1/conversations/{'x' * 5000}", 404, "not_found"),
    ("GET", "/api/v1/conversations?limit=0", 422, "usage"),
    ("GET", "/api/v1/conversations?limit=x", 422, "usage"),
    ("GET", "/api/v1/conversations?before=no-such", 404, "not_found"),
    ("DELETE", "/api/v1/conversations/no-such", 404, "not_found"),
    ("GET", "/api/v1/documents?limit=1001", 422, "usage"),
    ("GET", "/api/v1/documents?offset=-1", 422, "usage"),
    ("GET", "/api/v1/documents?offset=99999999999999999999", 422, "usage"),
    ("GET", "/api/v1/documents/no-such", 404, "not_found"),
    ("GET", "/api/v1/documents/..%2f..%2fcatalog.sqlite3", 404, "not_found"),
    ("GET", "/api/v1/documents/d1/passage", 422, "usage"),
    ("GET", "/api/v1/documents/d1/passage?revision=1&char_start=0&char_end=9999999999", 422, "usage"),
    ("GET", "/api/v1/documents/d1/passage?revision=2&char_start=0&char_end=3", 410, "changed"),
    ("GET", "/api/v1/documents/d2/passage?revision=1&char_start=0&char_end=3", 404, "not_found"),
]


@pytest.mark.parametrize(("method", "address", "status", "code"), ADDRESSES, ids=lambda value: str(value)[:40])
def test_a_wrong_address_is_refused(service: Served, method: str, address: str, status: int, code: str) -> None:
    response = service.client.request(method, address)
    if method == "HEAD":
        assert (response.status_code, response.content) == (status, b"")
    else:
        checked(response, status, code)
    assert status != 405 or response.headers["allow"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"rating": 0},
        {"rating": 2},
        {"rating": "1"},
        {"rating": 1, "tags": ["x"] * 11},
        {"rating": 1, "tags": ["x" * 51]},
        {"rating": 1, "tags": [""]},
        {"rating": 1, "comment": "x" * 4001},
        {"rating": 1, "comment": None},
        {"rating": 1, "stars": 5},
    ],
)
def test_feedback_of_another_form_is_refused(service: Served, body: dict[str, Any]) -> None:
    message = service.chat("invoices").json()["message_id"]
    checked(service.client.post(f"/api/v1/messages/{message}/feedback", json=body), 422, "usage")


@pytest.mark.parametrize("limit", [0, 101, -1, "x", 1.5, None, 10**30])
def test_a_search_with_an_odd_limit_is_refused(service: Served, limit: Any) -> None:
    error = checked(service.client.post("/api/v1/search", json={"question": "x", "limit": limit}), 422, "usage")
    assert error["field"] == "limit"


def raw(service: Served, request: bytes) -> bytes:
    """The head of what the service answers to these bytes; of a request cut short, all of it."""
    address = urlsplit(service.url)
    with socket.create_connection((str(address.hostname), address.port or 0), timeout=5) as connection:
        with suppress(ConnectionError):  # refused before all of it is sent
            connection.sendall(request)
        if request.endswith(CUT_SHORT):
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while b"\r\n\r\n" not in answer and (piece := connection.recv(65536)):
            answer += piece
    return answer


CUT_SHORT = b"{"
JSON = b"Content-Type: application/json\r\n"
RAW: list[tuple[bytes, int]] = [
    (b"GET /static/../../settings.py HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
    (b"GET /static/%2e%2e/%2e%2e/settings.py HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
    (b"GET /static/..%5c..%5csettings.py HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
    (b"GET /static//etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
    (b"GET /static/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
    (b"GET /static/" + b"a" * 5000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
    (b"GET / HTTP/1.1\r\n\r\n", 400),
    (b"GET / HTTP/1.0\r\n\r\n", 403),
    (b"GET /readyz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
    (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n", 400),
    (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", 200),
    (b"nonsense\r\n\r\n", 400),
    (b"POST /api/v1/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n" + JSON + b"\r\n" + CUT_SHORT, 0),
]


@pytest.mark.parametrize(("request_", "status"), RAW, ids=range(len(RAW)))
def test_odd_http_is_answered_and_harms_nobody(service: Served, request_: bytes, status: int) -> None:
    answer = raw(service, request_)
    assert answer[9:12].decode() == (str(status) if status else "")
    assert b"Traceback" not in answer
    assert service.client.get("/healthz").status_code == 200
