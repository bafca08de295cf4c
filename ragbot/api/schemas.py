"""What requests must look like and what answers look like: the published contract, as /openapi.json shows it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ragbot.core.types import Outcome, Support

LONGEST_QUESTION = 20_000
_LARGEST = 2**31 - 1

Question = Annotated[str, Field(min_length=1, max_length=LONGEST_QUESTION, description="What you want to know.")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Principals = Annotated[
    list[Name] | None,
    Field(max_length=100, description="Read with these principals too, beside public; only with the key."),
]
Place = Annotated[int, Field(ge=0, le=_LARGEST)]


class Request(BaseModel):
    """Base of every request body: an unknown field is an error."""

    model_config = ConfigDict(extra="forbid")


class ChatRequest(Request):
    """A question, alone or in a stored conversation."""

    question: Question
    conversation_id: Name | None = Field(None, description="Continues this conversation; null begins a new one.")
    role: Name | None = Field(None, description="A role by name; null for the default one.")
    principals: Principals = None


class SearchRequest(Request):
    """A question whose passages are wanted, without an answer."""

    question: Question
    limit: int = Field(10, ge=1, le=100, description="The most hits.")
    principals: Principals = None


class FeedbackRequest(Request):
    """What a reader thought of an answer."""

    rating: Literal[1, -1] = Field(description="1: it helped; -1: it did not.")
    tags: list[Annotated[str, Field(min_length=1, max_length=50)]] = Field(default_factory=list, max_length=10)
    comment: str = Field("", max_length=4000)


class ErrorBody(BaseModel):
    code: str = Field(description="Stable, for programs; see docs/api.md.")
    message: str = Field(description="What is wrong, for people.")
    remedy: str = Field(description="What to do about it; may be empty.")
    retryable: bool = Field(description="Whether the same request may succeed later.")
    field: str | None = Field(None, description="The field that is wrong, where one is.")


class ErrorAnswer(BaseModel):
    """Every answer that is no success."""

    error: ErrorBody


class CitationBody(BaseModel):
    """The canonical citation. ``quote`` is exactly the stored text between ``char_start`` and ``char_end``."""

    n: int
    source: str
    document_id: str
    revision: int
    title: str
    uri: str
    page_start: int | None
    page_end: int | None
    heading_path: list[str]
    quote: str
    char_start: int
    char_end: int
    answer_start: int
    answer_end: int
    score: float
    support: Support


class PromptBody(BaseModel):
    name: str
    version: str
    sha256: str


class UsageBody(BaseModel):
    input_tokens: int | None
    output_tokens: int | None


class ChatAnswer(BaseModel):
    """A whole answer; also the ``completed`` event of a stream."""

    conversation_id: str
    message_id: str
    outcome: Outcome
    answer: str
    answer_html: str = Field(description="The answer rendered and cleaned; markers [n] are text in it.")
    citations: list[CitationBody]
    answerability: float = Field(description="Estimated probability that the documents answer the question.")
    reason: str
    query: str = Field(description="The question as it was searched for, follow-ups made standalone.")
    prompt: PromptBody | None
    model: str | None
    usage: UsageBody | None
    timings: dict[str, float] = Field(description="Seconds by stage.")
    notes: list[str]
    dropped_markers: int
    withheld: list[str]


class HitBody(BaseModel):
    rank: int
    source: str
    page: int | None
    chunk_id: str
    score: float
    heading_path: list[str]
    text: str
    title: str
    char_start: int
    char_end: int


class SearchAnswer(BaseModel):
    query: str
    hits: list[HitBody]
    notes: list[str]


class DocumentLine(BaseModel):
    document_id: str
    source: str
    title: str
    uri: str
    revision: int
    chunks: int
    bytes: int
    updated: str


class DocumentList(BaseModel):
    documents: list[DocumentLine]
    total: int = Field(description="How many there are for this caller.")


class DocumentBody(BaseModel):
    document_id: str
    source: str
    title: str
    uri: str
    revision: int
    text: str


class PassageBody(BaseModel):
    """A cited place: ``before + quote + after`` is one stretch of the stored text."""

    document_id: str
    source: str
    title: str
    uri: str
    revision: int
    page_start: int | None
    page_end: int | None
    heading_path: list[str]
    before: str
    quote: str
    after: str


class ConversationLine(BaseModel):
    id: str
    title: str
    started: datetime
    updated: datetime
    turns: int


class ConversationList(BaseModel):
    conversations: list[ConversationLine]


class FeedbackBody(BaseModel):
    rating: Literal[1, -1]
    tags: list[str]
    comment: str


class TurnError(BaseModel):
    code: str
    message: str
    remedy: str = ""


class HitBrief(BaseModel):
    """A passage that was found, without its text."""

    rank: int
    source: str
    title: str
    page: int | None
    heading_path: list[str]
    score: float
    document_id: str
    revision: int
    char_start: int
    char_end: int
    chunk_id: str


class MessageBody(BaseModel):
    """A stored turn. ``outcome`` and ``finished`` are null while the answer is being written."""

    message_id: str
    number: int
    question: str
    asked: datetime
    finished: datetime | None
    outcome: Outcome | None
    answer: str
    answer_html: str
    citations: list[CitationBody]
    reason: str | None
    query: str | None = None
    hits: list[HitBrief] = []
    notes: list[str] = []
    error: TurnError | None
    feedback: FeedbackBody | None


class ConversationBody(BaseModel):
    id: str
    title: str
    messages: list[MessageBody]


class FeedbackAnswer(BaseModel):
    message_id: str
    feedback: FeedbackBody


class RoleBody(BaseModel):
    name: str
    version: str
    description: str


class RoleList(BaseModel):
    roles: list[RoleBody]
    default: str


class Health(BaseModel):
    status: Literal["ok"]
    version: str


class Readiness(BaseModel):
    status: Literal["ready", "starting", "unavailable"]
    reason: str | None = None


ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer, "description": words}
    for status, words in {
        401: "No key, or a wrong one.",
        403: "Not allowed for this caller, host or origin.",
        404: "Not there, or not for this caller.",
        413: "The request is too large.",
        422: "The request is not as it must be; `field` names what is wrong.",
        500: "Something unforeseen.",
        503: "Not now: no index yet, or something it needs is not there.",
    }.items()
}
"""What every route of the API may answer."""
