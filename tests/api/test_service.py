"""The whole service: the real bot over a real index, real conversations, a real socket."""

import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ragbot.core.readiness import STILL_LOADING
from ragbot.testing.embedder import HashModel
from tests.api.kit import KEY, bearer, listening, parsed, real_settings, waited
from tests.cli.kit import KnowledgeBase, RagbotCommand


@pytest.fixture(scope="module")
def real(base: Path) -> Iterator[httpx.Client]:
    with listening(real_settings(base)) as running, httpx.Client(base_url=running.url, timeout=20) as client:
        waited(lambda: client.get("/readyz").status_code == 200 or None)
        yield client


def ask(client: httpx.Client, question: str, **more: Any) -> dict[str, Any]:
    response = client.post("/api/v1/chat", json={"question": question, **more})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def test_an_answer_s_citations_open_in_their_documents(real: httpx.Client) -> None:
    answer = ask(real, "How long does the link to reset a password work?")
    assert answer["outcome"] == "answered"
    assert answer["citations"]
    for cited in answer["citations"]:
        place = {name: cited[name] for name in ("revision", "char_start", "char_end")}
        passage = real.get(f"/api/v1/documents/{cited['document_id']}/passage", params=place).json()
        assert passage["quote"] == cited["quote"]
        text = real.get(f"/api/v1/documents/{cited['document_id']}").json()["text"]
        assert text[cited["char_start"] : cited["char_end"]] == cited["quote"]
        assert passage["before"] + passage["quote"] + passage["after"] in text
        assert f"[{cited['n']}]" in answer["answer_html"]


def test_a_stream_tells_what_the_whole_answer_says(real: httpx.Client) -> None:
    question = {"question": "When are invoices sent?"}
    with real.stream("POST", "/api/v1/chat/stream", json=question) as response:
        events = list(parsed(response.iter_lines()))
    whole = ask(real, **question)
    completed = events[-1].data
    changing = {"conversation_id", "message_id", "timings"}
    assert {name: completed[name] for name in whole if name not in changing} == {
        name: whole[name] for name in whole if name not in changing
    }
    assert "".join(each.data["text"] for each in events if each.name == "delta") == whole["answer"]
    assert [each.data for each in events if each.name == "citation"] == whole["citations"]


def test_the_shipped_role_is_listed_and_may_be_named(real: httpx.Client) -> None:
    found = real.get("/api/v1/roles").json()
    roles = {each["name"]: each for each in found["roles"]}
    assert found["default"] == "support"
    assert roles["support"]["version"]
    assert roles["support"]["description"]
    assert ask(real, "Hello!", role="support")["outcome"] == "smalltalk"
    wrong = real.post("/api/v1/chat", json={"question": "Hello!", "role": "suport"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "config")
    assert "'support'" in wrong.json()["error"]["remedy"]


def test_what_the_documents_do_not_say_is_not_said(real: httpx.Client) -> None:
    answer = ask(real, "Which restaurant in Lisbon serves the best octopus?")
    assert (answer["outcome"], answer["citations"]) == ("abstained", [])
    assert ask(real, "Hello!")["outcome"] == "smalltalk"


def test_a_question_of_nothing_but_white_space_is_none(real: httpx.Client) -> None:
    before = real.get("/api/v1/conversations").json()
    for path in ("chat", "chat/stream", "search"):
        refused = real.post(f"/api/v1/{path}", json={"question": " \n\u2003"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "usage")
    assert real.get("/api/v1/conversations").json() == before


def test_control_characters_are_asked_like_any_others(real: httpx.Client) -> None:
    answer = ask(real, "\x00\x1b[31m\x07 When are invoices sent?\x9b")
    assert answer["outcome"] in ("answered", "abstained")
    kept = real.get(f"/api/v1/conversations/{answer['conversation_id']}").json()["messages"][0]
    assert kept["question"] == "\x00\x1b[31m\x07 When are invoices sent?\x9b"


def test_a_follow_up_is_understood_from_the_stored_conversation(real: httpx.Client) -> None:
    first = ask(real, "How do I reset a password?")
    second = ask(real, "And for how long does the link work?", conversation_id=first["conversation_id"])
    assert "reset a password" in second["query"]
    assert second["conversation_id"] == first["conversation_id"]


def test_html_and_script_in_documents_and_questions_never_become_html(real: httpx.Client) -> None:
    answer = ask(real, "widget warranty <nine years>")
    assert answer["outcome"] == "answered"
    html = answer["answer_html"]
    assert not re.search(r"<(?!/?(?:p|a|ul|ol|li|em|strong|code)\b)", html), html
    assert "evil.example/?q" not in html
    kept = real.get(f"/api/v1/conversations/{answer['conversation_id']}").json()["messages"][0]
    assert kept["answer_html"] == html
    assert "<nine" in kept["question"], "kept as it was asked; the page shows it as text"
    assert "<script>" in answer["answer"], "and quoted as it stands there"


def test_what_is_not_public_needs_key_and_principal(base: Path) -> None:
    question = "Call the night engineer on which extension?"
    with (
        listening(real_settings(base, KEY)) as running,
        httpx.Client(base_url=running.url, headers=bearer(KEY), timeout=20) as client,
    ):
        open_ = {each["source"]: each for each in client.get("/api/v1/documents").json()["documents"]}
        all_ = client.get("/api/v1/documents?principal=staff").json()
        hidden = {each["source"]: each for each in all_["documents"]}["internal.md"]
        assert "internal.md" not in open_
        assert all_["total"] == len(open_) + 1
        address = f"/api/v1/documents/{hidden['document_id']}"
        for rest in ("", f"/passage?revision={hidden['revision']}&char_start=0&char_end=5"):
            refused, unknown = client.get(address + rest), client.get(f"/api/v1/documents/no-such{rest}")
            assert (refused.status_code, refused.content) == (404, unknown.content)
            joined = "&" if rest else "?"
            assert client.get(f"{address}{rest}{joined}principal=staff").status_code == 200
        for path in ("chat", "search"):
            asked = client.post(f"/api/v1/{path}", json={"question": question})
            assert "4711" not in asked.text
            assert "internal" not in asked.text
        assert "4711" in ask(client, question, principals=["staff"])["answer"]


def test_a_service_over_nothing_answers_as_soon_as_another_process_has_ingested(
    tmp_path: Path, knowledge_base: KnowledgeBase, ragbot_command: RagbotCommand
) -> None:
    with (
        listening(real_settings(tmp_path / "index")) as running,
        httpx.Client(base_url=running.url, timeout=20) as client,
    ):
        for path in ("chat", "chat/stream", "search"):
            empty = client.post(f"/api/v1/{path}", json={"question": "When are invoices sent?"})
            assert (empty.status_code, empty.json()["error"]["code"]) == (503, "empty_index")
            assert "ragbot ingest" in empty.json()["error"]["remedy"]
        ready = client.get("/readyz")
        assert ready.json() == {"status": "unavailable", "reason": "Nothing has been ingested yet."}
        assert ready.status_code == 503
        assert client.get("/healthz").status_code == 200
        assert client.get("/api/v1/conversations").json() == {"conversations": []}
        ragbot_command("--data-dir", "index", "ingest", str(knowledge_base.documents), code=0)
        assert ask(client, "When are invoices sent?")["outcome"] == "answered"
        waited(lambda: client.get("/readyz").status_code == 200 or None)


def test_a_damaged_index_is_an_error_of_the_requests_and_not_the_end(tmp_path: Path, base: Path) -> None:
    shutil.copytree(base, tmp_path / "index")
    (tmp_path / "index" / "catalog.sqlite3").write_bytes(b"no database at all" * 1000)
    with (
        listening(real_settings(tmp_path / "index")) as running,
        httpx.Client(base_url=running.url, timeout=20) as client,
    ):
        for _ in range(2):
            broken = client.post("/api/v1/chat", json={"question": "When are invoices sent?"})
            assert broken.status_code == 503
            assert broken.json()["error"]["code"] in ("index_damaged", "data_dir")
        assert client.get("/readyz").json()["status"] == "unavailable"
        assert str(tmp_path) not in client.get("/readyz").text


def test_while_the_model_loads_answers_rest_on_keywords(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = threading.Event()
    embed = HashModel.embed_query

    def slow(model: HashModel, text: str) -> Any:
        assert loaded.wait(20)
        return embed(model, text)

    monkeypatch.setattr(HashModel, "embed_query", slow)
    with listening(real_settings(base)) as running, httpx.Client(base_url=running.url, timeout=20) as client:
        try:
            early = ask(client, "When are invoices sent?")
            assert (early["outcome"], early["notes"]) == ("answered", [STILL_LOADING])
            waiting = client.get("/readyz")
            assert (waiting.status_code, waiting.json()["status"]) == (503, "starting")
        finally:
            loaded.set()
        waited(lambda: client.get("/readyz").status_code == 200 or None)
        assert ask(client, "When are invoices sent?")["notes"] == []
