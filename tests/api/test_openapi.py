"""/openapi.json is valid, whole, and says what the routes do."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ragbot.api.sse import EVENTS
from tests.api.kit import Served

ROUTES = {
    ("post", "/api/v1/chat"),
    ("post", "/api/v1/chat/stream"),
    ("post", "/api/v1/search"),
    ("get", "/api/v1/documents"),
    ("get", "/api/v1/documents/{document_id}"),
    ("get", "/api/v1/documents/{document_id}/passage"),
    ("get", "/api/v1/conversations"),
    ("get", "/api/v1/conversations/{conversation_id}"),
    ("delete", "/api/v1/conversations/{conversation_id}"),
    ("post", "/api/v1/messages/{message_id}/feedback"),
    ("get", "/api/v1/roles"),
    ("get", "/healthz"),
    ("get", "/readyz"),
}


@pytest.fixture(scope="module")
def openapi(service: Served) -> dict[str, Any]:
    found: dict[str, Any] = service.client.get("/openapi.json").json()
    return found


def operations(openapi: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(each)


def test_every_route_is_there_with_a_summary_a_description_and_a_tag(openapi: dict[str, Any]) -> None:
    found = list(operations(openapi))
    assert {(method, path) for method, path, _ in found} == ROUTES
    assert all(each["summary"] and each["description"] and each["tags"] for *_, each in found)
    identifiers = [each["operationId"] for *_, each in found]
    assert len(set(identifiers)) == len(identifiers)


def test_every_reference_leads_somewhere_and_every_schema_is_one(openapi: dict[str, Any]) -> None:
    assert openapi["openapi"].startswith("3.1")
    for node in nodes(openapi):
        if isinstance(reference := node.get("$ref"), str):
            assert reference.removeprefix("#/components/schemas/") in openapi["components"]["schemas"]
    for schema in openapi["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_route_of_the_api_describes_its_errors_in_the_one_form(openapi: dict[str, Any]) -> None:
    for _, path, operation in operations(openapi):
        if not path.startswith("/api"):
            continue
        refusals = {status: each for status, each in operation["responses"].items() if status >= "400"}
        assert {"401", "403", "422", "500", "503"} <= set(refusals), path
        for each in refusals.values():
            schema = each["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/ErrorAnswer"}
    assert "HTTPValidationError" not in openapi["components"]["schemas"]


def test_the_stream_describes_its_events(openapi: dict[str, Any]) -> None:
    told = openapi["paths"]["/api/v1/chat/stream"]["post"]["responses"]["200"]
    assert list(told["content"]) == ["text/event-stream"]
    assert re.findall(r"^\* `([a-z]+)`", told["description"], re.MULTILINE) == list(EVENTS)


def test_the_key_is_described(openapi: dict[str, Any]) -> None:
    assert set(openapi["components"]["securitySchemes"]) == {"bearer", "basic"}
    for _, path, operation in operations(openapi):
        assert ("security" in operation) == path.startswith("/api"), path
