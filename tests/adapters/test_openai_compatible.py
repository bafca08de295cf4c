"""OpenAI-compatible servers that misbehave, over the real SDK and real sockets."""

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from time import perf_counter
from typing import cast

import httpx
import pytest

from ragbot.adapters.chat_models.failures import retry_after
from ragbot.core.errors import ModelError, ModelOutputError, ModelRejectedError, ModelTimeoutError
from ragbot.core.types import ModelPart, Usage
from ragbot.testing.model_server import STALL, Cut, ModelServer, Refusal, Reply, Request, Script, Step
from tests.adapters.kit import KEY, QUESTION, failure, openai_at, read

TOOL_CALL = {"tool_calls": [{"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}
TOO_LONG = "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."
"""As OpenAI words it; others word it otherwise."""


def text_of(parts: list[ModelPart]) -> str:
    return "".join(part.text for part in parts)


async def test_a_reply_comes_with_usage_and_finish_and_is_asked_for_as_set() -> None:
    with ModelServer(Reply("One month", ".", usage=(40, 5))) as server:
        parts, error = await read(openai_at(server.base_url, reply_tokens=90, temperature=0.5))
    assert error is None
    assert [part.text for part in parts] == ["One month", ".", ""]
    assert parts[-1] == ModelPart("", Usage(40, 5), "stop")
    (request,) = server.requests
    assert request.messages == [{"role": m.role, "content": m.content} for m in QUESTION]
    assert request.model == "test"
    assert request.body["max_completion_tokens"] == 90
    assert request.body["temperature"] == 0.5
    assert request.headers["authorization"] == f"Bearer {KEY}"


REFUSALS = [
    (Refusal(401, f"Incorrect API key provided: {KEY}. sk-abc"), ModelRejectedError, "does not accept the API key"),
    (Refusal(403, "The key may not use this model"), ModelRejectedError, "may not use this model"),
    (Refusal(404, "The model `test` does not exist", code="model_not_found"), ModelRejectedError, "llm.model"),
    (Refusal(404, body="<html>Not Found</html>"), ModelRejectedError, "usually ends in /v1"),
    (Refusal(400, TOO_LONG, code="context_length_exceeded"), ModelRejectedError, "too long"),
    (Refusal(400, "the request exceeds the available context size"), ModelRejectedError, "llm.context_tokens"),
    (Refusal(413, "prompt is too long"), ModelRejectedError, "answer.passages"),
    (Refusal(400, "Unsupported value: 'temperature' does not support 0"), ModelRejectedError, "llm.temperature to 1"),
    (Refusal(400, f"Header 'Bearer {KEY}', key {KEY} or sk-abc"), ModelRejectedError, "key … or …"),
    (Refusal(422, "unknown field"), ModelRejectedError, "unknown field"),
    (Refusal(429, "Slow down"), ModelError, "busy (429): Slow down"),
    (Refusal(429, "Slow down", retry_after=20), ModelError, "Try again in 20 seconds"),
    (Refusal(429, "You exceeded your quota", code="insufficient_quota"), ModelRejectedError, "no quota left"),
    (Refusal(500, "The server had an error"), ModelError, "failed (500): The server had an error"),
    (Refusal(503, body="<html>Bad gateway</html>"), ModelError, "failed (503): it sent a web page"),
]


@pytest.mark.parametrize(("refusal", "kind", "said"), REFUSALS, ids=lambda case: getattr(case, "status", None))
async def test_a_refusal_says_what_to_do_and_never_the_key(refusal: Refusal, kind: type, said: str) -> None:
    with ModelServer(refusal) as server:
        error = await failure(openai_at(server.base_url))
    assert type(error) is kind
    assert said in str(error)
    assert "openai:test" in error.message
    assert server.base_url in error.message
    assert error.remedy
    assert "sk-abc" not in str(error)
    assert error.__cause__ is not None


NONSENSE: list[tuple[str, Script, str]] = [
    ("a web page", Refusal(200, body="<html>Hello</html>"), "no reply"),
    ("another JSON", Refusal(200, body='{"hello": 1}'), "no reply"),
    ("a whole reply where a stream was asked for", Refusal(200, body='{"choices": []}'), "no reply"),
    ("broken JSON", Reply(b"data: {oops\n\n"), "no reply (JSONDecodeError"),
    ("broken JSON in the middle", Reply("One", b'data: {"choices": [\n\n'), "no reply (JSONDecodeError"),
    ("bytes that are no text", Reply(b"data: \xff\xfe\n\n"), "no reply (UnicodeDecodeError"),
    ("a list", Reply(b"data: [1, 2]\n\n"), "no reply"),
    ("a word", Reply(b'data: "hello"\n\n'), "no reply"),
    ("no choices", Reply(b'data: {"choices": null}\n\n'), "empty reply"),
    ("nothing", Reply(), "empty reply"),
    ("white space", Reply(" ", "\n"), "empty reply"),
    ("only tool calls", Reply(TOOL_CALL, finish="tool_calls"), "empty reply (it ended with 'tool_calls')"),
    ("only reasoning", Reply({"reasoning_content": "Hm."}), "empty reply"),
    ("reasoning up to the limit", Reply({"reasoning_content": "Hm."}, finish="length"), "raise llm.reply_tokens"),
    ("withheld by a filter", Reply(finish="content_filter"), "'content_filter'"),
    ("a cut connection", Reply("One", Cut()), "broke off"),
    ("an end without an end", Reply("One", Cut(clean=True)), "broke off"),
]


@pytest.mark.parametrize(("script", "said"), [case[1:] for case in NONSENSE], ids=[case[0] for case in NONSENSE])
async def test_what_is_no_reply_is_said_to_be_none(script: Script, said: str) -> None:
    with ModelServer(script) as server:
        error = await failure(openai_at(server.base_url, retries=2))
    assert type(error) is ModelOutputError
    assert said in str(error)
    assert len(server.requests) == 1, "asking again costs money and gives the same"


async def test_what_came_before_a_cut_has_been_said() -> None:
    with ModelServer(Reply("One ", "month", 0.05, Cut())) as server:
        parts, error = await read(openai_at(server.base_url, retries=2))
    assert text_of(parts) == "One month"
    assert isinstance(error, ModelOutputError)
    assert len(server.requests) == 1, "a reply that has begun is never begun again"


async def test_an_error_in_the_stream_is_the_service_s() -> None:
    overloaded = b'data: {"error": {"message": "We are overloaded", "type": "server_error"}}\n\n'
    with ModelServer(Reply("One", overloaded)) as server:
        error = await failure(openai_at(server.base_url, retries=2))
    assert type(error) is ModelError
    assert "We are overloaded" in error.message
    assert len(server.requests) == 1, "a reply that has begun is never begun again"


@contextmanager
def nobody_listens() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    yield f"http://127.0.0.1:{port}/v1"


async def test_a_server_that_is_down_is_named() -> None:
    with nobody_listens() as address:
        error = await failure(openai_at(address))
    assert type(error) is ModelError
    assert error.message == f"openai:test at {address} cannot be reached: nothing listens there."
    assert "llm.base_url" in error.remedy


async def test_a_name_that_is_not_known_is_said_to_be() -> None:
    error = await failure(openai_at("http://model.invalid/v1"))
    assert type(error) is ModelError
    assert "its name is not known" in error.message


async def test_a_server_that_speaks_no_tls_where_https_is_asked_is_named() -> None:
    with ModelServer(Reply("One")) as server:
        error = await failure(openai_at(server.base_url.replace("http:", "https:")))
    assert type(error) is ModelError
    assert "certificate or encryption" in error.message


async def test_credentials_in_the_address_are_not_repeated() -> None:
    with nobody_listens() as address:
        error = await failure(openai_at(address.replace("127.", "user:pass@127.")))
    assert "pass" not in str(error)


SILENCES = [
    ("before the status", Reply("One", first=STALL), {"timeout": 0.3}, "did not begin its reply within 0.3 seconds"),
    ("before the first piece", Reply(STALL), {"timeout": 0.3}, "did not begin its reply within 0.3 seconds"),
    ("in the middle", Reply("One", STALL), {"stall": 0.3}, "fell silent for 0.3 seconds in the middle"),
]


@pytest.mark.parametrize(("reply", "limits", "said"), [c[1:] for c in SILENCES], ids=[c[0] for c in SILENCES])
async def test_silence_ends_in_time_and_the_server_sees_it(reply: Reply, limits: dict[str, float], said: str) -> None:
    with ModelServer(reply) as server:
        model = openai_at(server.base_url, retries=2, **limits)
        await model_ready(server)
        started = perf_counter()
        error = await failure(model)
        assert perf_counter() - started < 3
        assert await asyncio.to_thread(server.requests[0].gone.wait, 5)
    assert type(error) is ModelTimeoutError
    assert said in error.message
    assert len(server.requests) == 1


async def model_ready(server: ModelServer) -> None:
    """Importing LangChain is no part of what is timed."""
    await openai_at(server.base_url).warm()


async def test_keep_alive_comments_are_no_pieces() -> None:
    with ModelServer(Reply("One", *cast(list[Step], [0.05, b": ping\n\n"]) * 20)) as server:
        error = await failure(openai_at(server.base_url, stall=0.3))
    assert type(error) is ModelTimeoutError


async def test_a_slow_reply_is_no_silence() -> None:
    with ModelServer(Reply(*cast(list[Step], [0.15, "word "]) * 4)) as server:
        parts, error = await read(openai_at(server.base_url, stall=1, timeout=2))
    assert error is None
    assert text_of(parts) == "word " * 4


RETRIED = [Refusal(503, "later"), Refusal(429, "busy"), Refusal(429, "busy", retry_after=0.1), Reply(Cut(), first=0.01)]


@pytest.mark.parametrize("first", RETRIED, ids=["503", "429", "429 with Retry-After", "cut before the first piece"])
async def test_a_passing_failure_is_tried_again(first: Script) -> None:
    with ModelServer(first, Reply("One")) as server:
        parts, error = await read(openai_at(server.base_url, retries=1))
    assert error is None
    assert text_of(parts) == "One"
    assert len(server.requests) == 2


async def test_no_more_retries_are_made_than_are_set() -> None:
    with ModelServer(Refusal(503, "later", retry_after=0.01)) as server:
        error = await failure(openai_at(server.base_url, retries=2))
    assert type(error) is ModelError
    assert len(server.requests) == 3


@pytest.mark.parametrize("refusal", [Refusal(401), Refusal(404), Refusal(400), Refusal(403)], ids=lambda r: r.status)
async def test_what_would_be_refused_again_is_not_tried_again(refusal: Refusal) -> None:
    with ModelServer(refusal) as server:
        await failure(openai_at(server.base_url, retries=2))
    assert len(server.requests) == 1


async def test_the_server_s_own_wait_is_kept() -> None:
    with ModelServer(Refusal(429, retry_after=0.4), Reply("One")) as server:
        model = openai_at(server.base_url, retries=1)
        await model_ready(server)
        started = perf_counter()
        await read(model)
        assert perf_counter() - started >= 0.4


async def test_a_wait_beyond_the_time_limit_is_not_begun() -> None:
    with ModelServer(Refusal(429, retry_after=60), Reply("One")) as server:
        model = openai_at(server.base_url, retries=1, timeout=5)
        await model_ready(server)
        started = perf_counter()
        error = await failure(model)
        assert perf_counter() - started < 2
    assert "Try again in 60 seconds" in error.remedy


DATE = "Tue, 03 Mar 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "2"}, 2),
        ({"Retry-After": "0.5"}, 0.5),
        ({"Retry-After-Ms": "1500", "Retry-After": "2"}, 1.5),
        ({"Retry-After": "Tue, 03 Mar 2026 10:00:07 GMT", "Date": DATE}, 7),
        ({"Retry-After": "Tue, 03 Mar 2026 10:00:07 GMT"}, None),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_a_wait_is_read_in_every_form_it_has(headers: dict[str, str], seconds: float | None) -> None:
    request = httpx.Request("POST", "http://127.0.0.1")
    error = httpx.HTTPStatusError("busy", request=request, response=httpx.Response(429, headers=headers))
    assert retry_after(error) == seconds


async def test_a_cancelled_reader_closes_the_connection() -> None:
    with ModelServer(Reply("One", STALL)) as server:
        model = openai_at(server.base_url)
        reading = asyncio.Event()

        async def reader() -> None:
            async for _ in model.stream(QUESTION):
                reading.set()

        task = asyncio.create_task(reader())
        await reading.wait()
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
        assert await asyncio.to_thread(server.requests[0].gone.wait, 5)


async def test_a_reader_who_never_reads_asks_nothing() -> None:
    with ModelServer(Reply("One")) as server:
        async with aclosing(openai_at(server.base_url).stream(QUESTION)):
            pass
    assert server.requests == []


async def test_a_server_that_does_not_count_tokens_is_asked_without() -> None:
    def strict(request: Request) -> Reply | Refusal:
        if "stream_options" in request.body:
            return Refusal(422, "stream_options: extra inputs are not permitted")
        return Reply("One")

    with ModelServer(strict) as server:
        model = openai_at(server.base_url)
        for _ in range(2):
            parts, error = await read(model)
            assert error is None
            assert parts[-1] == ModelPart(finish="stop")
    assert len(server.requests) == 3, "the second question knows already"


async def test_a_server_that_ignores_the_limit_is_cut_at_it() -> None:
    with ModelServer(Reply(*["word "] * 50, STALL)) as server:
        parts, error = await read(openai_at(server.base_url, reply_tokens=10))
        assert await asyncio.to_thread(server.requests[0].gone.wait, 5)
    assert error is None
    assert text_of(parts) == "word " * 10
    assert parts[-1].finish == "length"


async def test_one_model_serves_loop_after_loop() -> None:
    with ModelServer(Reply("One")) as server:
        model = openai_at(server.base_url)
        for _ in range(2):
            parts, error = await asyncio.to_thread(lambda: asyncio.run(read(model)))
            assert error is None
            assert text_of(parts) == "One"
    assert {request.headers["connection"] for request in server.requests} == {"close"}, "loops share no connection"


async def test_nothing_of_the_conversation_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), ModelServer(Reply("One month")) as server:
        await read(openai_at(server.base_url))
    assert "notice period" not in caplog.text
    assert KEY not in caplog.text
