"""The values that flow through ragbot. Frozen, without I/O and without third-party imports.

Offsets are always characters (Unicode code points) into the text of one stored revision, half open:
``text[char_start:char_end]``.  Pages count from 1.  A ``score`` is better when it is higher, always.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
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
class Turn:
    """What someone asks, and all that may shape the answer.

    ``conversation`` holds the earlier turns, oldest first; ``principals`` what may be read beside ``public``;
    ``role`` names a role file, None the default one.
    """

    question: str
    conversation: tuple[Message, ...] = ()
    principals: frozenset[str] = frozenset()
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What a model call took, in the model's own tokens; None where the provider does not say."""

    input_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class ModelPart:
    """A piece of a model's reply as it arrives. ``usage`` and ``finish`` come with the last one, if at all.

    ``finish`` is ``stop``, ``length`` (cut at the limit) or the provider's own word.
    """

    text: str = ""
    usage: Usage | None = None
    finish: str | None = None


@dataclass(frozen=True, slots=True)
class PromptId:
    """Which prompt was used: the role's name and version, and the SHA-256 of its file."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RoleSummary:
    """A role as a list shows it."""

    name: str
    version: str
    description: str


@dataclass(frozen=True, slots=True)
class Grounding:
    """How far a passage supports a claim. ``passage[start:end]`` speaks for it; ``score`` lies in [0, 1]."""

    support: Support
    score: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot says, and why one may believe it.

    ``answerability`` is the estimated probability in [0, 1] that the retrieved text answers the question;
    ``reason`` says in words what it rests on.  ``timings`` are seconds by stage; ``first_token`` among them is the
    time until the first text left.  ``model``, ``prompt`` and ``usage`` are None where no model wrote.
    ``dropped_markers`` counts citations the model invented, ``withheld`` holds sentences of its that nothing
    retrieved supports and that were therefore not said.
    """

    outcome: Outcome
    text: str
    citations: tuple[Citation, ...]
    answerability: float
    reason: str
    query: Query
    hits: tuple[Hit, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)
    model: str | None = None
    prompt: PromptId | None = None
    usage: Usage | None = None
    notes: tuple[str, ...] = ()
    dropped_markers: int = 0
    withheld: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A document as a reader sees it in a list. ``bytes`` are those of the file, ``updated`` is ISO 8601 in UTC."""

    document_id: str
    source: str
    title: str
    uri: str
    revision: int
    chunks: int
    bytes: int
    updated: str


@dataclass(frozen=True, slots=True)
class DocumentText:
    """A document with the text of its current revision."""

    info: DocumentInfo
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A cited place in its document: ``before + quote + after`` is one stretch of the stored text."""

    info: DocumentInfo
    page_start: int | None
    page_end: int | None
    heading_path: tuple[str, ...]
    before: str
    quote: str
    after: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a reader thought of an answer. ``rating`` is 1 (helped) or -1 (did not)."""

    rating: Literal[-1, 1]
    tags: tuple[str, ...] = ()
    comment: str = ""


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """A stored turn: the joint between production and evaluation.

    ``id`` is the message id of the API.  ``outcome`` is None while the answer is being written.  ``details`` is JSON:
    query, hits (chunk id, source and score), answerability, reason, prompt, model, usage, timings, notes, error
    (code, message) and what else the answer's published form holds.
    """

    id: str
    conversation_id: str
    number: int
    question: str
    asked: datetime
    finished: datetime | None = None
    outcome: Outcome | None = None
    answer: str = ""
    citations: tuple[Citation, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    feedback: Feedback | None = None


@dataclass(frozen=True, slots=True)
class ConversationInfo:
    """A stored conversation as a list shows it; ``title`` is the first question, cut to 120 characters."""

    id: str
    title: str
    started: datetime
    updated: datetime
    turns: int


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
