"""Reading a data set."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evals.cases import load_data_set
from ragbot.core.errors import UsageError
from ragbot.core.types import Message


def test_a_row_becomes_a_case_with_its_conversation(make_data: Callable[..., Path]) -> None:
    turns = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"}]
    root = make_data(
        {"a/b.md": "x"}, [{"id": "1", "answers": ["x"], "relevant_docs": ["a/b.md"], "conversation": turns}]
    )
    data = load_data_set(root)
    assert data.cases[0].conversation == (Message("user", "Hello"), Message("assistant", "Hi"))
    assert data.cases[0].relevant_docs == ("a/b.md",)
    assert data.has_conversations


def test_a_limit_keeps_the_first_questions(make_data: Callable[..., Path]) -> None:
    root = make_data({"a.md": "x"}, [{"id": "1"}, {"id": "2"}, {"id": "3"}])
    assert [case.id for case in load_data_set(root, limit=2).cases] == ["1", "2"]


def test_a_separator_inside_a_text_does_not_end_its_line(make_data: Callable[..., Path]) -> None:
    line = '{"id": "1", "question": "one\u2028two", "answerable": false}'
    assert load_data_set(make_data({"a.md": "x"}, [line])).cases[0].question == "one\u2028two"


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("{not json", "not JSON"),
        ("[1]", "JSON object"),
        ({"id": ""}, "'id'"),
        ({"id": "2", "question": "  "}, "'question'"),
        ({"id": "2", "answers": "x"}, "'answers'"),
        ({"id": "2", "answerable": "yes"}, "'answerable'"),
        ({"id": "2", "relevant_docs": ["gone.md"]}, "'gone.md'"),
        ({"id": "2", "conversation": [{"role": "robot", "content": "x"}]}, "user|assistant|system"),
        ({"id": "1"}, "line 1 already"),
    ],
)
def test_a_bad_row_is_named_by_its_line(make_data: Callable[..., Path], bad: object, said: str) -> None:
    root = make_data({"a.md": "x"}, [{"id": "1"}, "", bad])
    with pytest.raises(UsageError, match="line 3") as caught:
        load_data_set(root)
    assert said in str(caught.value)


def test_a_folder_that_lacks_a_part_is_told_what_is_missing(tmp_path: Path, make_data: Callable[..., Path]) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        load_data_set(tmp_path / "nowhere")
    with pytest.raises(UsageError, match=r"no corpus"):
        load_data_set(tmp_path)
    root = make_data({"a.md": "x"}, [])
    with pytest.raises(UsageError, match="holds no question"):
        load_data_set(root)
    (root / "questions.jsonl").unlink()
    with pytest.raises(UsageError, match=r"no questions\.jsonl"):
        load_data_set(root)
