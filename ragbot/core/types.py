"""The values that flow through ragbot. Frozen, without I/O and without third-party imports.

Offsets are always characters (Unicode code points) into the text of one stored revision, half open:
``text[char_start:char_end]``.  Pages count from 1.  A ``score`` is better when it is higher, always.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["answered", "abstained", "blocked", "clarify", "handoff", "smalltalk", "failed"]
Support = Literal["supported", "partial", "unsupported"]
Speaker = Literal["user", "assistant", "system"]

PUBLIC = "public"
"""The label every reader may see."""


@dataclass(frozen=True, slots=True)
class Blob:
    """The bytes of one document as its source delivered them.

    ``path`` identifies it within its root (POSIX separators); ``name`` is the last part.
    """

    path: str
    uri: str
    data: bytes
    media_type: str | None = None

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def suffix(self) -> str:
        """Lower-case ending with its dot, ``""`` where there is none."""
        stem, dot, ending = self.name.rpartition(".")
        return f".{ending.lower()}" if dot and stem else ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading in a document's text. ``level`` 1 is the outermost; ``char_start`` is its line's start."""

    level: int
    title: str
    char_start: int


@dataclass(frozen=True, slots=True)
class PageSpan:
    """The characters of one page."""

    number: int
    char_start: int
    char_end: int


@dataclass(frozen=True, slots=True)
class Document:
    """A loaded file: the text people will be quoted, with its structure.

    ``text`` is light Markdown whatever the file was (``#`` headings, ``-`` lists, ``|`` tables), so that
    one splitter and one renderer serve every format.  ``labels`` say who may read it.
    """

    text: str
    title: str
    headings: tuple[Heading, ...] = ()
    pages: tuple[PageSpan, ...] = ()
    media_type: str = "text/plain"
    labels: tuple[str, ...] = (PUBLIC,)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A retrievable piece of a document, before it is stored.

    ``text`` is exactly ``document.text[char_start:char_end]``.  ``context`` (title and heading path) is
    put in front of it for the embedder and the keyword index and is never part of a quote.
    """

    ordinal: int
    text: str
    char_start: int
    char_end: int
    page_start: int | None = None
    page_end: int | None = None
    heading_path: tuple[str, ...] = ()
    context: str = ""


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk as the catalog holds it, with what is needed to cite it."""

    chunk_id: str
    document_id: str
    revision: int
    source: str
    title: str
    uri: str
    text: str
    char_start: int
    char_end: int
    page_start: int | None
    page_end: int | None
    heading_path: tuple[str, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """One earlier turn of a conversation."""

    role: Speaker
    content: str


@dataclass(frozen=True, slots=True)
class Query:
    """A question made standalone.

    ``question`` is what the user typed, ``text`` the standalone form shown to people and in records.
    ``earlier`` holds earlier texts of the conversation, nearest first, with the weight each has beside the
    question's 1.0; both channels use them.
    """

    question: str
    text: str
    earlier: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One channel's vote for a chunk. ``score`` is that channel's own: cosine, or BM25."""

    chunk_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage. ``score`` is the fused one in [0, 1]; ``channels`` keeps each channel's raw score."""

    rank: int
    chunk: StoredChunk
    score: float
    channels: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search gives: the query used, the hits, best first, and notes on anything that was degraded."""

    query: Query
    hits: tuple[Hit, ...]
    notes: tuple[str, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Citation:
    """The canonical citation; see docs/citations.md.

    ``quote`` is exactly the stored revision's text between ``char_start`` and ``char_end``;
    ``answer_start``/``answer_end`` are the characters of the answer that it stands for.
    """

    n: int
    source: str
    document_id: str
    revision: int
    title: str
    uri: str
    page_start: int | None
    page_end: int | None
    heading_path: tuple[str, ...]
    quote: str
    char_start: int
    char_end: int
    answer_start: int
    answer_end: int
    score: float
    support: Support


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot says, and why one may believe it.

    ``answerability`` is the estimated probability in [0, 1] that the retrieved text answers the question;
    ``reason`` says in words what it rests on.  ``timings`` are seconds by stage.
    """

    outcome: Outcome
    text: str
    citations: tuple[Citation, ...]
    answerability: float
    reason: str
    query: Query
    hits: tuple[Hit, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What makes two vectors comparable: the model, its weights, its size and how much it reads.

    ``digest`` is the SHA-256 over weights, tokenizer and pooling configuration; ``max_tokens`` counts the
    special tokens too.
    """

    model: str
    digest: str
    dimension: int
    max_tokens: int

    def __str__(self) -> str:
        return f"{self.model}@{self.digest[:12]} ({self.dimension} dimensions, {self.max_tokens} tokens)"
