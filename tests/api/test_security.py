"""Who gets in: key, host and origin."""

import base64
from typing import Any

import pytest

from ragbot.api.security import ANONYMOUS, HEADERS, KEY_HOLDER, Asked, admitted, challenge
from ragbot.core.errors import AccessError, ForbiddenError, UnauthorizedError
from tests.api.kit import KEY, Served


def basic(name: str, key: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{key}".encode()).decode()


def asked(path: str = "/api/v1/search", method: str = "POST", **headers: str | list[str]) -> Asked:
    sent = {"host": "localhost:8000", **headers}
    pairs = [
        (name.replace("_", "-").encode(), each.encode("latin-1"))
        for name, values in sent.items()
        for each in (values if isinstance(values, list) else [values])
    ]
    return Asked(method, path, pairs)


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer wrong",
        f"Bearer {KEY}x",
        f"Bearer {KEY[:-1]}",
        f"Token {KEY}",
        KEY,
        "Basic !!!",
        "Basic " + base64.b64encode(KEY.encode()).decode(),
        basic(KEY, "wrong"),
        basic("any", ""),
        "Bearer caf\xe9",
        "Basic caf\xe9",
    ],
)
def test_without_the_right_key_nobody_gets_in(authorization: str) -> None:
    with pytest.raises(UnauthorizedError):
        admitted(asked(authorization=authorization), KEY)


@pytest.mark.parametrize(
    "authorization",
    [
        f"Bearer {KEY}",
        f"bearer  {KEY}",
        basic("", KEY),
        basic("anna", KEY),
        basic("", KEY).lower()[:5] + basic("", KEY)[5:],
    ],
)
def test_the_key_opens_as_bearer_and_as_password(authorization: str) -> None:
    assert admitted(asked(authorization=authorization, host="bot.example.com"), KEY) == KEY_HOLDER


def test_two_authorizations_are_none() -> None:
    with pytest.raises(UnauthorizedError):
        admitted(asked(authorization=[f"Bearer {KEY}", "Bearer other"]), KEY)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1", "127.1.2.3:80", "[::1]", "[::1]:8000"])
def test_without_a_key_the_names_of_this_machine_are_answered(host: str) -> None:
    assert admitted(asked(host=host), None) == ANONYMOUS


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "0.0.0.0",
        "192.168.1.5:8000",
        "[",
        "2130706433",
    ],
)
def test_a_rebound_name_is_refused(host: str) -> None:
    with pytest.raises(ForbiddenError):
        admitted(asked(host=host), None)
    with pytest.raises(ForbiddenError):
        admitted(asked(path="/", method="GET", host=host), None)


def test_two_hosts_are_none() -> None:
    with pytest.raises(ForbiddenError):
        admitted(asked(host=["localhost", "evil.example"]), None)


REFUSED: list[dict[str, Any]] = [
    {"sec_fetch_site": "cross-site"},
    {"sec_fetch_site": "same-site"},
    {"sec_fetch_site": "cross-site", "origin": "http://localhost:8000"},
    {"origin": "http://evil.example"},
    {"origin": "null"},
    {"origin": "http://localhost:3000"},
    {"origin": "http://localhost"},
    {"origin": ["http://localhost:8000", "http://evil.example"]},
    {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"},
    {
        "sec_fetch_site": "cross-site",
        "sec_fetch_mode": "navigate",
        "sec_fetch_dest": "iframe",
        "path": "/",
        "method": "GET",
    },
    {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate", "path": "/", "method": "POST"},
    {"sec_fetch_site": "cross-site", "sec_fetch_mode": "no-cors", "path": "/", "method": "GET"},
    {"sec_fetch_site": "cross-site", "path": "/static/app.js", "method": "GET"},
    {"sec_fetch_site": "cross-site", "path": "/openapi.json", "method": "GET"},
]


@pytest.mark.parametrize("request_", REFUSED)
@pytest.mark.parametrize("key", [None, KEY])
def test_another_site_s_page_is_refused(request_: dict[str, Any], key: str | None) -> None:
    with pytest.raises(ForbiddenError):
        admitted(asked(**request_, authorization=f"Bearer {KEY}"), key)


SERVED: list[dict[str, Any]] = [
    {},
    {"origin": "http://localhost:8000"},
    {"origin": "HTTP://LOCALHOST:8000"},
    {"sec_fetch_site": "same-origin", "origin": "http://localhost:8000"},
    {"sec_fetch_site": "same-origin", "origin": "https://bot.example.com"},
    {"sec_fetch_site": "none"},
    {
        "sec_fetch_site": "cross-site",
        "sec_fetch_mode": "navigate",
        "sec_fetch_dest": "document",
        "path": "/",
        "method": "GET",
    },
]


@pytest.mark.parametrize("request_", SERVED)
def test_the_own_page_programs_and_links_to_the_page_are_served(request_: dict[str, Any]) -> None:
    assert admitted(asked(**request_), None) == ANONYMOUS


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_for_everybody(path: str) -> None:
    assert admitted(asked(path=path, host="evil.example", sec_fetch_site="cross-site"), KEY) == ANONYMOUS
    with pytest.raises(AccessError):
        admitted(asked(path=f"{path}/"), KEY)


def test_a_browser_is_asked_for_a_password_only_where_it_opens_the_page() -> None:
    assert challenge("/").startswith('Basic realm="ragbot"')
    assert challenge("/static/app.js").startswith("Basic")
    assert challenge("/api/v1/chat") == "Bearer"


EVERYWHERE = [
    "/",
    "/static/nothing.js",
    "/openapi.json",
    "/api/v1/documents",
    "/api/v1/nothing",
    "/nothing",
    "/static/",
]


@pytest.mark.parametrize("path", EVERYWHERE)
def test_with_a_key_every_address_needs_it(locked: Served, path: str) -> None:
    refused = locked.client.get(path, headers={"Authorization": ""})
    assert refused.status_code == 401
    assert refused.json()["error"]["code"] == "unauthorized"
    assert refused.headers["www-authenticate"] == challenge(path)
    assert locked.client.get(path).status_code in (200, 404)
    assert locked.client.get(path, headers={"Authorization": basic("me", KEY)}).status_code in (200, 404)


def test_a_cross_origin_preflight_learns_nothing(service: Served) -> None:
    sent = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    response = service.client.options("/api/v1/chat", headers=sent)
    assert response.status_code == 403
    assert not [name for name in response.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/documents", "/api/v1/nothing", "/openapi.json", "/static/none"])
def test_every_answer_carries_the_headers(service: Served, path: str) -> None:
    for response in (service.client.get(path), service.client.get(path, headers={"Origin": "http://evil.example"})):
        assert {name: response.headers[name] for name in HEADERS} == HEADERS
        assert response.headers["cache-control"] == ("no-store" if path.startswith("/api") else "no-cache")
        assert "server" not in response.headers


def test_a_stream_carries_the_headers_too(service: Served) -> None:
    with service.client.stream("POST", "/api/v1/chat/stream", json={"question": "invoices"}) as response:
        assert {name: response.headers[name] for name in HEADERS} == HEADERS
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["x-accel-buffering"] == "no"


def test_principals_need_the_key(service: Served, locked: Served) -> None:
    question = {"question": "invoices", "principals": ["staff"]}
    for path in ("chat", "chat/stream", "search"):
        refused = service.client.post(f"/api/v1/{path}", json=question)
        assert refused.status_code == 403
        assert refused.json()["error"]["code"] == "forbidden"
        assert locked.client.post(f"/api/v1/{path}", json=question).status_code == 200
    assert service.client.get("/api/v1/documents?principal=staff").status_code == 403
    for path, count in {"": 1, "?principal=staff": 2, "?principal=guests&principal=staff": 2}.items():
        assert locked.client.get(f"/api/v1/documents{path}").json()["total"] == count
    assert service.chat("invoices", principals=[]).status_code == 200
    assert service.bot.asked[-1].principals == frozenset()
    assert [turn.principals for turn in locked.bot.asked[-2:]] == [frozenset({"staff"})] * 2
