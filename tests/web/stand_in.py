"""A service that says exactly what a test tells it to, slowly, wrongly or not at all, with the real one's headers."""

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ragbot.api.routes.page import WEB
from ragbot.api.security import HEADERS

NOW = "2025-03-14T09:26:53Z"


class Gate(threading.Event):
    """A step at which the stream waits until the test opens it, in another thread."""

    async def opened(self) -> None:
        while not self.is_set():  # noqa: ASYNC110 - asyncio's own event is no good between threads
            await asyncio.sleep(0.005)


@dataclass(frozen=True)
class Pause:
    """A step that waits."""

    seconds: float


class Cut:
    """A step at which the connection breaks."""


@dataclass(frozen=True)
class Raw:
    """A step that sends these bytes, whatever they are."""

    data: bytes


Event = tuple[str, dict[str, Any]]
Step = Event | Gate | Pause | Cut | Raw


@dataclass(frozen=True)
class Refusal:
    """A status with an error in place of a stream or an answer. ``body`` None: the error in our form."""

    status: int
    code: str = "error"
    message: str = "It was refused."
    remedy: str = ""
    body: bytes | None = None

    def response(self) -> Response:
        if self.body is not None:
            return Response(self.body, self.status)
        error = {"code": self.code, "message": self.message, "remedy": self.remedy, "retryable": False}
        return JSONResponse({"error": error}, self.status)


def citation(n: int = 1, **more: Any) -> dict[str, Any]:
    """A canonical citation; offsets are those of ``quote`` in the passage below."""
    return {
        "n": n,
        "source": "guides/passwords.md",
        "document_id": f"doc-{n}",
        "revision": 1,
        "title": "Passwords",
        "uri": "file:///kb/guides/passwords.md",
        "page_start": 3,
        "page_end": 3,
        "heading_path": ["Passwords", "Reset a password"],
        "quote": "Reset your password on the account page.",
        "char_start": 60,
        "char_end": 100,
        "answer_start": 0,
        "answer_end": 40,
        "score": 0.9,
        "support": "supported",
        **more,
    }


def hit(rank: int = 1, **more: Any) -> dict[str, Any]:
    """A retrieved passage as the event ``retrieved`` has it."""
    return {
        "rank": rank,
        "source": "guides/passwords.md",
        "title": "Passwords",
        "page": 3,
        "heading_path": ["Passwords", "Rules"],
        "score": 0.5,
        "document_id": f"doc-{rank}",
        "chunk_id": f"c-{rank}",
        **more,
    }


def result(answer: str, citations: Sequence[dict[str, Any]] = (), **more: Any) -> dict[str, Any]:
    """What ``completed`` carries, but for the ids."""
    return {
        "outcome": "answered",
        "answer": answer,
        "answer_html": "".join(f"<p>{line}</p>" for line in answer.split("\n\n")),
        "citations": list(citations),
        "answerability": 0.9,
        "reason": "The best passage covers 100% of what the question asks about.",
        "query": "",
        "prompt": None,
        "model": None,
        "usage": None,
        "timings": {},
        "notes": [],
        "dropped_markers": 0,
        "withheld": [],
        **more,
    }


def answer(text: str, citations: Sequence[dict[str, Any]] = (), **more: Any) -> list[Step]:
    """The steps of an answer that comes in words."""
    words = text.replace(" ", "\0 ").split("\0")
    said: list[Step] = [("delta", {"text": word}) for word in words]
    cited: list[Step] = [("citation", each) for each in citations]
    return [("retrieved", {"query": "", "notes": [], "hits": [hit(1)]}), *said, *cited, end(text, citations, **more)]


def end(text: str, citations: Sequence[dict[str, Any]] = (), **more: Any) -> Step:
    return ("completed", result(text, citations, **more))


@dataclass
class StandIn:
    """What the service says, and what it was asked. Tests change it while it runs."""

    url: str = ""
    scripts: dict[str, list[Step] | Refusal] = field(default_factory=dict)
    conversations: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    passages: dict[str, dict[str, Any] | Refusal] = field(default_factory=dict)
    refusals: dict[str, Refusal] = field(default_factory=dict)
    ready: dict[str, Any] = field(default_factory=lambda: {"status": "ready"})
    documents: list[str] = field(default_factory=lambda: ["Passwords", "Billing"])
    asked: list[dict[str, Any]] = field(default_factory=list)
    feedback: list[dict[str, Any]] = field(default_factory=list)
    gone: int = 0
    """Streams whose reader went away before their end."""

    def store(self, conversation_id: str, question: str, body: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Puts a finished turn into a conversation."""
        turns = self.conversations.setdefault(conversation_id, [])
        number = len(turns) + 1
        message = {
            "message_id": f"{conversation_id}-m{number}",
            "number": number,
            "question": question,
            "asked": NOW,
            "finished": NOW,
            "error": None,
            "feedback": None,
            **{name: body.get(name) for name in ("outcome", "answer", "answer_html", "citations", "reason")},
            **more,
        }
        turns.append(message)
        return message


@dataclass
class Stage:
    """A running server: what it plays can be exchanged, which is quicker than starting another."""

    url: str
    playing: StandIn = field(default_factory=StandIn)

    def play(self, **state: Any) -> StandIn:
        """A new one, that knows nothing of those before."""
        self.playing = StandIn(self.url, **state)
        return self.playing


@contextmanager
def serving() -> Iterator[Stage]:
    """Runs in a thread as long as the block lasts."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stage = Stage(f"http://127.0.0.1:{listener.getsockname()[1]}")
        server = uvicorn.Server(uvicorn.Config(application(stage), log_config=None, ws="none", lifespan="off"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), name="stand-in")
        thread.start()
        try:
            yield stage
        finally:
            server.should_exit = server.force_exit = True
            thread.join(10)
            assert not thread.is_alive()


def application(stage: Stage) -> ASGIApp:
    """The page and the API."""
    api = _Api(stage)
    routes = [
        Route("/", lambda _: FileResponse(WEB / "index.html")),
        Mount("/static", StaticFiles(directory=WEB / "static")),
        Route("/readyz", api.readyz),
        Route("/api/v1/chat/stream", api.stream, methods=["POST"]),
        Route("/api/v1/documents", api.documents),
        Route("/api/v1/documents/{id}/passage", api.passage),
        Route("/api/v1/conversations", api.list),
        Route("/api/v1/conversations/{id}", api.get, methods=["GET"]),
        Route("/api/v1/conversations/{id}", api.delete, methods=["DELETE"]),
        Route("/api/v1/messages/{id}/feedback", api.rate, methods=["POST"]),
    ]
    return _with_headers(Starlette(routes=routes))


def _with_headers(app: ASGIApp) -> ASGIApp:
    headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = b"max-age=600" if scope["path"].startswith("/static/") else b"no-store"
                message["headers"] = [*message["headers"], *headers, (b"cache-control", kept)]
            await send(message)

        await app(scope, receive, adding)

    return wrapped


NOT_FOUND = Refusal(404, "not_found", "There is no such thing.")


class _Api:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    @property
    def _state(self) -> StandIn:
        return self._stage.playing

    async def readyz(self, _: Request) -> Response:
        state = self._state.ready
        return JSONResponse(state, 200 if state["status"] == "ready" else 503)

    async def stream(self, request: Request) -> Response:
        body = await request.json()
        self._state.asked.append(body)
        script = self._state.scripts.get(body["question"], DEFAULT)
        if isinstance(script, Refusal):
            return script.response()
        conversation_id = body["conversation_id"] or f"conv-{len(self._state.conversations) + 1}"
        message = self._state.store(conversation_id, body["question"], {"outcome": None, "answer": "", "citations": []})
        ids = {"conversation_id": conversation_id, "message_id": message["message_id"]}
        return StreamingResponse(self._events(script, message, ids), media_type="text/event-stream")

    async def _events(self, script: list[Step], message: dict[str, Any], ids: dict[str, str]) -> AsyncIterator[bytes]:
        state = self._state
        try:
            yield frame(("started", ids))
            for step in script:
                match step:
                    case Pause():
                        await asyncio.sleep(step.seconds)
                    case Gate():
                        await step.opened()
                    case Cut():
                        raise ConnectionAbortedError
                    case Raw():
                        yield step.data
                    case (name, data):
                        _remember(message, name, data)
                        yield frame((name, data | ids if name in ("completed", "failed") else data))
        except asyncio.CancelledError:
            state.gone += 1
            message |= {"outcome": "failed", "error": {"code": "cancelled", "message": "The reader went away."}}
            raise

    async def documents(self, request: Request) -> Response:
        lines = [{"document_id": f"doc-{n}", "title": title} for n, title in enumerate(self._state.documents, 1)]
        limit = int(request.query_params["limit"])
        return JSONResponse({"documents": lines[:limit], "total": len(lines)})

    async def passage(self, request: Request) -> Response:
        found = self._state.passages.get(request.path_params["id"], NOT_FOUND)
        return found.response() if isinstance(found, Refusal) else JSONResponse(found)

    async def list(self, request: Request) -> Response:
        if refusal := self._state.refusals.get("list"):
            return refusal.response()
        ids = [*reversed(self._state.conversations)]
        before = request.query_params.get("before")
        first = ids.index(before) + 1 if before else 0
        page = ids[first : first + int(request.query_params["limit"])]
        rows = [
            {"id": each, "title": turns[0]["question"][:120], "started": NOW, "updated": NOW, "turns": len(turns)}
            for each in page
            if (turns := self._state.conversations[each])
        ]
        return JSONResponse({"conversations": rows})

    async def get(self, request: Request) -> Response:
        found = self._state.conversations.get(request.path_params["id"])
        if found is None:
            return NOT_FOUND.response()
        return JSONResponse({"id": request.path_params["id"], "title": found[0]["question"], "messages": found})

    async def delete(self, request: Request) -> Response:
        if refusal := self._state.refusals.get("delete"):
            return refusal.response()
        self._state.conversations.pop(request.path_params["id"])
        return Response(status_code=204)

    async def rate(self, request: Request) -> Response:
        if refusal := self._state.refusals.get("feedback"):
            return refusal.response()
        body = await request.json()
        self._state.feedback.append(body)
        for turns in self._state.conversations.values():
            for message in turns:
                if message["message_id"] == request.path_params["id"]:
                    message["feedback"] = body
        return JSONResponse({"message_id": request.path_params["id"], "feedback": body})


def frame(event: Event) -> bytes:
    """An event on the wire."""
    name, data = event
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def _remember(message: dict[str, Any], name: str, data: dict[str, Any]) -> None:
    if name == "completed":
        message |= {key: data.get(key) for key in ("outcome", "answer", "answer_html", "citations", "reason")}
    elif name == "failed":
        message |= {"outcome": "failed", "error": {key: data["error"][key] for key in ("code", "message")}}


DEFAULT = answer("Reset your password on the account page. [1]", [citation(1)])
PASSAGE = {
    "document_id": "doc-1",
    "source": "guides/passwords.md",
    "title": "Passwords",
    "uri": "file:///kb/guides/passwords.md",
    "revision": 1,
    "page_start": 3,
    "page_end": 3,
    "heading_path": ["Passwords", "Reset a password"],
    "before": "Every account has one password.\n\n## Reset a password\n\n",
    "quote": "Reset your password on the account page.",
    "after": " The link in the message works for 30 minutes.\n\n- Open the account page.\n",
}
