"""Every error reaches a client in one form, with the status of one table."""

import re
from pathlib import Path

import pytest

from ragbot.api.errors import STATUS, status_of, status_of_code
from ragbot.core.errors import ModelError, RagbotError, UsageError
from tests.api.kit import ERRORS, Served, error_tree

DOCS = Path(__file__).parents[2] / "docs" / "api.md"


def test_every_error_class_has_a_status() -> None:
    assert set(STATUS) == set(error_tree())
    assert all(400 <= status < 600 for status in STATUS.values())


def test_a_client_s_fault_is_never_a_5xx_and_a_retryable_error_never_a_plain_4xx() -> None:
    for kind, status in STATUS.items():
        assert not (issubclass(kind, UsageError) and status >= 500), kind
        assert not (kind.retryable and status in (400, 401, 403, 404, 422)), kind


def test_a_plugin_s_error_has_the_status_of_the_nearest_class_above() -> None:
    class OddModelError(ModelError):
        code = "odd_model"

    assert status_of(OddModelError) == 503
    assert status_of_code("odd_model") == 503
    assert status_of(ValueError) == 500
    assert status_of_code("heard_of_by_nobody") == 500


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_an_error_in_a_request_is_answered_with_its_status(service: Served, code: str) -> None:
    kind: type[RagbotError] = ERRORS[code]
    for path in ("chat", "search"):
        response = service.client.post(f"/api/v1/{path}", json={"question": f"raise {code}"})
        assert response.status_code == STATUS[kind]
        assert response.json() == {
            "error": {"code": code, "message": "It broke.", "remedy": "Mend it.", "retryable": kind.retryable}
        }


@pytest.mark.parametrize("word", ["raise", "late"])
@pytest.mark.parametrize("code", ["model_timeout", "index_damaged", "error"])
def test_an_error_in_a_stream_is_its_last_event(service: Served, word: str, code: str) -> None:
    events = service.events(f"{word} {code}")
    assert [event.name for event in events][-1] == "failed"
    started, failed = events[0].data, events[-1].data
    assert failed == {
        "error": {"code": code, "message": "It broke.", "remedy": "Mend it.", "retryable": ERRORS[code].retryable},
        **started,
    }
    assert service.ended(started["conversation_id"])["error"] == {
        "code": code,
        "message": "It broke.",
        "remedy": "Mend it.",
    }


def test_an_unforeseen_error_says_nothing_of_the_inside(service: Served, caplog: pytest.LogCaptureFixture) -> None:
    response = service.client.post("/api/v1/search", json={"question": "bug in there"})
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "error"
    assert "secret" not in response.text
    assert response.headers["content-security-policy"], "what goes wrong has the headers too"
    assert "internal secret words" in caplog.text, "but the log says it"
    assert "bug in there" not in caplog.text, "and not what was asked"


@pytest.mark.parametrize("word", ["bug", "late-bug"])
def test_an_unforeseen_error_in_an_answer_ends_the_stream_with_an_event(service: Served, word: str) -> None:
    assert service.chat(word).status_code == 500
    last = service.events(word)[-1]
    assert (last.name, last.data["error"]["code"]) == ("failed", "error")
    assert "secret" not in str(last)


def test_the_documented_table_is_the_one_in_force() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| (\d{3}) \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert dict(rows) == {kind.code: str(status) for kind, status in STATUS.items()}
