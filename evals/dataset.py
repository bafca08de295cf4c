"""The questions of an evaluation, with what a good answer to each is: JSONL, one object a line.

``{id, question, conversation?, expected_sources?, reference_contexts?, reference_answer?, answerable?, outcome?,
principals?, variables?, tags?}``; docs/evaluation.md says what each is for.  A key that is none of these is an error,
so that a mistyped one does not quietly leave a figure without its gold.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from evals import fields
from ragbot.core.errors import UsageError
from ragbot.core.types import Message, Outcome
from ragbot.registry import nearest
from ragbot.terminal import read_rows

DEFAULT = Path("questions.jsonl")
KEYS = (
    "id",
    "question",
    "conversation",
    "expected_sources",
    "reference_contexts",
    "reference_answer",
    "answerable",
    "outcome",
    "principals",
    "variables",
    "tags",
)
_ANSWERS: dict[bool, tuple[Outcome, ...]] = {True: ("abstained",), False: ("answered",)}
"""By ``answerable``, the outcomes that contradict it."""


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question and its gold. What the row does not say is None or empty, and what rests on it is not scored.

    ``expected_sources`` are all documents that answer it, as ``ragbot list`` shows them; ``reference_contexts`` the
    passages of the documents that do, word for word.  ``line`` is where the row stands, counted from 1.
    """

    line: int
    id: str
    question: str
    conversation: tuple[Message, ...] = ()
    expected_sources: tuple[str, ...] = ()
    reference_contexts: tuple[str, ...] = ()
    reference_answer: str | None = None
    answerable: bool | None = None
    outcome: Outcome | None = None
    principals: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()

    @property
    def expected_outcome(self) -> Outcome | None:
        """The outcome a good bot has: as the row says, else read from ``answerable``, else from there being gold."""
        if self.outcome is not None:
            return self.outcome
        if self.answerable is None:
            return "answered" if self.expected_sources or self.reference_contexts or self.reference_answer else None
        return "answered" if self.answerable else "abstained"


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """A data set as it was read; ``sha256`` is that of the whole file."""

    path: Path
    sha256: str
    questions: tuple[GoldQuestion, ...]


def load_questions(path: Path, *, limit: int | None = None) -> QuestionSet:
    """Reads and checks a data set; ``limit`` keeps the first so many questions. ``UsageError`` names file and line."""
    rows = read_rows(path)
    seen: dict[str, int] = {}
    questions = []
    for line, row in rows:
        where = f"{path}, line {line}"
        question = parse_question(row, line, where)
        if question.id in seen:
            raise UsageError(f"{where}: the id {question.id!r} stands in line {seen[question.id]} already.")
        seen[question.id] = line
        questions.append(question)
    if not questions:
        raise UsageError(f"{path} holds no question.", remedy='Write rows such as {"id": "1", "question": "…"}.')
    return QuestionSet(path, hashlib.sha256(path.read_bytes()).hexdigest(), tuple(questions[:limit]))


def parse_question(row: Mapping[str, Any], line: int, where: str) -> GoldQuestion:
    """One row; ``where`` names it in errors."""
    for key in row:
        if key not in KEYS:
            raise UsageError(f"{where}: unknown key {key!r}.", remedy=nearest(key, list(KEYS)))
    question = GoldQuestion(
        line=line,
        id=_id(row, where),
        question=fields.text(row, "question", where),
        conversation=fields.conversation(row, where),
        expected_sources=fields.texts(row, "expected_sources", where),
        reference_contexts=fields.texts(row, "reference_contexts", where),
        reference_answer=None if row.get("reference_answer") is None else fields.text(row, "reference_answer", where),
        answerable=None if row.get("answerable") is None else fields.flag(row, "answerable", where),
        outcome=_outcome(row, where),
        principals=fields.texts(row, "principals", where),
        variables=_variables(row, where),
        tags=fields.texts(row, "tags", where),
    )
    if question.answerable is not None and question.outcome in _ANSWERS[question.answerable]:
        raise UsageError(
            f"{where}: 'answerable' is {str(question.answerable).lower()} but 'outcome' is {question.outcome!r}.",
            remedy="Leave one of them out, or correct it.",
        )
    return question


def _id(row: Mapping[str, Any], where: str) -> str:
    value = row.get("id")
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise UsageError(f"{where}: 'id' must be a text or a number.")
    return str(value)


def _outcome(row: Mapping[str, Any], where: str) -> Outcome | None:
    value = row.get("outcome")
    for known in get_args(Outcome):
        if value == known:
            found: Outcome = known
            return found
    if value is not None:
        raise UsageError(f"{where}: 'outcome' must be one of {', '.join(get_args(Outcome))}, not {value!r}.")
    return None


def _variables(row: Mapping[str, Any], where: str) -> Mapping[str, str]:
    value = row.get("variables")
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise UsageError(f"{where}: 'variables' must be an object of texts.")
    return value
