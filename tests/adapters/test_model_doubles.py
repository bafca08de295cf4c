"""The doubles that ship: they record what they are asked, and do what other tests rest on."""

import asyncio
import json
import socket
import subprocess
import sys
from contextlib import aclosing
from time import perf_counter
from typing import Any

import httpx
import pytest

from ragbot.core.errors import ModelTimeoutError
from ragbot.core.types import Message, ModelPart, Usage
from ragbot.testing.chat_models import ScriptedModel
from ragbot.testing.model_server import Cut, ModelServer, Refusal, Reply, Script

ASKED = {"model": "m", "messages": [{"role": "user", "content": "How are you?"}]}


def ask(server: ModelServer, **more: Any) -> httpx.Response:
    return httpx.post(f"{server.base_url}/chat/completions", json={**ASKED, **more}, timeout=10)


def test_the_server_answers_whole_as_well_as_streamed() -> None:
    with ModelServer(Reply("Fine", ", thanks", usage=(3, 2))) as server:
        whole = ask(server).json()
        lines = ask(server, stream=True, stream_options={"include_usage": True}).text.split("\n\n")
    assert whole["choices"][0]["message"]["content"] == "Fine, thanks"
    assert whole["choices"][0]["finish_reason"] == "stop"
    assert whole["usage"] == {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines[:-2]]
    assert "".join(c["choices"][0]["delta"].get("content", "") for c in chunks if c["choices"]) == "Fine, thanks"
    assert chunks[-1]["usage"]["total_tokens"] == 5
    assert lines[-2:] == ["data: [DONE]", ""]
    assert [request.body.get("stream") for request in server.requests] == [None, True]


def test_the_server_counts_tokens_in_a_stream_only_when_asked_to() -> None:
    with ModelServer(Reply("Fine")) as server:
        assert "usage" not in ask(server, stream=True).text


def test_each_script_answers_once_and_the_last_one_always() -> None:
    with ModelServer(Refusal(503, "later", retry_after=2), lambda request: Reply(request.model)) as server:
        first, second, third = ask(server), ask(server), ask(server, model="n")
    assert (first.status_code, first.headers["retry-after"]) == (503, "2")
    assert first.json() == {"error": {"message": "later", "type": "error", "code": None}}
    assert [r.json()["choices"][0]["message"]["content"] for r in (second, third)] == ["m", "n"]


def test_without_a_script_the_server_repeats_the_question() -> None:
    with ModelServer() as server:
        assert ask(server).json()["choices"][0]["message"]["content"] == "How are you?"


def test_a_script_may_answer_with_other_fields() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    with ModelServer(Reply({"tool_calls": [call]}, finish="tool_calls")) as server:
        choice = ask(server).json()["choices"][0]
    assert choice["message"]["tool_calls"] == [call]
    assert choice["finish_reason"] == "tool_calls"


def test_the_server_lists_its_model_and_knows_nothing_else() -> None:
    with ModelServer() as server:
        assert httpx.get(f"{server.base_url}/models").json()["data"][0]["id"] == "scripted"
        assert httpx.get(f"{server.base_url}/nothing").status_code == 404
        assert server.requests == []


def test_whoever_hangs_up_is_noticed_and_whoever_stays_is_not_blamed() -> None:
    with ModelServer(Reply("One", 60.0)) as server:
        url = f"{server.base_url}/chat/completions"
        with httpx.stream("POST", url, json={**ASKED, "stream": True}) as reply:
            texts = reply.iter_text()
            next(texts)
            assert not server.requests[0].gone.is_set()
        assert server.requests[0].gone.wait(5)
        assert not server.requests[0].done.is_set()
    with ModelServer(Reply("One")) as server:
        ask(server, stream=True)
        assert server.requests[0].done.wait(5)
        assert not server.requests[0].gone.is_set()


@pytest.mark.parametrize("script", [Reply("One", Cut()), Reply("One", Cut(clean=True))])
def test_a_cut_reply_has_no_end(script: Script) -> None:
    with ModelServer(script) as server:
        url = f"{server.base_url}/chat/completions"
        try:
            text = httpx.post(url, json={**ASKED, "stream": True}).text
        except httpx.RemoteProtocolError:
            return
    assert "One" in text
    assert "[DONE]" not in text


def test_a_taken_port_is_an_error() -> None:
    with ModelServer() as server, pytest.raises(OSError, match="in use"), ModelServer(port=server.port):
        pass


def test_the_server_waits_for_nobody_when_it_ends() -> None:
    with ModelServer(Reply("One", 60.0)) as server:
        port = server.port
        with socket.create_connection(("127.0.0.1", port)) as idle:
            idle.sendall(b"POST ")
            started = perf_counter()
            server.close()
            assert perf_counter() - started < 2
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


async def test_twenty_streams_at_once_are_served_whole() -> None:
    with ModelServer(Reply(*[f"{number} " for number in range(50)])) as server:
        async with httpx.AsyncClient(timeout=30) as client:
            url = f"{server.base_url}/chat/completions"
            replies = await asyncio.gather(*(client.post(url, json={**ASKED, "stream": True}) for _ in range(20)))
    assert len(server.requests) == 20
    assert {reply.text.count("chat.completion.chunk") for reply in replies} == {52}


def test_the_server_can_be_started_by_hand() -> None:
    command = [sys.executable, "-m", "ragbot.testing.model_server", "--port", "0", "--reply", "One two"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().split()[0]
            said = httpx.post(f"{address}/chat/completions", json=ASKED).json()
        finally:
            process.terminate()
    assert said["choices"][0]["message"]["content"] == "One two"


async def test_the_double_says_its_script_and_remembers_the_question() -> None:
    model = ScriptedModel(["One", 0.01, " two", ModelPart(" three", finish="length")], ["Again"])
    question = (Message("user", "How are you?"),)
    assert [part.text async for part in model.stream(question)] == ["One", " two", " three", ""]
    for _ in range(2):
        parts = [part async for part in model.stream(question)]
        assert parts == [ModelPart("Again"), ModelPart(usage=Usage(3, 1), finish="stop")]
    assert model.calls == [question] * 3
    assert model.closed == 0


async def test_the_double_fails_where_its_script_does() -> None:
    model = ScriptedModel(["One", ModelTimeoutError("silent")])
    async with aclosing(model.stream([Message("user", "Hm?")])) as stream:
        assert (await anext(stream)).text == "One"
        with pytest.raises(ModelTimeoutError, match="silent"):
            await anext(stream)
    assert model.closed == 0


async def test_the_double_counts_who_leaves() -> None:
    model = ScriptedModel(["One", 60.0])
    async with aclosing(model.stream([Message("user", "Hm?")])) as stream:
        await anext(stream)
    assert model.closed == 1

    async def read() -> None:
        async for _ in model.stream([Message("user", "Hm?")]):
            pass

    reader = asyncio.create_task(read())
    await asyncio.sleep(0.01)
    reader.cancel()
    await asyncio.wait({reader})
    assert model.closed == 2
