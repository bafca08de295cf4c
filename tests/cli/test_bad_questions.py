"""Questions and batches that cannot be answered: named to the line, and no output is left half written."""

import json
import re
from pathlib import Path

import pytest

from ragbot.cli.rows import read_questions
from ragbot.core.errors import UsageError
from ragbot.terminal import written_rows
from tests.cli.kit import KnowledgeBase, RagbotCommand

ROW = '{"id": "1", "question": "When are invoices sent?"}'


@pytest.mark.parametrize(
    ("command", "question", "message"),
    [
        ("search", "", "The question is empty."),
        ("ask", " \n\t", "The question is empty."),
        ("ask", "why? " * 20_000, "The question has 100,000 characters; at most 20,000 are read."),
        ("search", "caf\udce9", "The question holds half a character at place 4."),
    ],
    ids=["empty", "blank", "endless", "not UTF-8"],
)
def test_a_question_that_is_none_is_refused_with_the_way_out(
    ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase, command: str, question: str, message: str
) -> None:
    done = ragbot_command("--data-dir", knowledge_base.data_dir, command, question, code=2)
    assert message in done.stderr
    assert not done.stdout


def test_odd_questions_are_still_questions(
    ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase, tmp_path: Path
) -> None:
    questions = ["?!", "🎉", "AND OR NOT title:(", '"unbalanced', "a" * 20_000, "中文问题", "x\x00y"]
    rows = [f'{{"id": {number}, "question": {json.dumps(text)}}}' for number, text in enumerate(questions)]
    (tmp_path / "odd.jsonl").write_text("\n".join(rows), encoding="utf-8")
    batch = ["--input", "odd.jsonl", "--output", "out.jsonl"]
    ragbot_command("--data-dir", knowledge_base.data_dir, "ask", *batch, code=0)
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == len(questions)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([ROW, "{oops"], "in.jsonl, line 2: no JSON"),
        ([ROW, "", "[1, 2]"], "in.jsonl, line 3: must be an object"),
        (['{"question": "x"}'], "in.jsonl, line 1: 'id' must be"),
        (['{"id": "1", "question": " "}'], "in.jsonl, line 1: 'question' must be"),
        (['{"id": "1", "question": 7}'], "in.jsonl, line 1: 'question' must be"),
        (['{"id": "1", "question": "x", "conversation": "no"}'], "line 1: 'conversation' must be a list"),
        (['{"id": "1", "question": "x", "conversation": [{"role": "judge", "content": ""}]}'], "line 1: each turn"),
        (['{"id": "1", "question": "x", "conversation": [{"role": "user"}]}'], "line 1: each turn"),
        (['{"id": "1", "question": "x", "principals": "staff"}'], "line 1: 'principals' must be a list"),
        (['{"id": "1", "question": "half \\ud800"}'], "line 1: holds half a character"),
    ],
)
def test_a_malformed_row_is_named_by_its_line(tmp_path: Path, rows: list[str], message: str) -> None:
    (tmp_path / "in.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    with pytest.raises(UsageError, match=re.escape(message)):
        read_questions(tmp_path / "in.jsonl")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"id": 1', "in.jsonl, line 3: no JSON"),
        ('{"id": "1", "question": "' + "x" * 20_001 + '"}', "in.jsonl, line 3: The question has 20,001 characters"),
    ],
)
def test_one_bad_row_stops_a_batch_before_anything_is_written(
    ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase, tmp_path: Path, row: str, message: str
) -> None:
    (tmp_path / "in.jsonl").write_text(f"{ROW}\n\n{row}\n", encoding="utf-8")
    batch = ["--input", "in.jsonl", "--output", "out.jsonl"]
    done = ragbot_command("--data-dir", knowledge_base.data_dir, "search", *batch, code=2)
    assert message in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--input", "none.jsonl", "--output", "out.jsonl"], "The input none.jsonl cannot be read: No such file"),
        (["--input", "latin.jsonl", "--output", "out.jsonl"], "The input latin.jsonl is not UTF-8 (byte 24)"),
        (["--input", "good.jsonl"], "Give either a QUESTION, or both --input and --output."),
        (["a question", "--input", "good.jsonl", "--output", "out.jsonl"], "Give either a QUESTION"),
    ],
)
def test_a_batch_that_cannot_be_read_is_named(
    ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase, tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "good.jsonl").write_text(ROW)
    (tmp_path / "latin.jsonl").write_bytes(b'{"id": 1, "question": "\xfc"}'.replace(b"1,", b"12,"))
    done = ragbot_command("--data-dir", knowledge_base.data_dir, "search", *arguments, code=2)
    assert message in done.stderr
    assert not (tmp_path / "out.jsonl").exists()


def test_an_output_that_cannot_be_written_is_named(
    ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase, tmp_path: Path
) -> None:
    (tmp_path / "in.jsonl").write_text(ROW)
    batch = ["--input", "in.jsonl", "--output", "nowhere/out.jsonl"]
    done = ragbot_command("--data-dir", knowledge_base.data_dir, "search", *batch, code=2)
    assert "The output nowhere/out.jsonl cannot be written: No such file or directory." in done.stderr


@pytest.mark.parametrize("target", ["folder", "nowhere/out.jsonl", "file/out.jsonl"])
def test_a_place_that_is_no_file_takes_no_rows_and_keeps_no_rest(tmp_path: Path, target: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UsageError, match=f"{target} cannot be written"), written_rows(tmp_path / target) as write:
        write({"id": "1"})
    assert sorted(tmp_path.rglob("*")) == before


def test_rows_appear_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    target.write_text("from before\n")
    with pytest.raises(TypeError), written_rows(target) as write:
        write({"id": {"no", "JSON"}})
    assert [path.read_text() for path in tmp_path.iterdir()] == ["from before\n"]
    with written_rows(target) as write:
        write({"id": "ü"})
    assert target.read_text(encoding="utf-8") == '{"id": "ü"}\n'


@pytest.mark.parametrize("command", ["show", "rm"])
def test_an_unknown_source_names_the_nearest_and_deletes_nothing(
    ragbot_command: RagbotCommand, knowledge_base: KnowledgeBase, command: str
) -> None:
    base = ["--data-dir", str(knowledge_base.data_dir)]
    more = ["hours.txt"] if command == "rm" else []
    done = ragbot_command(*base, command, *more, "billing.htm", code=2)
    assert "Did you mean 'billing.html'?" in done.stderr
    assert len(ragbot_command(*base, "list", "--json", code=0).json()) == 5
