"""A language model behind the service that misbehaves: the right status, one last event, and a stored turn."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from ragbot.settings import Settings
from ragbot.testing.model_server import STALL, Cut, ModelServer, Refusal, Reply, Request
from tests.api.kit import listening, parsed, real_settings, waited

QUESTION = "On which day of the month are invoices sent?"
SAID = "Invoices are sent on the first day of each month. [1]"
SCRIPTS: dict[str, Reply | Refusal] = {
    "good": Reply("Invoices are sent ", "on the first day ", "of each month. [1]"),
    "slow": Reply(*(piece for word in SAID.split() for piece in (word + " ", 0.02))),
    "forbidden": Refusal(401, "bad key sk-secret-1234567890"),
    "gone": Refusal(404, "no such model"),
    "down": Refusal(500, "boom"),
    "busy": Refusal(429, "slow down"),
    "silent": Reply(STALL),
    "stalling": Reply("Invoices are sent ", STALL),
    "cut": Reply("Invoices are sent ", Cut()),
    "cut-clean": Reply("Invoices are sent ", Cut(clean=True)),
    "nonsense": Reply(b"data: {not json\\n\\n"),
    "page": Refusal(200, body="<html>A proxy's page</html>"),
    "empty": Reply(),
    "script": Reply("Invoices are sent on the first <script>alert(1)</script> day of each month. [1]"),
    "half": Reply({"content": "Invoices are sent on the first day of each \\ud800 month. [1]"}),
}


def model_settings(base: Path, address: str, **more: Any) -> Settings:
    model = {"model": "openai:scripted", "base_url": address, "retries": 0, **more}
    return real_settings(base, **{f"llm.{name}": value for name, value in model.items()})


class Talking(NamedTuple):
    client: httpx.Client
    server: ModelServer


@pytest.fixture(scope="module")
def talking(base: Path) -> Iterator[Talking]:
    """A service whose model does what the question's last word says."""

    def script(request: Request) -> Reply | Refusal:
        asked = str(request.messages[-1]["content"])
        return next(reply for name, reply in SCRIPTS.items() if f"({name})" in asked)

    with ModelServer(script) as server:
        settings = model_settings(base, server.base_url, timeout=1, stall=0.5)
        with listening(settings) as running, httpx.Client(base_url=running.url, timeout=20) as client:
            yield Talking(client, server)


def ask(talking: Talking, what: str) -> httpx.Response:
    return talking.client.post("/api/v1/chat", json={"question": f"{QUESTION} ({what})"})


def stream(talking: Talking, what: str) -> list[Any]:
    with talking.client.stream("POST", "/api/v1/chat/stream", json={"question": f"{QUESTION} ({what})"}) as response:
        assert response.status_code == 200
        return [event for event in parsed(response.iter_lines()) if event.name != "comment"]


def last_message(talking: Talking, place: str) -> dict[str, Any]:
    found = talking.client.get(f"/api/v1/conversations/{place}").json()["messages"][-1]
    return dict(found)


@pytest.mark.parametrize("what", ["good", "slow"])
def test_a_model_s_answer_comes_through(talking: Talking, what: str) -> None:
    events = stream(talking, what)
    end = events[-1]
    assert end.name == "completed"
    assert (end.data["outcome"], end.data["model"]) == ("answered", "openai:scripted")
    assert "".join(event.data["text"] for event in events if event.name == "delta") == end.data["answer"]
    assert [event.data for event in events if event.name == "citation"] == end.data["citations"]
    assert end.data["citations"][0]["source"].endswith("billing.html")


FAILURES = {
    "forbidden": (502, "model_rejected"),
    "gone": (502, "model_rejected"),
    "down": (503, "model_unavailable"),
    "busy": (503, "model_unavailable"),
    "silent": (504, "model_timeout"),
    "stalling": (504, "model_timeout"),
    "cut": (502, "model_output"),
    "cut-clean": (502, "model_output"),
    "nonsense": (502, "model_output"),
    "page": (502, "model_output"),
    "empty": (502, "model_output"),
}


@pytest.mark.parametrize(("what", "expected"), FAILURES.items(), ids=FAILURES)
def test_a_model_that_fails_is_told_apart_and_its_turn_is_stored(
    talking: Talking, what: str, expected: tuple[int, str]
) -> None:
    status, code = expected
    whole = ask(talking, what)
    assert (whole.status_code, whole.json()["error"]["code"]) == (status, code), whole.text
    assert "secret" not in whole.text
    events = stream(talking, what)
    started, failed = events[0].data, events[-1]
    assert [event.name for event in events].count("failed") == 1
    assert failed.name == "failed"
    assert failed.data["error"]["code"] == code
    assert failed.data["error"]["message"]
    stored = last_message(talking, started["conversation_id"])
    assert (stored["outcome"], stored["error"]["code"]) == ("failed", code)
    said = "".join(event.data["text"] for event in events if event.name == "delta")
    assert stored["answer"] == said, "what was said stays said"


@pytest.mark.parametrize("what", ["script", "half"])
def test_what_a_model_should_not_write_harms_nothing(talking: Talking, what: str) -> None:
    answer = ask(talking, what)
    assert answer.status_code in (200, 502)
    assert "<script" not in answer.json().get("answer_html", "")
    assert stream(talking, what)[-1].name in ("completed", "failed")


def test_a_reader_who_leaves_stops_the_model_s_server_too(talking: Talking) -> None:
    asked = len(talking.server.requests)
    with talking.client.stream("POST", "/api/v1/chat/stream", json={"question": f"{QUESTION} (slow)"}) as response:
        reading = parsed(response.iter_lines())
        place = next(reading).data["conversation_id"]
        waited(lambda: len(talking.server.requests) > asked or None)
    assert talking.server.requests[-1].gone.wait(2)
    waited(lambda: last_message(talking, place)["outcome"])
    assert last_message(talking, place)["error"]["code"] == "cancelled"


def test_a_model_that_is_not_there_is_an_error_of_the_turn(base: Path) -> None:
    with ModelServer() as server:
        address = server.base_url
    with listening(model_settings(base, address)) as running, httpx.Client(base_url=running.url, timeout=20) as client:
        refused = client.post("/api/v1/chat", json={"question": QUESTION})
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "model_unavailable")
        assert client.post("/api/v1/search", json={"question": QUESTION}).status_code == 200
