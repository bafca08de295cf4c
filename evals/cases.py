"""A data set to measure on: ``corpus/**`` and ``questions.jsonl``.

Rows are ``{id, question, answers[], relevant_docs[], answerable, conversation?[{role, content}]}``;
``relevant_docs`` are paths relative to ``corpus/`` with forward slashes.  Other keys are ignored.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals import fields
from ragbot.core.errors import UsageError
from ragbot.core.types import Message

FORM = (
    "A data set is a folder with corpus/ (the documents) and questions.jsonl "
    "(rows {id, question, answers[], relevant_docs[], answerable, conversation?})."
)


@dataclass(frozen=True, slots=True)
class Case:
    """One question with its gold. ``conversation`` holds the earlier turns, oldest first."""

    id: str
    question: str
    answers: tuple[str, ...]
    relevant_docs: tuple[str, ...]
    answerable: bool
    conversation: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class DataSet:
    """The documents and the questions about them."""

    root: Path
    cases: tuple[Case, ...]

    @property
    def corpus(self) -> Path:
        return self.root / "corpus"

    @property
    def has_conversations(self) -> bool:
        return any(case.conversation for case in self.cases)


def load_data_set(root: Path, *, limit: int | None = None) -> DataSet:
    """Reads and checks a folder; ``limit`` keeps the first so many questions."""
    corpus, questions = root / "corpus", root / "questions.jsonl"
    if not root.is_dir():
        raise UsageError(f"The data folder {root} does not exist.", remedy=FORM)
    for path, held in ((corpus, corpus.is_dir()), (questions, questions.is_file())):
        if not held:
            raise UsageError(f"The data folder {root} has no {path.name}.", remedy=FORM)
    cases = tuple(read_cases(questions, corpus))[:limit]
    if not cases:
        raise UsageError(f"{questions} holds no question.", remedy=FORM)
    return DataSet(root, cases)


def read_cases(questions: Path, corpus: Path) -> Iterator[Case]:
    """The rows of ``questions``, each checked; blank lines are passed over."""
    seen: dict[str, int] = {}
    for number, raw in enumerate(questions.read_bytes().split(b"\n"), start=1):
        if not raw.strip():
            continue
        where = f"{questions}, line {number}"
        case = parse_case(_decode(raw, where), where)
        if case.id in seen:
            raise UsageError(f"{where}: the id {case.id!r} stands in line {seen[case.id]} already.")
        seen[case.id] = number
        for source in case.relevant_docs:
            if not (corpus / source).is_file():
                raise UsageError(f"{where}: relevant_docs names {source!r}, which is not in {corpus}.")
        yield case


def parse_case(row: dict[str, Any], where: str) -> Case:
    """One row as a ``Case``; ``where`` names the line in errors."""
    return Case(
        id=fields.text(row, "id", where),
        question=fields.text(row, "question", where),
        answers=fields.texts(row, "answers", where),
        relevant_docs=fields.texts(row, "relevant_docs", where),
        answerable=fields.flag(row, "answerable", where),
        conversation=fields.conversation(row, where),
    )


def _decode(raw: bytes, where: str) -> dict[str, Any]:
    try:
        row = json.loads(raw)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{where}: not JSON ({error}).") from error
    if not isinstance(row, dict):
        raise UsageError(f"{where}: a row must be a JSON object.")
    return row
