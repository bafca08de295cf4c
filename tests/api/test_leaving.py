"""Readers who go away: the model is stopped at once, the turn is stored, and nothing stays behind."""

import asyncio
import gc
import json
import logging
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from ragbot.api.turns import LiveTurn
from ragbot.core.types import Outcome
from ragbot.settings import Settings
from ragbot.wiring import open_turn_store
from tests.api.kit import ScriptedBot, Served, components, listening, parsed, served, service_settings, waited

PROMPTLY = 1.0
"""Seconds."""


@pytest.fixture(autouse=True)
def _nothing_to_report(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """That readers leave is no error, and fills no log."""
    yield
    assert [each.getMessage() for each in caplog.get_records("call") if each.levelno >= logging.ERROR] == []


def leave(service: Served, question: str, *, after: str) -> str:
    """Asks on a socket of its own, closes it after the named event, and gives the conversation's id."""
    with service.client.stream("POST", "/api/v1/chat/stream", json={"question": question}) as response:
        reading = parsed(response.iter_lines())
        place = str(next(reading).data["conversation_id"])
        while after != "started" and next(reading).name != after:
            pass
    return place


@pytest.mark.parametrize("after", ["started", "retrieved", "delta", "comment"])
def test_a_closed_tab_stops_the_model_at_once_and_leaves_a_stored_turn(service: Served, after: str) -> None:
    place = leave(service, f"hold {after}", after=after)
    left = time.perf_counter()
    waited(lambda: f"hold {after}" in service.bot.closed or None, PROMPTLY)
    last = service.ended(place)
    assert time.perf_counter() - left < PROMPTLY
    assert (last["outcome"], last["error"]["code"]) == ("failed", "cancelled")
    assert last["answer"] == "Invoices are sent on the first day of each month. [1]", "what was said stays said"


def test_who_does_not_wait_for_the_whole_answer_stops_the_model_too(service: Served) -> None:
    with pytest.raises(httpx.ReadTimeout):
        service.client.post("/api/v1/chat", json={"question": "hold whole"}, timeout=0.5)
    waited(lambda: "hold whole" in service.bot.closed or None, PROMPTLY)


def test_a_reader_cut_off_in_the_middle_of_a_fast_answer_leaves_a_stored_turn(service: Served) -> None:
    place = leave(service, "slow 2000", after="delta")
    waited(lambda: "slow 2000" in service.bot.closed or None, PROMPTLY)
    last = service.ended(place)
    assert last["error"]["code"] == "cancelled"
    assert 0 < last["answer"].count("piece") < 2000


def test_a_reader_who_never_reads_holds_the_model_back_and_not_the_service(service: Served) -> None:
    body = json.dumps({"question": "flood " + "x" * 10_000}).encode()
    address = urlsplit(service.url)
    assert address.hostname
    with socket.create_connection((address.hostname, address.port or 0)) as stuck:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        head = f"POST /api/v1/chat/stream HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
        stuck.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        seen = [-2, -1]
        while seen[-1] != seen[-2]:
            time.sleep(0.3)
            seen.append(service.bot.flooded)
        assert 0 < seen[-1] < 5000, "the model waits for its reader"
        assert service.chat("invoices").status_code == 200, "and others do not"
    waited(lambda: any(each.startswith("flood") for each in service.bot.closed) or None, PROMPTLY)


def test_many_readers_who_leave_leave_nothing_behind(service: Served) -> None:
    for _ in range(40):
        leave(service, "hold it", after="started")
    waited(lambda: service.bot.closed.count("hold it") == 40 or None)
    waited(lambda: _alive() == 0 or None)


def test_more_answers_at_once_than_are_allowed_are_refused_for_now() -> None:
    with served(max_streams=1) as small:
        with small.client.stream("POST", "/api/v1/chat/stream", json={"question": "hold on"}) as held:
            reading = parsed(held.iter_lines())
            place = next(reading).data["conversation_id"]
            for path in ("chat", "chat/stream"):
                refused = small.client.post(f"/api/v1/{path}", json={"question": "me too"})
                assert refused.status_code == 503
                assert refused.json()["error"]["code"] == "unavailable"
                assert refused.json()["error"]["retryable"]
        small.ended(place)
        assert waited(lambda: small.chat("me too").status_code == 200 or None)
        assert small.chat("raise conflict").status_code == 409
        assert small.chat("me too").status_code == 200, "a refused question takes no place"


def test_a_service_that_stops_gives_answers_a_moment_then_ends_and_stores_them(tmp_path: Path) -> None:
    bot, settings = ScriptedBot(), service_settings(tmp_path, stop_after=0.3)
    with (
        listening(settings, components(settings, bot)) as running,
        httpx.Client(base_url=running.url) as client,
        client.stream("POST", "/api/v1/chat/stream", json={"question": "slow 20"}) as quick,
        client.stream("POST", "/api/v1/chat/stream", json={"question": "hold on"}) as held,
    ):
        readings = [parsed(each.iter_lines()) for each in (quick, held)]
        places = [next(each).data["conversation_id"] for each in readings]
        running.stop()
        ends = [list(each)[-1] for each in readings]
    assert ends[0].name == "completed"
    assert (ends[1].name, ends[1].data["error"]["code"]) == ("failed", "unavailable")
    assert bot.closed == ["slow 20", "hold on"]
    assert asyncio.run(stored_outcomes(settings, places)) == ["answered", "failed"]


async def stored_outcomes(settings: Settings, places: list[str]) -> list[Outcome | None]:
    async with open_turn_store(settings) as store:
        return [(await store.turns("local", place))[0].outcome for place in places]


def _alive() -> int:
    gc.collect()
    return sum(isinstance(each, LiveTurn) for each in gc.get_objects())
