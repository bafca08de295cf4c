"""Reading the questions of an evaluation."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from evals.dataset import load_questions
from ragbot.core.errors import UsageError
from ragbot.core.types import Message, Outcome

FULL = {
    "id": 7,
    "question": "And in Spain?",
    "conversation": [{"role": "user", "content": "What does delivery cost?"}],
    "expected_sources": ["shipping.md", "shipping.md", "prices.pdf"],
    "reference_contexts": ["Delivery is free from €80."],
    "reference_answer": "It is free from €80.",
    "answerable": True,
    "outcome": "answered",
    "principals": ["staff"],
    "variables": {"country": "Spain"},
    "tags": ["follow-up"],
}


def write(folder: Path, *rows: Any) -> Path:
    path = folder / "questions.jsonl"
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows), "utf-8")
    return path


def test_a_row_becomes_a_question_with_all_its_gold(tmp_path: Path) -> None:
    path = write(tmp_path, "", FULL)
    data = load_questions(path)
    [question] = data.questions
    assert (question.line, question.id) == (2, "7")
    assert question.conversation == (Message("user", "What does delivery cost?"),)
    assert question.expected_sources == ("shipping.md", "prices.pdf")
    assert question.variables == {"country": "Spain"}
    assert data.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_limit_keeps_the_first_questions_and_still_checks_the_others(tmp_path: Path) -> None:
    path = write(tmp_path, {"id": "1", "question": "a"}, {"id": "2", "question": "b"})
    assert [each.id for each in load_questions(path, limit=1).questions] == ["1"]
    with pytest.raises(UsageError, match="line 2"):
        load_questions(write(tmp_path, {"id": "1", "question": "a"}, {"id": "2"}), limit=1)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, None),
        ({"answerable": True}, "answered"),
        ({"answerable": False}, "abstained"),
        ({"answerable": False, "outcome": "smalltalk"}, "smalltalk"),
        ({"answerable": True, "outcome": "clarify", "expected_sources": ["a.md"]}, "clarify"),
        ({"expected_sources": ["a.md"]}, "answered"),
        ({"reference_answer": "Yes."}, "answered"),
    ],
)
def test_the_expected_outcome_is_what_the_row_says_or_else_follows_from_its_gold(
    tmp_path: Path, row: dict[str, Any], expected: Outcome | None
) -> None:
    [question] = load_questions(write(tmp_path, {"id": "1", "question": "How?", **row})).questions
    assert question.expected_outcome == expected


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("{no json", "no JSON"),
        ("[1]", "must be an object"),
        ({"expected_source": ["a.md"]}, "unknown key 'expected_source'. Did you mean 'expected_sources'?"),
        ({"id": True}, "'id' must be a text or a number"),
        ({"id": " "}, "'id' must be a text or a number"),
        ({"question": ""}, "'question' must be a text that is not empty"),
        ({"conversation": "before"}, "'conversation' must be a list"),
        ({"conversation": [{"role": "bot", "content": "x"}]}, "user|assistant|system"),
        ({"expected_sources": "a.md"}, "'expected_sources' must be a list of texts"),
        ({"reference_contexts": [1]}, "'reference_contexts' must be a list of texts"),
        ({"reference_answer": ""}, "'reference_answer' must be a text that is not empty"),
        ({"answerable": "yes"}, "'answerable' must be true or false"),
        ({"outcome": "refused"}, "'outcome' must be one of answered, abstained"),
        ({"outcome": ["answered"]}, "'outcome' must be one of answered, abstained"),
        ({"answerable": False, "outcome": "answered"}, "'answerable' is false but 'outcome' is 'answered'"),
        ({"answerable": True, "outcome": "abstained"}, "'answerable' is true but 'outcome' is 'abstained'"),
        ({"principals": [None]}, "'principals' must be a list of texts"),
        ({"variables": {"age": 3}}, "'variables' must be an object of texts"),
        ({"tags": "a"}, "'tags' must be a list of texts"),
        ({"id": "first"}, "the id 'first' stands in line 1 already"),
    ],
)
def test_a_bad_row_is_named_by_file_and_line(tmp_path: Path, bad: Any, said: str) -> None:
    row = {"id": "2", "question": "How?", **bad} if isinstance(bad, dict) else bad
    path = write(tmp_path, {"id": "first", "question": "How?"}, "", row)
    with pytest.raises(UsageError) as caught:
        load_questions(path)
    assert str(caught.value).startswith(f"{path}, line 3: ")
    assert said in str(caught.value)


def test_a_set_without_questions_and_a_missing_one_are_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no question"):
        load_questions(write(tmp_path))
    with pytest.raises(UsageError, match="cannot be read"):
        load_questions(tmp_path / "gone.jsonl")
