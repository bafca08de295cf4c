"""The seams. Each port is narrow, and each method says what its caller will do with the result."""

from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from ragbot.core.types import (
    Blob,
    Candidate,
    Chunk,
    ConversationInfo,
    Document,
    DocumentInfo,
    DocumentText,
    Feedback,
    Fingerprint,
    Grounding,
    Hit,
    Message,
    ModelPart,
    Passage,
    PromptId,
    Query,
    RoleSummary,
    SearchResult,
    StoredChunk,
    TurnRecord,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]
    """Float32, shape (n, dimension), rows of length 1."""
    Vector = NDArray[np.float32]
    """Float32, shape (dimension,), of length 1."""


class Source(Protocol):
    """Where documents come from. The pipeline compares what it lists with what the catalog holds."""

    root_uri: str
    """Identity of the root: two sources with one ``root_uri`` hold the same documents."""
    name: str
    """Short name of the root, shown where two roots hold the same path."""

    @property
    def ignored(self) -> Mapping[str, str]:
        """What ``paths`` left out, with the reason; reported, and no failure."""
        ...

    def paths(self) -> Iterator[str]:
        """Every document the source has now. The pipeline deletes nothing that is listed here."""
        ...

    def covers(self, path: str) -> bool:
        """Whether pruning may delete ``path`` when ``paths`` does not list it."""
        ...

    def read(self, path: str) -> Blob:
        """The bytes of one document. A ``DocumentError`` becomes a failure row, and the run goes on."""
        ...


class Loader(Protocol):
    """Reads one family of formats."""

    name: str
    version: int
    """Raised when the text it produces changes, so that unchanged files are read again."""

    def accepts(self, blob: Blob) -> bool:
        """Whether this loader reads the blob, judged by content and name. The first that accepts, loads."""
        ...

    def load(self, blob: Blob) -> Document:
        """The document. A ``DocumentError`` is recorded with its code and page, and the run goes on."""
        ...


class TokenCounter(Protocol):
    """Counts as the embedder will, so that nothing is truncated silently."""

    max_tokens: int
    """The most tokens the embedder reads, special ones included."""

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special ones included."""
        ...


class Splitter(Protocol):
    """Cuts a document into chunks that fit the embedder."""

    fingerprint: str
    """Changes when the same document would be split differently; stored with each revision."""

    def split(self, document: Document) -> list[Chunk]:
        """Chunks in order of the text. Together they hold every character that is not white space."""
        ...


class Embedder(Protocol):
    """Turns text into vectors of length 1; their dot product is the cosine."""

    fingerprint: Fingerprint

    def embed_documents(self, texts: Sequence[str]) -> "Vectors":
        """Vectors in the order of ``texts``; they are stored for good."""
        ...

    def embed_query(self, text: str) -> "Vector":
        """The vector to search with."""
        ...


class VectorReader(Protocol):
    """A closed, unchanging collection of vectors. Safe to use from several threads."""

    def search(self, vector: "Vector", limit: int) -> list[Candidate]:
        """The nearest chunks, best first, scored by cosine. The caller drops what is deleted or not allowed."""
        ...

    def ids(self) -> set[str]:
        """Every chunk id held; ``doctor`` compares them with the catalog."""
        ...

    def close(self) -> None:
        """Frees files and memory; the reader is not used again."""
        ...


class VectorStore(Protocol):
    """Keeps named collections that are written once and then only read (DESIGN decision 3)."""

    def build(self, name: str, items: Iterable[tuple[Sequence[str], "Vectors"]]) -> int:
        """Writes the collection ``name`` from batches of (chunk ids, vectors) and closes it; gives its size.

        The caller names it current only after this returns, so a half-built one is never read.
        """
        ...

    def open(self, name: str) -> VectorReader:
        """Opens a finished collection; ``IndexDamagedError`` where it is missing or unreadable."""
        ...

    def drop(self, name: str) -> None:
        """Removes a collection that nobody will open again; unknown names are fine."""
        ...

    def names(self) -> list[str]:
        """Every collection on disk, finished or not; the writer drops what the catalog does not name."""
        ...


class PassageIndex(Protocol):
    """The knowledge index as retrieval sees it: live, and only what the principals may read."""

    async def dense(
        self, vector: "Vector", limit: int, principals: frozenset[str]
    ) -> tuple[list[Candidate], list[str]]:
        """The nearest chunks by cosine, best first, and notes on anything degraded, which the result passes on."""
        ...

    async def keyword(
        self, texts: Sequence[tuple[str, float]], limit: int, principals: frozenset[str]
    ) -> list[Candidate]:
        """The best chunks by BM25 for weighted texts, best first."""
        ...

    async def cosines(self, ids: Sequence[str], vector: "Vector") -> dict[str, float]:
        """The cosine of each chunk that has a vector: what fusion needs for chunks only keywords found."""
        ...

    async def chunks(self, ids: Sequence[str], principals: frozenset[str]) -> dict[str, StoredChunk]:
        """Those of ``ids`` that are live and readable now; everything shown or cited comes from here."""
        ...

    def terms(self, text: str) -> list[str]:
        """The terms of a text as the keyword index sees them; the answerer counts shared ones."""
        ...

    async def rarity(self, text: str) -> dict[str, float]:
        """The index terms of a text with how much each says: 0 where every chunk holds it, 1 where none does."""
        ...


class EmbedderProvider(Protocol):
    """One embedding model with everything ragbot needs of it; made from ``EmbedderSettings``."""

    fingerprint: Fingerprint

    def tokens(self) -> TokenCounter:
        """What the splitter measures with."""
        ...

    def for_documents(self) -> Embedder:
        """What ingest embeds with."""
        ...

    def for_queries(self) -> Embedder:
        """What a question is embedded with; its vectors compare with those of ``for_documents``."""
        ...

    def prepare_queries(self) -> None:
        """Called after an ingest that added something: whatever makes the next question faster."""
        ...


class Condenser(Protocol):
    """Makes a follow-up standalone."""

    def condense(self, question: str, conversation: Sequence[Message]) -> Query:
        """The query to search with. ``conversation`` holds the earlier turns, oldest first."""
        ...


class Retriever(Protocol):
    """Finds passages."""

    async def retrieve(self, query: Query, *, limit: int, principals: frozenset[str]) -> SearchResult:
        """At most ``limit`` hits, best first, all readable by ``principals``; what is cited comes from them."""
        ...


class Library(Protocol):
    """Whole documents and cited places, of those the principals may read; the rest is as if it never was."""

    async def documents(self, principals: frozenset[str]) -> list[DocumentInfo]:
        """Every readable document, by source."""
        ...

    async def document(self, document_id: str, principals: frozenset[str]) -> DocumentText:
        """One document; ``NotFoundError`` where there is none to read."""
        ...

    async def passage(
        self, document_id: str, revision: int, char_start: int, char_end: int, principals: frozenset[str]
    ) -> Passage:
        """A cited place; ``ChangedError`` where the document has another revision now."""
        ...


class ChatModel(Protocol):
    """A language model that writes."""

    @property
    def name(self) -> str:
        """As configured, such as ``openai:gpt-5-mini``; recorded with every turn."""
        ...

    @property
    def context_tokens(self) -> int:
        """The most tokens prompt and reply may have together."""
        ...

    @property
    def reply_tokens(self) -> int:
        """The most tokens of the reply."""
        ...

    def stream(self, messages: Sequence[Message]) -> AsyncGenerator[ModelPart, None]:
        """The reply as it is written. A ``ModelError`` says what went wrong, also in the middle of the reply.

        Closing the iterator stops the model.
        """
        ...

    async def warm(self) -> None:
        """Whatever makes the first reply faster: a service calls it at its start. A ``ModelError`` says what fails."""
        ...

    async def close(self) -> None:
        """Frees what the model holds; called once, at the end."""
        ...


class Grounder(Protocol):
    """Judges whether a passage supports a sentence: one scorer for live citations, audits and evaluation."""

    async def check(self, claim: str, passages: Sequence[str], contexts: Sequence[str] = ()) -> list[Grounding]:
        """One verdict per passage, in their order. ``claim`` is one sentence without markers.

        ``contexts`` may say what stands over each passage (title, heading path): its words count, and are not quoted.
        """
        ...


class Role(Protocol):
    """A versioned prompt: who the bot is, what it must and must not do, and how it says the usual things."""

    @property
    def id(self) -> PromptId:
        """Recorded with every turn it shaped."""
        ...

    def say(self, what: str) -> str:
        """The role's wording for ``abstained``, ``greeting``, ``thanks`` or ``goodbye``."""
        ...

    def messages(self, question: str, conversation: Sequence[Message], passages: Sequence[Hit]) -> tuple[Message, ...]:
        """What the model reads; ``passages[n - 1]`` is fenced as data under the number ``n``."""
        ...


class Roles(Protocol):
    """The role files there are."""

    def names(self) -> list[str]:
        """Every role, sorted."""
        ...

    def get(self, name: str | None) -> Role:
        """The role called ``name``, None the default one; ``ConfigError`` names the nearest."""
        ...

    def describe(self) -> list[RoleSummary]:
        """Every role by name, with its version and what it is for."""
        ...


class TurnStore(Protocol):
    """Keeps conversations. Each call is one short transaction; none is open while an answer is streamed.

    ``owner`` is who asks: conversations of another owner are as unknown as ones that never were.
    """

    async def begin(self, owner: str, conversation_id: str | None, question: str, asked: datetime) -> TurnRecord:
        """Stores the question before anything else happens; None opens a new conversation.

        ``NotFoundError`` for an unknown conversation, ``ConflictError`` while its last turn is being answered.
        """
        ...

    async def finish(self, record: TurnRecord) -> None:
        """Stores how the turn ended; called once, also when the reader has gone away."""
        ...

    async def conversations(self, owner: str, *, limit: int, before: str | None = None) -> list[ConversationInfo]:
        """The owner's conversations, the latest first; ``before`` is the last id of the page before."""
        ...

    async def turns(self, owner: str, conversation_id: str) -> list[TurnRecord]:
        """The turns of one conversation in order; ``NotFoundError`` where there is none."""
        ...

    async def turn(self, owner: str, turn_id: str) -> TurnRecord:
        """One turn; ``NotFoundError`` where there is none."""
        ...

    async def delete(self, owner: str, conversation_id: str) -> None:
        """Deletes a conversation with its turns and feedback; ``NotFoundError`` where there is none."""
        ...

    async def rate(self, owner: str, turn_id: str, feedback: Feedback, rated: datetime) -> TurnRecord:
        """Stores the feedback on a finished turn, in place of an earlier one."""
        ...
