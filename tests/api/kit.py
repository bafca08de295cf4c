"""A real server on a real socket, over a bot whose every answer the question chooses."""

import asyncio
import json
import signal
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, TypeVar

import httpx

from ragbot.api.app import create_app
from ragbot.api.parts import components_for
from ragbot.api.serving import bound, server_for
from ragbot.api.settings import ServiceSettings
from ragbot.api.state import ServedBot, ServiceComponents
from ragbot.core import errors
from ragbot.core.errors import ChangedError, DocumentError, NotFoundError, RagbotError
from ragbot.core.events import ChatEvent, Cited, Completed, Delta, Retrieved
from ragbot.core.types import (
    PUBLIC,
    Answer,
    Citation,
    DocumentInfo,
    DocumentText,
    Hit,
    Message,
    Passage,
    PromptId,
    Query,
    SearchResult,
    StoredChunk,
    Turn,
    Usage,
)
from ragbot.settings import Settings, load_settings
from ragbot.testing.roles import PlainRoles

KEY = "correct-horse-battery"
TEXT = "Invoices are sent on the first day of each month.\nRefunds take five days."
OTHER = "The night engineer is on extension 4711."


def error_tree(kind: type[RagbotError] = RagbotError) -> list[type[RagbotError]]:
    """Every error class that ragbot ships."""
    found = [kind, *(each for child in kind.__subclasses__() for each in error_tree(child))]
    return [each for each in found if each.__module__ == errors.__name__]


def made(kind: type[RagbotError]) -> RagbotError:
    if issubclass(kind, DocumentError):
        return kind("It broke.", reason_code="corrupt", remedy="Mend it.")
    return kind("It broke.", remedy="Mend it.")


ERRORS = {kind.code: kind for kind in error_tree()}


def chunk(text: str = TEXT, document_id: str = "d1") -> StoredChunk:
    return StoredChunk(
        chunk_id=f"c-{document_id}",
        document_id=document_id,
        revision=1,
        source="billing.html",
        title="Billing",
        uri="file:///kb/billing.html",
        text=text,
        char_start=0,
        char_end=len(text),
        page_start=None,
        page_end=None,
        heading_path=("Billing",),
        labels=(PUBLIC,),
    )


def citation(quote: str = "Invoices are sent on the first day of each month.") -> Citation:
    start = TEXT.index(quote)
    return Citation(
        n=1,
        source="billing.html",
        document_id="d1",
        revision=1,
        title="Billing",
        uri="file:///kb/billing.html",
        page_start=None,
        page_end=None,
        heading_path=("Billing",),
        quote=quote,
        char_start=start,
        char_end=start + len(quote),
        answer_start=0,
        answer_end=len(quote),
        score=0.9,
        support="supported",
    )


@dataclass
class ScriptedBot:
    """A bot that does what the question's first word says.

    ``slow N``: N pieces, 5 ms apart; ``hold``: two pieces, then silence; ``flood TEXT``: that text without end;
    ``say TEXT``: that text; ``raise CODE``, ``late CODE``: that error, before or after two pieces; ``bug``,
    ``late-bug``: an error of no kind we know; anything else: an answer with a citation.
    """

    ready: bool = False
    asked: list[Turn] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    flooded: int = 0
    roles: PlainRoles = field(default_factory=PlainRoles)

    async def warm(self) -> None:
        self.ready = True

    async def search(
        self,
        question: str,
        *,
        conversation: Sequence[Message] = (),
        limit: int = 10,
        principals: Iterable[str] = (),
    ) -> SearchResult:
        self._trip(question)
        chunks = [chunk(), chunk(OTHER, "d2")] if "staff" in principals else [chunk()]
        hits = tuple(Hit(rank, each, 0.9 / rank) for rank, each in enumerate(chunks[:limit], start=1))
        return SearchResult(Query(question, question), hits, notes=("a note",))

    def stream(self, turn: Turn) -> AsyncGenerator[ChatEvent, None]:
        self.roles.get(turn.role)
        if turn.question == "refused":
            raise made(errors.UsageError)
        self.asked.append(turn)
        return self._stream(turn)

    async def _stream(self, turn: Turn) -> AsyncGenerator[ChatEvent, None]:
        word, _, rest = turn.question.partition(" ")
        if word in ("raise", "bug"):
            self._trip(turn.question)
        result = await self.search("found", principals=turn.principals)
        yield Retrieved(result)
        text, citations = "", (citation(),)
        try:
            for piece in self._pieces(word, rest):
                if word == "slow":
                    await asyncio.sleep(0.005)
                text += piece
                yield Delta(piece)
            while word == "flood":
                self.flooded += 1
                yield Delta(rest)
            if word == "hold":
                await asyncio.Event().wait()
            if word in ("late", "late-bug"):
                self._trip("bug" if word == "late-bug" else f"raise {rest}")
        finally:
            self.closed.append(turn.question)
        yield Cited(citations[0])
        yield Completed(answer_of(text, turn, result))

    @staticmethod
    def _pieces(word: str, rest: str) -> list[str]:
        if word == "slow":
            return [f"piece {number} of {rest}, " for number in range(int(rest))]
        if word == "say":
            return [rest]
        return ["Invoices are sent on the first ", "day of each month. [1]"]

    @staticmethod
    def _trip(question: str) -> None:
        word, _, rest = question.partition(" ")
        if word == "bug":
            raise ValueError("internal secret words")
        if word == "raise":
            raise made(ERRORS[rest])

    async def documents(self, principals: Iterable[str] = ()) -> list[DocumentInfo]:
        return [info("d1"), info("d2")] if "staff" in principals else [info("d1")]

    async def document(self, document_id: str, principals: Iterable[str] = ()) -> DocumentText:
        if document_id not in {each.document_id for each in await self.documents(principals)}:
            raise NotFoundError("There is no such document.")
        return DocumentText(info(document_id), TEXT)

    async def passage(
        self, document_id: str, revision: int, char_start: int, char_end: int, principals: Iterable[str] = ()
    ) -> Passage:
        found = await self.document(document_id, principals)
        if revision != found.info.revision:
            raise ChangedError("The document has been replaced.")
        text = found.text
        return Passage(found.info, None, None, (), text[:char_start], text[char_start:char_end], text[char_end:])


def info(document_id: str) -> DocumentInfo:
    return DocumentInfo(document_id, "billing.html", "Billing", "file:///kb", 1, 2, 300, "2026-01-01T00:00:00Z")


def answer_of(text: str, turn: Turn, result: SearchResult) -> Answer:
    return Answer(
        outcome="answered",
        text=text,
        citations=(citation(),),
        answerability=0.87,
        reason="It stands there.",
        query=Query(turn.question, turn.question),
        hits=result.hits,
        timings={"first_token": 0.1, "total": 0.2},
        model="scripted:model",
        prompt=PromptId("plain", "1", "0" * 64),
        usage=Usage(3, 4),
        notes=("a note",),
        dropped_markers=1,
        withheld=("Not said.",),
    )


@dataclass
class Served:
    """A running service: its address, and what it runs on."""

    url: str
    bot: ScriptedBot
    client: httpx.Client
    stop: Callable[[], None]

    def chat(self, question: str, **more: Any) -> httpx.Response:
        return self.client.post("/api/v1/chat", json={"question": question, **more})

    def events(self, question: str, **more: Any) -> list["Event"]:
        """All events of a stream."""
        with self.client.stream("POST", "/api/v1/chat/stream", json={"question": question, **more}) as response:
            assert response.status_code == 200, response.read()
            return list(parsed(response.iter_lines()))

    def messages(self, conversation_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.get(f"/api/v1/conversations/{conversation_id}").json()["messages"]
        return found

    def ended(self, conversation_id: str) -> dict[str, Any]:
        """The conversation's last message, once it is finished."""
        return waited(lambda: next((m for m in self.messages(conversation_id)[-1:] if m["outcome"]), None))


@dataclass(frozen=True)
class Event:
    """A server-sent event; ``name`` is ``comment`` for a comment line."""

    name: str
    data: Any
    id: str | None = None


def parsed(lines: Iterator[str]) -> Iterator[Event]:
    """Events as a reader of the wire format sees them."""
    found: dict[str, str] = {}
    for line in lines:
        if line.startswith(":"):
            yield Event("comment", line[1:].strip())
        elif line:
            name, _, value = line.partition(": ")
            assert name not in found, "each field once"
            found[name] = value
        elif found:
            yield Event(found["event"], json.loads(found["data"]), found.get("id"))
            found = {}


T = TypeVar("T")


def waited(look: Callable[[], T | None], seconds: float = 5) -> T:
    """What ``look`` finds, as soon as it finds something."""
    until = time.perf_counter() + seconds
    while (found := look()) is None:
        assert time.perf_counter() < until, "it did not happen in time"
        time.sleep(0.01)
    return found


def components(settings: Settings, bot: ServedBot) -> ServiceComponents:
    """The real conversations beside a bot that is given."""

    @asynccontextmanager
    async def open_bot() -> AsyncIterator[ServedBot]:
        yield bot

    return replace(components_for(settings), open_bot=open_bot)


class Listening(NamedTuple):
    """A running service, and the signal that stops it."""

    url: str
    stop: Callable[[], None]


@contextmanager
def listening(settings: Settings, parts: ServiceComponents | None = None) -> Iterator[Listening]:
    """A service that runs in a thread as long as the block lasts."""
    options = settings.section(ServiceSettings)
    up = threading.Event()
    server = server_for(create_app(settings, parts), options, up.set)
    with bound(options) as listener:
        port = listener.getsockname()[1]
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), name="service")
        thread.start()
        try:
            while not up.wait(0.05):
                assert thread.is_alive(), "the service did not start"
            yield Listening(f"http://127.0.0.1:{port}", lambda: server.handle_exit(signal.SIGTERM, None))
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive()


@contextmanager
def served(key: str | None = None, bot: ScriptedBot | None = None, **service: Any) -> Iterator[Served]:
    """A service over a scripted bot and stored conversations of its own."""
    bot = bot or ScriptedBot()
    with TemporaryDirectory() as folder:
        settings = service_settings(Path(folder), key, **service)
        with (
            listening(settings, components(settings, bot)) as running,
            httpx.Client(base_url=running.url, headers=bearer(key), timeout=20) as client,
        ):
            yield Served(running.url, bot, client, running.stop)


def service_settings(folder: Path, key: str | None = None, **service: Any) -> Settings:
    environ = {"RAGBOT_API_KEY": key} if key else {}
    flags = {f"service.{name}": value for name, value in {"port": 0, **service}.items()}
    return load_settings(environ=environ, flags={"data_dir": folder, **flags})


def real_settings(data_dir: Path, key: str | None = None, /, **more: Any) -> Settings:
    """For the real bot, over a model that needs nothing."""
    # The threshold is fitted to a model that knows meanings, and this embedder knows words.
    flags = {"service.port": 0, "data_dir": data_dir, "embedder.provider": "hash", "answer.threshold": 0.1, **more}
    return load_settings(environ={"RAGBOT_API_KEY": key} if key else {}, flags=flags)


def bearer(key: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}
