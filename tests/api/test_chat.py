"""Questions answered whole and as streams, and conversations that go on."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from ragbot.api.schemas import LONGEST_QUESTION, ChatAnswer
from ragbot.bot import LONGEST_QUESTION as LONGEST_READ
from ragbot.core.types import Message
from tests.api.kit import TEXT, Served, parsed

SCHEMA = Path(__file__).parents[2] / "config" / "schemas" / "ask.schema.json"
MORE = {"conversation_id", "message_id", "answer_html"}


def test_an_answer_is_what_ask_prints_and_three_things_more(service: Served) -> None:
    body = service.chat("When are invoices sent?").json()
    assert body["answer"] == "Invoices are sent on the first day of each month. [1]"
    assert body["answer_html"] == "<p>Invoices are sent on the first day of each month. [1]</p>\n"
    assert body["citations"][0]["quote"] == "Invoices are sent on the first day of each month."
    assert body["usage"] == {"input_tokens": 3, "output_tokens": 4}
    assert body["prompt"]["name"] == "plain"
    asked = set(json.loads(SCHEMA.read_text(encoding="utf-8"))["properties"])
    assert asked | MORE <= set(body) == set(ChatAnswer.model_fields)


def test_a_stream_tells_the_same_answer_event_by_event(service: Served) -> None:
    events = [event for event in service.events("When are invoices sent?") if event.name != "comment"]
    assert [event.name for event in events] == ["started", "retrieved", "delta", "delta", "citation", "completed"]
    assert [event.id for event in events] == ["1", "2", "3", "4", "5", "6"]
    started, retrieved, *deltas, cited, completed = (event.data for event in events)
    assert set(started) == {"conversation_id", "message_id"}
    assert retrieved == {
        "query": "found",
        "notes": ["a note"],
        "hits": [
            {
                "rank": 1,
                "source": "billing.html",
                "title": "Billing",
                "page": None,
                "heading_path": ["Billing"],
                "score": 0.9,
                "document_id": "d1",
                "revision": 1,
                "char_start": 0,
                "char_end": len(TEXT),
                "chunk_id": "c-d1",
            }
        ],
    }
    assert "".join(delta["text"] for delta in deltas) == completed["answer"]
    assert [cited] == completed["citations"]
    whole = service.chat("When are invoices sent?").json()
    assert set(completed) == set(whole), "the schema drops what it does not name"
    same = set(whole) - {"conversation_id", "message_id"}
    assert {name: completed[name] for name in same} == {name: whole[name] for name in same}
    assert {name: completed[name] for name in started} == started
    ChatAnswer.model_validate(completed)


def test_the_turn_is_stored_before_its_end_is_told(service: Served) -> None:
    for body in (service.chat("one").json(), service.events("two")[-1].data):
        last = service.messages(body["conversation_id"])[-1]
        assert (last["message_id"], last["outcome"], last["answer"]) == (body["message_id"], "answered", body["answer"])
        assert last["answer_html"] == body["answer_html"]
        assert last["citations"] == body["citations"]
        assert last["reason"] == body["reason"]


def test_a_conversation_goes_on_with_what_was_answered(service: Served) -> None:
    first = service.chat("say One.").json()
    place = {"conversation_id": first["conversation_id"]}
    assert service.chat("raise model_timeout", **place).status_code == 504
    service.events("say Two.", **place)
    service.chat("say Three.", **place)
    assert service.bot.asked[-1].conversation == (
        Message("user", "say One."),
        Message("assistant", "One."),
        Message("user", "say Two."),
        Message("assistant", "Two."),
    )
    messages = service.messages(first["conversation_id"])
    assert [(each["number"], each["outcome"]) for each in messages] == [
        (1, "answered"),
        (2, "failed"),
        (3, "answered"),
        (4, "answered"),
    ]


@pytest.mark.parametrize("path", ["chat", "chat/stream"])
def test_what_can_be_refused_is_refused_before_anything_is_stored(service: Served, path: str) -> None:
    def count() -> int:
        return len(service.client.get("/api/v1/conversations?limit=200").json()["conversations"])

    before = count()
    for more, status, code in (
        ({"conversation_id": "no-such"}, 404, "not_found"),
        ({"role": "plian"}, 422, "config"),
        ({"question": "refused"}, 422, "usage"),
        ({"question": ""}, 422, "usage"),
        ({"principals": ["staff"]}, 403, "forbidden"),
    ):
        response = service.client.post(f"/api/v1/{path}", json={"question": "hello", **more})
        assert (response.status_code, response.json()["error"]["code"]) == (status, code), more
    assert count() == before


def test_an_unknown_role_names_what_there_is(service: Served) -> None:
    assert service.chat("hello", role="plain").status_code == 200
    assert "plain" in service.chat("hello", role="plian").json()["error"]["remedy"]
    assert service.client.get("/api/v1/roles").json() == {
        "roles": [{"name": "plain", "version": "1", "description": "Says things plainly."}],
        "default": "plain",
    }


@pytest.mark.parametrize("path", ["chat", "chat/stream"])
def test_two_answers_in_one_conversation_at_once_are_a_conflict(service: Served, path: str) -> None:
    with service.client.stream("POST", "/api/v1/chat/stream", json={"question": "hold on"}) as held:
        reading = parsed(held.iter_lines())  # kept: a reader that is collected closes the connection
        place = next(reading).data["conversation_id"]
        refused = service.client.post(f"/api/v1/{path}", json={"question": "me too", "conversation_id": place})
        assert refused.status_code == 409
        assert refused.json()["error"] | {"message": "", "remedy": ""} == {
            "code": "conflict",
            "message": "",
            "remedy": "",
            "retryable": True,
        }
        unfinished = service.messages(place)[-1]
        assert (unfinished["outcome"], unfinished["finished"], unfinished["answer"]) == (None, None, "")
    assert service.ended(place)["error"]["code"] == "cancelled"
    assert service.chat("me too", conversation_id=place).status_code == 200


def test_silence_is_filled_with_comments(service: Served) -> None:
    with service.client.stream("POST", "/api/v1/chat/stream", json={"question": "hold on"}) as held:
        names: list[str] = []
        for event in parsed(held.iter_lines()):
            names.append(event.name)
            if names.count("comment") == 3:
                break
    assert names[:4] == ["started", "retrieved", "delta", "delta"]


def test_twenty_slow_streams_at_once_lose_no_event(service: Served) -> None:
    def ask(number: int) -> str:
        with httpx.Client(base_url=service.url, timeout=30) as client:
            question = {"question": f"slow {100 + number}"}
            with client.stream("POST", "/api/v1/chat/stream", json=question) as response:
                events = [event for event in parsed(response.iter_lines()) if event.name != "comment"]
        told = "".join(event.data["text"] for event in events if event.name == "delta")
        end = events[-1]
        assert end.name == "completed"
        assert told == end.data["answer"] == "".join(f"piece {n} of {100 + number}, " for n in range(100 + number))
        assert [event.id for event in events] == [str(n) for n in range(1, len(events) + 1)]
        return str(end.data["conversation_id"])

    with ThreadPoolExecutor(20) as pool:
        places = list(pool.map(ask, range(20)))
    assert len(set(places)) == 20
    assert {service.messages(place)[0]["outcome"] for place in places} == {"answered"}


def test_the_longest_question_is_the_bot_s(service: Served) -> None:
    assert LONGEST_QUESTION == LONGEST_READ
    assert service.chat("x" * LONGEST_QUESTION).status_code == 200
    assert service.chat("\N{GRINNING FACE}" * LONGEST_QUESTION).status_code == 200


@pytest.mark.parametrize("question", ["\x00\x01\x1b[31m", " \t\u2028 x", "<script>alert(1)</script>", "[1] [2]", "𝕏𝕏"])
def test_odd_questions_are_asked_as_they_are_and_never_rendered(service: Served, question: str) -> None:
    body = service.chat(f"say {question}").json()
    assert service.bot.asked[-1].question == f"say {question}"
    assert service.messages(body["conversation_id"])[0]["question"] == f"say {question}"
    assert "<script" not in body["answer_html"]
