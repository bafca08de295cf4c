"""A scripted OpenAI-compatible server on a loopback port: real sockets, real bytes, any misbehaviour.

    with ModelServer(Reply("Hello", 0.1, " world"), Refusal(429, retry_after=1)) as server:
        ...                      # server.base_url; then server.requests[0].messages, .gone.wait(1)

One script answers one request, the last one all that follow; a function from the request to a script may stand in
its place.  ``python -m ragbot.testing.model_server --port 8089 --reply "Hello"`` serves for trying by hand.
"""

import argparse
import asyncio
import contextlib
import json
import re
import threading
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

STALL = float("inf")
"""A step of ``Reply``: nothing more is sent, and the connection stays open."""


class Cut:
    """A step of ``Reply``: the connection ends here. ``clean`` ends it as HTTP ends, without the stream's own end."""

    def __init__(self, *, clean: bool = False) -> None:
        self.clean = clean


Step = str | float | bytes | Mapping[str, Any] | Cut
"""A piece of text, seconds to wait, bytes sent as they are, another ``delta`` (tool calls), or the end."""


class Reply:
    """A reply in steps. ``usage`` is (input, output) tokens, None for none; ``finish`` None leaves it out."""

    def __init__(
        self, *steps: Step, finish: str | None = "stop", usage: tuple[int, int] | None = (7, 3), first: float = 0.0
    ) -> None:
        self.steps = steps
        self.finish = finish
        self.usage = usage
        self.first = first
        """Seconds before even the status line is sent."""


class Refusal:
    """A status with an error as OpenAI words it; ``body`` replaces it, ``retry_after`` adds that header."""

    def __init__(
        self,
        status: int,
        message: str = "no",
        *,
        code: str | None = None,
        body: str | None = None,
        retry_after: float | str | None = None,
    ) -> None:
        self.status = status
        self.body = json.dumps({"error": {"message": message, "type": "error", "code": code}}) if body is None else body
        self.headers = {} if retry_after is None else {"Retry-After": str(retry_after)}


@dataclass(slots=True)
class Request:
    """A request as it came; ``gone`` is set when the client hung up before the end of the reply."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    gone: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    """Set when the whole script has been sent."""

    @property
    def messages(self) -> list[dict[str, Any]]:
        return list(self.body.get("messages", ()))

    @property
    def model(self) -> str:
        return str(self.body.get("model", ""))


Script = Reply | Refusal | Callable[[Request], Reply | Refusal]


def echo(request: Request) -> Reply:
    """A script: the last message, word by word."""
    words = str(request.messages[-1]["content"]).split(" ")
    return Reply(*(word if number == 0 else " " + word for number, word in enumerate(words)))


class ModelServer:
    """Serves its scripts on 127.0.0.1 from a thread of its own for as long as the block lasts."""

    def __init__(self, *scripts: Script, port: int = 0) -> None:
        self._scripts = scripts or (echo,)
        self.port = port
        self.requests: list[Request] = []
        """Chat completions asked for, in order."""
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="model-server", daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> "ModelServer":
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends it, with every reply under way; the end of the block does the same."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    def _run(self) -> None:
        with contextlib.closing(self._loop):
            self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        answering: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = self._loop.create_task(self._answer(reader, writer))
            answering[task] = writer
            task.add_done_callback(answering.pop)

        try:
            server = await asyncio.start_server(connected, "127.0.0.1", self.port)
        except OSError as error:
            self._failure = error
            self._ready.set()
            return
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        async with server:
            await self._stop.wait()
            # asyncio loses the socket of a connection that is being accepted while its server closes.
            self._loop.remove_reader(server.sockets[0])
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task, writer in [*answering.items()]:
                task.cancel()
                writer.transport.abort()
            await asyncio.wait(others, timeout=0.01)
        # A transport is closed one turn of the loop after it has been told to.
        await asyncio.sleep(0)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await _read(reader)
            if request is None:
                return
            sending = asyncio.ensure_future(self._send(request, writer))
            # A client that hangs up is noticed by reading, also while nothing is being sent.
            leaving = asyncio.ensure_future(reader.read(1))
            try:
                await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
                if not sending.done() or isinstance(sending.exception(), OSError):
                    request.gone.set()
            finally:
                for task in (sending, leaving):
                    task.cancel()
                await asyncio.gather(sending, leaving, return_exceptions=True)
            if request.gone.is_set() or sending.cancelled():
                return
            sending.result()
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _send(self, request: Request, writer: asyncio.StreamWriter) -> None:
        if request.method == "GET" and request.path.endswith("/models"):
            body = {"object": "list", "data": [{"id": "scripted", "object": "model", "owned_by": "ragbot"}]}
            await _whole(writer, 200, json.dumps(body))
            return
        if not request.path.endswith("/chat/completions"):
            await _whole(writer, 404, Refusal(404, f"there is nothing at {request.path}").body)
            return
        self.requests.append(request)
        script = self._scripts[min(len(self.requests), len(self._scripts)) - 1]
        said = script if isinstance(script, Reply | Refusal) else script(request)
        if isinstance(said, Refusal):
            await _whole(writer, said.status, said.body, said.headers)
        elif request.body.get("stream"):
            await _streamed(writer, request, said)
        else:
            await _whole(writer, 200, json.dumps(await _completion(request, said)))
        request.done.set()


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        start = await reader.readexactly(1)
        if not start.isalpha():  # no HTTP: the first byte of TLS, say
            return None
        head = (start + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        data = await reader.readexactly(int(headers.get("content-length", "0")))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    method, path, _ = head[0].split(" ", 2)
    return Request(method, path, headers, json.loads(data) if data else {})


async def _whole(
    writer: asyncio.StreamWriter, status: int, body: str, headers: Mapping[str, str] | None = None
) -> None:
    data = body.encode()
    kind = "text/html" if body.startswith("<") else "application/json"
    fields = {"Content-Type": kind, "Content-Length": str(len(data)), "Connection": "close", **(headers or {})}
    lines = [f"HTTP/1.1 {status} Scripted", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    writer.write("\r\n".join(lines).encode("latin-1") + data)
    await writer.drain()


async def _streamed(writer: asyncio.StreamWriter, request: Request, reply: Reply) -> None:
    await _pause(reply.first)
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    async for data in _events(request, reply):
        writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n" if data is not _RESET else b"")
        await writer.drain()
        if data is _RESET:
            return
    writer.write(b"0\r\n\r\n")
    await writer.drain()


_RESET = b"reset"


async def _events(request: Request, reply: Reply) -> AsyncGenerator[bytes, None]:
    """What is sent for each step; ``_RESET`` where the connection is to break."""
    yield _event(request, {"role": "assistant", "content": ""})
    for step in reply.steps:
        match step:
            case str():
                yield _event(request, {"content": step})
            case bytes():
                yield step
            case Cut():
                if not step.clean:
                    yield _RESET
                return
            case float() | int():
                await _pause(step)
            case _:
                yield _event(request, step)
    if reply.finish is not None:
        yield _event(request, {}, finish=reply.finish)
    if reply.usage is not None and request.body.get("stream_options", {}).get("include_usage"):
        yield _event(request, None, usage=reply.usage)
    yield b"data: [DONE]\n\n"


def _event(
    request: Request,
    delta: Mapping[str, Any] | None,
    *,
    finish: str | None = None,
    usage: tuple[int, int] | None = None,
) -> bytes:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    chunk = _frame(request, "chat.completion.chunk") | {"choices": choices}
    if usage is not None:
        chunk["usage"] = _usage(usage)
    return f"data: {json.dumps(chunk)}\n\n".encode()


async def _completion(request: Request, reply: Reply) -> dict[str, Any]:
    await _pause(reply.first + sum(step for step in reply.steps if isinstance(step, float | int)))
    text = "".join(step for step in reply.steps if isinstance(step, str))
    message: dict[str, Any] = {"role": "assistant", "content": text}
    for step in reply.steps:
        if isinstance(step, Mapping):
            message |= step
    choice = {"index": 0, "message": message, "finish_reason": reply.finish}
    usage = {} if reply.usage is None else {"usage": _usage(reply.usage)}
    return _frame(request, "chat.completion") | {"choices": [choice]} | usage


def _frame(request: Request, kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-scripted", "object": kind, "created": 0, "model": request.model}


def _usage(tokens: tuple[int, int]) -> dict[str, int]:
    return {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}


async def _pause(seconds: float) -> None:
    if seconds == STALL:
        await asyncio.Event().wait()
    elif seconds:
        await asyncio.sleep(seconds)


def main() -> None:
    """Serves one reply until Ctrl-C."""
    parser = argparse.ArgumentParser(description="A scripted OpenAI-compatible server on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=8089)
    parser.add_argument("--reply", help="what every request is answered; without it, the last message comes back")
    parser.add_argument("--delay", type=float, default=0.0, metavar="SECONDS", help="before each word")
    options = parser.parse_args()

    def slowly(request: Request) -> Reply:
        said = echo(request) if options.reply is None else None
        words = said.steps if said else re.findall(r"\s*\S+", options.reply)
        return Reply(*(step for word in words for step in (options.delay, word)))

    with ModelServer(slowly, port=options.port) as server, contextlib.suppress(KeyboardInterrupt):
        print(f"{server.base_url}  (Ctrl-C ends it)")  # noqa: T201
        threading.Event().wait()


if __name__ == "__main__":
    main()
