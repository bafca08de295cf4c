"""Stored conversations and feedback, over HTTP."""

from pathlib import Path

import httpx

from tests.api.kit import KEY, ScriptedBot, Served, bearer, components, listening, parsed, service_settings


def test_conversations_are_listed_the_latest_first_by_pages(locked: Served) -> None:
    asked = [locked.chat(f"say {number}").json()["conversation_id"] for number in range(5)]
    listed: list[str] = []
    page = locked.client.get("/api/v1/conversations?limit=2").json()["conversations"]
    assert set(page[0]) == {"id", "title", "started", "updated", "turns"}
    while page and len(listed) < 5:
        listed += [each["id"] for each in page]
        page = locked.client.get(f"/api/v1/conversations?limit=2&before={listed[-1]}").json()["conversations"]
    assert listed[:5] == asked[::-1]


def test_a_conversation_shows_its_turns_as_they_ended(service: Served) -> None:
    place = service.chat("say *One* [1]").json()["conversation_id"]
    service.chat("late model_output", conversation_id=place)
    found = service.client.get(f"/api/v1/conversations/{place}").json()
    assert (found["id"], found["title"]) == (place, "say *One* [1]")
    good, bad = found["messages"]
    assert good["answer_html"] == "<p><em>One</em> [1]</p>\n"
    assert (good["error"], good["feedback"], good["reason"]) == (None, None, "It stands there.")
    assert bad["error"] == {"code": "model_output", "message": "It broke.", "remedy": "Mend it."}
    assert [hit["source"] for hit in good["hits"]] == ["billing.html"]
    assert good["query"] == "say *One* [1]"
    assert (bad["outcome"], bad["answer"]) == ("failed", "Invoices are sent on the first day of each month. [1]")
    assert good["asked"] <= good["finished"] <= bad["asked"]
    assert good["asked"].endswith("Z")


def test_feedback_is_kept_and_replaced(service: Served) -> None:
    answer = service.chat("invoices").json()
    for feedback in (
        {"rating": -1, "tags": ["wrong", "old"], "comment": "No <b>way</b>."},
        {"rating": 1, "tags": [], "comment": ""},
    ):
        rated = service.client.post(f"/api/v1/messages/{answer['message_id']}/feedback", json=feedback)
        assert rated.json() == {"message_id": answer["message_id"], "feedback": feedback}
        assert service.messages(answer["conversation_id"])[0]["feedback"] == feedback
    unknown = service.client.post("/api/v1/messages/no-such/feedback", json={"rating": 1})
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "not_found")


def test_an_answer_still_being_written_cannot_be_rated(service: Served) -> None:
    with service.client.stream("POST", "/api/v1/chat/stream", json={"question": "hold on"}) as held:
        reading = parsed(held.iter_lines())
        message = next(reading).data["message_id"]
        refused = service.client.post(f"/api/v1/messages/{message}/feedback", json={"rating": 1})
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")


def test_a_deleted_conversation_is_gone_for_good(service: Served) -> None:
    answer = service.chat("invoices").json()
    address = f"/api/v1/conversations/{answer['conversation_id']}"
    deleted = service.client.delete(address)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert service.client.get(address).status_code == service.client.delete(address).status_code == 404
    assert service.chat("more", conversation_id=answer["conversation_id"]).status_code == 404
    rated = service.client.post(f"/api/v1/messages/{answer['message_id']}/feedback", json={"rating": 1})
    assert rated.status_code == 404


def test_a_conversation_deleted_while_it_is_answered_harms_nothing(service: Served) -> None:
    with service.client.stream("POST", "/api/v1/chat/stream", json={"question": "slow 60"}) as response:
        reading = parsed(response.iter_lines())
        place = next(reading).data["conversation_id"]
        assert service.client.delete(f"/api/v1/conversations/{place}").status_code == 204
        assert list(reading)[-1].name == "completed"
    assert service.client.get(f"/api/v1/conversations/{place}").status_code == 404


def test_conversations_survive_a_restart_and_belong_to_their_owner(tmp_path: Path) -> None:
    def ask(key: str | None, conversation_id: str | None = None) -> httpx.Response:
        settings = service_settings(tmp_path, key)
        with (
            listening(settings, components(settings, ScriptedBot())) as running,
            httpx.Client(base_url=running.url, headers=bearer(key)) as client,
        ):
            return client.post("/api/v1/chat", json={"question": "hello", "conversation_id": conversation_id})

    place = ask(None).json()["conversation_id"]
    assert ask(None, place).status_code == 200
    assert ask(KEY, place).status_code == 404, "another owner's are as unknown as ones that never were"
